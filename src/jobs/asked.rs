//! What kinds of job there are, each with its options.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::JobError;
use super::learn::LearnOptions;
use super::options::JobOptions;
use super::settings::Settings;
use crate::archive::ReadOptions;
use crate::clean::Cleaner;

/// What a job is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "options", rename_all = "lowercase")]
pub enum Asked {
    /// To find the copies in an archive.
    Dedupe(JobOptions),
    /// To propose rule files from the pages in it.
    Learn(LearnOptions),
}

impl Default for Asked {
    fn default() -> Self {
        Self::Dedupe(JobOptions::default())
    }
}

impl Asked {
    /// Sets an option by its name, as a query or a form gives it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), JobError> {
        match self {
            Self::Dedupe(options) => options.set(name, value),
            Self::Learn(options) => options.set(name, value),
        }
    }

    /// The collection that documents are compared with.
    pub fn collection(&self) -> Option<&str> {
        match self {
            Self::Dedupe(options) => options.collection.as_deref(),
            Self::Learn(_) => None,
        }
    }

    /// Refuses what cannot be done: before an archive is received, so that nobody sends one in vain.
    pub(super) fn check(&self, settings: &Settings, cleaner: &Cleaner, exports: bool) -> Result<(), JobError> {
        match self {
            Self::Dedupe(options) => options.check(settings, cleaner, exports),
            Self::Learn(options) => options.check(settings),
        }
    }

    /// How the archive is read.
    pub(super) fn read(&self, settings: &Settings) -> Result<ReadOptions, JobError> {
        match self {
            Self::Dedupe(options) => options.read(settings),
            Self::Learn(options) => options.read(settings),
        }
    }
}
