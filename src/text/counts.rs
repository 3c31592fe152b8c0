//! What a record counts of a text, in one pass.

use std::sync::LazyLock;

use super::class::{is_han, is_letter};
use super::han::{self, Script};

/// For each Han character of the basic block: 1 when only traditional text writes it, 2 when only simplified text does.
static SIDES: LazyLock<Box<[u8]>> = LazyLock::new(|| {
    ('\u{4e00}'..='\u{9fff}')
        .map(|c| {
            let (traditional, simplified) = han::sides(c);
            u8::from(traditional) | u8::from(simplified) << 1
        })
        .collect()
});

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
        let sides = &**SIDES;
        let mut counts = Self::default();
        // Han characters of the basic block by side: shared, traditional, simplified.
        let mut han = [0_usize; 4];
        let mut rest = text.as_bytes();
        while let [lead, tail @ ..] = rest {
            counts.chars += 1;
            if lead.is_ascii() {
                counts.letters += usize::from(lead.is_ascii_alphanumeric());
                rest = tail;
                continue;
            }
            if let (0xe4..=0xe9, [middle, last, after @ ..]) = (lead, tail) {
                let code = usize::from(lead & 0xf) << 12 | usize::from(middle & 0x3f) << 6 | usize::from(last & 0x3f);
                if let Some(&side) = code.checked_sub(0x4e00).and_then(|place| sides.get(place)) {
                    han[usize::from(side & 3)] += 1;
                    rest = after;
                    continue;
                }
            }
            let mut others = text[text.len() - rest.len()..].chars();
            let Some(c) = others.next() else { break };
            counts.letters += usize::from(is_letter(c));
            counts.han += usize::from(is_han(c));
            rest = others.as_str().as_bytes();
        }
        let all: usize = han.iter().sum();
        counts.han += all;
        counts.letters += all;
        counts.traditional = han[1];
        counts.simplified = han[2];
        counts
    }

    /// The script that the telling characters show.
    #[must_use]
    pub fn script(&self) -> Script {
        han::script_of(self.traditional, self.simplified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_what_a_plain_count_gives() {
        for text in ["", "學校与学校，abc１２３。", "〇𠀀㐀 é\u{301} 총계", "一"] {
            let counts = Counts::of(text);
            assert_eq!(counts.chars, text.chars().count(), "{text}");
            assert_eq!(counts.han, text.chars().filter(|&c| is_han(c)).count(), "{text}");
            assert_eq!(counts.letters, text.chars().filter(|&c| is_letter(c)).count(), "{text}");
            assert_eq!(counts.script(), han::script(text), "{text}");
        }
    }
}
