//! `placeholder`: the marks that stand for masked numbers and names.

use std::ops::Range;

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::{Mask, is_cjk_punct, is_han};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "placeholder",
    what: "Writes every placeholder as one `*`: `**所`, `____市`, `××区`, `x名` and `某某` alike.",
    why: "Sites mask numbers and names in their own ways, so copies differ in nothing else. The default profile keeps them as they are; \
          only `unify` and `corpus` make one form.",
    params: &[],
    examples: &[
        Example::plain("学校**所，____市××区，教师x名，某某说", "学校*所，*市*区，教师*名，*说"),
        Example::stays("3×4=12，x+y，某公司，xml文件"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct Placeholder;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(Placeholder)))
}

impl LineStep for Placeholder {
    fn triggers(&self) -> Mask {
        Mask::PLACEHOLDER
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        for span in spans(line) {
            if line[span.clone()] != *"*" {
                out.replace(span, "*");
            }
        }
    }
}

/// The placeholders of a line, as byte ranges.
#[must_use]
pub fn spans(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut chars = line.char_indices().peekable();
    let mut before: Option<char> = None;
    while let Some((start, c)) = chars.next() {
        let Some(kind) = kind(c) else {
            before = Some(c);
            continue;
        };
        let mut end = start + c.len_utf8();
        let mut count = 1;
        while let Some(&(at, next)) = chars.peek() {
            if self::kind(next) != Some(kind) {
                break;
            }
            end = at + next.len_utf8();
            count += 1;
            chars.next();
        }
        if masks(kind, count, before, chars.peek().map(|&(_, c)| c)) {
            found.push(start..end);
        }
        before = Some(c);
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Star,
    Line,
    Cross,
    Letter,
    Someone,
}

fn kind(c: char) -> Option<Kind> {
    Some(match c {
        '*' | '＊' => Kind::Star,
        '_' | '＿' => Kind::Line,
        '×' => Kind::Cross,
        'x' | 'X' | 'ｘ' | 'Ｘ' => Kind::Letter,
        '某' => Kind::Someone,
        _ => return None,
    })
}

/// Whether a run of marks masks something, by what stands around it.
fn masks(kind: Kind, count: usize, before: Option<char>, after: Option<char>) -> bool {
    let text = |c: Option<char>| c.is_some_and(|c| is_han(c) || is_cjk_punct(c));
    let open = |c: Option<char>| {
        c.is_none_or(|c| {
            is_han(c) || is_cjk_punct(c) || matches!(c, ' ' | '.' | '%' | '-' | ',' | '(' | ')' | ':' | ';' | '"')
        })
    };
    let digits = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match kind {
        Kind::Star => {
            (text(before) || text(after) || matches!(after, Some('%' | '.')) || digits(before))
                && !matches!(after, Some(' '))
                || text(before) && text(after)
        }
        Kind::Line => count >= 2 && (text(before) || text(after) || digits(before)),
        Kind::Cross => (text(before) || text(after)) && open(before) && open(after),
        Kind::Letter => {
            open(before)
                && open(after)
                && (text(after) || matches!(after, Some('%' | '.')))
                && (text(before) || before.is_none() || text(after))
        }
        Kind::Someone => count >= 2,
    }
}
