//! Reads a text into [`Units`]: letters into words, digits into numbers, marks into placeholders.

use super::class::{is_numeral, is_single, joins_letters};
use super::{Slot, Units};
use crate::text::fold::{Sink, fold_to};

/// The word being read.
#[derive(Default)]
struct Word {
    /// Where it begins in the fingerprint text, and in the full one, the space before it included.
    begin: Option<(usize, usize)>,
    /// Its bytes in the source.
    source: (u32, u32),
    /// Whether all its letters are `x`, and how many there are.
    crosses: bool,
    letters: u64,
    /// A sign that may join it with a letter to come.
    mid: bool,
    /// A placeholder stood before it.
    after_star: bool,
}

/// Whether a number is the number of a line, chunk, page or article and no value.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Ordinal {
    /// It is a value.
    #[default]
    No,
    /// It begins a line: the sign behind it decides.
    Perhaps,
    /// It stands behind the 第 that begins a line.
    Yes,
}

/// The number being read between two units.
#[derive(Default)]
struct Number {
    digits: String,
    /// Where the last run of digits begins in `digits`.
    begin: usize,
    /// What the last run counts, if it counts something.
    ordinal: Ordinal,
    masked: bool,
    /// A digit was the last character; a point since then.
    open: bool,
    point: bool,
}

#[expect(clippy::struct_excessive_bools, reason = "what was read last, one bit each")]
pub(super) struct Scan<'u, const DETAIL: bool> {
    out: &'u mut Units,
    word: Word,
    number: Number,
    /// The last unit was a word, in the fingerprint text and in the full one.
    after_word: bool,
    full_after_word: bool,
    /// The last mark was a placeholder, so that a run counts once; a single `_` is pending.
    starred: bool,
    line: bool,
    /// What a number here would count.
    line_start: Ordinal,
    numerals: Numerals,
}

/// A run of Han numerals: its first unit, length and digest.
#[derive(Default)]
struct Numerals {
    first: u32,
    count: u32,
    value: u64,
    ordinal: Ordinal,
    masked: bool,
}

impl<'u, const DETAIL: bool> Scan<'u, DETAIL> {
    pub(super) fn new(out: &'u mut Units) -> Self {
        out.clear();
        Self {
            out,
            word: Word::default(),
            number: Number::default(),
            after_word: false,
            full_after_word: false,
            starred: false,
            line: false,
            line_start: Ordinal::Perhaps,
            numerals: Numerals::default(),
        }
    }

    pub(super) fn run(mut self, text: &str) {
        self.out.text.reserve(text.len());
        self.out.full.reserve(text.len());
        fold_to(text, &mut self);
        self.end_word();
        self.end_slot();
        self.end_numerals();
    }

    fn units(&self) -> u32 {
        self.out.ends.len() as u32
    }

    /// A character that is a unit by itself.
    #[inline]
    fn single(&mut self, c: char, start: usize, end: usize) {
        let ordinal = self.line_start;
        self.before_unit();
        if DETAIL {
            self.detail_single(c, ordinal);
            self.out.source.push((start as u32, end as u32));
        }
        self.out.text.push(c);
        self.out.full.push(c);
        self.out.ends.push((self.out.text.len() as u32) << 1);
        self.after_word = false;
        self.full_after_word = false;
    }

    fn detail_single(&mut self, c: char, ordinal: Ordinal) {
        if is_numeral(c) || (c == '点' && self.numerals.count > 0) {
            if self.numerals.count == 0 {
                let at = self.units();
                let masked = self.out.slots.last().is_some_and(|slot| slot.right == at && slot.masked);
                self.numerals = Numerals { first: at, count: 0, value: SEED, ordinal, masked };
            }
            self.numerals.count += 1;
            self.numerals.value = digest_step(self.numerals.value, u64::from(u32::from(c)));
        } else {
            self.end_numerals();
            if c == '第' && ordinal == Ordinal::Perhaps {
                self.line_start = Ordinal::Yes;
            }
        }
    }

    /// What ends where a unit begins.
    #[inline]
    fn before_unit(&mut self) {
        if self.word.begin.is_some() {
            self.end_word();
        }
        self.starred = false;
        self.line = false;
        self.number.open = false;
        if DETAIL {
            self.end_slot();
            self.line_start = Ordinal::No;
        }
    }

    fn letter(&mut self, c: char, start: usize, end: usize) {
        if self.word.begin.is_none() {
            self.word.after_star = self.starred;
            self.before_unit();
            if DETAIL {
                self.end_numerals();
            }
            self.word.begin = Some((self.out.text.len(), self.out.full.len()));
            self.word.source.0 = start as u32;
            self.word.crosses = true;
            self.word.letters = 0;
            if self.after_word {
                self.out.text.push(' ');
            }
            if self.full_after_word {
                self.out.full.push(' ');
            }
        }
        self.word.mid = false;
        self.word.source.1 = end as u32;
        self.word.crosses &= c == 'x';
        self.word.letters += 1;
        self.out.text.push(c);
        self.out.full.push(c);
    }

    fn end_word(&mut self) {
        let Some((text, full)) = self.word.begin.take() else { return };
        self.word.mid = false;
        if self.word.crosses {
            self.out.text.truncate(text);
            self.out.full.truncate(full);
            self.starred = self.word.after_star;
            self.placeholder();
            return;
        }
        self.out.ends.push((self.out.text.len() as u32) << 1 | 1);
        self.out.words += 1;
        self.out.letters += self.word.letters;
        self.after_word = true;
        self.full_after_word = true;
        if DETAIL {
            self.out.source.push(self.word.source);
        }
    }

    fn placeholder(&mut self) {
        self.number.open = false;
        if DETAIL {
            self.number.masked = true;
            self.line_start = Ordinal::No;
            self.numerals.masked = true;
            self.end_numerals();
            // Half of a number that was written in Han numerals is masked.
            let at = self.units();
            if let Some(slot) = self.out.slots.last_mut().filter(|slot| slot.right == at) {
                slot.masked = true;
            }
        }
        if !self.starred {
            self.starred = true;
            self.out.placeholders += 1;
            self.out.full.push('*');
            self.full_after_word = false;
        }
    }

    fn digit(&mut self, c: char) {
        if self.number.point && self.number.open {
            self.out.full.push('.');
            if DETAIL {
                self.number.digits.push('.');
            }
        }
        self.number.point = false;
        self.starred = false;
        self.line = false;
        self.out.full.push(c);
        self.full_after_word = false;
        if DETAIL {
            if !self.number.open {
                self.number.begin = self.number.digits.len();
                self.number.ordinal = self.line_start;
                self.line_start = Ordinal::No;
                self.end_numerals();
            }
            self.number.digits.push(c);
        }
        self.number.open = true;
    }

    /// Punctuation and signs.
    fn sign(&mut self, c: char) {
        if self.word.begin.is_some() {
            if joins_letters(c) && !self.word.mid {
                self.word.mid = true;
                return;
            }
            self.end_word();
        }
        match c {
            '*' | '×' | '□' => self.placeholder(),
            '_' if self.line => self.placeholder(),
            '_' => self.line = true,
            '\n' | '。' | '!' | '?' | ';' => self.end_sentence(c),
            _ => {
                if DETAIL && matches!(c, '、' | '.' | ')') {
                    self.drop_ordinal();
                }
            }
        }
        if DETAIL {
            self.end_numerals();
        }
        if c == '.' && self.number.open {
            self.number.point = true;
        } else if c != ',' {
            self.number.open = false;
        }
        // An opening bracket may stand before the number of a line.
        if DETAIL && !matches!(c, '\n' | '(') {
            self.line_start = Ordinal::No;
        }
    }

    fn end_sentence(&mut self, c: char) {
        if DETAIL {
            if c == '\n' {
                self.end_numerals();
                self.number.ordinal = Ordinal::No;
                self.line_start = Ordinal::Perhaps;
            }
            let at = self.units();
            if at > 0 && self.out.sentences.last() != Some(&at) {
                self.out.sentences.push(at);
            }
        }
    }

    /// The number that counts a line, a chunk or a page is no value.
    fn drop_ordinal(&mut self) {
        if self.number.ordinal != Ordinal::No {
            self.number.digits.truncate(self.number.begin);
            self.number.ordinal = Ordinal::No;
        }
        if self.numerals.ordinal != Ordinal::No {
            self.numerals.count = 0;
        }
    }

    fn end_slot(&mut self) {
        if self.number.ordinal == Ordinal::Yes {
            self.drop_ordinal();
        }
        if self.number.digits.is_empty() && !self.number.masked {
            return;
        }
        let at = self.units();
        let value = number_digest(&self.number.digits);
        self.out.slots.push(Slot { left: at, right: at, value, masked: self.number.masked });
        self.number = Number::default();
    }

    /// One Han numeral is a word like any other; two or more are a number.
    fn end_numerals(&mut self) {
        let Numerals { first, count, value, ordinal, masked } = std::mem::take(&mut self.numerals);
        if count >= 2 && ordinal != Ordinal::Yes {
            self.out.slots.push(Slot { left: first, right: first + count, value, masked });
        }
    }
}

impl<const DETAIL: bool> Sink for Scan<'_, DETAIL> {
    fn char(&mut self, c: char, start: usize, end: usize) {
        if c.is_ascii() {
            match c {
                'a'..='z' => self.letter(c, start, end),
                '0'..='9' => {
                    self.end_word();
                    self.digit(c);
                }
                ' ' => {
                    self.end_word();
                    self.number.open = false;
                }
                _ => self.sign(c),
            }
        } else if c == '某' {
            self.end_word();
            self.placeholder();
        } else if is_single(c) {
            self.single(c, start, end);
        } else if c.is_alphabetic() {
            self.letter(c, start, end);
        } else if c.is_numeric() {
            self.end_word();
            self.digit(c);
        } else if unicode_normalization::char::is_combining_mark(c) {
            // A mark belongs to the letter before it and says nothing alone.
        } else {
            self.sign(c);
        }
    }

    fn same(&mut self, text: &str, start: usize) {
        self.end_word();
        if DETAIL {
            for (at, c) in text.char_indices() {
                self.char(c, start + at, start + at + c.len_utf8());
            }
            return;
        }
        let mut from = 0;
        for (at, three) in text.as_bytes().chunks_exact(3).enumerate() {
            // 、 and 。, which are the only ones here below the Han block, and the placeholder 某.
            if three[0] == 0xe3 || *three == [0xe6, 0x9f, 0x90] {
                self.han(&text[from..at * 3]);
                from = at * 3 + 3;
                if three[0] == 0xe3 {
                    self.number.open = false;
                    self.line = false;
                } else {
                    self.placeholder();
                }
            }
        }
        self.han(&text[from..]);
    }

    fn gap(&mut self) {
        self.end_word();
        self.number.open = false;
        self.line = false;
    }
}

impl<const DETAIL: bool> Scan<'_, DETAIL> {
    /// Han characters that fold to themselves, three bytes each.
    #[inline]
    fn han(&mut self, run: &str) {
        if run.is_empty() {
            return;
        }
        self.before_unit();
        let begin = self.out.text.len() as u32;
        self.out.text.push_str(run);
        self.out.full.push_str(run);
        let count = run.len() as u32 / 3;
        self.out.ends.extend((1..=count).map(|n| (begin + 3 * n) << 1));
        self.after_word = false;
        self.full_after_word = false;
    }
}

const SEED: u64 = 0x5bd1_e995_9e37_79b9;

fn digest_step(digest: u64, value: u64) -> u64 {
    (digest ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// The digest of a number, which is the same for `007`, `7` and `7.0`.
fn number_digest(digits: &str) -> u64 {
    let digits = digits.trim_start_matches('0');
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    digits.bytes().fold(SEED, |digest, byte| digest_step(digest, u64::from(byte)))
}
