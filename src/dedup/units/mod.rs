//! From a cleaned text to its units: what fingerprints and comparisons are made of.
//!
//! A Han, kana, bopomofo, hangul, Thai, Lao, Khmer or Myanmar character is a unit; a word of an alphabetic script (UAX 29, without its
//! digits) is a unit. A character weighs 1 and a letter two fifths, so that a word of five letters weighs 2. Everything else is no unit: punctuation, spaces, digits, and placeholders (`*`, `__`, `×`, `□`, `某`, a word
//! that is nothing but `x`). The text is folded on the way (`text::fold`), so width, case and traditional forms make no difference.

mod class;
mod scan;

pub(super) use class::is_numeral;
use scan::Scan;

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
