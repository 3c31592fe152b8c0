//! Lists and walls: lines behind which what varies from page to page is no text either.

use std::collections::{BTreeMap, BTreeSet};

use super::census::{Census, Spot};
use super::evidence::{beyond, literal_share};
use super::learned::Place;
use super::lines::{Line, Lines};
use super::step::{Pattern, Step};
use super::words::{is_opener, is_wall};

/// A line that ends the text stands on this share of the pages …
const OFTEN: f64 = 0.4;
/// … or so many of its places lie beyond other lines of the site's, in percent.
const BEYOND: usize = 90;
/// A line that varies ends the text if it stands on this share of the pages …
const MOSTLY: f64 = 0.5;
/// … and so much of it stays the same, in percent.
const LITERAL: usize = 35;
/// Lines on this share of the pages close a block.
const CLOSES: f64 = 0.5;
/// Share of its places from which a block must end at the same line, in percent.
const SAME_END: usize = 80;
/// Most lines of a block that no line accounts for.
const LONGEST_BLOCK: usize = 12;
/// Lines that a block may have beyond the longest seen.
const SLACK: usize = 3;
/// Lines shown of what follows.
const SHOWN: usize = 2;

/// What follows a line of furniture on one page.
struct Following {
    spot: Spot,
    /// Rows directly behind it that no line accounts for.
    run: usize,
    /// The row behind those, if a line accounts for it.
    end: Option<u32>,
}

/// Cuts and blocks for the lines of a site; the lines that they begin at are named by their index.
pub(super) fn find(census: &Census<'_>, lines: &Lines) -> Vec<(usize, Step)> {
    let mut out = Vec::new();
    for (index, line) in lines.found.iter().enumerate() {
        let following = following(census, lines, &line.spots);
        let followed = following.iter().filter(|after| after.run > 0).count();
        let said: String = line.template.literals().collect::<Vec<_>>().join(" ");
        match line.place {
            Place::Tail => {
                let wall = is_wall(&said);
                let sure = is_opener(&said) || wall || is_sure(census, line);
                if wall || (sure && followed > 0) {
                    out.push((index, cut_after(census, lines, index, wall, &following)));
                }
            }
            Place::Head => {
                let following = to_steady(census, lines, &line.spots);
                out.extend(between(census, lines, index, &following).map(|step| (index, step)));
            }
            _ => {}
        }
    }
    out
}

/// Whether a line ends the text wherever it stands: no sentence of the text follows it on any page, most pages have it or it lies among others
/// of its kind, and it is no chance agreement of lines that vary.
fn is_sure(census: &Census<'_>, line: &Line) -> bool {
    let share = census.share(census.count(line.spots.iter().copied()));
    let inside = beyond(census, &line.spots) >= BEYOND;
    let fixed = !line.template.has_slot();
    let mostly = share >= MOSTLY && literal_share(census, &line.template, &line.spots) >= LITERAL;
    line.in_bodies == 0 && ((fixed && (inside || share >= OFTEN)) || mostly)
}

fn following(census: &Census<'_>, lines: &Lines, spots: &[Spot]) -> Vec<Following> {
    let mut out: Vec<Following> = Vec::new();
    for &spot in spots {
        let rows = census.sheet(spot).rows.len() as u32;
        let end = (spot.row + 1..rows).find(|&row| lines.taken.contains(&Spot { page: spot.page, row }));
        let run = end.unwrap_or(rows) - spot.row - 1;
        let after = Following { spot, run: run as usize, end };
        match out.last_mut() {
            // The last one of a page counts.
            Some(last) if last.spot.page == spot.page => *last = after,
            _ => out.push(after),
        }
    }
    out
}

/// The same in the head, up to the next line that most pages have; lists of few lines that vary have some that repeat.
fn to_steady(census: &Census<'_>, lines: &Lines, spots: &[Spot]) -> Vec<Following> {
    let steady: BTreeSet<Spot> = lines
        .found
        .iter()
        .filter(|line| line.place == Place::Head && census.share(census.count(line.spots.iter().copied())) >= CLOSES)
        .flat_map(|line| line.spots.iter().copied())
        .collect();
    let mut out: Vec<Following> = Vec::new();
    for &spot in spots.iter().filter(|spot| steady.contains(spot)) {
        let rows = census.sheet(spot).rows.len() as u32;
        let end = (spot.row + 1..rows).find(|&row| steady.contains(&Spot { page: spot.page, row }));
        let within = spot.row + 1..end.unwrap_or(spot.row + 1);
        let unknown = within.filter(|&row| !lines.taken.contains(&Spot { page: spot.page, row })).count();
        let run = if unknown > 0 { end.unwrap_or(0) - spot.row - 1 } else { 0 };
        out.push(Following { spot, run: run as usize, end });
    }
    out
}

fn cut_after(census: &Census<'_>, lines: &Lines, index: usize, wall: bool, following: &[Following]) -> Step {
    let mut step = Step::drop_line(census, &lines.found[index]);
    step.kind = "cut-after";
    step.flag = wall.then_some("truncated");
    step.examples = following
        .iter()
        .take(SHOWN)
        .map(|after| {
            let sheet = census.sheet(after.spot);
            let last = after.spot.row as usize + after.run.min(SHOWN);
            (after.spot.row as usize..=last).map(|row| sheet.source(row).to_owned()).collect()
        })
        .collect();
    step
}

/// A block from one line of furniture through the next, when that is nearly always the same and the title never stands between them.
fn between(census: &Census<'_>, lines: &Lines, index: usize, following: &[Following]) -> Option<Step> {
    let line_of = |spot: Spot| {
        lines.found.iter().position(|line| line.place == Place::Head && line.spots.binary_search(&spot).is_ok())
    };
    let ends: Vec<Option<usize>> =
        following.iter().map(|after| after.end.and_then(|row| line_of(Spot { page: after.spot.page, row }))).collect();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (after, end) in following.iter().zip(&ends) {
        if let Some(end) = end.filter(|_| after.run > 0) {
            *counts.entry(end).or_default() += 1;
        }
    }
    let (&last, &same) = counts.iter().max_by_key(|(end, count)| (**count, std::cmp::Reverse(**end)))?;
    let with = following.iter().filter(|after| after.run > 0).count();
    let longest = following.iter().map(|after| after.run).max().unwrap_or(0);
    // Without a title known, any line of the head may be it.
    let titled = (0..census.sheets.len()).filter(|&page| census.title(page).is_some()).count();
    let stands_within = following.iter().any(|after| {
        let end = after.end.unwrap_or(u32::MAX);
        census.title(after.spot.page as usize).is_some_and(|row| row > after.spot.row && row < end)
    });
    let to = &lines.found[last];
    let from = &lines.found[index];
    if same * 100 < with * SAME_END
        || last == index
        || longest > LONGEST_BLOCK
        || stands_within
        || titled * 10 < census.sheets.len() * 9
        || from.in_bodies > 0
        || to.in_bodies > 0
    {
        return None;
    }
    let mut step = Step::drop_line(census, from);
    let opens = step.patterns.remove(0).1;
    step.kind = "drop-between";
    step.patterns = vec![("from", opens), ("to", Pattern::of(census, &to.template, &to.spots, None))];
    step.max_lines = Some(longest + 2 + SLACK);
    step.examples = following
        .iter()
        .zip(&ends)
        .filter(|(after, end)| after.run > 0 && **end == Some(last))
        .take(1)
        .map(|(after, _)| {
            let sheet = census.sheet(after.spot);
            let end = after.end.unwrap_or(after.spot.row) as usize;
            (after.spot.row as usize..=end).map(|row| sheet.source(row).to_owned()).collect()
        })
        .collect();
    Some(step)
}
