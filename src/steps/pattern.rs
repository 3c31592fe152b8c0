//! Patterns of rule files: literals and regexes tried on a folded unit, with a place and an exception.

use std::ops::Range;
use std::sync::Arc;

use super::page::{LONG_LINE, Page};
use super::regexp::{RegexError, Regexp, is_anchor};
use super::words::Words;
use crate::text::fold::fold;

/// Where in the text a unit must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Where {
    /// Anywhere.
    #[default]
    Any,
    /// Among the first lines.
    Head,
    /// Among the last lines.
    Tail,
    /// Before the first prose.
    Start,
    /// Behind the last prose.
    End,
}

/// One way to match.
#[derive(Debug)]
pub enum Test {
    /// The unit is the literal.
    Equals(String),
    /// The unit starts with it.
    Prefix(String),
    /// The unit ends with it.
    Suffix(String),
    /// The unit contains it.
    Contains(String),
    /// The regex matches somewhere in the unit.
    Regex(Regexp),
}

impl Test {
    fn literal(&self) -> Option<&str> {
        match self {
            Self::Equals(s) | Self::Prefix(s) | Self::Suffix(s) | Self::Contains(s) => Some(s),
            Self::Regex(_) => None,
        }
    }

    fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Equals(s) => text == s,
            Self::Prefix(s) => text.starts_with(s.as_str()),
            Self::Suffix(s) => text.ends_with(s.as_str()),
            Self::Contains(s) => text.contains(s.as_str()),
            Self::Regex(regexp) => regexp.get().is_some_and(|regex| regex.is_match(text)),
        }
    }
}

/// What is written in a rule file, before folding and compiling.
#[derive(Debug, Default)]
pub struct PatternSource {
    /// Literals that are the whole unit.
    pub equals: Vec<String>,
    /// Literals at its start.
    pub prefix: Vec<String>,
    /// Literals at its end.
    pub suffix: Vec<String>,
    /// Literals anywhere in it.
    pub contains: Vec<String>,
    /// Regexes.
    pub regex: Vec<String>,
    /// The place.
    pub place: Where,
    /// A pattern that forbids the match.
    pub unless: Option<Pattern>,
    /// Match the source text instead of the folded one.
    pub raw: bool,
    /// Try on every unit, without a literal to look for.
    pub always: bool,
    /// Fewest characters of the unit.
    pub min_chars: Option<usize>,
    /// Most characters of the unit.
    pub max_chars: Option<usize>,
    /// Words that must cover the unit, and how much of it in percent.
    pub cover: Option<(Arc<Words>, usize)>,
}

/// A fault in a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// No way to match.
    #[error("a pattern needs one of equals, prefix, suffix, contains, regex")]
    Empty,
    /// A literal that is empty when folded.
    #[error("the literal {0:?} is empty once folded")]
    EmptyLiteral(String),
    /// A literal too short to look for.
    #[error("the literal {0:?} has one character; a prefix, suffix or contains needs two, or always = true")]
    ShortLiteral(String),
    /// A faulty regex.
    #[error(transparent)]
    Regex(#[from] RegexError),
}

/// Literals of one key, the test they make, and the fewest characters they may have.
type Group<'s> = (&'s [String], fn(String) -> Test, usize);

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    tests: Vec<Test>,
    place: Where,
    unless: Option<Box<Pattern>>,
    raw: bool,
    always: bool,
    min_chars: usize,
    max_chars: Option<usize>,
    cover: Option<(Arc<Words>, usize)>,
}

impl Pattern {
    /// Folds and checks what a rule file says. With `free`, short literals and regexes without one are allowed: the pattern is
    /// only tried where another one matched (`unless`, `to`).
    pub fn new(source: PatternSource, free: bool) -> Result<Self, PatternError> {
        let raw = source.raw;
        let free = free || source.always;
        let mut tests = Vec::new();
        let groups: [Group<'_>; 4] = [
            (&source.equals, Test::Equals, 1),
            (&source.prefix, Test::Prefix, 2),
            (&source.suffix, Test::Suffix, 2),
            (&source.contains, Test::Contains, 2),
        ];
        for (literals, test, least) in groups {
            for literal in literals {
                let folded = fold(literal);
                if folded.is_empty() {
                    return Err(PatternError::EmptyLiteral(literal.clone()));
                }
                if !free && least > 1 && !is_anchor(&folded) {
                    return Err(PatternError::ShortLiteral(literal.clone()));
                }
                tests.push(test(if raw { literal.clone() } else { folded }));
            }
        }
        for regex in &source.regex {
            let regexp = Regexp::new(regex, raw)?;
            if !free && regexp.required().is_none() {
                return Err(RegexError::NoLiteral.into());
            }
            tests.push(Test::Regex(regexp));
        }
        if tests.is_empty() {
            return Err(PatternError::Empty);
        }
        Ok(Self {
            tests,
            place: source.place,
            unless: source.unless.map(Box::new),
            raw,
            always: source.always,
            min_chars: source.min_chars.unwrap_or(0),
            max_chars: source.max_chars,
            cover: source.cover,
        })
    }

    /// Whether the pattern is tried on every unit.
    pub fn is_always(&self) -> bool {
        self.always
    }

    /// The literals the scan looks for; a unit without one of them cannot match (unless [`Pattern::is_always`]).
    pub fn anchors(&self) -> Vec<String> {
        if self.always {
            return Vec::new();
        }
        self.tests
            .iter()
            .flat_map(|test| match test {
                Test::Regex(regexp) => regexp.required().unwrap_or_default().to_vec(),
                test => test.literal().map(|s| if self.raw { fold(s) } else { s.to_owned() }).into_iter().collect(),
            })
            .collect()
    }

    /// Compiles every regex now.
    pub fn check(&self) -> Result<(), RegexError> {
        for test in &self.tests {
            if let Test::Regex(regexp) = test {
                regexp.check()?;
            }
        }
        self.unless.as_ref().map_or(Ok(()), |unless| unless.check())
    }

    /// Sets the longest unit the pattern takes unless the rule file says so.
    #[must_use]
    pub fn with_max_chars(mut self, max: usize) -> Self {
        self.max_chars.get_or_insert(max);
        self
    }

    /// Whether a unit matches. A sentence of a long line may be twice as long as a whole line may.
    pub fn matches(&self, page: &Page<'_>, unit: usize) -> bool {
        let text = if self.raw { page.source_of(unit).trim() } else { page.fold_of(unit) };
        let whole = page.units().get(unit).is_some_and(|u| u.whole && u.fold_end - u.fold_start <= LONG_LINE * 4);
        // What costs least and refuses most comes first.
        self.fits(text, whole)
            && self.is_covered(text)
            && self.is_match(text)
            && self.in_place(page, unit)
            && !self.excepted(page, unit)
    }

    fn fits(&self, text: &str, whole: bool) -> bool {
        let Some(max) = self.max_chars else {
            return self.min_chars == 0 || text.chars().count() >= self.min_chars;
        };
        // No character is longer than four bytes.
        if text.len() > max * 8 {
            return false;
        }
        let count = text.chars().count();
        count >= self.min_chars && count <= if whole { max } else { max * 2 }
    }

    fn is_covered(&self, text: &str) -> bool {
        self.cover.as_ref().is_none_or(|(words, percent)| words.covers(text, *percent))
    }

    /// Whether a unit stands where the pattern wants it.
    pub fn in_place(&self, page: &Page<'_>, unit: usize) -> bool {
        match self.place {
            Where::Any => true,
            Where::Head => page.in_head(unit),
            Where::Tail => page.in_tail(unit),
            Where::Start => page.is_before_prose(unit),
            Where::End => page.is_behind_prose(unit),
        }
    }

    /// Whether the exception forbids a unit.
    pub fn excepted(&self, page: &Page<'_>, unit: usize) -> bool {
        self.unless.as_ref().is_some_and(|unless| unless.matches(page, unit))
    }

    /// Whether any of the ways to match does, whatever the place.
    pub fn is_match(&self, text: &str) -> bool {
        self.tests.iter().any(|test| test.is_match(text))
    }

    /// Every non-overlapping match in a text, in order: the group `drop` of a regex if it has one. For steps that work inside
    /// lines; the text is folded unless the pattern is raw.
    pub fn spans(&self, text: &str, longest: usize) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        for test in &self.tests {
            match test {
                Test::Regex(regexp) => regex_spans(regexp, text, &mut spans),
                Test::Equals(s) => spans.extend((text == s).then_some(0..s.len())),
                Test::Prefix(s) => spans.extend(text.starts_with(s.as_str()).then_some(0..s.len())),
                Test::Suffix(s) => spans.extend(text.ends_with(s.as_str()).then(|| text.len() - s.len()..text.len())),
                Test::Contains(s) => spans.extend(text.match_indices(s.as_str()).map(|(at, s)| at..at + s.len())),
            }
        }
        spans.retain(|span| !span.is_empty() && text[span.clone()].chars().count() <= longest);
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        let mut end = 0;
        spans.retain(|span| {
            let keep = span.start >= end;
            if keep {
                end = span.end;
            }
            keep
        });
        spans
    }

    /// The regexes, for a step that replaces with groups.
    pub fn regexes(&self) -> impl Iterator<Item = &Regexp> {
        self.tests.iter().filter_map(|test| if let Test::Regex(regexp) = test { Some(regexp) } else { None })
    }

    /// The literals to be found anywhere.
    pub fn contained(&self) -> impl Iterator<Item = &str> {
        self.tests.iter().filter_map(|test| if let Test::Contains(s) = test { Some(s.as_str()) } else { None })
    }

    /// Whether every way to match begins where the text does: all are regexes with `^`, or prefixes.
    pub fn is_at_start(&self) -> bool {
        self.tests.iter().all(|test| match test {
            Test::Equals(_) | Test::Prefix(_) => true,
            Test::Suffix(_) | Test::Contains(_) => false,
            Test::Regex(regexp) => regexp.is_at_start(),
        })
    }

    /// Whether the pattern matches the source text instead of the folded one.
    pub fn is_raw(&self) -> bool {
        self.raw
    }
}

fn regex_spans(regexp: &Regexp, text: &str, spans: &mut Vec<Range<usize>>) {
    let Some(regex) = regexp.get() else { return };
    let group = regex.group_info().to_index(regex_automata::PatternID::ZERO, "drop");
    match group {
        None => spans.extend(regex.find_iter(text).map(|found| found.range())),
        Some(group) => {
            spans.extend(
                regex.captures_iter(text).filter_map(|captures| captures.get_group(group)).map(|span| span.range()),
            );
        }
    }
}
