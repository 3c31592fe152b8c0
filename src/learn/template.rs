//! What lines that differ have in common: literals, numbers, and slots for what varies.
//!
//! Lines are aligned with one of them (longest common subsequence of characters and words, runs preferred), and what most share is the
//! template. Where most share nothing, they are aligned one after the other with what the ones before have in common; a line that would cost
//! too much of it is not of the same make and is left aside.

use std::fmt::Write as _;

use super::align::{Class, Common, MOST_LINES, Token, rough, tokens};
use super::sheet::LONGEST;
use crate::steps::regexp::Regexp;
use crate::text::class::is_letter;

/// How much of the common weight a line must keep, in percent.
const KEEP: u32 = 60;
/// Most numbers, words and signs of a line: many times what a line of furniture has.
const MOST_TOKENS: usize = 1000;
/// How much the second line must keep of the first.
const KEEP_FIRST: u32 = 40;
/// How much a line must keep of what most lines have.
const KEEP_CONSENSUS: u32 = 75;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Always the same, folded.
    Literal(String),
    /// A number; with points or commas in it on some lines.
    Number {
        /// Only digits, on every line.
        plain: bool,
    },
    /// Anything, of so many characters.
    Slot {
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
        /// Some line has a full stop in it.
        stops: bool,
    },
}

/// What a group of lines has in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// Its pieces in order.
    pub(super) pieces: Vec<Piece>,
}

impl Template {
    /// The template of some lines, and which of them it was made of. `None` when nothing is left in common.
    pub(super) fn of(lines: &[&str]) -> Option<(Self, Vec<usize>)> {
        let cut: Vec<Vec<Token<'_>>> = lines.iter().take(MOST_LINES + 1).map(|line| tokens(line)).collect();
        let first = cut.first()?;
        // Aligning takes time and memory by the product of two lengths.
        if cut.iter().any(|line| line.len() > MOST_TOKENS) {
            return None;
        }
        let (mut common, keep) = match Common::consensus(first, &cut) {
            Some(common) => (common, KEEP_CONSENSUS),
            // Of the first line even the names count, which no other line has.
            None => (Common::of(first.clone()), KEEP_FIRST),
        };
        let mut used = Vec::new();
        for (index, line) in cut.iter().enumerate() {
            let next = common.with(line);
            let keep = if keep == KEEP_FIRST && common.gaps.contains(&true) { KEEP } else { keep };
            if next.weight() * 100 >= common.weight() * keep {
                common = next;
                used.push(index);
            }
        }
        let rough = rough(&common);
        let template = measured(&rough, &used.iter().map(|&index| lines[index]).collect::<Vec<_>>())?;
        // Lines beyond the limit, or left aside too early, may fit after all.
        let regex = Regexp::new(&template.regex(), true).ok()?;
        let used = (0..lines.len()).filter(|&index| regex.get().is_some_and(|regex| regex.is_match(lines[index])));
        let used: Vec<usize> = used.collect();
        Some((template, used))
    }

    /// Of what a line is made, in order: `w` for letters, `#` for numbers, signs as they are. `None` for one without a number.
    pub(super) fn make(fold: &str) -> Option<String> {
        let mut out = String::new();
        for token in tokens(fold) {
            let letters = token.class == Class::Word || token.text.chars().all(|c| is_letter(c) || c == ' ');
            let sign = match token.class {
                Class::Number => "#",
                _ if letters => "w",
                _ => token.text,
            };
            if !(sign == "w" && out.ends_with('w')) {
                out.push_str(sign);
            }
        }
        out.contains('#').then_some(out)
    }

    /// The template of lines of one make.
    pub(super) fn typed(lines: &[&str]) -> Self {
        let mut longest: Vec<usize> = Vec::new();
        let mut pieces: Vec<Piece> = Vec::new();
        for line in lines {
            let mut run = 0;
            let mut at = 0;
            pieces.clear();
            let mut close = |run: &mut usize, pieces: &mut Vec<Piece>| {
                if *run > 0 {
                    longest.resize(longest.len().max(at + 1), 0);
                    longest[at] = longest[at].max(*run);
                    at += 1;
                    pieces.push(Piece::Slot { min: 1, max: 0, stops: false });
                    *run = 0;
                }
            };
            for token in tokens(line) {
                let letters = token.class == Class::Word || token.text.chars().all(|c| is_letter(c) || c == ' ');
                if token.class != Class::Number && letters {
                    run += token.text.chars().count();
                    continue;
                }
                close(&mut run, &mut pieces);
                match pieces.last_mut() {
                    _ if token.class == Class::Number => pieces.push(Piece::Number { plain: false }),
                    Some(Piece::Literal(last)) => last.push_str(token.text),
                    _ => pieces.push(Piece::Literal(token.text.to_owned())),
                }
            }
            close(&mut run, &mut pieces);
        }
        let mut longest = longest.into_iter();
        for piece in &mut pieces {
            if let Piece::Slot { max, .. } = piece {
                *max = (longest.next().unwrap_or(0) + 4).div_ceil(5) * 5;
            }
        }
        Self { pieces }
    }

    /// The one literal, when nothing varies.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Literal(literal)] => Some(literal),
            _ => None,
        }
    }

    /// Letters that never vary.
    pub(super) fn letters(&self) -> usize {
        self.literals().map(|literal| literal.chars().filter(|&c| is_letter(c)).count()).sum()
    }

    /// The literals in order.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| if let Piece::Literal(text) = piece { Some(text.as_str()) } else { None })
    }

    /// Whether a literal holds a mark that divides fields.
    pub(super) fn has_mark(&self) -> bool {
        self.literals().any(|literal| {
            literal.contains([':', '>', '|', '»', '›', '【', '】', '[', ']', '«', '_', '©', '→', '←', '▲', '/'])
        })
    }

    /// Whether there is a slot for anything but a number.
    pub(super) fn has_slot(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Slot { .. }))
    }

    /// The regex of whole folded lines.
    pub(super) fn regex(&self) -> String {
        let mut out = String::from("^");
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(&escape(text)),
                Piece::Number { plain: true } => out.push_str(r"\d+"),
                Piece::Number { plain: false } => out.push_str(r"[\d.,]+"),
                Piece::Slot { min, max, stops } => {
                    out.push_str(if *stops { "." } else { "[^。]" });
                    let _ = write!(out, "{{{min},{max}}}");
                }
            }
        }
        out.push('$');
        out
    }
}

/// A literal as a regex; marks that mean nothing to a regex stay readable.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The template with its slots measured on lines.
fn measured(rough: &[Vec<Token<'_>>], lines: &[&str]) -> Option<Template> {
    let mut source = String::from("^");
    for run in rough {
        if run.is_empty() {
            source.push_str("(.*?)");
        }
        for token in run {
            match token.class {
                Class::Number => source.push_str(r"([\d.,]+)"),
                _ => source.push_str(&escape(token.text)),
            }
        }
    }
    source.push('$');
    let whole = Regexp::new(&source, true).ok()?;
    let regex = whole.get()?;
    let mut captured: Vec<Vec<&str>> = Vec::new();
    for line in lines {
        let mut groups = regex.create_captures();
        regex.captures(*line, &mut groups);
        if !groups.is_match() {
            continue;
        }
        let values = groups.iter().skip(1).map(|span| span.map_or("", |span| &line[span.range()]));
        captured.push(values.collect());
    }
    if captured.is_empty() {
        return None;
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let literal = |pieces: &mut Vec<Piece>, text: &str| match pieces.last_mut() {
        Some(Piece::Literal(last)) => last.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    };
    let mut group = 0;
    for run in rough {
        if run.is_empty() {
            pieces.push(slot(captured.iter().map(|values| values[group])));
            group += 1;
        }
        for token in run {
            if token.class != Class::Number {
                literal(&mut pieces, token.text);
                continue;
            }
            let first = captured[0][group];
            if captured.iter().all(|values| values[group] == first) {
                literal(&mut pieces, first);
            } else {
                let plain = captured.iter().all(|values| values[group].bytes().all(|b| b.is_ascii_digit()));
                pieces.push(Piece::Number { plain });
            }
            group += 1;
        }
    }
    Some(Template { pieces })
}

/// A slot wide enough for values like those seen.
fn slot<'v>(values: impl Iterator<Item = &'v str>) -> Piece {
    let (mut min, mut max, mut stops) = (usize::MAX, 0, false);
    for value in values {
        let count = value.chars().count();
        min = min.min(count);
        max = max.max(count);
        stops |= value.contains('。');
    }
    let max = (max * 2).max(max + 8).min(LONGEST);
    Piece::Slot { min: usize::from(min > 0), max: max.div_ceil(5) * 5, stops }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(lines: &[&str]) -> String {
        Template::of(lines).expect("something in common").0.regex()
    }

    #[test]
    fn numbers_that_vary_are_slots_and_others_stay() {
        assert_eq!(regex(&["浏览次数:2341", "浏览次数:87"]), r"^浏览次数:\d+$");
        assert_eq!(regex(&["京icp备10002号第3页", "京icp备10002号第4页"]), r"^京icp备10002号第\d+页$");
        assert_eq!(regex(&["大小:33.5kb", "大小:102kb"]), r"^大小:[\d.,]+kb$");
        let (template, _) = Template::of(&["返回顶部", "返回顶部"]).unwrap();
        assert_eq!(template.literal(), Some("返回顶部"));
    }

    #[test]
    fn labels_stay_and_what_follows_them_varies() {
        let regex = regex(&[
            "来源:县城晚报作者:张三时间:2022-01-02",
            "来源:本站作者:欧阳小明时间:2021-11-12",
            "来源:教育在线作者:李四时间:2020-03-04",
        ]);
        assert_eq!(regex, r"^来源:[^。]{1,15}作者:[^。]{1,15}时间:\d+-\d+-\d+$");
    }

    #[test]
    fn chance_agreements_inside_slots_are_no_literals() {
        let regex = regex(&["上一篇:我的母亲", "上一篇:小学语文教师的工作总结", "上一篇:春天的早晨"]);
        assert_eq!(regex, "^上一篇:[^。]{1,25}$");
    }

    #[test]
    fn a_line_of_another_make_is_left_aside() {
        let lines = ["首页>范文>工作总结", "首页>作文>春游", "首页的设计很重要", "首页>范文>读后感"];
        let (template, used) = Template::of(&lines).unwrap();
        assert_eq!(used, [0, 1, 3]);
        assert!(template.regex().starts_with("^首页>"), "{}", template.regex());
    }

    #[test]
    fn what_most_lines_have_is_found_beside_chance_agreements() {
        let lines = [
            "今天多云,气温9°c~17°c2010年3月26日星期四",
            "今天多云,气温9°c~17°c2011年8月9日星期一",
            "今天晴,气温12°c~21°c2016年1月3日星期二",
            "今天小雨,气温4°c~11°c2017年2月3日星期二",
            "今天晴,气温12°c~21°c2012年11月13日星期五",
        ];
        assert_eq!(regex(&lines), r"^今天[^。]{1,10},气温\d+°c~\d+°c\d+年\d+月\d+日星期[^。]{1,10}$");
    }

    #[test]
    fn english_words_are_whole() {
        let regex = regex(&[
            "written by jane miller on march 3", "written by tom baker on april 14", "written by ann cook on june 9",
        ]);
        assert!(regex.starts_with("^written by"), "{regex}");
    }
}
