//! Changes that were decided on and are on their way to disk and into the tables.

use std::sync::Arc;

use super::entry::{Entry, NONE, Record};
use super::known::Known;
use super::tables::Place;

/// A change with its number: one more than that of the change before.
#[derive(Debug)]
pub(super) struct Operation {
    pub version: u64,
    pub change: Change,
    /// Bytes of memory it holds, nearly.
    pub bytes: usize,
}

/// What changes.
#[derive(Debug)]
pub(super) enum Change {
    Add(Added),
    Remove(u32),
    Commit { crawl: String, replaced: Vec<u32> },
    Rollback { crawl: String },
}

/// A document that is added.
#[derive(Debug)]
pub(super) struct Added {
    pub record: Box<Record>,
    /// The hash of its id.
    pub id: u64,
    pub known: Arc<Known>,
    pub place: Place,
}

impl Operation {
    /// The slot that it takes away at once.
    pub(super) fn takes_away(&self) -> Option<u32> {
        match &self.change {
            Change::Add(added) => Some(added.record.replaces).filter(|slot| *slot != NONE),
            Change::Remove(slot) => Some(*slot),
            Change::Commit { .. } | Change::Rollback { .. } => None,
        }
    }
}

impl Change {
    /// As the log holds it, for changes that are not documents.
    pub(super) fn entry(&self) -> Option<Entry> {
        Some(match self {
            Self::Add(_) => return None,
            Self::Remove(slot) => Entry::Remove { slot: *slot },
            Self::Commit { crawl, replaced } => Entry::Commit { crawl: crawl.clone(), replaced: replaced.clone() },
            Self::Rollback { crawl } => Entry::Rollback { crawl: crawl.clone() },
        })
    }
}
