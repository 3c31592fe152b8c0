//! What elements say about the blocks below them: counters, paths, repetition, the best container.
//!
//! The blocks below an element are one range, so every sum over them is the difference of two prefix sums. Everything
//! else is handed from parent to child, and a parent stands before its children.

use super::tokens::Plain;
use crate::html::page::block::Kind;
use crate::html::page::measure::{Ending, mix};
use crate::html::page::{Block, Page};
use crate::html::tags::Tag;
use std::collections::HashMap;
use std::ops::Range;

/// Kinds of elements whose distance matters.
pub(super) const NEAR: usize = 19;

/// No such element around.
pub(super) const FAR: u8 = 60;

const fn near_kind(tag: Tag) -> Option<usize> {
    Some(match tag {
        Tag::Nav => 0,
        Tag::Aside => 1,
        Tag::Footer => 2,
        Tag::Header => 3,
        Tag::Article => 4,
        Tag::Main => 5,
        Tag::Section => 6,
        Tag::Form => 7,
        Tag::Table => 8,
        Tag::Ul | Tag::Ol | Tag::Dl => 9,
        Tag::Li | Tag::Dd | Tag::Dt => 10,
        Tag::Blockquote => 11,
        Tag::Figure => 12,
        Tag::A => 13,
        Tag::Button => 14,
        Tag::Dialog => 15,
        Tag::Details => 16,
        Tag::P => 17,
        Tag::Label => 18,
        _ => return None,
    })
}

/// Sums over a range of blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) words: f32,
    pub(super) link_words: f32,
    pub(super) para_words: f32,
    pub(super) stops: f32,
    pub(super) headings: f32,
    pub(super) items: f32,
    pub(super) blocks: f32,
}

impl Sums {
    pub(super) fn links(&self) -> f32 {
        self.link_words / self.words.max(1.0)
    }

    fn add(&mut self, block: &Block) {
        let words = block.words as f32;
        self.words += words;
        self.link_words += block.link_words as f32;
        self.para_words += if is_paragraph(block) { words } else { 0.0 };
        self.stops += (block.counts.stops + block.counts.commas) as f32;
        self.headings += f32::from(u8::from(matches!(block.kind, Kind::Heading(_))));
        self.items += f32::from(u8::from(matches!(block.kind, Kind::Item { .. })));
        self.blocks += 1.0;
    }

    fn less(&self, other: &Self) -> Self {
        Self {
            words: self.words - other.words,
            link_words: self.link_words - other.link_words,
            para_words: self.para_words - other.para_words,
            stops: self.stops - other.stops,
            headings: self.headings - other.headings,
            items: self.items - other.items,
            blocks: self.blocks - other.blocks,
        }
    }

    fn and(&mut self, other: &Self) {
        self.words += other.words;
        self.link_words += other.link_words;
        self.para_words += other.para_words;
        self.stops += other.stops;
        self.headings += other.headings;
        self.items += other.items;
        self.blocks += other.blocks;
    }
}

/// Running text: long enough, mostly not links, with sentences in it.
pub(super) fn is_paragraph(block: &Block) -> bool {
    let counts = &block.counts;
    block.words >= 12
        && block.link_words * 2 < block.words
        && !matches!(block.kind, Kind::Heading(_) | Kind::Button)
        && (counts.stops + counts.commas >= 2 || counts.ending == Ending::Stop)
}

/// A set of elements or blocks that look alike.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Group {
    pub(super) sums: Sums,
    /// Members.
    pub(super) count: f32,
    /// Share of the page's groups with more words.
    pub(super) rank: f32,
}

/// What is known of each element, by its number.
#[derive(Debug)]
pub(super) struct Outline {
    prefix: Vec<Sums>,
    /// Levels to the nearest element of each kind, the element itself at 0.
    pub(super) near: Vec<[u8; NEAR]>,
    /// Its tag and first class, and those of everything around it.
    pub(super) path: Vec<u64>,
    /// The nearest element around it that holds more blocks.
    pub(super) wider: Vec<u32>,
    /// Groups of blocks by the path of their element.
    pub(super) groups: HashMap<u64, Group, Plain>,
    /// Elements of one path below the same parent.
    pub(super) siblings: HashMap<u64, Group, Plain>,
    /// The nearest element around (or itself) that has at least two alike next to it, and levels to it; 0 for none.
    pub(super) repeated: Vec<(u32, u8)>,
    /// Depth of the nearest element around it that is also around the best container.
    pub(super) shared_depth: Vec<u16>,
    pub(super) best_depth: u16,
    /// All blocks.
    pub(super) whole: Sums,
}

impl Outline {
    pub(super) fn new(page: &Page) -> Self {
        let mut prefix = Vec::with_capacity(page.blocks.len() + 1);
        let mut sums = Sums::default();
        prefix.push(sums);
        for block in &page.blocks {
            sums.add(block);
            prefix.push(sums);
        }
        let count = page.elements.len();
        let mut outline = Self {
            prefix,
            near: vec![[FAR; NEAR]; count],
            path: vec![0; count],
            wider: vec![0; count],
            groups: HashMap::default(),
            siblings: HashMap::default(),
            repeated: vec![(0, 0); count],
            shared_depth: vec![0; count],
            best_depth: 0,
            whole: sums,
        };
        outline.descend(page);
        outline.group(page);
        outline.repeat(page);
        outline.find_best(page);
        outline
    }

    pub(super) fn sums(&self, blocks: &Range<u32>) -> Sums {
        match (self.prefix.get(blocks.start as usize), self.prefix.get(blocks.end as usize)) {
            (Some(before), Some(all)) => all.less(before),
            _ => Sums::default(),
        }
    }

    fn descend(&mut self, page: &Page) {
        for (at, element) in page.elements.iter().enumerate().skip(1) {
            if element.blocks.is_empty() {
                continue;
            }
            let parent = element.parent as usize;
            let class = page.attribute(&element.class).split_ascii_whitespace().next().unwrap_or_default();
            let tag = element.tag.map_or(0, |tag| tag as u64 + 1);
            let mut path = mix(self.path[parent], tag);
            for &byte in class.as_bytes() {
                if !byte.is_ascii_digit() {
                    path = mix(path, u64::from(byte));
                }
            }
            self.path[at] = path;
            let mut near = self.near[parent];
            for levels in &mut near {
                *levels = (*levels + 1).min(FAR);
            }
            if let Some(kind) = element.tag.and_then(near_kind) {
                near[kind] = 0;
            }
            self.near[at] = near;
            let same = page.elements[parent].blocks == element.blocks;
            self.wider[at] = if same { self.wider[parent] } else { element.parent };
            let siblings = self.siblings.entry(mix(path, parent as u64)).or_default();
            siblings.count += 1.0;
            let sums =
                match (self.prefix.get(element.blocks.start as usize), self.prefix.get(element.blocks.end as usize)) {
                    (Some(before), Some(all)) => all.less(before),
                    _ => Sums::default(),
                };
            siblings.sums.and(&sums);
        }
    }

    fn group(&mut self, page: &Page) {
        for block in &page.blocks {
            let group = self.groups.entry(self.path[block.element as usize]).or_default();
            group.sums.add(block);
            group.count += 1.0;
        }
        let mut words: Vec<f32> = self.groups.values().map(|group| group.sums.words).collect();
        words.sort_unstable_by(f32::total_cmp);
        let all = words.len() as f32;
        for group in self.groups.values_mut() {
            let above = words.len() - words.partition_point(|&other| other <= group.sums.words);
            group.rank = above as f32 / all;
        }
    }

    /// A number that an element shares with those siblings that look like it.
    pub(super) fn alike_key(&self, page: &Page, element: u32) -> u64 {
        mix(self.path[element as usize], u64::from(page.elements[element as usize].parent))
    }

    /// The siblings of an element that look like it, itself included.
    pub(super) fn alike(&self, page: &Page, element: u32) -> Group {
        self.siblings.get(&self.alike_key(page, element)).copied().unwrap_or_default()
    }

    fn repeat(&mut self, page: &Page) {
        for (at, element) in page.elements.iter().enumerate().skip(1) {
            if element.blocks.is_empty() {
                continue;
            }
            let alike = self.alike(page, at as u32);
            let (around, levels) = self.repeated[element.parent as usize];
            // A list of single blocks is no list of posts.
            let rich = alike.count >= 3.0 && alike.sums.blocks >= 2.0 * alike.count;
            self.repeated[at] = if rich { (at as u32, 0) } else { (around, levels.saturating_add(1)) };
        }
    }

    /// The best container: the one with the most words of running text close below it.
    fn find_best(&mut self, page: &Page) {
        let mut score = vec![0.0_f32; page.elements.len()];
        for block in &page.blocks {
            let text = (block.words - block.link_words) as f32;
            let mut worth = if is_paragraph(block) { text } else { text * 0.2 };
            let mut at = block.element;
            for _ in 0..4 {
                at = page.elements[at as usize].parent;
                score[at as usize] += worth;
                worth *= 0.6;
                if at == 0 {
                    break;
                }
            }
        }
        let mut best = 0;
        for (at, &value) in score.iter().enumerate() {
            if value > score[best] {
                best = at;
            }
        }
        let mut on_path = vec![false; page.elements.len()];
        let mut at = best;
        self.best_depth = page.elements[best].depth + u16::from(best != 0);
        while at != 0 {
            on_path[at] = true;
            at = page.elements[at].parent as usize;
        }
        for (at, element) in page.elements.iter().enumerate().skip(1) {
            self.shared_depth[at] =
                if on_path[at] { element.depth + 1 } else { self.shared_depth[element.parent as usize] };
        }
    }
}
