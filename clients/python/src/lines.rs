//! Records that are made on other threads: an iterator of JSON texts, each with whether it is an error record.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use pyo3::prelude::*;
use taoxi::clean::{Cleaner, Options};
use taoxi::document::{Document, ErrorRecord};
use taoxi::error::{Code, Fault, fault};
use taoxi::parallel;

use crate::faults::raised;

/// Records that may wait to be taken.
const AHEAD: usize = 256;
/// How long is waited before Python may say that it was interrupted.
const MOMENT: Duration = Duration::from_millis(100);

/// A record as JSON, and whether it is one of an error.
pub type Line = (String, bool);

/// The record of a document.
pub fn line(cleaner: &Cleaner, document: Result<Document, ErrorRecord>, options: &Options, wash: bool) -> Line {
    let outcome = document.and_then(|document| {
        let id = document.id.clone();
        let washed = if wash { cleaner.clean(document, options) } else { cleaner.read(document, options) };
        washed.map_err(|error| ErrorRecord { id, error: fault(&error) })
    });
    match outcome {
        Ok(record) => (serde_json::to_string(&record).unwrap_or_default(), false),
        Err(record) => (serde_json::to_string(&record).unwrap_or_default(), true),
    }
}

/// Records in the order of their documents.
#[pyclass(frozen, module = "taoxi._native")]
pub struct Lines {
    source: Mutex<Receiver<Line>>,
    stop: Arc<AtomicBool>,
    worker: Mutex<Option<JoinHandle<()>>>,
}

impl Lines {
    /// Washes documents on so many threads.
    pub fn washed(
        documents: impl Iterator<Item = Result<Document, ErrorRecord>> + Send + 'static,
        work: impl Fn(Result<Document, ErrorRecord>) -> Line + Send + Sync + 'static,
        threads: usize,
    ) -> PyResult<Self> {
        Self::spawn(move |sender, stop| {
            let weigh = |document: &Result<Document, ErrorRecord>| document.as_ref().map_or(64, |it| it.content.len());
            parallel::ordered(documents, threads, weigh, work, stop, |line| {
                // Nobody reads any more: that is no fault.
                if sender.send(line).is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        })
    }

    /// What a thread sends.
    pub fn spawn(run: impl FnOnce(&SyncSender<Line>, &AtomicBool) + Send + 'static) -> PyResult<Self> {
        let (sender, source) = sync_channel(AHEAD);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let worker = std::thread::Builder::new()
            .name("taoxi".to_owned())
            .spawn(move || run(&sender, &stopped))
            .map_err(|error| raised(&Fault::new(Code::Internal, format!("no thread can be started: {error}"))))?;
        Ok(Self { source: Mutex::new(source), stop, worker: Mutex::new(Some(worker)) })
    }

    fn next(&self, py: Python<'_>) -> PyResult<Option<Line>> {
        loop {
            let received = py.detach(|| {
                let source = self.source.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                source.recv_timeout(MOMENT)
            });
            match received {
                Ok(line) => return Ok(Some(line)),
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                Err(RecvTimeoutError::Disconnected) => return self.end(py).map(|()| None),
            }
        }
    }

    /// A worker that broke is no end.
    fn end(&self, py: Python<'_>) -> PyResult<()> {
        let worker = self.worker.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let broke = worker.is_some_and(|worker| py.detach(|| worker.join()).is_err());
        if broke { Err(raised(&Fault::new(Code::Internal, "a thread broke; the records are not all"))) } else { Ok(()) }
    }
}

#[pymethods]
impl Lines {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Line>> {
        self.next(py)
    }

    /// Ends the threads; what they made is dropped.
    fn close(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.close();
    }
}
