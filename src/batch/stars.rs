//! Clusters as stars: a document is kept unless a better one that is kept holds it.
//!
//! Documents are decided in order of rank. When one is reached, all better ones are decided, so one pass gives the only outcome there is, whatever order
//! the relations were found in.

use std::collections::HashMap;

use super::directory::{Directory, Ranks};
use super::error::BatchError;
use super::found::Found;
use super::spill::Merge;
use crate::dedup::Kind;

/// Bytes of an [`Edge`].
pub(super) const EDGE_BYTES: usize = 14;

/// A document that may hold another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    worse: u32,
    better: u32,
    kind: Kind,
    /// Shares of the worse in the better, and of the better in the worse, in ten thousandths.
    held: u16,
    holds: u16,
}

impl Edge {
    /// The edge of a relation between whole documents that are copies. A truncated copy holds nothing.
    pub(super) fn of(found: &Found, ranks: &Ranks) -> Option<Self> {
        if !found.is_copy() {
            return None;
        }
        let (a, b) = (ranks.of[found.a as usize], ranks.of[found.b as usize]);
        let a_goes = b < a;
        if found.kind == Kind::Truncated && !a_goes {
            return None;
        }
        let (held, holds) = if a_goes { (found.a_in_b, found.b_in_a) } else { (found.b_in_a, found.a_in_b) };
        Some(Self { worse: a.max(b), better: a.min(b), kind: found.kind, held, holds })
    }

    pub(super) fn to_bytes(self) -> [u8; EDGE_BYTES] {
        let kind = Kind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or(0) as u8;
        let mut out = [0; EDGE_BYTES];
        out[..4].copy_from_slice(&self.worse.to_be_bytes());
        out[4..8].copy_from_slice(&self.better.to_be_bytes());
        out[8] = kind;
        out[10..12].copy_from_slice(&self.held.to_be_bytes());
        out[12..].copy_from_slice(&self.holds.to_be_bytes());
        out
    }

    fn from_bytes(bytes: &[u8; EDGE_BYTES]) -> Self {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Self {
            worse: word(0),
            better: word(4),
            kind: Kind::ALL.get(usize::from(bytes[8])).copied().unwrap_or(Kind::None),
            held: u16::from_be_bytes([bytes[10], bytes[11]]),
            holds: u16::from_be_bytes([bytes[12], bytes[13]]),
        }
    }
}

/// Why a document goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// The document that is kept for it.
    pub by: u32,
    pub kind: Kind,
    /// How much of it stands in the kept one, and of the kept one in it, in ten thousandths.
    pub own: u16,
    pub others: u16,
}

/// What became of each document.
#[derive(Debug)]
pub(super) struct Stars {
    /// By document; none for one that is kept.
    held: Vec<Option<Held>>,
    /// Exact copies of documents that are not kept: their pieces with those of the documents that hold them, yet to be compared.
    pub adopted: Vec<(u32, u32)>,
}

/// What is said of a document that is kept for others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Star {
    pub copies: u64,
    /// The best of its copies, and its rank.
    pub best: u32,
    rank: u32,
}

impl Stars {
    /// Decides all documents. Edges come in order of the worse one's rank, then the better one's.
    pub(super) fn new(directory: &Directory, ranks: &Ranks, edges: Merge<EDGE_BYTES>) -> Result<Self, BatchError> {
        let mut stars = Self { held: vec![None; directory.docs.len()], adopted: Vec::new() };
        let mut exact: Option<(u32, u32)> = None;
        for edge in edges {
            let edge = Edge::from_bytes(&edge?);
            let piece = |rank: u32| ranks.by_rank[rank as usize];
            let (worse, better) = (directory.doc_of(piece(edge.worse)), directory.doc_of(piece(edge.better)));
            if exact.is_some_and(|(doc, _)| doc != worse) {
                stars.adopt_exact(exact.take(), directory);
            }
            if stars.held[worse as usize].is_some() {
                continue;
            }
            if stars.held[better as usize].is_none() {
                stars.held[worse as usize] =
                    Some(Held { by: better, kind: edge.kind, own: edge.held, others: edge.holds });
            } else if edge.kind == Kind::Exact {
                exact = Some((worse, better));
            }
        }
        stars.adopt_exact(exact, directory);
        Ok(stars)
    }

    /// An exact copy of a document that goes belongs to whoever holds that one.
    fn adopt_exact(&mut self, exact: Option<(u32, u32)>, directory: &Directory) {
        if let Some((worse, better)) = exact
            && self.held[worse as usize].is_none()
            && let Some(held) = self.held[better as usize]
        {
            self.held[worse as usize] = Some(held);
            let piece = |doc: u32| directory.docs[doc as usize].piece;
            self.adopted.push((piece(worse), piece(held.by)));
        }
    }

    /// Takes what comparing an adopted document with its holder gave.
    pub(super) fn adopt(&mut self, found: &Found, directory: &Directory, ranks: &Ranks) {
        if let Some(edge) = Edge::of(found, ranks) {
            let doc = |rank: u32| directory.doc_of(ranks.by_rank[rank as usize]);
            self.held[doc(edge.worse) as usize] =
                Some(Held { by: doc(edge.better), kind: edge.kind, own: edge.held, others: edge.holds });
        }
    }

    /// Why a document goes; none when it is kept.
    pub(super) fn held(&self, doc: u32) -> Option<Held> {
        self.held.get(doc as usize).copied().flatten()
    }

    /// The documents that are kept for others.
    pub(super) fn centres(&self, directory: &Directory, ranks: &Ranks) -> HashMap<u32, Star> {
        let mut centres: HashMap<u32, Star> = HashMap::new();
        for (doc, held) in self.held.iter().enumerate().filter_map(|(doc, held)| Some((doc as u32, (*held)?))) {
            let rank = ranks.of[directory.docs[doc as usize].piece as usize];
            let star = centres.entry(held.by).or_insert(Star { copies: 0, best: doc, rank });
            star.copies += 1;
            if rank < star.rank {
                (star.best, star.rank) = (doc, rank);
            }
        }
        centres
    }
}
