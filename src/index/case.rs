//! One arriving document on its way to an answer.

use std::sync::Arc;

use super::entry::NONE;
use super::judge::{Compared, Decision, SameId, decide};
use super::known::Known;
use super::look::{Query, speaks_for};
use super::operation::{Change, Operation};
use super::same::{NOT_STORED, Same};
use super::shared::{Seen, Shared};
use super::tables::id_hash;
use super::writer::Writer;
use super::{Arrival, IndexError};
use crate::dedup::Fingerprint;

/// An arriving document with all that was found out about it.
pub(super) struct Case<'a> {
    shared: &'a Shared,
    arrival: &'a Arrival,
    crawl: &'a str,
    id: u64,
    pub print: Fingerprint,
    pub known: Arc<Known>,
    seen: Seen,
    compared: Vec<Compared>,
    skipped: u64,
    same: Same,
}

impl<'a> Case<'a> {
    /// Looks a document up and compares it with what was found.
    pub(super) fn open(shared: &'a Shared, arrival: &'a Arrival, crawl: &'a str) -> Result<Self, IndexError> {
        let (print, known) = Known::of(arrival);
        let id = id_hash(&arrival.cleaned.id);
        let query = Query { print: &print, id, crawl, radius: shared.settings.radius };
        let seen = shared.look(&query, None);
        let mut case =
            Self { shared, arrival, crawl, id, print, known, seen, compared: Vec::new(), skipped: 0, same: NOT_STORED };
        case.compare()?;
        Ok(case)
    }

    fn compare(&mut self) -> Result<(), IndexError> {
        let mut same_id = Vec::new();
        self.same = NOT_STORED;
        for slot in self.seen.sight.same_id.clone() {
            if let Some(same) = self.same(slot)? {
                same_id.push(slot);
                self.same.take(same);
            }
        }
        (self.compared, self.skipped) = match self.same.what {
            SameId::SameText => (Vec::new(), 0),
            _ => self.shared.compare(&self.known, &self.seen, &same_id)?,
        };
        Ok(())
    }

    /// How a stored document whose id has the same hash stands to this one; `None` if it is another's id.
    fn same(&self, slot: u32) -> Result<Option<Same>, IndexError> {
        let stored;
        let record = if let Some((added, _)) = self.seen.added(slot) {
            &*added.record
        } else {
            match self.shared.record(slot)? {
                Some(record) => {
                    stored = record;
                    &stored
                }
                None => return Ok(None),
            }
        };
        if record.id != self.arrival.cleaned.id {
            return Ok(None);
        }
        let tables = self.shared.tables();
        let waits = !record.crawl.is_empty() && (self.seen.added(slot).is_some() || tables.waiting.contains_key(&slot));
        Ok(Some(Same::new(slot, record, waits, (&self.print, &self.arrival.cleaned.text), self.crawl)))
    }

    /// With the writer in hand: takes in what came since the document was looked up. After this the decision may be carried out.
    pub(super) fn catch_up(&mut self, writer: &Writer) -> Result<(), IndexError> {
        let since: Option<Vec<Arc<Operation>>> = (writer.epoch == self.seen.epoch)
            .then(|| writer.since(self.seen.version))
            .flatten()
            .map(|operations| operations.cloned().collect());
        let Some(since) = since.filter(|since| !since.iter().any(|operation| self.unsettles(operation))) else {
            let query =
                Query { print: &self.print, id: self.id, crawl: self.crawl, radius: self.shared.settings.radius };
            self.seen = self.shared.look(&query, Some(writer));
            return self.compare();
        };
        for operation in since {
            if let Some(slot) = operation.takes_away() {
                self.compared.retain(|compared| compared.slot != slot);
            }
            if let Change::Add(added) = &operation.change
                && (added.record.crawl.is_empty() || added.record.crawl == self.crawl)
                && speaks_for(&self.print, &added.record.print, self.shared.settings.radius)
                && self.same.what != SameId::SameText
            {
                self.compared.push(Compared::new(added.record.slot, &self.known, added.known.clone()));
            }
            self.seen.version = operation.version;
            self.seen.fresh.push(operation);
        }
        Ok(())
    }

    /// Whether an operation changes more than which documents there are to compare with.
    fn unsettles(&self, operation: &Operation) -> bool {
        let same = self.same.slot != NONE && operation.takes_away() == Some(self.same.slot);
        same || match &operation.change {
            Change::Add(added) => added.id == self.id,
            Change::Remove(_) => false,
            Change::Commit { .. } | Change::Rollback { .. } => true,
        }
    }

    /// Whether the document would be stored, as far as is known now.
    pub(super) fn seems_new(&self) -> bool {
        self.same.seems_new(&self.compared)
    }

    /// Notes that the document was found to hold several stored ones: those that are compared with it next must know.
    pub(super) fn holds_parts(&mut self) {
        if let Some(known) = Arc::get_mut(&mut self.known) {
            known.compilation = true;
        }
    }

    /// Decides.
    pub(super) fn decide(&mut self) -> Decision {
        decide(&self.known, std::mem::take(&mut self.compared), self.same.what, self.skipped)
    }

    /// The slot that the document would replace, or [`NONE`].
    pub(super) fn replaces(&self) -> u32 {
        self.same.replaces
    }

    /// The last operation that an answer rests on and that may not be on disk; 0 for none.
    pub(super) fn rests_on(&self, decision: &Decision) -> u64 {
        let slots = decision.related.iter().copied().chain([self.same.slot]);
        slots.filter_map(|slot| self.seen.added(slot)).map(|(_, version)| version).max().unwrap_or(0)
    }
}
