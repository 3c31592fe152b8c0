//! Elements of a page: a flat list in the order of their start tags.

use crate::html::tags::Tag;
use std::ops::Range;

/// A place in [`Page::elements`](super::Page::elements); 0 is the root.
pub type ElementId = u32;

/// An element that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The element around it. Always a smaller number, but for the root.
    pub parent: ElementId,
    /// Its name, if it is one that HTML gives a meaning.
    pub tag: Option<Tag>,
    /// Elements around it, the root not counted.
    pub depth: u16,
    /// Not displayed, by itself or with what is around it.
    pub hidden: bool,
    /// The blocks that begin in it or below, as a range of [`Page::blocks`](super::Page::blocks).
    pub blocks: Range<u32>,
    /// Its `class`, as written, in [`Page::attributes`](super::Page::attributes); empty if it has none.
    pub class: Range<u32>,
    /// Its `id`, likewise.
    pub id: Range<u32>,
    /// Its `role`, `itemprop` and `itemtype`, joined by spaces, likewise.
    pub marks: Range<u32>,
    /// Where its start tag ends, in bytes of the source.
    pub source: u32,
}

impl Element {
    /// The document itself.
    pub(super) const ROOT: Self = Self {
        parent: 0,
        tag: None,
        depth: 0,
        hidden: false,
        blocks: 0..0,
        class: 0..0,
        id: 0..0,
        marks: 0..0,
        source: 0,
    };
}
