//! `page-numbers`: the numbers at the ends of printed pages.

use std::ops::Range;

use super::doc::{Example, Place, StepDoc};
use super::params::Params;
use super::{Action, TextEdits, TextStep};
use crate::text::class::{is_letter, is_sentence_end, is_space};
use crate::text::lines::Line;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "page-numbers",
    what: "Drops page numbers: lone numbers on lines of their own (`3`, `- 3 -`, `第3页 共8页`) or after the last sentence of a line.",
    why: "A number says nothing by itself; three that count up with about a page of text between them do. Row numbers of tables stand \
          closer together and stay.",
    params: &[],
    examples: &[Example::stays("1\n甲\n2\n乙\n3\n丙\n")],
    place: Place::Profiles,
};

/// Fewest letters between two page numbers.
const MIN_PAGE: usize = 150;

#[derive(Debug)]
struct PageNumbers;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Text(Box::new(PageNumbers)))
}

struct Candidate {
    number: u64,
    range: Range<usize>,
    /// Letters of the text before it.
    at: usize,
}

impl TextStep for PageNumbers {
    fn run(&self, text: &str, lines: &[Line], out: &mut TextEdits) {
        let mut letters = 0;
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut any = false;
        for line in lines {
            let content = line.of(text);
            let found = number_of(content);
            any |= found.is_some();
            // Counting letters is only needed once a candidate was seen; before that bytes are as good.
            let own = if any { content.chars().filter(|&c| is_letter(c)).count() } else { content.len() / 3 };
            if let Some((number, range)) = found {
                let lone = range.start == 0;
                let end = if lone { (line.end + 1).min(text.len()) } else { line.start + range.end };
                candidates.push(Candidate {
                    number,
                    range: line.start + range.start..end,
                    at: letters + if lone { 0 } else { own },
                });
            }
            letters += own;
        }
        for candidate in series(&candidates) {
            out.replace(candidate.range.clone(), "");
        }
    }
}

/// The number that a line is, or that stands alone after its last sentence, and its bytes (with the space before it).
fn number_of(line: &str) -> Option<(u64, Range<usize>)> {
    // Most lines end in 。 and are told by that.
    if line.ends_with(['。', '；', '，', '：', '”']) {
        return None;
    }
    let trimmed = line.trim_end_matches(is_space);
    if line.len() <= 48
        && let Some(number) = lone(trimmed.trim_start_matches(is_space))
    {
        return Some((number, 0..line.len()));
    }
    let head = trimmed.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &trimmed[head.len()..];
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let text = head.trim_end_matches(is_space);
    (text.len() < head.len() && text.ends_with(is_sentence_end)).then_some(())?;
    Some((digits.parse().ok()?, text.len()..line.len()))
}

/// `3`, `- 3 -`, `—3—`, `第3页`, `第 3 页 共 8 页`, `3/8`, `Page 3 of 8`.
fn lone(line: &str) -> Option<u64> {
    let core: String = line.chars().filter(|&c| !is_space(c)).collect::<String>().to_lowercase();
    let core = core.trim_matches(|c| matches!(c, '-' | '—' | '–' | '·' | '.' | '~' | '_'));
    let core = core.strip_prefix("page").or_else(|| core.strip_prefix('第')).unwrap_or(core);
    let digits = core.len() - core.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits == 0 || digits > 4 {
        return None;
    }
    let rest = &core[digits..];
    let total = rest
        .trim_start_matches(['页', '/', '共', 'o', 'f', ',', '，', '(', '（'])
        .trim_start_matches(|c: char| c.is_ascii_digit());
    total.trim_start_matches(['页', ')', '）']).is_empty().then(|| core[..digits].parse().ok())?
}

/// The candidates that count up by one with a page of text between them, three or more.
fn series(candidates: &[Candidate]) -> Vec<&Candidate> {
    let mut best: Vec<&Candidate> = Vec::new();
    for (first, candidate) in candidates.iter().enumerate() {
        if candidate.number > 3 || best.iter().any(|other| other.range == candidate.range) {
            continue;
        }
        let mut run = vec![candidate];
        for next in &candidates[first + 1..] {
            let Some(last) = run.last() else { break };
            if next.number == last.number + 1 && next.at >= last.at + MIN_PAGE {
                run.push(next);
            }
        }
        if run.len() >= 3 && run.len() > best.len() {
            best = run;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Tag;
    use crate::text::lines::scan;

    fn washed(text: &str) -> String {
        let mut out = TextEdits::new(Tag(0));
        PageNumbers.run(text, &scan(text), &mut out);
        out.finish().apply(text)
    }

    #[test]
    fn counted_pages_lose_their_numbers() {
        let page = format!("{}。", "内容".repeat(120));
        assert_eq!(
            washed(&format!("{page}\n1\n{page}\n- 2 -\n{page} 3\n{page}\n第4页 共4页\n")),
            format!("{page}\n{page}\n{page}\n{page}\n")
        );
    }

    #[test]
    fn table_rows_and_single_numbers_stay() {
        for text in ["1\n甲校\n2\n乙校\n3\n丙校\n", "共有学生。 4\n", "2021\n内容\n2022\n内容\n2023\n"] {
            assert_eq!(washed(text), text);
        }
    }
}
