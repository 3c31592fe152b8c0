//! Clusters as stars: a document is kept unless a better one that is kept holds it.
//!
//! Documents are decided in order of rank. When one is reached, all better ones are decided, so one pass gives the only outcome there is, whatever order
//! the relations were found in.

use std::collections::HashMap;

use super::decide::{Choice, Chosen, Edge, Found, Held, State};
use super::directory::{Directory, NONE, Ranks};
use super::error::BatchError;
use super::spill::Merge;
use crate::dedup::Kind;

/// Bytes of an [`Edge`] on disk.
pub(super) const EDGE_BYTES: usize = 14;

/// An edge between ranks on disk.
pub(super) fn edge_bytes(edge: &Edge<u32>) -> [u8; EDGE_BYTES] {
    let kind = Kind::ALL.iter().position(|kind| *kind == edge.kind).unwrap_or(0) as u8;
    let mut out = [0; EDGE_BYTES];
    out[..4].copy_from_slice(&edge.worse.to_be_bytes());
    out[4..8].copy_from_slice(&edge.better.to_be_bytes());
    out[8] = kind;
    out[10..12].copy_from_slice(&edge.held.to_be_bytes());
    out[12..].copy_from_slice(&edge.holds.to_be_bytes());
    out
}

fn edge(bytes: &[u8; EDGE_BYTES]) -> Edge<u32> {
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    Edge {
        worse: word(0),
        better: word(4),
        kind: Kind::ALL.get(usize::from(bytes[8])).copied().unwrap_or(Kind::None),
        held: u16::from_be_bytes([bytes[10], bytes[11]]),
        holds: u16::from_be_bytes([bytes[12], bytes[13]]),
    }
}

/// What became of each document.
#[derive(Debug)]
pub(super) struct Stars {
    /// By document; none for one that is kept.
    held: Vec<Option<Held<u32>>>,
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
        let (mut choice, mut last) = (Choice::default(), NONE);
        for record in edges {
            let edge = edge(&record?);
            let doc = |rank: u32| directory.doc_of(ranks.by_rank[rank as usize]);
            let (worse, better) = (doc(edge.worse), doc(edge.better));
            if worse != last {
                stars.decide(last, std::mem::take(&mut choice).end(), directory);
                last = worse;
            }
            let state = stars.held[better as usize].map_or(State::Kept(better), State::Goes);
            choice.look(edge.kind, (edge.held, edge.holds), state);
        }
        stars.decide(last, choice.end(), directory);
        Ok(stars)
    }

    fn decide(&mut self, doc: u32, chosen: Chosen<u32>, directory: &Directory) {
        let (Chosen::Goes(held) | Chosen::Adopted(held)) = chosen else { return };
        self.held[doc as usize] = Some(held);
        if matches!(chosen, Chosen::Adopted(_)) {
            let piece = |doc: u32| directory.docs[doc as usize].piece;
            self.adopted.push((piece(doc), piece(held.by)));
        }
    }

    /// Takes what comparing an adopted document with its holder gave.
    pub(super) fn adopt(&mut self, found: &Found, directory: &Directory, ranks: &Ranks) {
        if let Some(edge) = Edge::of(found, ranks.of[found.a as usize], ranks.of[found.b as usize]) {
            let doc = |rank: u32| directory.doc_of(ranks.by_rank[rank as usize]);
            self.held[doc(edge.worse) as usize] =
                Some(Held { by: doc(edge.better), kind: edge.kind, own: edge.held, others: edge.holds });
        }
    }

    /// Why a document goes; none when it is kept.
    pub(super) fn held(&self, doc: u32) -> Option<Held<u32>> {
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
