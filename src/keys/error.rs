//! What may be wrong with keys, and why one is refused.

use std::path::PathBuf;

use super::scope::Scope;
use super::secret::{MAX_SECRET, MIN_SECRET};
use crate::error::{Code, Coded};
use crate::records::RecordsError;

/// A fault of making, storing or loading keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file of keys.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A scope that is not there.
    #[error("there is no scope `{0}`; the scopes are read, clean, index and admin")]
    UnknownScope(String),
    /// No scope at all.
    #[error("a key needs a scope: read, clean, index or admin")]
    NoScope,
    /// An expiry that is neither a span nor a date, or lies in the past.
    #[error("`{0}` is no expiry; give a span such as 90d or 12h, or a date to come such as 2031-05-01")]
    Expiry(String),
    /// A name that is too long or would disturb a list.
    #[error("the name of a key has at most 100 characters and no control characters")]
    Name,
    /// An id that is not there.
    #[error("there is no key `{0}`; taoxi keys list shows the ids")]
    UnknownId(String),
    /// A key given from outside that could be guessed, or is no key.
    #[error(
        "{place}: the API key has {length} characters and needs {MIN_SECRET} to {MAX_SECRET}; `openssl rand -hex 32` makes a good one"
    )]
    Length {
        /// The variable or file.
        place: String,
        /// Its characters.
        length: usize,
    },
    /// A key given from outside that cannot stand in a header.
    #[error("{0}: the API key may only have visible characters of ASCII")]
    Characters(String),
    /// The file with a key cannot be read.
    #[error("{}: the API key cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The system gives no randomness.
    #[error("the system gives no random bytes: {0}")]
    Random(String),
}

impl Coded for KeyError {
    fn code(&self) -> Code {
        match self {
            Self::Records(error) => error.code(),
            Self::UnknownScope(_) | Self::NoScope | Self::Expiry(_) | Self::Name | Self::UnknownId(_) => Code::Usage,
            Self::Length { .. } | Self::Characters(_) | Self::Unreadable { .. } => Code::BadConfig,
            Self::Random(_) => Code::Internal,
        }
    }
}

/// Why a request may not do what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has no key.
    #[error("this call needs an API key")]
    Missing,
    /// Its key is not known.
    #[error("this API key is not known")]
    Unknown,
    /// Its key is past its time.
    #[error("the API key {id} has expired")]
    Expired {
        /// The public id.
        id: String,
    },
    /// Its key has other scopes.
    #[error("the API key {id} lacks the scope {scope}")]
    LacksScope {
        /// The public id.
        id: String,
        /// What it would need.
        scope: Scope,
    },
}

impl Refusal {
    /// The value of `WWW-Authenticate` (RFC 6750, section 3).
    pub fn challenge(&self) -> String {
        let realm = "Bearer realm=\"taoxi\"";
        match self {
            Self::Missing => realm.to_owned(),
            Self::Unknown => format!("{realm}, error=\"invalid_token\""),
            Self::Expired { .. } => format!("{realm}, error=\"invalid_token\", error_description=\"expired\""),
            Self::LacksScope { scope, .. } => format!("{realm}, error=\"insufficient_scope\", scope=\"{scope}\""),
        }
    }
}

impl Coded for Refusal {
    fn code(&self) -> Code {
        match self {
            Self::Missing => Code::NoKey,
            Self::Unknown => Code::UnknownKey,
            Self::Expired { .. } => Code::ExpiredKey,
            Self::LacksScope { .. } => Code::MissingScope,
        }
    }
}
