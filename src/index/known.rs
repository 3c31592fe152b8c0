//! A document as comparing it needs it.

use std::cell::RefCell;
use std::sync::Arc;

use super::entry::Record;
use super::{Arrival, body};
use crate::dedup::pair::{noise, per_mille};
use crate::dedup::rank::date_of;
use crate::dedup::{Fingerprint, Fingerprinter, Prepared, Standing};
use crate::document::Flag;

thread_local! {
    static FINGERPRINTER: RefCell<Fingerprinter> = RefCell::new(Fingerprinter::default());
}

/// A stored document, or one that arrives, ready to be compared.
#[derive(Debug)]
pub(super) struct Known {
    pub id: String,
    pub standing: Standing,
    pub prepared: Prepared,
    /// It was found to hold several stored documents.
    pub compilation: bool,
}

impl Known {
    /// One that arrives, with its fingerprint.
    pub(super) fn of(arrival: &Arrival) -> (Fingerprint, Arc<Self>) {
        let print = FINGERPRINTER.with_borrow_mut(|fingerprinter| fingerprinter.read(&arrival.cleaned.text));
        let prepared = Prepared::with_simhash(&arrival.cleaned.text, print.simhash);
        let standing = standing(&print, &arrival.cleaned.flags, arrival.date.as_deref());
        let known = Self { id: arrival.cleaned.id.clone(), standing, prepared, compilation: false };
        (print, Arc::new(known))
    }

    /// One that is stored; `None` when its body cannot be unpacked.
    pub(super) fn stored(record: &Record) -> Option<Self> {
        let (head, text) = body::unpack(&record.body)?;
        let prepared = Prepared::with_simhash(&text, record.print.simhash);
        let standing = standing(&record.print, &record.flags, head.date.as_deref());
        Some(Self { id: record.id.clone(), standing, prepared, compilation: record.compilation })
    }

    /// Bytes held, nearly.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.prepared.bytes()
    }
}

fn standing(print: &Fingerprint, flags: &[Flag], date: Option<&str>) -> Standing {
    Standing {
        weight: print.weight,
        placeholders: per_mille(print.placeholders, print.count),
        noise: noise(flags),
        date: date.map_or(u64::MAX, date_of),
        ..Standing::default()
    }
}
