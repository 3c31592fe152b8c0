//! The facts of a page that was read.

use super::Facts;
use crate::html::page::{Element, Kind, Page};
use crate::html::{Limits, Site, render};

/// Microdata elements looked at, and the source behind a start tag that may be its text, in bytes.
const MAX_ITEMS: usize = 64;
const MAX_ITEM: usize = 512;
/// Lines of text looked at.
const MAX_LINES: usize = 400;

/// Texts that had to be made because they do not stand in the page as such.
#[derive(Debug, Clone, Default)]
pub struct Made {
    items: Vec<(String, String)>,
}

impl Made {
    /// Makes what [`Facts::of`] borrows beside the page.
    #[must_use]
    pub fn of(page: &Page, source: &str) -> Self {
        let marked = page.elements.iter().filter(|element| !element.marks.is_empty() && !element.hidden);
        let items = marked.filter(|element| names_item(page.attribute(&element.marks))).take(MAX_ITEMS);
        Self { items: items.map(|item| (page.attribute(&item.marks).to_owned(), text(page, item, source))).collect() }
    }
}

impl<'p> Facts<'p> {
    /// The facts of `page`, which was read from `source`.
    #[must_use]
    pub fn of(page: &'p Page, source: &'p str, made: &'p Made) -> Self {
        let head = &page.head;
        let lines = page.blocks.iter().filter(|block| !block.hidden).flat_map(|block| page.block_text(block).lines());
        let headings = page.blocks.iter().filter(|block| block.kind == Kind::Heading(1) && !block.hidden);
        Self {
            title: head.title.as_deref(),
            language: head.language.as_deref(),
            metas: head.metas.iter().map(|meta| (page.attribute(&meta.name), page.attribute(&meta.content))).collect(),
            links: head.links.iter().map(|link| (page.attribute(&link.rel), page.attribute(&link.href))).collect(),
            items: made.items.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
            times: head.times.iter().map(|(time, _)| page.attribute(time)).collect(),
            headings: headings.map(|block| page.block_text(block)).take(4).collect(),
            json_ld: head
                .json_ld
                .iter()
                .filter_map(|script| source.get(script.start as usize..script.end as usize))
                .collect(),
            lines: lines.take(MAX_LINES).collect(),
        }
    }
}

fn names_item(marks: &str) -> bool {
    marks.split_ascii_whitespace().any(|mark| matches!(mark, "headline" | "author" | "datePublished"))
}

/// The text of an element: its first block, or, if none begins in it, what stands before the next end tag.
fn text(page: &Page, element: &Element, source: &str) -> String {
    let block = page.blocks.get(element.blocks.start as usize).filter(|_| !element.blocks.is_empty());
    if let Some(block) = block {
        return page.block_text(block).chars().take(MAX_ITEM).collect();
    }
    let start = element.source as usize;
    let mut end = source.len().min(start.saturating_add(MAX_ITEM));
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let rest = source.get(start..end).unwrap_or_default();
    let piece = &rest[..memchr::memmem::find(rest.as_bytes(), b"</").unwrap_or(0)];
    render(piece, Site::default(), &Limits::default()).text
}
