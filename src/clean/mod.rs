//! From a [`Document`] to a [`Cleaned`]: decode, render, wash, report.
//!
//! [`Cleaner`] is what a user of the library calls. It is synchronous, free of I/O, and may be shared between threads; the same
//! document, rules and options give the same bytes whatever runs beside it.

pub mod imported;
mod input;
mod lessen;
mod markdown;
mod normalise;
mod pipeline;
mod report;
mod rules_pass;
pub mod selftest;
mod verbatim;

use std::sync::{Arc, LazyLock};

use crate::document::{Cleaned, Document};
use crate::error::{Code, Coded};
use crate::html::Limits as HtmlLimits;
use crate::rules::{Profile, RuleSet};
use crate::text::encoding::EncodingError;
use crate::text::{Patch, Tag};

use verbatim::Verbatim;

pub use lessen::{Lessened, Taken, lessen, restored};
pub use pipeline::{MAX_PASSES, Washed};

/// The normaliser's version: raised whenever the same rules may give another text.
pub const NORMALISER_VERSION: u32 = 4;

/// How much of the edits a record shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edits {
    /// Ranges with what stood there and what stands there now.
    #[default]
    Full,
    /// Ranges only.
    Ranges,
    /// Nothing.
    None,
}

/// What may differ from document to document.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The profile; `None` for `zh`.
    pub profile: Option<String>,
    /// Rule files, or steps as `file/step`, that do not act.
    pub without: Vec<String>,
    /// If not empty, only these rule files act.
    pub only: Vec<String>,
    /// The encoding, whatever the bytes or headers say.
    pub encoding: Option<String>,
    /// How much of the edits the record shows.
    pub edits: Edits,
    /// Whether the record holds the text as Markdown, too.
    pub markdown: bool,
}

/// What washing may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Matching work of one document: bytes looked at by steps for each byte of the text. Small documents have a floor.
    pub work_per_byte: u64,
    /// Limits of HTML.
    pub html: HtmlLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self { work_per_byte: 2048, html: HtmlLimits::default() }
    }
}

/// Why a document could not be washed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CleanError {
    /// The bytes are no text.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A profile that is not there.
    #[error("there is no profile `{0}`; known are {1}")]
    UnknownProfile(String, String),
    /// A rule file or step that is not there.
    #[error("there is no rule file or step `{0}`")]
    UnknownRule(String),
    /// Rules undo each other's work.
    #[error("the rules still change the text after {MAX_PASSES} passes; the last to change it was `{rule}`")]
    Unstable {
        /// A rule that still changes the text.
        rule: String,
    },
    /// Over the work budget.
    #[error("matching the rules would take more than {limit} bytes of work")]
    Work {
        /// The budget.
        limit: u64,
    },
}

impl Coded for CleanError {
    fn code(&self) -> Code {
        match self {
            Self::Encoding(EncodingError::Binary { .. }) => Code::Binary,
            Self::Encoding(EncodingError::UnknownEncoding { .. }) => Code::UnknownEncoding,
            Self::UnknownProfile(..) | Self::UnknownRule(_) => Code::UnknownRule,
            Self::Unstable { .. } => Code::UnstableRules,
            Self::Work { .. } => Code::WorkExceeded,
        }
    }
}

/// A washed document, and how it came about.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The text that was washed: decoded, and for HTML extracted.
    pub source: String,
    /// From that to the cleaned text; its tags are those of the rule set.
    pub patch: Patch,
    /// Steps that wanted to cut more than may go.
    pub refused: Vec<Tag>,
    /// The record.
    pub record: Cleaned,
}

/// Washes documents with one rule set.
#[derive(Debug, Clone)]
pub struct Cleaner {
    rules: Arc<RuleSet>,
    limits: Limits,
}

impl Cleaner {
    /// A cleaner with default limits.
    pub fn new(rules: Arc<RuleSet>) -> Self {
        Self { rules, limits: Limits::default() }
    }

    /// The same cleaner with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What washing may cost.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The rules in force.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Washes a document.
    pub fn clean(&self, document: Document, options: &Options) -> Result<Cleaned, CleanError> {
        let scope = self.scope(options)?;
        let input = input::read(&document, options, &self.rules, &self.limits)?;
        let washed = self.wash_in(&input.text, input.code(), document.url.as_deref(), &scope)?;
        Ok(report::record(document, input, washed, options, &self.rules))
    }

    /// Washes a document, and tells how.
    pub fn trace(&self, document: Document, options: &Options) -> Result<Traced, CleanError> {
        let scope = self.scope(options)?;
        let input = input::read(&document, options, &self.rules, &self.limits)?;
        let washed = self.wash_in(&input.text, input.code(), document.url.as_deref(), &scope)?;
        let (source, patch, refused) = (input.text.clone(), washed.patch.clone(), washed.refused.clone());
        Ok(Traced { source, patch, refused, record: report::record(document, input, washed, options, &self.rules) })
    }

    /// Decodes a document, and renders it if it is HTML, but washes nothing.
    pub fn read(&self, document: Document, options: &Options) -> Result<Cleaned, CleanError> {
        let scope = Scope { profile: &UNTOUCHED, off: Vec::new(), only: None };
        let input = input::read(&document, options, &self.rules, &self.limits)?;
        let washed = self.wash_in(&input.text, Verbatim::default(), None, &scope)?;
        Ok(report::record(document, input, washed, options, &self.rules))
    }

    /// Washes a decoded text and gives the raw outcome: text, patch, flags.
    pub fn wash(&self, text: &str, url: Option<&str>, options: &Options) -> Result<Washed, CleanError> {
        self.wash_in(text, Verbatim::fenced(text), url, &self.scope(options)?)
    }

    fn wash_in(&self, text: &str, code: Verbatim, url: Option<&str>, scope: &Scope<'_>) -> Result<Washed, CleanError> {
        pipeline::wash(text, code, url.and_then(host).as_deref(), &self.rules, scope, self.limits.work_per_byte)
    }

    /// Checks names once, so that a misspelt rule is an error and not a rule that silently acts.
    fn scope<'r>(&'r self, options: &Options) -> Result<Scope<'r>, CleanError> {
        let id = options.profile.as_deref().unwrap_or("zh");
        let profile = self.rules.profile(id).ok_or_else(|| {
            let known: Vec<&str> = self.rules.profiles().iter().map(|profile| profile.id.as_str()).collect();
            CleanError::UnknownProfile(id.to_owned(), known.join(", "))
        })?;
        let mut off = vec![false; self.rules.names().len()];
        for wanted in &options.without {
            let mut known = self.rules.files().iter().any(|file| file.id == *wanted);
            for (index, name) in self.rules.names().iter().enumerate() {
                if name.name == *wanted || name.name.split_once('/').is_some_and(|(file, _)| file == wanted) {
                    off[index] = true;
                    known = true;
                }
            }
            if !known {
                return Err(CleanError::UnknownRule(wanted.clone()));
            }
        }
        let only = if options.only.is_empty() {
            None
        } else {
            for wanted in &options.only {
                if !self.rules.files().iter().any(|file| file.id == *wanted) {
                    return Err(CleanError::UnknownRule(wanted.clone()));
                }
            }
            Some(self.rules.files().iter().map(|file| options.only.contains(&file.id)).collect())
        };
        Ok(Scope { profile, off, only })
    }
}

/// A profile that does nothing.
static UNTOUCHED: LazyLock<Profile> = LazyLock::new(|| Profile {
    id: "none".to_owned(),
    title: String::new(),
    why: String::new(),
    packs: Vec::new(),
    sites: false,
    steps: Vec::new(),
    origin: String::new(),
});

/// A profile with what is switched off.
pub(crate) struct Scope<'r> {
    profile: &'r Profile,
    /// By tag.
    off: Vec<bool>,
    /// By file.
    only: Option<Vec<bool>>,
}

impl Scope<'_> {
    fn is_on(&self, tag: Tag) -> bool {
        !self.off.get(tag.0 as usize).copied().unwrap_or(false)
    }

    fn file_is_on(&self, file: usize) -> bool {
        self.only.as_ref().is_none_or(|only| only.get(file).copied().unwrap_or(false))
    }
}

/// The host of a URL in lower case, without user, port or a final dot.
pub fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest).trim_start_matches('/');
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = if host.starts_with('[') { host } else { host.split(':').next()? };
    let host = host.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_from_urls() {
        assert_eq!(host("https://user@WWW.Example.com:8080/a?b#c").as_deref(), Some("www.example.com"));
        assert_eq!(host("example.com/a").as_deref(), Some("example.com"));
        assert_eq!(host("//cdn.example.com.").as_deref(), Some("cdn.example.com"));
        assert_eq!(host(""), None);
    }
}
