//! The folded form in which rules match: NFKC, lower case, simplified Han, no zero-width characters, and no spaces except one
//! between two alphabetic words.
//!
//! Folding works on clusters (a character with the marks that combine with it), so every folded character knows the source
//! characters it came from: [`Folded::source`] maps a match back, and a match inside an expansion covers the whole source
//! character.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::class::{is_alphabetic_word, is_cjk, is_invisible, is_space};
use super::han;

/// The folded form of a text.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Appends the folded form of a text to `out`. The text is folded on its own: what `out` ends with plays no part.
pub fn fold_into(text: &str, out: &mut String) {
    let mut sink = Plain { out };
    fold_to(text, &mut sink);
}

/// Folds a text into a sink that sees each folded character with the source bytes it came from.
pub(crate) fn fold_to<S: Sink>(text: &str, sink: &mut S) {
    run(text, sink);
}

/// A folded text that remembers where each of its bytes came from.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// For each piece: its first byte in `text` and the source bytes it came from.
    pieces: Vec<(usize, usize, usize)>,
}

impl Folded {
    /// Folds a text and keeps the way back. About four times the work of [`fold`].
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), pieces: Vec::with_capacity(text.len() / 2) };
        run(text, &mut folded);
        folded
    }

    /// The source bytes behind a byte range of the folded text, whole characters. `None` for an empty range.
    #[must_use]
    pub fn source(&self, range: Range<usize>) -> Option<Range<usize>> {
        if range.is_empty() {
            return None;
        }
        let first = self.piece(range.start)?;
        let last = self.piece(range.end - 1)?;
        Some(self.pieces[first].1..self.pieces[last].2)
    }

    fn piece(&self, at: usize) -> Option<usize> {
        self.pieces.partition_point(|piece| piece.0 <= at).checked_sub(1)
    }
}

/// What takes folded characters in order.
pub(crate) trait Sink {
    /// A folded character and the source bytes it came from.
    fn char(&mut self, c: char, start: usize, end: usize);
    /// Characters that fold to themselves: Han of the basic block, `、` and `。`.
    fn same(&mut self, text: &str, start: usize);
    /// ASCII characters that fold to their lower case: words, signs, and the single spaces between two words.
    #[inline]
    fn lower(&mut self, text: &str, start: usize) {
        for (at, byte) in (start..).zip(text.bytes()) {
            self.char(char::from(byte.to_ascii_lowercase()), at, at + 1);
        }
    }
    /// Spaces stood here that the folded text does not keep.
    #[inline]
    fn gap(&mut self) {}
}

struct Plain<'o> {
    out: &'o mut String,
}

impl Sink for Plain<'_> {
    #[inline]
    fn char(&mut self, c: char, _: usize, _: usize) {
        self.out.push(c);
    }

    #[inline]
    fn same(&mut self, text: &str, _: usize) {
        self.out.push_str(text);
    }

    #[inline]
    fn lower(&mut self, text: &str, _: usize) {
        let from = self.out.len();
        self.out.push_str(text);
        self.out[from..].make_ascii_lowercase();
    }
}

impl Sink for Folded {
    fn char(&mut self, c: char, start: usize, end: usize) {
        self.pieces.push((self.text.len(), start, end));
        self.text.push(c);
    }

    fn same(&mut self, text: &str, start: usize) {
        for (at, c) in text.char_indices() {
            self.char(c, start + at, start + at + c.len_utf8());
        }
    }
}

/// What the last character put out was, for the one space that is kept.
#[derive(Default)]
struct Gap {
    word: bool,
    space: Option<(usize, usize)>,
}

impl Gap {
    /// Puts out or drops the spaces that stand before a character.
    #[inline]
    fn settle<S: Sink>(&mut self, word: bool, sink: &mut S) {
        if let Some((from, to)) = self.space.take() {
            if word && self.word {
                sink.char(' ', from, to);
            } else {
                sink.gap();
            }
        }
    }

    fn put<S: Sink>(&mut self, c: char, start: usize, end: usize, sink: &mut S) {
        let word = is_alphabetic_word(c);
        self.settle(word, sink);
        sink.char(c, start, end);
        self.word = word;
    }
}

fn run<S: Sink>(text: &str, sink: &mut S) {
    let mut gap = Gap::default();
    let mut from = 0;
    while from < text.len() {
        // The common cases by themselves: Chinese text is mostly long runs that fold to themselves, Latin text runs of words.
        let same = same_run(text, from);
        if same > from {
            gap.settle(false, sink);
            gap.word = false;
            sink.same(&text[from..same], from);
        }
        let latin = latin_run(text.as_bytes(), same);
        let words = &text.as_bytes()[same..latin];
        if let (Some(first), Some(last)) = (words.first(), words.last()) {
            gap.settle(first.is_ascii_alphabetic(), sink);
            gap.word = last.is_ascii_alphabetic();
            sink.lower(&text[same..latin], same);
        }
        from = one_by_one(text, latin, &mut gap, sink);
    }
}

/// The end of the ASCII words and signs from a byte on, with single spaces between two words: they fold to their lower case.
fn latin_run(bytes: &[u8], from: usize) -> usize {
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if !(byte.is_ascii_graphic() || byte == b' ' && at > from && letter(at - 1) && letter(at + 1)) {
            break;
        }
        at += 1;
    }
    // The last character may have a mark behind it that combines with it; then the space before it is not between two words.
    if at > from && bytes.get(at).is_some_and(|byte| !byte.is_ascii()) {
        at -= 1;
        at -= usize::from(at > from && bytes[at - 1] == b' ');
    }
    at
}

/// Folds characters from a byte on, until one comes that may begin a run; returns where that is.
fn one_by_one<S: Sink>(text: &str, from: usize, gap: &mut Gap, sink: &mut S) -> usize {
    let mut chars = text[from..].char_indices().map(|(at, c)| (from + at, c)).peekable();
    while let Some((start, c)) = chars.next() {
        if start > from && matches!(c, '!'..='~' | '\u{4e00}'..='\u{9fff}') {
            return start;
        }
        let end = start + c.len_utf8();
        if let Some(folded) = quick(c) {
            // A combining mark after it makes a cluster; the test is cheap because marks are never quick themselves.
            if !chars.peek().is_some_and(|&(_, next)| joins(next)) {
                gap.put(folded, start, end, sink);
                continue;
            }
        } else if is_space(c) {
            gap.space.get_or_insert((start, end)).1 = end;
            continue;
        } else if c == '\n' {
            *gap = Gap::default();
            sink.char('\n', start, end);
            continue;
        } else if is_invisible(c) || matches!(c, '\u{200c}' | '\u{200d}') {
            continue;
        }
        let mut end = end;
        while let Some(&(at, next)) = chars.peek() {
            if !joins(next) {
                break;
            }
            end = at + next.len_utf8();
            chars.next();
        }
        for folded in text[start..end].nfkc().flat_map(char::to_lowercase).map(han::simplify_char) {
            if is_space(folded) {
                gap.space.get_or_insert((start, end)).1 = end;
            } else if !is_invisible(folded) {
                gap.put(folded, start, end, sink);
            }
        }
    }
    text.len()
}

/// Whether a Han character folds to itself, by its place in the basic block.
static SAME: LazyLock<Box<[bool]>> =
    LazyLock::new(|| ('\u{4e00}'..='\u{9fff}').map(|c| han::simplify_char(c) == c).collect());

/// The end of the run of characters that fold to themselves and cannot be part of a cluster, from a byte on.
fn same_run(text: &str, from: usize) -> usize {
    let same = &**SAME;
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(&[lead, middle, last]) = bytes.get(at..at + 3).and_then(|three| <&[u8; 3]>::try_from(three).ok()) {
        let code = usize::from(lead & 0xf) << 12 | usize::from(middle & 0x3f) << 6 | usize::from(last & 0x3f);
        let is_same = match lead {
            0xe4..=0xe9 => code >= 0x4e00 && same[code - 0x4e00],
            // 、。
            0xe3 => code == 0x3001 || code == 0x3002,
            _ => false,
        };
        if !is_same {
            break;
        }
        at += 3;
    }
    // The last character may have a mark behind it that combines with it.
    if at > from && text[at..].chars().next().is_some_and(joins) { at - 3 } else { at }
}

/// Characters whose folded form is one known character that nothing before them can change.
#[inline]
fn quick(c: char) -> Option<char> {
    match c {
        '\u{4e00}'..='\u{9fff}' => Some(han::simplify_char(c)),
        '!'..='~' => Some(c.to_ascii_lowercase()),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).map(|half| half.to_ascii_lowercase()),
        '。' | '、' | '“' | '”' | '‘' | '’' | '《' | '》' | '【' | '】' | '「' | '」' | '—' | '·' | '〇' | '×' => {
            Some(c)
        }
        _ => None,
    }
}

/// Whether a character belongs to the cluster before it.
#[inline]
fn joins(c: char) -> bool {
    // Nearly every character is one of these.
    if c < '\u{300}'
        || ('\u{4e00}'..='\u{9fff}').contains(&c)
        || ('\u{3000}'..='\u{301f}').contains(&c)
        || ('\u{ff01}'..='\u{ff60}').contains(&c)
    {
        return false;
    }
    joins_rarely(c)
}

fn joins_rarely(c: char) -> bool {
    if is_cjk(c) && !matches!(c, '\u{3099}' | '\u{309a}') {
        return false;
    }
    matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}' | '\u{3099}' | '\u{309a}' | '\u{fe00}'..='\u{fe0f}')
        || canonical_combining_class(c) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_width_case_variants_and_spaces() {
        assert_eq!(fold("加 微　信：ＱＱ１２３"), "加微信:qq123");
        assert_eq!(fold("All  Rights Reserved"), "all rights reserved");
        assert_eq!(fold("第 3 頁／共 8 頁"), "第3页/共8页");
        assert_eq!(fold("预……览"), "预......览");
        assert_eq!(fold("隐\u{200b}藏\u{feff}字"), "隐藏字");
        assert_eq!(fold("來源"), "来源");
    }

    #[test]
    fn a_match_inside_an_expansion_covers_the_whole_character() {
        let source = "见㈱甲";
        let folded = Folded::new(source);
        let at = folded.text.find('株').expect("expanded");
        assert_eq!(folded.source(at..at + '株'.len_utf8()).map(|r| &source[r]), Some("㈱"));
        let source = "cafe\u{301} x";
        let folded = Folded::new(source);
        assert_eq!(folded.source(3..4).map(|r| &source[r]), Some("e\u{301}"));
    }

    #[test]
    fn both_ways_agree() {
        for text in ["当前位置：首页 > 文档", "ﬁn Å e\u{301} ｶﾞ 각", "a b　c\nd e", "１，２３４．５"]
        {
            assert_eq!(Folded::new(text).text, fold(text), "{text}");
        }
    }

    #[test]
    fn words_are_folded_one_by_one_or_together_alike() {
        // A zero-width character before each one keeps words from being folded together.
        let apart = |text: &str| text.chars().flat_map(|c| ['\u{200b}', c]).collect::<String>();
        for text in
            ["Read More", "a b", " a  b ", "a 1 b", "x, Y", "5 Mio. EUR", "Wi-Fi a", "甲 a b 乙", "a\nB c", "Q&A  q"]
        {
            assert_eq!(fold(text), fold(&apart(text)), "{text}");
        }
        assert_eq!(fold("an e\u{301}t"), "an ét");
        assert_eq!(fold("Ab Cé d 甲e"), "ab cé d甲e");
    }

    #[test]
    fn a_span_maps_back_over_dropped_characters() {
        let source = "请 加\u{200b}微 信。";
        let folded = Folded::new(source);
        assert_eq!(folded.text, "请加微信。");
        let range = folded.text.find("加微信").map(|at| at..at + 9).expect("stands there");
        assert_eq!(folded.source(range).map(|r| &source[r]), Some("加\u{200b}微 信"));
    }
}
