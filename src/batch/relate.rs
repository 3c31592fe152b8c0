//! The third stage: the texts of each proposed pair are compared.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::Limits;
use super::cache::Cache;
use super::candidates::CANDIDATES;
use super::checkpoint::Scratch;
use super::decide::{self, Found, PASSAGE_BYTES};
use super::directory::{Directory, Ranks};
use super::error::BatchError;
use super::file::{Records, Seal, Sealed};
use super::progress::Progress;
use super::threads::{alone, in_order};
use crate::dedup::{Kind, Passage, Verdict, compare};

/// The stage, as checkpoints and progress name it.
pub(super) const STAGE: &str = "compare";
/// Relations between pieces, in the order they were proposed.
pub(super) const FOUND: &str = "relations";
/// Their passages.
pub(super) const PASSAGES: &str = "passages";
/// Passages of relations that came after the stage.
const LATE_PASSAGES: &str = "passages-late";
/// Pairs that one thread compares at a time.
const CHUNK: usize = 512;

/// Runs the stage.
pub(super) fn run(
    directory: &Directory,
    ranks: &Ranks,
    cache: &Cache<'_>,
    limits: &Limits,
    scratch: &Scratch,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<(), BatchError> {
    let mut out = RelationWriter::create(scratch)?;
    let pairs = Records::<12>::open(&scratch.path(CANDIDATES))?.map(|record| {
        let record = record?;
        let rank = |at: usize| u32::from_be_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
        Ok((ranks.by_rank[rank(4) as usize], ranks.by_rank[rank(8) as usize]))
    });
    compare_all(pairs, directory, cache, limits, stop, |pair, verdict| {
        progress.add(1);
        if verdict.kind == Kind::None { Ok(()) } else { out.put(pair.0, pair.1, &verdict).map(|_| ()) }
    })?;
    scratch.finish(STAGE, out.finish()?)
}

/// The smaller piece first.
fn ordered(directory: &Directory, x: u32, y: u32) -> (u32, u32) {
    let key = |piece: u32| {
        let it = &directory.pieces[piece as usize];
        (it.weight, directory.id(it.doc))
    };
    if decide::order(key(x), key(y)) { (x, y) } else { (y, x) }
}

/// Compares pairs of pieces on all threads and gives the verdicts in order.
pub(super) fn compare_all(
    pairs: impl Iterator<Item = Result<(u32, u32), BatchError>> + Send,
    directory: &Directory,
    cache: &Cache<'_>,
    limits: &Limits,
    stop: &AtomicBool,
    mut sink: impl FnMut((u32, u32), Verdict) -> Result<(), BatchError>,
) -> Result<(), BatchError> {
    let work = |chunk: Vec<Result<(u32, u32), BatchError>>| -> Result<Vec<_>, BatchError> {
        chunk
            .into_iter()
            .map(|pair| {
                let (a, b) = pair.map(|(x, y)| ordered(directory, x, y))?;
                let verdict = compare(&*cache.get(a)?, &*cache.get(b)?);
                Ok(((a, b), verdict))
            })
            .collect()
    };
    in_order(Chunks(pairs), limits.threads, alone, work, stop, |verdicts| {
        verdicts?.into_iter().try_for_each(|(pair, verdict)| sink(pair, verdict))
    })
}

struct Chunks<I>(I);

impl<I: Iterator> Iterator for Chunks<I> {
    type Item = Vec<I::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk: Vec<I::Item> = self.0.by_ref().take(CHUNK).collect();
        (!chunk.is_empty()).then_some(chunk)
    }
}

/// Writes relations and their passages.
pub(super) struct RelationWriter {
    /// None for relations that are made again with each run.
    found: Option<Sealed>,
    passages: Sealed,
    /// Bytes of passages in the file before this one.
    base: u64,
    buffer: Vec<u8>,
}

impl RelationWriter {
    fn create(scratch: &Scratch) -> Result<Self, BatchError> {
        Ok(Self {
            found: Some(Sealed::create(&scratch.path(FOUND), 1 << 17)?),
            passages: Sealed::create(&scratch.path(PASSAGES), 1 << 17)?,
            base: 0,
            buffer: Vec::new(),
        })
    }

    /// For relations that come after the stage: their passages go to a file of their own.
    pub(super) fn late(scratch: &Scratch) -> Result<Self, BatchError> {
        let path = scratch.path(PASSAGES);
        let base = std::fs::metadata(&path).map_err(BatchError::of(&path))?.len();
        let passages = Sealed::create(&scratch.path(LATE_PASSAGES), 1 << 17)?;
        Ok(Self { found: None, passages, base, buffer: Vec::new() })
    }

    /// Adds a relation.
    pub(super) fn put(&mut self, a: u32, b: u32, verdict: &Verdict) -> Result<Found, BatchError> {
        let found = Found::new(a, b, verdict, self.base + self.passages.at());
        self.buffer.clear();
        decide::encode(&verdict.passages, &mut self.buffer);
        self.passages.put(&self.buffer)?;
        if let Some(out) = &mut self.found {
            out.put(&found.to_bytes())?;
        }
        Ok(found)
    }

    /// Ends the files.
    pub(super) fn finish(self) -> Result<Vec<Seal>, BatchError> {
        self.found.into_iter().chain([self.passages]).map(Sealed::finish).collect()
    }
}

/// Reads passages back.
pub(super) struct PassageReader {
    files: [(PathBuf, File); 2],
    base: u64,
}

impl PassageReader {
    pub(super) fn open(scratch: &Scratch) -> Result<Self, BatchError> {
        let open = |name: &str| -> Result<_, BatchError> {
            let path = scratch.path(name);
            let file = File::open(&path).map_err(BatchError::of(&path))?;
            Ok((path, file))
        };
        let files = [open(PASSAGES)?, open(LATE_PASSAGES)?];
        let base = files[0].1.metadata().map_err(BatchError::of(&files[0].0))?.len();
        Ok(Self { files, base })
    }

    pub(super) fn read(&mut self, found: &Found) -> Result<Vec<Passage>, BatchError> {
        let late = found.at >= self.base;
        let (path, file) = &mut self.files[usize::from(late)];
        let at = if late { found.at - self.base } else { found.at };
        let mut bytes = vec![0; found.passages as usize * PASSAGE_BYTES];
        file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut bytes)).map_err(BatchError::of(path))?;
        Ok(decide::decode(&bytes))
    }
}
