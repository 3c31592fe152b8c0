//! Jobs as the rest of the service meets them: received, listed, followed, cancelled, removed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::asked::Asked;
use super::error::JobError;
use super::files::{self, ResultFile};
use super::idempotency::Idempotency;
use super::job::{Job, State};
use super::settings::{Hands, Settings};
use super::shared::Shared;
use super::store::Store;
use super::upload::Upload;
use super::{janitor, recover, worker};

/// Some jobs, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Page {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// What `before` is to be for the page that follows; null on the last.
    pub next: Option<String>,
}

/// The jobs of a data folder, with the threads that work on them. Closed when it is dropped.
#[derive(Debug)]
pub struct Jobs {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What became of a job that is not wanted any more.
#[derive(Debug, Clone, PartialEq)]
pub enum Removed {
    /// It waited or ran: it is cancelled, and its files go.
    Cancelled(Box<Job>),
    /// It was finished: it is gone with its results.
    Gone,
}

impl Jobs {
    /// Opens `jobs` in a data folder, queues again what was not finished, and starts the workers.
    pub fn open(data: &Path, settings: Settings, hands: Hands) -> Result<Self, JobError> {
        let folder = data.join("jobs");
        fs::create_dir_all(&folder).map_err(JobError::of(&folder))?;
        // Runs are known by the paths of their inputs: those must not depend on where the service was started.
        let folder = fs::canonicalize(&folder).map_err(JobError::of(&folder))?;
        let store = Arc::new(Store::open(&folder)?);
        let idempotency = Idempotency::new(store.clone(), settings.answers);
        let workers = settings.workers.max(1);
        let inner = Mutex::new(recover::recover(&folder, &store, &settings)?);
        let changed = Condvar::new();
        let shared = Shared { folder, settings, hands, store, idempotency, changed, inner };
        let jobs = Self { shared: Arc::new(shared), threads: Mutex::default() };
        for number in 0..workers {
            jobs.start(format!("job-{number}"), worker::run)?;
        }
        jobs.start("job-janitor".to_owned(), janitor::run)?;
        Ok(jobs)
    }

    fn start(&self, name: String, work: fn(&Shared)) -> Result<(), JobError> {
        let shared = self.shared.clone();
        let started = thread::Builder::new().name(name).spawn(move || work(&shared));
        let thread = started.map_err(JobError::of(&self.shared.folder))?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Refuses options that cannot be met: to be asked before an archive is received.
    pub fn check(&self, asked: &Asked) -> Result<(), JobError> {
        self.shared.check(asked)
    }

    /// Begins to receive an archive of so many bytes, where that is known.
    pub fn upload(&self, expected: Option<u64>) -> Result<Upload, JobError> {
        Upload::begin(&self.shared, expected)
    }

    /// Answers to repeated requests, these and any others.
    pub fn idempotency(&self) -> &Idempotency {
        &self.shared.idempotency
    }

    /// A job.
    pub fn get(&self, id: &str) -> Result<Job, JobError> {
        if let Some(live) = self.shared.lock().live.get(id) {
            return Ok(live.shown.borrow().clone());
        }
        self.shared.store.get(id)?.ok_or_else(|| unknown(id))
    }

    /// At most `most` jobs, the newest first, that were made before the job `before`.
    pub fn list(&self, before: Option<&str>, most: usize) -> Result<Page, JobError> {
        let mut jobs = self.shared.store.newest(before, most.saturating_add(1))?;
        let next = (jobs.len() > most && most > 0).then(|| jobs[most - 1].job.clone());
        jobs.truncate(most);
        let inner = self.shared.lock();
        for job in &mut jobs {
            if let Some(live) = inner.live.get(&job.job) {
                job.clone_from(&live.shown.borrow());
            }
        }
        Ok(Page { jobs, next })
    }

    /// Follows a job: the receiver holds its latest state, and ends behind the final one.
    pub fn watch(&self, id: &str) -> Result<watch::Receiver<Job>, JobError> {
        if let Some(live) = self.shared.lock().live.get(id) {
            return Ok(live.shown.subscribe());
        }
        self.get(id).map(|job| watch::channel(job).1)
    }

    /// The result files of a job.
    pub fn files(&self, id: &str) -> Result<Vec<ResultFile>, JobError> {
        files::list(&self.results(id)?)
    }

    /// Opens a result file.
    pub fn open_file(&self, id: &str, name: &str) -> Result<(ResultFile, File), JobError> {
        let missing = || JobError::UnknownFile { job: id.to_owned(), name: name.chars().take(60).collect() };
        files::open(&self.results(id)?, name)?.ok_or_else(missing)
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(super) fn results(&self, id: &str) -> Result<PathBuf, JobError> {
        let Job { job, state, .. } = self.get(id)?;
        if state != State::Done {
            return Err(JobError::Unfinished { job, state });
        }
        Ok(self.shared.folder_of(&job).join("files"))
    }

    /// Cancels a job that waits or runs; removes one that is finished, with its results.
    pub fn remove(&self, id: &str) -> Result<Removed, JobError> {
        let shared = &self.shared;
        let mut inner = shared.lock();
        let Some(live) = inner.live.get(id).cloned() else {
            let job = shared.store.get(id)?.ok_or_else(|| unknown(id))?;
            shared.store.remove(id)?;
            inner.expiring.retain(|(_, known)| *known != job.job);
            drop(inner);
            shared.remove_folder(&job.job);
            return Ok(Removed::Gone);
        };
        let job = shared.ended(&live.shown.borrow(), State::Cancelled);
        shared.store.put(&job, None)?;
        let waited = inner.queue.iter().position(|waiting| waiting == id).map(|at| inner.queue.remove(at)).is_some();
        inner.live.remove(id);
        inner.expiring.extend(job.expires.map(|moment| (moment, job.job.clone())));
        live.shown.send_replace(job.clone());
        live.stop.store(true, Ordering::Relaxed);
        drop(inner);
        shared.changed.notify_all();
        // The folder of a job that runs is removed by its worker.
        if waited {
            shared.remove_folder(&job.job);
        }
        Ok(Removed::Cancelled(Box::new(job)))
    }

    /// How many jobs wait, and how many run.
    pub fn counts(&self) -> (usize, usize) {
        let inner = self.shared.lock();
        (inner.queue.len(), inner.live.len() - inner.queue.len())
    }

    /// Tells the workers to stop and takes no more jobs; those that run are queued again for the next start.
    pub fn stop(&self) {
        let mut inner = self.shared.lock();
        inner.closing = true;
        for live in inner.live.values() {
            live.stop.store(true, Ordering::Relaxed);
        }
        drop(inner);
        self.shared.changed.notify_all();
    }

    /// Stops the workers and waits until all threads have ended, which takes seconds at most.
    pub fn close(&self) {
        self.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the jobs ended by a panic");
            }
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.close();
    }
}

fn unknown(id: &str) -> JobError {
    JobError::Unknown(id.chars().take(40).collect())
}
