//! What came in, as text: decoded, and rendered if it is HTML.

use super::{CleanError, Limits, Options, host};
use crate::document::{Content, Document, Flag, MediaType, PageRecord};
use crate::html::metadata::{Facts, Found, Made, metadata};
use crate::html::{self, Page, Selector, Site, declared_charset, looks_like_html};
use crate::rules::RuleSet;
use crate::text::encoding::{Hint, decode};

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

pub(super) fn read(
    document: &Document,
    options: &Options,
    rules: &RuleSet,
    limits: &Limits,
) -> Result<Input, CleanError> {
    let (text, encoding, replaced) = match &document.content {
        Content::Text(text) => (text.clone(), "UTF-8".to_owned(), 0),
        Content::Bytes(bytes) => {
            let meta = declared_charset(bytes).map(ToOwned::to_owned);
            let hint =
                Hint { r#override: options.encoding.clone(), http_charset: document.charset.clone(), html_meta: meta };
            let decoded = decode(bytes, &hint)?;
            (decoded.text.into_owned(), decoded.encoding.to_owned(), decoded.replaced)
        }
    };
    let is_html = match document.media_type {
        MediaType::Html => true,
        MediaType::Text => false,
        MediaType::Auto => looks_like_html(&text),
    };
    let mut input = if is_html { rendered(&text, document, encoding, rules, limits) } else { plain(text, encoding) };
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

/// What a rule file says about the place of the content is surer than what was learned from other pages.
fn rendered(source: &str, document: &Document, encoding: String, rules: &RuleSet, limits: &Limits) -> Input {
    let (content, remove) = selectors(document, rules);
    let limits = &limits.html;
    let host = document.url.as_deref().and_then(host);
    let scope = rules.filters().map(|filters| filters.for_host(host.as_deref()));
    let filters = scope.as_ref();
    let page = Page::read_filtered(source, filters, limits);
    let main = html::content_in(&page, source, Site { content: &content, remove: &remove, filters }, limits);
    let mut flags = Vec::new();
    for (flag, is_set) in
        [(Flag::Flattened, main.flattened), (Flag::Truncated, main.truncated), (Flag::WholePage, main.whole_page)]
    {
        flags.extend(is_set.then_some(flag));
    }
    let (title, record) = about(&page, source, document.url.as_deref());
    let (mut text, mut shapes) = (main.text, main.shapes);
    if let Some(embedded) = html::embedded(source, &text, limits) {
        text = embedded.text;
        shapes.clear();
        flags.push(Flag::FromJson);
    } else if shapes.is_empty() {
        shapes = html::shapes_in(&page, &text);
    }
    let page = Some(record);
    Input { text, title, encoding, media_type: "text/html", flags, removed: main.removed, page, shapes }
}

/// What a page says about itself: its title, and the rest.
fn about(page: &Page, source: &str, url: Option<&str>) -> (Option<String>, PageRecord) {
    let made = Made::of(page, source);
    let said = metadata(&Facts::of(page, source, &made), url);
    let mut record = PageRecord::default();
    let mut take = |name, found: Option<Found>| {
        let Found { value, from } = found?;
        record.from.insert(name, from);
        Some(value)
    };
    let title = take("title", said.title);
    let author = take("author", said.author);
    let date = take("date", said.date);
    let language = take("language", said.language);
    let canonical = take("canonical", said.canonical);
    let site = take("site", said.site);
    (title, PageRecord { author, date, language, canonical, site, ..record })
}

/// What the site files of the document's host say about HTML.
fn selectors(document: &Document, rules: &RuleSet) -> (Vec<Selector>, Vec<Selector>) {
    let (mut content, mut remove) = (Vec::new(), Vec::new());
    let files = document.url.as_deref().and_then(host).map_or_else(Vec::new, |host| rules.for_host(&host));
    for file in files.into_iter().filter_map(|index| rules.files().get(index)) {
        content.extend(file.html.content.iter().cloned());
        remove.extend(file.html.remove.iter().cloned());
    }
    (content, remove)
}
