//! What the first probabilities of a page say about each of its blocks: features of the second look.

use super::features::Features;
use super::outline::{FAR, Outline, is_paragraph};
use super::prefix;
use crate::html::page::{Kind, Page};
use std::collections::HashMap;

/// Names and order of the features.
#[rustfmt::skip]
pub const SECOND: &[&str] = &[
    "p", "p_before1", "p_before2", "p_after1", "p_after2", "p_near3", "p_near8", "p_before8", "p_after8",
    "p_group", "p_group_most", "p_alike", "p_repeated", "p_copies",
    "p_c1", "p_c2", "p_c3", "p_c4", "p_heading",
    "p_rank", "p_sum", "p_share", "p_most", "p_cut", "p_less_cut", "p_expected", "p_taken",
    "p_first", "p_last", "p_inside", "p_doubt", "p_container_most",
];

/// Names and order of what is known of a page after the first look, beside the facts that are in every row: how much of
/// what is likely content is of which form. The kind of a page is guessed from these.
#[rustfmt::skip]
pub const PAGE: &[&str] = &[
    "l_sum", "l_share", "l_most", "l_expected", "l_doubt", "l_paragraphs", "l_links", "l_items", "l_rows", "l_headings",
    "l_quoted", "l_hidden", "l_pre", "l_repeated", "l_groups", "l_money", "l_times", "l_mean", "l_first", "l_digits",
    "l_buttons", "l_list", "l_blocks", "l_commas", "l_table",
];

/// Sums of words and of words times probability.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    words: f32,
    hits: f32,
}

impl Mean {
    fn add(&mut self, words: f32, p: f32) {
        self.words += words;
        self.hits += words * p;
    }

    fn less(self, other: Self) -> Self {
        Self { words: self.words - other.words, hits: self.hits - other.hits }
    }

    /// The mean, or `other` where there are no words.
    fn or(self, other: f32) -> f32 {
        if self.words > 0.5 { self.hits / self.words } else { other }
    }
}

/// A page after the first look.
#[derive(Debug)]
pub struct Second<'f, 'p> {
    features: &'f Features<'p>,
    page: &'p Page,
    outline: &'f Outline,
    p: &'f [f32],
    /// Before each block.
    prefix: Vec<Mean>,
    groups: HashMap<u64, (Mean, f32), super::tokens::Plain>,
    alike: HashMap<u64, Mean, super::tokens::Plain>,
    copies: HashMap<u64, f32, super::tokens::Plain>,
    taken: Vec<bool>,
    /// Words with a higher probability, by probability in falling order.
    above: Vec<(f32, f32)>,
    first: usize,
    last: usize,
    cut: f32,
    most: f32,
    expected: f32,
    doubt: f32,
}

impl<'f, 'p> Second<'f, 'p> {
    /// `p` has a probability for every block of the page.
    pub fn new(features: &'f Features<'p>, p: &'f [f32]) -> Self {
        let (page, outline) = (features.page(), features.outline());
        let mut prefix = Vec::with_capacity(p.len() + 1);
        let mut sum = Mean::default();
        prefix.push(sum);
        let mut groups: HashMap<u64, (Mean, f32), _> = HashMap::default();
        let mut alike: HashMap<u64, Mean, _> = HashMap::default();
        let mut copies: HashMap<u64, f32, _> = HashMap::default();
        let mut doubt = 0.0;
        for (block, &p) in page.blocks.iter().zip(p) {
            let words = block.words as f32;
            sum.add(words, p);
            prefix.push(sum);
            let group = groups.entry(outline.path[block.element as usize]).or_default();
            group.0.add(words, p);
            group.1 = group.1.max(p);
            let (repeated, _) = outline.repeated[block.element as usize];
            if repeated != 0 {
                alike.entry(outline.alike_key(page, repeated)).or_default().add(words, p);
            }
            let copy = copies.entry(block.counts.hash).or_default();
            *copy = copy.max(p);
            doubt += words * p * (1.0 - p);
        }
        let pairs: Vec<(u32, f32)> = page.blocks.iter().zip(p).map(|(block, &p)| (block.words, p)).collect();
        let taken = prefix::choose(&pairs);
        let is_taken = |at: &usize| taken[*at];
        let first = (0..p.len()).find(is_taken).unwrap_or(0);
        let last = (0..p.len()).rev().find(is_taken).unwrap_or(0);
        let cut = (0..p.len()).filter(is_taken).map(|at| p[at]).fold(1.0, f32::min);
        let mut chosen = Mean::default();
        for at in (0..p.len()).filter(is_taken) {
            chosen.add(pairs[at].0 as f32, p[at]);
        }
        let mut order: Vec<(f32, f32)> = pairs.iter().map(|&(words, p)| (p, words as f32)).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut words = 0.0;
        for entry in &mut order {
            let own = entry.1;
            entry.1 = words;
            words += own;
        }
        Self {
            most: p.iter().copied().fold(0.0, f32::max),
            expected: 2.0 * chosen.hits / (chosen.words + sum.hits).max(1.0),
            doubt: doubt / sum.hits.max(1.0),
            above: order,
            features,
            page,
            outline,
            p,
            prefix,
            groups,
            alike,
            copies,
            taken,
            first,
            last,
            cut,
        }
    }

    fn between(&self, from: usize, to: usize) -> Mean {
        let end = self.prefix.len() - 1;
        let (from, to) = (from.min(end), to.min(end));
        self.prefix[to].less(self.prefix[from])
    }

    /// The facts of the page, then [`PAGE`].
    pub fn page(&self) -> Vec<f32> {
        let mut likely = [0.0_f32; 16];
        let mut blocks = 0.0;
        for (block, &p) in self.page.blocks.iter().zip(self.p) {
            let n = block.words as f32 * p;
            blocks += p;
            let near = &self.outline.near[block.element as usize];
            let (repeated, levels) = self.outline.repeated[block.element as usize];
            let is = |condition: bool| if condition { n } else { 0.0 };
            let parts = [
                is(is_paragraph(block)),
                block.link_words as f32 * p,
                is(matches!(block.kind, Kind::Item { .. })),
                is(block.kind == Kind::Row),
                is(matches!(block.kind, Kind::Heading(_))),
                is(block.quoted),
                is(block.hidden),
                is(block.kind == Kind::Pre),
                is(repeated != 0 && levels < 6),
                is(self
                    .groups
                    .get(&self.outline.path[block.element as usize])
                    .is_some_and(|group| group.0.words > 3.0 * block.words as f32)),
                is(block.counts.money > 0),
                block.counts.digits as f32 * p,
                is(block.kind == Kind::Button),
                is(near[9] < 4),
                block.counts.commas as f32 * p,
                is(near[8] < FAR),
            ];
            for (sum, part) in likely.iter_mut().zip(parts) {
                *sum += part;
            }
        }
        let all = self.prefix.last().copied().unwrap_or_default();
        let part = |at: usize| likely[at] / all.hits.max(1.0);
        let mut out = self.features.whole().to_vec();
        out.extend([
            (all.hits + 1.0).ln(),
            all.or(0.0),
            self.most,
            self.expected,
            self.doubt,
            part(0),
            part(1),
            part(2),
            part(3),
            part(4),
            part(5),
            part(6),
            part(7),
            part(8),
            part(9),
            part(10),
            (self.page.head.times.len() as f32 + 1.0).ln(),
            all.hits / blocks.max(1.0),
            self.first as f32 / (self.p.len() as f32).max(1.0),
            part(11),
            part(12),
            part(13),
            blocks,
            part(14),
            part(15),
        ]);
        out
    }

    /// A row of [`SECOND`] for each of these blocks, which are in the order of the page.
    pub fn rows(&self, blocks: &[usize]) -> Vec<f32> {
        let mut out = Vec::with_capacity(blocks.len() * SECOND.len());
        let (mut heading, mut seen) = (-1.0, 0);
        for &at in blocks {
            for before in seen..at {
                let block = &self.page.blocks[before];
                if matches!(block.kind, Kind::Heading(_)) && !self.features.is_outside(block) {
                    heading = self.p[before];
                }
            }
            seen = at;
            self.neighbours(&mut out, at);
            self.alike(&mut out, at);
            self.containers(&mut out, self.page.blocks[at].element);
            out.push(heading);
            self.whole(&mut out, at);
        }
        out
    }

    fn neighbours(&self, out: &mut Vec<f32>, at: usize) {
        let p = self.p[at];
        let near = |at: Option<usize>| at.and_then(|at| self.p.get(at)).copied().unwrap_or(0.0);
        let own = self.between(at, at + 1);
        let around = |reach: usize| self.between(at.saturating_sub(reach), at + reach + 1).less(own).or(p);
        out.extend([
            p,
            near(at.checked_sub(1)),
            near(at.checked_sub(2)),
            near(Some(at + 1)),
            near(Some(at + 2)),
            around(3),
            around(8),
            self.between(at.saturating_sub(8), at).or(p),
            self.between(at + 1, at + 9).or(p),
        ]);
    }

    fn alike(&self, out: &mut Vec<f32>, at: usize) {
        let block = &self.page.blocks[at];
        let p = self.p[at];
        let mut own = Mean::default();
        own.add(block.words as f32, p);
        let (group, most) = self.groups.get(&self.outline.path[block.element as usize]).copied().unwrap_or_default();
        let (repeated, _) = self.outline.repeated[block.element as usize];
        let alike = |element: u32| {
            let key = self.outline.alike_key(self.page, element);
            self.alike.get(&key).map_or(-1.0, |mean| mean.less(own).or(p))
        };
        let levels = self.outline.wider[block.element as usize];
        let parent = self.outline.sums(&self.page.elements[levels as usize].blocks);
        let range = &self.page.elements[levels as usize].blocks;
        let around = self.between(range.start as usize, range.end as usize);
        out.extend([
            group.less(own).or(p),
            most,
            if parent.words > 0.0 { around.less(own).or(p) } else { p },
            if repeated == 0 { -1.0 } else { alike(repeated) },
            self.copies.get(&block.counts.hash).copied().unwrap_or(p),
        ]);
    }

    fn containers(&self, out: &mut Vec<f32>, element: u32) {
        let mut at = element;
        if self.page.elements[at as usize].blocks.len() <= 1 {
            at = self.outline.wider[at as usize];
        }
        for _ in 0..4 {
            let range = &self.page.elements[at as usize].blocks;
            out.push(self.between(range.start as usize, range.end as usize).or(0.0));
            at = self.outline.wider[at as usize];
        }
    }

    fn whole(&self, out: &mut Vec<f32>, at: usize) {
        let p = self.p[at];
        let all = self.prefix.last().copied().unwrap_or_default();
        let rank = self.above.partition_point(|(other, _)| *other > p);
        let above = self.above.get(rank).map_or(0.0, |(_, words)| *words);
        let apart = |other: usize| (at as f32 - other as f32).clamp(-100.0, 100.0);
        let inside = at >= self.first && at <= self.last;
        let reach = at.saturating_sub(20)..(at + 21).min(self.p.len());
        let most = self.p[reach].iter().copied().fold(0.0, f32::max);
        out.extend([
            above / all.words.max(1.0),
            (all.hits + 1.0).ln(),
            all.or(0.0),
            self.most,
            self.cut,
            p - self.cut,
            self.expected,
            f32::from(u8::from(self.taken[at])),
            apart(self.first),
            apart(self.last),
            f32::from(u8::from(inside)),
            self.doubt,
            most,
        ]);
    }
}
