//! What can go wrong with a collection.

use std::io;

use crate::error::{Code, Coded};

/// Why a collection could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// There is no collection of that name.
    #[error("there is no collection `{0}`")]
    NoCollection(String),
    /// A name that no collection can have.
    #[error("`{0}` is no name for a collection: 1 to 64 of a-z, 0-9, '-', '_' and '.', the first a letter or digit")]
    BadName(String),
    /// An id or a crawl that cannot be stored.
    #[error("{0}")]
    BadDocument(String),
    /// There is no crawl of that name with documents that wait.
    #[error("no document of the crawl `{0}` is waiting")]
    NoCrawl(String),
    /// A file is damaged.
    #[error("{file}: damaged at byte {offset}: {what}")]
    Corrupt {
        /// The file.
        file: String,
        /// Where, in bytes.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// Written by a version that is not this one's.
    #[error("{file}: {what}")]
    OtherVersion {
        /// The file.
        file: String,
        /// Which, and what to do.
        what: String,
    },
    /// The disk is full.
    #[error("{file}: no space left: {reason}")]
    NoSpace {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// Reading or writing failed.
    #[error("{file}: {reason}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// The settings asked for are not those it was made with.
    #[error("the collection `{name}` is there with other settings: {what}")]
    OtherSettings {
        /// The collection.
        name: String,
        /// What differs.
        what: String,
    },
    /// Somebody else uses the folder.
    #[error("{0} is in use by another taoxi process")]
    InUse(String),
    /// More collections or documents than allowed.
    #[error("{0}")]
    Full(String),
    /// The URL of a database cannot be used.
    #[error("`store` is no database that can be used: {0}; give postgres://user:password@host:5432/database")]
    BadStore(String),
    /// The database does not answer, or is not ready to.
    #[error("{place} is away: {reason}")]
    Away {
        /// The database.
        place: String,
        /// What it or the system says.
        reason: String,
    },
    /// The database refuses.
    #[error("{place} refuses: {reason}")]
    Refused {
        /// The database.
        place: String,
        /// What it says.
        reason: String,
    },
    /// The collection is closing.
    #[error("the collection is closing")]
    Closed,
}

impl IndexError {
    /// Takes the error of a system call on a file.
    pub(super) fn io(file: &str, error: &io::Error) -> Self {
        let (file, reason) = (file.to_owned(), error.to_string());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::NoSpace { file, reason }
            }
            _ => Self::Io { file, reason },
        }
    }

    pub(super) fn corrupt(file: &str, offset: u64, what: impl Into<String>) -> Self {
        Self::Corrupt { file: file.to_owned(), offset, what: what.into() }
    }
}

impl Coded for IndexError {
    fn code(&self) -> Code {
        match self {
            Self::NoCollection(_) => Code::NoCollection,
            Self::BadName(_) => Code::BadName,
            Self::BadDocument(_) => Code::BadRecord,
            Self::NoCrawl(_) => Code::NoCrawl,
            Self::Corrupt { .. } => Code::CorruptIndex,
            Self::OtherVersion { .. } => Code::OtherVersion,
            Self::NoSpace { .. } => Code::NoSpace,
            Self::Io { .. } => Code::Storage,
            Self::OtherSettings { .. } => Code::OtherSettings,
            Self::InUse(_) => Code::InUse,
            Self::Full(_) => Code::IndexFull,
            Self::BadStore(_) => Code::BadConfig,
            Self::Away { .. } => Code::StoreAway,
            Self::Refused { .. } => Code::StoreRefused,
            Self::Closed => Code::Stopped,
        }
    }
}
