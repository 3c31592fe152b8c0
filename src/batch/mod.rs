//! De-duplicates archives of any size on one machine: a few stages over files, each finished one kept until the run is done.
//!
//! | stage | reads | writes |
//! |---|---|---|
//! | `wash` | the inputs | texts, heads, hashes, the directory |
//! | `candidates` | hashes | pairs worth comparing, by component |
//! | `relate` | texts of the pairs | relations with their passages |
//! | `settle`, `stars` | relations | one relation for two documents, compilations, who is kept |
//! | `passages/` | texts of kept documents | passages that many share, if they are asked for |
//! | `output` | everything | the result files |
//!
//! What is decided in them, apart from where rows lie, is in [`decide`].
//!
//! Outcomes depend on the documents, their order and the options, never on threads, memory or where a run was interrupted.

mod cache;
mod candidates;
mod checkpoint;
pub mod decide;
mod directory;
mod error;
mod file;
mod groups;
mod output;
mod passages;
mod postings;
mod progress;
mod record;
mod relate;
mod settle;
mod space;
mod spill;
mod stars;
mod store;
mod summary;
mod threads;
mod union;
mod wash;
mod written;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use serde_json::{Value, json};

use crate::archive::{Documents, Input, ReadOptions};
use crate::clean::{self, Cleaner, Edits, NORMALISER_VERSION};
use crate::dedup::{FINGERPRINT_VERSION, Keep, Kind};
use crate::document::{Document, ErrorRecord};

pub use error::BatchError;
pub use passages::Passages;
pub use progress::{Progress, Silent};
pub use summary::{Counts, versions};
pub use written::{WriteFormat, Written};

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// How documents are washed.
    pub clean: clean::Options,
    /// Whether they are washed at all; otherwise they are only decoded.
    pub wash: bool,
    /// Which of several copies is kept.
    pub keep: Keep,
    /// The Hamming radius of simhashes, 0 to 6.
    pub radius: u32,
    /// Threads, at least 1.
    pub threads: usize,
    /// Memory in bytes.
    pub memory: u64,
    /// Where temporary files go; otherwise into the output folder.
    pub tmp: Option<PathBuf>,
    /// Whether result files are compressed with zstd.
    pub compress: bool,
    /// Whether the records of copies are written, too: to `copies.ndjson`.
    pub copies: bool,
    /// Passages that many documents share, if they are looked for.
    pub passages: Option<Passages>,
}

impl Options {
    /// Whether passages are dropped, so that records need the edits of the washing.
    fn drops(&self) -> bool {
        self.passages.is_some_and(|passages| passages.drop)
    }

    /// The edits that washing is to tell.
    fn edits(&self) -> Edits {
        if self.drops() { Edits::Full } else { self.clean.edits }
    }
}

/// What the stages may use.
#[derive(Debug, Clone, Copy)]
struct Limits {
    threads: usize,
    memory: u64,
    radius: u32,
}

/// How documents are washed.
struct Washing<'w> {
    cleaner: &'w Cleaner,
    options: &'w clean::Options,
    wash: bool,
    /// Whether edits are kept for records that will change.
    edits: bool,
}

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Documents that did not fail.
    pub documents: u64,
    /// Inputs that failed.
    pub failed: u64,
    /// Documents kept.
    pub kept: u64,
}

/// The inputs of a run.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// What is de-duplicated.
    pub own: Vec<Input>,
    /// What it is compared with, and never given out.
    pub against: Vec<Input>,
    /// How both are read.
    pub read: ReadOptions,
}

/// A document that goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gone<'g> {
    /// Its id.
    pub id: &'g str,
    /// What copy it is.
    pub kind: Kind,
    /// The document that is kept for it.
    pub of: &'g str,
    /// How much of it stands in the kept one, and of the kept one in it.
    pub shares: (f64, f64),
}

/// Takes outcomes besides the result files, in order of input. What it writes should appear with [`Taker::finish`] at the latest: the
/// run counts as unfinished until then.
pub trait Taker {
    /// Whether kept records are wanted: they are parsed only then.
    fn wants_records(&self) -> bool {
        false
    }
    /// A kept document's record.
    fn kept(&mut self, _record: &Value) -> Result<(), BatchError> {
        Ok(())
    }
    /// A document that goes.
    fn gone(&mut self, _gone: &Gone<'_>) -> Result<(), BatchError> {
        Ok(())
    }
    /// All documents were given.
    fn finish(&mut self) -> Result<(), BatchError> {
        Ok(())
    }
}

/// Takes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Taker for Nothing {}

/// De-duplicates the inputs into a folder.
///
/// Interrupted and run again with the same inputs and options, it goes on from the stages that were finished.
pub fn dedupe(
    inputs: &Inputs,
    out: &Path,
    cleaner: &Cleaner,
    options: &Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
    taker: &mut dyn Taker,
) -> Result<Outcome, BatchError> {
    let began = Instant::now();
    fs::create_dir_all(out).map_err(BatchError::of(out))?;
    let out = fs::canonicalize(out).map_err(BatchError::of(out))?;
    let folder = scratch_folder(&out, options.tmp.as_deref());
    fs::create_dir_all(&folder).map_err(BatchError::of(&folder))?;
    let folder = fs::canonicalize(&folder).map_err(BatchError::of(&folder))?;
    let skip = [out.clone(), folder.clone()];
    let scratch = checkpoint::Scratch::open(folder, key(inputs, &skip, cleaner, options));
    let limits = Limits { threads: options.threads.max(1), memory: options.memory, radius: options.radius };
    let how = clean::Options { edits: options.edits(), ..options.clean.clone() };
    let washing = Washing { cleaner, options: &how, wash: options.wash, edits: options.drops() };
    let mut clock = Clock { began, times: Vec::new() };
    let mut directory = if let Some(directory) = wash::again(&scratch) {
        directory
    } else {
        let total = space::check(inputs, &scratch.folder, options.passages.is_some())?;
        progress.stage(wash::STAGE, total);
        wash::run(documents(inputs, &skip), &washing, &limits, &scratch, progress, stop)?
    };
    clock.lap(wash::STAGE);
    let ranks = directory.ranks(options.keep);
    if !scratch.has(candidates::STAGE) {
        progress.stage(candidates::STAGE, spill::PARTS as u64);
        candidates::run(&directory, &ranks, &limits, &scratch, progress, stop)?;
    }
    clock.lap(candidates::STAGE);
    let texts = store::Texts::open(&scratch.folder)?;
    if !scratch.has(relate::STAGE) {
        let cache = cache::Cache::new(&directory, &texts, limits.memory / 4);
        progress.stage(relate::STAGE, file_size(&scratch.path(candidates::CANDIDATES)) / 12);
        relate::run(&directory, &ranks, &cache, &limits, &scratch, progress, stop)?;
    }
    clock.lap(relate::STAGE);
    progress.stage("settle", 0);
    drop(ranks);
    let mut room = settle::Room {
        directory: &mut directory,
        texts: &texts,
        limits: &limits,
        scratch: &scratch,
        keep: options.keep,
    };
    let settled = settle::run(&mut room, progress, stop)?;
    clock.lap("settle");
    let mut results = output::Results::new(&out, options.compress, options.copies);
    let room = options.passages.map(|wanted| passages::Room {
        directory: &directory,
        texts: &texts,
        stars: &settled.stars,
        limits: &limits,
        scratch: &scratch,
        wanted,
        stop,
    });
    let shared = room.map(|room| shared_passages(&room, &mut results, &mut clock, progress)).transpose()?;
    progress.stage("write", directory.docs.len() as u64);
    let source =
        output::Source { directory: &directory, scratch: &scratch, keep: options.keep, drops: options.drops(), stop };
    let mut counts = output::write(&source, settled, &mut results, progress, taker)?;
    counts.passages(shared);
    taker.finish()?;
    clock.lap("write");
    results.small("summary.json", &summary(&counts, cleaner, options))?;
    results.small("run.json", &clock.to_json(&limits))?;
    results.publish()?;
    drop(texts);
    scratch.remove()?;
    Ok(Outcome { documents: counts.documents, failed: counts.failed, kept: counts.kept })
}

/// Finds the passages that many documents share, unless an earlier run did, and reports them.
fn shared_passages(
    room: &passages::Room<'_>,
    results: &mut output::Results<'_>,
    clock: &mut Clock,
    progress: &dyn Progress,
) -> Result<passages::Found, BatchError> {
    if !room.scratch.has(passages::STAGE) {
        progress.stage(passages::STAGE, room.directory.docs.len() as u64);
        passages::run(room, progress)?;
    }
    let found = output::passages(room, results)?;
    clock.lap(passages::STAGE);
    Ok(found)
}

/// What the ids of documents that are only compared with begin with.
pub const AGAINST: &str = "against:";

/// The documents of all inputs, those of the sets compared with last.
fn documents(inputs: &Inputs, skip: &[PathBuf]) -> impl Iterator<Item = wash::Input> + Send + use<> {
    let stream = |list: &[Input]| {
        let mut read = inputs.read.clone();
        read.skip.extend_from_slice(skip);
        Documents::new(list.to_vec(), read)
    };
    let given = |document: Result<Document, ErrorRecord>| {
        let name = |id: String| format!("{AGAINST}{id}");
        let document = match document {
            Ok(document) => Ok(Document { id: name(document.id), ..document }),
            Err(record) => Err(ErrorRecord { id: name(record.id), ..record }),
        };
        (document, true)
    };
    let own = stream(&inputs.own).map(|document| (document, false));
    own.chain(stream(&inputs.against).map(given))
}

fn scratch_folder(out: &Path, tmp: Option<&Path>) -> PathBuf {
    tmp.map_or_else(
        || out.join(".taoxi-dedupe"),
        |tmp| {
            let digest = blake3::hash(out.as_os_str().as_encoded_bytes()).to_hex();
            tmp.join(format!("taoxi-dedupe-{}", &digest.as_str()[..16]))
        },
    )
}

/// The digest of all that the outcome depends on. Standard input cannot be read twice: its runs never go on.
fn key(inputs: &Inputs, skip: &[PathBuf], cleaner: &Cleaner, options: &Options) -> String {
    let paths = |list: &[Input]| -> Option<Vec<PathBuf>> {
        list.iter().map(|input| if let Input::Path(path) = input { Some(path.clone()) } else { None }).collect()
    };
    // Without passages, runs are known as they always were.
    let passages = options.passages.map_or_else(String::new, |passages| format!(" {passages:?}"));
    let rest = format!(
        "{} {NORMALISER_VERSION} {FINGERPRINT_VERSION} {} {:?} {:?} {} {:?} {} {:?} {:?}{passages}",
        env!("CARGO_PKG_VERSION"),
        cleaner.rules().digest(),
        cleaner.limits(),
        options.clean,
        options.wash,
        options.keep,
        options.radius,
        inputs.read.fields,
        (inputs.read.media_type, &inputs.read.url, inputs.read.id_dup, &inputs.read.limits),
    );
    let known = paths(&inputs.own).zip(paths(&inputs.against)).and_then(|(own, against)| {
        let first = checkpoint::key_of(&own, skip, &rest)?;
        checkpoint::key_of(&against, skip, &first)
    });
    known.unwrap_or_else(|| format!("once {} {:?}", std::process::id(), std::time::SystemTime::now()))
}

fn file_size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn summary(counts: &Counts, cleaner: &Cleaner, options: &Options) -> Value {
    let mut value = counts.to_json();
    value["keep"] = options.keep.as_str().into();
    value["versions"] = versions(cleaner);
    value
}

/// Seconds of the stages.
struct Clock {
    began: Instant,
    times: Vec<(&'static str, f64)>,
}

impl Clock {
    fn lap(&mut self, stage: &'static str) {
        let before: f64 = self.times.iter().map(|(_, seconds)| seconds).sum();
        self.times.push((stage, self.began.elapsed().as_secs_f64() - before));
    }

    fn to_json(&self, limits: &Limits) -> Value {
        let stages: serde_json::Map<String, Value> =
            self.times.iter().map(|(stage, seconds)| ((*stage).to_owned(), (*seconds).into())).collect();
        json!({
            "seconds": self.began.elapsed().as_secs_f64(),
            "stages": stages,
            "threads": limits.threads,
            "memory": limits.memory,
            "machine": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        })
    }
}
