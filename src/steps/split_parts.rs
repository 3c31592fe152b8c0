//! `split-parts`: the documents that a compilation page joins.

use super::doc::{Example, Place, StepDoc};
use super::params::Params;
use super::{Action, TextEdits, TextStep};
use crate::document::{Flag, Part};
use crate::text::class::{is_space, letters};
use crate::text::lines::Line;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "split-parts",
    what: "Finds the parts of a page that joins several documents: headings `标题 篇1` … `篇5`, `第一篇`, `范文三`.",
    why: "Each part can be a copy of something. The text stays as it is; the record lists the parts and carries the flag `compilation`. Headings must \
          count up from one, stand on short lines of their own and have enough text under them.",
    params: &[],
    examples: &[Example::stays("年度总结 篇1\n（一篇完整的总结……）\n年度总结 篇2\n（另一篇……）\n")],
    place: Place::Profiles,
};

/// Longest heading, in characters.
const LONGEST_HEADING: usize = 60;
/// Fewest letters under a heading.
const MIN_PART: usize = 80;

#[derive(Debug)]
struct SplitParts;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Text(Box::new(SplitParts)))
}

impl TextStep for SplitParts {
    fn run(&self, text: &str, lines: &[Line], out: &mut TextEdits) {
        out.parts = parts(text, lines);
        if !out.parts.is_empty() {
            out.flags.push(Flag::Compilation);
        }
    }
}

/// A heading of a part: where it stands, its number, and what its form is (form and stem must agree along a series).
struct Heading {
    line: usize,
    number: u32,
    form: Form,
    stem: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `标题 篇3`
    Numbered,
    /// `篇三：标题`, `【篇三】标题`, `第三篇：标题`
    Leading,
    /// `范文三`, `标题范文（三）`
    Sample,
}

/// The parts of a text; empty when it is one document.
#[must_use]
pub fn parts(text: &str, lines: &[Line]) -> Vec<Part> {
    // Most documents are told by one quick search.
    if !text.contains("篇") && !text.contains("范文") {
        return Vec::new();
    }
    let headings: Vec<Heading> =
        lines.iter().enumerate().filter_map(|(index, line)| heading(line.of(text), index)).collect();
    let mut best: Vec<&Heading> = Vec::new();
    for first in headings.iter().filter(|heading| heading.number == 1) {
        let mut series = vec![first];
        for heading in headings.iter().filter(|heading| heading.line > first.line) {
            let last = series.last().map_or(0, |last| last.number);
            if heading.form == first.form && heading.stem == first.stem && heading.number == last + 1 {
                series.push(heading);
            }
        }
        if series.len() > best.len() {
            best = series;
        }
    }
    let least = if best.first().is_some_and(|heading| heading.form == Form::Leading) { 3 } else { 2 };
    if best.len() < least {
        return Vec::new();
    }
    let ends = best.iter().skip(1).map(|next| lines[next.line].start).chain(std::iter::once(text.len()));
    let parts: Vec<Part> = best
        .iter()
        .zip(ends)
        .map(|(heading, end)| Part {
            title: lines[heading.line].of(text).trim().to_owned(),
            start: lines[heading.line].start,
            end,
        })
        .collect();
    let full = parts.iter().filter(|part| letters(&text[part.start..part.end]) >= MIN_PART).count();
    if full * 3 < parts.len() * 2 { Vec::new() } else { parts }
}

fn heading(line: &str, index: usize) -> Option<Heading> {
    if line.len() > LONGEST_HEADING * 4 || !line.contains(['篇', '文']) || line.chars().count() > LONGEST_HEADING {
        return None;
    }
    let line =
        line.trim_matches(|c: char| is_space(c) || matches!(c, '#' | '*' | '【' | '】' | '[' | ']' | '■' | '▲' | '●'));
    if line.ends_with(['。', '；', '，', '！', '？']) {
        return None;
    }
    let made = |number, form, stem: &str| Some(Heading { line: index, number, form, stem: stem.trim().to_owned() });
    for (word, form) in [("篇", Form::Numbered), ("范文", Form::Sample)] {
        if let Some(at) = line.rfind(word) {
            let tail = line[at + word.len()..]
                .trim_matches(|c: char| is_space(c) || matches!(c, '（' | '）' | '(' | ')' | '：' | ':' | '、'));
            let stem = line[..at]
                .trim_end_matches(|c: char| is_space(c) || matches!(c, '（' | '(' | '：' | ':' | '-' | '—' | '_'));
            if let Some(number) = numeral(tail)
                && (form == Form::Sample || !stem.is_empty() && !stem.ends_with('第'))
            {
                return made(number, form, stem);
            }
        }
    }
    let rest = line.strip_prefix('第').unwrap_or(line);
    let (number, rest) = if let Some(rest) = rest.strip_prefix('篇') {
        let end = rest.find(|c: char| numeral(c.encode_utf8(&mut [0; 4])).is_none()).unwrap_or(rest.len());
        (numeral(&rest[..end])?, &rest[end..])
    } else {
        let (number, rest) = line.strip_prefix('第')?.split_once('篇')?;
        (numeral(number)?, rest)
    };
    // A part of a book is called 第一篇 too, but it has no colon before its name.
    (rest.is_empty() || rest.trim_start().starts_with(['：', ':', '】', ')', '）'])).then_some(())?;
    made(number, Form::Leading, "")
}

/// A number up to 99, in digits or Chinese numerals.
fn numeral(text: &str) -> Option<u32> {
    if text.is_empty() || text.chars().count() > 3 {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let value = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).map(|n| n as u32);
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        ['十'] => Some(10),
        ['十', one] => Some(10 + value(*one)?),
        [ten, '十'] => Some(value(*ten)? * 10),
        [ten, '十', one] => Some(value(*ten)? * 10 + value(*one)?),
        [one] => value(*one).filter(|&n| n > 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lines::scan;

    fn titles(text: &str) -> Vec<String> {
        parts(text, &scan(text)).into_iter().map(|part| part.title).collect()
    }

    fn body(seed: &str) -> String {
        format!("{}\n", format!("{seed}的内容写在这里，每一句都不一样。").repeat(10))
    }

    #[test]
    fn numbered_titles_make_parts() {
        let text =
            format!("导语。\n\n年度总结 篇1\n{}年度总结 篇2\n{}年度总结 篇3\n{}", body("甲"), body("乙"), body("丙"));
        assert_eq!(titles(&text), ["年度总结 篇1", "年度总结 篇2", "年度总结 篇3"]);
        let parts = parts(&text, &scan(&text));
        assert!(text[parts[1].start..parts[1].end].starts_with("年度总结 篇2") && parts[2].end == text.len());
    }

    #[test]
    fn leading_forms_and_samples_make_parts() {
        let text = format!("【篇一】心得\n{0}", body("甲"));
        assert!(titles(&text).is_empty());
        let text = format!("第一篇：春\n{}第二篇：夏\n{}第三篇：秋\n{}", body("甲"), body("乙"), body("丙"));
        assert_eq!(titles(&text).len(), 3);
        let text = format!("工作总结范文一\n{}工作总结范文二\n{}", body("甲"), body("乙"));
        assert_eq!(titles(&text).len(), 2);
    }

    #[test]
    fn prose_and_short_lists_are_no_parts() {
        assert!(titles("他写了篇1\n又写了篇2\n").is_empty());
        let text = format!("第一篇 总则\n{}第二篇 物权\n{}", body("甲"), body("乙"));
        assert!(titles(&text).is_empty());
    }
}
