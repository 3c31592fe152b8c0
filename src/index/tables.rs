//! What a collection holds in memory: where documents stand, and from hashes to documents.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::{NONE, Record};
use super::look::{half, has_code};
use super::near::Near;
use super::segment::SegmentId;
use super::slots::SlotTable;
use super::storage::Stored;
use crate::dedup::Fingerprint;

/// Where a document stands in the log, in twelve bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The file; [`NONE`] for a document that is gone.
    pub segment: u32,
    /// The byte.
    pub offset: u32,
    /// How many winnowing fingerprints it has, and in the highest bit whether it is found by its simhash.
    sizes: u32,
}

const CODED: u32 = 1 << 31;

impl Place {
    pub(super) const GONE: Self = Self { segment: NONE, offset: 0, sizes: 0 };

    pub(super) fn new(segment: u32, offset: u64, print: &Fingerprint) -> Self {
        let code = if has_code(print) { CODED } else { 0 };
        Self { segment, offset: offset as u32, sizes: print.winnow.len() as u32 | code }
    }

    pub(super) fn is_gone(self) -> bool {
        self.segment == NONE
    }

    pub(super) fn hashes(self) -> u32 {
        self.sizes & !CODED
    }

    pub(super) fn has_code(self) -> bool {
        self.sizes & CODED != 0
    }

    pub(super) fn words(self) -> [u32; 3] {
        [self.segment, self.offset, self.sizes]
    }

    pub(super) fn of_words([segment, offset, sizes]: [u32; 3]) -> Self {
        Self { segment, offset, sizes }
    }
}

/// A document that waits under a crawl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub crawl: String,
    /// The hash of its id.
    pub id: u64,
}

/// The tables. Everything here follows from the log.
#[derive(Default)]
pub(super) struct Tables {
    /// The files of the log, by number. A reader takes a place and its file together, so that neither changes without the other.
    pub files: HashMap<u32, (SegmentId, Arc<dyn Stored>)>,
    /// By slot.
    pub places: Vec<Place>,
    /// By digest of the text, of the units, by id, by winnowing fingerprint.
    pub texts: SlotTable,
    pub units: SlotTable,
    pub ids: SlotTable,
    pub postings: SlotTable,
    pub near: Near,
    /// Documents that wait, by slot.
    pub waiting: HashMap<u32, Waiting>,
    /// Documents that are not gone.
    pub live: u64,
    /// The last operation that is in here.
    pub applied: u64,
}

/// The hash that an id is found by.
pub(super) fn id_hash(id: &str) -> u64 {
    u64::from_le_bytes(super::segment::checksum(id.as_bytes()))
}

impl Tables {
    /// Adds a document. One that is there already stays as it is: a snapshot may hold some of what the log repeats.
    pub(super) fn add(&mut self, record: &Record, place: Place) {
        let slot = record.slot;
        let at = slot as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, Place::GONE);
        }
        if self.places[at].is_gone() {
            self.live += 1;
        }
        self.places[at] = place;
        let id = id_hash(&record.id);
        self.ids.insert(id, slot);
        if !record.crawl.is_empty() {
            self.waiting.insert(slot, Waiting { crawl: record.crawl.clone(), id });
        }
        let print = &record.print;
        if print.weight > 0 {
            self.texts.insert(half(print.text), slot);
            self.units.insert(half(print.units), slot);
        }
        if has_code(print) {
            self.near.insert(slot, print.simhash);
        }
        for &hash in &print.winnow {
            self.postings.insert(hash, slot);
        }
    }

    /// Forgets a document.
    pub(super) fn remove(&mut self, record: &Record) {
        let slot = record.slot;
        let print = &record.print;
        self.texts.remove(half(print.text), slot);
        self.units.remove(half(print.units), slot);
        self.ids.remove(id_hash(&record.id), slot);
        self.near.remove(slot);
        for &hash in &print.winnow {
            self.postings.remove(hash, slot);
        }
        self.lose(slot);
    }

    /// Marks a document as gone, without the record that says where it stands in the tables: those who find it there see that it is gone.
    pub(super) fn lose(&mut self, slot: u32) {
        self.waiting.remove(&slot);
        if let Some(place) = self.places.get_mut(slot as usize).filter(|place| !place.is_gone()) {
            *place = Place::GONE;
            self.live -= 1;
        }
    }

    /// Where a document stands, unless it is gone.
    pub(super) fn place(&self, slot: u32) -> Option<Place> {
        self.places.get(slot as usize).copied().filter(|place| !place.is_gone())
    }

    /// The slots that wait under a crawl, ascending.
    pub(super) fn of_crawl(&self, crawl: &str) -> Vec<u32> {
        let mut slots: Vec<u32> =
            self.waiting.iter().filter(|(_, waiting)| waiting.crawl == crawl).map(|(slot, _)| *slot).collect();
        slots.sort_unstable();
        slots
    }

    /// Makes what waits under a crawl part of the collection.
    pub(super) fn admit(&mut self, crawl: &str) {
        self.waiting.retain(|_, waiting| waiting.crawl != crawl);
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let tables = [&self.texts, &self.units, &self.ids, &self.postings];
        let waiting: usize = self.waiting.values().map(|waiting| waiting.crawl.len() + 64).sum();
        self.places.capacity() * size_of::<Place>()
            + tables.iter().map(|table| table.bytes()).sum::<usize>()
            + self.near.bytes()
            + waiting
    }
}
