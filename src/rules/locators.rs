//! Reading `[html]`: where things stand on the pages of a site.

use std::ops::Range;

use super::file::HtmlRules;
use super::reader::{Item, Table};
use crate::html::xpath::Gives;
use crate::html::{Locator, Replacement, Selector, XPath};

/// Most alternatives of content, and of the title, the author and the date.
pub const MAX_ALTERNATIVES: usize = 32;
/// Most entries of `remove`.
pub const MAX_REMOVE: usize = 2048;
/// Most replacements.
pub const MAX_REPLACE: usize = 64;
/// Longest string of a replacement, in bytes.
pub const MAX_STRING: usize = 4 << 10;

pub(super) fn html(table: Table<'_, '_>) -> HtmlRules {
    let mut rules = HtmlRules {
        content: places(&table, "content", MAX_ALTERNATIVES),
        remove: places(&table, "remove", MAX_REMOVE),
        title: values(&table, "title"),
        author: values(&table, "author"),
        date: values(&table, "date"),
        replace: Vec::new(),
    };
    for inner in table.tables("replace", "a replacement") {
        let (find, with) = (inner.required("find"), inner.required("with"));
        if inner.has("find") && find.is_empty() {
            inner.fault("`find` is empty: there would be no end of places to replace");
        }
        if find.len().max(with.len()) > MAX_STRING {
            inner.fault(format!("`find` and `with` have at most {MAX_STRING} bytes"));
        }
        inner.finish();
        rules.replace.push(Replacement { find, with });
    }
    too_many(&table, "replace", rules.replace.len(), MAX_REPLACE);
    table.finish();
    rules
}

fn too_many(table: &Table<'_, '_>, key: &str, count: usize, most: usize) {
    if count > most {
        table.fault(format!("`{key}` has {count} entries; at most {most} are taken"));
    }
}

/// Places of content: CSS selectors, or `{ xpath = "…" }`.
fn places(table: &Table<'_, '_>, key: &'static str, most: usize) -> Vec<Locator> {
    let items = table.items(key, "a place");
    too_many(table, key, items.len(), most);
    let read = |item| match item {
        Item::Text(text, span) => css(table, &text, span).map(Locator::Css),
        Item::Table(inner) => {
            let xpath = inner.text_at("xpath");
            if xpath.is_none() && !inner.has("xpath") {
                inner.fault(format!(
                    "an entry of `{key}` is a CSS selector, or a table such as {{ xpath = \"//p[1]\" }}"
                ));
            }
            inner.finish();
            let (text, span) = xpath?;
            let xpath = self::xpath(table, &text, span.clone())?;
            if xpath.gives() != Gives::Nodes || xpath.gives_attributes() {
                let message = "this XPath gives no elements or texts, but a string, a number or attributes";
                table.fault_at(span, message, None);
                return None;
            }
            Some(Locator::XPath(xpath))
        }
    };
    items.into_iter().filter_map(read).collect()
}

/// Places of a value: CSS selectors, `{ css = "…", attr = "…" }`, or `{ xpath = "…" }`.
fn values(table: &Table<'_, '_>, key: &'static str) -> Vec<XPath> {
    let items = table.items(key, "a place");
    too_many(table, key, items.len(), MAX_ALTERNATIVES);
    let read = |item| match item {
        Item::Text(text, span) => css(table, &text, span).map(|selector| XPath::from_css(&selector, None)),
        Item::Table(inner) => {
            let (xpath, selector, attribute) = (inner.text_at("xpath"), inner.text_at("css"), inner.text("attr"));
            if inner.has("xpath") == inner.has("css") || (inner.has("attr") && !inner.has("css")) {
                inner.fault(format!(
                    "an entry of `{key}` is a CSS selector, {{ css = \"…\", attr = \"…\" }} or {{ xpath = \"…\" }}"
                ));
            }
            inner.finish();
            if let Some((text, span)) = xpath {
                return self::xpath(table, &text, span);
            }
            let (text, span) = selector?;
            css(table, &text, span).map(|selector| XPath::from_css(&selector, attribute.as_deref()))
        }
    };
    items.into_iter().filter_map(read).collect()
}

fn css(table: &Table<'_, '_>, text: &str, span: Range<usize>) -> Option<Selector> {
    Selector::parse(text).map_err(|error| table.fault_at(span, error.to_string(), None)).ok()
}

fn xpath(table: &Table<'_, '_>, text: &str, span: Range<usize>) -> Option<XPath> {
    text.parse::<XPath>().map_err(|error| table.fault_at(span, error.to_string(), None)).ok()
}
