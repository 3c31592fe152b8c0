//! A file of the log written anew, and put in the place of the old one as a whole.

use std::sync::Arc;

use super::IndexError;
use super::entry::Entry;
use super::recover::UNFINISHED;
use super::segment::{self, HEADER, SegmentId};
use super::storage::{Storage, Stored};

/// Bytes written at a time.
const CHUNK: usize = 1 << 20;

/// A file being written anew.
pub(super) struct Rewrite<'s> {
    storage: &'s dyn Storage,
    id: SegmentId,
    name: String,
    file: Arc<dyn Stored>,
    at: u64,
    buffer: Vec<u8>,
}

impl<'s> Rewrite<'s> {
    /// Begins the next generation of a file.
    pub(super) fn begin(storage: &'s dyn Storage, old: SegmentId) -> Result<Self, IndexError> {
        let id = old.next();
        let name = format!("{}{UNFINISHED}", segment::name(id.number));
        let begin = || {
            let file = storage.open(&name, true)?;
            file.set_len(0)?;
            Ok(file)
        };
        let file = begin().map_err(|error| IndexError::io(&name, &error))?;
        Ok(Self { storage, id, file, at: 0, buffer: segment::header(id), name })
    }

    /// Adds an entry; returns where it stands.
    pub(super) fn put(&mut self, payload: &[u8]) -> Result<u64, IndexError> {
        let place = self.at + self.buffer.len() as u64;
        segment::frame(&mut self.buffer, payload);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(place)
    }

    fn flush(&mut self) -> Result<(), IndexError> {
        self.file.write_at(&self.buffer, self.at).map_err(|error| IndexError::io(&self.name, &error))?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Takes the old file's place. Returns the new file and its length.
    pub(super) fn finish(mut self) -> Result<(SegmentId, Arc<dyn Stored>, u64), IndexError> {
        // All of it is on disk when it takes the old one's place: a damaged entry is not taken for a write that a power cut tore.
        let synced = self.at + self.buffer.len() as u64;
        self.put(&Entry::Mark { synced }.encode())?;
        self.flush()?;
        debug_assert!(self.at >= HEADER);
        let finish = || {
            self.file.sync()?;
            self.storage.rename(&self.name, &segment::name(self.id.number))?;
            self.storage.sync_names()
        };
        finish().map_err(|error| IndexError::io(&self.name, &error))?;
        Ok((self.id, self.file, self.at))
    }
}
