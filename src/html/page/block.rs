//! Blocks: the text between two block-level boundaries.

use super::arena::ElementId;

/// What a block is, so that it can be written as lines of text or as Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A paragraph, or text directly in a division.
    Text,
    /// In a heading: 1 to 6.
    Heading(u8),
    /// In a list item: how many lists are open, and whether the innermost one is numbered.
    Item {
        /// Lists open around it, at least 1.
        level: u8,
        /// In `<ol>`.
        numbered: bool,
    },
    /// A row of a table, cells by tabs; or a part of a cell that has block-level elements in it.
    Row,
    /// Preformatted.
    Pre,
    /// On a button.
    Button,
}

/// Text between two block-level boundaries. Two `<br>` without text between them are a boundary, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// First byte in [`Page::text`](super::Page::text).
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The innermost element at its first character, which may be inline (`<a>`, `<b>`).
    pub inner: ElementId,
    /// The innermost element with a block-level display there: `<p>`, `<div>`, `<li>`, `<td>`.
    pub element: ElementId,
    /// What it is.
    pub kind: Kind,
    /// Not displayed: hidden by style or attribute, or in `<noscript>`. Often a tab that is not in front.
    pub hidden: bool,
    /// In `<blockquote>`.
    pub quoted: bool,
    /// Where its first character stands, about, in bytes of the source.
    pub source: u32,
    /// Words; a Han, kana or hangul character is a word.
    pub words: u32,
    /// Of those, words in links.
    pub link_words: u32,
    /// Counts of its characters.
    pub counts: super::measure::Counts,
}
