//! What other sites have: for each shape how many sites have it, and how many have it in their texts.
//!
//! Counts are kept in a table of fixed size, two places for each shape of which the smaller counts, so memory does not grow with the pages. A
//! collision can only make something seem more common than it is, and adding in any order gives the same table.

/// Places of the table, as a power of two.
const BITS: u32 = 23;

/// Counts over all sites of a run.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// Sites by place: all, and those that have it between sentences. Empty when there is only one site.
    counts: Vec<[u8; 2]>,
}

impl Elsewhere {
    /// A table for several sites.
    pub(super) fn new() -> Self {
        Self { counts: vec![[0; 2]; 1 << BITS] }
    }

    fn places(shape: u64) -> [usize; 2] {
        let mask = (1_u64 << BITS) - 1;
        [(shape & mask) as usize, ((shape >> BITS) & mask) as usize]
    }

    /// Counts one site's shapes; each once, with whether it stands between sentences.
    pub(super) fn add(&mut self, shapes: &[(u64, bool)]) {
        for &(shape, between) in shapes {
            for place in Self::places(shape) {
                let Some(counts) = self.counts.get_mut(place) else { continue };
                counts[0] = counts[0].saturating_add(1);
                counts[1] = counts[1].saturating_add(u8::from(between));
            }
        }
    }

    fn count(&self, shape: u64, which: usize) -> usize {
        let counts = Self::places(shape).map(|place| self.counts.get(place).map_or(0, |counts| counts[which]));
        usize::from(counts[0].min(counts[1]))
    }

    /// Sites beside one that has it.
    pub(super) fn sites(&self, shape: u64) -> usize {
        self.count(shape, 0).saturating_sub(1)
    }

    /// Sites that have it between sentences, beside one that does.
    pub(super) fn in_texts(&self, shape: u64) -> usize {
        self.count(shape, 1).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::sheet::hash;

    #[test]
    fn shapes_of_other_sites_are_counted() {
        let mut elsewhere = Elsewhere::new();
        for site in 0..3 {
            elsewhere.add(&[(hash("共有"), true), (hash(&format!("独有{site}")), true), (hash("边上"), false)]);
        }
        assert_eq!(elsewhere.in_texts(hash("共有")), 2);
        assert_eq!((elsewhere.in_texts(hash("独有1")), elsewhere.sites(hash("独有1"))), (0, 0));
        assert_eq!((elsewhere.in_texts(hash("边上")), elsewhere.sites(hash("边上"))), (0, 2));
        assert_eq!(Elsewhere::default().sites(hash("共有")), 0);
    }
}
