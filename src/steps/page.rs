//! A text laid out for matching: folded once, cut into units that patterns are tried on.
//!
//! A unit is a line, or, where a line is longer than [`LONG_LINE`] characters (flattened pages put a whole report on one), one
//! sentence of it. Positions are known both in the source and in the folded text.

use std::cell::OnceCell;
use std::ops::Range;

use crate::text::class::{is_letter, is_sentence_end, is_space, letters};
use crate::text::fold::fold_into;
use crate::text::lines::Line;

/// Lines with more characters than this are matched sentence by sentence.
pub const LONG_LINE: usize = 120;
/// A line is in the head while fewer letters than this stand before it …
const HEAD_LETTERS: usize = 500;
/// … or fewer non-blank lines.
const HEAD_LINES: usize = 10;
/// A line is in the tail when at most this many non-blank lines follow, or no prose does.
const TAIL_LINES: usize = 20;
/// Prose is a sentence of at least this many letters.
const PROSE_LETTERS: usize = 40;

/// A line, or a sentence of a long line.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    /// Index of its line.
    pub line: usize,
    /// First byte in the source.
    pub start: usize,
    /// One past its last byte in the source.
    pub end: usize,
    /// First byte in the folded text.
    pub fold_start: usize,
    /// One past its last byte in the folded text.
    pub fold_end: usize,
    /// Whether it is its whole line.
    pub whole: bool,
}

/// Sums over the units before each one; made when a pattern first asks for a place.
#[derive(Debug)]
struct Sums {
    letters: Vec<usize>,
    /// Letters of prose.
    prose: Vec<usize>,
    filled: Vec<usize>,
    first_prose: Option<usize>,
    last_prose: Option<usize>,
}

/// A folded, cut text.
#[derive(Debug)]
pub struct Page<'t> {
    text: &'t str,
    lines: &'t [Line],
    folded: String,
    units: Vec<Unit>,
    sums: OnceCell<Sums>,
}

impl<'t> Page<'t> {
    /// Folds and cuts a text whose lines were scanned.
    #[must_use]
    pub fn new(text: &'t str, lines: &'t [Line]) -> Self {
        let mut page = Self {
            text,
            lines,
            folded: String::with_capacity(text.len() + 16),
            units: Vec::with_capacity(lines.len()),
            sums: OnceCell::new(),
        };
        for (index, line) in lines.iter().enumerate() {
            let source = line.of(text);
            if is_long(source) {
                for range in sentences(source) {
                    page.push(index, line.start + range.start..line.start + range.end, range.len() == source.len());
                }
            } else {
                page.push(index, line.start..line.end, true);
            }
            page.folded.push('\n');
        }
        page
    }

    fn push(&mut self, line: usize, source: Range<usize>, whole: bool) {
        let fold_start = self.folded.len();
        fold_into(&self.text[source.clone()], &mut self.folded);
        let fold_end = self.folded.len();
        self.units.push(Unit { line, start: source.start, end: source.end, fold_start, fold_end, whole });
    }

    /// The source text.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The folded text, units of different lines separated by `\n`.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The folded text by itself.
    #[must_use]
    pub fn into_folded(self) -> String {
        self.folded
    }

    /// The units in order.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The folded text of a unit.
    #[must_use]
    pub fn fold_of(&self, unit: usize) -> &str {
        self.units.get(unit).map_or("", |u| &self.folded[u.fold_start..u.fold_end])
    }

    /// The source text of a unit.
    #[must_use]
    pub fn source_of(&self, unit: usize) -> &'t str {
        self.units.get(unit).map_or("", |u| &self.text[u.start..u.end])
    }

    /// The bytes of the source that go when a unit goes: its line with the line end, or just the sentence.
    #[must_use]
    pub fn removal(&self, unit: usize) -> Range<usize> {
        let u = &self.units[unit];
        if u.whole {
            let line = &self.lines[u.line];
            line.start..(line.end + 1).min(self.text.len())
        } else {
            u.start..u.end
        }
    }

    /// Neighbouring units of the same line, so that an inline match may cross a sentence end.
    #[must_use]
    pub fn around(&self, unit: usize) -> Range<usize> {
        let (first, last) = self.neighbours(unit);
        self.units[first].start..self.units[last].end
    }

    /// Whether a line starts at a byte of the source.
    #[must_use]
    pub fn starts_line(&self, at: usize) -> bool {
        at == 0 || self.text.as_bytes().get(at - 1) == Some(&b'\n')
    }

    /// The folded text of [`Page::around`].
    #[must_use]
    pub fn fold_around(&self, unit: usize) -> &str {
        let (first, last) = self.neighbours(unit);
        &self.folded[self.units[first].fold_start..self.units[last].fold_end]
    }

    fn neighbours(&self, unit: usize) -> (usize, usize) {
        let line = self.units[unit].line;
        let same = |i: usize| self.units.get(i).is_some_and(|u| u.line == line);
        let first = unit.checked_sub(1).filter(|&i| same(i)).unwrap_or(unit);
        let last = if same(unit + 1) { unit + 1 } else { unit };
        (first, last)
    }

    fn sums(&self) -> &Sums {
        self.sums.get_or_init(|| {
            let (mut total, mut lines) = (0, 0);
            let mut prose = 0;
            let mut sums =
                Sums { letters: vec![0], prose: vec![0], filled: vec![0], first_prose: None, last_prose: None };
            for (index, unit) in self.units.iter().enumerate() {
                let source = &self.text[unit.start..unit.end];
                let count = letters(source);
                total += count;
                lines += usize::from(count > 0);
                sums.letters.push(total);
                sums.filled.push(lines);
                if count >= PROSE_LETTERS && source.contains(is_sentence_end) {
                    sums.first_prose.get_or_insert(index);
                    sums.last_prose = Some(index);
                    prose += count;
                }
                sums.prose.push(prose);
            }
            sums
        })
    }

    /// Letters that stand before a unit.
    #[must_use]
    pub fn letters_before(&self, unit: usize) -> usize {
        self.sums().letters.get(unit).copied().unwrap_or_else(|| self.letters())
    }

    /// Letters of prose before a unit and after it: whole sentences, as documents and not their furniture have.
    #[must_use]
    pub fn prose_around(&self, unit: usize) -> (usize, usize) {
        let prose = &self.sums().prose;
        let total = prose.last().copied().unwrap_or(0);
        let before = prose.get(unit).copied().unwrap_or(total);
        (before, total - prose.get(unit + 1).copied().unwrap_or(total))
    }

    /// Letters of the whole text.
    #[must_use]
    pub fn letters(&self) -> usize {
        self.sums().letters.last().copied().unwrap_or(0)
    }

    /// Whether a unit stands in the head of the text.
    #[must_use]
    pub fn in_head(&self, unit: usize) -> bool {
        let sums = self.sums();
        sums.letters.get(unit).is_some_and(|&n| n < HEAD_LETTERS)
            || sums.filled.get(unit).is_some_and(|&n| n < HEAD_LINES)
    }

    /// Whether no prose stands before a unit. The unit itself may be prose.
    #[must_use]
    pub fn is_before_prose(&self, unit: usize) -> bool {
        self.sums().first_prose.is_none_or(|first| unit <= first)
    }

    /// Whether no prose stands behind a unit. The unit itself may be prose.
    #[must_use]
    pub fn is_behind_prose(&self, unit: usize) -> bool {
        self.sums().last_prose.is_none_or(|last| last <= unit)
    }

    /// Whether a unit stands in the tail of the text.
    #[must_use]
    pub fn in_tail(&self, unit: usize) -> bool {
        let sums = self.sums();
        let total = sums.filled.last().copied().unwrap_or(0);
        let through = sums.filled.get(unit + 1).copied().unwrap_or(total);
        total - through <= TAIL_LINES || sums.last_prose.is_none_or(|last| last < unit)
    }
}

fn is_long(line: &str) -> bool {
    line.len() > LONG_LINE && line.chars().count() > LONG_LINE
}

/// Cuts a long line after sentence ends (with the closing marks that follow) and at wide gaps. The ranges cover the line.
fn sentences(line: &str) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    // Whether a letter stands in the sentence so far, and how far that was looked for.
    let (mut has_letter, mut looked) = (false, 0);
    while let Some(&byte) = bytes.get(at) {
        // Latin words and the single spaces between them by themselves.
        let inside = match byte {
            b' ' => bytes.get(at + 1).is_some_and(u8::is_ascii_graphic),
            _ => byte.is_ascii_graphic() && !matches!(byte, b'!' | b'?' | b';'),
        };
        if inside {
            at += 1;
            continue;
        }
        let mut chars = line[at..].char_indices().map(|(offset, c)| (at + offset, c)).peekable();
        let Some((_, c)) = chars.next() else { break };
        let mut end = at + c.len_utf8();
        let cut = if is_sentence_end(c) {
            while let Some(&(at, next)) = chars.peek() {
                if !(is_sentence_end(next) || matches!(next, '”' | '’' | '」' | '』' | '）' | ')' | '》')) {
                    break;
                }
                end = at + next.len_utf8();
                chars.next();
            }
            true
        } else if is_space(c) {
            let mut wide = matches!(c, '\u{3000}' | '\t');
            while let Some(&(at, next)) = chars.peek() {
                if !is_space(next) {
                    break;
                }
                wide = true;
                end = at + next.len_utf8();
                chars.next();
            }
            wide
        } else {
            false
        };
        if cut {
            has_letter |= line[looked..end].chars().any(is_letter);
            looked = end;
            if has_letter {
                out.push(start..end);
                start = end;
                has_letter = false;
            }
        }
        at = end;
    }
    if start < line.len() {
        out.push(start..line.len());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lines::scan;

    #[test]
    fn long_lines_are_cut_into_sentences_that_cover_them() {
        let line = format!("{}。他说：“{}！”{}　　尾句", "甲".repeat(60), "乙".repeat(50), "丙".repeat(30));
        let lines = scan(&line);
        let page = Page::new(&line, &lines);
        let units: Vec<_> = (0..page.units().len()).map(|u| page.source_of(u)).collect();
        assert_eq!(units.len(), 4);
        assert_eq!(units.concat(), line);
        assert!(units[1].ends_with("！”") && units[3] == "尾句");
    }

    #[test]
    fn head_and_tail_are_told_apart() {
        let body = format!("{}。\n", "正文内容".repeat(30)).repeat(40);
        let text = format!("首页\n{body}相关推荐\n");
        let lines = scan(&text);
        let page = Page::new(&text, &lines);
        let last = page.units().len() - 1;
        assert!(page.in_head(0) && !page.in_tail(0));
        assert!(page.in_tail(last) && !page.in_head(last));
        assert!(!page.in_head(20) && !page.in_tail(15));
    }

    #[test]
    fn what_stands_before_and_behind_all_prose_is_told_apart() {
        let prose = format!("{}。\n", "正文内容".repeat(12));
        let text = format!("首页\n{prose}推荐\n{prose}推荐\n");
        let lines = scan(&text);
        let page = Page::new(&text, &lines);
        assert_eq!((0..5).filter(|&unit| page.is_before_prose(unit)).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((0..5).filter(|&unit| page.is_behind_prose(unit)).collect::<Vec<_>>(), [3, 4]);
    }
}
