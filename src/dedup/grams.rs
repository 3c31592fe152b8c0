//! Rolling hashes over runs of neighbouring atoms whose costs reach a size: the grams of winnowing and of comparing.
//!
//! An atom is a unit of a script written without spaces, or one letter of a word. So a space set into a word, or lost between two, changes no gram,
//! and a letter changed breaks the grams around it and not four whole words. A gram begins at each atom and takes atoms until their costs
//! reach its size: eight Han characters, say, or twelve letters. Letters are many, so of the grams that begin with one only a share is kept, chosen
//! by the gram's own hash and so the same in every text.
//!
//! A hash is a polynomial over the atoms' own 64-bit hashes, mixed at the end; it is defined on bytes in little-endian order and so the
//! same everywhere.

use super::sip;
use super::units::Units;

/// An odd multiplier; what matters is only that it stays the same.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// Most atoms of a gram.
const MOST: usize = 16;

/// The finaliser of `MurmurHash3`: each bit of the input decides on each bit of the output.
#[inline]
pub(super) const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// The hash of some bytes, such as those of a unit.
#[inline]
pub(super) fn hash(bytes: &[u8]) -> u64 {
    if bytes.len() <= 8 {
        return mix(sip::read(bytes) ^ (bytes.len() as u64) << 59);
    }
    bytes.chunks(8).fold(bytes.len() as u64, |hash, part| mix(hash.wrapping_mul(BASE) ^ sip::read(part)))
}

/// An atom's hash. The lowest bit says whether it is a letter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom(u64);

impl Atom {
    #[inline]
    const fn is_letter(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Replaces `out` by the atoms of a text, and calls `each` with the unit that each belongs to.
#[inline]
pub(super) fn atoms(units: &Units, out: &mut Vec<Atom>, mut each: impl FnMut(u32)) {
    out.clear();
    out.reserve(units.len());
    let bytes = units.text.as_bytes();
    for (at, ((start, end), word)) in units.spans().zip(units.word_marks()).enumerate() {
        let unit = &bytes[start..end];
        if !word {
            out.push(Atom(hash(unit) & !1));
            each(at as u32);
            continue;
        }
        let mut from = 0;
        while from < unit.len() {
            // The bytes of one character.
            let length = unit[from + 1..].iter().take_while(|byte| **byte & 0xc0 == 0x80).count() + 1;
            out.push(Atom(hash(&unit[from..from + length]) | 1));
            each(at as u32);
            from += length;
        }
    }
}

/// What a gram's atoms cost and must reach, and which grams that begin with a letter are kept: one in so many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub character: u32,
    pub letter: u32,
    pub whole: u32,
    pub one_in: u64,
}

/// Calls `sink` with each kept gram: its hash, its first atom and one past its last.
#[inline]
pub(super) fn each(atoms: &[Atom], size: Size, mut sink: impl FnMut(u64, usize, usize)) {
    let mut powers = [1_u64; MOST + 1];
    for k in 1..=MOST {
        powers[k] = powers[k - 1].wrapping_mul(BASE);
    }
    let cost = |atom: Atom| if atom.is_letter() { size.letter } else { size.character };
    let (mut end, mut have, mut hash) = (0, 0, 0_u64);
    for (start, &first) in atoms.iter().enumerate() {
        while have < size.whole {
            let Some(&next) = atoms.get(end) else { return };
            hash = hash.wrapping_mul(BASE).wrapping_add(next.0);
            have += cost(next);
            end += 1;
        }
        let mixed = mix(hash);
        if !first.is_letter() || (mixed >> 7).is_multiple_of(size.one_in) {
            sink(mixed, start, end);
        }
        hash = hash.wrapping_sub(first.0.wrapping_mul(powers[end - start - 1]));
        have -= cost(first);
    }
}
