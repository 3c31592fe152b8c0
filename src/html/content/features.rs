//! Blocks as rows of numbers.
//!
//! One code path for training and serving: the trainer reads what [`Features::base`] and [`Features::odds`] write.

use super::cues;
use super::outline::{FAR, Group, NEAR, Outline, Sums, is_paragraph};
use super::tokens::{SHORT, Table, of_text};
use crate::html::page::block::Kind;
use crate::html::page::measure::Ending;
use crate::html::page::{Block, Page};
use crate::html::tags::Tag;
use std::collections::HashMap;
use std::ops::Range;

/// Names and order of the features that need no learned table. A row has them first.
#[rustfmt::skip]
pub const BASE: &[&str] = &[
    // the text
    "words", "links", "stops", "commas", "digits", "capitals", "capital_words", "ending", "length", "separators",
    "colons", "cjk", "kind", "level", "hidden", "quoted", "inner", "tag", "seen", "copies", "paragraph",
    "cue_end", "cue_related", "cue_byline", "cue_legal", "cue_action", "after_end", "after_related", "money",
    // the place
    "before", "before_words", "before_index", "source", "share", "depth", "h1_first", "h1_last", "h1_words",
    "heading", "heading_level", "heading_words", "h1_seen",
    // elements around
    "nav", "aside", "footer", "header", "article", "main", "section", "form", "table", "list", "item", "blockquote",
    "figure", "a", "button", "dialog", "details", "p", "label",
    // containers
    "c1_share", "c1_links", "c1_para", "c1_blocks", "c1_mean", "c2_share", "c2_links", "c2_para", "c2_blocks",
    "c2_mean", "c3_share", "c3_links", "c3_para", "c3_blocks", "c3_mean", "c4_share", "c4_links", "c4_para",
    "c4_blocks", "c4_mean", "c5_share", "c5_links", "c5_para", "c5_blocks", "c5_mean",
    "c1_images", "c1_inputs", "c3_images", "c3_inputs",
    // what looks alike
    "g_share", "g_links", "g_count", "g_mean", "g_rank", "g_para", "s_levels", "s_count", "s_mean", "s_share",
    "s_links", "s_para", "o_count", "o_mean", "o_share",
    // the best container
    "up", "down", "best_depth",
    // the page
    "p_words", "p_blocks", "p_links", "p_para", "p_items", "p_headings", "p_cjk", "p_rows", "p_hidden", "p_copies",
    "p_rank", "p_repeat", "p_articles", "p_mean", "p_type", "p_h1", "p_buttons", "p_best_share", "p_digits",
    "p_images", "p_inputs", "p_money", "p_actions", "p_bylines", "p_is_article", "p_is_product", "p_is_list",
    "p_is_forum", "p_is_faq", "p_is_company", "p_is_software", "p_times",
];

/// How many of [`BASE`], at its end, are facts of the whole page.
pub const WHOLE: usize = 32;

/// Names of the features that need the table of words.
pub const ODDS: &[&str] = &[
    "own", "sum", "least", "greatest", "sum_less_best", "parent", "negative", "positive", "sum_rank", "page_best",
    "says", "under",
];

/// Words are told apart by what they are taken for: what a short block says, and what the heading above says.
const SAYS: u8 = 1;
const UNDER: u8 = 2;

/// A page with what its features are made from.
#[derive(Debug)]
pub struct Features<'p> {
    page: &'p Page,
    outline: Outline,
    seen: Vec<(bool, f32)>,
    cues: Vec<cues::Cues>,
    whole: Whole,
}

/// Facts of the page.
#[derive(Debug, Default)]
struct Whole {
    row: [f32; WHOLE],
    h1_first: Option<usize>,
    h1_last: Option<usize>,
}

fn log(value: f32) -> f32 {
    (value + 1.0).ln()
}

fn share(part: f32, whole: f32) -> f32 {
    part / whole.max(1.0)
}

fn ending(ending: Ending) -> f32 {
    match ending {
        Ending::Stop => 6.0,
        Ending::Colon => 5.0,
        Ending::Comma => 4.0,
        Ending::Ellipsis => 3.0,
        Ending::Digit => 2.0,
        Ending::Letter => 1.0,
        Ending::Other => 0.0,
    }
}

fn tag_code(tag: Option<Tag>) -> f32 {
    match tag {
        Some(Tag::P) => 20.0,
        Some(Tag::H1) => 19.0,
        Some(Tag::H2) => 18.0,
        Some(Tag::H3) => 17.0,
        Some(Tag::H4) => 16.0,
        Some(Tag::Pre | Tag::Code) => 15.0,
        Some(Tag::Blockquote) => 14.0,
        Some(Tag::Td) => 13.0,
        Some(Tag::Th) => 12.0,
        Some(Tag::Dd) => 11.0,
        Some(Tag::Dt) => 10.0,
        Some(Tag::Figcaption) => 9.0,
        Some(Tag::Strong | Tag::B | Tag::Em | Tag::I) => 8.0,
        Some(Tag::Div) => 7.0,
        Some(Tag::Span) => 6.0,
        Some(Tag::Section | Tag::Article | Tag::Main) => 5.0,
        Some(Tag::Li) => 4.0,
        Some(Tag::H5 | Tag::H6) => 3.0,
        Some(Tag::A) => 2.0,
        Some(Tag::Button | Tag::Label) => 1.0,
        _ => 0.0,
    }
}

fn kind_code(kind: Kind) -> (f32, f32) {
    match kind {
        Kind::Text => (5.0, 0.0),
        Kind::Heading(level) => (4.0, f32::from(level)),
        Kind::Row => (3.0, 0.0),
        Kind::Pre => (2.0, 0.0),
        Kind::Item { level, numbered } => (1.0, f32::from(level) + if numbered { 0.5 } else { 0.0 }),
        Kind::Button => (0.0, 0.0),
    }
}

impl<'p> Features<'p> {
    /// Looks at a page.
    pub fn new(page: &'p Page) -> Self {
        let outline = Outline::new(page);
        let mut counts: HashMap<u64, f32, super::tokens::Plain> = HashMap::default();
        let mut seen = Vec::with_capacity(page.blocks.len());
        for block in &page.blocks {
            let count = counts.entry(block.counts.hash).or_default();
            *count += 1.0;
            seen.push((*count > 1.0, 0.0));
        }
        for (block, seen) in page.blocks.iter().zip(&mut seen) {
            seen.1 = counts.get(&block.counts.hash).copied().unwrap_or_default();
        }
        let cues: Vec<_> = page.blocks.iter().map(|block| cues::of(page.block_text(block), block.words)).collect();
        let whole = Whole::new(page, &outline, &seen, &cues);
        Self { page, outline, seen, cues, whole }
    }

    pub(super) fn outline(&self) -> &Outline {
        &self.outline
    }

    /// Whether a block is no content whatever the model would say of it: it has no words, or stands in navigation, a
    /// footer, a dialog or a form's label.
    pub fn is_outside(&self, block: &Block) -> bool {
        let near = |kind: usize| {
            self.outline.near[block.element as usize][kind] != FAR
                || self.outline.near[block.inner as usize][kind] != FAR
        };
        block.words == 0 || near(0) || near(2) || near(15) || near(18)
    }

    /// The element for which a block is outside.
    pub(super) fn why_outside(&self, block: &Block) -> &'static str {
        let near = |kind: usize| self.outline.near[block.inner as usize][kind];
        let kinds = [(0, "nav"), (2, "footer"), (15, "dialog"), (18, "label")];
        kinds.iter().min_by_key(|(kind, _)| near(*kind)).map_or("", |(_, name)| name)
    }

    /// The page.
    pub fn page(&self) -> &'p Page {
        self.page
    }

    /// Numbers of the page as a whole.
    pub fn whole(&self) -> &[f32] {
        &self.whole.row
    }

    /// A row of [`BASE`] for every block that is not outside, one behind the other.
    pub fn base(&self) -> Vec<f32> {
        let mut out = Vec::with_capacity(self.page.blocks.len() * BASE.len());
        let mut walk = Walk::default();
        for (at, block) in self.page.blocks.iter().enumerate() {
            if self.is_outside(block) {
                walk.step(at, block, &cues::Cues::default());
                continue;
            }
            let cues = &self.cues[at];
            self.text(&mut out, at, block, cues, &walk);
            self.place(&mut out, at, block, &walk);
            self.around(&mut out, block);
            self.alike(&mut out, block);
            let shared = self.outline.shared_depth[block.element as usize];
            let depth = self.page.elements[block.element as usize].depth + 1;
            out.extend([
                f32::from(depth.saturating_sub(shared)),
                f32::from(self.outline.best_depth.saturating_sub(shared)),
                f32::from(self.outline.best_depth),
            ]);
            out.extend(self.whole.row);
            walk.step(at, block, cues);
        }
        out
    }

    fn text(&self, out: &mut Vec<f32>, at: usize, block: &Block, cues: &cues::Cues, walk: &Walk) {
        let counts = &block.counts;
        let words = (block.words as f32).max(1.0);
        let letters = (counts.letters as f32).max(1.0);
        let (kind, level) = kind_code(block.kind);
        let flag = |is: bool| f32::from(u8::from(is));
        let tag = |element: u32| tag_code(self.page.elements[element as usize].tag);
        out.extend([
            block.words as f32,
            block.link_words as f32 / words,
            counts.stops as f32 / words,
            counts.commas as f32 / words,
            counts.digits as f32 / letters,
            counts.capitals as f32 / letters,
            counts.capital_words as f32 / words,
            ending(counts.ending),
            counts.letters as f32 / words,
            counts.separators as f32,
            counts.colons as f32 / words,
            counts.cjk as f32 / words,
            kind,
            level,
            flag(block.hidden),
            flag(block.quoted),
            tag(block.inner),
            tag(block.element),
            flag(self.seen[at].0),
            self.seen[at].1,
            flag(is_paragraph(block)),
            flag(cues.end),
            flag(cues.related),
            flag(cues.byline),
            flag(cues.legal),
            flag(cues.action),
            walk.since(walk.end, at),
            walk.since(walk.related, at),
            counts.money as f32,
        ]);
    }

    fn place(&self, out: &mut Vec<f32>, at: usize, block: &Block, walk: &Walk) {
        let whole = &self.outline.whole;
        let blocks = self.page.blocks.len() as f32;
        let length = self.page.blocks.last().map_or(1.0, |last| last.source as f32);
        let apart =
            |other: Option<usize>| other.map_or(-999.0, |other| (at as f32 - other as f32).clamp(-200.0, 300.0));
        out.extend([
            walk.words / whole.words.max(1.0),
            log(walk.words),
            at as f32 / blocks,
            block.source as f32 / length.max(1.0),
            block.words as f32 / whole.words.max(1.0),
            f32::from(self.page.elements[block.element as usize].depth),
            apart(self.whole.h1_first),
            apart(self.whole.h1_last),
            walk.h1.map_or(-1.0, |words| log(walk.words - words)),
            walk.since(walk.heading.map(|(at, ..)| at), at),
            walk.heading.map_or(0.0, |(_, level, _)| level),
            walk.heading.map_or(-1.0, |(.., words)| log(walk.words - words)),
            walk.h1s,
        ]);
    }

    fn around(&self, out: &mut Vec<f32>, block: &Block) {
        let near = &self.outline.near[block.element as usize];
        let inner = &self.outline.near[block.inner as usize];
        for kind in 0..NEAR {
            let levels = if near[kind] == FAR { inner[kind] } else { near[kind] };
            out.push(f32::from(levels));
        }
        let whole = &self.outline.whole;
        let mut at = block.element;
        if self.page.elements[at as usize].blocks.len() <= 1 {
            at = self.outline.wider[at as usize];
        }
        let mut last = [0.0; 5];
        let mut marks = [[0.0; 2]; 3];
        for level in 0..5 {
            if level == 0 || at != 0 {
                let sums = self.outline.sums(&self.page.elements[at as usize].blocks);
                last = container(&sums, whole);
                at = self.outline.wider[at as usize];
            }
            out.extend(last);
            if level == 0 || level == 2 {
                marks[level] = self.marks(&self.page.elements[at as usize].blocks);
            }
        }
        out.extend(marks[0]);
        out.extend(marks[2]);
    }

    /// Images and fields for each block.
    fn marks(&self, blocks: &Range<u32>) -> [f32; 2] {
        let count = |places: &[u32]| {
            let first = places.partition_point(|&at| at < blocks.start);
            (places[first..].partition_point(|&at| at <= blocks.end) as f32) / (blocks.len() as f32).max(1.0)
        };
        [count(&self.page.images), count(&self.page.inputs)]
    }

    fn alike(&self, out: &mut Vec<f32>, block: &Block) {
        let whole = &self.outline.whole;
        let at = block.element as usize;
        let group = self.outline.groups.get(&self.outline.path[at]).copied().unwrap_or_default();
        out.extend([
            share(group.sums.words, whole.words),
            group.sums.links(),
            log(group.count),
            group.sums.words / group.count.max(1.0),
            group.rank,
            share(group.sums.para_words, group.sums.words),
        ]);
        let (element, levels) = self.outline.repeated[at];
        let siblings = if element == 0 { Group::default() } else { self.outline.alike(self.page, element) };
        out.extend([
            if element == 0 { -1.0 } else { f32::from(levels) },
            log(siblings.count),
            siblings.sums.words / siblings.count.max(1.0),
            share(siblings.sums.words, whole.words),
            siblings.sums.links(),
            share(siblings.sums.para_words, siblings.sums.words),
        ]);
        let own = self.outline.alike(self.page, block.element);
        out.extend([log(own.count), own.sums.words / own.count.max(1.0), share(own.sums.words, whole.words)]);
    }

    /// Calls `take` with the number of a block and the hash of each word that is counted for it, beside those of the
    /// elements around it: what it says, if it is short, and what the heading above it says.
    pub fn text_words(&self, mut take: impl FnMut(usize, u32)) {
        let mut under = Vec::new();
        for (at, block) in self.page.blocks.iter().enumerate() {
            if self.is_outside(block) {
                continue;
            }
            let short = block.words <= SHORT;
            let text = self.page.block_text(block);
            if short {
                of_text(text, SAYS, |word| take(at, word));
            }
            if matches!(block.kind, Kind::Heading(_)) {
                under.clear();
                if short {
                    of_text(text, UNDER, |word| under.push(word));
                }
            }
            for &word in &under {
                take(at, word);
            }
        }
    }

    /// A row of [`ODDS`] for every block that is not outside, one behind the other.
    pub fn odds(&self, table: &Table) -> Vec<f32> {
        let page = self.page;
        let count = page.elements.len();
        // own, decaying sum, least, greatest, negative and positive decaying sums
        let mut chain = vec![[0.0_f32; 6]; count];
        for (at, element) in page.elements.iter().enumerate().skip(1) {
            if element.blocks.is_empty() {
                continue;
            }
            let own = table.element(page, element);
            let around = chain[element.parent as usize];
            chain[at] = [
                own,
                own + 0.7 * around[1],
                own.min(around[2]),
                own.max(around[3]),
                own.min(0.0) + 0.85 * around[4],
                own.max(0.0) + 0.85 * around[5],
            ];
        }
        let mut ranked: Vec<(f32, u32)> =
            page.blocks.iter().map(|block| (chain[block.element as usize][1], block.words)).collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let best = ranked.iter().find(|(_, words)| *words >= 5).map_or(0.0, |(sum, _)| *sum);
        let total = self.outline.whole.words.max(1.0);
        let mut above = Vec::with_capacity(ranked.len());
        let mut words = 0.0;
        for (sum, count) in ranked {
            above.push((sum, words / total));
            words += count as f32;
        }
        let mut out = Vec::with_capacity(page.blocks.len() * ODDS.len());
        let mut under = 0.0;
        for block in &page.blocks {
            let short = block.words <= SHORT;
            let is_heading = matches!(block.kind, Kind::Heading(_));
            if self.is_outside(block) {
                continue;
            }
            let says = if short { table.text(page.block_text(block), SAYS) } else { 0.0 };
            if is_heading {
                under = if short { table.text(page.block_text(block), UNDER) } else { 0.0 };
            }
            let [own, sum, least, greatest, negative, positive] = chain[block.element as usize];
            let parent = chain[page.elements[block.element as usize].parent as usize][0];
            let rank = above.partition_point(|(other, _)| *other > sum);
            let rank = above.get(rank).map_or(1.0, |(_, share)| *share);
            let inner = chain[block.inner as usize][0];
            let own = if block.inner == block.element { own } else { own + inner };
            out.extend([own, sum, least, greatest, sum - best, parent, negative, positive, rank, best]);
            out.extend([says, under]);
        }
        out
    }
}

fn container(sums: &Sums, whole: &Sums) -> [f32; 5] {
    [
        share(sums.words, whole.words),
        sums.links(),
        share(sums.para_words, sums.words),
        log(sums.blocks),
        sums.words / sums.blocks.max(1.0),
    ]
}

impl Whole {
    fn new(page: &Page, outline: &Outline, seen: &[(bool, f32)], cues: &[cues::Cues]) -> Self {
        let mut whole = Self::default();
        let sums = &outline.whole;
        let (mut cjk, mut rows, mut hidden, mut copies, mut digits, mut letters) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        let mut h1 = 0.0;
        let (mut buttons, mut money, mut actions, mut bylines) = (0.0, 0.0, 0.0, 0.0);
        let subject = |at: u32| f32::from(u8::from(page.head.subjects >> at & 1 == 1));
        for (at, block) in page.blocks.iter().enumerate() {
            let words = block.words as f32;
            cjk += block.counts.cjk as f32;
            rows += if block.kind == Kind::Row { words } else { 0.0 };
            hidden += if block.hidden { words } else { 0.0 };
            copies += if seen[at].0 { words } else { 0.0 };
            digits += block.counts.digits as f32;
            letters += block.counts.letters as f32;
            buttons += f32::from(u8::from(block.kind == Kind::Button));
            money += f32::from(u8::from(block.counts.money > 0));
            actions += f32::from(u8::from(cues[at].action));
            bylines += f32::from(u8::from(cues[at].byline));
            if block.kind == Kind::Heading(1) {
                h1 += 1.0;
                whole.h1_first.get_or_insert(at);
                whole.h1_last = Some(at);
            }
        }
        let best_group = outline.groups.values().map(|group| group.sums.words).fold(0.0, f32::max);
        let repeat =
            outline.siblings.values().filter(|group| group.count >= 3.0 && group.sums.blocks >= 2.0 * group.count);
        let repeat = repeat.map(|group| group.sums.words).fold(0.0, f32::max);
        let articles = page.elements.iter().filter(|element| element.tag == Some(Tag::Article)).count();
        let kind = page.head.metas.iter().find(|meta| page.attribute(&meta.name).eq_ignore_ascii_case("og:type"));
        let kind = kind.map_or(0.0, |meta| {
            let value = page.attribute(&meta.content).to_ascii_lowercase();
            ["website", "article", "product"]
                .iter()
                .position(|name| value.contains(name))
                .map_or(4.0, |at| at as f32 + 1.0)
        });
        whole.row = [
            log(sums.words),
            log(sums.blocks),
            sums.links(),
            share(sums.para_words, sums.words),
            share(sums.items, sums.blocks),
            share(sums.headings, sums.blocks),
            share(cjk, sums.words),
            share(rows, sums.words),
            share(hidden, sums.words),
            share(copies, sums.words),
            log(outline.groups.len() as f32),
            share(repeat, sums.words),
            log(articles as f32),
            sums.words / sums.blocks.max(1.0),
            kind,
            h1,
            share(buttons, sums.blocks),
            share(best_group, sums.words),
            share(digits, letters),
            share(page.images.len() as f32, sums.blocks),
            share(page.inputs.len() as f32, sums.blocks),
            share(money, sums.blocks),
            share(actions, sums.blocks),
            share(bylines, sums.blocks),
            subject(0),
            subject(1),
            subject(2),
            subject(3),
            subject(4),
            subject(5),
            subject(6),
            share(page.head.times.len() as f32, sums.blocks),
        ];
        whole
    }
}

/// What has been passed on the way down the page.
#[derive(Debug, Default)]
struct Walk {
    words: f32,
    h1: Option<f32>,
    h1s: f32,
    /// The last heading: its place, level, and the words before it.
    heading: Option<(usize, f32, f32)>,
    end: Option<usize>,
    related: Option<usize>,
}

impl Walk {
    fn since(&self, what: Option<usize>, at: usize) -> f32 {
        what.map_or(-1.0, |what| (at - what).min(100) as f32)
    }

    fn step(&mut self, at: usize, block: &Block, cues: &cues::Cues) {
        self.words += block.words as f32;
        if let Kind::Heading(level) = block.kind {
            self.heading = Some((at, f32::from(level), self.words));
            if level == 1 {
                self.h1 = Some(self.words);
                self.h1s += 1.0;
            }
        }
        if cues.end {
            self.end = Some(at);
        }
        if cues.related {
            self.related = Some(at);
        }
    }
}
