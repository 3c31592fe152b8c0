//! Where on each page the text begins and ends, and which row is its title.
//!
//! A sentence that only one page has is the text's, unless it stands among furniture, as what readers say under a text does. So lines that
//! repeat and nearly always have all of the text on one side come first: they are **anchors**. The text lies between the last anchor of the
//! head and the first of the tail, and there between its own sentences.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Spot};
use super::lines::label;
use super::sheet::hash;
use super::words::{is_furniture, is_genre};

/// Anchors stand on this share of the pages, in percent.
const ANCHOR_PERCENT: usize = 30;
/// Share of the text of all its pages that may stand beyond an anchor, in percent.
const BEYOND: usize = 20;
/// Share of one page's text that may stand beyond it on nine pages in ten, in percent: short texts with long comments.
const BEYOND_MOST: usize = 70;
/// Rows beside an anchor that may be the site's although they read like sentences.
const NEAR: u32 = 2;
/// What speaks for a title sums up to this when another line repeats it.
const SURE: i32 = 3;
/// Letters that a title has at least.
const TITLE_LETTERS: usize = 4;

/// Where the text of a page lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Edges {
    /// The first row that is a sentence of the page's own.
    pub(super) first: u32,
    /// The row behind the last.
    pub(super) last: u32,
    /// Rows before this one lie before an anchor of the head, or are one.
    pub(super) head: u32,
    /// Rows from this one on lie behind an anchor of the tail, or are one.
    pub(super) tail: u32,
    /// The title, where other lines repeat it; on a site on which few are sure, what is likeliest.
    pub(super) title: Option<u32>,
    /// What is likeliest to be it, sure or not.
    pub(super) guess: Option<u32>,
}

/// Letters of a page's own sentences before each of its rows; the last entry is their sum.
fn own_letters(census: &Census<'_>, page: usize) -> Vec<usize> {
    let mut sums = vec![0];
    for (row, at) in census.sheets[page].rows.iter().enumerate() {
        let own = census.is_own_prose(Spot { page: page as u32, row: row as u32 });
        sums.push(sums[row] + if own { at.letters } else { 0 });
    }
    sums
}

/// The edges of all pages.
pub(super) fn find(census: &Census<'_>) -> Vec<Edges> {
    let sums: Vec<Vec<usize>> = (0..census.sheets.len()).map(|page| own_letters(census, page)).collect();
    let (heads, tails) = anchors(census, &sums);
    let mut edges: Vec<Edges> = (0..census.sheets.len())
        .map(|page| {
            let rows = census.sheets[page].rows.len() as u32;
            let head = heads.get(&(page as u32)).copied().unwrap_or(0);
            let tail = tails.get(&(page as u32)).copied().unwrap_or(rows).max(head);
            let sheet = census.sheets[page];
            // Beside an anchor stand lines that read like sentences: who wrote this, what it is about.
            let beside = |row: u32| row < head + NEAR || row + NEAR >= tail;
            let own = |&row: &u32| {
                let fold = sheet.fold(row as usize);
                sums[page][row as usize] < sums[page][row as usize + 1]
                    && !(beside(row)
                        && sheet.rows[row as usize].whole
                        && fold.len() < 240
                        && !fold.contains(['。', ';']))
            };
            let first = (head..tail).find(own).unwrap_or(tail);
            let last = (head..tail).rev().find(own).map_or(head, |row| row + 1);
            // Without a sentence between the anchors all that is there may be head or tail.
            let (first, last) = if first < last { (first, last) } else { (rows.min(tail), head) };
            Edges { first, last, head, tail, title: None, guess: None }
        })
        .collect();
    let listed = listed(census, &edges);
    let mut sure = 0;
    for (page, edges) in edges.iter_mut().enumerate() {
        let (title, is_sure) = title(census, page, edges, &listed);
        edges.guess = title;
        edges.title = title.filter(|_| is_sure);
        sure += usize::from(is_sure);
    }
    // Where most titles are sure, a line that nothing speaks for is none.
    if sure * 2 < edges.len() {
        for edges in &mut edges {
            edges.title = edges.guess;
        }
    }
    edges
}

/// For each page the row behind the last anchor of its head, and the first anchor of its tail.
fn anchors(census: &Census<'_>, sums: &[Vec<usize>]) -> (BTreeMap<u32, u32>, BTreeMap<u32, u32>) {
    let least = census.support.max((census.pages * ANCHOR_PERCENT).div_ceil(100));
    let mut groups: BTreeMap<u64, Vec<Spot>> = BTreeMap::new();
    for (page, sheet) in census.sheets.iter().enumerate() {
        for (row, at) in sheet.rows.iter().enumerate() {
            let spot = Spot { page: page as u32, row: row as u32 };
            if census.shapes.contains_key(&at.shape) {
                groups.entry(at.shape).or_default().push(spot);
            }
            if let Some(label) = label(sheet.fold(row)).filter(|label| !is_genre(label) && at.letters < 60 && at.whole)
            {
                groups.entry(hash(&format!("label {label}"))).or_default().push(spot);
            }
        }
    }
    let (mut heads, mut tails) = (BTreeMap::new(), BTreeMap::new());
    for spots in groups.values() {
        if spots.len() < least || census.count(spots.iter().copied()) < least || is_text(census, spots[0]) {
            continue;
        }
        for behind in [false, true] {
            let ends = outermost(spots, behind);
            let beyond: Vec<(usize, usize)> = ends
                .iter()
                .map(|spot| {
                    let sums = &sums[spot.page as usize];
                    let all = sums.last().copied().unwrap_or(0);
                    (if behind { all - sums[spot.row as usize + 1] } else { sums[spot.row as usize] }, all)
                })
                .collect();
            let (sum, all) = beyond.iter().fold((0, 0), |sums, one| (sums.0 + one.0, sums.1 + one.1));
            let fits = |one: &(usize, usize)| one.0 * 100 <= one.1 * BEYOND_MOST;
            if sum * 100 > all * BEYOND || beyond.iter().filter(|one| fits(one)).count() * 10 < ends.len() * 9 {
                continue;
            }
            for (spot, _) in ends.iter().zip(&beyond).filter(|(_, one)| fits(one)) {
                if behind {
                    let start = tails.entry(spot.page).or_insert(spot.row);
                    *start = spot.row.min(*start);
                } else {
                    let end = heads.entry(spot.page).or_insert(spot.row + 1);
                    *end = (spot.row + 1).max(*end);
                }
            }
        }
    }
    (heads, tails)
}

/// Of the places on each page the one nearest to its edge.
fn outermost(spots: &[Spot], behind: bool) -> Vec<Spot> {
    let mut out: BTreeMap<u32, Spot> = BTreeMap::new();
    for spot in spots {
        let at = out.entry(spot.page).or_insert(*spot);
        if (behind && spot.row > at.row) || (!behind && spot.row < at.row) {
            *at = *spot;
        }
    }
    out.into_values().collect()
}

/// Whether what a row says may as well begin or end a text.
fn is_text(census: &Census<'_>, spot: Spot) -> bool {
    let row = &census.sheet(spot).rows[spot.row as usize];
    let fold = super::sheet::shape(census.fold(spot));
    row.plain < 2 || (is_genre(&fold) && !is_furniture(&fold))
}

/// Texts of rows that stand in the tails of pages, as links to other pages do.
fn listed(census: &Census<'_>, edges: &[Edges]) -> BTreeMap<u64, BTreeSet<u32>> {
    let mut out: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for (page, edges) in edges.iter().enumerate() {
        for row in edges.last..census.sheets[page].rows.len() as u32 {
            let shape = census.sheets[page].rows[row as usize].shape;
            if census.shapes.contains_key(&shape) {
                out.entry(shape).or_default().insert(page as u32);
            }
        }
    }
    out
}

/// The title: a row of the head that stands there on few pages, best one that other lines of the page or lists of other pages repeat.
fn title(
    census: &Census<'_>,
    page: usize,
    edges: &Edges,
    listed: &BTreeMap<u64, BTreeSet<u32>>,
) -> (Option<u32>, bool) {
    let sheet = census.sheets[page];
    let rows = sheet.rows.len() as u32;
    let mut best: Option<(i32, usize, std::cmp::Reverse<u32>)> = None;
    for row in 0..edges.first.min(rows).min(20) {
        let (at, fold) = (&sheet.rows[row as usize], sheet.fold(row as usize));
        let usual = census.shared(at.shape) >= 3.max(census.pages / 4) && !listed.contains_key(&at.shape);
        if at.letters < TITLE_LETTERS || at.letters > 60 || usual || is_genre(fold) {
            continue;
        }
        let repeated = (0..rows).any(|other| {
            let line = sheet.fold(other as usize);
            other != row && line.len() > fold.len() && line.len() < 600 && line.contains(fold)
        });
        let linked = listed.get(&at.shape).is_some_and(|pages| pages.iter().any(|other| *other != page as u32));
        let labelled = label(fold).is_some();
        let says = is_furniture(fold);
        let score = i32::from(repeated) * 3 + i32::from(linked) * 2 + 1 - i32::from(labelled) * 2 - i32::from(says);
        let candidate = (score, at.letters, std::cmp::Reverse(row));
        if score > 0 && best.as_ref().is_none_or(|best| candidate > *best) {
            best = Some(candidate);
        }
    }
    (best.map(|(_, _, std::cmp::Reverse(row))| row), best.is_some_and(|(score, ..)| score >= SURE))
}
