//! What a document becomes before it is compared with others.

use std::cell::RefCell;

use super::found::NONE;
use crate::clean::{self, Cleaner};
use crate::dedup::pair::{noise, per_mille};
use crate::dedup::rank::date_of;
use crate::dedup::{Fingerprint, Fingerprinter, Standing};
use crate::document::{Cleaned, Document, ErrorRecord};
use crate::error::fault;

/// A washed document.
#[derive(Debug)]
pub struct Ready {
    /// Its name.
    pub id: String,
    /// Its record as JSON with an empty text; where edits are kept, they stand on a second line.
    pub head: Vec<u8>,
    /// Its text.
    pub text: String,
    /// What its rank depends on, but for its place in the input.
    pub standing: Standing,
    /// Bytes of the source.
    pub bytes: u64,
    /// The whole document, then its parts.
    pub pieces: Vec<PieceOf>,
}

/// A whole document or a part of it.
#[derive(Debug)]
pub struct PieceOf {
    /// The part's number, or [`NONE`] for the whole document.
    pub part: u32,
    /// Its first byte in the document's text.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// What its candidates are found by.
    pub fingerprint: Fingerprint,
}

/// Washes a document, or only decodes it.
pub fn wash(
    document: Document,
    cleaner: &Cleaner,
    options: &clean::Options,
    wash: bool,
    edits: bool,
) -> Result<Ready, ErrorRecord> {
    let (id, date) = (document.id.clone(), document.date.clone());
    let washed = if wash { cleaner.clean(document, options) } else { cleaner.read(document, options) };
    washed
        .map(|cleaned| ready(cleaned, date.as_deref(), edits))
        .map_err(|error| ErrorRecord { id, error: fault(&error) })
}

thread_local! {
    /// Keeps its room from document to document.
    static FINGERPRINTER: RefCell<Fingerprinter> = RefCell::default();
}

fn ready(mut cleaned: Cleaned, date: Option<&str>, with_edits: bool) -> Ready {
    let text = std::mem::take(&mut cleaned.text);
    let edits = if with_edits {
        cleaned.removed.clear();
        cleaned.edits.take()
    } else {
        None
    };
    let read = |text: &str| FINGERPRINTER.with_borrow_mut(|fingerprinter| fingerprinter.read(text));
    let mut pieces = vec![PieceOf { part: NONE, start: 0, end: text.len() as u32, fingerprint: read(&text) }];
    if cleaned.parts.len() > 1 {
        for (number, part) in cleaned.parts.iter().enumerate() {
            if let Some(inside) = text.get(part.start..part.end) {
                let (start, end) = (part.start as u32, part.end as u32);
                pieces.push(PieceOf { part: number as u32, start, end, fingerprint: read(inside) });
            }
        }
    }
    let whole = &pieces[0].fingerprint;
    let standing = Standing {
        weight: whole.weight,
        placeholders: per_mille(whole.placeholders, whole.count),
        noise: noise(&cleaned.flags),
        date: date.map_or(u64::MAX, date_of),
        ..Standing::default()
    };
    let bytes = cleaned.source.bytes as u64;
    let mut head = serde_json::to_vec(&cleaned).unwrap_or_default();
    if let Some(edits) = edits {
        // A line of their own behind the record, which has no line end in it.
        head.push(b'\n');
        head.extend(serde_json::to_vec(&edits).unwrap_or_default());
    }
    Ready { id: cleaned.id, head, text, standing, bytes, pieces }
}
