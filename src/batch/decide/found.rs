//! A relation as it stands between the stages: figures in a record of fixed size, passages beside it.

use crate::dedup::{Agreement, Kind, Passage, Verdict};

/// No document, no piece, no part.
pub const NONE: u32 = u32::MAX;

/// Bytes of a [`Found`] on disk.
pub const FOUND_BYTES: usize = 52;

/// A relation between two pieces.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The smaller piece.
    pub a: u32,
    /// The larger one.
    pub b: u32,
    /// How they are related.
    pub kind: Kind,
    /// The smaller looks rewritten word by word.
    pub spun: bool,
    /// Numbers were compared.
    pub numbers: Option<Agreement>,
    /// The share of a that stands in b, in ten thousandths.
    pub a_in_b: u16,
    /// The share of b that stands in a, in ten thousandths.
    pub b_in_a: u16,
    /// Bits in which the simhashes differ.
    pub distance: u8,
    /// Where its passages stand.
    pub at: u64,
    /// How many there are.
    pub passages: u32,
    /// First byte of the passages in b.
    pub b_from: u32,
    /// One past their last byte.
    pub b_to: u32,
    /// The part of a's document that is meant, or [`NONE`].
    pub a_part: u32,
    /// The same for b.
    pub b_part: u32,
}

impl Found {
    /// What a verdict on two pieces says; its passages stand at `at`.
    #[must_use]
    pub fn new(a: u32, b: u32, verdict: &Verdict, at: u64) -> Self {
        let ends = |pick: fn(&Passage) -> usize| verdict.passages.iter().map(pick);
        Self {
            a,
            b,
            kind: verdict.kind,
            spun: verdict.spun,
            numbers: verdict.numbers,
            a_in_b: share(verdict.a_in_b),
            b_in_a: share(verdict.b_in_a),
            distance: verdict.simhash_distance as u8,
            at,
            passages: verdict.passages.len() as u32,
            b_from: ends(|passage| passage.b.0).min().unwrap_or(0) as u32,
            b_to: ends(|passage| passage.b.1).max().unwrap_or(0) as u32,
            a_part: NONE,
            b_part: NONE,
        }
    }

    /// Whether whole documents are copies.
    #[must_use]
    pub fn is_copy(&self) -> bool {
        self.kind.is_copy() && self.a_part == NONE && self.b_part == NONE
    }

    /// The verdict again.
    #[must_use]
    pub fn verdict(&self, passages: Vec<Passage>) -> Verdict {
        Verdict {
            kind: self.kind,
            a_in_b: f64::from(self.a_in_b) / 10_000.0,
            b_in_a: f64::from(self.b_in_a) / 10_000.0,
            ratio: 0.0,
            simhash_distance: u32::from(self.distance),
            passages,
            spun: self.spun,
            numbers: self.numbers,
        }
    }

    /// As it is written.
    #[must_use]
    pub fn to_bytes(self) -> [u8; FOUND_BYTES] {
        let kind = Kind::ALL.iter().position(|kind| *kind == self.kind).unwrap_or(Kind::ALL.len() - 1) as u8;
        let numbers =
            |pick: fn(&Agreement) -> usize| self.numbers.as_ref().map_or(NONE, |numbers| pick(numbers) as u32);
        let mut out = [0; FOUND_BYTES];
        out[..4].copy_from_slice(&self.a.to_be_bytes());
        out[4..8].copy_from_slice(&self.b.to_be_bytes());
        out[8..12].copy_from_slice(&[kind, u8::from(self.spun), self.distance, 0]);
        out[12..14].copy_from_slice(&self.a_in_b.to_be_bytes());
        out[14..16].copy_from_slice(&self.b_in_a.to_be_bytes());
        out[16..24].copy_from_slice(&self.at.to_be_bytes());
        let numbers = [numbers(|n| n.compared), numbers(|n| n.differing)];
        let words = [self.passages, self.b_from, self.b_to, numbers[0], numbers[1], self.a_part, self.b_part];
        for (at, word) in words.iter().enumerate() {
            out[24 + at * 4..28 + at * 4].copy_from_slice(&word.to_be_bytes());
        }
        out
    }

    /// From what [`Self::to_bytes`] gave.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; FOUND_BYTES]) -> Self {
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let half = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
        let numbers = Agreement { compared: word(36) as usize, differing: word(40) as usize };
        Self {
            a: word(0),
            b: word(4),
            kind: Kind::ALL.get(usize::from(bytes[8])).copied().unwrap_or(Kind::None),
            spun: bytes[9] == 1,
            distance: bytes[10],
            a_in_b: half(12),
            b_in_a: half(14),
            at: u64::from(word(16)) << 32 | u64::from(word(20)),
            passages: word(24),
            b_from: word(28),
            b_to: word(32),
            a_part: word(44),
            b_part: word(48),
            numbers: (word(36) != NONE).then_some(numbers),
        }
    }
}

/// A share in ten thousandths.
#[expect(clippy::cast_sign_loss, reason = "shares are not negative")]
#[must_use]
pub const fn share(share: f64) -> u16 {
    (share * 10_000.0 + 0.5) as u16
}

/// Appends passages, 16 bytes each.
pub fn encode(passages: &[Passage], out: &mut Vec<u8>) {
    for passage in passages {
        for place in [passage.a.0, passage.a.1, passage.b.0, passage.b.1] {
            out.extend((place as u32).to_be_bytes());
        }
    }
}

/// The passages of [`encode`].
#[must_use]
pub fn decode(bytes: &[u8]) -> Vec<Passage> {
    let word =
        |bytes: &[u8], at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
    bytes.chunks_exact(16).map(|p| Passage { a: (word(p, 0), word(p, 4)), b: (word(p, 8), word(p, 12)) }).collect()
}

/// Bytes of a passage on disk.
pub const PASSAGE_BYTES: usize = 16;
