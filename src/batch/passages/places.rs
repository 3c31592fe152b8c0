//! From runs to passages: in each document those runs that no longer one holds, and which of them go.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::super::error::BatchError;
use super::super::file::{Seal, Sealed};
use super::super::spill::Sorter;
use super::super::threads::in_order;
use super::runs::{ByDocument, COUNTS, Hasher, Held, word};
use super::{Order, Room};
use crate::dedup::segments;

/// Where passages stand, by passage and document: [`PLACE`] bytes each.
pub(super) const PLACES: &str = "passage-places";
/// What goes, by document: its number, first byte, one past the last.
pub(super) const DROPS: &str = "passage-drops";
/// Bytes of a [`Place`] on disk.
pub(super) const PLACE: usize = 36;
/// Bytes of what goes on disk.
pub(super) const DROP: usize = 12;

/// A place of a passage. In order of bytes, the passages with the most documents come first, then those that begin in earlier documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub documents: u32,
    /// The first document that has it, in the order in which they come first.
    pub first: u32,
    pub key: [u8; 16],
    pub order: u32,
    pub start: u32,
    pub end: u32,
}

impl Place {
    fn to_bytes(self) -> [u8; PLACE] {
        let mut out = [0; PLACE];
        out[..4].copy_from_slice(&(!self.documents).to_be_bytes());
        out[4..8].copy_from_slice(&self.first.to_be_bytes());
        out[8..24].copy_from_slice(&self.key);
        out[24..28].copy_from_slice(&self.order.to_be_bytes());
        out[28..32].copy_from_slice(&self.start.to_be_bytes());
        out[32..].copy_from_slice(&self.end.to_be_bytes());
        out
    }

    pub(super) fn from_bytes(bytes: &[u8; PLACE]) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&bytes[8..24]);
        Self {
            documents: !word(bytes, 0),
            first: word(bytes, 4),
            key,
            order: word(bytes, 24),
            start: word(bytes, 28),
            end: word(bytes, 32),
        }
    }
}

/// Finds the passages of each document and what goes; gives the files.
pub(super) fn run(room: &Room<'_>, order: Order, held: &Path) -> Result<Vec<Seal>, BatchError> {
    let hasher = Hasher::of(held)?;
    let memory = room.limits.memory / 8;
    let mut counts = CountReader::open(room)?;
    let mut places = Sorter::<PLACE>::new(&room.scratch.folder, "sort-places", memory);
    let mut drops = Sorter::<DROP>::new(&room.scratch.folder, "sort-drops", memory);
    let bytes = |held: &Result<Vec<Held>, BatchError>| {
        let first = held.as_ref().ok().and_then(|held| held.first());
        first.map_or(1, |held| room.directory.docs[order.number(held.order) as usize].text.1 as usize)
    };
    let work = |held: Result<Vec<Held>, BatchError>| of_document(room, order, &hasher, &held?);
    in_order(ByDocument::open(held)?, room.limits.threads, bytes, work, room.stop, |found| {
        for (mut place, group) in found? {
            place.documents = counts.get(group)?;
            places.push(place.to_bytes())?;
            let number = order.number(place.order);
            if room.wanted.drop && place.order != place.first && !room.directory.docs[number as usize].standing.given {
                let mut drop = [0; DROP];
                for (at, word) in [number, place.start, place.end].iter().enumerate() {
                    drop[at * 4..at * 4 + 4].copy_from_slice(&word.to_be_bytes());
                }
                drops.push(drop)?;
            }
        }
        Ok(())
    })?;
    let mut out = Sealed::create(&room.scratch.path(PLACES), 1 << 17)?;
    for record in places.sorted()? {
        out.put(&record?)?;
    }
    let mut gone = Sealed::create(&room.scratch.path(DROPS), 1 << 17)?;
    for record in drops.sorted()? {
        gone.put(&record?)?;
    }
    Ok(vec![out.finish()?, gone.finish()?])
}

/// The passages of a document, each with the number of its group.
fn of_document(room: &Room<'_>, order: Order, hasher: &Hasher, held: &[Held]) -> Result<Vec<(Place, u32)>, BatchError> {
    let Some(document) = held.first().map(|held| held.order) else { return Ok(Vec::new()) };
    let segments = segments(&room.text(order.number(document))?);
    let mut out = Vec::new();
    for block in held.chunk_by(|a, b| a.at + 1 == b.at) {
        let sums = hasher.sums(block);
        let mut reached = 0;
        for (from, held) in block.iter().enumerate() {
            let to = held.at + held.length;
            // Ends never go back, so a run that ends where the one before it does lies inside that.
            if to <= reached {
                continue;
            }
            reached = to;
            let Some(inside) = segments.get(held.at as usize..to as usize) else { continue };
            let weight: u64 = inside.iter().map(|segment| segment.weight).sum();
            if weight < u64::from(room.wanted.length) {
                continue;
            }
            let (start, end) = (inside.first().map_or(0, |it| it.start), inside.last().map_or(0, |it| it.end));
            let key = hasher.run(&sums, from, held.length as usize);
            let (start, end, first) = (start as u32, end as u32, held.first);
            out.push((Place { documents: 0, first, key, order: document, start, end }, held.group));
        }
    }
    Ok(out)
}

/// Looks up how many documents a group has.
struct CountReader {
    file: File,
    path: PathBuf,
}

impl CountReader {
    fn open(room: &Room<'_>) -> Result<Self, BatchError> {
        let path = room.scratch.path(COUNTS);
        let file = File::open(&path).map_err(BatchError::of(&path))?;
        Ok(Self { file, path })
    }

    fn get(&mut self, group: u32) -> Result<u32, BatchError> {
        let mut bytes = [0; 4];
        self.file
            .seek(SeekFrom::Start(u64::from(group) * 4))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(BatchError::of(&self.path))?;
        Ok(u32::from_be_bytes(bytes))
    }
}
