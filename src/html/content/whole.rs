//! Facts of a page as a whole.

use super::cues::Cues;
use super::features::{WHOLE, log, share};
use super::outline::Outline;
use crate::html::page::{Kind, Page};
use crate::html::tags::Tag;

/// Facts of the page.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) row: [f32; WHOLE],
    pub(super) h1_first: Option<usize>,
    pub(super) h1_last: Option<usize>,
}

impl Whole {
    pub(super) fn new(page: &Page, outline: &Outline, seen: &[(bool, f32)], cues: &[Cues]) -> Self {
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
        let kind = declared_kind(page);
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

/// What the page's `og:type` says, as a number: nothing, a site, an article, a product, something else.
fn declared_kind(page: &Page) -> f32 {
    let kind = page.head.metas.iter().find(|meta| page.attribute(&meta.name).eq_ignore_ascii_case("og:type"));
    kind.map_or(0.0, |meta| {
        let value = page.attribute(&meta.content).to_ascii_lowercase();
        let known = ["website", "article", "product"].iter().position(|name| value.contains(name));
        known.map_or(4.0, |at| at as f32 + 1.0)
    })
}
