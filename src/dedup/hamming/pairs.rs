//! Every near pair of an array of codes.

use std::ops::Range;

use super::block;
use super::fold::{fold_of, near};

/// Calls `sink` with every pair of ids (places in `codes`, the lower first) whose codes differ in at most `radius`
/// bits, each once, in an order that depends on nothing but the arguments.
///
/// The codes should be distinct: [`super::groups_of_equal`] makes them so. Equal codes are pairs like any others, so
/// what k of them add to the output, and to the time, grows with the square of k. At most 2^32 - 1 codes.
///
/// A group of codes is sorted by each of radius + 1 blocks (Manku et al. 2007), and the codes that share a block are a
/// group again, until comparing every two is cheaper. A bucket that most codes fall into is therefore split by the bits
/// that still tell its codes apart. Takes 12 bytes a code.
pub fn pairs_within(codes: &[u64], radius: u32, sink: &mut impl FnMut(u32, u32)) {
    debug_assert!(u32::try_from(codes.len()).is_ok(), "ids are 32 bits");
    let codes = codes[..codes.len().min(u32::MAX as usize)].to_vec();
    let ids = (0..codes.len() as u32).collect();
    let everything = 0..codes.len();
    Hunt { codes, ids, radius, barred: Vec::new(), folds: Vec::new(), sink }.group(everything);
}

struct Hunt<'a, F> {
    codes: Vec<u64>,
    ids: Vec<u32>,
    radius: u32,
    /// Blocks that have been dealt with, of this group and of those around it. A pair that agrees in one of them has
    /// been reported there.
    barred: Vec<u64>,
    /// Folds of the group that is being compared; kept for its memory.
    folds: Vec<u32>,
    sink: &'a mut F,
}

impl<F: FnMut(u32, u32)> Hunt<'_, F> {
    /// Reports the pairs of a group. Its codes may change places within it.
    fn group(&mut self, group: Range<usize>) {
        let Some(blocks) = block::choose(&self.codes[group.clone()], self.radius) else {
            self.compare(group);
            return;
        };
        let outer = self.barred.len();
        for block in blocks {
            block.sort(&mut self.codes[group.clone()], &mut self.ids[group.clone()]);
            let mut start = group.start;
            while start < group.end {
                let first = self.codes[start];
                let differs = |&code: &u64| (code ^ first) & block.mask != 0;
                let length = self.codes[start..group.end].iter().position(differs).unwrap_or(group.end - start);
                self.group(start..start + length);
                start += length;
            }
            self.barred.push(block.mask);
        }
        self.barred.truncate(outer);
    }

    /// Compares every two codes of a group.
    fn compare(&mut self, group: Range<usize>) {
        let (codes, ids) = (&self.codes[group.clone()], &self.ids[group]);
        self.folds.clear();
        self.folds.extend(codes.iter().copied().map(fold_of(block::varying(codes))));
        for one in 0..codes.len() {
            let after = one + 1;
            near(&self.folds[after..], self.folds[one], self.radius, &mut |at| {
                let other = after + at;
                let bits = codes[one] ^ codes[other];
                if bits.count_ones() <= self.radius && self.barred.iter().all(|block| bits & block != 0) {
                    (self.sink)(ids[one].min(ids[other]), ids[one].max(ids[other]));
                }
            });
        }
    }
}
