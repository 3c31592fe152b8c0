//! What the threads share, and the life of a job: queued, taken, settled.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::asked::Asked;
use super::error::JobError;
use super::idempotency::{Answer, Idempotency};
use super::job::{Job, State};
use super::recover;
use super::settings::{Hands, Settings};
use super::store::Store;
use super::worker::{Ended, Task};
use crate::clock::Moment;
use crate::error::{Code, Fault};
use crate::records::RecordsError;

#[derive(Debug)]
pub(super) struct Shared {
    pub folder: PathBuf,
    pub settings: Settings,
    pub hands: Hands,
    pub store: Arc<Store>,
    pub idempotency: Idempotency,
    pub changed: Condvar,
    pub inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    /// Jobs that wait, the first one first.
    pub queue: VecDeque<String>,
    /// Jobs that wait or run.
    pub live: HashMap<String, Live>,
    /// Finished jobs by the time of their removal.
    pub expiring: BTreeSet<(Moment, String)>,
    /// Archives being received.
    pub receiving: usize,
    /// The time in the last id.
    pub last: u64,
    pub closing: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Live {
    pub shown: Arc<watch::Sender<Job>>,
    pub stop: Arc<AtomicBool>,
}

impl Live {
    pub(super) fn new(job: Job) -> Self {
        Self { shown: Arc::new(watch::Sender::new(job)), stop: Arc::default() }
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn uploads(&self) -> PathBuf {
        self.folder.join(recover::UPLOADS)
    }

    /// The folder of a job that there is: ids of clients do not come here.
    pub(super) fn folder_of(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    pub(super) fn remove_folder(&self, id: &str) {
        recover::remove_all(&self.folder_of(id));
    }

    pub(super) fn check(&self, asked: &Asked) -> Result<(), JobError> {
        asked.check(&self.settings, &(self.hands.cleaner)(), self.hands.export.is_some())
    }

    /// An id that is greater than all before it: milliseconds and some randomness, in hexadecimal digits.
    pub(super) fn new_id(&self, now: Moment) -> Result<String, JobError> {
        let random =
            getrandom::u32().map_err(|error| Fault::new(Code::Internal, format!("no random bytes: {error}")))?;
        let mut inner = self.lock();
        inner.last = now.millis().max(inner.last + 1);
        Ok(format!("{:012x}{random:08x}", inner.last))
    }

    /// Writes a new job down, with the answer to its request, and queues it.
    pub(super) fn enqueue(&self, job: &Job, answer: Option<(&str, &Answer)>) -> Result<(), JobError> {
        let mut inner = self.lock();
        if inner.closing {
            return Err(JobError::Closing);
        }
        self.store.put(job, answer)?;
        inner.queue.push_back(job.job.clone());
        inner.live.insert(job.job.clone(), Live::new(job.clone()));
        drop(inner);
        self.changed.notify_all();
        Ok(())
    }

    /// The next job for a worker; waits for one, and ends when the service closes.
    pub(super) fn take(&self) -> Option<Task> {
        let mut inner = self.lock();
        loop {
            if inner.closing {
                return None;
            }
            if let Some(id) = inner.queue.pop_front()
                && let Some(Live { shown, stop }) = inner.live.get(&id).cloned()
            {
                shown.send_modify(|job| (job.state, job.started) = (State::Running, Some(Moment::now())));
                let job = shown.borrow().clone();
                log_failure(&id, self.store.put(&job, None));
                return Some(Task { id, shown, stop });
            }
            inner = self.changed.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Writes down where a running job stands.
    pub(super) fn note(&self, job: &Job) {
        let inner = self.lock();
        // Cancelled meanwhile, it was written down as that.
        if inner.live.contains_key(&job.job) {
            log_failure(&job.job, self.store.put(job, None));
        }
    }

    /// The job in its final state.
    pub(super) fn ended(&self, job: &Job, state: State) -> Job {
        let now = Moment::now();
        let mut job = Job { state, finished: Some(now), expires: Some(now.after(self.settings.keep)), ..job.clone() };
        job.clear_progress();
        job
    }

    /// Writes down how a run ended, and removes what is not needed any more.
    pub(super) fn settle(&self, task: &Task, ended: Ended) {
        let folder = self.folder_of(&task.id);
        let mut inner = self.lock();
        let shown = task.shown.borrow().clone();
        if shown.state != State::Running {
            drop(inner);
            return self.remove_folder(&task.id);
        }
        let job = match ended {
            Ended::Stopped if inner.closing => {
                let mut job = Job { state: State::Queued, started: None, ..shown };
                job.clear_progress();
                job
            }
            Ended::Done(counts) => Job { counts: Some(counts), ..self.ended(&shown, State::Done) },
            Ended::Failed(fault) => Job { error: Some(fault.into()), ..self.ended(&shown, State::Failed) },
            Ended::Stopped => {
                let fault = Fault::new(Code::Internal, "the run stopped and nobody asked it to");
                Job { error: Some(fault.into()), ..self.ended(&shown, State::Failed) }
            }
        };
        let written = self.store.put(&job, None);
        // What is not on disk stays in memory, so that at least this process tells the truth.
        if written.is_ok() && job.state.is_final() {
            inner.live.remove(&task.id);
        }
        log_failure(&task.id, written);
        inner.expiring.extend(job.expires.map(|moment| (moment, job.job.clone())));
        let state = job.state;
        task.shown.send_replace(job);
        drop(inner);
        self.changed.notify_all();
        match state {
            State::Done => {
                recover::remove_all(&folder.join("input"));
                recover::remove_all(&folder.join("against.jsonl"));
            }
            State::Failed => self.remove_folder(&task.id),
            _ => {}
        }
    }
}

fn log_failure(id: &str, written: Result<(), RecordsError>) {
    if let Err(error) = written {
        tracing::error!(job = id, %error, "the state of a job cannot be written down");
    }
}
