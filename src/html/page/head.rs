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
    /// What the `@type`s in JSON-LD say that the page is about: a bit for each name in [`SUBJECTS`].
    pub subjects: u32,
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

/// Types of schema.org that say what a page is, each with those that mean the same.
pub const SUBJECTS: &[&[&str]] = &[
    &["Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "TechArticle", "Blog"],
    &["Product", "ProductGroup", "Offer", "AggregateOffer"],
    &["ItemList", "CollectionPage", "OfferCatalog", "SearchResultsPage"],
    &["DiscussionForumPosting", "QAPage", "Question", "Comment"],
    &["FAQPage"],
    &["Organization", "LocalBusiness", "Corporation", "Service", "ProfessionalService"],
    &["SoftwareApplication", "WebApplication", "MobileApplication"],
    &["WebSite"],
    &["Recipe", "HowTo"],
    &["VideoObject", "Movie", "Book", "MusicAlbum", "Course", "Event"],
    &["Review", "AggregateRating"],
];

/// The subjects that a piece of JSON-LD names, as bits.
pub(super) fn subjects(json: &[u8]) -> u32 {
    let mut found = 0;
    for at in memchr::memmem::find_iter(json, b"\"@type\"") {
        let rest = &json[at + 7..];
        let rest = &rest[..rest.len().min(200)];
        // A type, or a list of types.
        let end = rest.iter().position(|byte| matches!(byte, b',' | b'}')).unwrap_or(rest.len());
        let value = rest[..end].split(|byte| *byte == b'"').nth(1).unwrap_or_default();
        let value = value.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let subject = SUBJECTS.iter().position(|names| names.iter().any(|name| name.as_bytes() == value));
        found |= subject.map_or(0, |at| 1 << at);
    }
    found
}
