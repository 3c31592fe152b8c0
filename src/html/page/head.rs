//! What a page says about itself, collected in the same pass and judged by others.

use std::ops::Range;

/// Texts are stretches of [`Page::attributes`](super::Page::attributes), as written, entities decoded. The first ones
/// of each kind are kept, up to the limits below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The first `<title>` that is not empty, white space collapsed.
    pub title: Option<String>,
    /// `lang` of `<html>`, as written.
    pub language: Option<String>,
    /// `<meta>` with a `content`.
    pub metas: Vec<Meta>,
    /// `<link>` with `rel` and `href`.
    pub links: Vec<Link>,
    /// The contents of `<script type="application/ld+json">`, as ranges of the source.
    pub json_ld: Vec<Range<u32>>,
    /// The content of `<script id="__NEXT_DATA__">`, as a range of the source.
    pub next_data: Option<Range<u32>>,
    /// `datetime` of `<time>`, with how many blocks stand before it.
    pub times: Vec<(Range<u32>, u32)>,
}

/// A `<meta>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// Its `name`, `property`, `itemprop` or `http-equiv`: the first of these that it has.
    pub name: Range<u32>,
    /// Its `content`.
    pub content: Range<u32>,
}

/// A `<link>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its `rel`.
    pub rel: Range<u32>,
    /// Its `href`.
    pub href: Range<u32>,
}

/// Kept of `<meta>`, `<link>`, `<time>` and JSON-LD, each.
pub(super) const MAX_FACTS: usize = 256;

/// Embedded data longer than this is not kept, in bytes.
pub(super) const MAX_DATA_BYTES: u32 = 4 << 20;
