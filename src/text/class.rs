//! What kind of character a character is, and which of the noise that normalisers repair a line can hold at all.
//!
//! [`super::lines::scan`] reads a text once and gives each line a [`Mask`]: the normalisers skip every line without their bit, which is
//! how clean text costs one pass instead of a dozen.

/// Bits that say what stands in a line. A set bit means "look closer", a clear one "surely not here".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mask(pub u32);

impl Mask {
    /// Nothing that any normaliser looks for.
    pub const NONE: Self = Self(0);
    /// Zero-width, control, private-use characters, soft hyphens, carriage returns and unusual line ends.
    pub const INVISIBLE: Self = Self(1);
    /// A space of any width beside a character that is not Latin.
    pub const SPACE: Self = Self(1 << 1);
    /// Half-width `,;:?!()`.
    pub const HALF_PUNCT: Self = Self(1 << 2);
    /// Full-width letters, digits or signs (U+FF01..U+FF5E without the punctuation Chinese uses).
    pub const FULL_ALNUM: Self = Self(1 << 3);
    /// A digit, then a lost decimal point, comma or space, then a digit.
    pub const NUMBER: Self = Self(1 << 4);
    /// Curly quotes, single or double.
    pub const QUOTE: Self = Self(1 << 5);
    /// Two punctuation marks in a row.
    pub const RUN: Self = Self(1 << 6);
    /// A question mark, half or full.
    pub const QUESTION: Self = Self(1 << 7);
    /// An opening parenthesis before a Latin letter and after a Han character.
    pub const GLOSS: Self = Self(1 << 8);
    /// Characters typical of text decoded with the wrong table.
    pub const MOJIBAKE: Self = Self(1 << 9);
    /// Characters of placeholders: `*`, `_`, `×`, `某`, a lone `x`.
    pub const PLACEHOLDER: Self = Self(1 << 10);
    /// Traditional or variant Han characters.
    pub const VARIANT: Self = Self(1 << 11);
    /// Sentence punctuation of Chinese prose.
    pub const PROSE: Self = Self(1 << 12);
    /// Straight quotes.
    pub const STRAIGHT: Self = Self(1 << 13);
    /// Han characters.
    pub const HAN: Self = Self(1 << 14);

    /// Whether the two share a bit.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets of bits.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// CJK ideographs, extensions and compatibility forms, `〇` included.
#[must_use]
#[inline]
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{3007}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Characters of scripts written without spaces between words: Han, kana, bopomofo.
#[must_use]
#[inline]
pub fn is_cjk(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}')
}

/// Letters of alphabetic scripts: everything alphabetic that is not written without spaces.
#[must_use]
#[inline]
pub fn is_alphabetic_word(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphabetic(),
        // The blocks that Chinese text is made of, told apart without a table.
        '\u{4e00}'..='\u{9fff}' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' => false,
        _ => c.is_alphabetic() && !is_cjk(c),
    }
}

/// Punctuation that Chinese text uses, full-width forms included.
#[must_use]
#[inline]
pub fn is_cjk_punct(c: char) -> bool {
    matches!(
        c,
        '。' | '，'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '“'
            | '”'
            | '‘'
            | '’'
            | '（'
            | '）'
            | '《'
            | '》'
            | '〈'
            | '〉'
            | '【'
            | '】'
            | '「'
            | '」'
            | '『'
            | '』'
            | '〔'
            | '〕'
            | '…'
            | '—'
            | '·'
            | '～'
    )
}

/// Characters that end a sentence in Chinese or full-width text.
#[must_use]
#[inline]
pub fn is_sentence_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '!' | '?' | '；' | ';' | '…')
}

/// Any horizontal space: ASCII, no-break, ideographic, en and em spaces, tab.
#[must_use]
#[inline]
pub fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}' | '\u{3000}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}')
}

/// Characters nobody sees: zero-width and direction marks, controls, soft hyphen, byte order mark, private use, and line ends
/// other than `\n`. The joiners U+200C and U+200D are left to languages that write with them (see `steps::zero_width`).
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Signs that running text seldom has: arrows, stars, emoji, `>`, `|`. One of them is enough to look for.
#[must_use]
#[inline]
pub fn is_rare_sign(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => {
            matches!(c, '<' | '>' | '|' | '#' | '@' | '^' | '{' | '}' | '[' | ']' | '\\' | '$' | '`' | '~')
        }
        '\u{80}'..='\u{ff}' => matches!(c, '©' | '®' | '»' | '«' | '¥'),
        '\u{2010}'..='\u{2027}'
        | '\u{3000}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' => false,
        _ => c > '\u{2000}' && !c.is_alphanumeric(),
    }
}

/// The length of a text in letters: everything alphabetic, ideographs included, and digits. The measure of cuts and shares.
#[must_use]
pub fn letters(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(u8::is_ascii_alphanumeric).count();
    }
    text.chars().filter(|&c| is_letter(c)).count()
}

/// Whether a character counts for [`letters`].
#[must_use]
#[inline]
pub fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{4e00}'..='\u{9fff}' => true,
        // The blocks of punctuation, told apart without a table.
        '\u{2000}'..='\u{206f}' | '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        '\u{ff01}'..='\u{ff5e}' => matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ'),
        _ => c.is_alphanumeric(),
    }
}
