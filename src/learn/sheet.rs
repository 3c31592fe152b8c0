//! A page laid out for learning: its units as patterns see them, each with the hash of its shape.
//!
//! The **shape** of a unit is its folded text with every number written as `#`: `浏览次数：2341` and `浏览次数：87` have one shape.

use std::ops::Range;

use crate::html::content::Content;
use crate::html::page::Kind;
use crate::steps::page::{Page, Unit};
use crate::text::class::{is_letter, is_sentence_end, letters};
use crate::text::lines::scan;

/// Longest unit that a step takes by default, in characters.
pub(super) const LONGEST: usize = 120;
/// A unit with a full stop and this many letters is a sentence of the text.
const SENTENCE: usize = 8;
/// A unit of this many letters is prose, whatever it ends in.
const LONG: usize = 100;

/// A unit that is not blank.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The folded text, as a range of [`Sheet::folded`].
    fold: Range<usize>,
    /// The source text, as a range of [`Sheet::text`].
    source: Range<usize>,
    /// The hash of its shape.
    pub(super) shape: u64,
    /// Letters of the source.
    pub(super) letters: usize,
    /// Letters of the shape: digits do not count.
    pub(super) plain: usize,
    /// It reads as a sentence of a text, not as a title or a label.
    pub(super) prose: bool,
    /// It is prose for the places of rules: see `steps::page`.
    pub(super) counts: bool,
    /// A line, not a sentence of a long one.
    pub(super) whole: bool,
    /// What the model of the main content says of it, on a page of HTML.
    pub(super) judged: Option<Judged>,
}

/// What the model of the main content says of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Judged {
    /// How likely it is content.
    pub(super) p: f32,
    /// How likely a block of its page must be to be taken.
    pub(super) least: f32,
    /// How the document is built, whatever it says.
    pub(super) part: Part,
}

/// What a block is to the document it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Neither of the others.
    Text,
    /// A heading, or a field: a name before a colon or a tab.
    Frame,
    /// Code, of which every line is what it is.
    Code,
}

impl Part {
    fn of(kind: Kind, fold: &str, source: &str) -> Self {
        let named = fold.find(':').is_some_and(|at| fold[..at].chars().count() <= FIELD_CHARS);
        match kind {
            Kind::Pre => Self::Code,
            Kind::Heading(_) => Self::Frame,
            _ if named || source.trim().contains('\t') => Self::Frame,
            _ => Self::Text,
        }
    }
}

/// Longest name of a field, in characters.
const FIELD_CHARS: usize = 24;

/// A block that is likelier than this is taken whatever else is on the page: see `html::content::prefix`.
const TAKEN: f32 = 0.5;

/// Letters of a sentence that is prose for rules.
const PROSE_LETTERS: usize = 40;

/// A page with its rows.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// The text that rules see.
    pub(super) text: String,
    folded: String,
    /// The units that are not blank, in order.
    pub(super) rows: Vec<Row>,
}

impl Sheet {
    pub(super) fn new(text: String) -> Self {
        let lines = scan(&text);
        let page = Page::new(&text, &lines);
        let units: Vec<Unit> = page.units().to_vec();
        let folded = page.into_folded();
        let mut rows = Vec::with_capacity(units.len());
        for unit in units {
            let fold = &folded[unit.fold_start..unit.fold_end];
            if fold.is_empty() {
                continue;
            }
            let shape = shape(fold);
            let count = letters(&text[unit.start..unit.end]);
            let stop = fold.contains(['。', ';', '；']) || (fold.ends_with(['.', '!']) && fold.contains(' '));
            rows.push(Row {
                fold: unit.fold_start..unit.fold_end,
                source: unit.start..unit.end,
                shape: hash(&shape),
                letters: count,
                plain: shape.chars().filter(|&c| is_letter(c)).count(),
                prose: count >= LONG || (count >= SENTENCE && stop),
                counts: count >= PROSE_LETTERS && text[unit.start..unit.end].contains(is_sentence_end),
                whole: unit.whole,
                judged: None,
            });
        }
        Self { text, folded, rows }
    }

    /// The text that was chosen of a page of HTML.
    pub(super) fn of_content(content: Content) -> Self {
        let mut sheet = Self::new(content.text);
        if content.probabilities.len() != content.shapes.len() {
            return sheet;
        }
        let least = content.probabilities.iter().copied().fold(TAKEN, f32::min);
        let Self { text, folded, rows } = &mut sheet;
        for row in rows {
            let at = content.shapes.partition_point(|shape| shape.end <= row.source.start);
            if let (Some(shape), Some(&p)) = (content.shapes.get(at), content.probabilities.get(at)) {
                let part = Part::of(shape.kind, &folded[row.fold.clone()], &text[row.source.clone()]);
                row.judged = Some(Judged { p, least, part });
            }
        }
        sheet
    }

    /// The folded text of a row.
    pub(super) fn fold(&self, row: usize) -> &str {
        self.rows.get(row).map_or("", |row| &self.folded[row.fold.clone()])
    }

    /// The source text of a row, without spaces around it.
    pub(super) fn source(&self, row: usize) -> &str {
        self.rows.get(row).map_or("", |row| self.text[row.source.clone()].trim())
    }

    /// Where a row stands in [`Sheet::text`].
    pub(super) fn place(&self, row: usize) -> Range<usize> {
        self.rows.get(row).map_or(0..0, |row| row.source.clone())
    }

    /// The first row that begins at a byte of [`Sheet::text`] or behind it.
    pub(super) fn first_from(&self, byte: usize) -> usize {
        self.rows.partition_point(|row| row.source.start < byte)
    }

    /// Letters of the page.
    pub(super) fn letters(&self) -> usize {
        self.rows.iter().map(|row| row.letters).sum()
    }
}

/// A folded text with its numbers as `#`.
pub(super) fn shape(fold: &str) -> String {
    let mut out = String::with_capacity(fold.len());
    let mut chars = fold.chars().peekable();
    while let Some(c) = chars.next() {
        if !c.is_ascii_digit() {
            out.push(c);
            continue;
        }
        out.push('#');
        // A point or comma belongs to the number when a digit follows it.
        while let Some(&next) = chars.peek() {
            let goes_on = next.is_ascii_digit()
                || (matches!(next, '.' | ',') && {
                    let mut ahead = chars.clone();
                    ahead.next();
                    ahead.peek().is_some_and(char::is_ascii_digit)
                });
            if !goes_on {
                break;
            }
            chars.next();
        }
    }
    out
}

/// A hash that is the same on every machine.
pub(super) fn hash(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_one_sign() {
        assert_eq!(shape("浏览次数:2,341次"), "浏览次数:#次");
        assert_eq!(shape("2022-01-0112:30"), "#-#-#:#");
        assert_eq!(shape("共3页."), "共#页.");
    }

    #[test]
    fn rows_are_what_is_not_blank() {
        let sheet = Sheet::new("首页\n\n这是一句完整的正文写在这里。\n  浏览 12 次\n".to_owned());
        let rows: Vec<(&str, &str, bool)> =
            (0..sheet.rows.len()).map(|row| (sheet.fold(row), sheet.source(row), sheet.rows[row].prose)).collect();
        assert_eq!(
            rows,
            [
                ("首页", "首页", false),
                ("这是一句完整的正文写在这里。", "这是一句完整的正文写在这里。", true),
                ("浏览12次", "浏览 12 次", false)
            ]
        );
        assert_eq!(&sheet.text[sheet.place(2)], "  浏览 12 次");
        assert_eq!(sheet.letters(), 2 + 13 + 5);
    }
}
