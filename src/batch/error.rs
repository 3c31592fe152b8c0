//! Why a run could not go on.

use std::io;
use std::path::{Path, PathBuf};

use crate::archive::write::WriteError;
use crate::clean::CleanError;
use crate::error::{Code, Coded};

/// A fault that ends a run. Faults of single documents are error records and do not.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A file of the run could not be written or read back.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The disk has less room than the run may need.
    #[error(
        "{}: {} of temporary space may be needed and {} are free; name another folder with --tmp",
        path.display(), mib(*.needed), mib(*.free)
    )]
    NoSpace {
        /// The folder for temporary files.
        path: PathBuf,
        /// Bytes that may be needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// More documents than the memory allows.
    #[error("{documents} documents need more than the {} of --memory; raise it or split the input", mib(*.memory))]
    Memory {
        /// Documents read so far.
        documents: usize,
        /// The limit in bytes.
        memory: u64,
    },
    /// A profile, rule or encoding that is not there.
    #[error(transparent)]
    Options(#[from] CleanError),
    /// What was to be written besides the result files could not be.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Stopped from outside; what was finished is kept.
    #[error("stopped; the same command goes on from what was finished")]
    Stopped,
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

impl BatchError {
    /// Turns I/O errors of one file into this error: `.map_err(BatchError::of(path))`.
    pub(super) fn of(path: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File { path: path.clone(), reason: error.to_string() }
    }
}

impl Coded for BatchError {
    fn code(&self) -> Code {
        match self {
            Self::File { .. } => Code::Unwritable,
            Self::NoSpace { .. } => Code::NoSpace,
            Self::Memory { .. } => Code::MemoryExceeded,
            Self::Options(error) => error.code(),
            Self::Write(error) => error.code(),
            Self::Stopped => Code::Stopped,
        }
    }
}
