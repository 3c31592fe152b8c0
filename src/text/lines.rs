//! Lines of a text, each with the [`Mask`] of what it can hold.

use std::sync::LazyLock;

use super::class::{Mask, is_cjk_punct, is_han, is_invisible, is_space};
use super::{han, mojibake};

/// A line without its `\n`, as a byte range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// First byte.
    pub start: usize,
    /// One past the last byte, before the `\n`.
    pub end: usize,
    /// What a normaliser could find in it.
    pub mask: Mask,
}

impl Line {
    /// The line's text.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }
}

/// Cuts a text into lines and scans each, in one pass. A text that ends in `\n` has no empty last line.
#[must_use]
pub fn scan(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(text.len() / 96 + 1);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain(std::iter::once(text.len())) {
        if start < end || end < text.len() {
            lines.push(Line { start, end, mask: mask_of(&text[start..end]) });
        }
        start = end + 1;
    }
    lines
}

/// What stands before the character at hand, as far as masks care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Other,
    Han,
    Digit,
    /// A digit, then one character that a decimal point or thousands comma may have turned into.
    Separated,
    Punct,
    /// A Han character, then an opening parenthesis.
    Opened,
}

/// The bits of each Han character of the basic block, so that the common case is one look-up.
static HAN_BITS: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    ('\u{4e00}'..='\u{9fff}')
        .map(|c| {
            let variant = if han::is_variant(c) { Mask::VARIANT } else { Mask::NONE };
            let mojibake = if mojibake::may_be_mojibake(c) { Mask::MOJIBAKE } else { Mask::NONE };
            let someone = if c == '某' { Mask::PLACEHOLDER } else { Mask::NONE };
            variant.with(mojibake).with(someone).with(Mask::HAN).0 as u16
        })
        .collect()
});

/// What an ASCII character adds and leaves where nothing that matters stands before it: most characters of Latin text.
static ASCII_ALONE: LazyLock<[(u16, Before); 128]> = LazyLock::new(|| {
    std::array::from_fn(|code| {
        let (bits, before) = ascii(char::from(code as u8), 0, Before::Other);
        (bits as u16, before)
    })
});

/// The mask of one line.
#[must_use]
pub fn mask_of(line: &str) -> Mask {
    let (han_bits, alone) = (&**HAN_BITS, &*ASCII_ALONE);
    let mut bits = 0;
    let mut before = Before::Other;
    for c in line.chars() {
        if let (Before::Other, Some(&(own, next))) = (before, alone.get(c as usize)) {
            bits |= u32::from(own);
            before = next;
        } else if ('\u{4e00}'..='\u{9fff}').contains(&c) {
            bits |= u32::from(han_bits[c as usize - 0x4e00]);
            before = Before::Han;
        } else if c.is_ascii() {
            (bits, before) = ascii(c, bits, before);
        } else {
            (bits, before) = wide(c, bits, before);
        }
    }
    Mask(bits)
}

fn ascii(c: char, bits: u32, before: Before) -> (u32, Before) {
    match c {
        '0'..='9' => (bits | if before == Before::Separated { Mask::NUMBER.0 } else { 0 }, Before::Digit),
        'a'..='z' | 'A'..='Z' => {
            let gloss = if before == Before::Opened { Mask::GLOSS.0 } else { 0 };
            let lone = if c == 'x' || c == 'X' { Mask::PLACEHOLDER.0 } else { 0 };
            (bits | gloss | lone, Before::Other)
        }
        ' ' | '\t' => (
            bits | Mask::SPACE.0,
            if matches!(before, Before::Digit | Before::Separated) { Before::Separated } else { before },
        ),
        ',' | ';' | ':' | '?' | '!' => {
            let question = if c == '?' { Mask::QUESTION.0 } else { 0 };
            (bits | Mask::HALF_PUNCT.0 | question | run(before), Before::Punct)
        }
        '(' => (bits | Mask::HALF_PUNCT.0, if before == Before::Han { Before::Opened } else { Before::Other }),
        ')' => (bits | Mask::HALF_PUNCT.0, Before::Other),
        '*' | '_' => (bits | Mask::PLACEHOLDER.0, Before::Other),
        '"' | '\'' => (bits | Mask::STRAIGHT.0, Before::Other),
        // A point keeps the state: `12. 5` and `12 .5` are numbers with a stray space.
        '.' if matches!(before, Before::Digit | Before::Separated) => (bits, before),
        '\0'..='\u{1f}' | '\u{7f}' => (bits | Mask::INVISIBLE.0, before),
        _ => (bits, Before::Other),
    }
}

fn run(before: Before) -> u32 {
    if matches!(before, Before::Punct | Before::Separated) { Mask::RUN.0 } else { 0 }
}

fn wide(c: char, bits: u32, before: Before) -> (u32, Before) {
    match c {
        '。' | '、' | '，' => {
            let next = if before == Before::Digit { Before::Separated } else { Before::Punct };
            (bits | Mask::PROSE.0 | run(before), next)
        }
        '；' | '：' | '！' => (bits | Mask::PROSE.0 | run(before), Before::Punct),
        '？' => (bits | Mask::PROSE.0 | Mask::QUESTION.0 | run(before), Before::Punct),
        '“' | '”' | '‘' | '’' => (bits | Mask::QUOTE.0, Before::Other),
        '（' => (bits | Mask::PROSE.0, if before == Before::Han { Before::Opened } else { Before::Other }),
        '×' | '＊' | '＿' => (bits | Mask::PLACEHOLDER.0, Before::Other),
        '０'..='９' => {
            (bits | Mask::FULL_ALNUM.0 | if before == Before::Separated { Mask::NUMBER.0 } else { 0 }, Before::Digit)
        }
        '！'..='～' => (bits | Mask::FULL_ALNUM.0, Before::Other),
        _ => rare(c, bits, before),
    }
}

fn rare(c: char, bits: u32, before: Before) -> (u32, Before) {
    if is_invisible(c) {
        return (bits | Mask::INVISIBLE.0, before);
    }
    if is_space(c) {
        let next = if matches!(before, Before::Digit | Before::Separated) { Before::Separated } else { before };
        return (bits | Mask::SPACE.0, next);
    }
    let mut bits = bits;
    if mojibake::may_be_mojibake(c) {
        bits |= Mask::MOJIBAKE.0;
    }
    if is_han(c) {
        if han::is_variant(c) {
            bits |= Mask::VARIANT.0;
        }
        return (bits | Mask::HAN.0, Before::Han);
    }
    if is_cjk_punct(c) {
        return (bits | Mask::PROSE.0, before);
    }
    (bits, Before::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_carry_their_ranges() {
        let text = "一\n\n二 三\n";
        let lines = scan(text);
        let got: Vec<_> = lines.iter().map(|l| l.of(text)).collect();
        assert_eq!(got, ["一", "", "二 三"]);
        assert!(lines[2].mask.meets(Mask::SPACE));
        assert_eq!(scan("").len(), 0);
        assert_eq!(scan("\n").len(), 1);
        assert_eq!(scan("无换行").len(), 1);
    }

    #[test]
    fn masks_see_what_normalisers_need() {
        for (line, mask) in [
            ("投入13。7亿元", Mask::NUMBER),
            ("面积18 84平方米", Mask::NUMBER),
            ("1，234，567元", Mask::NUMBER),
            ("１２。５米", Mask::NUMBER),
            ("好,的", Mask::HALF_PUNCT),
            ("Ａ区", Mask::FULL_ALNUM),
            ("完成。。", Mask::RUN),
            ("关(guān)于", Mask::GLOSS),
            ("零\u{200b}宽", Mask::INVISIBLE),
            ("“引", Mask::QUOTE),
            ("學校", Mask::VARIANT),
        ] {
            assert!(mask_of(line).meets(mask), "{line}: {mask:?}");
        }
        let clean = "第三条规定的事项，由县级以上人民政府负责；没有规定的，依照法律执行。";
        assert_eq!(mask_of(clean), Mask::PROSE.with(Mask::HAN));
    }
}
