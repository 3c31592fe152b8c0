//! What may be wrong with a job, or with asking for one.

use std::io;
use std::path::{Path, PathBuf};

use super::job::State;
use crate::archive::ArchiveError;
use crate::clean::CleanError;
use crate::error::{Code, Coded, Fault};
use crate::records::RecordsError;

/// A fault of asking for a job or its results. What goes wrong inside a job stands in the job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// The records.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The archive that was sent.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A profile, rule or encoding that is not there.
    #[error(transparent)]
    Clean(#[from] CleanError),
    /// An option that is none, or has no such value.
    #[error("{0}")]
    Option(String),
    /// Nothing was sent.
    #[error("the body is empty: send an archive, or lines of JSON")]
    Empty,
    /// More was sent than may be.
    #[error("the archive is larger than the limit of {limit} bytes (limits.upload)")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The disk has too little room.
    #[error("{}: {needed} bytes are needed and {free} are free", path.display())]
    NoSpace {
        /// The folder.
        path: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// As many jobs wait as may.
    #[error("{queue} jobs are waiting, as many as may (jobs.queue)")]
    QueueFull {
        /// The limit.
        queue: usize,
    },
    /// A job that is not there.
    #[error("there is no job `{0}`")]
    Unknown(String),
    /// A result file that a job does not have.
    #[error("the job {job} has no file `{name}`")]
    UnknownFile {
        /// The job.
        job: String,
        /// The name that was asked for.
        name: String,
    },
    /// A document that a job has no record of.
    #[error("the job {job} has no record of `{document}`; those of copies are there when it was sent with `copies`")]
    UnknownDocument {
        /// The job.
        job: String,
        /// The id that was asked for.
        document: String,
    },
    /// More was decided than anybody decides.
    #[error("the job has {0} decisions, as many as may be")]
    Decisions(usize),
    /// A job without results.
    #[error("the job {job} is {}: only one that is done has results", state.as_str())]
    Unfinished {
        /// The job.
        job: String,
        /// Its state.
        state: State,
    },
    /// The service is being stopped.
    #[error("the service is being stopped")]
    Closing,
    /// A file that cannot be written or read.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// What the rest of the service found wrong.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl JobError {
    /// Turns I/O errors of one file into this error: `.map_err(JobError::of(path))`.
    pub(super) fn of(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoSpace { path: path.clone(), needed: 1, free: 0 }
            }
            _ => Self::File { path: path.clone(), reason: error.to_string() },
        }
    }
}

impl Coded for JobError {
    fn code(&self) -> Code {
        match self {
            Self::Records(error) => error.code(),
            Self::Archive(error) => error.code(),
            Self::Clean(error) => error.code(),
            Self::Fault(fault) => fault.code,
            Self::Option(_) | Self::Empty => Code::BadRequest,
            Self::TooLarge { .. } | Self::Decisions(_) => Code::TooLarge,
            Self::NoSpace { .. } => Code::NoSpace,
            Self::QueueFull { .. } => Code::QueueFull,
            Self::Unknown(_) => Code::UnknownJob,
            Self::UnknownFile { .. } => Code::UnknownFile,
            Self::UnknownDocument { .. } => Code::NoDocument,
            Self::Unfinished { .. } => Code::JobUnfinished,
            Self::Closing => Code::Stopped,
            Self::File { .. } => Code::Unwritable,
        }
    }
}
