//! `page-numbers`: the numbers at the ends of printed pages.

use std::collections::HashMap;
use std::ops::Range;

use super::doc::{Example, Place, StepDoc};
use super::params::Params;
use super::{Action, TextEdits, TextStep};
use crate::text::class::{self, is_sentence_end, is_space};
use crate::text::lines::Line;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "page-numbers",
    what: "Drops page numbers: lone numbers on lines of their own (`3`, `- 3 -`, `第3页 共8页`) or after the last sentence of a line.",
    why: "A number says nothing by itself; three that count up with about a page of text between them do. Row numbers of tables stand \
          closer together and stay, as do the numbers of lines of code.",
    params: &[],
    examples: &[Example::stays("1\n甲\n2\n乙\n3\n丙\n")],
    place: Place::Profiles,
};

/// Fewest letters between two page numbers.
const MIN_PAGE: usize = 150;

/// A text with so many series has numbers at its lines, as code does, and not at its pages.
const MAX_SERIES: usize = 32;

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
            let own = if any { class::letters(content) } else { content.len() / 3 };
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
        for range in numbers(candidates) {
            out.replace(range, "");
        }
    }
}

/// The bytes of all page numbers, in order.
fn numbers(mut candidates: Vec<Candidate>) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    // Where one series is gone another may show, as in a volume whose chapters count from 1.
    for _ in 0..MAX_SERIES {
        let found = series(&candidates);
        if found.is_empty() {
            out.sort_unstable_by_key(|range: &Range<usize>| range.start);
            return out;
        }
        let mut found = found.into_iter().peekable();
        let mut at = 0;
        candidates.retain(|candidate| {
            let is_found = found.next_if_eq(&at).is_some();
            at += 1;
            if is_found {
                out.push(candidate.range.clone());
            }
            !is_found
        });
    }
    Vec::new()
}

/// The number that a line is, or that stands alone after its last sentence, and its bytes (with the space before it).
fn number_of(line: &str) -> Option<(u64, Range<usize>)> {
    // Most lines end in 。 and are told by that.
    if line.ends_with(['。', '；', '，', '：', '”']) {
        return None;
    }
    let trimmed = line.trim_end_matches(is_space);
    if line.len() <= 48
        && line.bytes().any(|byte| byte.is_ascii_digit())
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

/// The places of the candidates that count up by one with a page of text between them, three or more: the longest such series,
/// of equals the first.
fn series(candidates: &[Candidate]) -> Vec<usize> {
    // From the end: how long the series is that begins here, and where it goes on. The first that can come next leaves most room.
    // Of each number where it stands, from the end, and how many of these stand far enough behind: they only get more.
    let mut places: HashMap<u64, (Vec<usize>, usize)> = HashMap::new();
    let mut longest = vec![(1_usize, None); candidates.len()];
    let mut best = None;
    for (at, candidate) in candidates.iter().enumerate().rev() {
        if let Some((later, far)) = places.get_mut(&(candidate.number + 1)) {
            while later.get(*far).is_some_and(|&next| candidates[next].at >= candidate.at + MIN_PAGE) {
                *far += 1;
            }
            if let Some(&next) = far.checked_sub(1).and_then(|last| later.get(last)) {
                longest[at] = (longest[next].0 + 1, Some(next));
            }
        }
        places.entry(candidate.number).or_default().0.push(at);
        let length = longest[at].0;
        if candidate.number <= 3 && length >= 3 && best.is_none_or(|(most, _)| length >= most) {
            best = Some((length, at));
        }
    }
    let first = best.map(|(_, at)| at);
    std::iter::successors(first, |&at| longest[at].1).collect()
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
    fn chapters_that_count_anew_lose_theirs_at_once() {
        let page = format!("{}。", "内容".repeat(120));
        let chapter = format!("{page}\n1\n{page}\n2\n{page}\n3\n{page}\n4\n");
        // Six of them: one for each pass would be more passes than there are.
        assert_eq!(washed(&chapter.repeat(6)), format!("{page}\n").repeat(24));
    }

    #[test]
    fn numbered_lines_of_code_stay() {
        let line = "let value = next(value, place);";
        let lines: Vec<String> = (1..=30).map(|number| format!("{number}\n{line}\n")).collect();
        let text = lines.concat().repeat(40);
        assert_eq!(washed(&text), text);
    }

    #[test]
    fn a_text_of_nothing_but_numbers_is_read_in_time() {
        let text = "1\n2\n3\n".repeat(200_000);
        assert_eq!(washed(&text), text);
    }

    #[test]
    fn table_rows_and_single_numbers_stay() {
        for text in ["1\n甲校\n2\n乙校\n3\n丙校\n", "共有学生。 4\n", "2021\n内容\n2022\n内容\n2023\n"] {
            assert_eq!(washed(text), text);
        }
    }
}
