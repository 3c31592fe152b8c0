//! Why an input, or a part of it, could not be read.

use std::io;

use super::capped::{CapError, SourceError};
use super::compressed::Compression;
use crate::document::ErrorRecord;
use crate::error::{Code, Coded, fault};

/// A fault of reading. `place` is the file as people know it: its path, or `standard input`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// It could not be opened or read.
    #[error("{place}: cannot be read: {reason}")]
    Unreadable {
        /// The file.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// It is larger than its limit.
    #[error("{place}: larger than the limit of {limit} bytes for {what}")]
    TooLarge {
        /// The file, with the line for a record.
        place: String,
        /// The limit in bytes.
        limit: u64,
        /// What it is the limit of, as settings name it.
        what: &'static str,
    },
    /// A compressed file that swells too much.
    #[error("{place}: swells to more than {ratio} times its size; if it is honest, raise limits.decompression_ratio")]
    Ratio {
        /// The file.
        place: String,
        /// The limit.
        ratio: u64,
    },
    /// A record with more values than may be.
    #[error("{place}: more than {limit} values in one record (limits.record_values)")]
    ManyValues {
        /// The file and line.
        place: String,
        /// The limit.
        limit: u64,
    },
    /// A damaged or cut compressed stream or archive.
    #[error("{place}: damaged {format} data: {reason}")]
    Corrupt {
        /// The file.
        place: String,
        /// gzip, ZIP, tar and so on.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// A container that is not read.
    #[error("{place}: {format} is not read; unpack it first")]
    Unsupported {
        /// The file.
        place: String,
        /// The format.
        format: String,
    },
    /// A member of an archive, or a part of a file, that is not read.
    #[error("{place}: is not read: {reason}")]
    Refused {
        /// The file with the member.
        place: String,
        /// Why not.
        reason: String,
    },
    /// An archive with more members than may be.
    #[error(
        "{place}: more than {limit} members in one archive (limits.archive_members); those behind them were not read"
    )]
    ManyMembers {
        /// The file.
        place: String,
        /// The limit.
        limit: u64,
    },
    /// A table whose columns are not those of documents.
    #[error("{place}: {message}")]
    Columns {
        /// The file.
        place: String,
        /// What is wrong, and the columns that are there.
        message: String,
    },
    /// A line that is not a document.
    #[error("{place}:{line}:{column}: {message}")]
    BadRecord {
        /// The file.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Column in characters, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// An id that was there before.
    #[error("{place}: the id `{id}` was there before")]
    RepeatedId {
        /// The file, with the line for a record.
        place: String,
        /// The id, cut when long.
        id: String,
    },
}

impl ArchiveError {
    /// What an I/O error means for a file: over a cap, damaged when a decoder says so, else unreadable.
    pub(super) fn from_io(error: &io::Error, place: &str, compression: Option<Compression>) -> Self {
        let place = place.to_owned();
        if let Some(carried) = Carried::of(error) {
            return carried.clone().at(place);
        }
        match (CapError::of(error), compression) {
            (Some(CapError::Bytes { limit, what }), _) => Self::TooLarge { place, limit, what },
            (Some(CapError::Ratio { ratio }), _) => Self::Ratio { place, ratio },
            (None, Some(compression)) if !of_source(error) => {
                let cut = error.kind() == io::ErrorKind::UnexpectedEof;
                let reason = if cut { "it ends too early".to_owned() } else { error.to_string() };
                Self::Corrupt { place, format: compression.as_str(), reason }
            }
            _ => Self::Unreadable { place, reason: error.to_string() },
        }
    }

    /// The same fault at another place: what is wrong with an archive is wrong with its member.
    pub(super) fn at(mut self, new: String) -> Self {
        match &mut self {
            Self::Unreadable { place, .. }
            | Self::TooLarge { place, .. }
            | Self::Ratio { place, .. }
            | Self::ManyValues { place, .. }
            | Self::Corrupt { place, .. }
            | Self::Unsupported { place, .. }
            | Self::Refused { place, .. }
            | Self::ManyMembers { place, .. }
            | Self::Columns { place, .. }
            | Self::BadRecord { place, .. }
            | Self::RepeatedId { place, .. } => *place = new,
        }
        self
    }

    /// The fault as an I/O error, for readers that others read from.
    pub(super) fn carry(self) -> io::Error {
        io::Error::other(Carried(self))
    }

    /// The record that stands in the place of the document.
    pub(super) fn record(&self, id: impl Into<String>) -> ErrorRecord {
        ErrorRecord { id: id.into(), error: fault(self) }
    }
}

/// A fault of a container, on its way up through the readers of a member.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Carried(ArchiveError);

impl Carried {
    /// The fault that an I/O error carries.
    pub(super) fn of(error: &io::Error) -> Option<&ArchiveError> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).map(|carried| &carried.0)
    }
}

/// Whether an I/O error says by itself what it is, and is not just a decoder's.
pub(super) fn is_told(error: &io::Error) -> bool {
    CapError::of(error).is_some() || Carried::of(error).is_some() || of_source(error)
}

fn of_source(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<SourceError>()).is_some()
}

impl Coded for ArchiveError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::Unreadable,
            Self::TooLarge { .. } | Self::Ratio { .. } | Self::ManyValues { .. } | Self::ManyMembers { .. } => {
                Code::TooLarge
            }
            Self::Corrupt { .. } => Code::CorruptArchive,
            Self::Unsupported { .. } | Self::Refused { .. } => Code::UnsupportedFormat,
            Self::BadRecord { .. } | Self::Columns { .. } => Code::BadRecord,
            Self::RepeatedId { .. } => Code::RepeatedId,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Counter;
    use super::super::pushback::PushBack;
    use super::*;
    use std::io::Read;

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::PermissionDenied))
        }
    }

    #[test]
    fn a_fault_of_the_disk_is_not_taken_for_damaged_compression() {
        let source = PushBack::new(io::BufReader::new(Counter::default().count(Broken)));
        let error = Compression::Gzip.decoder(source).unwrap().read(&mut [0; 8]).unwrap_err();
        let error = ArchiveError::from_io(&error, "a.gz", Some(Compression::Gzip));
        assert_eq!(error.code(), Code::Unreadable);
        assert_eq!(error.to_string(), "a.gz: cannot be read: permission denied");
    }
}
