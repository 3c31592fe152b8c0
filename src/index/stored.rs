//! From arriving documents to records, and from records to documents that are given out: the same wherever they are kept.

use std::time::{SystemTime, UNIX_EPOCH};

use super::body::{self, Head};
use super::entry::{NONE, Record};
use super::judge::SameId;
use super::{Arrival, IndexError, StoredDocument};
use crate::dedup::Fingerprint;

/// Longest id and longest name of a crawl, in bytes.
const MOST_ID: usize = 2048;

/// Milliseconds since 1970, UTC.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// Refuses ids and names of crawls that cannot be stored.
pub(super) fn check_names(id: &str, crawl: &str) -> Result<(), IndexError> {
    if id.is_empty() || id.len() > MOST_ID || crawl.len() > MOST_ID {
        let what = format!("an id has 1 to {MOST_ID} bytes, and the name of a crawl no more");
        return Err(IndexError::BadDocument(what));
    }
    Ok(())
}

/// Text and metadata of an arriving document, compressed.
pub(super) fn pack(arrival: &Arrival) -> Result<Vec<u8>, IndexError> {
    let cleaned = &arrival.cleaned;
    let head = Head {
        url: arrival.url.clone(),
        date: arrival.date.clone(),
        title: cleaned.title.clone(),
        meta: cleaned.meta.clone(),
        rules: cleaned.versions.rules.clone(),
        normaliser: cleaned.versions.normaliser,
        at: now(),
    };
    body::pack(&head, &cleaned.text).map_err(|error| IndexError::io(&cleaned.id, &error))
}

/// The record of a document that was given out before; its slot is given later.
pub(super) fn restored(document: StoredDocument) -> Result<Record, IndexError> {
    check_names(&document.id, "")?;
    let head = Head {
        url: document.url,
        date: document.date,
        title: document.title,
        meta: document.meta,
        rules: document.rules,
        normaliser: document.normaliser,
        at: document.stored_at,
    };
    let body = body::pack(&head, &document.text).map_err(|error| IndexError::io(&document.id, &error))?;
    Ok(Record {
        slot: NONE,
        replaces: NONE,
        print: Fingerprint::of(&document.text),
        id: document.id,
        supersedes: document.supersedes,
        flags: document.flags,
        compilation: document.compilation,
        body,
        crawl: String::new(),
    })
}

/// A stored document as it is given out.
pub(super) fn given_out(record: Record, waits: bool) -> Option<StoredDocument> {
    let (head, text) = body::unpack(&record.body)?;
    Some(StoredDocument {
        id: record.id,
        url: head.url,
        date: head.date,
        title: head.title,
        text,
        flags: record.flags,
        meta: head.meta,
        supersedes: record.supersedes,
        compilation: record.compilation,
        crawl: Some(record.crawl).filter(|_| waits),
        stored_at: head.at,
        rules: head.rules,
        normaliser: head.normaliser,
    })
}

/// How a stored document of the same id stands to a text.
pub(super) fn same_id(record: &Record, print: &Fingerprint, text: &str) -> SameId {
    let equal = record.print.text == print.text && body::text(&record.body).is_some_and(|other| other == text);
    if equal { SameId::SameText } else { SameId::OtherText }
}
