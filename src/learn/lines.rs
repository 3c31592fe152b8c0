//! Whole lines that a site adds: which shapes and templates are furniture, where they stand, and why others are not.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::census::{Census, Spot, Zone};
use super::elsewhere::Elsewhere;
use super::learned::{Place, Reason};
use super::sheet::{LONGEST, shape};
use super::template::Template;
use super::words::{is_credit, is_furniture, is_genre, is_opener, is_title};

/// Rows at the start of a page that lines with slots are looked for in.
const HEAD_ROWS: usize = 15;
/// The same at its end.
const TAIL_ROWS: usize = 40;
/// A lone shape is furniture of the middle from this share of the pages on, even if it says nothing of the kind.
const WOVEN_SHARE: f64 = 0.4;
/// Lines of the middle with a label that sites use are furniture from this share on.
const WOVEN_LABEL_SHARE: f64 = 0.2;
/// On so many pages at least, for that.
const WOVEN_PAGES: usize = 6;
/// A label stands among this many characters.
const LABEL: usize = 14;
/// How often lines without a label must stand in one place, as a share of the pages.
const STEADY: f64 = 0.5;

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
    pub(super) lines: Vec<Line>,
    pub(super) refused: Vec<Refused>,
    /// Rows that belong to a line.
    pub(super) taken: BTreeSet<Spot>,
}

impl Lines {
    pub(super) fn find(census: &Census<'_>, elsewhere: &Elsewhere) -> Self {
        let mut found = Self::default();
        found.labelled(census);
        found.labelled_in_text(census);
        found.exact(census, elsewhere);
        found.alike(census);
        found.lines.sort_by(|a, b| (a.place, a.spots.first()).cmp(&(b.place, b.spots.first())));
        found
    }

    fn refuse(&mut self, text: String, reason: Reason, pages: usize) {
        self.refused.push(Refused { text, reason, pages });
    }

    fn take(&mut self, line: Line) {
        self.taken.extend(line.spots.iter().copied());
        self.lines.push(line);
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
                let fits = !census.is_own_prose(spot) && census.fold(spot).chars().count() <= LONGEST;
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
                if is_genre(&shape(&label)) && !is_furniture(&label) {
                    self.refuse(label, Reason::Genre, census.count(spots));
                    continue;
                }
                self.induce(census, place, spots, |_, _| true);
            }
        }
    }

    /// The same between the sentences of texts, where only a label that sites use is believed: `推荐阅读：…`.
    fn labelled_in_text(&mut self, census: &Census<'_>) {
        let mut rows = Vec::new();
        for (page, sheet) in census.sheets.iter().enumerate() {
            let (first, last) = census.edges(page);
            for row in first..last.max(first) {
                let spot = Spot { page: page as u32, row: row as u32 };
                let at = &sheet.rows[row];
                if at.whole && at.letters < 50 && !self.taken.contains(&spot) {
                    rows.push(spot);
                }
            }
        }
        let said = |fold: &str| {
            let label = label(fold)?;
            let sites = is_furniture(label) || is_opener(label) || is_credit(label);
            (sites && !is_genre(&shape(label))).then(|| label.to_owned())
        };
        for (_, spots) in grouped(census, rows, said) {
            let pages = census.count(spots.iter().copied());
            if pages >= census.woven_support && census.share(pages) >= WOVEN_LABEL_SHARE {
                self.induce(census, Place::Woven, spots, |_, _| true);
            }
        }
    }

    /// Lines that begin or end alike, without a label.
    fn alike(&mut self, census: &Census<'_>) {
        for place in [Place::Head, Place::Tail] {
            for way in [ends as fn(&str) -> Option<String>, starts, first_word] {
                for (_, spots) in grouped(census, self.edge_rows(census, place), way) {
                    self.induce(census, place, spots, |template, spots| {
                        let said: Vec<&str> = template.literals().collect();
                        let said = said.join(" ");
                        if is_title(&said) || (is_genre(&said) && !is_furniture(&said)) {
                            return false;
                        }
                        let steady = is_steady(census, spots, place) && template.letters() >= 4;
                        is_furniture(&said) || is_credit(&said) || template.has_mark() || steady
                    });
                }
            }
        }
    }

    /// Proposes what lines of one group have in common, if that says enough.
    fn induce(
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
                let in_bodies = if place == Place::Woven { 0 } else { self.in_bodies(census, &template) };
                self.take(Line { template, spots: mine, place, in_bodies });
            }
            let mut index = 0;
            spots.retain(|_| {
                index += 1;
                !used.contains(&(index - 1))
            });
        }
    }

    /// Pages that have the template between their own sentences.
    fn in_bodies(&self, census: &Census<'_>, template: &Template) -> usize {
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

    /// Shapes that repeat as they are.
    fn exact(&mut self, census: &Census<'_>, elsewhere: &Elsewhere) {
        for (&hash, spots) in &census.shapes {
            let free: Vec<Spot> = spots.iter().copied().filter(|spot| !self.taken.contains(spot)).collect();
            if free.is_empty() || census.count(free.iter().copied()) < 2 {
                continue;
            }
            self.shape(census, elsewhere.in_texts(hash), &free);
        }
    }

    fn shape(&mut self, census: &Census<'_>, elsewhere: usize, spots: &[Spot]) {
        let text = shape(census.fold(spots[0]));
        let pages = census.count(spots.iter().copied());
        let plain = census.sheet(spots[0]).rows[spots[0].row as usize].plain;
        let in_zone =
            |wanted: Zone| spots.iter().copied().filter(|&spot| zone(census, spot) == wanted).collect::<Vec<_>>();
        let (head, middle, tail) = (in_zone(Zone::Head), in_zone(Zone::Middle), in_zone(Zone::Tail));
        let (in_head, in_middle, in_tail) = (
            census.count(head.iter().copied()),
            census.count(middle.iter().copied()),
            census.count(tail.iter().copied()),
        );
        let says = is_furniture(&text) || is_credit(&text);
        if is_genre(&text) && !says && !(plain == 0 && pages * 2 >= census.pages && in_middle == 0 && has_body(&text)) {
            return self.refuse(text, if plain == 0 { Reason::TooVague } else { Reason::Genre }, pages);
        }
        let Some(template) = self.of_shape(census, spots) else {
            return self.refuse(text, Reason::TooVague, pages);
        };
        let woven = in_middle >= census.woven_support && in_middle >= in_head.max(in_tail);
        if woven || (in_head < census.support && in_tail < census.support) {
            let often = census.pages >= WOVEN_PAGES && plain >= 4 && census.share(in_middle) >= WOVEN_SHARE;
            let reason = if pages < census.woven_support || !woven {
                Some(Reason::TooFewPages)
            } else if elsewhere >= 2 && !says {
                Some(Reason::Language)
            } else if !(says && !is_opener(&text) || often) {
                Some(Reason::InBodies)
            } else {
                None
            };
            if let Some(reason) = reason {
                return self.refuse(text, reason, pages);
            }
            return self.take(Line { template, spots: spots.to_vec(), place: Place::Woven, in_bodies: 0 });
        }
        for (place, mine, count) in [(Place::Head, head, in_head), (Place::Tail, tail, in_tail)] {
            if count < census.support {
                continue;
            }
            if !says && count < census.woven_support && !self.has_company(census, &mine) {
                self.refuse(text.clone(), Reason::TooFewPages, count);
            } else if !says && place == Place::Tail && self.is_signature(census, &mine) {
                self.refuse(text.clone(), Reason::Genre, count);
            } else {
                self.take(Line { template: template.clone(), spots: mine, place, in_bodies: in_middle });
            }
        }
    }

    /// The template of a shape, if a rule can look for it.
    fn of_shape(&self, census: &Census<'_>, spots: &[Spot]) -> Option<Template> {
        let folds: Vec<&str> = spots.iter().map(|spot| census.fold(*spot)).collect();
        let template = Template::of(&folds)?.0;
        let findable = template.literal().is_some() || template.letters() >= 2 || template.has_mark();
        findable.then_some(template)
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

    /// Whether some rows stand before dates, as whoever signs a document does.
    fn is_signature(&self, census: &Census<'_>, spots: &[Spot]) -> bool {
        let dated = spots.iter().filter(|spot| {
            let next = census.sheet(**spot).fold(spot.row as usize + 1);
            !next.is_empty() && is_date(&shape(next))
        });
        dated.count() * 3 > spots.len()
    }
}

/// The zone, with pages that have no sentences of their own cut in halves.
fn zone(census: &Census<'_>, spot: Spot) -> Zone {
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

/// A line of marks, such as a rule.
fn has_body(shape: &str) -> bool {
    !shape.contains('#') && !shape.is_empty()
}

/// A template without slots repeats as it is; one with slots must have met different values.
fn varies_or_repeats(census: &Census<'_>, template: &Template, spots: &[Spot]) -> bool {
    if !template.has_slot() {
        return true;
    }
    let folds: BTreeSet<&str> = spots.iter().map(|spot| census.fold(*spot)).collect();
    folds.len() >= 2
}

/// Whether rows stand at one distance from the edge of their pages.
fn is_steady(census: &Census<'_>, spots: &[Spot], place: Place) -> bool {
    let mut at: BTreeMap<usize, usize> = BTreeMap::new();
    for spot in spots {
        let row = spot.row as usize;
        let distance = if place == Place::Head { row } else { census.sheet(*spot).rows.len() - row };
        *at.entry(distance).or_default() += 1;
    }
    let most = at.values().copied().max().unwrap_or(0);
    census.share(most) >= STEADY
}

/// Rows by a key, the groups with most pages first.
fn grouped(census: &Census<'_>, spots: Vec<Spot>, key: impl Fn(&str) -> Option<String>) -> Vec<(String, Vec<Spot>)> {
    let mut groups: BTreeMap<String, Vec<Spot>> = BTreeMap::new();
    for spot in spots {
        if let Some(key) = key(census.fold(spot)) {
            groups.entry(key).or_default().push(spot);
        }
    }
    let mut groups: Vec<(String, Vec<Spot>)> =
        groups.into_iter().filter(|(_, spots)| census.count(spots.iter().copied()) >= census.support).collect();
    groups.sort_by_key(|(_, spots)| std::cmp::Reverse(census.count(spots.iter().copied())));
    groups
}

/// What a line begins with, up to its first mark: `来源:`.
pub(super) fn label(fold: &str) -> Option<&str> {
    let end = fold
        .char_indices()
        .take(LABEL)
        .find(|(_, c)| matches!(c, ':' | '>' | '»' | '›' | '|' | '】' | ']'))
        .map(|(at, c)| at + c.len_utf8())?;
    let label = &fold[..end];
    (label.chars().filter(|c| c.is_alphabetic()).count() >= 2).then_some(label)
}

/// The first four characters of a shape, three of them letters.
fn starts(fold: &str) -> Option<String> {
    four(shape(fold).chars())
}

/// The last four.
fn ends(fold: &str) -> Option<String> {
    let shape = shape(fold);
    four(shape.chars().rev())
}

fn four(chars: impl Iterator<Item = char>) -> Option<String> {
    let key: String = chars.take(4).collect();
    (key.chars().count() == 4 && key.chars().filter(|c| c.is_alphabetic()).count() >= 3).then_some(key)
}

/// The first word of a line in an alphabetic script.
fn first_word(fold: &str) -> Option<String> {
    let (word, rest) = fold.split_once(' ')?;
    (word.len() >= 2 && !rest.is_empty() && word.chars().all(crate::text::class::is_alphabetic_word))
        .then(|| word.to_owned())
}
