//! 64-bit simhash over 3-grams of units, bit for bit what `simhash::simhash_stream` of the `simhash` crate gives for the same grams.
//!
//! Charikar, "Similarity estimation techniques from rounding algorithms", 2002; Manku, Jain and Das Sarma, "Detecting near-duplicates for
//! web crawling", 2007. The crate keeps 64 counters and visits each for every gram. Here the counters stand upright: plane `k` holds bit `k` of all 64
//! counters, and a carry-save adder takes eight hashes at a time, so a gram costs a handful of operations.

use super::sip;
use super::units::Units;

/// Units in a gram.
pub const GRAM_UNITS: usize = 3;

/// How often each of 64 bits was set.
#[derive(Default)]
struct Planes {
    /// Bit `k` of each counter.
    bits: [u64; 32],
    /// Hashes waiting for the adder.
    waiting: [u64; 8],
    filled: usize,
    count: u64,
}

/// One digit of an addition: the sum and the carry of three.
#[inline]
const fn add(a: u64, b: u64, c: u64) -> (u64, u64) {
    let half = a ^ b;
    (half ^ c, (a & b) | (half & c))
}

impl Planes {
    #[inline]
    fn push(&mut self, hash: u64) {
        self.waiting[self.filled] = hash;
        self.filled += 1;
        if self.filled == 8 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let hashes = self.waiting;
        let mut twos = [0; 4];
        for (pair, two) in hashes.chunks_exact(2).zip(&mut twos) {
            (self.bits[0], *two) = add(self.bits[0], pair[0], pair[1]);
        }
        let mut fours = [0; 2];
        for (pair, four) in twos.chunks_exact(2).zip(&mut fours) {
            (self.bits[1], *four) = add(self.bits[1], pair[0], pair[1]);
        }
        let mut carry;
        (self.bits[2], carry) = add(self.bits[2], fours[0], fours[1]);
        for plane in &mut self.bits[3..] {
            if carry == 0 {
                break;
            }
            let both = *plane & carry;
            *plane ^= carry;
            carry = both;
        }
        self.count += self.filled as u64;
        self.waiting = [0; 8];
        self.filled = 0;
    }

    /// The bits that were set more often than not.
    fn majority(mut self) -> u64 {
        self.flush();
        let half = self.count / 2;
        let (mut more, mut equal) = (0, !0);
        for (k, plane) in self.bits.iter().enumerate().rev() {
            if half >> k & 1 == 0 {
                more |= equal & plane;
                equal &= !plane;
            } else {
                equal &= plane;
            }
        }
        more
    }
}

/// The simhash of strings, such as the grams that another program makes.
pub fn simhash<'g>(grams: impl Iterator<Item = &'g str>) -> u64 {
    let mut planes = Planes::default();
    for gram in grams {
        planes.push(sip::hash(gram.as_bytes()));
    }
    planes.majority()
}

/// The simhash of a text's units: of all 3-grams, of the whole where there are fewer units, 0 where there are none. The string of a gram is
/// its units one after the other, with a space between two words.
#[must_use]
pub fn of(units: &Units) -> u64 {
    let bytes = units.text.as_bytes();
    if units.len() < GRAM_UNITS {
        return if units.is_empty() { 0 } else { simhash(std::iter::once(units.text.as_str())) };
    }
    let mut planes = Planes::default();
    let mut starts = units.spans();
    for (_, end) in units.spans().skip(GRAM_UNITS - 1) {
        let Some((start, _)) = starts.next() else { break };
        planes.push(sip::hash(&bytes[start..end]));
    }
    planes.majority()
}

/// The strings of the 3-grams, for those who want to feed another simhash.
pub fn grams(units: &Units) -> impl Iterator<Item = &str> {
    let short = (units.len() < GRAM_UNITS && !units.is_empty()).then_some(units.text.as_str());
    let ends = units.spans().skip(GRAM_UNITS - 1).map(|(_, end)| end);
    let long = units.spans().zip(ends).map(|((start, _), end)| &units.text[start..end]);
    short.into_iter().chain(long)
}

/// How many of 64 bits differ.
#[must_use]
pub const fn distance(a: u64, b: u64) -> u32 {
    (a ^ b).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_simhash_crate(words in proptest::collection::vec("\\PC{0,12}", 0..80)) {
            let ours = simhash(words.iter().map(String::as_str));
            prop_assert_eq!(ours, ::simhash::simhash_stream(words.iter().map(String::as_str)));
        }

        #[test]
        fn a_texts_simhash_is_that_of_its_grams(text in "[一-三甲-申 a-cé.,1*\n]{0,120}") {
            let units = Units::of(&text);
            prop_assert_eq!(of(&units), ::simhash::simhash_stream(grams(&units)));
        }
    }

    #[test]
    fn long_texts_agree_too() {
        let text: String = (0..40_000_u32).filter_map(|n| char::from_u32(0x4e00 + n * 7919 % 3000)).collect();
        let units = Units::of(&text);
        assert_eq!(of(&units), ::simhash::simhash_stream(grams(&units)));
    }

    #[test]
    fn grams_join_words_with_a_space() {
        let units = Units::of("用 Rust 写 deep learning");
        assert_eq!(grams(&units).collect::<Vec<_>>(), ["用rust写", "rust写deep", "写deep learning"]);
    }
}
