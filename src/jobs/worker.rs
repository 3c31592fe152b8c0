//! One run: from the archive in the job's folder to its result files.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::watch;

use super::asked::Asked;
use super::error::JobError;
use super::files;
use super::job::{Counts, Job};
use super::learn;
use super::options::JobOptions;
use super::progress::Tracker;
use super::shared::Shared;
use crate::archive::Input;
use crate::batch::{self, BatchError, Inputs, Written};
use crate::error::{Code, Fault, fault};

/// Endings of names of compressed archives.
const PACKED: [&str; 7] = [".gz", ".zst", ".tgz", ".tzst", ".zip", ".parquet", ".gzip"];

/// A job in the hands of a worker.
pub(super) struct Task {
    pub id: String,
    pub shown: Arc<watch::Sender<Job>>,
    pub stop: Arc<AtomicBool>,
}

/// How a run ended.
pub(super) enum Ended {
    Done(Counts),
    Stopped,
    Failed(Fault),
}

/// Takes jobs from the queue until the service closes.
pub(super) fn run(shared: &Shared) {
    while let Some(task) = shared.take() {
        let ended = catch_unwind(AssertUnwindSafe(|| work(shared, &task))).unwrap_or_else(|_| {
            // What the panic said may quote a document.
            tracing::error!(job = task.id, "a fault in taoxi ended a job");
            Ended::Failed(Fault::new(Code::Internal, "a fault in taoxi ended the run"))
        });
        shared.settle(&task, ended);
    }
}

fn work(shared: &Shared, task: &Task) -> Ended {
    let run = || -> Result<Counts, Fault> {
        let job = task.shown.borrow().clone();
        let out = shared.folder_of(&job.job).join("files");
        let write = |job: &Job| shared.note(job);
        let packed = PACKED.iter().any(|ending| job.name.to_lowercase().ends_with(ending));
        let tracker = Tracker::new(&task.shown, packed, &write);
        let counts = match &job.asked {
            Asked::Dedupe(options) => dedupe(shared, task, &job, options, &tracker)?,
            Asked::Learn(options) => {
                let archive = Input::Path(archive(shared, &job)?);
                learn::run(archive, &out, options, &shared.settings, &tracker, &task.stop)?
            }
        };
        files::sync(&out).map_err(|error| fault(&error))?;
        Ok(counts)
    };
    match run() {
        Ok(counts) => Ended::Done(counts),
        Err(fault) if fault.code == Code::Stopped => Ended::Stopped,
        Err(fault) => Ended::Failed(fault),
    }
}

/// Finds the copies in the archive.
fn dedupe(shared: &Shared, task: &Task, job: &Job, asked: &JobOptions, tracker: &Tracker<'_>) -> Result<Counts, Fault> {
    let folder = shared.folder_of(&job.job);
    let inputs = inputs(shared, job, &folder, &task.stop)?;
    let cleaner = (shared.hands.cleaner)();
    let options = asked.batch(&shared.settings);
    let out = folder.join("files");
    let format = asked.write.map(Into::into);
    let mut taker =
        Written::new(format, options.compress, &inputs, &out, &task.stop).map_err(|error| batch_fault(&error))?;
    let outcome = batch::dedupe(&inputs, &out, &cleaner, &options, tracker, &task.stop, &mut taker);
    Ok(outcome.map_err(|error| batch_fault(&error))?.into())
}

/// The archive of a job.
fn archive(shared: &Shared, job: &Job) -> Result<PathBuf, Fault> {
    let archive = shared.folder_of(&job.job).join("input").join(&job.name);
    if !archive.is_file() {
        return Err(Fault::new(Code::Unreadable, format!("{}: the archive is not there any more", job.name)));
    }
    Ok(archive)
}

/// The inputs, always under the same paths: a later run knows finished stages by them.
fn inputs(shared: &Shared, job: &Job, folder: &Path, stop: &AtomicBool) -> Result<Inputs, Fault> {
    let archive = archive(shared, job)?;
    let against = job.asked.collection().map(|name| against(shared, name, folder, stop)).transpose()?;
    let read = job.asked.read(&shared.settings).map_err(|error| fault(&error))?;
    Ok(Inputs { own: vec![Input::Path(archive)], against: against.into_iter().map(Input::Path).collect(), read })
}

/// The documents of a collection as they were when the job first ran.
fn against(shared: &Shared, name: &str, folder: &Path, stop: &AtomicBool) -> Result<PathBuf, Fault> {
    let path = folder.join("against.jsonl");
    if path.exists() {
        return Ok(path);
    }
    let Some(export) = &shared.hands.export else {
        return Err(Fault::new(Code::BadRequest, "this service has no collections to compare with"));
    };
    let draft = folder.join("against.draft");
    export(name, &draft, stop)?;
    fs::rename(&draft, &path).map_err(|error| fault(&JobError::of(&path)(error)))?;
    Ok(path)
}

/// Why a run failed, for somebody who has no command line before him.
fn batch_fault(error: &BatchError) -> Fault {
    match error {
        BatchError::NoSpace { needed, free, .. } => {
            let message = format!("the service may need {needed} bytes of temporary space and has {free}");
            Fault::new(Code::NoSpace, message)
        }
        BatchError::Memory { documents, memory } => {
            let message = format!("{documents} documents need more than the {memory} bytes of memory of the job");
            Fault::new(Code::MemoryExceeded, message)
        }
        error => fault(error),
    }
}
