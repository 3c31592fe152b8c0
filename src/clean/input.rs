//! What came in, as text: decoded, and rendered if it is HTML.

use super::{CleanError, Limits, Options, host};
use crate::document::{Content, Document, Flag, MediaType};
use crate::html::{self, Selector, Site, declared_charset, looks_like_html};
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
}

/// How much of the bytes is looked at for a charset declaration.
const META_WINDOW: usize = 4096;

pub(super) fn read(
    document: &Document,
    options: &Options,
    rules: &RuleSet,
    limits: &Limits,
) -> Result<Input, CleanError> {
    let (text, encoding, replaced) = match &document.content {
        Content::Text(text) => (text.clone(), "UTF-8".to_owned(), 0),
        Content::Bytes(bytes) => {
            let meta = declared_charset(&bytes[..bytes.len().min(META_WINDOW)]).map(ToOwned::to_owned);
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
    Input { text, title: None, encoding, media_type: "text/plain", flags: Vec::new(), removed: Vec::new() }
}

/// What a rule file says about the place of the content is surer than what was learned from other pages.
fn rendered(source: &str, document: &Document, encoding: String, rules: &RuleSet, limits: &Limits) -> Input {
    let (content, remove) = selectors(document, rules);
    let page = if content.is_empty() && remove.is_empty() {
        html::content(source, &limits.html)
    } else {
        html::render(source, Site { content: &content, remove: &remove, filters: None }, &limits.html).into()
    };
    let mut flags = Vec::new();
    if page.flattened {
        flags.push(Flag::Flattened);
    }
    if page.truncated {
        flags.push(Flag::Truncated);
    }
    if page.whole_page {
        flags.push(Flag::WholePage);
    }
    Input { text: page.text, title: page.title, encoding, media_type: "text/html", flags, removed: page.removed }
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
