//! What a run counted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::passages::Found;
use crate::clean::{Cleaner, NORMALISER_VERSION};
use crate::dedup::{FINGERPRINT_VERSION, Kind};

/// Counts over documents and relations.
#[derive(Debug, Default)]
pub struct Counts {
    /// Documents that did not fail.
    pub documents: u64,
    /// Inputs that failed.
    pub failed: u64,
    /// Documents that are kept.
    pub kept: u64,
    /// Documents that are compilations.
    pub compilations: u64,
    /// Documents that go, by kind.
    pub copies: BTreeMap<&'static str, u64>,
    /// Relations, by kind.
    pub relations: BTreeMap<&'static str, u64>,
    /// Relations of texts that look rewritten.
    pub spun: u64,
    /// Documents that are kept for others.
    pub clusters: u64,
    /// Documents of the largest cluster.
    pub largest: u64,
    /// Bytes of the sources.
    pub source_bytes: u64,
    /// Bytes of the washed texts.
    pub text_bytes: u64,
    /// The same for those that are kept.
    pub kept_text_bytes: u64,
    passages: Option<Found>,
    /// Documents from which passages went, and their bytes.
    pub(super) lessened: (u64, u64),
}

/// What a run's outcome depends on, as summaries name it.
#[must_use]
pub fn versions(cleaner: &Cleaner) -> Value {
    json!({
        "taoxi": env!("CARGO_PKG_VERSION"),
        "rules": cleaner.rules().digest(),
        "normaliser": NORMALISER_VERSION,
        "fingerprint": FINGERPRINT_VERSION,
    })
}

impl Counts {
    pub(super) fn relation(&mut self, kind: Kind, spun: bool) {
        *self.relations.entry(kind.as_str()).or_default() += 1;
        self.spun += u64::from(spun);
    }

    /// A document: bytes of its source and its text, the kind of copy it is, for how many it is kept.
    pub(super) fn document(&mut self, (source, text): (u64, u32), copy: Option<Kind>, copies: Option<u64>) {
        self.documents += 1;
        self.source_bytes += source;
        self.text_bytes += u64::from(text);
        if let Some(kind) = copy {
            *self.copies.entry(kind.as_str()).or_default() += 1;
        } else {
            self.kept += 1;
            self.kept_text_bytes += u64::from(text);
        }
        if let Some(copies) = copies {
            self.clusters += 1;
            self.largest = self.largest.max(copies + 1);
        }
    }

    /// What was found of passages, if they were looked for.
    pub(super) fn passages(&mut self, found: Option<Found>) {
        self.passages = found;
    }

    /// As `summary.json` gives it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut out = json!({
            "documents": self.documents,
            "failed": self.failed,
            "kept": self.kept,
            "copies": self.copies,
            "compilations": self.compilations,
            "clusters": {"count": self.clusters, "largest": self.largest},
            "relations": self.relations,
            "suspicions": {"spun": self.spun},
            "bytes": {"source": self.source_bytes, "text": self.text_bytes, "kept_text": self.kept_text_bytes},
        });
        if let Some(found) = self.passages {
            let (documents, bytes) = self.lessened;
            out["passages"] = json!({"count": found.passages, "dropped_from": documents, "dropped_bytes": bytes});
        }
        out
    }
}
