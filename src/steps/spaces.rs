//! `spaces`: spaces that Chinese text does not have.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::nature::Nature;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::{Mask, is_cjk, is_cjk_punct, is_han, is_sentence_end, is_space};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "spaces",
    what: "Removes spaces between Han characters and beside Chinese punctuation, indents of paragraphs, and spaces at line ends.",
    why: "Spaces beside Latin words and numbers stay, and so do those that say something: after `第一条` and in headings, between the \
          columns of a list, before the name of the next field. A wide gap after a sentence end in a flattened page is the paragraph it once was.",
    params: &[],
    examples: &[
        Example::plain("　　关于 加 强 管理的《 通知 》，已印发。 ", "关于加强管理的《通知》，已印发。"),
        Example::plain("加 微 信", "加微信"),
        Example::plain("已经完成。　　二、下一步工作", "已经完成。\n二、下一步工作"),
        Example::stays("第一条 为了规范管理，制定本办法。"),
        Example::stays("姓名 性别 职务"),
        Example::stays("来源：日报社 时间：五月一日"),
        Example::stays("使用 Rust 语言，共 3 章。"),
        Example::stays("She said: “Yes” — “at once”, … and left."),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct Spaces;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(Spaces)))
}

/// How far around a gap the pieces between spaces are looked at, in characters.
const REACH: usize = 48;

/// Most characters of the name of a field.
const MAX_NAME: usize = 6;

impl LineStep for Spaces {
    fn triggers(&self) -> Mask {
        Mask::SPACE
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        let nature = Nature::of(line);
        let mut from = 0;
        while let Some(start) = next_space(line, from) {
            let run = &line[start..];
            let count = run.chars().take_while(|&c| is_space(c)).count();
            let end = start + run.chars().take(count).map(char::len_utf8).sum::<usize>();
            from = end;
            let gap = Gap { line, start, end, count, nature: &nature };
            match gap.verdict() {
                Verdict::Keep => {}
                Verdict::Remove => out.replace(start..end, ""),
                Verdict::Plain => out.replace(start..end, " "),
                Verdict::Break => out.replace(start..end, "\n"),
            }
        }
    }
}

/// The first space at or after a byte that is not one between two ASCII characters, which stays in any case. Found by bytes: lines are
/// long and these spaces few.
fn next_space(line: &str, from: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let graphic = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_graphic);
    let mut at = from;
    while let Some(&lead) = bytes.get(at) {
        at += match lead {
            b' ' if at > 0 && graphic(at - 1) && graphic(at + 1) => 1,
            b' ' | b'\t' => return Some(at),
            0..=0x7f => 1,
            // The lead bytes of the wider spaces; the rest of Chinese text is passed over.
            0xc2 | 0xe1..=0xe3 => {
                let c = line[at..].chars().next()?;
                if is_space(c) {
                    return Some(at);
                }
                c.len_utf8()
            }
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xff => 4,
        };
    }
    None
}

enum Verdict {
    Keep,
    Remove,
    /// One ordinary space.
    Plain,
    /// A lost line end.
    Break,
}

struct Gap<'l> {
    line: &'l str,
    start: usize,
    end: usize,
    count: usize,
    nature: &'l Nature<'l>,
}

impl Gap<'_> {
    fn verdict(&self) -> Verdict {
        let before = self.line[..self.start].chars().next_back();
        let after = self.line[self.end..].chars().next();
        let run = &self.line[self.start..self.end];
        match (before, after) {
            (_, None) => Verdict::Remove,
            (None, Some(after)) => {
                let indent = run.contains('\u{3000}') || is_cjk(after) || is_cjk_punct(after);
                if indent && self.nature.has_han() { Verdict::Remove } else { Verdict::Keep }
            }
            (Some(before), Some(after)) if self.is_mark(before, after) || self.is_mark(after, before) => {
                self.beside_mark(before, after, run)
            }
            (Some(before), Some(after)) if is_cjk(before) && is_cjk(after) => self.between_han(),
            _ if self.count == 1 && !matches!(run, " " | "\t" | "\u{3000}") => Verdict::Plain,
            _ => Verdict::Keep,
        }
    }

    /// Punctuation beside which Chinese sets no space.
    fn is_mark(&self, c: char, opposite: char) -> bool {
        self.nature.is_mark(c, Some(opposite))
    }

    fn beside_mark(&self, before: char, after: char, run: &str) -> Verdict {
        if matches!(before, '·' | '—' | '…' | '～') || matches!(after, '·' | '—' | '…' | '～') || run.contains('\t')
        {
            return Verdict::Keep;
        }
        let ended = is_sentence_end(before) || matches!(before, '：' | '”' | '）');
        if ended && run.matches('\u{3000}').count() >= 2 && !is_cjk_punct(after) | matches!(after, '“' | '（' | '《')
        {
            return Verdict::Break;
        }
        let wordy = |c: char| c.is_ascii_alphanumeric();
        // Beside Latin words and numbers only marks that bind to what stands before them lose their space.
        if wordy(after) && !matches!(before, '《' | '“' | '（' | '‘' | '，' | '。' | '、' | '；' | '：')
            || wordy(before) && matches!(after, '《' | '“' | '（' | '‘')
        {
            return Verdict::Keep;
        }
        if is_cjk(before) && matches!(after, '“' | '《' | '（' | '【') && !self.nature.is_prose()
            || is_cjk(after) && matches!(before, '】' | '）' | '》' | '”') && !self.nature.is_prose()
        {
            return Verdict::Keep;
        }
        Verdict::Remove
    }

    fn between_han(&self) -> Verdict {
        // Whether the word on either side is a single character.
        let left = self.line[..self.start].chars().nth_back(1).is_none_or(|c| !is_cjk(c));
        let right = self.line[self.end..].chars().nth(1).is_none_or(|c| !is_cjk(c));
        if left && right {
            return Verdict::Remove;
        }
        if self.after_heading() || self.between_fields() {
            return Verdict::Keep;
        }
        if self.inside_title() && self.count <= 2 {
            return Verdict::Remove;
        }
        if self.line[self.start..self.end].contains('\t') || self.count > 2 {
            return Verdict::Keep;
        }
        if self.nature.is_prose() && (self.count == 1 || left || right) { Verdict::Remove } else { self.spaced_out() }
    }

    /// A short line whose words mostly are single characters is a line written with spaces.
    fn spaced_out(&self) -> Verdict {
        let words: Vec<usize> = self
            .line
            .split(is_space)
            .take(REACH)
            .map(|word| word.chars().filter(|&c| is_han(c)).count())
            .filter(|&n| n > 0)
            .collect();
        let single = words.iter().filter(|&&n| n == 1).count();
        if words.len() > 2 && single * 2 > words.len() { Verdict::Remove } else { Verdict::Keep }
    }

    /// Whether the gap stands between 《 and 》.
    fn inside_title(&self) -> bool {
        let open = self.line[..self.start].chars().rev().take(REACH).find(|&c| matches!(c, '《' | '》'));
        let close = self.line[self.end..].chars().take(REACH).find(|&c| matches!(c, '《' | '》'));
        open == Some('《') && close == Some('》')
    }

    /// `来源：某报 时间：五月`: a field ends, and the name of another stands behind the gap.
    fn between_fields(&self) -> bool {
        let colon = |c: char| matches!(c, '：' | ':');
        let name = self.line[self.end..].chars().take_while(|&c| is_han(c)).take(MAX_NAME + 1).count();
        (2..=MAX_NAME).contains(&name)
            && self.line[self.end..].chars().nth(name).is_some_and(colon)
            && self.line[..self.start]
                .chars()
                .rev()
                .take(REACH)
                .take_while(|&c| !matches!(c, '，' | '；' | '、') && !is_sentence_end(c))
                .any(colon)
    }

    /// `第一条 …` at the start of a line, or a numbered heading without an end in a flattened page: `一、基本情况 全区共有`.
    fn after_heading(&self) -> bool {
        let head = &self.line[..self.start];
        let from = head
            .char_indices()
            .rev()
            .take(REACH)
            .take_while(|&(_, c)| !is_sentence_end(c) && !is_space(c))
            .last()
            .map_or(self.start, |(at, _)| at);
        let phrase = head[from..].trim_start_matches(['（', '(']);
        let numeral = |c: char| "一二三四五六七八九十百零〇0123456789".contains(c);
        if let Some(rest) = phrase.strip_prefix('第') {
            let unit = rest.trim_start_matches(numeral);
            return unit.len() < rest.len()
                && unit.chars().count() <= 3
                && unit.starts_with([
                    '条', '章', '节', '编', '款', '项', '部', '篇', '期', '号', '课', '讲', '届', '卷', '回',
                ]);
        }
        let rest = phrase.trim_start_matches(numeral);
        rest.len() < phrase.len() && rest.starts_with(['、', '）', ')', '.', '．']) && !rest.contains(['，', '：'])
    }
}
