//! Lists and walls: lines behind which what varies from page to page is no text either.

use super::census::{Census, Spot};
use super::learned::Place;
use super::lines::Lines;
use super::step::{Pattern, Step};
use super::words::{is_opener, is_wall};

/// Share of a line's pages on which unknown lines must follow it, in percent.
const FOLLOWED: usize = 50;
/// The same where nothing but the pages themselves says that a list follows.
const FOLLOWED_ALWAYS: usize = 80;
/// Share of unknown lines that must also stand on other pages, for a list to be told by that, in percent.
const ON_OTHERS: usize = 30;
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
    for (index, line) in lines.lines.iter().enumerate() {
        let following = following(census, lines, &line.spots);
        let pages = census.count(following.iter().map(|after| after.spot));
        let followed = census.count(following.iter().filter(|after| after.run > 0).map(|after| after.spot));
        let said: String = line.template.literals().collect::<Vec<_>>().join(" ");
        match line.place {
            Place::Tail => {
                let wall = is_wall(&said);
                let named = (is_opener(&said) && followed * 100 >= pages * FOLLOWED) || wall;
                let seen = followed * 100 >= pages * FOLLOWED_ALWAYS && is_list(census, &following);
                if followed >= census.support && (named || seen) || wall && pages >= census.support {
                    out.push((index, cut_after(census, lines, index, wall, &following)));
                }
            }
            Place::Head if is_opener(&said) && followed >= census.support && followed * 100 >= pages * FOLLOWED => {
                out.extend(between(census, lines, index, &following).map(|step| (index, step)));
            }
            _ => {}
        }
    }
    out
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

/// Whether what follows is a list by itself: furniture stands behind it on nearly all pages, or its lines stand on other pages too.
fn is_list(census: &Census<'_>, following: &[Following]) -> bool {
    let with: Vec<&Following> = following.iter().filter(|after| after.run > 0).collect();
    let closed = with.iter().filter(|after| after.end.is_some()).count();
    let (mut rows, mut elsewhere, mut long) = (0, 0, 0);
    for after in &with {
        for row in after.spot.row + 1..=after.spot.row + after.run as u32 {
            let at = &census.sheet(after.spot).rows[row as usize];
            rows += 1;
            elsewhere += usize::from(census.shared(at.shape) > 1);
            long += usize::from(at.prose);
        }
    }
    long * 20 <= rows && (closed * 100 >= with.len() * FOLLOWED_ALWAYS || elsewhere * 100 >= rows * ON_OTHERS)
}

fn cut_after(census: &Census<'_>, lines: &Lines, index: usize, wall: bool, following: &[Following]) -> Step {
    let mut step = Step::drop_line(census, &lines.lines[index]);
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

/// A block from one line of furniture through the next, when that is nearly always the same.
fn between(census: &Census<'_>, lines: &Lines, index: usize, following: &[Following]) -> Option<Step> {
    let line_of = |spot: Spot| {
        lines.lines.iter().position(|line| line.place == Place::Head && line.spots.binary_search(&spot).is_ok())
    };
    let ends: Vec<Option<usize>> = following
        .iter()
        .filter(|after| after.run > 0)
        .map(|after| after.end.and_then(|row| line_of(Spot { page: after.spot.page, row })))
        .collect();
    let first = ends.iter().flatten().copied().min()?;
    let same = ends.iter().filter(|end| **end == Some(first)).count();
    if same * 100 < ends.len() * FOLLOWED_ALWAYS {
        return None;
    }
    let longest = following.iter().map(|after| after.run).max().unwrap_or(0);
    let mut step = Step::drop_line(census, &lines.lines[index]);
    let to = &lines.lines[first];
    let from = step.patterns.remove(0).1;
    step.kind = "drop-between";
    step.patterns = vec![("from", from), ("to", Pattern::of(census, &to.template, &to.spots, None))];
    step.max_lines = Some(longest + 2 + SLACK);
    step.examples = following
        .iter()
        .filter(|after| after.run > 0 && after.end.is_some())
        .take(1)
        .map(|after| {
            let sheet = census.sheet(after.spot);
            let end = after.end.unwrap_or(after.spot.row) as usize;
            (after.spot.row as usize..=end).map(|row| sheet.source(row).to_owned()).collect()
        })
        .collect();
    Some(step)
}
