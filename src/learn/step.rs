//! A proposed step before it is written down.

use std::fmt::Write as _;

use super::census::{Census, Spot};
use super::learned::Place;
use super::lines::Line;
use super::sheet::LONGEST;
use super::template::Template;
use crate::steps::regexp::Regexp;

/// Repeated sentences that may stand between a line and the end of the text for it to count as standing behind all prose: each takes a
/// pass of the washing to go, and passes are few.
const REPEATED: usize = 1;
/// Share of places that must fit a guard, in percent.
const FITS: usize = 95;
/// The tail of a text, in lines: see `steps::page`. Two less, for pages that have more.
const TAIL_LINES: usize = 18;
/// The head, likewise.
const HEAD_LINES: usize = 8;
/// Examples kept of a step.
const EXAMPLES: usize = 3;

/// A pattern as a rule file writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// `equals`, `contains` or `regex`.
    pub(super) how: &'static str,
    pub(super) text: String,
    /// `where`.
    pub(super) place: Option<&'static str>,
    pub(super) max_chars: Option<usize>,
    /// `always`: there is no literal to look for.
    pub(super) always: bool,
}

/// A step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) kind: &'static str,
    pub(super) place: Place,
    /// Patterns by parameter.
    pub(super) patterns: Vec<(&'static str, Pattern)>,
    pub(super) max_lines: Option<usize>,
    pub(super) flag: Option<&'static str>,
    /// Texts of pages for its test, each some lines.
    pub(super) examples: Vec<Vec<String>>,
    /// Pages it was seen on.
    pub(super) pages: usize,
    /// The longest text that never varies.
    pub(super) said: String,
    /// Where it was seen.
    pub(super) spots: Vec<Spot>,
}

impl Step {
    /// A line that goes.
    pub(super) fn drop_line(census: &Census<'_>, line: &Line) -> Self {
        let mut examples: Vec<Vec<String>> = Vec::new();
        for spot in &line.spots {
            let source = census.sheet(*spot).source(spot.row as usize).to_owned();
            if examples.len() < EXAMPLES && !examples.iter().any(|example| example[0] == source) {
                examples.push(vec![source]);
            }
        }
        Self {
            kind: "drop-line",
            place: line.place,
            patterns: vec![("line", Pattern::of(census, &line.template, &line.spots, guard(census, line)))],
            max_lines: None,
            flag: None,
            examples,
            pages: census.count(line.spots.iter().copied()),
            said: line.template.literals().max_by_key(|text| text.chars().count()).unwrap_or_default().to_owned(),
            spots: line.spots.clone(),
        }
    }

    /// The text of its first pattern.
    pub(super) fn pattern_text(&self) -> String {
        self.patterns.first().map_or_else(String::new, |(_, pattern)| pattern.text.clone())
    }

    /// What tells it from other steps.
    pub(super) fn key(&self) -> String {
        let mut key = self.kind.to_owned();
        for (name, pattern) in &self.patterns {
            let _ = write!(key, "\n{name} {} {} {:?}", pattern.how, pattern.text, pattern.place);
        }
        key
    }
}

impl Pattern {
    /// The pattern of whole lines. A literal is written as most pages write it.
    pub(super) fn of(census: &Census<'_>, template: &Template, spots: &[Spot], place: Option<&'static str>) -> Self {
        let longest = spots.iter().map(|spot| census.fold(*spot).chars().count()).max().unwrap_or(0);
        // A sentence of a long line may be twice as long as a line.
        let whole = spots.iter().all(|spot| census.sheet(*spot).rows[spot.row as usize].whole);
        let max_chars = (longest > if whole { LONGEST } else { LONGEST * 2 }).then(|| longest.div_ceil(20) * 20);
        if template.literal().is_some() {
            let mut spellings: Vec<&str> =
                spots.iter().map(|spot| census.sheet(*spot).source(spot.row as usize)).collect();
            spellings.sort_unstable();
            let mut best = ("", 0);
            for same in spellings.chunk_by(|a, b| a == b) {
                if same.len() > best.1 {
                    best = (same[0], same.len());
                }
            }
            return Self { how: "equals", text: best.0.to_owned(), place, max_chars, always: false };
        }
        let text = template.regex();
        let always = Regexp::new(&text, false).is_ok_and(|regex| regex.required().is_none());
        Self { how: "regex", text, place, max_chars, always }
    }
}

/// The narrowest place in which a line stands on nearly all of its pages.
fn guard(census: &Census<'_>, line: &Line) -> Option<&'static str> {
    let behind = match line.place {
        Place::Head => false,
        Place::Tail => true,
        Place::Woven | Place::Inline => return None,
    };
    let most = |fits: &dyn Fn(Spot) -> bool| {
        line.spots.iter().filter(|spot| fits(**spot)).count() * 100 >= line.spots.len() * FITS
    };
    let beyond = most(&|spot| {
        let (own, repeated) = census.prose_beyond(spot, behind);
        own == 0 && repeated <= REPEATED
    });
    if beyond {
        return Some(if behind { "end" } else { "start" });
    }
    let near = most(&|spot| {
        let rows = census.sheet(spot).rows.len();
        let beyond = if behind { rows - 1 - spot.row as usize } else { spot.row as usize };
        beyond < if behind { TAIL_LINES } else { HEAD_LINES }
    });
    near.then_some(if behind { "tail" } else { "head" })
}
