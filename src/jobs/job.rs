//! A job as users see it, and as it is stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Asked;
use crate::batch::Outcome;
use crate::clock::Moment;
use crate::error::Fault;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Its result files are there.
    Done,
    /// It could not be done; `error` says why.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl State {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing follows it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What a job counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Documents that were read.
    pub documents: u64,
    /// Those kept.
    pub kept: u64,
    /// Those that are copies.
    pub copies: u64,
    /// Inputs that failed; documents.ndjson, or errors.ndjson of a job that learns, names each.
    pub failed: u64,
    /// Rule files that a job that learns proposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub rule_files: Option<u64>,
}

impl From<Outcome> for Counts {
    fn from(outcome: Outcome) -> Self {
        let Outcome { documents, failed, kept } = outcome;
        Self { documents, kept, copies: documents.saturating_sub(kept), failed, rule_files: None }
    }
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobFault {
    /// The stable code.
    pub code: String,
    /// What was wrong, and where.
    pub message: String,
}

impl From<Fault> for JobFault {
    fn from(fault: Fault) -> Self {
        Self { code: fault.code.as_str().to_owned(), message: fault.message }
    }
}

/// An archive that is being, or was, worked on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its id. Ids of later jobs are greater.
    pub job: String,
    /// Where it stands.
    pub state: State,
    /// The stage of the run: wash, candidates, compare, settle, passages or write; of one that learns: read or learn.
    pub stage: Option<String>,
    /// What `done` and `total` count: bytes, parts, pairs or documents.
    pub unit: Option<String>,
    /// How much of the stage is done.
    pub done: u64,
    /// How much there is to do in the stage; null where that is not known, as for a compressed archive while it is read.
    pub total: Option<u64>,
    /// Seconds until this stage ends, from its rate so far; null where that is not known.
    pub eta: Option<u64>,
    /// The archive's name.
    pub name: String,
    /// Its size in bytes, as it was sent.
    pub bytes: u64,
    /// What was asked for: its kind, and options.
    #[serde(flatten)]
    pub asked: Asked,
    /// The id of the key that sent it.
    pub key: Option<String>,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub created: Moment,
    /// When a worker took it up, last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started: Option<Moment>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished: Option<Moment>,
    /// When it and its results will be removed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Moment>,
    /// What it counted, once it is done.
    pub counts: Option<Counts>,
    /// Why it failed.
    pub error: Option<JobFault>,
}

impl Job {
    /// Forgets what a run told of itself.
    pub(super) fn clear_progress(&mut self) {
        (self.stage, self.unit, self.done, self.total, self.eta) = (None, None, 0, None, None);
    }
}
