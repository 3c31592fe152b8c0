//! A page to learn from.

use crate::document::{Content, Document, MediaType};
use crate::html::{declared_charset, looks_like_html};
use crate::text::encoding::{EncodingError, Hint, decode};

/// A page as whoever reads archives hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name in this run.
    pub id: String,
    /// Where it was published, if known: decides which site it belongs to.
    pub url: Option<String>,
    /// What stands on it.
    pub source: Source,
}

/// What stands on a page, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Plain text.
    Text(String),
    /// HTML.
    Html(String),
}

impl Page {
    /// A page of plain text.
    pub fn text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { id: id.into(), url: None, source: Source::Text(text.into()) }
    }

    /// A page of HTML.
    pub fn html(id: impl Into<String>, html: impl Into<String>) -> Self {
        Self { id: id.into(), url: None, source: Source::Html(html.into()) }
    }

    /// The same page with its URL.
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// A document as the washing would read it: decoded, and told to be text or HTML.
    pub fn of(document: Document) -> Result<Self, EncodingError> {
        let text = match document.content {
            Content::Text(text) => text,
            Content::Bytes(bytes) => {
                let html_meta = declared_charset(&bytes).map(ToOwned::to_owned);
                let hint = Hint { r#override: None, http_charset: document.charset, html_meta };
                decode(&bytes, &hint)?.text.into_owned()
            }
        };
        let is_html = match document.media_type {
            MediaType::Html => true,
            MediaType::Text => false,
            MediaType::Auto => looks_like_html(&text),
        };
        let source = if is_html { Source::Html(text) } else { Source::Text(text) };
        Ok(Self { id: document.id, url: document.url, source })
    }
}
