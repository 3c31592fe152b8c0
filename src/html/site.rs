//! What the rules of a site say about its pages, applied to one page: strings replaced before it is read, what goes,
//! where the content is, and its title, author and date.
//!
//! Alternatives of content are tried in order, and the first that has text wins; where none has, the learned choice decides
//! over what was not removed.

use std::borrow::Cow;

use super::content::{Content, content_less, content_of};
use super::cosmetic::Scope;
use super::dom::Dom;
use super::guard::Limits;
use super::marks::Marks;
use super::metadata::{self, Found, Metadata};
use super::page::Page;
use super::render::render_marked;
use super::selector::Selector;
use super::xpath::{Budget, Exceeded, XPath};

/// Where something stands on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Locator {
    /// The elements that a CSS selector means.
    Css(Selector),
    /// The nodes that an XPath expression gives.
    XPath(XPath),
}

/// A string of the source that becomes another one before the page is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What is looked for, as it is written. Not empty.
    pub find: String,
    /// What takes its place.
    pub with: String,
}

/// What rule files say about the pages of a site; of several files, what the one for the longest host says comes first.
#[derive(Debug, Clone, Default)]
pub struct SiteRules<'r> {
    /// Made in this order, before anything else.
    pub replace: Vec<&'r Replacement>,
    /// Where the content is: the first of these that has text.
    pub content: Vec<&'r Locator>,
    /// What never belongs to it.
    pub remove: Vec<&'r Locator>,
    /// The title, the author and the date: the first of these that gives one.
    pub title: Vec<&'r XPath>,
    /// See [`SiteRules::title`].
    pub author: Vec<&'r XPath>,
    /// See [`SiteRules::title`].
    pub date: Vec<&'r XPath>,
}

/// Replacing makes a source at most this many times as long, a small one aside.
const MAX_GROWTH: usize = 4;
const SMALL: usize = 1 << 20;

/// Alternatives of content that are on a page but turn out to have no text: so many are tried.
const MAX_TRIED: usize = 8;

impl SiteRules<'_> {
    /// Whether they say nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.replace.is_empty() && self.content.is_empty() && self.remove.is_empty() && !self.asks_metadata()
    }

    fn asks_metadata(&self) -> bool {
        !(self.title.is_empty() && self.author.is_empty() && self.date.is_empty())
    }

    /// The source with its strings replaced.
    ///
    /// # Errors
    /// [`Exceeded`] when the page would grow beyond reason.
    pub fn replaced<'s>(&self, source: &'s str) -> Result<Cow<'s, str>, Exceeded> {
        let most = source.len().saturating_mul(MAX_GROWTH).saturating_add(SMALL);
        let mut out = Cow::Borrowed(source);
        for Replacement { find, with } in &self.replace {
            let count = if find.is_empty() { 0 } else { out.matches(find.as_str()).count() };
            if count == 0 {
                continue;
            }
            if out.len().saturating_add(count.saturating_mul(with.len())) > most {
                return Err(Exceeded);
            }
            out = Cow::Owned(out.replace(find.as_str(), with));
        }
        Ok(out)
    }

    /// The content of a page, and what the rules give in place of its own metadata.
    ///
    /// # Errors
    /// [`Exceeded`] when evaluating the rules costs more than the budget.
    pub fn apply(
        &self,
        page: &Page,
        source: &str,
        filters: Option<&Scope<'_>>,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<(Content, Metadata), Exceeded> {
        let dom = self.dom(source, limits);
        let metadata = match &dom {
            Some(dom) => self.metadata(dom, budget)?,
            None => Metadata::default(),
        };
        if self.content.is_empty() && self.remove.is_empty() {
            return Ok((content_of(page, source, filters, limits), metadata));
        }
        let marks = self.marks(dom.as_ref(), filters, budget)?;
        let content = match by_alternatives(source, &marks, limits) {
            Some(content) => content,
            None if self.remove.is_empty() => content_of(page, source, filters, limits),
            None => {
                let marks = marks.without_content();
                content_less(page, &Page::read_marked(source, &marks, limits), source, &marks, limits)
            }
        };
        Ok((content, metadata))
    }

    /// The tree, if anything has to be evaluated on it.
    fn dom(&self, source: &str, limits: &Limits) -> Option<Dom> {
        let located = self.content.iter().chain(&self.remove).filter_map(|locator| match locator {
            Locator::XPath(xpath) => Some(xpath),
            Locator::Css(_) => None,
        });
        let values = self.title.iter().chain(&self.author).chain(&self.date).copied();
        let mut names = Vec::new();
        let mut any = false;
        for xpath in located.chain(values) {
            xpath.attribute_names(&mut names);
            any = true;
        }
        names.sort_unstable();
        names.dedup();
        any.then(|| Dom::read(source, names, limits))
    }

    fn marks<'m>(
        &'m self,
        dom: Option<&Dom>,
        filters: Option<&'m Scope<'m>>,
        budget: &mut Budget,
    ) -> Result<Marks<'m>, Exceeded> {
        let mut marks = Marks::filtered(filters);
        for locator in &self.remove {
            match (locator, dom) {
                (Locator::Css(selector), _) => marks.remove.push(selector),
                (Locator::XPath(xpath), Some(dom)) => marks.remove_spots.push(xpath.spots(dom, budget)?),
                (Locator::XPath(_), None) => {}
            }
        }
        for (number, locator) in (0..).zip(&self.content) {
            match (locator, dom) {
                (Locator::Css(selector), _) => marks.content.push((number, selector)),
                (Locator::XPath(xpath), Some(dom)) => marks.content_spots.push((number, xpath.spots(dom, budget)?)),
                (Locator::XPath(_), None) => {}
            }
        }
        Ok(marks)
    }

    fn metadata(&self, dom: &Dom, budget: &mut Budget) -> Result<Metadata, Exceeded> {
        let mut first = |xpaths: &[&XPath], check: fn(&[String]) -> Option<String>| -> Result<_, Exceeded> {
            for xpath in xpaths {
                if let Some(value) = check(&xpath.texts(dom, budget)?) {
                    return Ok(Some(Found { value, from: "rule" }));
                }
            }
            Ok(None)
        };
        Ok(Metadata {
            title: first(&self.title, metadata::ruled::title)?,
            author: first(&self.author, metadata::ruled::author)?,
            date: first(&self.date, metadata::ruled::date)?,
            ..Metadata::default()
        })
    }
}

/// The first alternative of content that has text.
fn by_alternatives(source: &str, marks: &Marks<'_>, limits: &Limits) -> Option<Content> {
    if marks.alternatives() == 0 {
        return None;
    }
    let (all, there) = render_marked(source, marks, limits);
    if let [_] = there.as_slice() {
        // Nothing else was taken, so this is its text.
        return (!all.text.is_empty()).then(|| all.into());
    }
    let alone = there.into_iter().take(MAX_TRIED).map(|number| render_marked(source, &marks.only(number), limits).0);
    alone.map(Content::from).find(|content| !content.text.is_empty())
}
