//! From a cleaned text to its units: what fingerprints and comparisons are made of.
//!
//! A Han, kana, bopomofo, hangul, Thai, Lao, Khmer or Myanmar character is a unit; a word of an alphabetic script (UAX 29, without its
//! digits) is a unit. A character weighs 1 and a letter two fifths, so that a word of five letters weighs 2. Everything else is no unit: punctuation, spaces, digits, and placeholders (`*`, `__`, `×`, `□`, `某`, a word
//! that is nothing but `x`). The text is folded on the way (`text::fold`), so width, case and traditional forms make no difference.

use crate::text::fold::{Sink, fold_to};

/// Weight of five letters, where a character of a script written without spaces weighs 1. Letters and not words are weighed, since spaces
/// come and go inside words.
const FIVE_LETTERS: u64 = 2;

/// The units of a text, and what stood between them.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// The fingerprint text: units one after the other, with a space between two words.
    pub text: String,
    /// The same with numbers and one `*` for each placeholder: the text that two exact copies share.
    pub full: String,
    /// For each unit one past its last byte in `text`, doubled, and 1 more for a word.
    ends: Vec<u32>,
    /// Units that are words, and their letters.
    words: u64,
    letters: u64,
    /// Placeholders, a run of marks counting once.
    pub placeholders: u32,
    /// For each unit its first byte in the source, and one past its last. Empty without detail.
    pub source: Vec<(u32, u32)>,
    /// Numbers and placeholders between units. Empty without detail.
    pub slots: Vec<Slot>,
    /// Indices of the units that begin a sentence or line, but 0. Empty without detail.
    pub sentences: Vec<u32>,
}

/// Digits, placeholders or both between two neighbouring units, or a run of Han numerals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Units before it.
    pub left: u32,
    /// The unit after it: `left`, or behind the Han numerals, which are units themselves.
    pub right: u32,
    /// Digest of the number without leading zeros and separators.
    pub value: u64,
    /// A placeholder stands in it: it agrees with any number.
    pub masked: bool,
}

impl Units {
    /// The units of a text with what fingerprints need.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut units = Self::default();
        units.read(text);
        units
    }

    /// The units with their places in the text, the numbers between them and the sentences: what comparing needs.
    #[must_use]
    pub fn in_detail(text: &str) -> Self {
        let mut units = Self::default();
        Scan::<true>::new(&mut units).run(text);
        units
    }

    /// Replaces the units by those of another text, keeping the room.
    pub fn read(&mut self, text: &str) {
        Scan::<false>::new(self).run(text);
    }

    /// How many units.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The sum of the units' weights.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.len() as u64 - self.words + (self.letters * FIVE_LETTERS).div_ceil(5)
    }

    /// Each unit's first byte and one past its last in [`Self::text`].
    pub fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        let bytes = self.text.as_bytes();
        let mut before = 0;
        self.ends.iter().map(move |&end| {
            let start = before + usize::from(before > 0 && bytes.get(before) == Some(&b' '));
            before = (end >> 1) as usize;
            (start, before)
        })
    }

    /// For each unit whether it is a word.
    pub(super) fn word_marks(&self) -> impl Iterator<Item = bool> {
        self.ends.iter().map(|end| end & 1 == 1)
    }

    fn clear(&mut self) {
        self.text.clear();
        self.full.clear();
        self.ends.clear();
        self.words = 0;
        self.letters = 0;
        self.placeholders = 0;
        self.source.clear();
        self.slots.clear();
        self.sentences.clear();
    }
}

/// Whether a character is a unit by itself: scripts that do not mark words by spaces, and hangul.
#[inline]
fn is_single(c: char) -> bool {
    match c {
        '\u{4e00}'..='\u{9fff}' => true,
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{303b}'
        | '\u{3041}'..='\u{318f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{a960}'..='\u{a97c}'
        | '\u{ac00}'..='\u{d7fb}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => c.is_alphanumeric(),
        _ => false,
    }
}

/// Signs between two letters that do not end a word (UAX 29: `MidLetter`, `MidNumLet`, `Single_Quote`, `ExtendNumLet`).
fn joins_letters(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '.' | ':' | '·' | '\u{2024}' | '\u{2027}' | '_')
}

/// Han numerals that make up larger numbers.
pub(super) fn is_numeral(c: char) -> bool {
    matches!(
        c,
        '〇' | '零'
            | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '亿'
            | '两'
    )
}

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
struct Scan<'u, const DETAIL: bool> {
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
    fn new(out: &'u mut Units) -> Self {
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

    fn run(mut self, text: &str) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<String> {
        let units = Units::of(text);
        units.spans().map(|(start, end)| units.text[start..end].to_owned()).collect()
    }

    #[test]
    fn characters_and_words_are_units_and_nothing_else_is() {
        assert_eq!(units("投入13.7亿元，《Deep Learning》。"), ["投", "入", "亿", "元", "deep", "learning"]);
        assert_eq!(units("한국 ไทย かな"), ["한", "국", "ไ", "ท", "ย", "か", "な"]);
        assert_eq!(
            units("can't stop. Next e.g. x 某 xx"),
            ["can't".replace('\'', ""), "stop".into(), "next".into(), "eg".into()]
        );
        assert_eq!(units("學校"), units("学校"));
        assert!(units("12%，——*__×").is_empty());
    }

    #[test]
    fn the_fingerprint_text_has_spaces_between_words_only() {
        let text = Units::of("用 Rust 2024 edition 写 a b");
        assert_eq!(text.text, "用rust edition写a b");
        assert_eq!(text.full, "用rust2024edition写a b");
        assert_eq!(text.weight(), 2 + (4 + 7 + 1 + 1) * 2 / 5 + 1);
    }

    #[test]
    fn the_full_text_keeps_numbers_and_one_mark_a_placeholder() {
        assert_eq!(Units::of("增长 4.6%，共 1,200 人").full, "增长4.6共1200人");
        assert_eq!(Units::of("张** 与李某某，xx 元，__").full, "张*与李*元*");
        assert_ne!(Units::of("增长13.7").full, Units::of("增长137").full);
        assert_eq!(Units::of("a_b __ c").full, "ab*c");
    }

    #[test]
    fn both_ways_of_reading_agree() {
        for text in ["投入13.7亿元，某某说。\n1、学校 Deep can't 12", "甲__乙 x 丙", "。、某", "a. b.c 3.d", ""]
        {
            let (plain, detail) = (Units::of(text), Units::in_detail(text));
            assert_eq!((&plain.text, &plain.full, &plain.ends), (&detail.text, &detail.full, &detail.ends), "{text}");
            assert_eq!(plain.placeholders, detail.placeholders);
            assert_eq!(detail.source.len(), detail.len());
        }
    }

    #[test]
    fn source_ranges_cover_the_characters() {
        let text = "甲，Ａｂ can't 學";
        let units = Units::in_detail(text);
        let pieces: Vec<&str> = units.source.iter().map(|&(s, e)| &text[s as usize..e as usize]).collect();
        assert_eq!(pieces, ["甲", "Ａｂ", "can't", "學"]);
    }

    #[test]
    fn numbers_stand_between_units_and_ordinals_do_not_count() {
        let slots = |text: &str| Units::in_detail(text).slots;
        let all = slots("甲12乙3.50丙**丁");
        assert_eq!(
            all.iter().map(|slot| (slot.left, slot.masked)).collect::<Vec<_>>(),
            [(1, false), (2, false), (3, true)]
        );
        assert_eq!(slots("甲3.5丙")[0].value, slots("甲3.50丙")[0].value);
        assert_eq!(slots("甲1,200丙")[0].value, slots("甲01200丙")[0].value);
        assert!(slots("1、甲\n2. 乙\n(3)丙").is_empty());
        assert!(slots("十一、甲\n（二十二）乙\n第二十三条丙\n第3章丁").is_empty());
        assert_eq!(slots("二〇二一年\n依照第二十三条").len(), 2);
        assert!(slots("第x十零条，处二十*万元").iter().all(|slot| slot.masked));
        let numerals = slots("于二〇二一年一事");
        assert_eq!(numerals.iter().map(|slot| (slot.left, slot.right)).collect::<Vec<_>>(), [(1, 5)]);
    }

    #[test]
    fn sentences_begin_where_one_ended() {
        assert_eq!(Units::in_detail("甲乙。丙！\n丁").sentences, [2, 3]);
    }

    #[test]
    fn words_are_those_of_uax_29() {
        use unicode_segmentation::UnicodeSegmentation;
        for text in [
            "The quick (“brown”) fox can’t jump, right? It's e.g. l'école naïve Straße.",
            "Привет, мир! ΑΒΓ δέλτα שָׁלוֹם",
            "well-known a/b c:d o'clock rock'n'roll 'quoted' U.S.A. foo_bar end.",
        ] {
            let expected: Vec<String> = text
                .unicode_words()
                .map(|word| {
                    let folded = crate::text::fold::fold(word);
                    folded.chars().filter(|c| c.is_alphabetic()).collect()
                })
                .collect();
            assert_eq!(units(text), expected, "{text}");
        }
    }
}
