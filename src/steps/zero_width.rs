//! `zero-width`: characters nobody sees, and line ends of other systems.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::{Mask, is_cjk, is_cjk_punct, is_invisible};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "zero-width",
    what: "Removes zero-width, control and private-use characters, soft hyphens and byte order marks; writes every line end as `\\n`.",
    why: "Sites sprinkle them into words against copying. Joiners that a script or an emoji needs, and direction marks beside \
          right-to-left text, stay.",
    params: &[],
    examples: &[
        Example::plain("教\u{200b}育\u{feff}报\u{ad}告\u{e000}", "教育报告"),
        Example::plain("一\r\n二\u{2028}三", "一\n二\n三"),
        Example::stays("👨\u{200d}👩\u{200d}👧，می\u{200c}خواهم"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct ZeroWidth;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(ZeroWidth)))
}

impl LineStep for ZeroWidth {
    fn triggers(&self) -> Mask {
        Mask::INVISIBLE
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let mut before = None;
        for (at, c) in line.char_indices() {
            if !is_invisible(c) {
                before = Some(c);
                continue;
            }
            let end = at + c.len_utf8();
            let after = line[end..].chars().next();
            match c {
                // The `\n` after it is the line end that stays.
                '\r' if after.is_none() => out.replace(at..end, ""),
                '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.replace(at..end, "\n"),
                '\u{200c}' | '\u{200d}' if joins(before) || joins(after) => {}
                '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                    if line.chars().any(is_right_to_left) => {}
                '\u{115f}' | '\u{1160}'
                    if before.into_iter().chain(after).any(|c| matches!(c, '\u{1100}'..='\u{11ff}')) => {}
                // Tags that follow a flag emoji.
                '\u{e0020}'..='\u{e007f}'
                    if before.is_some_and(|c| c == '\u{1f3f4}' || matches!(c, '\u{e0020}'..='\u{e007f}')) => {}
                _ => out.replace(at..end, ""),
            }
            if matches!(c, '\u{e0020}'..='\u{e007f}') {
                before = Some(c);
            }
        }
    }
}

/// Characters that are written with joiners: not ASCII, not CJK.
fn joins(c: Option<char>) -> bool {
    c.is_some_and(|c| !c.is_ascii() && !is_cjk(c) && !is_cjk_punct(c) && !is_invisible(c))
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}
