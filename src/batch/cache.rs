//! Texts made ready for comparing, kept as long as memory allows.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::directory::Directory;
use super::error::BatchError;
use super::store::Texts;
use crate::dedup::Prepared;

/// Prepared pieces, the oldest of which go first.
pub(super) struct Cache<'d> {
    directory: &'d Directory,
    texts: &'d Texts,
    most: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    pieces: HashMap<u32, Arc<Prepared>>,
    order: VecDeque<u32>,
    bytes: usize,
}

impl<'d> Cache<'d> {
    /// `most` in bytes.
    pub(super) fn new(directory: &'d Directory, texts: &'d Texts, most: u64) -> Self {
        Self { directory, texts, most: usize::try_from(most).unwrap_or(usize::MAX), held: Mutex::default() }
    }

    /// A piece, from memory or from disk.
    pub(super) fn get(&self, piece: u32) -> Result<Arc<Prepared>, BatchError> {
        if let Some(found) = self.held.lock().unwrap_or_else(PoisonError::into_inner).pieces.get(&piece) {
            return Ok(found.clone());
        }
        let place = self.directory.pieces[piece as usize];
        let doc = &self.directory.docs[place.doc as usize];
        let text = self.texts.read(doc.text.0 + u64::from(place.start), (place.end - place.start) as usize)?;
        let prepared = Arc::new(Prepared::with_simhash(&text, place.simhash));
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes += prepared.bytes();
        if held.pieces.insert(piece, prepared.clone()).is_none() {
            held.order.push_back(piece);
        } else {
            held.bytes -= prepared.bytes();
        }
        while held.bytes > self.most
            && let Some(oldest) = held.order.pop_front()
        {
            if let Some(gone) = held.pieces.remove(&oldest) {
                held.bytes -= gone.bytes();
            }
        }
        Ok(prepared)
    }
}
