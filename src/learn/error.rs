//! Why nothing could be learned.

use crate::error::{Code, Coded};

/// Why a run of the learner stopped.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// The given host is none.
    #[error("`{0}` is no host such as example.com (no scheme, no path)")]
    BadHost(String),
    /// An option is out of its range.
    #[error("{name} is {value}; {wanted}")]
    BadOption {
        /// The option.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        wanted: &'static str,
    },
    /// The temporary file of pages failed.
    #[error("cannot keep pages in a temporary file: {0}")]
    Spool(#[from] std::io::Error),
    /// Stopped from outside.
    #[error("stopped before everything was learned")]
    Stopped,
    /// An existing file is no rule file that could be brought up to date.
    #[error("{origin} cannot be brought up to date: {message}")]
    NotUpdated {
        /// The file.
        origin: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Coded for LearnError {
    fn code(&self) -> Code {
        match self {
            Self::BadHost(_) | Self::BadOption { .. } => Code::BadRequest,
            Self::Spool(_) => Code::Unwritable,
            Self::Stopped => Code::Stopped,
            Self::NotUpdated { .. } => Code::BadRule,
        }
    }
}
