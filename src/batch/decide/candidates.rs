//! What a piece is looked up by, and which of many candidates are compared. Ranks may be of any type: the smaller one is the piece to keep.

use std::cmp::Reverse;

use crate::dedup::candidate;
pub use crate::dedup::candidate::{HOT, is_enough};

/// Most candidates of a piece by rank, and as many more by what they share.
const MOST: usize = 32;
/// Most candidates of a piece by simhash: the best.
pub const NEAREST: usize = 32;

/// By what a piece is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup {
    /// By how many hashes.
    pub active: u32,
    /// Whether by its hot ones too, where it meets worse pieces as well.
    pub poor: bool,
}

impl Lookup {
    /// Of a piece with so many hashes of which so many are cold.
    #[must_use]
    pub fn of(cold: u32, hashes: u32) -> Self {
        let poor = candidate::is_poor(cold, hashes);
        Self { active: if poor { hashes } else { cold }, poor }
    }

    /// Whether a piece of this rank counts what it shares with another one.
    pub fn meets<R: Ord>(self, rank: &R, other: &R) -> bool {
        other < rank || (self.poor && other > rank)
    }
}

/// Of the pieces that share enough, with how much, those that are compared: in a crowd the best speak for all, and those that share most.
pub fn best_of<R: Ord + Copy>(enough: &mut Vec<(R, u32)>) {
    if enough.len() > 2 * MOST {
        enough.sort_unstable();
        enough[MOST..].sort_by_key(|&(other, shared)| (Reverse(shared), other));
        enough.truncate(2 * MOST);
    }
}

/// The best of the pieces with a near simhash.
#[derive(Debug, Clone)]
pub struct Nearest<R>(Vec<R>);

impl<R> Default for Nearest<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<R: Ord> Nearest<R> {
    /// Adds one.
    pub fn push(&mut self, better: R) {
        self.0.push(better);
        if self.0.len() == 2 * NEAREST {
            self.cut();
        }
    }

    /// The best, in order.
    #[must_use]
    pub fn best(mut self) -> Vec<R> {
        self.cut();
        self.0
    }

    fn cut(&mut self) {
        self.0.sort_unstable();
        self.0.truncate(NEAREST);
    }
}
