//! What a document as a whole says about how it is written: evidence for decisions that a line alone cannot make.

use super::numbers::digit;
use crate::text::class::Mask;
use crate::text::lines::Line;

/// Facts of one text, counted once a pass and only when a line needs them.
#[derive(Debug, Default)]
pub struct Facts {
    /// Numbers with a decimal point, `13.7`.
    pub points: usize,
    /// Digits around a full stop that look like a lost decimal point, `13。7`.
    pub stops: usize,
}

impl Facts {
    /// Counts, if any line holds a number worth it.
    #[must_use]
    pub fn new(text: &str, lines: &[Line]) -> Self {
        let mut facts = Self::default();
        if lines.iter().any(|line| line.mask.meets(Mask::NUMBER)) {
            facts.points = between_digits(text, ".");
            facts.stops = between_digits(text, "。");
        }
        facts
    }
}

fn between_digits(text: &str, mark: &str) -> usize {
    let finder = memchr::memmem::Finder::new(mark);
    finder
        .find_iter(text.as_bytes())
        .filter(|&at| {
            text[..at].chars().next_back().is_some_and(|c| digit(c).is_some())
                && text[at + mark.len()..].chars().next().is_some_and(|c| digit(c).is_some())
        })
        .count()
}
