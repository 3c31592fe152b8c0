//! What a collection on this machine shows of itself: its tables, and the operations that are not in them yet.

use std::sync::Arc;

use super::look::{self, By, Fresh, Query, Shelf, Sight};
use super::operation::{Change, Operation};
use super::slots::Slots;
use super::tables::Tables;
use crate::dedup::candidate::HOT;
use crate::dedup::simhash;

/// The tables with the operations that are not in them yet.
pub(super) struct View<'v> {
    tables: &'v Tables,
    /// Operations behind those in the tables.
    fresh: &'v [Arc<Operation>],
    /// Slots that those take away, ascending.
    gone: Vec<u32>,
    crawl: &'v str,
}

impl<'v> View<'v> {
    pub(super) fn new(tables: &'v Tables, operations: &'v [Arc<Operation>], crawl: &'v str) -> Self {
        let first = operations.partition_point(|operation| operation.version <= tables.applied);
        let fresh = &operations[first..];
        let mut gone: Vec<u32> = fresh.iter().filter_map(|operation| operation.takes_away()).collect();
        gone.sort_unstable();
        Self { tables, fresh, gone, crawl }
    }

    /// Whether a document can be seen: it is there, and waits under no other crawl.
    fn sees(&self, slot: u32) -> bool {
        let waits = || self.tables.waiting.get(&slot).is_some_and(|waiting| waiting.crawl != self.crawl);
        self.tables.place(slot).is_some() && self.gone.binary_search(&slot).is_err() && !waits()
    }

    /// Documents that are not in the tables yet, and can be seen.
    fn added(&self) -> impl Iterator<Item = Fresh<'v>> {
        let (gone, crawl) = (&self.gone, self.crawl);
        self.fresh.iter().filter_map(move |operation| match &operation.change {
            Change::Add(added) => {
                let record = &added.record;
                let seen = record.crawl.is_empty() || record.crawl == crawl;
                let fresh = Fresh { slot: record.slot, id: added.id, print: &record.print };
                (seen && gone.binary_search(&record.slot).is_err()).then_some(fresh)
            }
            _ => None,
        })
    }

    /// Looks a document up; tells also which operation was the last that was seen.
    pub(super) fn look(&self, query: &Query<'_>) -> (Sight, u64) {
        let fresh: Vec<Fresh<'_>> = self.added().collect();
        let version = self.fresh.last().map_or(self.tables.applied, |operation| operation.version);
        (look::look(self, &fresh, query), version)
    }
}

impl Shelf for View<'_> {
    fn holders(&self, by: By, hash: u64, out: &mut Vec<u32>) -> u64 {
        let tables = self.tables;
        let table = match by {
            By::Text => &tables.texts,
            By::Units => &tables.units,
            By::Id => &tables.ids,
            By::Winnow => &tables.postings,
        };
        out.clear();
        match table.get(hash, out) {
            Slots::Few(_) => {
                out.retain(|slot| self.sees(*slot));
                out.sort_unstable();
                0
            }
            Slots::Crowd(crowd) => {
                out.clear();
                out.extend(crowd.iter().copied().filter(|slot| self.sees(*slot)).take(HOT + 1));
                (crowd.len() - out.len()) as u64
            }
        }
    }

    fn near(&self, code: u64, radius: u32, out: &mut Vec<(u32, u32)>) -> u64 {
        let mut slots = Vec::new();
        self.tables.near.within(code, radius, &mut slots);
        slots.retain(|slot| self.sees(*slot));
        out.extend(slots.iter().map(|&slot| (simhash::distance(code, self.tables.near.code(slot)), slot)));
        0
    }

    fn hashes(&self, slot: u32) -> u32 {
        self.tables.places.get(slot as usize).map_or(0, |place| place.hashes())
    }
}
