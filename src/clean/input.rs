//! What came in, as text: decoded, and rendered if it is HTML.

use std::borrow::Cow;

use super::pipeline::WORK_FLOOR;
use super::verbatim::Verbatim;
use super::{CleanError, Limits, Options, host};
use crate::document::{Content, Document, Flag, MediaType, PageRecord};
use crate::html::cosmetic::Scope;
use crate::html::metadata::{Facts, Found, Made, Metadata, metadata};
use crate::html::xpath::{Budget, Exceeded};
use crate::html::{self, Page, SiteRules, declared_charset, looks_like_html};
use crate::rules::{RuleFile, RuleSet};
use crate::text::encoding::{Hint, decode};

/// What a look at a node of a page, or at eight bytes of its text, counts of the work budget, in bytes.
const LOOK: u64 = 32;

/// A document as text.
pub(super) struct Input {
    /// The source text that edits refer to: decoded, and for HTML extracted.
    pub(super) text: String,
    pub(super) title: Option<String>,
    pub(super) encoding: String,
    pub(super) media_type: &'static str,
    pub(super) flags: Vec<Flag>,
    /// What was left out of the text of an HTML page.
    pub(super) removed: Vec<html::Removed>,
    /// What an HTML page says about itself.
    pub(super) page: Option<PageRecord>,
    /// What the stretches of an HTML page's text are.
    pub(super) shapes: Vec<html::Shape>,
}

impl Input {
    /// The code in the text.
    pub(super) fn code(&self) -> Verbatim {
        if self.page.is_some() { Verbatim::of(&self.text, &self.shapes) } else { Verbatim::fenced(&self.text) }
    }
}

pub(super) fn read(
    document: &Document,
    options: &Options,
    rules: &RuleSet,
    limits: &Limits,
) -> Result<Input, CleanError> {
    let (text, encoding, replaced) = match &document.content {
        Content::Text(text) => (Cow::Borrowed(text.as_str()), "UTF-8".to_owned(), 0),
        Content::Bytes(bytes) => {
            let meta = declared_charset(bytes).map(ToOwned::to_owned);
            let hint =
                Hint { r#override: options.encoding.clone(), http_charset: document.charset.clone(), html_meta: meta };
            let decoded = decode(bytes, &hint)?;
            (decoded.text, decoded.encoding.to_owned(), decoded.replaced)
        }
    };
    let is_html = match document.media_type {
        MediaType::Html => true,
        MediaType::Text => false,
        MediaType::Auto => looks_like_html(&text),
    };
    let mut input = if is_html {
        rendered(&text, document, encoding, options, rules, limits)?
    } else {
        plain(text.into_owned(), encoding)
    };
    if replaced > 0 {
        input.flags.push(Flag::BadBytes);
    }
    Ok(input)
}

fn plain(text: String, encoding: String) -> Input {
    Input {
        text,
        title: None,
        encoding,
        media_type: "text/plain",
        flags: Vec::new(),
        removed: Vec::new(),
        page: None,
        shapes: Vec::new(),
    }
}

fn plain_html() -> Input {
    Input { media_type: "text/html", ..plain(String::new(), String::new()) }
}

fn rendered(
    source: &str,
    document: &Document,
    encoding: String,
    options: &Options,
    rules: &RuleSet,
    limits: &Limits,
) -> Result<Input, CleanError> {
    let host = document.url.as_deref().and_then(host);
    let acts = |file: &RuleFile| {
        !options.without.contains(&file.id) && (options.only.is_empty() || options.only.contains(&file.id))
    };
    let site = host.as_deref().map_or_else(SiteRules::default, |host| rules.site_rules(host, acts));
    let scope = rules.filters().map(|filters| filters.for_host(host.as_deref()));
    let page = read_page(source, &site, scope.as_ref(), document.url.as_deref(), limits)?;
    Ok(Input { encoding, ..page })
}

/// A page's text and what it says of itself. What a rule file says about the place of the content is surer than what was
/// learned from other pages.
pub(super) fn read_page(
    source: &str,
    site: &SiteRules<'_>,
    filters: Option<&Scope<'_>>,
    url: Option<&str>,
    limits: &Limits,
) -> Result<Input, CleanError> {
    let work = limits.work_per_byte.saturating_mul(WORK_FLOOR.max(source.len() as u64));
    let exceeded = |Exceeded| CleanError::Work { limit: work };
    let limits = &limits.html;
    let source = site.replaced(source).map_err(exceeded)?;
    let source = source.as_ref();
    let page = Page::read_filtered(source, filters, limits);
    let (main, ruled) = if site.is_empty() {
        (html::content_of(&page, source, filters, limits), Metadata::default())
    } else {
        site.apply(&page, source, filters, limits, &mut Budget::new(work / LOOK)).map_err(exceeded)?
    };
    let mut flags = Vec::new();
    for (flag, is_set) in
        [(Flag::Flattened, main.flattened), (Flag::Truncated, main.truncated), (Flag::WholePage, main.whole_page)]
    {
        flags.extend(is_set.then_some(flag));
    }
    let (title, record) = about(&page, source, url, ruled);
    let (mut text, mut shapes) = (main.text, main.shapes);
    if let Some(embedded) = html::embedded(source, &text, limits) {
        text = embedded.text;
        shapes.clear();
        flags.push(Flag::FromJson);
    } else if main.no_content {
        flags.push(Flag::NoContent);
    } else if shapes.is_empty() {
        shapes = html::shapes_in(&page, &text);
    }
    Ok(Input { text, title, flags, removed: main.removed, page: Some(record), shapes, ..plain_html() })
}

/// What a page says about itself, or the rules of its site say: its title, and the rest.
fn about(page: &Page, source: &str, url: Option<&str>, ruled: Metadata) -> (Option<String>, PageRecord) {
    let made = Made::of(page, source);
    let said = metadata(&Facts::of(page, source, &made), url);
    let mut record = PageRecord::default();
    let mut take = |name, found: Option<Found>| {
        let Found { value, from } = found?;
        record.from.insert(name, from);
        Some(value)
    };
    let title = take("title", ruled.title.or(said.title));
    let author = take("author", ruled.author.or(said.author));
    let date = take("date", ruled.date.or(said.date));
    let language = take("language", said.language);
    let canonical = take("canonical", said.canonical);
    let site = take("site", said.site);
    (title, PageRecord { author, date, language, canonical, site, ..record })
}
