//! `width`: one width for punctuation, letters and digits.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::facts::Facts;
use super::nature::Nature;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::{Mask, is_cjk, is_cjk_punct, is_han, is_space};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "width",
    what: "Writes `,;:?!()` in Chinese prose full-width, and full-width letters and digits half-width.",
    why: "The marks beside a mark decide, not the page: ratios, times, numbers, URLs, addresses, code, formulas and Latin sentences stay.",
    params: &[Param {
        name: "signs",
        kind: ParamKind::Bool,
        default: "false",
        doc: "Full-width signs such as `％＋＝` become half-width as well.",
    }],
    examples: &[
        Example::plain("会议提出,要(进一步)抓好落实;切记!", "会议提出，要（进一步）抓好落实；切记！"),
        Example::plain("ＡＢＣ１２３班", "ABC123班"),
        Example::stays("比分3:2，8:30开始，见https://example.com/a?b=1,2 和 f(x)=1。"),
        Example::stays("He said “no”, “never”: what is “this”? It is *(taxed) here—(see below)."),
        Example::with("signs = true", "占１２％", "占12%"),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct Width {
    signs: bool,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(Width { signs: params.bool("signs") })))
}

impl LineStep for Width {
    fn triggers(&self) -> Mask {
        Mask::HALF_PUNCT.with(Mask::FULL_ALNUM)
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        // Nothing in it is Chinese, and nothing full-width.
        if line.is_ascii() {
            return;
        }
        let nature = Nature::of(line);
        let pairs = if line.contains(['(', ')']) { parentheses(line, &nature) } else { Vec::new() };
        let mut pairs = pairs.into_iter().peekable();
        for (at, c) in marks(line) {
            if pairs.peek() == Some(&at) {
                pairs.next();
                out.replace(at..at + 1, if c == '(' { "（" } else { "）" });
                continue;
            }
            if let Some(full) = full_form(c) {
                if in_prose(line, at, c, &nature) {
                    out.replace(at..at + 1, full);
                }
            } else if let Some(half) = self.half_form(line, at, c) {
                out.replace(at..at + c.len_utf8(), half.encode_utf8(&mut [0; 4]));
            }
        }
    }
}

impl Width {
    fn half_form(&self, line: &str, at: usize, c: char) -> Option<char> {
        let half = || char::from_u32(c as u32 - 0xfee0);
        match c {
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => half(),
            '．' => {
                let digits = |c: Option<char>| c.is_some_and(|c| super::numbers::digit(c).is_some());
                let next = line[at + c.len_utf8()..].chars().next();
                (digits(line[..at].chars().next_back()) && digits(next)).then_some('.')
            }
            '％' | '＋' | '－' | '＝' | '＜' | '＞' | '＆' | '＃' | '＠' | '／' | '＼' | '＄' | '＊' | '＿' | '｜'
            | '＾' | '｛' | '｝' | '［' | '］' | '＇' | '＂'
                if self.signs =>
            {
                half()
            }
            _ => None,
        }
    }
}

/// The characters that may change, with their bytes: half-width marks, and those of the full-width forms.
fn marks(line: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mark = |byte: u8| matches!(byte, b',' | b';' | b':' | b'?' | b'!' | b'(' | b')' | 0xef);
    let at = line.bytes().enumerate().filter(move |&(_, byte)| mark(byte));
    at.filter_map(|(at, _)| line[at..].chars().next().map(|c| (at, c)))
}

fn full_form(c: char) -> Option<&'static str> {
    Some(match c {
        ',' => "，",
        ';' => "；",
        ':' => "：",
        '?' => "？",
        '!' => "！",
        _ => return None,
    })
}

/// Whether a character beside a mark speaks for Chinese. `opposite` stands on the other side of the mark.
fn hanish(c: char, opposite: Option<char>, nature: &Nature<'_>) -> bool {
    is_cjk(c) || nature.is_mark(c, opposite)
}

fn in_prose(line: &str, at: usize, c: char, nature: &Nature<'_>) -> bool {
    let before = line[..at].chars().next_back();
    let rest = &line[at + 1..];
    let next = rest.chars().next();
    let beyond = rest.trim_start_matches(is_space).chars().next();
    let left = before.is_some_and(|c| hanish(c, beyond, nature));
    let right = beyond.is_some_and(|c| hanish(c, before, nature));
    if !(left || right || beyond.is_none() || before.is_some_and(is_space)) || in_token(line, at) {
        return false;
    }
    match c {
        ':' => colon(before, next, left, nature, right),
        '?' | '!' => {
            (left && next != Some('='))
                || run_of(line, at, c, nature)
                || (after_latin(line, at, next) && nature.is_chinese())
        }
        _ if left && right => true,
        _ if left => next.is_none_or(|c| !is_space(c)) || nature.is_chinese(),
        _ if right => before.is_some_and(|c| !is_space(c)) && nature.is_chinese() && !entity(line, at, c),
        _ => false,
    }
}

/// A mark after a Latin word or a number that ends a Chinese phrase: `真的OK!`, and not `“Never give up!”` or `n!`.
fn after_latin(line: &str, at: usize, next: Option<char>) -> bool {
    let head = &line[..at];
    let wordy = head.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '%' | '*'));
    let ends = next.is_none_or(|c| is_space(c) || is_cjk_punct(c));
    let phrase = head.chars().rev().take(64).take_while(|&c| !is_cjk_punct(c)).any(is_han);
    wordy && ends && phrase
}

/// A mark that follows marks of its kind that follow prose: `好!!!`.
fn run_of(line: &str, at: usize, c: char, nature: &Nature<'_>) -> bool {
    let head = line[..at].trim_end_matches(['?', '!']);
    head.len() < at && matches!(c, '?' | '!') && head.chars().next_back().is_some_and(|c| hanish(c, None, nature))
}

fn colon(before: Option<char>, next: Option<char>, left: bool, nature: &Nature<'_>, right: bool) -> bool {
    if matches!(next, Some('/' | ')' | '(' | '\\' | ':')) || before == Some(':') {
        return false;
    }
    if left {
        return true;
    }
    let labelled = before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, ')' | '%' | '*'));
    labelled && right && next.is_some_and(|c| !is_space(c)) && nature.is_chinese()
}

/// `&nbsp;` and its kind.
fn entity(line: &str, at: usize, c: char) -> bool {
    c == ';'
        && line[..at].rfind('&').is_some_and(|amp| {
            at - amp <= 8 && line[amp + 1..at].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
        })
}

/// Whether a mark stands inside a URL, an address or a path: a run of ASCII that says so and goes on after the mark.
fn in_token(line: &str, at: usize) -> bool {
    let graphic = |c: &char| c.is_ascii_graphic();
    let left: usize = line[..at].chars().rev().take(256).take_while(graphic).count();
    let right: usize = line[at..].chars().take(256).take_while(graphic).count();
    let token = &line[at - left..at + right];
    // The last mark of a run belongs to the sentence around it, unless it is the colon of `http://`.
    let inner = right > 1;
    inner
        && (token.contains("://")
            || token.contains("www.")
            || token.contains('@')
            || token.contains('\\')
            || token.contains('='))
}

/// Byte positions of the half-width parentheses that become full-width, in order.
fn parentheses(line: &str, nature: &Nature<'_>) -> Vec<usize> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut found = Vec::new();
    if is_code(line) {
        return found;
    }
    for (at, c) in line.char_indices() {
        match c {
            '(' | '（' => open.push((at, c)),
            ')' | '）' => {
                let Some((start, opener)) = open.pop() else { continue };
                let inside = &line[start + opener.len_utf8()..at];
                let whole =
                    (line[..start].chars().next_back(), line[at + c.len_utf8()..].chars().find(|&c| !is_space(c)));
                if opener == '（' && c == '）'
                    || !pair_in_prose(line, at, inside, whole, opener != c && (opener == '（' || c == '）'), nature)
                {
                    continue;
                }
                found.extend((opener == '(').then_some(start));
                found.extend((c == ')').then_some(at));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found
}

/// Lines that are program text.
fn is_code(line: &str) -> bool {
    line.contains("();")
        || line.contains("){")
        || line.contains(") {")
        || line.contains("=>")
        || line.contains("->")
        || line.trim_end().ends_with(");")
        || line.contains("==")
}

fn pair_in_prose(
    line: &str,
    close: usize,
    inside: &str,
    around: (Option<char>, Option<char>),
    mixed: bool,
    nature: &Nature<'_>,
) -> bool {
    let (before, after) = around;
    if mixed {
        return true;
    }
    let han_inside = inside.chars().take(256).any(is_cjk);
    let formula = !han_inside && inside.contains(['+', '=', '^', '*', '/', '<', '>']);
    let stuck = before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ']' | '='));
    let phone = inside.len() <= 4
        && inside.bytes().all(|b| b.is_ascii_digit())
        && line[close + 1..].starts_with(|c: char| c.is_ascii_digit());
    // `(x-1)`, `(a)(b)`: variables and operators, no words.
    let algebra = !han_inside
        && (line[close + 1..].starts_with('(') || inside.contains('-'))
        && inside.bytes().any(|b| b.is_ascii_lowercase())
        && !inside.as_bytes().windows(2).any(|w| w[0].is_ascii_alphabetic() && w[1].is_ascii_alphabetic());
    if formula || algebra || phone || inside.is_empty() || before == Some(']') {
        return false;
    }
    if han_inside {
        return !(stuck && inside.starts_with(['"', '\'', '“']));
    }
    let left = before.is_some_and(|c| hanish(c, after, nature) || c == '*' && nature.is_chinese());
    let right = after.is_some_and(|c| hanish(c, before, nature));
    (left && !stuck) || (right && before.is_none_or(is_space) && !stuck)
}
