//! A text made ready for comparing: its grams in order and sorted, the numbers between its units, where its units stand.

use super::fingerprint::digest;
use super::grams::{self, Size, mix};
use super::simhash;
use super::thresholds::SHORT_WEIGHT;
use super::units::Units;

/// Four characters or eight letters, of which every second is kept.
const GRAM: Size = Size { character: 2, letter: 1, whole: 8, one_in: 2 };
/// Most numbers of a text that are compared.
const MAX_SLOTS: usize = 4096;

/// A text ready for [`super::compare`]. About 16 bytes a character, 8 a letter.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    pub(super) text: u128,
    pub(super) simhash: u64,
    pub(super) count: u32,
    pub(super) weight: u64,
    pub(super) placeholders: u32,
    /// Grams by hash and place: hash in the upper half, place in the lower.
    pub(super) sorted: Vec<u64>,
    /// 3-grams, ascending, each once: only for short texts.
    pub(super) short: Vec<u32>,
    /// Where the grams stand in the text, in bytes, in order.
    pub(super) places: Vec<(u32, u32)>,
    /// The bytes of the text between its first and last unit.
    pub(super) extent: (u32, u32),
    /// Unmasked numbers in order.
    pub(super) numbers: Vec<Number>,
    /// Where the sentences end, in bytes.
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
        let simhash = simhash::of(&units);
        Self::new(&units, simhash)
    }

    /// Prepares a cleaned text of which the simhash is known.
    #[must_use]
    pub fn with_simhash(text: &str, simhash: u64) -> Self {
        Self::new(&Units::in_detail(text), simhash)
    }

    fn new(units: &Units, simhash: u64) -> Self {
        let (mut atoms, mut unit_of) = (Vec::new(), Vec::with_capacity(units.len()));
        grams::atoms(units, &mut atoms, |unit| unit_of.push(unit));
        let (mut sorted, mut places) = (Vec::with_capacity(atoms.len()), Vec::with_capacity(atoms.len()));
        let source = &units.source;
        grams::each(&atoms, GRAM, |hash, start, end| {
            sorted.push(hash & !0xffff_ffff | places.len() as u64);
            places.push((source[unit_of[start] as usize].0, source[unit_of[end - 1] as usize].1));
        });
        sorted.sort_unstable();
        let starts = |unit: &u32| source.get(*unit as usize).map(|unit| unit.0);
        let extent = (source.first().map_or(0, |unit| unit.0), source.last().map_or(0, |unit| unit.1));
        Self {
            text: digest(&units.full),
            simhash,
            count: units.len() as u32,
            weight: units.weight(),
            placeholders: units.placeholders,
            sorted,
            short: if units.weight() < SHORT_WEIGHT { short(units) } else { Vec::new() },
            numbers: numbers(units),
            sentences: units.sentences.iter().filter_map(starts).chain([extent.1]).collect(),
            places,
            extent,
        }
    }

    /// How many grams there are.
    pub(super) fn grams(&self) -> u32 {
        self.places.len() as u32
    }

    /// Bytes held in memory, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.sorted.len() * 8
            + self.places.len() * 8
            + (self.numbers.len() * 2 + self.short.len() + self.sentences.len()) * 4
    }

    /// The sum of the units' weights.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.weight
    }
}

fn short(units: &Units) -> Vec<u32> {
    let text = units.text.as_bytes();
    let hashes: Vec<u64> = units.spans().map(|(start, end)| grams::hash(&text[start..end])).collect();
    let gram = |three: &[u64]| three.iter().fold(0, |hash, unit| mix(hash ^ unit).rotate_left(11)) as u32;
    let mut out: Vec<u32> = hashes.windows(3).map(gram).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn numbers(units: &Units) -> Vec<Number> {
    if units.slots.is_empty() {
        return Vec::new();
    }
    let spans: Vec<(usize, usize)> = units.spans().collect();
    let unit = |at: Option<u32>| {
        let Some(text) = at.and_then(|at| spans.get(at as usize)).and_then(|&(start, end)| units.text.get(start..end))
        else {
            return 1;
        };
        // A numeral beside a number is as likely to change as the number: it only says that a numeral stands there.
        if text.chars().next().is_some_and(super::units::is_numeral) { 2 } else { grams::hash(text.as_bytes()) }
    };
    let number = |slot: &super::units::Slot| {
        let before = mix(unit(slot.left.checked_sub(2)).rotate_left(7) ^ unit(slot.left.checked_sub(1)));
        let behind = mix(unit(Some(slot.right)) ^ unit(Some(slot.right + 1)).rotate_left(13));
        let place = mix(before ^ behind.rotate_left(17));
        Number { place: (place >> 32) as u32, value: (mix(place ^ slot.value) >> 32) as u32 }
    };
    units.slots.iter().filter(|slot| !slot.masked).take(MAX_SLOTS).map(number).collect()
}
