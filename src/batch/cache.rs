//! Texts made ready for comparing.

use std::sync::Arc;

use super::directory::Directory;
use super::error::BatchError;
use super::store::Texts;
use crate::cache;
use crate::dedup::Prepared;

/// Prepared pieces, from memory or from disk.
pub(super) struct Cache<'d> {
    directory: &'d Directory,
    texts: &'d Texts,
    held: cache::Cache<Prepared>,
}

impl<'d> Cache<'d> {
    /// `most` in bytes.
    pub(super) fn new(directory: &'d Directory, texts: &'d Texts, most: u64) -> Self {
        Self { directory, texts, held: cache::Cache::new(usize::try_from(most).unwrap_or(usize::MAX)) }
    }

    /// A piece.
    pub(super) fn get(&self, piece: u32) -> Result<Arc<Prepared>, BatchError> {
        if let Some(found) = self.held.get(piece) {
            return Ok(found);
        }
        let place = self.directory.pieces[piece as usize];
        let doc = &self.directory.docs[place.doc as usize];
        let text = self.texts.read(doc.text.0 + u64::from(place.start), (place.end - place.start) as usize)?;
        let prepared = Arc::new(Prepared::with_simhash(&text, place.simhash));
        self.held.put(piece, prepared.clone(), prepared.bytes());
        Ok(prepared)
    }
}
