//! `thousands`: full-width commas that group the digits of one number become half-width.

use std::ops::Range;

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::numbers::{Digits, Unit, before, clause_before, digit, names_something, phrase_ends, unit};
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::Mask;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "thousands",
    what: "Writes grouped thousands with half-width commas: `1，234，567元` becomes `1,234,567元`.",
    why: "A width conversion that knows no numbers makes lists of them. Groups must have three digits and a unit must follow; one group \
          alone must end its phrase, so that `得98，150名选手中` stays two numbers.",
    params: &[],
    examples: &[
        Example::plain("总额1，234，567元。", "总额1,234,567元。"),
        Example::plain("捐款12，500元。", "捐款12,500元。"),
        Example::stays("编号为1，2，3，得分98，150名选手中最高。"),
        Example::stays("座位101，102，103。"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct Thousands;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(Thousands)))
}

impl LineStep for Thousands {
    fn triggers(&self) -> Mask {
        Mask::NUMBER
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let mut from = 0;
        while let Some(found) = line[from..].find('，') {
            let comma = from + found;
            from = comma + '，'.len_utf8();
            let Some(left) = Digits::ending(line, comma) else { continue };
            let groups = groups(line, comma);
            if let Some(last) = groups.last()
                && fits(line, left, &groups)
            {
                for group in &groups {
                    out.replace(group.start - '，'.len_utf8()..group.start, ",");
                }
                from = last.end;
            } else if let Some(last) = groups.last() {
                from = last.end;
            }
        }
    }
}

/// The groups of three digits, each after a full-width comma, from `comma` on.
fn groups(line: &str, comma: usize) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut at = comma;
    while line[at..].starts_with('，') {
        let Some(digits) = Digits::starting(line, at + '，'.len_utf8()) else { break };
        if digits.count != 3 {
            // A run of any other length makes the whole a list.
            return Vec::new();
        }
        groups.push(digits.start..digits.end);
        at = digits.end;
    }
    groups
}

fn fits(line: &str, left: Digits, groups: &[Range<usize>]) -> bool {
    let lead = before(line, left.start);
    let clause = clause_before(line, left.start);
    let Some(last) = groups.last() else { return false };
    if left.count > 3 || line[left.start..].starts_with(['0', '０']) || names_something(clause, left) {
        return false;
    }
    if lead.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '，' | ',' | '、' | '-' | '/' | '第')) {
        return false;
    }
    // A time such as 8:30 stands before a colon, a label such as 合计： does not end in a digit.
    let timed = lead
        .filter(|c| matches!(c, ':' | '：'))
        .is_some_and(|c| before(line, left.start - c.len_utf8()).is_some_and(|c| digit(c).is_some()));
    if timed {
        return false;
    }
    let values: Vec<u64> = std::iter::once(left.value)
        .chain(groups.iter().filter_map(|g| Digits::starting(line, g.start)).map(|d| d.value))
        .collect();
    if left.count == 3 && values.windows(2).all(|w| w[0] < w[1]) && values.len() > 2 {
        return false;
    }
    // Decimals of the amount stand between it and its unit.
    let after = line[last.end..].trim_start_matches(|c| matches!(c, '.' | '。') || digit(c).is_some());
    let after = if line[last.end..].starts_with(['.', '。']) { after } else { &line[last.end..] };
    let (kind, length) = unit(after);
    if kind == Unit::None || after.starts_with(['月', '日', '号', '年', '点']) {
        return false;
    }
    groups.len() > 1 || phrase_ends(&after[length..]) || extended_end(&after[length..])
}

/// A unit may be compound: `万平方米`, `人次`, `元整`.
fn extended_end(after: &str) -> bool {
    let (kind, length) = unit(after);
    (kind != Unit::None && phrase_ends(&after[length..]))
        || after.starts_with('整')
        || after.starts_with("次") && phrase_ends(&after["次".len()..])
}
