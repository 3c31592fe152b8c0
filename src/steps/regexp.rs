//! Regexes of rule files: parsed with limits, folded like the text they match, compiled at first use.
//!
//! Linear time (regex-automata's meta engine), source up to 4 KiB, compiled up to 1 MiB, nesting up to 50.

use std::sync::OnceLock;

use regex_automata::meta;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

use super::required::required;
use crate::text::class::{is_alphabetic_word, is_rare_sign, is_space};
use crate::text::fold::fold;

/// Longest source of a regex, in bytes.
pub const MAX_SOURCE: usize = 4 * 1024;
/// Largest compiled size, in bytes.
pub const MAX_COMPILED: usize = 1024 * 1024;
/// Deepest nesting.
pub const MAX_NEST: u32 = 50;
/// Classes with more characters than this are not folded: they are negations, `\d` and `\w`, and whole scripts.
const MAX_FOLDED_CLASS: u32 = 128;

/// Why a regex is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegexError {
    /// Longer than [`MAX_SOURCE`].
    #[error("the regex is {0} bytes long; the limit is {MAX_SOURCE}")]
    TooLong(usize),
    /// Not a regex, or nested too deeply.
    #[error("{0}")]
    Syntax(String),
    /// Larger than [`MAX_COMPILED`].
    #[error("the regex compiles to more than {MAX_COMPILED} bytes; make its repetitions or classes smaller")]
    TooBig,
    /// Holds something that no folded text contains.
    #[error(
        "the regex can never match folded text: {0}; patterns match NFKC, lower case, without spaces but one between two alphabetic words (or set on = \"raw\")"
    )]
    Never(String),
    /// No literal that the scan could look for.
    #[error(
        "the regex has no literal of two characters (or a sign such as > or ★) that every match contains; add one, or set always = true"
    )]
    NoLiteral,
}

/// A regex ready to use: folded unless raw, compiled when first asked.
#[derive(Debug)]
pub struct Regexp {
    hir: Hir,
    required: Option<Vec<String>>,
    compiled: OnceLock<Option<meta::Regex>>,
}

impl Regexp {
    /// Parses a regex and folds its literals, unless it is matched against raw text.
    pub fn new(source: &str, raw: bool) -> Result<Self, RegexError> {
        if source.len() > MAX_SOURCE {
            return Err(RegexError::TooLong(source.len()));
        }
        let hir = regex_syntax::ParserBuilder::new()
            .nest_limit(MAX_NEST)
            .build()
            .parse(source)
            .map_err(|error| RegexError::Syntax(short(&error)))?;
        let hir = if raw { hir } else { folded(&hir)? };
        if !raw {
            refuse_lone_spaces(&hir)?;
        }
        let required = required(&hir).map(|set| set.iter().map(|literal| fold(literal)).collect::<Vec<_>>());
        let required = required.filter(|set| set.iter().all(|literal| is_anchor(literal)));
        Ok(Self { hir, required, compiled: OnceLock::new() })
    }

    /// The literals of which every match contains one: two characters, or a sign that running text seldom has.
    pub fn required(&self) -> Option<&[String]> {
        self.required.as_deref()
    }

    /// Whether every match begins at the start of the text.
    pub fn is_at_start(&self) -> bool {
        self.hir.properties().look_set_prefix().contains(Look::Start)
    }

    /// Compiles now, to learn of a regex that is too big.
    pub fn check(&self) -> Result<(), RegexError> {
        self.get().map(|_| ()).ok_or(RegexError::TooBig)
    }

    /// The compiled form; `None` when it is over the size limit.
    pub fn get(&self) -> Option<&meta::Regex> {
        self.compiled.get_or_init(|| compile(&self.hir)).as_ref()
    }
}

fn compile(hir: &Hir) -> Option<meta::Regex> {
    let config = meta::Config::new()
        .nfa_size_limit(Some(MAX_COMPILED))
        .onepass_size_limit(Some(MAX_COMPILED / 4))
        .hybrid_cache_capacity(MAX_COMPILED);
    meta::Builder::new().configure(config).build_from_hir(hir).ok()
}

/// Whether a literal is worth looking for: two characters, or one sign that running text seldom has.
pub(super) fn is_anchor(literal: &str) -> bool {
    let mut chars = literal.chars();
    match (chars.next(), chars.next()) {
        (Some(_), Some(_)) => true,
        (Some(one), None) => is_rare_sign(one),
        _ => false,
    }
}

/// The first line of a parser's message that says something.
fn short(error: &regex_syntax::Error) -> String {
    let text = error.to_string();
    let last = text.lines().rev().find_map(|line| line.strip_prefix("error: "));
    format!("not a regex: {}", last.unwrap_or(text.trim()))
}

/// The same regex with every literal and small class folded.
fn folded(hir: &Hir) -> Result<Hir, RegexError> {
    Ok(match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => hir.clone(),
        HirKind::Literal(literal) => folded_literal(&String::from_utf8_lossy(&literal.0))?,
        HirKind::Class(Class::Unicode(class)) => Hir::class(Class::Unicode(folded_class(class)?)),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(folded(&repetition.sub)?);
            Hir::repetition(Repetition { min: repetition.min, max: repetition.max, greedy: repetition.greedy, sub })
        }
        HirKind::Capture(capture) => {
            let mut capture = capture.clone();
            capture.sub = Box::new(folded(&capture.sub)?);
            Hir::capture(capture)
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(folded).collect::<Result<_, _>>()?),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(folded).collect::<Result<_, _>>()?),
    })
}

/// A literal folded as a text is; a space at its edge beside a letter may or may not stand in the folded text.
fn folded_literal(text: &str) -> Result<Hir, RegexError> {
    let core = fold(text);
    if core.is_empty() && !text.chars().all(is_space) {
        return Err(RegexError::Never(format!("{text:?} is removed by folding")));
    }
    let space = || {
        let sub = Box::new(Hir::literal(*b" "));
        Hir::repetition(Repetition { min: 0, max: Some(1), greedy: true, sub })
    };
    let mut parts = Vec::new();
    if text.starts_with(is_space) && core.starts_with(is_alphabetic_word) {
        parts.push(space());
    }
    parts.push(Hir::literal(core.clone().into_bytes()));
    if text.ends_with(is_space) && (core.is_empty() || core.ends_with(is_alphabetic_word)) {
        parts.push(space());
    }
    Ok(Hir::concat(parts))
}

fn folded_class(class: &ClassUnicode) -> Result<ClassUnicode, RegexError> {
    let size: u32 = class.ranges().iter().map(|range| range.end() as u32 - range.start() as u32 + 1).sum();
    if size > MAX_FOLDED_CLASS {
        return Ok(class.clone());
    }
    let mut out = ClassUnicode::empty();
    for c in class.ranges().iter().flat_map(|range| range.start()..=range.end()) {
        let one = fold(c.encode_utf8(&mut [0; 4]));
        let mut chars = one.chars();
        match (chars.next(), chars.next()) {
            (Some(folded), None) => out.push(ClassUnicodeRange::new(folded, folded)),
            // A line folds to its words with single spaces: a class of spaces may still match that one.
            (None, _) if is_space(c) => out.push(ClassUnicodeRange::new(' ', ' ')),
            _ => {}
        }
    }
    if out.ranges().is_empty() && size > 0 {
        return Err(RegexError::Never(format!("no character of the class {class:?} is left by folding")));
    }
    Ok(out)
}

/// A space that must stand beside anything but a letter can never be met.
fn refuse_lone_spaces(hir: &Hir) -> Result<(), RegexError> {
    match hir.kind() {
        HirKind::Concat(parts) => {
            for (i, part) in parts.iter().enumerate() {
                if needs_space(part) {
                    let before = i.checked_sub(1).and_then(|i| edge(&parts[i], true));
                    let after = parts.get(i + 1).and_then(|part| edge(part, false));
                    if [before, after].into_iter().flatten().any(|c| !is_alphabetic_word(c)) {
                        return Err(RegexError::Never(
                            "it needs a space beside a character that is not a letter".to_owned(),
                        ));
                    }
                }
                refuse_lone_spaces(part)?;
            }
            Ok(())
        }
        HirKind::Alternation(parts) => parts.iter().try_for_each(refuse_lone_spaces),
        HirKind::Capture(capture) => refuse_lone_spaces(&capture.sub),
        HirKind::Repetition(repetition) => refuse_lone_spaces(&repetition.sub),
        _ => Ok(()),
    }
}

fn needs_space(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            !class.ranges().is_empty()
                && class.ranges().iter().all(|range| (range.start()..=range.end()).all(char::is_whitespace))
        }
        HirKind::Repetition(repetition) => repetition.min > 0 && needs_space(&repetition.sub),
        HirKind::Literal(literal) => literal.0.iter().all(|&byte| byte == b' '),
        _ => false,
    }
}

/// The last (or first) character of a literal part.
fn edge(hir: &Hir, last: bool) -> Option<char> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            if last { text.chars().next_back() } else { text.chars().next() }
        }
        HirKind::Capture(capture) => edge(&capture.sub, last),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(regex: &str, text: &str) -> bool {
        let regexp = Regexp::new(regex, false).expect("a good regex");
        regexp.get().expect("small").is_match(fold(text).as_str())
    }

    #[test]
    fn literals_are_folded() {
        assert!(matches("^來源：某某網$", "来源:某某网"));
        assert!(matches(r"Copyright ©\d{4} All Rights", "copyright © 2022  ALL rights"));
        assert!(matches(r"all (?:rights|right) reserved", "All Rights Reserved"));
        assert!(matches(r"^……预览结束", "......预览结束"));
        assert!(matches(r"[Ａ-Ｚ]区开放", "b区开放"));
    }

    #[test]
    fn required_literals_are_found() {
        let of = |regex: &str| Regexp::new(regex, false).expect("good").required().map(<[String]>::to_vec);
        assert_eq!(of(r"^共\d+页,还剩\d+页未读"), Some(vec!["页,还剩".to_owned()]));
        assert_eq!(of(r"(?:上一篇|下一篇):"), Some(vec!["上一篇:".to_owned(), "下一篇:".to_owned()]));
        assert_eq!(of(r"^\d+$"), None);
        assert_eq!(of(r"^.页$"), None);
        assert_eq!(of(r"[加添]微信"), Some(vec!["加微信".to_owned(), "添微信".to_owned()]));
    }

    #[test]
    fn refuses_what_can_never_match() {
        for regex in [r"加\s+微信", "[\u{200b}\u{feff}]+隐藏", "\u{200b}"] {
            assert!(matches!(Regexp::new(regex, false), Err(RegexError::Never(_))), "{regex}");
        }
        assert!(Regexp::new(r"加\s+微信", true).is_ok());
        assert!(Regexp::new(r"加\s*微信", false).is_ok());
    }

    #[test]
    fn bombs_are_refused_by_name() {
        assert!(matches!(Regexp::new(&"a".repeat(MAX_SOURCE + 1), false), Err(RegexError::TooLong(_))));
        let deep = format!("{}加微信{}", "(?:".repeat(60), ")".repeat(60));
        assert!(matches!(Regexp::new(&deep, false), Err(RegexError::Syntax(_))));
        let big = Regexp::new(r"加微信(?:\w{1,200}){1,200}", false).expect("parses");
        assert_eq!(big.check(), Err(RegexError::TooBig));
    }
}
