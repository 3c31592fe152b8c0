//! A page as an arena of elements and a list of blocks of text, read in one pass over the tokens.
//!
//! What later readers need (the choice of the main content, metadata, Markdown, filter lists) is collected here once:
//! - [`Page::elements`]: every element that was opened, parents before children, the root first;
//! - [`Page::blocks`]: the text between block-level boundaries in the order of the page, hidden text included and
//!   marked; the blocks below one element are one range of them;
//! - [`Page::head`]: the title, `<meta>`, `<link>`, times and embedded data, as written.
//!
//! Nothing here walks the tree, so depth costs nothing; beyond [`Limits::max_depth`](crate::html::Limits::max_depth)
//! elements are flattened into the one they stand in.
//!
//! | file | idea |
//! |---|---|
//! | [`arena`] | elements |
//! | [`block`] | blocks |
//! | [`head`] | what a page says about itself |
//! | `read`, `write` | from events to elements and blocks; white space and boundaries |
//! | `measure` | words, characters and punctuation of a block |

pub mod arena;
pub mod block;
pub mod head;
pub mod measure;
mod read;
mod write;

pub use arena::{Element, ElementId};
pub use block::{Block, Kind};
pub use head::{Head, Link, Meta};

use std::ops::Range;

/// A page read. Positions in [`text`](Self::text) and in the source are byte offsets; a source over 4 GiB is cut.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Elements in the order of their start tags. The first one is the root: it stands for the document and is its own
    /// parent. Elements that cannot have content (`<img>`, `<br>`, `<meta>`) are not among them.
    pub elements: Vec<Element>,
    /// Blocks of text in the order of the page. None is empty.
    pub blocks: Vec<Block>,
    /// The texts of the blocks, one directly behind the other.
    pub text: String,
    /// Ranges of [`text`](Self::text) that stand in links, in order, without overlap, none over the end of a block.
    pub links: Vec<Range<u32>>,
    /// The values of attributes, joined; elements and [`Head`] point into it.
    pub attributes: String,
    /// For each image, how many blocks stand before it.
    pub images: Vec<u32>,
    /// For each field of a form (`<input>`, `<select>`, `<textarea>`), how many blocks stand before it.
    pub inputs: Vec<u32>,
    /// What the page says about itself.
    pub head: Head,
    /// Nested deeper than the limit: deeper elements are not in the arena, their text is.
    pub flattened: bool,
    /// The text reached the limit and ends there.
    pub truncated: bool,
}

impl Page {
    /// The text of a block: white space collapsed, lines (of `<br>`) by `\n`, cells of a table row by tabs, `<pre>` as
    /// it stands.
    pub fn block_text(&self, block: &Block) -> &str {
        self.text.get(block.start as usize..block.end as usize).unwrap_or_default()
    }

    /// A stretch of [`attributes`](Self::attributes): a class, an id, a value in the head.
    pub fn attribute(&self, range: &Range<u32>) -> &str {
        self.attributes.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// The links of a block, as ranges of [`text`](Self::text).
    pub fn block_links(&self, block: &Block) -> &[Range<u32>] {
        let first = self.links.partition_point(|link| link.start < block.start);
        let rest = &self.links[first..];
        &rest[..rest.partition_point(|link| link.start < block.end)]
    }

    /// The element and those around it, innermost first, without the root.
    pub fn ancestors(&self, element: ElementId) -> impl Iterator<Item = (ElementId, &Element)> {
        let mut at = element;
        std::iter::from_fn(move || {
            let element = self.elements.get(at as usize).filter(|_| at != 0)?;
            let this = at;
            at = element.parent;
            Some((this, element))
        })
    }
}
