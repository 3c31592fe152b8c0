//! The first stage: documents are read, washed and fingerprinted; texts, heads and hashes go to disk, the directory stays in memory.

use std::cell::RefCell;
use std::sync::atomic::AtomicBool;

use super::checkpoint::Scratch;
use super::directory::{Directory, Doc, NONE, Piece};
use super::error::BatchError;
use super::file::Sealed;
use super::progress::Progress;
use super::spill::Parts;
use super::store::StoreWriter;
use super::threads::in_order;
use super::{Limits, Washing};
use crate::dedup::pair::{noise, per_mille};
use crate::dedup::rank::date_of;
use crate::dedup::{Fingerprint, Fingerprinter, Standing};
use crate::document::{Cleaned, Document, ErrorRecord};
use crate::error::fault;

/// The stage, as checkpoints and progress name it.
pub(super) const STAGE: &str = "wash";
/// Hashes and pieces, parted by hash: 8 bytes and 4.
pub(super) const POSTINGS: &str = "postings";
/// For each piece its two digests, 16 bytes each.
pub(super) const DIGESTS: &str = "digests";
/// The directory.
pub(super) const DIRECTORY: &str = "directory";

/// A document out of the washer.
enum Washed {
    Document(Box<Ready>),
    /// With whether it belongs to a set that is only compared with.
    Failed(ErrorRecord, bool),
}

struct Ready {
    id: String,
    head: Vec<u8>,
    text: String,
    standing: Standing,
    bytes: u64,
    /// The whole document, then its parts.
    pieces: Vec<(u32, usize, usize, Fingerprint)>,
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
    let work = |(document, given): Input| wash(document, given, washing);
    in_order(documents, limits.threads, weigh, work, stop, |washed| {
        progress.add(match &washed {
            Washed::Document(ready) => ready.bytes,
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

fn wash(document: Result<Document, ErrorRecord>, given: bool, washing: &Washing<'_>) -> Washed {
    let document = document.and_then(|document| {
        let (id, date) = (document.id.clone(), document.date.clone());
        let washed = if washing.wash {
            washing.cleaner.clean(document, washing.options)
        } else {
            washing.cleaner.read(document, washing.options)
        };
        washed.map(|cleaned| (cleaned, date)).map_err(|error| ErrorRecord { id, error: fault(&error) })
    });
    match document {
        Ok((cleaned, date)) => Washed::Document(Box::new(ready(cleaned, date.as_deref(), given, washing.edits))),
        Err(record) => Washed::Failed(record, given),
    }
}

thread_local! {
    /// Keeps its room from document to document.
    static FINGERPRINTER: RefCell<Fingerprinter> = RefCell::default();
}

fn ready(mut cleaned: Cleaned, date: Option<&str>, given: bool, with_edits: bool) -> Ready {
    let text = std::mem::take(&mut cleaned.text);
    let edits = if with_edits {
        cleaned.removed.clear();
        cleaned.edits.take()
    } else {
        None
    };
    let read = |text: &str| FINGERPRINTER.with_borrow_mut(|fingerprinter| fingerprinter.read(text));
    let mut pieces = vec![(NONE, 0, text.len(), read(&text))];
    if cleaned.parts.len() > 1 {
        for (number, part) in cleaned.parts.iter().enumerate() {
            if let Some(inside) = text.get(part.start..part.end) {
                pieces.push((number as u32, part.start, part.end, read(inside)));
            }
        }
    }
    let whole = &pieces[0].3;
    let standing = Standing {
        weight: whole.weight,
        placeholders: per_mille(whole.placeholders, whole.count),
        noise: noise(&cleaned.flags),
        date: date.map_or(u64::MAX, date_of),
        given,
        ..Standing::default()
    };
    let bytes = cleaned.source.bytes as u64;
    let mut head = serde_json::to_vec(&cleaned).unwrap_or_default();
    if let Some(edits) = edits {
        // A line of their own behind the record, which has no line end in it.
        head.push(b'\n');
        head.extend(serde_json::to_vec(&edits).unwrap_or_default());
    }
    Ready { id: cleaned.id, head, text, standing, bytes, pieces }
}

struct Sink {
    store: StoreWriter,
    postings: Parts<12>,
    digests: Sealed,
    directory: Directory,
}

impl Sink {
    fn take(&mut self, washed: Washed) -> Result<(), BatchError> {
        let order = self.directory.docs.len() as u32;
        let ready = match washed {
            Washed::Document(ready) => ready,
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
        let standing = Standing { order, ..ready.standing };
        self.directory.push(&ready.id, Doc { text, piece, parts, ..Doc::empty(standing, ready.bytes) });
        for (part, start, end, fingerprint) in ready.pieces {
            self.piece(order, part, (start as u32, end as u32), &fingerprint)?;
        }
        Ok(())
    }

    fn piece(&mut self, doc: u32, part: u32, (start, end): (u32, u32), mark: &Fingerprint) -> Result<(), BatchError> {
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
            part,
            start,
            end,
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
