//! What jobs may cost, and what they take from the rest of the service.

use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::archive;
use crate::clean::Cleaner;
use crate::error::Fault;

/// What jobs may cost.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Jobs that run at a time.
    pub workers: usize,
    /// Most jobs that wait, archives being received included.
    pub queue: usize,
    /// How long finished jobs are kept.
    pub keep: Duration,
    /// How long answers to repeated requests are kept.
    pub answers: Duration,
    /// Largest archive, in bytes as it is sent.
    pub upload_bytes: u64,
    /// Bytes of the disk that archives leave free.
    pub reserve: u64,
    /// Most threads of one job.
    pub threads: usize,
    /// Most memory of one job, in bytes.
    pub memory: u64,
    /// The profile of jobs that name none.
    pub profile: String,
    /// Limits of reading.
    pub limits: archive::Limits,
}

/// Writes the documents of a collection to a JSONL file, until it is told to stop ([`crate::error::Code::Stopped`]).
pub type Export = Box<dyn Fn(&str, &Path, &AtomicBool) -> Result<(), Fault> + Send + Sync>;

/// What jobs take from the rest of the service.
pub struct Hands {
    /// The cleaner with the rules in force.
    pub cleaner: Box<dyn Fn() -> Cleaner + Send + Sync>,
    /// Collections, if there are any.
    pub export: Option<Export>,
}

impl fmt::Debug for Hands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hands").field("export", &self.export.is_some()).finish_non_exhaustive()
    }
}
