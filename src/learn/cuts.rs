//! Lists and walls: lines behind which what varies from page to page is no text either.

use std::collections::BTreeSet;

use super::census::{Census, Spot};
use super::evidence::literal_share;
use super::learned::Place;
use super::lines::{Line, Lines};
use super::step::{Pattern, Step};
use super::words::{is_opener, is_wall};

/// A line that ends the text stands on this share of the pages and on so many, …
const OFTEN: f64 = 0.4;
const MANY: usize = 8;
/// … on this share, …
const NEARLY: f64 = 0.8;
/// … or so many of its places lie behind other lines of the site's, in percent.
const BEHIND: usize = 90;
/// A line that varies ends the text if it stands on this share of the pages …
const MOSTLY: f64 = 0.5;
/// … and so much of it stays the same, in percent.
const LITERAL: usize = 35;
/// Lines on this share of the pages close a block.
const CLOSES: f64 = 0.5;
/// Share of its places from which a block must end at the same line, in percent.
const SAME_END: usize = 80;
/// Most lines of a block.
const LONGEST_BLOCK: u32 = 14;
/// Lines that a block may have beyond the longest seen.
const SLACK: usize = 3;
/// Lines shown of what follows.
const SHOWN: usize = 2;

/// What follows a line of furniture on one page.
struct Following {
    spot: Spot,
    /// Rows directly behind it that no line accounts for.
    run: usize,
}

/// Cuts and blocks for the lines of a site; the lines that they begin at are named by their index.
pub(super) fn find(census: &Census<'_>, lines: &Lines) -> Vec<(usize, Step)> {
    let mut out = Vec::new();
    let steady = steady(census, lines);
    for (index, line) in lines.found.iter().enumerate() {
        let following = following(census, &lines.taken, &line.spots);
        let followed = self::following(census, &steady, &line.spots).iter().any(|after| after.run > 0);
        let said: String = line.template.literals().collect::<Vec<_>>().join(" ");
        match line.place {
            Place::Tail => {
                let pages = census.count(line.spots.iter().copied());
                let wall = is_wall(&said) && line.in_bodies * 4 <= pages;
                let named = is_opener(&said) && (is_behind(census, line) || census.share(pages) >= MOSTLY);
                let sure = named || wall || is_sure(census, line);
                if wall || (sure && followed) {
                    out.push((index, cut_after(census, lines, index, wall, &following)));
                }
            }
            Place::Head => {
                out.extend(between(census, lines, index).map(|step| (index, step)));
            }
            _ => {}
        }
    }
    out
}

/// Whether a line ends the text wherever it stands: no sentence of the text follows it on any page, most pages have it or it lies among others
/// of its kind, and it is no chance agreement of lines that vary.
fn is_sure(census: &Census<'_>, line: &Line) -> bool {
    let pages = census.count(line.spots.iter().copied());
    let share = census.share(pages);
    let often = share >= NEARLY || (share >= OFTEN && pages >= MANY);
    let fixed = !line.template.has_slot();
    let mostly = share >= MOSTLY && literal_share(census, &line.template, &line.spots) >= LITERAL;
    line.in_bodies == 0 && ((fixed && (is_behind(census, line) || often)) || (mostly && pages >= census.woven_support))
}

/// Whether a line lies behind another one of the site's on nearly all of its pages.
fn is_behind(census: &Census<'_>, line: &Line) -> bool {
    let behind = line.spots.iter().filter(|spot| census.depth(**spot, true) > 0).count();
    behind * 100 >= line.spots.len() * BEHIND
}

/// Places of lines that most pages have and that do not vary much: such lines are not of a list.
fn steady(census: &Census<'_>, lines: &Lines) -> BTreeSet<Spot> {
    let most = |line: &&Line| census.share(census.count(line.spots.iter().copied())) >= CLOSES;
    lines.found.iter().filter(most).flat_map(|line| line.spots.iter().copied()).collect()
}

fn following(census: &Census<'_>, known: &BTreeSet<Spot>, spots: &[Spot]) -> Vec<Following> {
    let mut out: Vec<Following> = Vec::new();
    for &spot in spots {
        let rows = census.sheet(spot).rows.len() as u32;
        let end = (spot.row + 1..rows).find(|&row| known.contains(&Spot { page: spot.page, row }));
        let run = end.unwrap_or(rows) - spot.row - 1;
        let after = Following { spot, run: run as usize };
        match out.last_mut() {
            // The last one of a page counts.
            Some(last) if last.spot.page == spot.page => *last = after,
            _ => out.push(after),
        }
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

/// A block from one line of the head through another one that nearly always follows, when the title never stands between them and lines that
/// nothing accounts for do.
fn between(census: &Census<'_>, lines: &Lines, index: usize) -> Option<Step> {
    let from = &lines.found[index];
    let heads = |line: &Line| line.place == Place::Head && line.in_bodies == 0;
    // Without a title known, any line of the head may be it.
    let titled = (0..census.sheets.len()).filter(|&page| census.title(page).is_some()).count();
    if !heads(from)
        || titled * 2 < census.sheets.len()
        || census.share(census.count(from.spots.iter().copied())) < CLOSES
    {
        return None;
    }
    let block = |to: &Line| -> Vec<(Spot, u32)> {
        from.spots
            .iter()
            .filter_map(|spot| {
                let first = Spot { page: spot.page, row: spot.row + 1 };
                let end = to.spots.iter().find(|other| **other >= first && other.page == spot.page)?;
                (end.row - spot.row <= LONGEST_BLOCK).then_some((*spot, end.row))
            })
            .collect()
    };
    let unknown = |(spot, end): &(Spot, u32)| {
        (spot.row + 1..*end).filter(|&row| !lines.taken.contains(&Spot { page: spot.page, row })).count()
    };
    let best = lines
        .found
        .iter()
        .enumerate()
        .filter(|(other, to)| *other != index && heads(to))
        .map(|(other, to)| (other, block(to)))
        .filter(|(_, blocks)| blocks.len() * 100 >= from.spots.len() * SAME_END)
        .max_by_key(|(other, blocks)| {
            let rows: u32 = blocks.iter().map(|(spot, end)| end - spot.row).sum();
            (blocks.len(), std::cmp::Reverse(rows), std::cmp::Reverse(*other))
        });
    let (to, blocks) = best?;
    let with = blocks.iter().filter(|block| unknown(block) > 0).count();
    let splits = blocks
        .iter()
        .any(|(spot, end)| census.title(spot.page as usize).is_some_and(|row| row > spot.row && row < *end));
    if splits || with < 2 {
        return None;
    }
    let to = &lines.found[to];
    let longest = blocks.iter().map(|(spot, end)| (end - spot.row) as usize).max().unwrap_or(0);
    let mut step = Step::drop_line(census, from);
    let opens = step.patterns.remove(0).1;
    step.kind = "drop-between";
    step.patterns = vec![("from", opens), ("to", Pattern::of(census, &to.template, &to.spots, None))];
    step.max_lines = Some(longest + 1 + SLACK);
    step.examples = blocks
        .iter()
        .filter(|block| unknown(block) > 0)
        .take(1)
        .map(|(spot, end)| (spot.row..=*end).map(|row| census.sheet(*spot).source(row as usize).to_owned()).collect())
        .collect();
    Some(step)
}
