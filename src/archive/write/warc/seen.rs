//! What was written so far, by payload and by document: kept in a temporary file, with sixteen bytes and a place in memory for each.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// What is remembered of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub uri: String,
    pub date: String,
    pub id: String,
    /// The payload digest that the record gives.
    pub digest: String,
}

/// Records by keys of sixteen bytes.
#[derive(Debug)]
pub(super) struct Seen {
    places: HashMap<[u8; 16], u64>,
    file: File,
    /// What is to be appended to the file.
    pending: Vec<u8>,
    flushed: u64,
}

const PENDING_BYTES: usize = 1 << 20;

impl Seen {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { places: HashMap::new(), file: tempfile::tempfile()?, pending: Vec::new(), flushed: 0 })
    }

    /// Remembers a record under a key, unless the key is known.
    pub(super) fn add(&mut self, key: [u8; 16], written: &Written) -> io::Result<()> {
        let place = self.flushed + self.pending.len() as u64;
        if self.places.contains_key(&key) {
            return Ok(());
        }
        self.places.insert(key, place);
        for text in [&written.uri, &written.date, &written.id, &written.digest] {
            let length = u32::try_from(text.len()).map_err(io::Error::other)?;
            self.pending.extend(length.to_le_bytes());
            self.pending.extend(text.as_bytes());
        }
        if self.pending.len() >= PENDING_BYTES { self.flush() } else { Ok(()) }
    }

    /// The record of a key.
    pub(super) fn get(&mut self, key: [u8; 16]) -> io::Result<Option<Written>> {
        let Some(place) = self.places.get(&key).copied() else { return Ok(None) };
        self.flush()?;
        self.file.seek(SeekFrom::Start(place))?;
        let mut reader = io::BufReader::with_capacity(1024, &self.file);
        let mut text = || -> io::Result<String> {
            let mut length = [0; 4];
            reader.read_exact(&mut length)?;
            let mut text = String::new();
            reader.by_ref().take(u64::from(u32::from_le_bytes(length))).read_to_string(&mut text)?;
            Ok(text)
        };
        Ok(Some(Written { uri: text()?, date: text()?, id: text()?, digest: text()? }))
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.pending.is_empty() {
            self.file.seek(SeekFrom::Start(self.flushed))?;
            self.file.write_all(&self.pending)?;
            self.flushed += self.pending.len() as u64;
            self.pending.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_key_is_remembered() {
        let written = |n: u32| Written {
            uri: format!("u{n}"),
            date: "d".repeat(3000),
            id: String::new(),
            digest: format!("页{n}"),
        };
        let mut seen = Seen::new().unwrap();
        for n in 0..1000_u32 {
            let mut key = [0; 16];
            key[..4].copy_from_slice(&(n / 2).to_le_bytes());
            seen.add(key, &written(n)).unwrap();
            assert_eq!(seen.get(key).unwrap(), Some(written(n / 2 * 2)));
        }
        assert_eq!(seen.get([9; 16]).unwrap(), None);
    }
}
