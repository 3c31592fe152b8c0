//! What a run counted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::directory::Doc;
use super::passages::Found;
use super::stars::Star;
use crate::dedup::Kind;

/// Counts over documents and relations.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub documents: u64,
    pub failed: u64,
    pub kept: u64,
    pub compilations: u64,
    copies: BTreeMap<&'static str, u64>,
    relations: BTreeMap<&'static str, u64>,
    spun: u64,
    clusters: u64,
    largest: u64,
    source_bytes: u64,
    text_bytes: u64,
    kept_text_bytes: u64,
    passages: Option<Found>,
    /// Documents from which passages went, and their bytes.
    pub lessened: (u64, u64),
}

impl Counts {
    pub(super) fn relation(&mut self, kind: Kind, spun: bool) {
        *self.relations.entry(kind.as_str()).or_default() += 1;
        self.spun += u64::from(spun);
    }

    /// A document, the kind of copy it is, and what it is kept for.
    pub(super) fn document(&mut self, doc: &Doc, copy: Option<Kind>, star: Option<&Star>) {
        self.documents += 1;
        self.source_bytes += doc.bytes;
        self.text_bytes += u64::from(doc.text.1);
        if let Some(kind) = copy {
            *self.copies.entry(kind.as_str()).or_default() += 1;
        } else {
            self.kept += 1;
            self.kept_text_bytes += u64::from(doc.text.1);
        }
        if let Some(star) = star {
            self.clusters += 1;
            self.largest = self.largest.max(star.copies + 1);
        }
    }

    /// What was found of passages, if they were looked for.
    pub(super) fn passages(&mut self, found: Option<Found>) {
        self.passages = found;
    }

    /// As `summary.json` gives it.
    pub(super) fn to_json(&self) -> Value {
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
