//! A text made ready for comparing: its grams in order and sorted, the numbers between its units, where its units stand.

use super::fingerprint::digest;
use super::grams::{self, Hashed, Size, mix};
use super::simhash;
use super::thresholds::SHORT_UNITS;
use super::units::Units;

/// Four characters or three words.
const GRAM: Size = Size { character: 3, word: 4, whole: 12 };
/// Most numbers of a text that are compared.
const MAX_SLOTS: usize = 4096;

/// A text ready for [`super::compare`]. About 24 bytes a unit.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    pub(super) text: u128,
    pub(super) simhash: u64,
    pub(super) count: u32,
    pub(super) weight: u64,
    pub(super) placeholders: u32,
    /// How many grams there are: gram `i` begins at unit `i`.
    pub(super) grams: u32,
    /// Grams by hash and place: hash in the upper half, place in the lower.
    pub(super) sorted: Vec<u64>,
    /// 3-grams, ascending, each once: only for short texts.
    pub(super) short: Vec<u32>,
    /// Where the units stand in the text, in bytes.
    pub(super) source: Vec<(u32, u32)>,
    /// Unmasked numbers in order.
    pub(super) numbers: Vec<Number>,
    /// Units that begin a sentence, but 0.
    pub(super) sentences: Vec<u32>,
}

/// A number between two units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// Digest of its neighbours: the two units before it and the two behind it.
    pub place: u32,
    /// Digest of its neighbours and its value.
    pub value: u32,
}

impl Prepared {
    /// Prepares a cleaned text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let units = Units::in_detail(text);
        let mut hashed = Vec::new();
        grams::hash_units(&units, &mut hashed);
        let mut sorted = Vec::with_capacity(hashed.len());
        let grams = grams::each(&hashed, GRAM, |hash| {
            let place = sorted.len() as u64;
            sorted.push(hash & !0xffff_ffff | place);
        });
        sorted.sort_unstable();
        Self {
            text: digest(&units.full),
            simhash: simhash::of(&units),
            count: units.len() as u32,
            weight: units.weight(),
            placeholders: units.placeholders,
            grams: grams as u32,
            sorted,
            short: if units.len() < SHORT_UNITS as usize { short(&hashed) } else { Vec::new() },
            numbers: numbers(&units, &hashed),
            source: units.source,
            sentences: units.sentences,
        }
    }

    /// Bytes held in memory, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.sorted.len() * 8
            + self.source.len() * 8
            + (self.numbers.len() * 2 + self.short.len() + self.sentences.len()) * 4
    }

    /// The sum of the units' weights.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.weight
    }

    /// The bytes of the text between its first and last unit.
    pub(super) fn extent(&self) -> (usize, usize) {
        let first = self.source.first().map_or(0, |unit| unit.0);
        let last = self.source.last().map_or(0, |unit| unit.1);
        (first as usize, last as usize)
    }
}

fn short(hashed: &[Hashed]) -> Vec<u32> {
    let mut out = Vec::new();
    grams::each(hashed, Size { character: 1, word: 1, whole: 3 }, |hash| out.push((hash >> 32) as u32));
    out.sort_unstable();
    out.dedup();
    out
}

fn numbers(units: &Units, hashed: &[Hashed]) -> Vec<Number> {
    // A numeral beside a number is as likely to change as the number: it only says that a numeral stands there.
    let spans: Vec<(usize, usize)> = if units.slots.is_empty() { Vec::new() } else { units.spans().collect() };
    let is_numeral = |at: u32| {
        let span = spans.get(at as usize).and_then(|&(start, end)| units.text.get(start..end));
        span.and_then(|text| text.chars().next()).is_some_and(super::units::is_numeral)
    };
    let unit = |at: Option<u32>| match at {
        Some(at) if is_numeral(at) => 2,
        Some(at) => hashed.get(at as usize).map_or(1, |unit| unit.hash()),
        None => 1,
    };
    let number = |slot: &super::units::Slot| {
        let before = mix(unit(slot.left.checked_sub(2)).rotate_left(7) ^ unit(slot.left.checked_sub(1)));
        let behind = mix(unit(Some(slot.right)) ^ unit(Some(slot.right + 1)).rotate_left(13));
        let place = mix(before ^ behind.rotate_left(17));
        Number { place: (place >> 32) as u32, value: (mix(place ^ slot.value) >> 32) as u32 }
    };
    units.slots.iter().filter(|slot| !slot.masked).take(MAX_SLOTS).map(number).collect()
}
