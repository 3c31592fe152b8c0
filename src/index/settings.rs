//! What a collection was made with, and how large it is.

use serde::{Deserialize, Serialize};

/// What a collection was made with. It stays as it is: answers of different settings are never mixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Settings {
    /// The profile that its documents are washed with.
    pub profile: String,
    /// The Hamming radius of simhashes, 0 to 6.
    pub radius: u32,
    /// Most candidates that are compared with an arriving document, the best first.
    pub candidates: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { profile: "zh".to_owned(), radius: 3, candidates: 64 }
    }
}

/// How large a collection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(as = CollectionCounts))]
pub struct Counts {
    /// Documents, without those that wait under a crawl.
    pub documents: u64,
    /// Documents that wait.
    pub waiting: u64,
    /// Winnowing fingerprints of all documents.
    pub postings: u64,
    /// Bytes of memory that the tables take.
    pub memory: u64,
    /// Bytes on disk.
    pub disk: u64,
}

/// How a collection is kept on this machine. Answers do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Size from which on a new file of the log is begun, in bytes; at most 1 GiB.
    pub segment_bytes: u64,
    /// How much is added before a new snapshot is written, in bytes.
    pub snapshot_bytes: u64,
    /// Memory for documents that are ready to be compared, in bytes.
    pub cache_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 256 << 20, snapshot_bytes: 256 << 20, cache_bytes: 64 << 20 }
    }
}
