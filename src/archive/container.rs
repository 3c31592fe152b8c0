//! A file of many documents: JSONL, an archive, a WARC file, a table.

use super::limits::ReadOptions;
use crate::document::{Document, ErrorRecord};

/// A file of many documents being read, front to back, one document in memory at a time.
pub(super) trait Container: Send {
    /// The next document or failure. The id is not yet checked against others.
    fn next(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>>;
}

/// A document, with the place it stood at for messages: the file with the line, the member or the record.
pub(super) struct Placed {
    pub document: Document,
    pub place: String,
}
