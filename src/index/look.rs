//! Which stored documents an arriving one is compared with.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::dedup::candidate::{HOT, is_enough, is_poor};
use crate::dedup::thresholds::TINY_WEIGHT;
use crate::dedup::{Fingerprint, simhash};

/// What documents are found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Half of the digest of the text.
    Text,
    /// Half of the digest of the units.
    Units,
    /// The hash of the id.
    Id,
    /// A winnowing fingerprint.
    Winnow,
}

/// The stored documents that can be seen. Wherever they are kept, the same ones are found among them.
pub(super) trait Shelf {
    /// The slots of a hash, ascending; of a crowd the first ones, more than [`HOT`], and nearly how many more there are. What is in `out` is dropped.
    fn holders(&self, by: By, hash: u64, out: &mut Vec<u32>) -> u64;

    /// Where it is known beforehand that a winnowing fingerprint is hot: how many documents have it beyond the first [`HOT`]. Its holders are then asked
    /// for only by a document that has hardly any others.
    fn set_aside(&self, hash: u64) -> Option<u64> {
        let _ = hash;
        None
    }

    /// Appends distances and slots of documents whose simhashes are within a radius; of a crowd that shares one at least the first [`HOT`], and gives how
    /// many were left out.
    fn near(&self, code: u64, radius: u32, out: &mut Vec<(u32, u32)>) -> u64;

    /// How many winnowing fingerprints the document of a slot has.
    fn hashes(&self, slot: u32) -> u32;
}

/// A document that can be seen but is not on the shelf yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fresh<'f> {
    pub slot: u32,
    /// The hash of its id.
    pub id: u64,
    pub print: &'f Fingerprint,
}

/// The half of a digest that tables are asked with.
pub(super) const fn half(digest: u128) -> u64 {
    (digest >> 64) as u64
}

/// Whether a document is found by its simhash: those of a few units say nothing.
pub(super) const fn has_code(print: &Fingerprint) -> bool {
    print.weight >= TINY_WEIGHT
}

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

/// Looks a document up, on a shelf and among those that are not there yet, in the order in which they came.
pub(super) fn look(shelf: &impl Shelf, fresh: &[Fresh<'_>], query: &Query<'_>) -> Sight {
    let mut found = Found::default();
    let print = query.print;
    let mut slots = Vec::new();
    let extend = |slots: &mut Vec<u32>, is: &dyn Fn(&Fresh<'_>) -> bool| {
        slots.extend(fresh.iter().filter(|it| is(it)).map(|it| it.slot));
    };
    if print.weight > 0 {
        found.beyond(shelf.holders(By::Text, half(print.text), &mut slots));
        extend(&mut slots, &|it| it.print.text == print.text);
        found.crowd(&slots, |evidence| evidence.text = true);
        found.beyond(shelf.holders(By::Units, half(print.units), &mut slots));
        extend(&mut slots, &|it| it.print.units == print.units);
        found.crowd(&slots, |evidence| evidence.units = true);
    }
    if has_code(print) {
        near(shelf, fresh, query, &mut found);
    }
    let active = winnowed(shelf, fresh, print, &mut found);
    let own: HashMap<u32, u32> = fresh.iter().map(|it| (it.slot, it.print.winnow.len() as u32)).collect();
    let smaller = |slot: u32| active.min(own.get(&slot).copied().unwrap_or_else(|| shelf.hashes(slot))).max(1);
    let mut same_id = Vec::new();
    shelf.holders(By::Id, query.id, &mut same_id);
    extend(&mut same_id, &|it| it.id == query.id);
    let mut candidates: Vec<Candidate> = found
        .evidence
        .into_iter()
        .filter_map(|(slot, evidence)| {
            let smaller = smaller(slot);
            let near = evidence.distance < FAR;
            let wanted = evidence.text || evidence.units || near || is_enough(evidence.shared, smaller);
            let share = 1000 * evidence.shared / smaller;
            let rank = (!evidence.text, !evidence.units, u32::MAX - share, evidence.distance);
            wanted.then_some(Candidate { rank, slot })
        })
        .collect();
    candidates.sort_unstable();
    Sight { candidates, same_id, more: found.more }
}

fn near(shelf: &impl Shelf, fresh: &[Fresh<'_>], query: &Query<'_>, found: &mut Found) {
    let code = query.print.simhash;
    let mut near = Vec::new();
    let more = shelf.near(code, query.radius, &mut near);
    near.extend(fresh.iter().filter(|it| has_code(it.print)).filter_map(|it| {
        let distance = simhash::distance(code, it.print.simhash);
        (distance <= query.radius).then_some((distance, it.slot))
    }));
    near.sort_unstable();
    found.beyond(more + near.len().saturating_sub(HOT) as u64);
    for &(distance, slot) in near.iter().take(HOT) {
        found.of(slot).distance = distance;
    }
}

/// For each fingerprint the documents that have it and are not on the shelf yet; nothing where there are none.
fn fresh_hits(fresh: &[Fresh<'_>], print: &Fingerprint) -> Vec<Vec<u32>> {
    let mut hits: Vec<Vec<u32>> = Vec::new();
    for it in fresh {
        hits.resize(print.winnow.len(), Vec::new());
        let mut set = it.print.winnow.iter().peekable();
        for (hash, hits) in print.winnow.iter().zip(&mut hits) {
            while set.next_if(|other| *other < hash).is_some() {}
            if set.peek() == Some(&hash) {
                hits.push(it.slot);
            }
        }
    }
    hits
}

/// Counts shared fingerprints; returns how many of its own a document is compared by.
fn winnowed(shelf: &impl Shelf, fresh: &[Fresh<'_>], print: &Fingerprint, found: &mut Found) -> u32 {
    let fresh = fresh_hits(fresh, print);
    let mut hot: Vec<Vec<u32>> = Vec::new();
    let mut aside = Vec::new();
    let mut cold = 0;
    let mut slots = Vec::new();
    for (at, hash) in print.winnow.iter().enumerate() {
        if let Some(more) = shelf.set_aside(*hash) {
            found.beyond(more);
            aside.push(*hash);
            continue;
        }
        let beyond = shelf.holders(By::Winnow, *hash, &mut slots);
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
    if !is_poor(cold, hashes) {
        return cold;
    }
    for hash in aside {
        shelf.holders(By::Winnow, hash, &mut slots);
        slots.truncate(HOT);
        hot.push(slots.clone());
    }
    for &slot in hot.iter().flatten() {
        found.of(slot).shared += 1;
    }
    hashes
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
