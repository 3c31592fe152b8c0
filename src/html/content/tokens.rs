//! Words of classes, ids and roles, and what each says about the text below.
//!
//! A value is split at white space; each name gives its parts (cut at everything that is no letter, and before a capital in
//! camel case) and itself as a whole, in lower case. Names are only known by a 32-bit hash.

use crate::html::page::Page;
use crate::html::page::arena::Element;
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

/// Every word of an element's class, id, role and microdata.
pub fn of_element(page: &Page, element: &Element, mut take: impl FnMut(u32)) {
    for range in [&element.class, &element.id, &element.marks] {
        if !range.is_empty() {
            words(page.attribute(range), &mut take);
        }
    }
}

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

/// Log-odds of content by word.
#[derive(Debug, Clone, Default)]
pub struct Table {
    odds: HashMap<u32, f32, Plain>,
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
    /// From words and their log-odds.
    pub fn new(entries: impl IntoIterator<Item = (u32, f32)>) -> Self {
        Self { odds: entries.into_iter().collect() }
    }

    /// The sum over the words of a short text, bounded.
    pub fn text(&self, text: &str, salt: u8) -> f32 {
        let mut sum = 0.0_f32;
        of_text(text, salt, |word| sum += self.odds.get(&word).copied().unwrap_or_default());
        sum.clamp(-6.0, 6.0)
    }

    /// The sum over the words of an element, bounded.
    pub fn element(&self, page: &Page, element: &Element) -> f32 {
        let mut sum = 0.0_f32;
        of_element(page, element, |word| {
            if let Some(odds) = self.odds.get(&word) {
                sum += odds;
            }
        });
        sum.clamp(-6.0, 6.0)
    }
}

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
