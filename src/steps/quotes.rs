//! `quotes`: doubled curly quotes, and quotes that all open or all close.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::{Mask, is_cjk, is_cjk_punct};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "quotes",
    what: "Repairs curly quotes: `““十四五””` becomes `“十四五”`, and `“甲“，` becomes `“甲”，`.",
    why: "Only pairs that are certain: a doubled quote must be doubled at both ends, and a quote is turned only where punctuation shows \
          which way it must face. Quotes whose partner is missing stay.",
    params: &[Param {
        name: "straight",
        kind: ParamKind::Bool,
        default: "false",
        doc: "Straight double quotes in Chinese prose become curly.",
    }],
    examples: &[
        Example::plain("实施““十四五””规划", "实施“十四五”规划"),
        Example::plain("叫作“甲“，又叫”乙”。", "叫作“甲”，又叫“乙”。"),
        Example::stays("他说：“我读过‘春’。”实施“科教兴县和“人才强县战略。"),
        Example::with("straight = true", "提出\"双减\"政策", "提出“双减”政策"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct Quotes {
    straight: bool,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(Quotes { straight: params.bool("straight") })))
}

/// Longest quotation that is paired, in characters.
const LONGEST: usize = 60;

impl LineStep for Quotes {
    fn triggers(&self) -> Mask {
        if self.straight { Mask::QUOTE.with(Mask::STRAIGHT) } else { Mask::QUOTE }
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let mut edits: Vec<(usize, usize, &'static str)> = Vec::new();
        for (open, close) in [('“', '”'), ('‘', '’')] {
            let marks: Vec<(usize, char)> = line.char_indices().filter(|&(_, c)| c == open || c == close).collect();
            doubled(line, &marks, open, &mut edits);
            turned(line, &marks, open, close, &mut edits);
        }
        if self.straight {
            straight(line, &mut edits);
        }
        edits.sort_unstable();
        for (start, end, after) in edits {
            if start >= out.end() {
                out.replace(start..end, after);
            }
        }
    }
}

/// `““甲””`: the second opening and the first closing mark go. `““` before a nested quotation has no `””` at its end.
fn doubled(line: &str, marks: &[(usize, char)], open: char, edits: &mut Vec<(usize, usize, &'static str)>) {
    let width = open.len_utf8();
    for w in marks.windows(4) {
        let [a, b, c, d] = w else { continue };
        let close_pair = c.0 + width == d.0 && a.0 + width == b.0;
        let kinds = a.1 == open && b.1 == open && c.1 != open && d.1 != open;
        let text = if b.0 + width <= c.0 { &line[b.0 + width..c.0] } else { "" };
        if close_pair && kinds && !text.is_empty() && text.chars().count() <= LONGEST {
            edits.push((b.0, b.0 + width, ""));
            edits.push((c.0, c.0 + width, ""));
        }
    }
}

/// Two marks of one kind around a phrase, where what follows (or precedes) shows that one of them faces the wrong way.
fn turned(line: &str, marks: &[(usize, char)], open: char, close: char, edits: &mut Vec<(usize, usize, &'static str)>) {
    let width = open.len_utf8();
    let (opening, closing) = if open == '“' { ("“", "”") } else { ("‘", "’") };
    // From here on all marks open.
    let open_from = marks.iter().rposition(|mark| mark.1 != open).map_or(0, |last| last + 1);
    let mut i = 0;
    while i + 1 < marks.len() {
        let (a, b) = (marks[i], marks[i + 1]);
        let inside = &line[a.0 + width..b.0];
        let phrase = !inside.is_empty() && inside.chars().count() <= LONGEST && !inside.contains(['。', '！', '？']);
        let after = line[b.0 + width..].chars().next();
        let before = line[..a.0].chars().next_back();
        if phrase && a.1 == open && b.1 == open && after.is_none_or(ends_quotation) {
            edits.push((b.0, b.0 + width, closing));
            i += 2;
        } else if phrase && a.1 == close && b.1 == close && before.is_none_or(begins_quotation) && open == '“' {
            edits.push((a.0, a.0 + width, opening));
            i += 2;
        } else if a.1 == open
            && b.1 == open
            && marks.len() == 2
            && inside.chars().count() <= LONGEST
            && inside.ends_with(['。', '！', '？', '，'])
            && after.is_some()
        {
            edits.push((b.0, b.0 + width, closing));
            i += 2;
        } else if a.1 == open && b.1 == close {
            i += 2;
        } else if phrase
            && a.1 == open
            && b.1 == open
            // Openings and closings by turns, were they right: an even number is left, and all of them open.
            && i >= open_from
            && (marks.len() - i).is_multiple_of(2)
            && !inside.ends_with(CONNECTIVES)
            && (follows_quotation(&line[b.0 + width..]) || inside.chars().count() <= 4 && (marks.len() == 2 || i > 0))
        {
            edits.push((b.0, b.0 + width, closing));
            i += 2;
        } else {
            i += 1;
        }
    }
}

/// What a quotation does not end with: then its closing mark was lost and the next one opens another.
const CONNECTIVES: [char; 8] = ['和', '与', '及', '或', '、', '为', '以', '了'];

/// Words that come after a closing quote and never after an opening one.
fn follows_quotation(after: &str) -> bool {
    const NOUNS: &[&str] = &[
        "活动", "工程", "政策", "战略", "计划", "行动", "工作", "制度", "机制", "理念", "模式", "精神", "主题", "称号",
        "原则", "思想", "教育", "建设", "规划", "方案", "项目", "课程", "一词", "二字", "四字",
    ];
    after.starts_with(['的', '等', '和', '与', '及', '是', '为', '之'])
        || NOUNS.iter().any(|noun| after.starts_with(noun))
}

fn ends_quotation(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '：' | '！' | '？' | '）' | '》' | ',' | ';' | ')')
}

fn begins_quotation(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '！'
            | '？'
            | '（'
            | '《'
            | '叫'
            | '称'
            | '是'
            | '为'
            | '做'
            | '作'
            | '以'
            | '到'
            | '和'
            | '与'
            | '的'
    )
}

/// Straight double quotes, paired from the left, where both ends stand in Chinese text.
fn straight(line: &str, edits: &mut Vec<(usize, usize, &'static str)>) {
    let marks: Vec<usize> = line.match_indices('"').map(|(at, _)| at).collect();
    if !marks.len().is_multiple_of(2) {
        return;
    }
    for pair in marks.chunks_exact(2) {
        let inside = &line[pair[0] + 1..pair[1]];
        let hanish = |c: char| is_cjk(c) || is_cjk_punct(c);
        let outside = line[..pair[0]].chars().next_back().into_iter().chain(line[pair[1] + 1..].chars().next());
        if inside.chars().any(is_cjk) && outside.into_iter().all(|c| hanish(c) || c == ' ') {
            edits.push((pair[0], pair[0] + 1, "“"));
            edits.push((pair[1], pair[1] + 1, "”"));
        }
    }
}
