//! From a page to its main content, and what was left out.

use super::features::Features;
use super::model::Model;
use super::prefix;
use crate::html::cosmetic::Scope;
use crate::html::guard::{Limits, Main};
use crate::html::marks::Marks;
use crate::html::page::arena::Element;
use crate::html::page::{Block, ElementId, Kind, Page};
use crate::html::render::{Rendered, render_marked};
use crate::html::shapes::shape;
use crate::html::tags::Tag;
use std::sync::LazyLock;

/// The model that comes with the program.
static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| Model::read(include_bytes!("model.bin")));

/// The main content of a page.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the record, and any of them may be set beside others"
)]
pub struct Content {
    /// Its text: a line per block, table rows as lines with cells by tabs.
    pub text: String,
    /// The first `<title>` that is not empty.
    pub title: Option<String>,
    /// Nothing was found, or the page has more than [`MAX_BLOCKS`] blocks, so this is the text of the whole page.
    pub whole_page: bool,
    /// The page holds no main content: a shell that a script fills, or navigation alone. There is no text.
    pub no_content: bool,
    /// The page was nested deeper than [`Limits::max_depth`].
    pub flattened: bool,
    /// The text reached [`Limits::max_text_bytes`] and ends there.
    pub truncated: bool,
    /// What its stretches are, in order; empty when that is not known.
    pub shapes: Vec<Shape>,
    /// How likely each of them is content, 0 to 1; empty when that is not known.
    pub probabilities: Vec<f32>,
    /// What was left out, in the order of the page, at most [`MAX_REMOVED`] places.
    pub removed: Vec<Removed>,
}

/// A stretch of [`Content::text`] and what it is. Between two of them stands a line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// In a quotation.
    pub quoted: bool,
    /// The list item it stands in; 0 for none.
    pub item: ElementId,
}

/// A place of a page that was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Removed {
    /// The largest element of which nothing was taken, as a CSS path.
    pub path: String,
    /// How its text begins.
    pub text: String,
    /// Words in it.
    pub words: u32,
    /// Why: the element that is never content (`nav`, `footer`, `dialog`, `label`), or `boilerplate` where the model says so.
    pub reason: &'static str,
    /// How likely the likeliest of its blocks was content, 0 to 1.
    pub probability: f32,
}

/// Most places listed in [`Content::removed`].
pub const MAX_REMOVED: usize = 200;

/// A page of fewer blocks than this, outside ones not counted, says too little about itself: all that is visible is taken.
const FEW_BLOCKS: usize = 6;

/// A page in which fewer words of content are expected, and no block is [likely](LIKELY), holds none.
const FEW_WORDS: f32 = 10.0;

/// How likely a block must be content to be some however short it is.
const LIKELY: f32 = 0.75;

/// A page shorter than this, in bytes, is no shell of scripts and style sheets: what little it shows was written by somebody.
const MIN_SHELL: usize = 4096;

/// A block outside of so many words, in sentences and hardly in links, may be content that stands in the wrong element,
const MIN_PARAGRAPH: u32 = 20;

/// if there are so many words of it: the small print of a footer has fewer.
const MIN_MISPLACED: u32 = 80;

/// A page of more blocks than this is a table or a list of things, and rendered whole: nothing was learned from pages a
/// tenth as long, and they would cost more than their share of time.
pub const MAX_BLOCKS: usize = 20_000;

/// Characters of a removed text that are shown.
const SHOWN_CHARS: usize = 60;

/// Elements of a CSS path, from the inside.
const PATH_ELEMENTS: usize = 6;

/// Whether a source is a page rather than a piece of one: it says so itself.
fn is_page(source: &str, page: &Page) -> bool {
    let start = source.trim_start_matches('\u{FEFF}').trim_start();
    start.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype"))
        || page.elements.iter().take(16).any(|element| matches!(element.tag, Some(Tag::Html | Tag::Body)))
}

/// The main content of a page. A piece of a page is rendered whole. So is a page in which nothing is found; one that holds
/// nothing to be found has no text.
#[must_use]
pub fn content(source: &str, limits: &Limits) -> Content {
    content_of(&Page::read(source, limits), source, None, limits)
}

/// The main content of a page that was read from `source` under the same filters and limits.
#[must_use]
pub fn content_of(page: &Page, source: &str, filters: Option<&Scope<'_>>, limits: &Limits) -> Content {
    content_marked(page, source, &Marks::filtered(filters), limits)
}

/// How likely each block of a page is content, and which are taken. `None` for pages that are rendered whole.
pub(crate) fn judged(page: &Page, source: &str) -> Option<(Vec<f32>, Vec<bool>)> {
    let model = MODEL.as_ref()?;
    if page.blocks.len() > MAX_BLOCKS || !is_page(source, page) {
        return None;
    }
    let features = Features::new(page);
    let p = model.probabilities(&features);
    let taken = taken(&features, source, &p).unwrap_or_else(|| vec![false; p.len()]);
    Some((p, taken))
}

/// The main content of a page that was read from `source` under the same marks and limits.
fn content_marked(page: &Page, source: &str, marks: &Marks<'_>, limits: &Limits) -> Content {
    if limits.main == Main::Auto
        && let Some(model) = MODEL.as_ref()
        && is_page(source, page)
    {
        let found = if page.blocks.len() > MAX_BLOCKS { Content::default() } else { choose(page, source, model) };
        if found.no_content || !found.text.is_empty() {
            return found;
        }
        let whole = whole(source, marks, limits);
        return Content { whole_page: !whole.text.is_empty(), ..whole };
    }
    whole(source, marks, limits)
}

fn whole(source: &str, marks: &Marks<'_>, limits: &Limits) -> Content {
    render_marked(source, marks, limits).0.into()
}

impl From<Rendered> for Content {
    fn from(rendered: Rendered) -> Self {
        let Rendered { text, title, flattened, truncated, .. } = rendered;
        Self { text, title, flattened, truncated, ..Self::default() }
    }
}

fn choose(page: &Page, source: &str, model: &Model) -> Content {
    let features = Features::new(page);
    let p = model.probabilities(&features);
    let found = taken(&features, source, &p);
    let no_content = found.is_none();
    let taken = found.unwrap_or_else(|| vec![false; p.len()]);
    Content { no_content, ..compose(page, &features, &p, &taken) }
}

/// The blocks that are taken, as text.
fn compose(page: &Page, features: &Features<'_>, p: &[f32], taken: &[bool]) -> Content {
    let mut text = String::new();
    let mut shapes = Vec::new();
    let mut probabilities = Vec::new();
    for ((block, &p), _) in page.blocks.iter().zip(p).zip(taken).filter(|(_, taken)| **taken) {
        if !text.is_empty() {
            text.push('\n');
        }
        let start = text.len();
        text.push_str(page.block_text(block));
        shapes.push(shape(page, block, start, text.len()));
        probabilities.push(p);
    }
    Content {
        shapes,
        probabilities,
        text,
        title: page.head.title.clone(),
        whole_page: false,
        no_content: false,
        flattened: page.flattened,
        truncated: page.truncated,
        removed: removed(page, features, p, taken),
    }
}

/// The main content of a page without what a site's rules leave out of it. `page` was read whole and `less` without that, both from `source`.
///
/// What is content is judged on the whole page, as the model was taught, so that leaving something out changes nothing else. Where all of it is left
/// out, the rest is judged by itself.
pub(in crate::html) fn content_less(
    page: &Page,
    less: &Page,
    source: &str,
    marks: &Marks<'_>,
    limits: &Limits,
) -> Content {
    if limits.main == Main::Auto
        && let Some((p, taken)) = judged(page, source)
        && taken.contains(&true)
    {
        // Blocks stand in the order of the source; one whose beginning is left out begins later than it did.
        let of = |block: &Block| page.blocks.partition_point(|other| other.source <= block.source).saturating_sub(1);
        let places: Vec<usize> = less.blocks.iter().map(of).collect();
        let p: Vec<f32> = places.iter().map(|&at| p.get(at).copied().unwrap_or_default()).collect();
        let taken: Vec<bool> = places.iter().map(|&at| taken.get(at).copied().unwrap_or_default()).collect();
        let content = compose(less, &Features::new(less), &p, &taken);
        if !content.text.is_empty() {
            return content;
        }
    }
    content_marked(less, source, marks, limits)
}

/// Whether a page read from `source` holds no content at all, given how likely each of its blocks is some.
fn holds_nothing(features: &Features<'_>, source: &str, p: &[f32]) -> bool {
    let blocks = &features.page().blocks;
    let expected: f32 = blocks.iter().zip(p).map(|(block, p)| block.words as f32 * p).sum();
    let is_paragraph =
        |block: &&Block| block.words >= MIN_PARAGRAPH && block.counts.stops > 0 && block.link_words * 4 < block.words;
    let outside = blocks.iter().filter(|block| features.is_outside(block));
    source.len() >= MIN_SHELL
        && expected < FEW_WORDS
        && p.iter().all(|&p| p < LIKELY)
        && outside.filter(is_paragraph).map(|block| block.words).sum::<u32>() < MIN_MISPLACED
}

/// Which blocks of a page read from `source` are taken, given how likely each is content; `None` where it holds none at all.
pub fn taken(features: &Features<'_>, source: &str, p: &[f32]) -> Option<Vec<bool>> {
    if holds_nothing(features, source, p) {
        return None;
    }
    let page = features.page();
    let inside = |block: &Block| !features.is_outside(block);
    let mut taken = if page.blocks.iter().filter(|block| inside(block)).count() < FEW_BLOCKS {
        page.blocks.iter().map(|block| inside(block) && !block.hidden).collect()
    } else {
        let pairs: Vec<(u32, f32)> = page.blocks.iter().zip(p).map(|(block, &p)| (block.words, p)).collect();
        prefix::choose(&pairs)
    };
    take_wordless(page, &mut taken);
    take_heads(features, &mut taken);
    Some(taken)
}

/// The first row of a table is taken with the second one, if it has as many cells: it names them.
fn take_heads(features: &Features<'_>, taken: &mut [bool]) {
    let page = features.page();
    let table = |block: &Block| {
        let is_table = |(_, element): &(ElementId, &Element)| element.tag == Some(Tag::Table);
        page.ancestors(block.element).find(is_table).filter(|_| block.kind == Kind::Row).map(|(id, _)| id)
    };
    let cells = |block: &Block| page.block_text(block).matches('\t').count();
    for at in 0..page.blocks.len().saturating_sub(1) {
        let (head, row) = (&page.blocks[at], &page.blocks[at + 1]);
        if taken[at] || !taken[at + 1] || features.is_outside(head) || cells(head) == 0 || cells(head) != cells(row) {
            continue;
        }
        let inside = table(head);
        let is_first = at == 0 || table(&page.blocks[at - 1]) != inside;
        taken[at] = inside.is_some() && inside == table(row) && is_first;
    }
}

/// A line of marks between two blocks that are taken (`* * *`) is taken with them, if it stands in the same container.
fn take_wordless(page: &Page, taken: &mut [bool]) {
    let container = |block: &Block| page.elements[block.element as usize].parent;
    for at in 1..page.blocks.len().saturating_sub(1) {
        let (before, block, after) = (&page.blocks[at - 1], &page.blocks[at], &page.blocks[at + 1]);
        let between = taken[at - 1] && taken[at + 1];
        if block.words == 0 && between && container(before) == container(block) && container(block) == container(after)
        {
            taken[at] = true;
        }
    }
}

/// The largest elements of which nothing was taken.
fn removed(page: &Page, features: &Features<'_>, p: &[f32], taken: &[bool]) -> Vec<Removed> {
    let mut count = 0;
    let mut before = vec![0_u32];
    before.extend(taken.iter().map(|&taken| {
        count += u32::from(taken);
        count
    }));
    let none_taken = |element: ElementId| {
        let blocks = &page.elements[element as usize].blocks;
        before[blocks.start as usize] == before[blocks.end as usize] && !blocks.is_empty()
    };
    let mut out = Vec::new();
    let mut at = 0;
    while at < page.blocks.len() && out.len() < MAX_REMOVED {
        let block = &page.blocks[at];
        if taken[at] || block.words == 0 {
            at += 1;
            continue;
        }
        let mut largest = None;
        for (id, _) in page.ancestors(block.element) {
            if !none_taken(id) {
                break;
            }
            largest = Some(id);
        }
        let end = largest.map_or(at + 1, |id| page.elements[id as usize].blocks.end as usize).max(at + 1);
        let range = at..end.min(page.blocks.len());
        let words = page.blocks[range.clone()].iter().map(|block| block.words).sum();
        let outside = page.blocks[range.clone()].iter().all(|block| features.is_outside(block));
        let probability = p[range].iter().copied().fold(0.0, f32::max);
        out.push(Removed {
            path: path(page, largest.unwrap_or(block.element)),
            text: page.block_text(block).chars().take(SHOWN_CHARS).collect(),
            words,
            reason: if outside { features.why_outside(block) } else { "boilerplate" },
            probability: (probability * 1000.0).round() / 1000.0,
        });
        at = end;
    }
    out
}

/// The element as a CSS path: tags with their id or first class.
fn path(page: &Page, element: ElementId) -> String {
    let mut parts: Vec<String> = page
        .ancestors(element)
        .take(PATH_ELEMENTS)
        .map(|(_, element)| {
            let name = element.tag.map_or("*", Tag::name);
            let word = |range| page.attribute(range).split_ascii_whitespace().next();
            match (word(&element.id), word(&element.class)) {
                (Some(id), _) => format!("{name}#{id}"),
                (None, Some(class)) => format!("{name}.{class}"),
                (None, None) => name.to_owned(),
            }
        })
        .collect();
    parts.reverse();
    parts.join(" > ")
}
