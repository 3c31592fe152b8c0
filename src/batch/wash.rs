//! The first stage: documents are read, washed and fingerprinted; texts, heads and hashes go to disk, the directory stays in memory.

use std::sync::atomic::AtomicBool;

use super::checkpoint::Scratch;
use super::decide::{self, PieceOf, Ready};
use super::directory::{Directory, Doc, Piece};
use super::error::BatchError;
use super::file::Sealed;
use super::progress::Progress;
use super::spill::Parts;
use super::store::StoreWriter;
use super::threads::in_order;
use super::{Limits, Washing};
use crate::dedup::Standing;
use crate::dedup::pair::per_mille;
use crate::document::{Document, ErrorRecord};

/// The stage, as checkpoints and progress name it.
pub(super) const STAGE: &str = "wash";
/// Hashes and pieces, parted by hash: 8 bytes and 4.
pub(super) const POSTINGS: &str = "postings";
/// For each piece its two digests, 16 bytes each.
pub(super) const DIGESTS: &str = "digests";
/// The directory.
pub(super) const DIRECTORY: &str = "directory";

/// A document out of the washer.
///
/// With whether it belongs to a set that is only compared with.
enum Washed {
    Document(Box<Ready>, bool),
    Failed(ErrorRecord, bool),
}

/// One input document with whether it belongs to a set that is only compared with.
pub(super) type Input = (Result<Document, ErrorRecord>, bool);

/// Runs the stage.
pub(super) fn run(
    documents: impl Iterator<Item = Input> + Send,
    washing: &Washing<'_>,
    limits: &Limits,
    scratch: &Scratch,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Directory, BatchError> {
    let mut sink = Sink {
        store: StoreWriter::create(&scratch.folder)?,
        postings: Parts::create(&scratch.folder, POSTINGS)?,
        digests: Sealed::create(&scratch.path(DIGESTS), 1 << 16)?,
        directory: Directory::default(),
    };
    let weigh = |(document, _): &Input| document.as_ref().map_or(64, |document| document.content.len());
    let work = |(document, given): Input| washed(document, given, washing);
    in_order(documents, limits.threads, weigh, work, stop, |washed| {
        progress.add(match &washed {
            Washed::Document(ready, _) => ready.bytes,
            Washed::Failed(record, _) => {
                progress.failed(&record.id, &format!("{}: {}", record.error.code.as_str(), record.error.message));
                0
            }
        });
        if sink.directory.bytes() > limits.memory / 2 {
            return Err(BatchError::Memory { documents: sink.directory.docs.len(), memory: limits.memory });
        }
        sink.take(washed)
    })?;
    sink.finish(scratch)
}

/// The directory of an earlier run.
pub(super) fn again(scratch: &Scratch) -> Option<Directory> {
    scratch
        .has(STAGE)
        .then(|| super::file::read(&scratch.path(DIRECTORY)).ok())
        .flatten()
        .and_then(|bytes| Directory::load(&bytes))
}

fn washed(document: Result<Document, ErrorRecord>, given: bool, washing: &Washing<'_>) -> Washed {
    let ready = document
        .and_then(|document| decide::wash(document, washing.cleaner, washing.options, washing.wash, washing.edits));
    match ready {
        Ok(ready) => Washed::Document(Box::new(ready), given),
        Err(record) => Washed::Failed(record, given),
    }
}

struct Sink {
    store: StoreWriter,
    postings: Parts<12>,
    digests: Sealed,
    directory: Directory,
}

impl Sink {
    fn take(&mut self, washed: Washed) -> Result<(), BatchError> {
        let number = self.directory.docs.len() as u32;
        let order = u64::from(number);
        let (ready, given) = match washed {
            Washed::Document(ready, given) => (ready, given),
            Washed::Failed(record, given) => {
                self.store.head(&serde_json::to_vec(&record).unwrap_or_default())?;
                let standing = Standing { order, given, ..Standing::default() };
                self.directory.push(&record.id, Doc::empty(standing, 0));
                return Ok(());
            }
        };
        self.store.head(&ready.head)?;
        let text = (self.store.text(&ready.text)?, ready.text.len() as u32);
        let piece = self.directory.pieces.len() as u32;
        let parts = ready.pieces.len() as u32 - 1;
        let standing = Standing { order, given, ..ready.standing };
        self.directory.push(&ready.id, Doc { text, piece, parts, ..Doc::empty(standing, ready.bytes) });
        ready.pieces.iter().try_for_each(|piece| self.piece(number, piece))
    }

    fn piece(&mut self, doc: u32, piece: &PieceOf) -> Result<(), BatchError> {
        let mark = &piece.fingerprint;
        let number = self.directory.pieces.len() as u32;
        self.digests.put(&mark.text.to_be_bytes())?;
        self.digests.put(&mark.units.to_be_bytes())?;
        for hash in &mark.winnow {
            let mut posting = [0; 12];
            posting[..8].copy_from_slice(&hash.to_be_bytes());
            posting[8..].copy_from_slice(&number.to_be_bytes());
            self.postings.push(&posting)?;
        }
        self.directory.pieces.push(Piece {
            doc,
            part: piece.part,
            start: piece.start,
            end: piece.end,
            weight: mark.weight,
            placeholders: per_mille(mark.placeholders, mark.count),
            hashes: mark.winnow.len() as u32,
            simhash: mark.simhash,
        });
        Ok(())
    }

    fn finish(self, scratch: &Scratch) -> Result<Directory, BatchError> {
        let mut files = self.postings.finish()?;
        files.extend(self.store.finish()?);
        files.push(self.digests.finish()?);
        let mut directory = Sealed::create(&scratch.path(DIRECTORY), 1 << 16)?;
        directory.put(&self.directory.save())?;
        files.push(directory.finish()?);
        scratch.finish(STAGE, files)?;
        Ok(self.directory)
    }
}
