//! Rolling hashes over runs of neighbouring units whose weights reach a size: the grams of winnowing and of comparing.
//!
//! A gram begins at each unit and takes units until their costs reach the size, so a gram of weight 8 is eight Han characters or four words. Its
//! hash is a polynomial over the units' own 64-bit hashes, mixed at the end; it is defined on bytes in little-endian order and so the same everywhere.

use super::sip;
use super::units::Units;

/// An odd multiplier; what matters is only that it stays the same.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// Most units of a gram.
const MOST: usize = 8;

/// The finaliser of `MurmurHash3`: each bit of the input decides on each bit of the output.
#[inline]
pub(super) const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// The hash of one unit.
#[inline]
fn unit(bytes: &[u8]) -> u64 {
    if bytes.len() <= 8 {
        return mix(sip::read(bytes) ^ (bytes.len() as u64) << 59);
    }
    bytes.chunks(8).fold(bytes.len() as u64, |hash, part| mix(hash.wrapping_mul(BASE) ^ sip::read(part)))
}

/// A unit's hash, and whether it is a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashed {
    hash: u64,
    word: bool,
}

impl Hashed {
    /// The hash alone.
    pub(super) const fn hash(self) -> u64 {
        self.hash
    }
}

/// Replaces `out` by the hashes of a text's units.
pub(super) fn hash_units(units: &Units, out: &mut Vec<Hashed>) {
    out.clear();
    out.reserve(units.len());
    let bytes = units.text.as_bytes();
    out.extend(units.spans().zip(units.word_marks()).map(|((start, end), word)| Hashed { hash: unit(&bytes[start..end]), word }));
}

/// What a gram's units cost and must reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub character: u32,
    pub word: u32,
    pub whole: u32,
}

/// Calls `sink` with each gram's hash, in order of their first units; returns how many there are.
#[inline]
pub(super) fn each(units: &[Hashed], size: Size, mut sink: impl FnMut(u64)) -> usize {
    let mut powers = [1_u64; MOST + 1];
    for k in 1..=MOST {
        powers[k] = powers[k - 1].wrapping_mul(BASE);
    }
    let cost = |unit: &Hashed| if unit.word { size.word } else { size.character };
    let (mut end, mut have, mut hash) = (0, 0, 0_u64);
    for (start, first) in units.iter().enumerate() {
        while have < size.whole {
            let Some(next) = units.get(end) else { return start };
            hash = hash.wrapping_mul(BASE).wrapping_add(next.hash);
            have += cost(next);
            end += 1;
        }
        sink(mix(hash));
        hash = hash.wrapping_sub(first.hash.wrapping_mul(powers[end - start - 1]));
        have -= cost(first);
    }
    units.len()
}
