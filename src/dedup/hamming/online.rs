//! An index that codes are added to and removed from while it is asked.

use std::mem::size_of;

use super::fold::fold;
use super::plan::{BLOCKS, KEYS, key};
use super::search::{self, Buckets};

/// Codes kept in one piece: 512 KiB. Pieces never move, so keeping one more code never copies those before it.
const PIECE: usize = 1 << 16;

/// Answers which of the codes inserted so far lie within a Hamming radius of a code.
///
/// The tables of [`super::BlockTables`], but each bucket has room to grow, by an eighth at a time. Nothing is ever
/// rebuilt: an insertion copies at most one bucket of each table. It takes about a microsecond; as measured, one in
/// some thousands takes over 100 microseconds, and the worst of ten million some tens of milliseconds. Removing goes
/// through one bucket of each table. About 44 bytes a code for millions of codes, and 12 MiB however few they are.
#[derive(Debug, Clone)]
pub struct OnlineTables {
    /// All codes ever inserted, by id. Removed ones stay, because ids are never given twice.
    pieces: Vec<Vec<u64>>,
    tables: [Vec<Bucket>; BLOCKS],
    live: usize,
}

#[derive(Debug, Clone, Default)]
struct Bucket {
    folds: Vec<u32>,
    ids: Vec<u32>,
}

impl Default for OnlineTables {
    fn default() -> Self {
        Self::new()
    }
}

impl OnlineTables {
    /// An empty index.
    pub fn new() -> Self {
        let tables = std::array::from_fn(|_| vec![Bucket::default(); KEYS]);
        Self { pieces: Vec::new(), tables, live: 0 }
    }

    /// Adds a code and returns its id: 0, 1, 2 and so on, whatever is removed. At most 2^32 codes.
    pub fn insert(&mut self, code: u64) -> u32 {
        let id = self.keep(code);
        for (block, table) in self.tables.iter_mut().enumerate() {
            table[key(code, block) as usize].push(fold(code), id);
        }
        self.live += 1;
        id
    }

    /// Takes a code out; false if the id is not in the index. Its 8 bytes in the list of codes stay in use.
    pub fn remove(&mut self, id: u32) -> bool {
        let at = id as usize;
        let Some(&code) = self.pieces.get(at / PIECE).and_then(|piece| piece.get(at % PIECE)) else { return false };
        // All blocks agree on whether the id is there, so none is left half removed.
        let mut removed = true;
        for (block, table) in self.tables.iter_mut().enumerate() {
            removed &= table[key(code, block) as usize].remove(id);
        }
        self.live -= usize::from(removed);
        removed
    }

    /// Puts every id within `radius` bits of `code` into `found`, ascending, each once. What was in `found` is dropped.
    ///
    /// Exact for every radius. Radii up to 6 open a few buckets; far larger ones go through all codes.
    pub fn within(&self, code: u64, radius: u32, found: &mut Vec<u32>) {
        search::within(self, code, radius, found);
    }

    /// The code that was given an id, removed since or not.
    pub fn code(&self, id: u32) -> Option<u64> {
        self.pieces.get(id as usize / PIECE)?.get(id as usize % PIECE).copied()
    }

    /// Codes inserted and not removed.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no code is left.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Memory held, in bytes, without what the allocator adds.
    pub fn bytes(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(|piece| piece.capacity() * size_of::<u64>()).sum();
        let buckets: usize = self.tables.iter().flatten().map(Bucket::bytes).sum();
        size_of::<Self>() + self.pieces.capacity() * size_of::<Vec<u64>>() + pieces + buckets
    }

    /// Appends to the list of codes.
    fn keep(&mut self, code: u64) -> u32 {
        let place = match self.pieces.last_mut() {
            Some(piece) if piece.len() < PIECE => {
                piece.push(code);
                piece.len() - 1
            }
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(code);
                self.pieces.push(piece);
                0
            }
        };
        let id = (self.pieces.len() - 1) * PIECE + place;
        debug_assert!(u32::try_from(id).is_ok(), "ids are 32 bits");
        id as u32
    }
}

impl Buckets for OnlineTables {
    fn codes(&self) -> usize {
        self.live
    }

    fn code(&self, id: u32) -> u64 {
        self.pieces[id as usize / PIECE][id as usize % PIECE]
    }

    fn bucket_len(&self, block: usize, key: u16) -> usize {
        self.tables[block][key as usize].ids.len()
    }

    fn bucket(&self, block: usize, key: u16) -> (&[u32], &[u32]) {
        let bucket = &self.tables[block][key as usize];
        (&bucket.folds, &bucket.ids)
    }
}

impl Bucket {
    fn push(&mut self, fold: u32, id: u32) {
        if self.ids.len() == self.ids.capacity() {
            // Doubling would leave a quarter of the memory unused.
            let more = self.ids.len() / 8 + 2;
            self.folds.reserve_exact(more);
            self.ids.reserve_exact(more);
        }
        self.folds.push(fold);
        self.ids.push(id);
    }

    fn remove(&mut self, id: u32) -> bool {
        let Some(at) = self.ids.iter().position(|&other| other == id) else { return false };
        self.folds.swap_remove(at);
        self.ids.swap_remove(at);
        if self.ids.len() < self.ids.capacity() / 2 {
            let room = self.ids.len() + self.ids.len() / 8;
            self.folds.shrink_to(room);
            self.ids.shrink_to(room);
        }
        true
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + (self.folds.capacity() + self.ids.capacity()) * size_of::<u32>()
    }
}
