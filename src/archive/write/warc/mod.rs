//! WARC files written anew: every record is copied, byte for byte, and what was found out about it is said in WARC's own words.
//!
//! - A response or resource with a payload that was there before becomes a `revisit` of the first.
//! - Another copy stays whole, and a `metadata` record behind it says of what it is a copy, and how much of each is in the other.
//! - Documents that came from other files become `resource` records.
//!
//! Nothing depends on the clock or on chance: the same input gives the same bytes.
//!
//! | file | what it does |
//! |---|---|
//! | `record` | records, digests and record ids |
//! | `seen` | payloads and documents that were written before |
//! | `copy` | from a record of the input to those of the output |

mod copy;
mod record;
mod seen;

use std::io::{self, Write};

use super::super::documents::RawItem;
use super::super::{Documents, Input, ReadOptions};
use super::WriteError;
use crate::document::{Content, Document, MediaType};
use copy::Copier;

/// What was found out about a document that is a copy of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The kind of relation: `exact`, `near`, `truncated`.
    pub kind: String,
    /// The id of the kept document.
    pub of: String,
    /// How much of this document is in the kept one, 0 to 1.
    pub a_in_b: f64,
    /// How much of the kept one is in this document, 0 to 1.
    pub b_in_a: f64,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WarcCounts {
    /// Records, all of them.
    pub records: u64,
    /// Records of the inputs that were copied whole.
    pub copied: u64,
    /// Records that became a revisit, since their payload was there before.
    pub revisits: u64,
    /// Records made to say of what another is a copy.
    pub metadata: u64,
    /// Documents of other files that became resources.
    pub resources: u64,
    /// Inputs, members and records that could not be read and are missing.
    pub failed: u64,
}

/// Reads the inputs once more and writes them as one WARC file, each record a gzip member. `verdict` gives, for the id of a
/// document as [`super::super::documents`] gives it, of what it is a copy; `None` for a kept one.
///
/// In memory are one record, and some dozens of bytes for each payload and document; the rest is in a temporary file.
pub fn rewrite(
    inputs: Vec<Input>,
    options: &ReadOptions,
    verdict: &dyn Fn(&str) -> Option<Verdict>,
    out: impl Write,
) -> Result<WarcCounts, WriteError> {
    let mut documents = Documents::new(inputs, options.clone());
    write_all(&mut documents, options, verdict, out).map_err(|error| WriteError::Output { reason: error.to_string() })
}

fn write_all(
    documents: &mut Documents,
    options: &ReadOptions,
    verdict: &dyn Fn(&str) -> Option<Verdict>,
    out: impl Write,
) -> io::Result<WarcCounts> {
    let mut copier = Copier::new(out, options, verdict)?;
    copier.begin()?;
    while let Some(item) = documents.next_raw() {
        match item {
            RawItem::Document(Ok(document)) => copier.document(&document)?,
            RawItem::Document(Err(_)) => copier.counts.failed += 1,
            RawItem::Warc(stream, id) => copier.file(*stream, &id, documents)?,
        }
    }
    copier.out.flush()?;
    Ok(copier.counts)
}

/// The bytes of a document and the Content-Type they have; none when nobody said what they are.
fn content_of(document: &Document) -> (&[u8], Option<String>) {
    let essence = match document.media_type {
        MediaType::Html => "text/html",
        MediaType::Text => "text/plain",
        MediaType::Auto => "",
    };
    let (bytes, charset) = match &document.content {
        Content::Bytes(bytes) => (bytes.as_slice(), document.charset.as_deref()),
        Content::Text(text) => (text.as_bytes(), Some("utf-8")),
    };
    let content_type = (!essence.is_empty()).then(|| match charset {
        Some(charset) => format!("{essence}; charset={charset}"),
        None => essence.to_owned(),
    });
    (bytes, content_type)
}
