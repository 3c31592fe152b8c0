//! What repeats on the pages of a site, and where: shapes with the places they stand at, and where on each page the text begins and ends.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::edges::{self, Edges};
use super::lines::keys;
use super::options::Options;
use super::sheet::{Sheet, hash};

/// Sites of fewer pages are small: two pages are support at their edges.
pub(super) const SMALL: usize = 12;
/// Of more pages, one in so many is support.
const ONE_IN: usize = 20;
/// Sentences that two pages share and few others have, for one to count as a copy of the other.
const SHARED_SENTENCES: usize = 3;
/// The same as a share of the shorter one's sentences, in percent.
const SHARED_PERCENT: usize = 30;

/// A row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) page: u32,
    pub(super) row: u32,
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Before all sentences that are the page's own.
    Head,
    /// Between them.
    Middle,
    /// Behind them.
    Tail,
    /// The page has none.
    Open,
}

/// The pages of a site with what repeats on them.
#[derive(Debug)]
pub(super) struct Census<'s> {
    pub(super) sheets: Vec<&'s Sheet>,
    /// Pages that are copies of each other have one number.
    groups: Vec<u32>,
    /// Pages, copies counted once.
    pub(super) pages: usize,
    /// Shapes that stand on two pages or more, by hash; places in order.
    pub(super) shapes: BTreeMap<u64, Vec<Spot>>,
    /// Pages that have each of them, copies counted once.
    shared: HashMap<u64, usize>,
    /// Sentences, as rules know them, before each row of each page: own ones, and ones that repeat.
    prose: Vec<Vec<(u32, u32)>>,
    /// Where on each page the text begins and ends.
    edges: Vec<Edges>,
    /// What the titles of the pages are made of.
    title_words: BTreeSet<String>,
    /// Pages that must share something at an edge.
    pub(super) support: usize,
    /// Pages that must share something elsewhere.
    pub(super) woven_support: usize,
}

impl<'s> Census<'s> {
    pub(super) fn new(sheets: Vec<&'s Sheet>, options: &Options) -> Self {
        let mut all: HashMap<u64, Vec<Spot>> = HashMap::new();
        for (page, sheet) in sheets.iter().enumerate() {
            for (row, at) in sheet.rows.iter().enumerate() {
                all.entry(at.shape).or_default().push(Spot { page: page as u32, row: row as u32 });
            }
        }
        let shapes: BTreeMap<u64, Vec<Spot>> =
            all.into_iter().filter(|(_, spots)| spots.iter().any(|spot| spot.page != spots[0].page)).collect();
        let groups = copies(&sheets, &shapes);
        let pages = groups.iter().collect::<BTreeSet<_>>().len();
        let of = |spots: &Vec<Spot>| count(&groups, spots.iter().copied());
        let shared = shapes.iter().map(|(shape, spots)| (*shape, of(spots))).collect();
        let usual = 3.max(pages.div_ceil(ONE_IN));
        let support = options.min_support.unwrap_or(if pages < SMALL { 2 } else { usual });
        let woven_support = options.min_support.unwrap_or(usual);
        let mut census = Self {
            sheets,
            groups,
            pages,
            shapes,
            shared,
            prose: Vec::new(),
            edges: Vec::new(),
            title_words: BTreeSet::new(),
            support,
            woven_support,
        };
        census.prose = census.sheets.iter().map(|sheet| census.prose_before(sheet)).collect();
        census.edges = edges::find(&census);
        let titles = (0..census.sheets.len()).filter_map(|page| Some((page, census.title(page)?)));
        census.title_words = titles.flat_map(|(page, row)| keys(census.sheets[page].fold(row as usize))).collect();
        census
    }

    /// Pages of some places, copies counted once.
    pub(super) fn count(&self, spots: impl IntoIterator<Item = Spot>) -> usize {
        count(&self.groups, spots)
    }

    /// Pages that have a row's shape.
    pub(super) fn shared(&self, shape: u64) -> usize {
        self.shared.get(&shape).copied().unwrap_or(1)
    }

    /// A page's share of all.
    pub(super) fn share(&self, pages: usize) -> f64 {
        pages as f64 / self.pages.max(1) as f64
    }

    pub(super) fn sheet(&self, spot: Spot) -> &'s Sheet {
        self.sheets[spot.page as usize]
    }

    /// The folded text of a row.
    pub(super) fn fold(&self, spot: Spot) -> &'s str {
        self.sheet(spot).fold(spot.row as usize)
    }

    /// Whether a row is a sentence that no other page has.
    pub(super) fn is_own_prose(&self, spot: Spot) -> bool {
        let row = &self.sheet(spot).rows[spot.row as usize];
        row.prose && self.shared(row.shape) < self.support
    }

    pub(super) fn zone(&self, spot: Spot) -> Zone {
        let Edges { first, last, .. } = self.edges[spot.page as usize];
        match (spot.row < first, spot.row >= last) {
            (true, true) => Zone::Open,
            (true, false) => Zone::Head,
            (false, true) => Zone::Tail,
            (false, false) => Zone::Middle,
        }
    }

    /// The rows before the first sentence of a page's own, and those behind the last.
    pub(super) fn edges(&self, page: usize) -> (usize, usize) {
        let Edges { first, last, .. } = self.edges[page];
        (first as usize, last as usize)
    }

    /// Whether a row lies beyond a line of furniture, seen from the text: what stands there is no text, whatever it says.
    pub(super) fn is_beyond(&self, spot: Spot) -> bool {
        let Edges { head, tail, .. } = self.edges[spot.page as usize];
        spot.row < head || spot.row >= tail
    }

    /// How many rows a row lies beyond the nearest line of furniture, seen from the text: none for that line, negative on the text's side.
    pub(super) fn depth(&self, spot: Spot, behind: bool) -> i64 {
        let Edges { head, tail, .. } = self.edges[spot.page as usize];
        if behind { i64::from(spot.row) - i64::from(tail) } else { i64::from(head) - 1 - i64::from(spot.row) }
    }

    /// The row that is most likely the page's title.
    pub(super) fn title(&self, page: usize) -> Option<u32> {
        self.edges[page].title
    }

    /// Whether a folded text is made of what titles are made of: links to other pages are.
    pub(super) fn is_of_titles(&self, text: &str) -> bool {
        let words = keys(text);
        let known = words.iter().filter(|word| self.title_words.contains(*word)).count();
        known > 0 && known * 10 >= words.len() * 6
    }

    /// Whether a row is likeliest to be its page's title.
    pub(super) fn is_title(&self, spot: Spot) -> bool {
        self.edges[spot.page as usize].guess == Some(spot.row)
    }

    /// Sentences, as rules know them, that stand behind a row, or before it: own ones, and ones that repeat.
    pub(super) fn prose_beyond(&self, spot: Spot, behind: bool) -> (usize, usize) {
        let before = &self.prose[spot.page as usize];
        let at = |row: usize| before.get(row).or(before.last()).copied().unwrap_or_default();
        let row = spot.row as usize;
        let (from, to) = if behind { (at(row + 1), at(before.len())) } else { ((0, 0), at(row)) };
        ((to.0 - from.0) as usize, (to.1 - from.1) as usize)
    }

    fn prose_before(&self, sheet: &Sheet) -> Vec<(u32, u32)> {
        let (mut own, mut repeated) = (0, 0);
        let mut out = vec![(0, 0)];
        out.extend(sheet.rows.iter().map(|row| {
            let is_own = self.shared(row.shape) < self.support;
            own += u32::from(row.counts && is_own);
            repeated += u32::from(row.counts && !is_own);
            (own, repeated)
        }));
        out
    }
}

fn count(groups: &[u32], spots: impl IntoIterator<Item = Spot>) -> usize {
    let mut pages: Vec<u32> = spots.into_iter().map(|spot| groups[spot.page as usize]).collect();
    pages.sort_unstable();
    pages.dedup();
    pages.len()
}

/// Numbers pages so that copies have one number: pages of one text, and pages that share sentences which few others have.
fn copies(sheets: &[&Sheet], shapes: &BTreeMap<u64, Vec<Spot>>) -> Vec<u32> {
    let mut groups: Vec<u32> = (0..sheets.len() as u32).collect();
    let mut texts: HashMap<u64, u32> = HashMap::new();
    for (page, sheet) in sheets.iter().enumerate() {
        let first = *texts.entry(hash(&sheet.text)).or_insert(page as u32);
        join(&mut groups, first, page as u32);
    }
    let mut votes: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for spots in shapes.values() {
        let first = spots[0];
        if !sheets[first.page as usize].rows[first.row as usize].prose {
            continue;
        }
        let pages: BTreeSet<u32> = spots.iter().map(|spot| spot.page).collect();
        // What stands on many pages is furniture, or a formula.
        if pages.len() > 3 {
            continue;
        }
        let pages: Vec<u32> = pages.into_iter().collect();
        for (at, &a) in pages.iter().enumerate() {
            for &b in &pages[at + 1..] {
                *votes.entry((a, b)).or_default() += 1;
            }
        }
    }
    let sentences = |page: u32| sheets[page as usize].rows.iter().filter(|row| row.prose).count();
    for ((a, b), shared) in votes {
        if shared >= SHARED_SENTENCES && shared * 100 >= sentences(a).min(sentences(b)) * SHARED_PERCENT {
            join(&mut groups, a, b);
        }
    }
    (0..groups.len() as u32).map(|page| root(&groups, page)).collect()
}

fn root(groups: &[u32], mut page: u32) -> u32 {
    while groups[page as usize] != page {
        page = groups[page as usize];
    }
    page
}

fn join(groups: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(groups, a), root(groups, b));
    groups[a.max(b) as usize] = a.min(b);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(texts: &[String]) -> Vec<Sheet> {
        texts.iter().map(|text| Sheet::new(text.clone())).collect()
    }

    fn sentence(n: usize, m: usize) -> String {
        let word = |k: usize| char::from_u32(0x4e00 + (k * 37 % 20_000) as u32).unwrap();
        (0..30).map(|k| word(n * 7919 + m * 104_729 + k * 31)).collect::<String>() + "。\n"
    }

    #[test]
    fn the_text_lies_between_its_own_sentences() {
        let texts: Vec<String> = (0..6)
            .map(|n| {
                format!("首页\n{}小标题\n{}本站声明这一句在每一页上都有。\n返回\n", sentence(n, 1), sentence(n, 2))
            })
            .collect();
        let sheets = sheets(&texts);
        let census = Census::new(sheets.iter().collect(), &Options::default());
        let zones: Vec<Zone> = (0..6).map(|row| census.zone(Spot { page: 0, row })).collect();
        let (middle, tail) = (Zone::Middle, Zone::Tail);
        assert_eq!(zones, [Zone::Head, middle, middle, middle, tail, tail]);
        assert_eq!((census.pages, census.support, census.woven_support), (6, 2, 3));
    }

    #[test]
    fn copies_count_once() {
        let body = |n: usize| (0..6).map(|m| sentence(n, m)).collect::<String>();
        let texts = vec![body(1) + "甲\n", body(1) + "乙\n", body(2), body(2), body(3)];
        let sheets = sheets(&texts);
        assert_eq!(Census::new(sheets.iter().collect(), &Options::default()).pages, 3);
    }
}
