//! Passages that many documents share: the longest runs of whole lines and sentences that stand in at least so many documents.
//!
//! | file | what it does |
//! |---|---|
//! | `runs` | for each line and sentence, how long the run that begins there may be and still stand in enough documents |
//! | `places` | from that to the passages of each document, and which of them go |
//! | `dropped` | what exactly goes of a text, so that what is left reads well |
//! | `report` | `passages.ndjson` |
//!
//! A run stands in at most as many documents as its beginning does, so its greatest length is found by doubling and then halving steps: in each round the next longer run
//! of every place is hashed, and the hashes are sorted on disk and counted. A round only looks at what stood in enough documents before, and
//! there are twice as many as the longest run takes doublings.

mod dropped;
mod places;
mod report;
mod runs;

use std::sync::atomic::AtomicBool;

use super::Limits;
use super::checkpoint::Scratch;
use super::directory::{Directory, NONE};
use super::error::BatchError;
use super::progress::Progress;
use super::stars::Stars;
use super::store::Texts;

pub(super) use dropped::Dropped;
pub(super) use report::write as report;

/// The stage, as checkpoints and progress name it.
pub(super) const STAGE: &str = "passages";

/// The name that edits of dropped passages carry.
pub const RULE: &str = "passages";

/// What passages are looked for, and what is done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passages {
    /// Whether each is left in its first document only.
    pub drop: bool,
    /// The fewest documents that a passage stands in, at least 2.
    pub documents: u32,
    /// The least weight of a passage: a Han character counts 1, a letter two fifths.
    pub length: u32,
}

impl Passages {
    /// Usual fewest documents.
    pub const DOCUMENTS: u32 = 10;
    /// Usual least weight.
    pub const LENGTH: u32 = 30;
}

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Passages.
    pub passages: u64,
}

/// What the stage works with.
#[derive(Clone, Copy)]
pub(super) struct Room<'r> {
    pub directory: &'r Directory,
    pub texts: &'r Texts,
    pub stars: &'r Stars,
    pub limits: &'r Limits,
    pub scratch: &'r Scratch,
    pub wanted: Passages,
    pub stop: &'r AtomicBool,
}

impl Room<'_> {
    /// Documents of a set that is only compared with.
    fn given(&self) -> u32 {
        self.directory.docs.iter().filter(|doc| doc.standing.given).count() as u32
    }

    /// The documents that passages are looked for in: what is kept, and the set that it is compared with.
    fn documents(&self) -> impl Iterator<Item = u32> {
        (0..self.directory.docs.len() as u32).filter(|&number| {
            let doc = &self.directory.docs[number as usize];
            doc.piece != NONE && doc.text.1 > 0 && (doc.standing.given || self.stars.held(number).is_none())
        })
    }

    fn text(&self, number: u32) -> Result<String, BatchError> {
        let doc = &self.directory.docs[number as usize];
        self.texts.read(doc.text.0, doc.text.1 as usize)
    }
}

/// The order in which documents come first: the set that is compared with, then the others as they were read.
#[derive(Debug, Clone, Copy)]
struct Order {
    given: u32,
    own: u32,
}

impl Order {
    fn new(room: &Room<'_>) -> Self {
        let given = room.given();
        Self { given, own: room.directory.docs.len() as u32 - given }
    }

    /// Sets stand behind the documents of the run in the directory.
    fn of(self, number: u32) -> u32 {
        if number < self.own { number + self.given } else { number - self.own }
    }

    fn number(self, order: u32) -> u32 {
        if order < self.given { order + self.own } else { order - self.given }
    }
}

/// Runs the stage.
pub(super) fn run(room: &Room<'_>, progress: &dyn Progress) -> Result<(), BatchError> {
    let order = Order::new(room);
    let held = runs::run(room, order, progress)?;
    let files = places::run(room, order, &held)?;
    room.scratch.finish(STAGE, files)
}
