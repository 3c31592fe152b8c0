//! Lines that a site weaves between sentences: what tells them from the headings and formulas of texts.
//!
//! No single sign does. Each speaks a little for or against, and the sum decides: how many pages have the line and how often, whether it stands
//! anywhere in the text or always at one place, whether it names the site, says what sites say, or is what documents of one kind share.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Spot, Zone};
use super::elsewhere::Elsewhere;
use super::evidence::literal_share;
use super::learned::{Place, Reason};
use super::lines::{Line, Lines, grouped, keys, label, of_shape, said, zone};
use super::sheet::shape;
use super::template::{Piece, Template};
use super::words::{is_credit, is_furniture, is_genre, is_opener};
use crate::steps::regexp::Regexp;

/// What speaks for a line must sum up to this.
const ENOUGH: i32 = 4;
/// The same for one that varies.
const ENOUGH_VARYING: i32 = 5;
/// What is literal of one that varies and has no label, in percent of its characters.
const LITERAL: usize = 30;
/// Longest line, in letters.
const LONGEST: usize = 80;
/// Groups of lines that share a word and are looked at, those on most pages first.
const GROUPS: usize = 40;
/// Share of the pages that must have one of the edges' lines with a word in it, for it to name the site.
const NAMING: f64 = 0.5;
/// How far apart in their texts places are, as the variance of shares, when a line stands anywhere.
const ANYWHERE: f64 = 0.04;

/// Finds woven lines among the rows that no line has yet.
pub(super) fn find(lines: &mut Lines, census: &Census<'_>, elsewhere: &Elsewhere) {
    let judge = Judge::new(census, lines);
    anywhere(lines, census, &judge);
    let mut shapes: BTreeMap<u64, Vec<Spot>> = BTreeMap::new();
    for spot in free(lines, census) {
        shapes.entry(census.sheet(spot).rows[spot.row as usize].shape).or_default().push(spot);
    }
    for (hash, spots) in shapes {
        let pages = census.count(spots.iter().copied());
        if pages < 2 {
            continue;
        }
        let text = shape(census.fold(spots[0]));
        let Some(template) = of_shape(census, &spots) else { continue };
        let score = judge.score(&text, &template, &spots, true) - i32::from(elsewhere.in_texts(hash) >= 2) * 3;
        // What stands at an edge of as many pages is the site's there, and the text's here.
        let all = census.shapes.get(&hash).map_or(&[][..], Vec::as_slice);
        let at_edges = census.count(all.iter().copied().filter(|spot| lines.taken.contains(spot)));
        if score >= ENOUGH && pages >= census.support && pages > at_edges {
            lines.take(Line { template, spots, place: Place::Woven, in_bodies: 0 });
        } else {
            lines.refuse(text.clone(), reason(&text, pages, census, elsewhere.in_texts(hash)), pages);
        }
    }
    for way in [labels as fn(&str) -> BTreeSet<String>, keys] {
        for (_, spots) in grouped(census, free(lines, census), way).into_iter().take(GROUPS) {
            let spots: Vec<Spot> = spots.into_iter().filter(|spot| !lines.taken.contains(spot)).collect();
            lines.induce(census, Place::Woven, spots, |template, spots| {
                let pages = census.count(spots.iter().copied());
                pages >= census.woven_support
                    && judge.says_much(template, spots)
                    && judge.score(&said(template), template, spots, true) >= ENOUGH_VARYING
            });
        }
    }
}

/// Lines of an edge that stand between sentences as well, and would be the site's if they stood only there: heads of answers.
fn anywhere(lines: &mut Lines, census: &Census<'_>, judge: &Judge<'_, '_>) {
    let rows = free(lines, census);
    for index in 0..lines.found.len() {
        let line = &lines.found[index];
        if line.in_bodies < census.woven_support {
            continue;
        }
        let Ok(regexp) = Regexp::new(&line.template.regex(), true) else { continue };
        let Some(regex) = regexp.get() else { continue };
        let mine: Vec<Spot> = rows.iter().copied().filter(|spot| regex.is_match(census.fold(*spot))).collect();
        let text = said(&line.template);
        let varies = line.template.literal().is_none();
        let pages = census.count(mine.iter().copied());
        if pages >= census.woven_support && varies && judge.score(&text, &line.template, &mine, false) >= ENOUGH_VARYING
        {
            lines.taken.extend(mine.iter().copied());
            let line = &mut lines.found[index];
            line.place = Place::Woven;
            line.in_bodies = 0;
            line.spots.extend(mine);
            line.spots.sort_unstable();
        }
    }
}

fn labels(fold: &str) -> BTreeSet<String> {
    label(fold).map(str::to_owned).into_iter().collect()
}

fn reason(text: &str, pages: usize, census: &Census<'_>, elsewhere: usize) -> Reason {
    if is_genre(text) {
        Reason::Genre
    } else if elsewhere >= 2 {
        Reason::Language
    } else if pages < census.woven_support {
        Reason::TooFewPages
    } else {
        Reason::InBodies
    }
}

/// Short rows between sentences that are no sentences of the page's own.
fn free(lines: &Lines, census: &Census<'_>) -> Vec<Spot> {
    let mut out = Vec::new();
    for (page, sheet) in census.sheets.iter().enumerate() {
        for (row, at) in sheet.rows.iter().enumerate() {
            let spot = Spot { page: page as u32, row: row as u32 };
            let fits = at.whole && at.letters <= LONGEST && !census.is_own_prose(spot) && !census.is_title(spot);
            if fits && zone(census, spot) == Zone::Middle && !lines.taken.contains(&spot) {
                out.push(spot);
            }
        }
    }
    out
}

/// What is known when woven lines are judged.
struct Judge<'c, 's> {
    census: &'c Census<'s>,
    /// Words that several lines of the edges share: the site's names.
    names: BTreeSet<String>,
    /// What lines of the edges say.
    edges: Vec<String>,
}

impl<'c, 's> Judge<'c, 's> {
    fn new(census: &'c Census<'s>, lines: &Lines) -> Self {
        let edges = lines.found.iter().map(|line| said(&line.template)).collect();
        Self { census, names: names(census, lines), edges }
    }

    /// Whether a template that varies is told by more than a word that texts of one kind share.
    fn says_much(&self, template: &Template, spots: &[Spot]) -> bool {
        let begins = matches!(template.pieces.first(), Some(Piece::Literal(literal)) if label(literal).is_some());
        begins || literal_share(self.census, template, spots) >= LITERAL
    }

    fn score(&self, text: &str, template: &Template, spots: &[Spot], at_edges: bool) -> i32 {
        let census = self.census;
        let pages = census.count(spots.iter().copied());
        let share = census.share(pages);
        let says = is_furniture(text) || is_credit(text);
        let letters = template.letters();
        let numbers = text.chars().filter(|c| *c == '#').count();
        if letters < 2 && !(share >= 0.5 && numbers >= 2 && text.starts_with(['[', '(', '【'])) {
            return 0;
        }
        let mut score = match share {
            share if share >= 0.5 => 3,
            share if share >= 0.3 => 2,
            share if share >= 0.15 => 1,
            _ => 0,
        };
        score += i32::from(says) * if is_opener(text) { 1 } else { 3 };
        score += i32::from(is_opener(text) && template.has_slot() && template.has_mark()) * 2;
        score += i32::from(grams(text).any(|gram| self.names.contains(&gram))) * 3;
        score += i32::from(letters >= 6) + i32::from(letters >= 12);
        score += i32::from(spots.len() * 10 >= pages * 14);
        score += i32::from(text.starts_with(|c: char| !c.is_alphanumeric() && !"(《“\"".contains(c)));
        score += i32::from(self.is_anywhere(spots));
        score -= i32::from(text.ends_with(['。', ';', '.', ',', '!', '?'])) * 3;
        score -= i32::from(is_genre(text) && letters > 0) * 5;
        // A line of the edges that begins alike is the text's, where it stands in one.
        let label = label(text).filter(|label| label.len() < text.len() || template.has_slot());
        let edge = label.is_some_and(|label| self.edges.iter().any(|edge| edge.starts_with(label)));
        score - i32::from(at_edges && edge && !says) * 2
    }

    /// Whether places lie far apart in their texts.
    fn is_anywhere(&self, spots: &[Spot]) -> bool {
        let at: Vec<f64> = spots
            .iter()
            .map(|spot| {
                let (first, last) = self.census.edges(spot.page as usize);
                (f64::from(spot.row) - first as f64) / (last.saturating_sub(first).max(1)) as f64
            })
            .collect();
        let mean = at.iter().sum::<f64>() / at.len().max(1) as f64;
        at.iter().map(|at| (at - mean).powi(2)).sum::<f64>() / at.len().max(1) as f64 >= ANYWHERE
    }
}

/// Words that several lines of the edges of most pages share: what the site calls itself.
pub(super) fn names(census: &Census<'_>, lines: &Lines) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines.found {
        let often = census.share(census.count(line.spots.iter().copied())) >= NAMING;
        if line.place == Place::Woven || !often {
            continue;
        }
        for word in line.template.literals().flat_map(grams).collect::<BTreeSet<String>>() {
            *counts.entry(word).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(word, _)| word).collect()
}

/// Runs of three Han characters, and words of four letters and more.
pub(super) fn grams(text: &str) -> impl Iterator<Item = String> {
    use crate::text::class::{is_alphabetic_word, is_han};
    let chars: Vec<char> = text.chars().collect();
    let han: Vec<String> =
        chars.windows(3).filter(|run| run.iter().all(|&c| is_han(c))).map(|run| run.iter().collect()).collect();
    let words: Vec<String> = text
        .split(|c: char| !is_alphabetic_word(c))
        .filter(|word| word.chars().count() > 3 && word.is_ascii())
        .map(str::to_owned)
        .collect();
    han.into_iter().chain(words)
}
