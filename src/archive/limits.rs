//! What reading may cost, and how it is to be done.

use std::path::PathBuf;

use super::Fields;
use crate::document::MediaType;

/// Output of a compressed stream below this many bytes is never held against the ratio.
pub const RATIO_FREE_BYTES: u64 = 16 << 20;

/// Limits of reading. Over a limit there is a named error, and the other documents go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest document, in bytes, after decompression.
    pub document_bytes: u64,
    /// Longest line of a JSONL input, in bytes.
    pub record_bytes: u64,
    /// Most values (numbers, strings, lists, objects) in one JSONL record: a value takes far more memory than its two bytes.
    pub record_values: u64,
    /// Most bytes out for each byte in of a compressed stream, beyond the first 16 MiB out.
    pub ratio: u64,
    /// Largest JSONL input or archive, in bytes, after decompression.
    pub total_bytes: u64,
    /// Most members of one archive, or records of one WARC file.
    pub archive_members: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 512 << 20,
            record_bytes: 64 << 20,
            record_values: 1_000_000,
            ratio: 200,
            total_bytes: 1 << 40,
            archive_members: 10_000_000,
        }
    }
}

/// What happens to a document whose id was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdDup {
    /// It is an error record.
    #[default]
    Error,
    /// It is renamed: `id-2`, `id-3` and so on.
    Suffix,
}

/// How inputs are read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The names of a record's fields.
    pub fields: Fields,
    /// What every document is; `Auto` lets file names and fields say.
    pub media_type: MediaType,
    /// The URL of documents that have none of their own.
    pub url: Option<String>,
    /// What happens to a repeated id.
    pub id_dup: IdDup,
    /// What reading may cost.
    pub limits: Limits,
    /// Folders that are not walked: the output folder, when it lies inside an input. They must exist when reading begins.
    pub skip: Vec<PathBuf>,
}

impl ReadOptions {
    /// What a document is: as the run says, else as its own name or record says.
    pub(super) fn media_type_or(&self, own: MediaType) -> MediaType {
        if self.media_type == MediaType::Auto { own } else { self.media_type }
    }
}
