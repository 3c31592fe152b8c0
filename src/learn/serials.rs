//! Numbers of pieces: a page that was cut anew, each piece with its number before it.
//!
//! The long lines of such a page are numbered from one on, all with the same signs around the number, and most of them end in the middle of a
//! sentence. Lists are numbered as well, but their items end where sentences do.

use std::collections::BTreeMap;

use super::census::{Census, Spot};
use super::learned::Place;
use super::step::{Pattern, Step};
use super::template::escape;
use crate::steps::regexp::Regexp;
use crate::text::class::{is_sentence_end, letters};
use crate::text::fold::Folded;

/// A piece has so many letters; the last one of a page may be shorter.
const PIECE: usize = 80;
/// Longest run of signs before or behind the number, in characters.
const SIGNS: usize = 6;
/// Share of the pages with pieces that must be numbered throughout, in percent.
const NUMBERED: usize = 60;
/// Share of pieces, last ones aside, that end within a sentence, in percent.
const WITHIN: usize = 50;
/// Examples kept, in characters each.
const EXAMPLE: usize = 40;

/// A line that begins with a number.
struct Piece {
    /// What stands before the number, folded.
    before: String,
    number: usize,
    /// What stands behind it, so much as may belong to it.
    behind: String,
    /// The line ends within a sentence.
    within: bool,
    example: String,
}

/// A step for the numbers of pieces, if the pages have any.
pub(super) fn find(census: &Census<'_>) -> Option<Step> {
    let pages: Vec<Vec<Piece>> = census.sheets.iter().map(|sheet| pieces(&sheet.text)).collect();
    let with = census.count(spots(&pages, |pieces| !pieces.is_empty()));
    let mut befores: BTreeMap<&str, usize> = BTreeMap::new();
    for piece in pages.iter().filter_map(|pieces| pieces.first()) {
        *befores.entry(&piece.before).or_default() += 1;
    }
    let before = befores.into_iter().max_by_key(|(_, count)| *count)?.0.to_owned();
    let numbered = |pieces: &[Piece]| {
        !pieces.is_empty()
            && pieces.iter().zip(1..).all(|(piece, number)| piece.number == number && piece.before == before)
    };
    let mine = spots(&pages, |pieces| numbered(pieces));
    let count = census.count(mine.iter().copied());
    let several = census.count(spots(&pages, |pieces| numbered(pieces) && pieces.len() > 1));
    if count < census.woven_support || several < census.support || count * 100 < with * NUMBERED {
        return None;
    }
    let all: Vec<&Piece> = mine.iter().flat_map(|spot| &pages[spot.page as usize]).collect();
    let cut: Vec<&&Piece> = all.iter().filter(|piece| piece.number > 1).collect();
    let within = mine.iter().flat_map(|spot| pages[spot.page as usize].split_last().map_or(&[][..], |(_, rest)| rest));
    let (inside, ends) = within.fold((0, 0), |sums, piece| (sums.0 + usize::from(piece.within), sums.1 + 1));
    if cut.is_empty() || inside * 100 < ends * WITHIN {
        return None;
    }
    let behind = common(all.iter().map(|piece| piece.behind.as_str()));
    if before.is_empty() && behind.is_empty() {
        return None;
    }
    let text = format!(r"^{}\d{{1,3}}{}", escape(&before), escape(&behind));
    let always = Regexp::new(&text, false).ok()?.required().is_none();
    let pattern = Pattern { how: "regex", text, place: None, max_chars: None, always };
    Some(Step {
        kind: "drop-span",
        place: Place::Inline,
        patterns: vec![("span", pattern)],
        max_lines: None,
        flag: None,
        examples: all.iter().take(2).map(|piece| vec![piece.example.clone()]).collect(),
        pages: count,
        said: String::new(),
        spots: mine,
    })
}

fn spots(pages: &[Vec<Piece>], fits: impl Fn(&[Piece]) -> bool) -> Vec<Spot> {
    let pages = pages.iter().enumerate().filter(|(_, pieces)| fits(pieces));
    pages.map(|(page, _)| Spot { page: page as u32, row: 0 }).collect()
}

/// The long lines of a text, if all but the last are numbered.
fn pieces(text: &str) -> Vec<Piece> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| letters(line) >= PIECE).collect();
    let mut out: Vec<Piece> = lines.iter().filter_map(|line| piece(line)).collect();
    // Furniture may be long as well: the pieces are those that count on from one.
    let mut next = 1;
    out.retain(|piece| {
        let mine = piece.number == next;
        next += usize::from(mine);
        mine
    });
    if out.len() * 10 < lines.len() * 7 { Vec::new() } else { out }
}

fn piece(line: &str) -> Option<Piece> {
    let start: String = line.chars().take(EXAMPLE).collect();
    let fold = Folded::new(&start).text;
    let at = fold.find(|c: char| c.is_ascii_digit())?;
    let digits = fold[at..].bytes().take_while(u8::is_ascii_digit).count();
    let before = fold[..at].to_owned();
    if before.chars().count() > SIGNS || digits > 3 {
        return None;
    }
    let number = fold[at..at + digits].parse().ok()?;
    let behind = fold[at + digits..].chars().take(SIGNS).collect();
    let within = !line.ends_with(is_sentence_end) && !line.ends_with(['”', '）', ')']);
    Some(Piece { before, number, behind, within, example: start })
}

/// What all of some texts begin with.
fn common<'t>(mut texts: impl Iterator<Item = &'t str>) -> String {
    let first = texts.next().unwrap_or_default();
    let least = texts.fold(first.chars().count(), |least, text| {
        first.chars().zip(text.chars()).take(least).take_while(|(a, b)| a == b).count()
    });
    first.chars().take(least).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::options::Options;
    use super::super::sheet::Sheet;
    use super::*;

    fn step(line: impl Fn(usize, usize) -> String) -> Option<String> {
        let sheets: Vec<Sheet> =
            (0..8).map(|page| Sheet::new((1..5).map(|number| line(page, number) + "\n").collect::<String>())).collect();
        find(&Census::new(sheets.iter().collect(), &Options::default())).map(|step| step.patterns[0].1.text.clone())
    }

    fn words(page: usize, number: usize, count: usize) -> String {
        let word = |k: usize| char::from_u32(0x4e00 + ((page * 7919 + number * 104_729 + k * 31) % 20_000) as u32);
        (0..count).filter_map(word).collect()
    }

    #[test]
    fn numbers_before_pieces_that_end_within_sentences_are_found() {
        assert_eq!(step(|p, n| format!("（{n}）{}", words(p, n, 120))).as_deref(), Some(r"^\(\d{1,3}\)"));
        assert_eq!(step(|p, n| format!("第{n}页 {}", words(p, n, 120))).as_deref(), Some(r"^第\d{1,3}页"));
    }

    #[test]
    fn numbers_of_lists_stay() {
        assert_eq!(step(|p, n| format!("（{n}）{}。", words(p, n, 120))), None);
        assert_eq!(step(|p, n| format!("（{}）{}", n * 2, words(p, n, 120))), None);
        assert_eq!(step(|p, n| words(p, n, 120)), None);
    }
}
