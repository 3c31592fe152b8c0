//! What a site weaves into lines of the text: credits, addresses, marks of pages.
//!
//! Runs of [`GRAM`] characters or words that stand on many pages are found by counting; a run that begins and ends where the counts fall is a
//! span. The language repeats itself too, so a span must say where a text comes from, or stand apart from the sentence on most pages.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::align::{self, Class, Token};
use super::census::{Census, Spot};
use super::learned::{Place, Reason};
use super::lines::{Lines, Refused};
use super::sheet::shape;
use super::step::{Pattern, Step};
use super::template::{Template, escape};
use super::words::{is_credit, is_genre};
use super::woven::{self, names};
use crate::text::class::{is_han, is_letter};
use crate::text::fold::Folded;

/// Characters or words that are counted together.
const GRAM: usize = 4;
/// A credit stands on this share of the pages.
const CREDIT_SHARE: f64 = 0.1;
/// A credit that is glued to its sentence stands on this share.
const GLUED_SHARE: f64 = 0.25;
/// A span of which so much stands in a line of furniture too is a text that speaks of it, in percent.
const IN_LINE: usize = 60;
/// A span that says nothing of its source stands on this share of the pages …
const PLAIN_SHARE: f64 = 0.6;
/// … of so many at least …
const PLAIN_PAGES: usize = 8;
/// … and has so many letters.
const PLAIN_LETTERS: usize = 10;
/// Share of places where a credit stands apart from its sentence, in percent.
const APART: usize = 60;
/// The same for other spans.
const APART_PLAIN: usize = 90;
/// Longest span, in characters: see `steps::drop_span`.
const LONGEST: usize = 200;

/// A place of a span: a row, and bytes of its folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) spot: Spot,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of a row; spaces tell nothing.
fn tokens(fold: &str) -> Vec<Token<'_>> {
    let mut tokens = align::tokens(fold);
    tokens.retain(|token| token.text != " ");
    tokens
}

fn token_hash(token: &Token<'_>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    // A number is a number.
    let bytes = if token.class == Class::Number { &b"#"[..] } else { token.text.as_bytes() };
    for &byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ (hash >> 29)
}

/// A row's grams in order.
fn grams(tokens: &[Token<'_>]) -> Vec<u64> {
    let hashes: Vec<u64> = tokens.iter().map(token_hash).collect();
    hashes
        .windows(GRAM)
        .map(|window| {
            window.iter().fold(0_u64, |all, &hash| (all.rotate_left(17) ^ hash).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        })
        .collect()
}

/// The rows that no line accounts for.
pub(super) fn rows<'c>(census: &'c Census<'_>, lines: &'c Lines) -> impl Iterator<Item = Spot> + 'c {
    census.sheets.iter().enumerate().flat_map(move |(page, sheet)| {
        (0..sheet.rows.len() as u32)
            .map(move |row| Spot { page: page as u32, row })
            .filter(|spot| !lines.taken.contains(spot))
    })
}

/// Pages by gram, for grams that stand on enough pages.
fn hot(census: &Census<'_>, lines: &Lines, least: usize) -> HashMap<u64, u32> {
    let mut all: Vec<(u64, u32)> = Vec::new();
    for spot in rows(census, lines) {
        let fold = census.fold(spot);
        all.extend(grams(&tokens(fold)).into_iter().map(|gram| (gram, spot.page)));
    }
    all.sort_unstable();
    all.dedup();
    all.chunk_by(|a, b| a.0 == b.0)
        .filter(|same| same.len() >= least)
        .map(|same| (same[0].0, same.len() as u32))
        .collect()
}

/// Steps for the spans of a site.
pub(super) fn find(
    census: &Census<'_>,
    lines: &Lines,
    bracketed: &BTreeSet<Found>,
    refused: &mut Vec<Refused>,
) -> Vec<Step> {
    let least = census.woven_support;
    let names = names(census, lines);
    let counts = hot(census, lines, least);
    let mut spans: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for spot in rows(census, lines) {
        let fold = census.fold(spot);
        let tokens = tokens(fold);
        for (first, last) in runs(&grams(&tokens), &counts) {
            let (start, end) = (tokens[first].start, tokens[last + GRAM - 1].end());
            let text = trimmed(fold, start, end);
            if !text.is_empty() {
                let start = start + fold[start..end].find(text).unwrap_or(0);
                let found = Found { spot, start, end: start + text.len() };
                let first = Found { spot, start: 0, end: 0 };
                let mut others = bracketed.range(first..).take_while(|other| other.spot == spot);
                if others.all(|other| other.end <= found.start || found.end <= other.start) {
                    spans.entry(shape(text)).or_default().push(found);
                }
            }
        }
    }
    let mut spans: Vec<(String, Vec<Found>)> = spans.into_iter().collect();
    spans.sort_by_key(|(text, found)| {
        (std::cmp::Reverse(pages(census, found)), std::cmp::Reverse(text.len()), text.clone())
    });
    let mut steps: Vec<Step> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (text, found) in spans {
        let on = pages(census, &found);
        if on < least
            || text.chars().count() > LONGEST
            || known.iter().any(|other| other.contains(&text) || text.contains(other.as_str()))
        {
            continue;
        }
        if is_quoted(&text) || (speaks_of(lines, &text) && !is_named(&names, &text)) {
            refused.push(Refused { text, reason: Reason::InBodies, pages: on });
            continue;
        }
        match judge(census, &names, &text, &found, on) {
            Ok(()) => {
                if let Some(step) = step(census, &found, on) {
                    known.push(text);
                    steps.push(step);
                }
            }
            Err(Some(reason)) => refused.push(Refused { text, reason, pages: on }),
            Err(None) => {}
        }
    }
    steps
}

pub(super) fn pages(census: &Census<'_>, found: &[Found]) -> usize {
    census.count(found.iter().map(|found| found.spot))
}

/// Runs of grams that stand on about as many pages as the most frequent of the run.
fn runs(grams: &[u64], counts: &HashMap<u64, u32>) -> Vec<(usize, usize)> {
    let count = |at: usize| grams.get(at).and_then(|gram| counts.get(gram)).copied().unwrap_or(0);
    let mut out = Vec::new();
    let mut at = 0;
    while at < grams.len() {
        if count(at) == 0 {
            at += 1;
            continue;
        }
        let end = (at..grams.len()).find(|&next| count(next) == 0).unwrap_or(grams.len());
        let most = (at..end).map(count).max().unwrap_or(0);
        let mut first = at;
        while first < end {
            if count(first) * 2 <= most {
                first += 1;
                continue;
            }
            let last = (first..end).take_while(|&next| count(next) * 2 > most).last().unwrap_or(first);
            out.push((first, last));
            first = last + 1;
        }
        at = end;
    }
    out
}

/// A span without what belongs to the sentence before it: marks that end one, and a bracket whose partner is not in it.
fn trimmed(fold: &str, start: usize, end: usize) -> &str {
    let mut text = fold[start..end].trim_start_matches(['。', ',', '、', ';', '!', '?', '”', ' ', '.']);
    for (open, close) in [('(', ')'), ('【', '】'), ('[', ']'), ('《', '》')] {
        let (opens, closes) = (text.matches(open).count(), text.matches(close).count());
        if closes > opens {
            text = text.trim_start_matches(close);
            text = text.strip_suffix(close).filter(|_| closes > opens && !text.starts_with(close)).unwrap_or(text);
        }
        if opens > closes {
            text = text.strip_suffix(open).unwrap_or(text);
        }
    }
    text.trim_end_matches([' ', ','])
}

/// Whether a span quotes: texts quote what sites say, sites do not quote themselves.
fn is_quoted(text: &str) -> bool {
    text.contains(['“', '”', '"', '「', '」'])
}

/// Whether most letters of a span stand in a line of furniture as well. What is in brackets is a credit, whatever it repeats.
fn speaks_of(lines: &Lines, text: &str) -> bool {
    if text.starts_with(['(', '【', '[', '<', '{']) {
        return false;
    }
    let letters = |text: &str| text.chars().filter(|&c| is_letter(c)).collect::<String>();
    let chars: Vec<char> = letters(text).chars().collect();
    let length = (chars.len() * IN_LINE).div_ceil(100).max(GRAM);
    let said: Vec<String> =
        lines.found.iter().flat_map(|line| line.template.literals()).map(|literal| letters(&shape(literal))).collect();
    chars.windows(length).any(|window| {
        let part: String = window.iter().collect();
        said.iter().any(|literal| literal.contains(&part))
    })
}

fn judge(
    census: &Census<'_>,
    names: &BTreeSet<String>,
    text: &str,
    found: &[Found],
    on: usize,
) -> Result<(), Option<Reason>> {
    let letters = text.chars().filter(|&c| is_letter(c)).count();
    if letters < 3 {
        return Err(None);
    }
    // Of a line that repeats as a whole, lines are told.
    let whole = found.iter().filter(|found| found.start == 0 && found.end == census.fold(found.spot).len()).count();
    if whole * 2 >= found.len() {
        return Err(None);
    }
    if census.is_of_titles(text) {
        return Err(Some(Reason::Language));
    }
    let apart = found.iter().filter(|found| is_apart(census, **found)).count() * 100;
    let share = census.share(on);
    let own = is_named(names, text);
    if own && letters >= 4 && share >= GLUED_SHARE {
        return Ok(());
    }
    let credit = is_credit(text) || own;
    if credit
        && share >= CREDIT_SHARE
        && (apart >= found.len() * APART || is_address(text) || share >= GLUED_SHARE && letters >= 8)
    {
        return Ok(());
    }
    if credit {
        return Err(Some(Reason::InBodies));
    }
    if is_genre(text) {
        return Err(Some(Reason::Genre));
    }
    let marked =
        text.starts_with(['【', '[', '(', '★', '※', '<', '{', '#']) && share >= CREDIT_SHARE * 2.0 && letters >= 4;
    let often = census.pages >= PLAIN_PAGES && share >= PLAIN_SHARE && letters >= PLAIN_LETTERS;
    if (often || marked) && apart >= found.len() * APART_PLAIN {
        return Ok(());
    }
    // Phrases of the language are too many to be listed one by one.
    Err((share >= 0.25 && letters >= 6).then_some(Reason::Language))
}

/// Whether most of a span is the name of its site, with or without signs between its characters.
fn is_named(names: &BTreeSet<String>, text: &str) -> bool {
    let plain: String = text.chars().filter(|&c| is_letter(c) || c == ' ').collect();
    let length = plain.chars().count();
    let mine: Vec<String> = woven::grams(&plain).filter(|gram| names.contains(gram)).collect();
    // Runs of three Han characters overlap.
    let covered = mine.first().map_or(0, |gram| gram.chars().count() + mine.len() - 1);
    covered * 2 >= length && covered > 0
}

/// Whether a span stands apart from its sentence: in brackets, or between marks or the ends of the line.
fn is_apart(census: &Census<'_>, found: Found) -> bool {
    let fold = census.fold(found.spot);
    let mark = |c: char| !is_han(c) && !c.is_alphanumeric() && !matches!(c, '“' | '"' | '《');
    let before = fold[..found.start].chars().next_back().is_none_or(mark);
    let after = fold[found.end..].chars().next().is_none_or(mark);
    let text = &fold[found.start..found.end];
    let closed = [('(', ')'), ('【', '】'), ('[', ']'), ('{', '}'), ('<', '>')]
        .iter()
        .any(|(open, close)| text.starts_with(*open) && text.ends_with(*close));
    let leads = text.starts_with(['_', '|', '-', '—', '–', '·', '~']);
    closed || ((before || leads) && after)
}

/// Whether a span names an address.
fn is_address(text: &str) -> bool {
    [".com", ".cn", ".net", ".org", "www.", ".cc", ".info", ".top", ".io"].iter().any(|part| text.contains(part))
}

fn step(census: &Census<'_>, found: &[Found], pages: usize) -> Option<Step> {
    let folds: Vec<&str> = found.iter().map(|found| &census.fold(found.spot)[found.start..found.end]).collect();
    let (template, _) = Template::of(&folds)?;
    if template.has_slot() {
        return None;
    }
    let ends = found.iter().all(|found| found.end == census.fold(found.spot).len());
    let starts = found.iter().all(|found| found.start == 0);
    let (how, text) = match template.literal() {
        Some(literal) if !(ends && literal.chars().count() < 8) => ("contains", literal.to_owned()),
        Some(literal) => ("regex", format!("{}$", escape(literal))),
        None => {
            let inner = inside(&template);
            ("regex", format!("{}{inner}{}", if starts { "^" } else { "" }, if ends { "$" } else { "" }))
        }
    };
    Some(drop_span(census, found, pages, how, text))
}

/// The regex of a template without its ends.
pub(super) fn inside(template: &Template) -> String {
    let regex = template.regex();
    regex.trim_start_matches('^').strip_suffix('$').unwrap_or(&regex).to_owned()
}

/// The step that drops some spans.
pub(super) fn drop_span(census: &Census<'_>, found: &[Found], pages: usize, how: &'static str, text: String) -> Step {
    let mut examples: Vec<Vec<String>> = Vec::new();
    for found in found {
        let source = census.sheet(found.spot).source(found.spot.row as usize);
        let example = excerpt(source, found.start, found.end);
        if examples.len() < 2 && !examples.iter().any(|other| other[0] == example) {
            examples.push(vec![example]);
        }
    }
    let mut spots: Vec<Spot> = found.iter().map(|found| found.spot).collect();
    spots.dedup();
    let pattern = Pattern { how, text, place: None, max_chars: None, always: false };
    Step {
        kind: "drop-span",
        place: Place::Inline,
        patterns: vec![("span", pattern)],
        max_lines: None,
        flag: None,
        examples,
        pages,
        said: String::new(),
        spots,
    }
}

/// A span with a little of its line around it.
fn excerpt(source: &str, start: usize, end: usize) -> String {
    const AROUND: usize = 16;
    let folded = Folded::new(source);
    let Some(range) = folded.source(start..end) else { return source.to_owned() };
    let before: Vec<char> = source[..range.start].chars().rev().take(AROUND).collect();
    let after: String = source[range.end..].chars().take(AROUND).collect();
    before.into_iter().rev().collect::<String>() + &source[range] + &after
}
