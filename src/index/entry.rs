//! What stands in the log: documents, removals, and what became of crawls.

use super::bytes::{Reader, put};
use crate::dedup::Fingerprint;
use crate::document::Flag;

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// Begins what is written at a time: how many bytes of the segment were on disk for certain before. A damaged place before that is
    /// damage; behind the last such proof it is a write that a power cut tore.
    Mark { synced: u64 },
    /// A document is stored.
    Document(Box<Record>),
    /// The document of a slot is forgotten.
    Remove { slot: u32 },
    /// The documents that waited under a crawl become part of the collection, and replace older ones of the same ids.
    Commit { crawl: String, replaced: Vec<u32> },
    /// The documents that waited under a crawl are forgotten.
    Rollback { crawl: String },
}

/// A document as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Record {
    /// Its number: documents are numbered as they come, and no number is given twice.
    pub slot: u32,
    /// The older document of the same id that it replaces, or [`NONE`].
    pub replaces: u32,
    /// The crawl it waits under; empty for none.
    pub crawl: String,
    /// It was found to hold several documents that are stored.
    pub compilation: bool,
    /// Its id.
    pub id: String,
    /// Its fingerprint.
    pub print: Fingerprint,
    /// Ids of documents that were truncated copies of it when it came.
    pub supersedes: Vec<String>,
    /// What is noteworthy about it.
    pub flags: Vec<Flag>,
    /// Text and metadata, compressed: see [`super::body`].
    pub body: Vec<u8>,
}

impl Entry {
    /// As the payload of a frame.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Mark { synced } => {
                out.push(1);
                out.extend(synced.to_le_bytes());
            }
            Self::Document(record) => record.encode(&mut out),
            Self::Remove { slot } => {
                out.push(3);
                out.extend(slot.to_le_bytes());
            }
            Self::Commit { crawl, replaced } => {
                out.push(4);
                put(&mut out, crawl.as_bytes());
                out.extend((replaced.len() as u32).to_le_bytes());
                out.extend(replaced.iter().flat_map(|slot| slot.to_le_bytes()));
            }
            Self::Rollback { crawl } => {
                out.push(5);
                put(&mut out, crawl.as_bytes());
            }
        }
        out
    }

    /// From the payload of a frame.
    pub(super) fn decode(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader(payload);
        let entry = match reader.u8()? {
            1 => Self::Mark { synced: reader.u64()? },
            2 => Self::Document(Box::new(Record::decode(&mut reader)?)),
            3 => Self::Remove { slot: reader.u32()? },
            4 => Self::Commit { crawl: reader.text()?.to_owned(), replaced: reader.u32s()? },
            5 => Self::Rollback { crawl: reader.text()?.to_owned() },
            _ => return None,
        };
        reader.0.is_empty().then_some(entry)
    }
}

impl Record {
    fn encode(&self, out: &mut Vec<u8>) {
        let print = &self.print;
        out.reserve(96 + self.id.len() + self.crawl.len() + print.winnow.len() * 8 + self.body.len());
        out.push(2);
        out.extend(self.slot.to_le_bytes());
        out.extend(self.replaces.to_le_bytes());
        out.push(u8::from(self.compilation));
        let bit = |flag: &Flag| Flag::ALL.iter().position(|other| other == flag).unwrap_or(0) as u32;
        out.extend(self.flags.iter().fold(0_u32, |bits, flag| bits | 1 << bit(flag)).to_le_bytes());
        out.extend(print.text.to_le_bytes());
        out.extend(print.units.to_le_bytes());
        out.extend(print.simhash.to_le_bytes());
        out.extend(print.weight.to_le_bytes());
        out.extend(print.count.to_le_bytes());
        out.extend(print.placeholders.to_le_bytes());
        put(out, self.id.as_bytes());
        put(out, self.crawl.as_bytes());
        out.extend((print.winnow.len() as u32).to_le_bytes());
        out.extend(print.winnow.iter().flat_map(|hash| hash.to_le_bytes()));
        out.extend((self.supersedes.len() as u32).to_le_bytes());
        self.supersedes.iter().for_each(|id| put(out, id.as_bytes()));
        put(out, &self.body);
    }

    fn decode(reader: &mut Reader<'_>) -> Option<Self> {
        let (slot, replaces, compilation) = (reader.u32()?, reader.u32()?, reader.u8()? == 1);
        let bits = reader.u32()?;
        let flags = (0..).zip(Flag::ALL).filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, flag)| *flag).collect();
        let mut print = Fingerprint {
            text: reader.u128()?,
            units: reader.u128()?,
            simhash: reader.u64()?,
            weight: reader.u64()?,
            count: reader.u32()?,
            placeholders: reader.u32()?,
            winnow: Vec::new(),
        };
        let (id, crawl) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let hashes = reader.u32()? as usize;
        print.winnow = super::bytes::to_words(reader.raw(hashes.checked_mul(8)?)?);
        let mut supersedes = Vec::new();
        for _ in 0..reader.u32()? {
            supersedes.push(reader.text()?.to_owned());
        }
        Some(Self { slot, replaces, crawl, compilation, id, print, supersedes, flags, body: reader.bytes()?.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were_and_nothing_shorter_or_longer_is_taken() {
        let record = Record {
            slot: 7,
            replaces: 3,
            crawl: "四月".to_owned(),
            compilation: true,
            id: "a/b".to_owned(),
            print: Fingerprint::of("春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。"),
            supersedes: vec!["x".to_owned(), "y".to_owned()],
            flags: vec![Flag::Truncated, Flag::BadBytes],
            body: vec![1, 2, 3],
        };
        for entry in [
            Entry::Mark { synced: 9 },
            Entry::Document(Box::new(record)),
            Entry::Remove { slot: 4 },
            Entry::Commit { crawl: "c".to_owned(), replaced: vec![1, 2] },
            Entry::Rollback { crawl: String::new() },
        ] {
            let bytes = entry.encode();
            assert_eq!(Entry::decode(&bytes).as_ref(), Some(&entry));
            assert!((0..bytes.len()).all(|end| Entry::decode(&bytes[..end]).is_none()));
            assert_eq!(Entry::decode(&[&bytes[..], &[0]].concat()), None);
        }
    }
}
