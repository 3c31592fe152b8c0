//! The stored document of an arriving one's id.

use super::entry::{NONE, Record};
use super::judge::{Compared, SameId, makes_copy};
use super::stored;
use crate::dedup::Fingerprint;

/// How the stored document of an arriving one's id stands to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Same {
    pub what: SameId,
    /// Its slot, or [`NONE`].
    pub slot: u32,
    /// The slot, if the arriving document would replace it at once; otherwise [`NONE`].
    pub replaces: u32,
}

/// Nothing is stored under the id.
pub(super) const NOT_STORED: Same = Same { what: SameId::New, slot: NONE, replaces: NONE };

impl Same {
    /// A record of the same id. `waits`: it waits under a crawl; `crawl`: the one that the arriving document comes with.
    pub(super) fn new(
        slot: u32,
        record: &Record,
        waits: bool,
        (print, text): (&Fingerprint, &str),
        crawl: &str,
    ) -> Self {
        let what = stored::same_id(record, print, text);
        // A document that waits under a crawl replaces nothing before that is committed, but an older one that waits with it.
        let replaces = if waits == crawl.is_empty() { NONE } else { slot };
        Self { what, slot, replaces }
    }

    /// Takes in another one: what waits under the document's own crawl is newer than what the collection holds.
    pub(super) fn take(&mut self, other: Self) {
        if self.slot == NONE || other.replaces != NONE {
            *self = other;
        }
    }

    /// Whether the arriving document would be stored, given what it was compared with.
    pub(super) fn seems_new(&self, compared: &[Compared]) -> bool {
        match self.what {
            SameId::SameText => false,
            SameId::OtherText => true,
            SameId::New => !compared.iter().any(makes_copy),
        }
    }
}
