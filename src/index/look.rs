//! Which stored documents an arriving one is compared with.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::operation::{Change, Operation};
use super::slots::{SlotTable, Slots};
use super::tables::{Tables, half, has_code};
use crate::dedup::candidate::{HOT, is_enough, is_poor};
use crate::dedup::{Fingerprint, simhash};

/// What an arriving document is looked up by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Query<'q> {
    pub print: &'q Fingerprint,
    pub id: u64,
    /// The crawl whose waiting documents are seen; empty for none.
    pub crawl: &'q str,
    pub radius: u32,
}

/// A stored document that may be related. The best come first in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// How little speaks for it: nothing is more than equal texts, then equal units, then shared fingerprints, then near simhashes.
    rank: (bool, bool, u32, u32),
    pub slot: u32,
}

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// The best first.
    pub candidates: Vec<Candidate>,
    /// Slots whose ids have the hash that was asked for.
    pub same_id: Vec<u32>,
    /// Documents in crowds of which only the first were taken.
    pub more: u64,
    /// The last operation that was seen.
    pub version: u64,
}

/// Spreads slots: they are chosen by nobody, so nothing stronger is needed.
#[derive(Default)]
struct SlotHasher(u64);

impl Hasher for SlotHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, slot: u32) {
        self.0 = (self.0 ^ u64::from(slot)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(20);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What speaks for one stored document.
#[derive(Debug, Clone, Copy)]
struct Evidence {
    text: bool,
    units: bool,
    shared: u32,
    distance: u32,
}

const FAR: u32 = 65;

impl Default for Evidence {
    fn default() -> Self {
        Self { text: false, units: false, shared: 0, distance: FAR }
    }
}

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
    fn added(&self) -> impl Iterator<Item = &'v super::operation::Added> {
        let (gone, crawl) = (&self.gone, self.crawl);
        self.fresh.iter().filter_map(move |operation| match &operation.change {
            Change::Add(added) => {
                let record = &added.record;
                let seen = record.crawl.is_empty() || record.crawl == crawl;
                (seen && gone.binary_search(&record.slot).is_err()).then_some(added)
            }
            _ => None,
        })
    }

    /// The slots of a hash that can be seen, ascending; of a crowd the first, and nearly how many more there are.
    fn slots(&self, table: &SlotTable, hash: u64, out: &mut Vec<u32>) -> u64 {
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

    /// Looks a document up.
    pub(super) fn look(&self, query: &Query<'_>) -> Sight {
        let mut found = Found::default();
        let print = query.print;
        let mut slots = Vec::new();
        if print.weight > 0 {
            found.beyond(self.slots(&self.tables.texts, half(print.text), &mut slots));
            slots.extend(self.added().filter(|it| it.record.print.text == print.text).map(|it| it.record.slot));
            found.crowd(&slots, |evidence| evidence.text = true);
            found.beyond(self.slots(&self.tables.units, half(print.units), &mut slots));
            slots.extend(self.added().filter(|it| it.record.print.units == print.units).map(|it| it.record.slot));
            found.crowd(&slots, |evidence| evidence.units = true);
        }
        if has_code(print) {
            self.near(query, &mut found);
        }
        let smaller = self.winnowed(print, &mut found);
        let mut same_id = Vec::new();
        self.slots(&self.tables.ids, query.id, &mut same_id);
        same_id.extend(self.added().filter(|it| it.id == query.id).map(|it| it.record.slot));
        let mut candidates: Vec<Candidate> = found
            .evidence
            .into_iter()
            .filter_map(|(slot, evidence)| {
                let smaller = smaller(slot);
                let near = evidence.distance < FAR;
                let wanted = evidence.text || evidence.units || near || is_enough(evidence.shared, smaller.max(1));
                let share = 1000 * evidence.shared / smaller.max(1);
                let rank = (!evidence.text, !evidence.units, u32::MAX - share, evidence.distance);
                wanted.then_some(Candidate { rank, slot })
            })
            .collect();
        candidates.sort_unstable();
        let version = self.fresh.last().map_or(self.tables.applied, |operation| operation.version);
        Sight { candidates, same_id, more: found.more, version }
    }

    fn near(&self, query: &Query<'_>, found: &mut Found) {
        let code = query.print.simhash;
        let mut slots = Vec::new();
        self.tables.near.within(code, query.radius, &mut slots);
        slots.retain(|slot| self.sees(*slot));
        let mut near: Vec<(u32, u32)> =
            slots.iter().map(|&slot| (simhash::distance(code, self.tables.near.code(slot)), slot)).collect();
        let fresh = self.added().filter(|it| has_code(&it.record.print));
        near.extend(fresh.filter_map(|it| {
            let distance = simhash::distance(code, it.record.print.simhash);
            (distance <= query.radius).then_some((distance, it.record.slot))
        }));
        near.sort_unstable();
        found.beyond(near.len().saturating_sub(HOT) as u64);
        for &(distance, slot) in near.iter().take(HOT) {
            found.of(slot).distance = distance;
        }
    }

    /// For each fingerprint the documents that have it and are not in the tables yet; nothing where there are none.
    fn fresh_hits(&self, print: &Fingerprint) -> Vec<Vec<u32>> {
        let mut hits: Vec<Vec<u32>> = Vec::new();
        for added in self.added() {
            hits.resize(print.winnow.len(), Vec::new());
            let mut set = added.record.print.winnow.iter().peekable();
            for (hash, hits) in print.winnow.iter().zip(&mut hits) {
                while set.next_if(|other| *other < hash).is_some() {}
                if set.peek() == Some(&hash) {
                    hits.push(added.record.slot);
                }
            }
        }
        hits
    }

    /// Counts shared fingerprints; returns how many the smaller of the two sets has, for a slot.
    fn winnowed(&self, print: &Fingerprint, found: &mut Found) -> impl Fn(u32) -> u32 + use<'v> {
        let fresh = self.fresh_hits(print);
        let mut hot: Vec<Vec<u32>> = Vec::new();
        let mut cold = 0;
        let mut slots = Vec::new();
        for (at, hash) in print.winnow.iter().enumerate() {
            let beyond = self.slots(&self.tables.postings, *hash, &mut slots);
            found.beyond(beyond);
            slots.extend(fresh.get(at).into_iter().flatten());
            if slots.len() > HOT {
                found.beyond(beyond + (slots.len() - HOT) as u64);
                slots.truncate(HOT);
                hot.push(slots.clone());
            } else {
                cold += 1;
                for &slot in &slots {
                    found.of(slot).shared += 1;
                }
            }
        }
        let hashes = print.winnow.len() as u32;
        let active = if is_poor(cold, hashes) {
            for &slot in hot.iter().flatten() {
                found.of(slot).shared += 1;
            }
            hashes
        } else {
            cold
        };
        let fresh: HashMap<u32, u32> =
            self.added().map(|it| (it.record.slot, it.record.print.winnow.len() as u32)).collect();
        let places = &self.tables.places;
        move |slot| {
            let stored = || places.get(slot as usize).map_or(0, |place| place.hashes());
            active.min(fresh.get(&slot).copied().unwrap_or_else(stored))
        }
    }
}

/// Evidence by slot.
#[derive(Default)]
struct Found {
    evidence: HashMap<u32, Evidence, BuildHasherDefault<SlotHasher>>,
    more: u64,
}

impl Found {
    fn of(&mut self, slot: u32) -> &mut Evidence {
        self.evidence.entry(slot).or_default()
    }

    /// Notes that a crowd has so many more: crowds are often of the same documents, so the largest counts.
    fn beyond(&mut self, more: u64) {
        self.more = self.more.max(more);
    }

    /// Notes something of the first of a group.
    fn crowd(&mut self, slots: &[u32], note: impl Fn(&mut Evidence)) {
        self.beyond(slots.len().saturating_sub(HOT) as u64);
        for &slot in slots.iter().take(HOT) {
            note(self.of(slot));
        }
    }
}

/// Whether two documents are worth comparing, as far as the two of them tell.
pub(super) fn speaks_for(x: &Fingerprint, y: &Fingerprint, radius: u32) -> bool {
    let with_units = x.weight > 0 && y.weight > 0;
    let equal = with_units && (x.text == y.text || x.units == y.units);
    let near = has_code(x) && has_code(y) && simhash::distance(x.simhash, y.simhash) <= radius;
    equal || near || {
        let (small, large) = if x.winnow.len() <= y.winnow.len() { (x, y) } else { (y, x) };
        let shared = small.winnow.iter().filter(|hash| large.winnow.binary_search(hash).is_ok()).count();
        shared > 0 && is_enough(shared as u32, small.winnow.len() as u32)
    }
}
