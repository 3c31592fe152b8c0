//! Blocks as rows of numbers.
//!
//! One code path for training and serving: the trainer reads what [`Features::base`] and [`Features::odds`] write.

use super::cues;
use super::outline::{FAR, Outline};
use super::walk::Walk;
use super::whole::Whole;
use crate::html::page::{Block, Page};
use std::collections::HashMap;

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
    "says", "under", "weighed", "weighed_around", "weighed_inside", "weighed_texts",
];

/// A page with what its features are made from.
#[derive(Debug)]
pub struct Features<'p> {
    pub(super) page: &'p Page,
    pub(super) outline: Outline,
    pub(super) seen: Vec<(bool, f32)>,
    cues: Vec<cues::Cues>,
    pub(super) whole: Whole,
}

pub(super) fn log(value: f32) -> f32 {
    (value + 1.0).ln()
}

pub(super) fn share(part: f32, whole: f32) -> f32 {
    part / whole.max(1.0)
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
                walk.step(at, block, cues::Cues::default());
                continue;
            }
            let cues = self.cues[at];
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
}
