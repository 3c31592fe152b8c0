//! An index over codes that are all known at the start.

use std::mem::size_of;

use super::fold::fold;
use super::plan::{BLOCKS, KEYS, key};
use super::search::{self, Buckets};

/// Answers which of an array of 64-bit codes lie within a Hamming radius of a code.
///
/// Four tables, one for each block of 16 bits (Manku et al. 2007). A table holds all codes in the order of their block,
/// so a bucket is one run of memory, and for each code only its 32-bit fold and its id: 40 bytes a code with the code
/// itself, and 1 MiB however few the codes are.
#[derive(Debug, Clone)]
pub struct BlockTables {
    codes: Vec<u64>,
    tables: [Table; BLOCKS],
}

impl BlockTables {
    /// Indexes `codes`; the id of a code is its place in the array. At most 2^32 - 1 codes: more are left out.
    pub fn build(codes: &[u64]) -> Self {
        debug_assert!(u32::try_from(codes.len()).is_ok(), "ids are 32 bits");
        let codes = codes[..codes.len().min(u32::MAX as usize)].to_vec();
        let tables = std::array::from_fn(|block| Table::build(&codes, block));
        Self { codes, tables }
    }

    /// Puts every id within `radius` bits of `code` into `found`, ascending, each once. What was in `found` is dropped.
    ///
    /// Exact for every radius. Radii up to 6 open a few buckets; far larger ones go through all codes.
    pub fn within(&self, code: u64, radius: u32, found: &mut Vec<u32>) {
        search::within(self, code, radius, found);
    }

    /// The codes, by id.
    pub fn codes(&self) -> &[u64] {
        &self.codes
    }

    /// Memory held, in bytes.
    pub fn bytes(&self) -> usize {
        let tables: usize = self.tables.iter().map(Table::bytes).sum();
        size_of::<Self>() + self.codes.capacity() * size_of::<u64>() + tables
    }
}

impl Buckets for BlockTables {
    fn codes(&self) -> usize {
        self.codes.len()
    }

    fn code(&self, id: u32) -> u64 {
        self.codes[id as usize]
    }

    fn bucket_len(&self, block: usize, key: u16) -> usize {
        let (start, end) = self.tables[block].bounds(key);
        end - start
    }

    fn bucket(&self, block: usize, key: u16) -> (&[u32], &[u32]) {
        let table = &self.tables[block];
        let (start, end) = table.bounds(key);
        (&table.folds[start..end], &table.ids[start..end])
    }
}

/// All codes in the order of one block.
#[derive(Debug, Clone)]
struct Table {
    /// Where the bucket of each key starts, and the end of the last one.
    starts: Vec<u32>,
    folds: Vec<u32>,
    ids: Vec<u32>,
}

impl Table {
    /// A counting sort. It is stable, so ids ascend within a bucket.
    fn build(codes: &[u64], block: usize) -> Self {
        // Counted two places up: the sum then has the start of a bucket one place up, and filling the buckets moves it
        // to the bucket's end, which is the start of the next. No second array of cursors is needed.
        let mut starts = vec![0_u32; KEYS + 2];
        for &code in codes {
            starts[key(code, block) as usize + 2] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (mut folds, mut ids) = (vec![0; codes.len()], vec![0; codes.len()]);
        for (id, &code) in (0_u32..).zip(codes) {
            let next = &mut starts[key(code, block) as usize + 1];
            folds[*next as usize] = fold(code);
            ids[*next as usize] = id;
            *next += 1;
        }
        starts.truncate(KEYS + 1);
        Self { starts, folds, ids }
    }

    fn bounds(&self, key: u16) -> (usize, usize) {
        let key = key as usize;
        (self.starts[key] as usize, self.starts[key + 1] as usize)
    }

    fn bytes(&self) -> usize {
        (self.starts.capacity() + self.folds.capacity() + self.ids.capacity()) * size_of::<u32>()
    }
}
