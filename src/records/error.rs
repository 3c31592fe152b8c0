//! Why records cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Code, Coded};

/// A fault of a file of records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordsError {
    /// Another process holds it.
    #[error("{}: another process holds this file open", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Its bytes are not what was written.
    #[error("{}: the file is damaged ({reason}); put a backup in its place, or move it away to begin anew", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A process was killed while it wrote.
    #[error("{}: it was not closed and is to be opened for writing first", path.display())]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("{}: there is no room left on the disk", path.display())]
    NoSpace {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses it.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl RecordsError {
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Self::Corrupt { path, reason: error.to_string() }
            }
            _ => Self::Io { path, reason: error.to_string() },
        }
    }

    pub(super) fn of(path: &Path, error: &redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => Self::io(path, error),
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
                Self::InUse { path: path.to_owned() }
            }
            redb::Error::RepairAborted => Self::Unfinished { path: path.to_owned() },
            redb::Error::PreviousIo | redb::Error::ValueTooLarge(_) => {
                Self::Io { path: path.to_owned(), reason: error.to_string() }
            }
            _ => Self::Corrupt { path: path.to_owned(), reason: error.to_string() },
        }
    }

    /// A record whose value is not what this program writes.
    pub fn bad_value(path: &Path, key: &str, reason: &serde_json::Error) -> Self {
        let reason = format!("the record `{key}`: {reason}");
        Self::Corrupt { path: path.to_owned(), reason }
    }
}

impl Coded for RecordsError {
    fn code(&self) -> Code {
        match self {
            Self::InUse { .. } => Code::DataInUse,
            Self::Corrupt { .. } | Self::Unfinished { .. } => Code::CorruptStore,
            Self::NoSpace { .. } => Code::NoSpace,
            Self::Io { .. } => Code::Unwritable,
        }
    }
}
