//! Whole lines that a site adds: which shapes and templates are furniture, where they stand, and why others are not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::census::{Census, Spot, Zone};
use super::elsewhere::Elsewhere;
use super::evidence;
use super::learned::{Place, Reason};
use super::sheet::{LONGEST, shape};
use super::template::{Piece, Template};
use super::words::{is_credit, is_furniture, is_genre};
use super::woven;
use crate::text::class::{is_alphabetic_word, is_han, is_rare_sign};

/// Rows at the start of a page that lines with slots are looked for in.
const HEAD_ROWS: usize = 15;
/// The same at its end.
const TAIL_ROWS: usize = 40;
/// A label stands among this many characters.
const LABEL: usize = 24;
/// Longest line that is told by its make alone, in characters.
const TYPED: usize = 32;
/// Groups of lines that share a word and are looked at, those on most pages first.
const GROUPS: usize = 60;
/// A line that says nothing of the kind, in a place where texts begin or end too, stands on this share of the pages.
const OFTEN: f64 = 0.3;
/// A line that stands among others in the tail stands on this share of the pages.
const SELDOM: f64 = 0.25;
/// … at one place, or on this share at any.
const STEADY: f64 = 0.4;
/// Lines that stand on this share of the pages as they are come first …
const COMMON: f64 = 0.5;
/// … then those that share a word on this share.
const WIDE: f64 = 0.4;
/// Share of a line's places that lie beyond others of the site's, in percent, for its place to speak for it.
const BEYOND: usize = 80;

/// A line of furniture.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) template: Template,
    /// Where it stands as furniture, in order.
    pub(super) spots: Vec<Spot>,
    pub(super) place: Place,
    /// Pages on which the same stands in the text.
    pub(super) in_bodies: usize,
}

/// Something that repeats and is no furniture.
#[derive(Debug, Clone)]
pub(super) struct Refused {
    pub(super) text: String,
    pub(super) reason: Reason,
    pub(super) pages: usize,
}

/// The lines of a site.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) found: Vec<Line>,
    pub(super) refused: Vec<Refused>,
    /// Rows that belong to a line.
    pub(super) taken: BTreeSet<Spot>,
}

impl Lines {
    pub(super) fn find(census: &Census<'_>, elsewhere: &Elsewhere) -> Self {
        let mut all = Self::default();
        all.exact(census, COMMON);
        all.alike(census, WIDE);
        all.labelled(census);
        all.exact(census, 0.0);
        all.alike(census, 0.0);
        all.titled(census);
        all.typed(census);
        woven::find(&mut all, census, elsewhere);
        all.found.sort_by(|a, b| (a.place, a.spots.first()).cmp(&(b.place, b.spots.first())));
        all
    }

    pub(super) fn refuse(&mut self, text: String, reason: Reason, pages: usize) {
        self.refused.push(Refused { text, reason, pages });
    }

    pub(super) fn take(&mut self, line: Line) {
        self.taken.extend(line.spots.iter().copied());
        self.found.push(line);
    }

    /// Rows at an edge of their page that no line has yet, short ones that are no sentences.
    fn edge_rows(&self, census: &Census<'_>, place: Place) -> Vec<Spot> {
        let mut out = Vec::new();
        for (page, sheet) in census.sheets.iter().enumerate() {
            let (first, last) = census.edges(page);
            let rows = sheet.rows.len();
            let range = if place == Place::Head {
                0..first.min(HEAD_ROWS).min(rows)
            } else {
                last.max(rows.saturating_sub(TAIL_ROWS))..rows
            };
            for row in range {
                let spot = Spot { page: page as u32, row: row as u32 };
                let fits = (!census.is_own_prose(spot) || is_at_hand(census, spot))
                    && !census.is_title(spot)
                    && census.fold(spot).chars().count() <= LONGEST;
                // On a page without sentences, its first half is head and its second half tail.
                let here = census.zone(spot) != Zone::Open || (place == Place::Head) == (row * 2 < rows);
                if fits && here && !self.taken.contains(&spot) {
                    out.push(spot);
                }
            }
        }
        out
    }

    /// Lines that begin with one label: `来源：…`, `当前位置：…`, `首页 > …`.
    fn labelled(&mut self, census: &Census<'_>) {
        for place in [Place::Head, Place::Tail] {
            let groups = grouped(census, self.edge_rows(census, place), |fold| label(fold).map(str::to_owned));
            for (label, spots) in groups {
                let genre = is_genre(&shape(&label));
                let pages = census.count(spots.iter().copied());
                let before = self.found.len();
                self.induce(census, place, spots, |template, spots| {
                    (!genre || is_furniture(&said(template))) && evidence::spares_titles(census, template, spots)
                });
                if genre && self.found.len() == before {
                    self.refuse(label, Reason::Genre, pages);
                }
            }
        }
    }

    /// Lines that share a word, whatever it is: what they have in common must make them the site's.
    fn alike(&mut self, census: &Census<'_>, least: f64) {
        for place in [Place::Head, Place::Tail] {
            let mut looked_at = 0;
            for (_, spots) in grouped(census, self.edge_rows(census, place), keys) {
                let free: Vec<Spot> = spots.into_iter().filter(|spot| !self.taken.contains(spot)).collect();
                let pages = census.count(free.iter().copied());
                if pages < census.support || census.share(pages) < least {
                    continue;
                }
                looked_at += 1;
                if looked_at > GROUPS {
                    break;
                }
                self.induce(census, place, free, |template, spots| evidence::at_edge(census, place, template, spots));
            }
        }
    }

    /// Lines of the head that are made alike of numbers, words and signs, whatever these are: dates, counts, temperatures.
    fn typed(&mut self, census: &Census<'_>) {
        let rows = self.edge_rows(census, Place::Head);
        let short = rows.into_iter().filter(|spot| census.fold(*spot).chars().count() <= TYPED).collect();
        for (_, spots) in grouped(census, short, Template::make) {
            let pages = census.count(spots.iter().copied());
            let inside = evidence::beyond(census, &spots) >= BEYOND || self.has_company(census, &spots);
            if pages < census.woven_support || census.share(pages) < OFTEN || !inside {
                continue;
            }
            let folds: Vec<&str> = spots.iter().map(|spot| census.fold(*spot)).collect();
            let template = Template::typed(&folds);
            if evidence::spares_titles(census, &template, &spots) && Self::in_bodies(census, &template) == 0 {
                self.take(Line { template, spots, place: Place::Head, in_bodies: 0 });
            }
        }
    }

    /// Lines of the head that repeat the title behind a sign, as paths to a page do: `首页 > … > 标题`.
    fn titled(&mut self, census: &Census<'_>) {
        let mut groups: BTreeMap<char, Vec<Spot>> = BTreeMap::new();
        for spot in self.edge_rows(census, Place::Head) {
            let Some(title) = census.title(spot.page as usize) else { continue };
            let before = census.fold(spot).strip_suffix(census.sheet(spot).fold(title as usize));
            if let Some(sign) = before.and_then(|before| before.chars().next_back()).filter(|&c| is_rare_sign(c)) {
                groups.entry(sign).or_default().push(spot);
            }
        }
        for (sign, spots) in groups {
            let pages = census.count(spots.iter().copied());
            if pages < census.woven_support || census.share(pages) < SELDOM {
                continue;
            }
            let longest = |of: fn(&str, char) -> usize| {
                let most = spots.iter().map(|spot| of(census.fold(*spot), sign)).max().unwrap_or(0);
                (most * 2).div_ceil(5) * 5
            };
            let before = longest(|fold, sign| fold.rfind(sign).map_or(0, |at| fold[..at].chars().count()));
            let title = longest(|fold, sign| fold.rfind(sign).map_or(0, |at| fold[at..].chars().count()));
            let slot = |max| Piece::Slot { min: 1, max, stops: false };
            let pieces = vec![slot(before), Piece::Literal(sign.to_string()), slot(title)];
            let template = Template { pieces };
            if evidence::spares_titles(census, &template, &spots) {
                let in_bodies = Self::in_bodies(census, &template);
                self.take(Line { template, spots, place: Place::Head, in_bodies });
            }
        }
    }

    /// Proposes what lines of one group have in common, if that says enough.
    pub(super) fn induce(
        &mut self,
        census: &Census<'_>,
        place: Place,
        mut spots: Vec<Spot>,
        fits: impl Fn(&Template, &[Spot]) -> bool,
    ) {
        for _ in 0..4 {
            if census.count(spots.iter().copied()) < census.support {
                return;
            }
            // The most frequent lines first: what they have in common is the site's.
            let mut by_fold: HashMap<&str, usize> = HashMap::new();
            for spot in &spots {
                *by_fold.entry(census.fold(*spot)).or_default() += 1;
            }
            spots.sort_by_key(|spot| (std::cmp::Reverse(by_fold[census.fold(*spot)]), census.fold(*spot), *spot));
            let folds: Vec<&str> = spots.iter().map(|spot| census.fold(*spot)).collect();
            let Some((template, used)) = Template::of(&folds) else { return };
            let mut mine: Vec<Spot> = used.iter().map(|&index| spots[index]).collect();
            mine.sort_unstable();
            let pages = census.count(mine.iter().copied());
            let whole: usize = mine.iter().map(|spot| census.fold(*spot).chars().count()).sum();
            let said: usize = template.literals().map(|text| text.chars().count()).sum::<usize>() * mine.len();
            let enough = template.letters() >= 2 && (said * 5 >= whole || template.has_mark());
            if pages >= census.support
                && enough
                && fits(&template, &mine)
                && varies_or_repeats(census, &template, &mine)
            {
                let in_bodies = if place == Place::Woven { 0 } else { Self::in_bodies(census, &template) };
                // What stands in as many texts is woven into them, or theirs.
                if in_bodies < pages {
                    self.take(Line { template, spots: mine, place, in_bodies });
                }
            }
            let mut index = 0;
            spots.retain(|_| {
                index += 1;
                !used.contains(&(index - 1))
            });
        }
    }

    /// Pages that have the template between their own sentences.
    pub(super) fn in_bodies(census: &Census<'_>, template: &Template) -> usize {
        let regex = template.regex();
        let Ok(regexp) = crate::steps::regexp::Regexp::new(&regex, true) else { return 0 };
        let Some(regex) = regexp.get() else { return 0 };
        let longest = template.literals().max_by_key(|text| text.len()).unwrap_or_default();
        let mut pages = Vec::new();
        for (page, sheet) in census.sheets.iter().enumerate() {
            let (first, last) = census.edges(page);
            for row in first..last.max(first) {
                let fold = sheet.fold(row);
                if fold.contains(longest) && regex.is_match(fold) {
                    pages.push(Spot { page: page as u32, row: row as u32 });
                }
            }
        }
        census.count(pages)
    }

    /// Shapes that repeat as they are at the edges of pages.
    fn exact(&mut self, census: &Census<'_>, least: f64) {
        let titles: BTreeSet<u64> = (0..census.sheets.len())
            .filter_map(|page| census.title(page).map(|row| census.sheets[page].rows[row as usize].shape))
            .collect();
        for (hash, spots) in &census.shapes {
            let free: Vec<Spot> =
                spots.iter().copied().filter(|spot| !self.taken.contains(spot) && !census.is_title(*spot)).collect();
            // Links to other pages of the site say what those are called.
            let pages = census.count(free.iter().copied());
            if pages >= 2 && census.share(pages) >= least && !titles.contains(hash) {
                self.shape(census, &free);
            }
        }
    }

    fn shape(&mut self, census: &Census<'_>, spots: &[Spot]) {
        let text = shape(census.fold(spots[0]));
        let in_zone =
            |wanted: Zone| spots.iter().copied().filter(|&spot| zone(census, spot) == wanted).collect::<Vec<_>>();
        let in_middle = census.count(in_zone(Zone::Middle));
        for (place, at) in [(Place::Head, Zone::Head), (Place::Tail, Zone::Tail)] {
            let mine = in_zone(at);
            let pages = census.count(mine.iter().copied());
            // Two pages say enough of a line that stands before another one of the site's.
            let inside = place == Place::Head && in_middle == 0 && evidence::beyond(census, &mine) >= BEYOND;
            if pages < 2 || (pages < census.support && !inside) || pages <= in_middle {
                continue;
            }
            match self.edge_fault(census, place, &text, &mine, in_middle) {
                Some(reason) => self.refuse(text.clone(), reason, pages),
                None => match of_shape(census, &mine) {
                    Some(template) => self.take(Line { template, spots: mine, place, in_bodies: in_middle }),
                    None => self.refuse(text.clone(), Reason::TooVague, pages),
                },
            }
        }
    }

    /// Why a shape that repeats at an edge is not the site's, if it is not.
    fn edge_fault(
        &self,
        census: &Census<'_>,
        place: Place,
        text: &str,
        spots: &[Spot],
        in_middle: usize,
    ) -> Option<Reason> {
        let pages = census.count(spots.iter().copied());
        let says = is_furniture(text) || is_credit(text);
        let beyond = evidence::beyond(census, spots) >= BEYOND && in_middle == 0;
        if says {
            return None;
        }
        if census.is_of_titles(text) && census.share(pages) < OFTEN {
            return Some(Reason::Language);
        }
        if is_genre(text) && !(beyond && census.share(pages) >= OFTEN) {
            let plain = census.sheet(spots[0]).rows[spots[0].row as usize].plain;
            return Some(if plain == 0 { Reason::TooVague } else { Reason::Genre });
        }
        if !beyond && place == Place::Tail && is_signature(census, spots) {
            return Some(Reason::Genre);
        }
        // Lists of links have lines that stand on several pages and are no lines of the site's; what comes before them says enough.
        if beyond && place == Place::Tail {
            let seldom = census.share(pages) < SELDOM || !evidence::is_steady(census, spots, place);
            return (seldom && census.share(pages) < STEADY).then_some(Reason::TooFewPages);
        }
        let alone = pages < census.woven_support && !self.has_company(census, spots) && !beyond;
        let at_text = !beyond && census.share(pages) < OFTEN && !self.has_company(census, spots);
        (alone || at_text).then_some(Reason::TooFewPages)
    }

    /// Whether most of some rows stand beside a row that repeats on more pages.
    fn has_company(&self, census: &Census<'_>, spots: &[Spot]) -> bool {
        let repeats = |spot: Spot, row: Option<u32>| {
            row.and_then(|row| census.sheet(spot).rows.get(row as usize).map(|at| (row, at))).is_some_and(
                |(row, at)| {
                    self.taken.contains(&Spot { page: spot.page, row }) || census.shared(at.shape) > census.support
                },
            )
        };
        let beside =
            spots.iter().filter(|&&spot| repeats(spot, spot.row.checked_sub(1)) || repeats(spot, Some(spot.row + 1)));
        beside.count() * 2 > spots.len()
    }
}

/// Whether a sentence that only one page has may be furniture all the same: it lies beyond a line of the site's, or
/// beside one.
fn is_at_hand(census: &Census<'_>, spot: Spot) -> bool {
    let whole = census.sheet(spot).rows[spot.row as usize].whole;
    whole && (census.is_beyond(spot) || zone(census, spot) != Zone::Middle)
}

/// The template of a shape, if a rule can look for it.
pub(super) fn of_shape(census: &Census<'_>, spots: &[Spot]) -> Option<Template> {
    let folds: Vec<&str> = spots.iter().map(|spot| census.fold(*spot)).collect();
    let template = Template::of(&folds)?.0;
    let findable =
        template.literal().is_some() || template.letters() >= 2 || template.has_mark() || !template.has_slot();
    findable.then_some(template)
}

/// Whether some rows stand before dates, as whoever signs a document does.
fn is_signature(census: &Census<'_>, spots: &[Spot]) -> bool {
    let dated = spots.iter().filter(|spot| {
        let next = census.sheet(**spot).fold(spot.row as usize + 1);
        !next.is_empty() && is_date(&shape(next))
    });
    dated.count() * 3 > spots.len()
}

/// The zone, with pages that have no sentences of their own cut in halves.
pub(super) fn zone(census: &Census<'_>, spot: Spot) -> Zone {
    match census.zone(spot) {
        Zone::Open if (spot.row as usize) * 2 < census.sheet(spot).rows.len() => Zone::Head,
        Zone::Open => Zone::Tail,
        zone => zone,
    }
}

/// A date on a line of its own.
fn is_date(shape: &str) -> bool {
    let rest: String = shape.chars().filter(|c| !"#年月日-/.号〇零一二三四五六七八九十".contains(*c)).collect();
    rest.is_empty() && shape.chars().count() >= 3 && (shape.contains('年') || shape.matches('#').count() >= 2)
}

/// A template without slots repeats as it is; one with slots must have met different values.
fn varies_or_repeats(census: &Census<'_>, template: &Template, spots: &[Spot]) -> bool {
    if !template.has_slot() {
        return true;
    }
    let folds: BTreeSet<&str> = spots.iter().map(|spot| census.fold(*spot)).collect();
    folds.len() >= 2
}

/// Rows by their keys, the groups with most pages first.
pub(super) fn grouped<K: IntoIterator<Item = String>>(
    census: &Census<'_>,
    spots: Vec<Spot>,
    keys: impl Fn(&str) -> K,
) -> Vec<(String, Vec<Spot>)> {
    let mut groups: BTreeMap<String, Vec<Spot>> = BTreeMap::new();
    for spot in spots {
        for key in keys(census.fold(spot)) {
            groups.entry(key).or_default().push(spot);
        }
    }
    let mut groups: Vec<(usize, String, Vec<Spot>)> = groups
        .into_iter()
        .map(|(key, spots)| (census.count(spots.iter().copied()), key, spots))
        .filter(|(pages, ..)| *pages >= census.support)
        .collect();
    groups.sort_by_key(|(pages, ..)| std::cmp::Reverse(*pages));
    groups.into_iter().map(|(_, key, spots)| (key, spots)).collect()
}

/// What a line begins with, up to its first mark: `来源:`.
pub(super) fn label(fold: &str) -> Option<&str> {
    let end = fold
        .char_indices()
        .take(LABEL)
        .find(|(_, c)| matches!(c, ':' | '>' | '»' | '›' | '|' | '】' | ']' | '/' | '｜' | '→'))
        .map(|(at, c)| at + c.len_utf8())?;
    let label = &fold[..end];
    // `文/某某` has one letter before its mark.
    let least = if label.ends_with('/') && label.starts_with(is_han) { 1 } else { 2 };
    (label.chars().filter(|c| c.is_alphabetic()).count() >= least).then_some(label)
}

/// What lines are grouped by: pairs of Han characters, and words of alphabetic scripts.
pub(super) fn keys(fold: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let chars: Vec<char> = fold.chars().collect();
    for pair in chars.windows(2) {
        if pair.iter().all(|&c| is_han(c)) {
            out.insert(pair.iter().collect());
        }
    }
    out.extend(fold.split(|c: char| !is_alphabetic_word(c)).filter(|word| word.len() > 2).map(str::to_owned));
    out
}

/// The literals of a template, with spaces between them.
pub(super) fn said(template: &Template) -> String {
    template.literals().collect::<Vec<_>>().join(" ")
}
