//! `pinyin-gloss`: readings that a machine conversion left behind traditional characters.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::Mask;
use crate::text::han;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "pinyin-gloss",
    what: "Drops the reading in parentheses after a traditional character: `關(guān)于` becomes `關于`.",
    why: "Some converters write the reading of each character they changed. Only one syllable directly after a traditional or variant \
          character goes: textbooks give readings too, after the characters they teach.",
    params: &[],
    examples: &[
        Example::plain("關(guān)于堅(jiān)持學（xué）習", "關于堅持學習"),
        Example::stays("“长(zhǎng)大”的长读三声，關(see below)不变。"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct PinyinGloss;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(PinyinGloss)))
}

impl LineStep for PinyinGloss {
    fn triggers(&self) -> Mask {
        Mask::GLOSS
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let mut before = None;
        for (at, c) in line.char_indices() {
            if matches!(c, '(' | '（')
                && before.is_some_and(han::has_simplified_form)
                && let Some(end) = gloss_end(&line[at + c.len_utf8()..])
            {
                out.replace(at..at + c.len_utf8() + end, "");
            }
            before = Some(c);
        }
    }
}

/// The length of `syllable)` at the start of a text.
fn gloss_end(text: &str) -> Option<usize> {
    let letters: usize = text.chars().take(10).take_while(|&c| is_pinyin(c)).map(char::len_utf8).sum();
    let syllable = &text[..letters];
    let count = syllable.chars().count();
    let close = text[letters..].chars().next().filter(|c| matches!(c, ')' | '）'))?;
    let vowels = syllable.chars().filter(|&c| !is_consonant(c)).count();
    ((1..=8).contains(&count) && vowels > 0).then_some(letters + close.len_utf8())
}

fn is_pinyin(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{304}' | '\u{308}' | '\u{30c}')
        || c.is_ascii_lowercase()
        || "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜüńňǹḿê".contains(c)
}

fn is_consonant(c: char) -> bool {
    c.is_ascii_lowercase() && !"aeiouv".contains(c)
}
