//! What a collection is asked and what it answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::dedup::Relation;
use crate::document::{Cleaned, Flag};

/// A washed document that arrives.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The document; its id is the one it is stored under.
    pub cleaned: Cleaned,
    /// Where it was published.
    pub url: Option<String>,
    /// When.
    pub date: Option<String>,
}

/// What an arriving document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Status {
    /// No copy of it is stored.
    New,
    /// A copy of it is stored.
    Copy,
    /// Its id is stored with another text.
    Updated,
    /// Its id is stored with the same text.
    Unchanged,
}

impl Status {
    /// As records print it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Copy => "copy",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
        }
    }
}

/// The answer to an arriving document.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Answer {
    /// Its id.
    pub id: String,
    /// What it is.
    pub status: Status,
    /// Ids of stored documents that are truncated copies of it.
    pub supersedes: Vec<String>,
    /// Candidates that were not compared, because there were too many: the best were.
    pub candidates_skipped: u64,
    /// The relations found, the strongest first.
    pub relations: Vec<Relation>,
}

impl Answer {
    pub(super) fn new(id: &str, status: Status) -> Self {
        Self { id: id.to_owned(), status, supersedes: Vec::new(), candidates_skipped: 0, relations: Vec::new() }
    }
}

/// A document as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct StoredDocument {
    /// Its id.
    pub id: String,
    /// Where it was published.
    pub url: Option<String>,
    /// When.
    pub date: Option<String>,
    /// The title an HTML page gave itself.
    pub title: Option<String>,
    /// The cleaned text.
    pub text: String,
    /// What is noteworthy.
    pub flags: Vec<Flag>,
    /// Fields passed through.
    pub meta: Map<String, Value>,
    /// Ids of documents that were truncated copies of it when it came.
    pub supersedes: Vec<String>,
    /// It was found to hold several stored documents when it came.
    pub compilation: bool,
    /// The crawl it waits under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crawl: Option<String>,
    /// When it was stored, in milliseconds since 1970, UTC.
    pub stored_at: u64,
    /// Digest of the rules that washed it.
    pub rules: String,
    /// The normaliser's version then.
    pub normaliser: u32,
}
