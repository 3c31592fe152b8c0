//! The search that [`super::BlockTables`] and [`super::OnlineTables`] share.

use std::hint::black_box;

use super::fold::{fold, near};
use super::plan::{self, BLOCKS, key, ring};

/// Folds in a cache line of 64 bytes.
const LINE: usize = 16;

/// Codes in buckets: each code is once in every block's table, in the bucket of its key there.
pub(super) trait Buckets {
    /// How many codes the index holds.
    fn codes(&self) -> usize;
    /// The code of an id that a bucket names.
    fn code(&self, id: u32) -> u64;
    /// How many codes a bucket holds.
    fn bucket_len(&self, block: usize, key: u16) -> usize;
    /// The folds and the ids of a bucket, side by side.
    fn bucket(&self, block: usize, key: u16) -> (&[u32], &[u32]);
}

/// Puts every id within `radius` bits of `code` into `found`, ascending, each once. What was in `found` is dropped.
pub(super) fn within<B: Buckets>(index: &B, code: u64, radius: u32, found: &mut Vec<u32>) {
    found.clear();
    if let Some(rings) = plan::rings(index, code, radius) {
        let query = Query { index, code, radius, rings };
        query.touch();
        (0..BLOCKS).for_each(|block| query.block(block, found));
    } else {
        // The first table has every code once, and only those that have not been removed.
        let query = Query { index, code, radius, rings: [0; BLOCKS] };
        (0..=u16::MAX).for_each(|key| query.bucket(0, key, found));
    }
    found.sort_unstable();
}

struct Query<'a, B> {
    index: &'a B,
    code: u64,
    radius: u32,
    /// How many rings of each block are searched.
    rings: [u32; BLOCKS],
}

impl<B: Buckets> Query<'_, B> {
    /// Reads one fold of each cache line that the search will read. Nothing waits for what is read, so the memory
    /// answers all at once; the search itself would wait for one bucket after the other.
    fn touch(&self) {
        let mut sum = 0;
        for (block, &rings) in self.rings.iter().enumerate() {
            let key = key(self.code, block);
            for mask in (0..rings).flat_map(ring) {
                let (folds, _) = self.index.bucket(block, key ^ mask);
                sum = folds.iter().step_by(LINE).fold(sum, |sum, fold| sum ^ fold);
            }
        }
        // Without a use of the sum the compiler would leave the reading out.
        black_box(sum);
    }

    fn block(&self, block: usize, found: &mut Vec<u32>) {
        let key = key(self.code, block);
        for mask in (0..self.rings[block]).flat_map(ring) {
            self.bucket(block, key ^ mask, found);
        }
    }

    fn bucket(&self, block: usize, key: u16, found: &mut Vec<u32>) {
        let (folds, ids) = self.index.bucket(block, key);
        near(folds, fold(self.code), self.radius, &mut |at| {
            let id = ids[at];
            let bits = self.index.code(id) ^ self.code;
            if bits.count_ones() <= self.radius && !self.met_before(bits, block) {
                found.push(id);
            }
        });
    }

    /// Whether the search of an earlier block has met a code that differs in `bits`: the first alone reports it.
    fn met_before(&self, bits: u64, block: usize) -> bool {
        (0..block).any(|earlier| key(bits, earlier).count_ones() < self.rings[earlier])
    }
}
