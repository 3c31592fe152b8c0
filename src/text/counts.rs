//! What a record counts of a text, in one pass.

use super::class::{is_han, is_letter};
use super::han::{self, Script};

/// Counts over a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Characters.
    pub chars: usize,
    /// Han characters.
    pub han: usize,
    /// Letters: see [`super::class::letters`].
    pub letters: usize,
    /// Characters that only traditional text writes.
    pub traditional: usize,
    /// Characters that only simplified text writes.
    pub simplified: usize,
}

impl Counts {
    /// Counts a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut counts = Self::default();
        for c in text.chars() {
            counts.chars += 1;
            if ('\u{4e00}'..='\u{9fff}').contains(&c) {
                counts.han += 1;
                counts.letters += 1;
                let (traditional, simplified) = han::sides(c);
                counts.traditional += usize::from(traditional);
                counts.simplified += usize::from(simplified);
            } else {
                counts.letters += usize::from(is_letter(c));
                counts.han += usize::from(!c.is_ascii() && is_han(c));
            }
        }
        counts
    }

    /// The script that the telling characters show.
    #[must_use]
    pub fn script(&self) -> Script {
        han::script_of(self.traditional, self.simplified)
    }
}
