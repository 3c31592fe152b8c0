//! The numbers of one block.

use super::cues::Cues;
use super::features::{Features, log, share};
use super::outline::{FAR, Group, NEAR, Sums, is_paragraph};
use super::walk::Walk;
use crate::html::page::measure::Ending;
use crate::html::page::{Block, Kind};
use crate::html::tags::Tag;
use std::ops::Range;

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

impl Features<'_> {
    pub(super) fn text(&self, out: &mut Vec<f32>, at: usize, block: &Block, cues: Cues, walk: &Walk) {
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
            Walk::since(walk.end, at),
            Walk::since(walk.related, at),
            counts.money as f32,
        ]);
    }

    pub(super) fn place(&self, out: &mut Vec<f32>, at: usize, block: &Block, walk: &Walk) {
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
            Walk::since(walk.heading.map(|(at, ..)| at), at),
            walk.heading.map_or(0.0, |(_, level, _)| level),
            walk.heading.map_or(-1.0, |(.., words)| log(walk.words - words)),
            walk.h1s,
        ]);
    }

    pub(super) fn around(&self, out: &mut Vec<f32>, block: &Block) {
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
        let mut marks = Vec::with_capacity(4);
        for level in 0..5 {
            if level == 0 || at != 0 {
                let sums = self.outline.sums(&self.page.elements[at as usize].blocks);
                last = container(&sums, whole);
                at = self.outline.wider[at as usize];
            }
            out.extend(last);
            if level == 0 || level == 2 {
                marks.extend(self.marks(&self.page.elements[at as usize].blocks));
            }
        }
        out.extend(marks);
    }

    /// Images and fields for each block.
    fn marks(&self, blocks: &Range<u32>) -> [f32; 2] {
        let count = |places: &[u32]| {
            let first = places.partition_point(|&at| at < blocks.start);
            (places[first..].partition_point(|&at| at <= blocks.end) as f32) / (blocks.len() as f32).max(1.0)
        };
        [count(&self.page.images), count(&self.page.inputs)]
    }

    pub(super) fn alike(&self, out: &mut Vec<f32>, block: &Block) {
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
