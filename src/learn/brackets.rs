//! What a site puts in brackets inside lines of the text: marks, notes and credits, also ones that vary.
//!
//! A bracket is a boundary that the site itself drew, so less need be known of what stands in it than of a stretch of a sentence: texts
//! use few kinds of brackets, and for few purposes.

use std::collections::{BTreeMap, BTreeSet};

use super::census::Census;
use super::learned::{Place, Reason};
use super::lines::{Lines, Refused, keys, said};
use super::sheet::shape;
use super::spans::{Found, drop_span, inside, pages, rows};
use super::step::Step;
use super::template::Template;
use super::words::{is_credit, is_furniture, is_genre};
use super::woven::{grams, names};
use crate::text::class::is_letter;

/// Brackets that texts seldom use, and ones that they use all the time.
const RARE: [(char, char); 5] = [('【', '】'), ('〔', '〕'), ('[', ']'), ('{', '}'), ('〖', '〗')];
const USUAL: [(char, char); 1] = [('(', ')')];
/// Longest content, in characters.
const LONGEST: usize = 40;
/// What speaks for a bracket must sum up to this.
const ENOUGH: i32 = 4;
/// Groups of brackets that share a word and are looked at, those on most pages first.
const GROUPS: usize = 30;

/// Steps for brackets that repeat, and where those stand.
pub(super) fn find(census: &Census<'_>, lines: &Lines, refused: &mut Vec<Refused>) -> (Vec<Step>, BTreeSet<Found>) {
    let names = names(census, lines);
    let mut shapes: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    let mut alike: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    // A label of the head or tail that stands in a text as well is the text's there.
    let at_edges: Vec<String> =
        lines.found.iter().filter(|line| line.place != Place::Woven).map(|line| shape(&said(&line.template))).collect();
    for spot in rows(census, lines) {
        let fold = census.fold(spot);
        for (start, end) in brackets(fold) {
            let label = || at_edges.iter().any(|line| line.starts_with(&shape(&fold[start..end])));
            if end - start < fold.len() && !label() {
                let text = shape(&fold[start..end]);
                let open = text.chars().next().unwrap_or('(');
                let found = Found { spot, start, end };
                for key in keys(&text) {
                    alike.entry(format!("{open}{key}")).or_default().push(found);
                }
                shapes.entry(text).or_default().push(found);
            }
        }
    }
    let (mut steps, mut taken) = (Vec::new(), BTreeSet::new());
    let mut alike: Vec<Vec<Found>> =
        alike.into_values().filter(|found| pages(census, found) >= census.woven_support).collect();
    alike.sort_by_key(|found| std::cmp::Reverse(pages(census, found)));
    for found in alike.into_iter().take(GROUPS) {
        steps.extend(of_alike(census, &names, found, &mut taken));
    }
    for (text, mut found) in shapes {
        found.retain(|one| !taken.contains(one));
        let on = pages(census, &found);
        if on >= census.support && score(census, &names, &text, &found) >= ENOUGH {
            steps.extend(step(census, &found));
            taken.extend(found);
        } else if on >= census.woven_support {
            let reason = if is_genre(&text) { Reason::Genre } else { Reason::InBodies };
            refused.push(Refused { text, reason, pages: on });
        }
    }
    (steps, taken)
}

/// A step for brackets that share a word.
fn of_alike(
    census: &Census<'_>,
    names: &BTreeSet<String>,
    mut found: Vec<Found>,
    taken: &mut BTreeSet<Found>,
) -> Option<Step> {
    found.retain(|one| !taken.contains(one));
    if pages(census, &found) < census.woven_support {
        return None;
    }
    let folds: Vec<&str> = found.iter().map(|found| &census.fold(found.spot)[found.start..found.end]).collect();
    let (template, used) = Template::of(&folds)?;
    let mine: Vec<Found> = used.iter().map(|&index| found[index]).collect();
    let whole: usize = used.iter().map(|&index| folds[index].chars().count()).sum();
    let said = said(&template);
    let fits = said.chars().count() * mine.len() * 2 >= whole
        && pages(census, &mine) >= census.woven_support
        && score(census, names, &said, &mine) >= ENOUGH;
    if !fits {
        return None;
    }
    let step = step(census, &mine)?;
    taken.extend(mine);
    Some(step)
}

/// Brackets without brackets in them, in bytes.
fn brackets(fold: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut open: Option<(usize, char)> = None;
    for (at, c) in fold.char_indices() {
        if let Some((_, close)) = RARE.iter().chain(&USUAL).find(|(open, _)| *open == c) {
            open = Some((at, *close));
        } else if let Some((start, _)) = open.filter(|(_, close)| *close == c) {
            let end = at + c.len_utf8();
            if fold[start..end].chars().count() <= LONGEST + 2 {
                out.push((start, end));
            }
            open = None;
        }
    }
    out
}

/// What speaks for a bracket being the site's.
fn score(census: &Census<'_>, names: &BTreeSet<String>, text: &str, found: &[Found]) -> i32 {
    let letters = text.chars().filter(|&c| is_letter(c) && !"一二三四五六七八九十".contains(c)).count();
    let open = text.chars().next().unwrap_or('(');
    if letters < 2 || !(RARE.iter().chain(&USUAL)).any(|(other, _)| *other == open) {
        return 0;
    }
    let share = census.share(pages(census, found));
    let content = text.trim_matches(|c: char| !is_letter(c));
    let mut score = match share {
        share if share >= 0.5 => 2,
        share if share >= 0.2 => 1,
        _ => 0,
    };
    score += i32::from(RARE.iter().any(|(other, _)| *other == open)) * 2;
    score += i32::from(is_credit(text) || is_furniture(text)) * 2;
    score += i32::from(grams(text).any(|gram| names.contains(&gram))) * 3;
    score += i32::from(letters >= 4);
    score += i32::from(found.len() * 10 >= pages(census, found) * 14);
    score += i32::from(ends_lines(census, found)) * 2;
    // Law and science say much in brackets: what it is called from here on, what it includes, since when.
    let said = ["以下", "简称", "含", "试行", "包括", "即", "如", "见", "下同", "附", "年", "其中", "暂行", "修订"];
    score - i32::from(is_genre(content) || said.iter().any(|word| content.starts_with(word))) * 4
}

/// Whether nearly all stand behind the last sentence of their lines.
fn ends_lines(census: &Census<'_>, found: &[Found]) -> bool {
    let behind = found.iter().filter(|found| {
        let fold = census.fold(found.spot);
        found.end == fold.len() && fold[..found.start].trim_end().ends_with(['。', '.', ';', '!', '?', '”'])
    });
    behind.count() * 10 >= found.len() * 9
}

fn step(census: &Census<'_>, found: &[Found]) -> Option<Step> {
    let folds: Vec<&str> = found.iter().map(|found| &census.fold(found.spot)[found.start..found.end]).collect();
    let (template, used) = Template::of(&folds)?;
    let mine: Vec<Found> = used.iter().map(|&index| found[index]).collect();
    let pages = pages(census, &mine);
    if let Some(literal) = template.literal() {
        return Some(drop_span(census, &mine, pages, "contains", literal.to_owned()));
    }
    // What varies lies within the brackets.
    let text = inside(&template).replace("[^。]{", r"[^。()\[\]【】〔〕]{");
    Some(drop_span(census, &mine, pages, "regex", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_found_without_those_around_them() {
        let text = "甲【乙〔丙〕丁】戊[己]";
        let found: Vec<&str> = brackets(text).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["〔丙〕", "[己]"]);
    }
}
