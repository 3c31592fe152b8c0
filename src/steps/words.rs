//! Word lists of a rule file, and how much of a line they cover.
//!
//! Furniture is made of few words in endless combinations (`点击下载本文档`, `查看更多相关文章`): a list of words says more than any number of
//! regexes, and an honest sentence with one of them in it is covered only in part.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::text::class::{is_alphabetic_word, is_cjk};
use crate::text::fold::fold;

/// Characters that belong to the number before them.
const COUNTERS: &str = "年月日号时分秒页次条人个元币位篇份张章楼层级星万千百兆";

/// A list of words, folded.
#[derive(Debug, Default)]
pub struct Words {
    /// By first character, longest first.
    by_first: HashMap<char, Vec<String>, BuildHasherDefault<CharHasher>>,
    /// Endings of names: `*网` stands for any name of two to eight Han characters that ends in 网.
    endings: Vec<String>,
}

/// Characters are spread well enough by one multiplication; nobody chooses them against us but the author of a rule file.
#[derive(Debug, Default)]
struct CharHasher(u64);

impl Hasher for CharHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}

/// Longest stem of a name before its ending, in characters.
const LONGEST_STEM: usize = 7;

impl Words {
    /// Folds a list.
    #[must_use]
    pub fn new<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut by_first: HashMap<char, Vec<String>, _> = HashMap::default();
        let mut endings = Vec::new();
        for word in words.into_iter().map(fold) {
            if let Some(ending) = word.strip_prefix('*').filter(|ending| !ending.is_empty()) {
                endings.push(ending.to_owned());
            } else if let Some(first) = word.chars().next() {
                by_first.entry(first).or_default().push(word);
            }
        }
        for list in by_first.values_mut() {
            list.sort_by_key(|word| std::cmp::Reverse(word.len()));
            list.dedup();
        }
        Self { by_first, endings }
    }

    /// How much of a folded line the words cover, in percent of its Han characters and alphabetic words. Digits with their counters,
    /// tokens with a digit or a point in them (`abc123`, `example.com`), names by their ending (`*网`) and punctuation count neither way; a line
    /// of nothing else is covered by nothing.
    #[must_use]
    pub fn cover(&self, line: &str) -> usize {
        self.cover_or_less(line, 0)
    }

    /// Whether the words cover at least so many percent of a folded line. Honest lines are told after a few words.
    #[must_use]
    pub fn covers(&self, line: &str, percent: usize) -> bool {
        // No line weighs more than it has characters: so much uncovered is too much, whatever follows.
        let most = line.chars().count() * (100 - percent.min(100)) / 100;
        self.cover_or_less(line, most.max(1)) >= percent
    }

    /// The cover, or 0 as soon as more than `most` is uncovered; no bound when `most` is 0.
    fn cover_or_less(&self, line: &str, most: usize) -> usize {
        let (mut covered, mut total) = (0_usize, 0_usize);
        let mut at = 0;
        let mut after_digit = false;
        while let Some(c) = line[at..].chars().next() {
            if most > 0 && total - covered > most {
                return 0;
            }
            let rest = &line[at..];
            if let Some(word) = self.longest(rest, c) {
                let weight = weight(word);
                covered += weight;
                total += weight;
                at += word.len();
                after_digit = false;
            } else if let Some(name) = self.name(rest) {
                at += name;
                after_digit = false;
            } else if is_cjk(c) {
                total += usize::from(!(after_digit && COUNTERS.contains(c)));
                at += c.len_utf8();
                after_digit = false;
            } else if c.is_ascii_alphanumeric() {
                let token = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@')))
                    .unwrap_or(rest.len());
                let name = rest[..token].contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '@'));
                total += usize::from(!name);
                after_digit = rest[..token].ends_with(|c: char| c.is_ascii_digit());
                at += token;
            } else {
                total += usize::from(is_alphabetic_word(c));
                at += c.len_utf8();
            }
        }
        (covered * 100_usize).checked_div(total).unwrap_or(0)
    }

    /// The length of the name that a text begins with: the shortest stem of Han characters before one of the endings.
    fn name(&self, text: &str) -> Option<usize> {
        if self.endings.is_empty() {
            return None;
        }
        let mut at = 0;
        for c in text.chars().take(LONGEST_STEM).take_while(|&c| is_cjk(c)) {
            at += c.len_utf8();
            if let Some(ending) = self.endings.iter().find(|ending| text[at..].starts_with(ending.as_str())) {
                return Some(at + ending.len());
            }
        }
        None
    }

    /// The longest word that a text begins with. A Latin word must end where the text's word ends.
    fn longest(&self, text: &str, first: char) -> Option<&str> {
        self.by_first.get(&first)?.iter().map(String::as_str).find(|word| {
            text.starts_with(word)
                && !(word.ends_with(|c: char| c.is_ascii_alphabetic())
                    && text[word.len()..].starts_with(|c: char| c.is_ascii_alphabetic()))
        })
    }
}

/// A Han character weighs one, an alphabetic word as well.
fn weight(word: &str) -> usize {
    let han = word.chars().filter(|&c| is_cjk(c)).count();
    let latin = word.split(|c: char| !is_alphabetic_word(c)).filter(|part| !part.is_empty()).count();
    han + latin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn furniture_is_covered_and_sentences_are_not() {
        let words = Words::new(["点击", "下载", "本文", "文档", "查看", "全文", "加微信", "qq", "浏览"]);
        assert_eq!(words.cover(&fold("点击下载本文文档")), 100);
        assert_eq!(words.cover(&fold("查看全文 加微信：abc123")), 100);
        assert_eq!(words.cover(&fold("浏览 123 次 2022年1月1日")), 100);
        assert_eq!(words.cover(&fold("QQ：000000")), 100);
        assert!(words.cover(&fold("市民可以加微信查看全文并提出意见。")) < 50);
        assert_eq!(words.cover("12345"), 0);
        let words = Words::new(["欢迎来到", "*网", "*文库"]);
        assert_eq!(words.cover(&fold("欢迎来到某某学习网！某某文库")), 100);
    }
}
