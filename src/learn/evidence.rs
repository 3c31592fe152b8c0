//! What speaks for lines being the site's: where they stand, what of them stays the same, what their slots hold.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Spot};
use super::learned::Place;
use super::lines::said;
use super::template::Template;
use super::words::{is_credit, is_furniture, is_genre, is_title};
use crate::steps::regexp::Regexp;

/// How often lines must stand in one place, as a share of the pages, for that to speak for them.
const STEADY: f64 = 0.5;
/// Share of places that lie beyond other lines of the site's, in percent, for that to speak for them.
const BEYOND: usize = 80;
/// What is literal of such lines at least, in percent of their characters.
const LITERAL: usize = 30;
/// Lines without signs that stand among others in the tail stand on this share of the pages.
const OFTEN: f64 = 0.4;
/// Such lines stand on this share of the pages.
const SHARE: f64 = 0.3;

/// Share of some places that lie beyond lines of furniture, in percent.
pub(super) fn beyond(census: &Census<'_>, spots: &[Spot]) -> usize {
    spots.iter().filter(|spot| census.is_beyond(**spot)).count() * 100 / spots.len().max(1)
}

/// Whether a template at an edge is the site's.
pub(super) fn at_edge(census: &Census<'_>, place: Place, template: &Template, spots: &[Spot]) -> bool {
    let said = said(template);
    let says = is_furniture(&said);
    if is_title(&said) || (is_genre(&said) && !says) || !spares_titles(census, template, spots) {
        return false;
    }
    let marked = template.has_mark();
    if !says && !marked && template.literals().all(|literal| census.is_of_titles(literal)) {
        return false;
    }
    let pages = census.count(spots.iter().copied());
    let share = census.share(pages);
    let steady = template.letters() >= 2 && is_steady(census, spots, place);
    let often = place == Place::Tail && template.letters() >= 4 && share >= STEADY;
    let among = beyond(census, spots) >= BEYOND;
    let inside = among
        && pages >= census.woven_support
        && share >= SHARE
        && template.letters() >= 2
        && literal_share(census, template, spots) >= LITERAL;
    // Lists and comments agree by chance, and what stands before them says enough.
    if among && place == Place::Tail && !says && !marked && !(share >= OFTEN && is_steady(census, spots, place)) {
        return false;
    }
    says || is_credit(&said) || marked || steady || often || inside
}

/// What stays the same of some lines, in percent of their characters.
pub(super) fn literal_share(census: &Census<'_>, template: &Template, spots: &[Spot]) -> usize {
    let whole: usize = spots.iter().map(|spot| census.fold(*spot).chars().count()).sum();
    let said: usize = template.literals().map(|text| text.chars().count()).sum::<usize>() * spots.len();
    said * 100 / whole.max(1)
}

/// Whether a template leaves the titles of pages alone: what many of them are made of makes no furniture.
pub(super) fn spares_titles(census: &Census<'_>, template: &Template, spots: &[Spot]) -> bool {
    let Ok(regexp) = Regexp::new(&template.regex(), true) else { return false };
    let Some(regex) = regexp.get() else { return false };
    let taken = (0..census.sheets.len())
        .filter(|&page| {
            census.title(page).is_some_and(|row| {
                let mine = spots.binary_search(&Spot { page: page as u32, row }).is_ok();
                !mine && regex.is_match(census.sheets[page].fold(row as usize))
            })
        })
        .count();
    taken * if template.has_mark() { 8 } else { 20 } <= spots.len()
}

/// Whether rows stand at one distance from the edge of their pages, or from the nearest anchor.
pub(super) fn is_steady(census: &Census<'_>, spots: &[Spot], place: Place) -> bool {
    let mut at: BTreeMap<(bool, i64), BTreeSet<u32>> = BTreeMap::new();
    for spot in spots {
        let row = i64::from(spot.row);
        let rows = i64::from(census.sheet(*spot).rows.len() as u32);
        let distance = if place == Place::Head { row } else { rows - row };
        at.entry((true, distance)).or_default().insert(spot.page);
        at.entry((false, census.depth(*spot, place == Place::Tail))).or_default().insert(spot.page);
    }
    let most = at.values().map(BTreeSet::len).max().unwrap_or(0);
    census.share(most) >= STEADY
}
