//! Words of classes, ids and roles, and what each says about the text below.
//!
//! A value is split at white space; each name gives its parts (cut at everything that is no letter, and before a capital in
//! camel case) and itself as a whole, in lower case. Names are only known by a 32-bit hash.

use crate::html::page::Page;
use crate::html::page::arena::Element;
use crate::html::tags::Tag;
use std::collections::HashMap;

/// FNV-1a.
const fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

const START: u32 = 0x811C_9DC5;

/// Calls `take` with the hash of every word of an attribute's value.
pub fn words(value: &str, mut take: impl FnMut(u32)) {
    for name in value.split_ascii_whitespace() {
        let (mut whole, mut part, mut letters, mut parts) = (START, START, 0_u32, 0_u32);
        let mut before = b'-';
        for &byte in name.as_bytes() {
            let is_letter = byte.is_ascii_alphabetic();
            let begins = byte.is_ascii_uppercase() && before.is_ascii_lowercase();
            if (!is_letter || begins) && letters > 0 {
                if letters > 1 {
                    take(part);
                }
                parts += 1;
                (part, letters) = (START, 0);
            }
            if is_letter {
                part = step(part, byte.to_ascii_lowercase());
                letters += 1;
            }
            if !byte.is_ascii_digit() {
                whole = step(whole, byte.to_ascii_lowercase());
            }
            before = byte;
        }
        if letters > 1 {
            take(part);
        }
        parts += u32::from(letters > 0);
        if parts > 1 {
            // Told apart from a part that reads the same.
            take(step(whole, b' '));
        }
    }
}

/// The word that an element's name is.
pub fn of_tag(element: &Element) -> u32 {
    element.tag.map_or("", Tag::name).bytes().fold(step(START, TAG), step)
}

/// Every word of an element's class, id, role and microdata.
pub fn of_element(page: &Page, element: &Element, mut take: impl FnMut(u32)) {
    for range in [&element.class, &element.id, &element.marks] {
        if !range.is_empty() {
            words(page.attribute(range), &mut take);
        }
    }
}

/// Tells names of elements from what texts say.
const TAG: u8 = 3;

/// Texts of more words say nothing by a single one of them.
pub const SHORT: u32 = 12;

/// Calls `take` with the hash of every word of a short text: a word of letters, or two Han characters next to each
/// other. `salt` tells apart what the words are taken for.
pub fn of_text(text: &str, salt: u8, mut take: impl FnMut(u32)) {
    let start = step(START, salt);
    let (mut hash, mut letters) = (start, 0);
    let mut before = None;
    for character in text.chars().chain([' ']) {
        if character.is_ascii_alphabetic() || (character.is_alphabetic() && u32::from(character) < 0x3000) {
            for byte in u32::from(character.to_ascii_lowercase()).to_le_bytes() {
                if byte != 0 {
                    hash = step(hash, byte);
                }
            }
            letters += 1;
            before = None;
            continue;
        }
        if letters > 1 {
            take(hash);
        }
        (hash, letters) = (start, 0);
        let is_wide = character.is_alphabetic();
        if let (Some(before), true) = (before, is_wide) {
            take(
                u32::from(character)
                    .to_le_bytes()
                    .iter()
                    .chain(&u32::to_le_bytes(before))
                    .fold(start, |hash, &byte| step(hash, byte)),
            );
        }
        before = is_wide.then_some(u32::from(character));
    }
}

/// What is known of words.
#[derive(Debug, Clone, Default)]
pub struct Table {
    words: HashMap<u32, Weights, Plain>,
}

/// What is known of a word.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weights {
    /// Log-odds of content, a vote for each site; 0 where they say little.
    pub votes: f32,
    /// Weight of a logistic regression over the words of short texts, or of all elements around a block: seven tenths for each level up.
    pub around: f32,
    /// Its weight over the words of the innermost element alone.
    pub inside: f32,
}

/// How much of the weight of a word is left a level further up.
pub const DECAY: f32 = 0.7;

/// What the words of an element, or of a text, sum up to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) votes: f32,
    pub(super) around: f32,
    pub(super) inside: f32,
}

/// The keys are hashes already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Plain;

/// Passes a number through.
#[derive(Debug, Default)]
pub(super) struct PlainHasher(u64);

impl std::hash::BuildHasher for Plain {
    type Hasher = PlainHasher;

    fn build_hasher(&self) -> PlainHasher {
        PlainHasher(0)
    }
}

impl std::hash::Hasher for PlainHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 << 8) | u64::from(byte);
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = u64::from(value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Table {
    /// From words and what is known of them.
    pub fn new(entries: impl IntoIterator<Item = (u32, Weights)>) -> Self {
        Self { words: entries.into_iter().collect() }
    }

    /// The sums over the words of a short text; votes are bounded.
    pub(super) fn text(&self, text: &str, salt: u8) -> Sums {
        let mut sums = Sums::default();
        of_text(text, salt, |word| self.add(word, &mut sums));
        sums.votes = sums.votes.clamp(-MOST_VOTES, MOST_VOTES);
        sums
    }

    /// The sums over the words of an element and its name; votes are bounded.
    pub(super) fn element(&self, page: &Page, element: &Element) -> Sums {
        let mut sums = Sums::default();
        self.add(of_tag(element), &mut sums);
        of_element(page, element, |word| self.add(word, &mut sums));
        sums.votes = sums.votes.clamp(-MOST_VOTES, MOST_VOTES);
        sums
    }

    fn add(&self, word: u32, sums: &mut Sums) {
        if let Some(weights) = self.words.get(&word) {
            sums.votes += weights.votes;
            sums.around += weights.around;
            sums.inside += weights.inside;
        }
    }
}

/// However many words of an element say the same, they say no more than this.
const MOST_VOTES: f32 = 6.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(value: &str) -> Vec<u32> {
        let mut out = Vec::new();
        words(value, |word| out.push(word));
        out
    }

    #[test]
    fn names_are_cut_into_parts_and_kept_whole() {
        assert_eq!(hashes("menu-item").len(), 3);
        assert_eq!(hashes("menuItem")[..2], hashes("menu-item")[..2]);
        assert_eq!(hashes("menu"), hashes("menu-2"));
        assert_eq!(hashes("a 12 --"), Vec::<u32>::new());
    }
}
