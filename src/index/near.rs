//! Simhashes of stored documents.

use crate::dedup::hamming::OnlineTables;
use crate::dedup::simhash::distance;

/// Up to so many codes are gone through one by one: tables would take megabytes for a collection of a few documents.
const FEW: usize = 1 << 14;

/// Answers which stored documents have a simhash within a radius.
#[derive(Debug, Clone)]
pub(super) enum Near {
    /// Slots and codes.
    Few(Vec<(u32, u64)>),
    /// Tables in which ids are slots.
    Many(Box<OnlineTables>, u32),
}

impl Default for Near {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Near {
    /// Adds the code of a slot. Slots come in ascending order.
    pub(super) fn insert(&mut self, slot: u32, code: u64) {
        match self {
            Self::Few(codes) => {
                match codes.binary_search_by_key(&slot, |(slot, _)| *slot) {
                    Ok(_) => {}
                    Err(at) => codes.insert(at, (slot, code)),
                }
                if codes.len() > FEW {
                    let mut many = Self::Many(Box::default(), 0);
                    for &(slot, code) in codes.iter() {
                        many.insert(slot, code);
                    }
                    *self = many;
                }
            }
            Self::Many(tables, next) if slot >= *next => {
                // Ids are given one after the other: those of slots that have no code are given back.
                for gap in *next..slot {
                    tables.insert(0);
                    tables.remove(gap);
                }
                tables.insert(code);
                *next = slot + 1;
            }
            // It is there already.
            Self::Many(..) => {}
        }
    }

    /// Takes a slot out, if it is there.
    pub(super) fn remove(&mut self, slot: u32) {
        match self {
            Self::Few(codes) => {
                if let Ok(at) = codes.binary_search_by_key(&slot, |(slot, _)| *slot) {
                    codes.remove(at);
                }
            }
            Self::Many(tables, _) => {
                tables.remove(slot);
            }
        }
    }

    /// Puts the slots within a radius into `found`, ascending.
    pub(super) fn within(&self, code: u64, radius: u32, found: &mut Vec<u32>) {
        match self {
            Self::Few(codes) => {
                found.clear();
                found.extend(codes.iter().filter(|(_, other)| distance(code, *other) <= radius).map(|(slot, _)| *slot));
            }
            Self::Many(tables, _) => tables.within(code, radius, found),
        }
    }

    /// The code of a slot that was given one.
    pub(super) fn code(&self, slot: u32) -> u64 {
        match self {
            Self::Few(codes) => codes.binary_search_by_key(&slot, |(slot, _)| *slot).map_or(0, |at| codes[at].1),
            Self::Many(tables, _) => tables.code(slot).unwrap_or(0),
        }
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Few(codes) => codes.capacity() * size_of::<(u32, u64)>(),
            Self::Many(tables, _) => tables.bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_answer_alike() {
        let mut near = Near::default();
        let code = |slot: u32| u64::from(slot % 97) << 3 | u64::from(slot % 3);
        let slots: Vec<u32> = (0..40_000).filter(|slot| slot % 5 != 0).collect();
        let mut found = Vec::new();
        for &slot in &slots {
            near.insert(slot, code(slot));
            if slot % 7 == 0 {
                near.remove(slot);
            }
            if slot == 3001 || slot == 39_999 {
                near.insert(slot, 1);
                near.within(code(12), 1, &mut found);
                let alive = slots.iter().copied().filter(|other| *other <= slot && other % 7 != 0);
                let expected: Vec<u32> = alive.filter(|other| distance(code(*other), code(12)) <= 1).collect();
                assert_eq!(found, expected);
                assert_eq!(near.code(3001), code(3001));
            }
        }
        assert!(matches!(near, Near::Many(..)));
    }
}
