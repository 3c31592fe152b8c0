//! Runs over files, as `taoxi dedupe` makes them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use taoxi::batch::{self, BatchError, Inputs, Options, Outcome, Passages, Progress, WriteFormat, Written};

use crate::cleaner::Cleaner;
use crate::faults::{OrRaise, usage};
use crate::given::{GivenReading, inputs, keep, threads};

/// How long is waited before Python is told how far it is, and may say that it was interrupted.
const MOMENT: Duration = Duration::from_millis(200);

/// What a run is asked to do: a `taoxi.dedupe` call, by its attributes.
#[derive(FromPyObject)]
pub struct Asked {
    paths: Vec<PathBuf>,
    out: PathBuf,
    against: Vec<PathBuf>,
    keep: String,
    wash: bool,
    radius: u32,
    threads: usize,
    memory: u64,
    tmp: Option<PathBuf>,
    compress: bool,
    copies: bool,
    /// Whether passages are dropped, the fewest documents, the least length.
    passages: Option<(bool, Option<u32>, Option<u32>)>,
    write: Option<String>,
    reading: GivenReading,
}

impl Asked {
    fn options(&self, cleaner: &Cleaner) -> PyResult<Options> {
        if self.radius > 6 {
            return Err(usage(format!("radius is 0 to 6, not {}", self.radius)));
        }
        let passages = self.passages.map(|(drop, documents, length)| Passages {
            drop,
            documents: documents.unwrap_or(Passages::DOCUMENTS).max(2),
            length: length.unwrap_or(Passages::LENGTH).max(1),
        });
        Ok(Options {
            clean: cleaner.options.clone(),
            wash: self.wash,
            keep: keep(&self.keep)?,
            radius: self.radius,
            threads: threads(self.threads),
            memory: self.memory,
            tmp: self.tmp.clone(),
            compress: self.compress,
            copies: self.copies,
            passages,
        })
    }

    fn format(&self) -> PyResult<Option<WriteFormat>> {
        match self.write.as_deref() {
            None => Ok(None),
            Some("jsonl") => Ok(Some(WriteFormat::Jsonl)),
            Some("parquet") => Ok(Some(WriteFormat::Parquet)),
            Some("warc") => Ok(Some(WriteFormat::Warc)),
            Some(other) => Err(usage(format!("write is jsonl, parquet or warc, not `{other}`"))),
        }
    }
}

/// How far a run is.
#[derive(Default)]
struct Far {
    stage: Mutex<(&'static str, u64)>,
    done: AtomicU64,
}

impl Progress for Far {
    fn stage(&self, name: &'static str, total: u64) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = (name, total);
        self.done.store(0, Ordering::Relaxed);
    }

    fn add(&self, done: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }
}

/// De-duplicates files into a folder; returns how many documents there are, how many inputs failed, and how many documents are kept.
#[pyfunction]
#[pyo3(signature = (cleaner, asked, progress=None))]
pub fn dedupe(
    py: Python<'_>,
    cleaner: PyRef<'_, Cleaner>,
    asked: Asked,
    progress: Option<Py<PyAny>>,
) -> PyResult<(u64, u64, u64)> {
    let options = asked.options(&cleaner)?;
    let format = asked.format()?;
    let inputs = Inputs { own: inputs(asked.paths), against: inputs(asked.against), read: asked.reading.options()? };
    let (far, stop, cleaner) = (Far::default(), AtomicBool::new(false), cleaner.cleaner.clone());
    let out = &asked.out;
    let run = || -> Result<Outcome, BatchError> {
        let mut taker = Written::new(format, options.compress, &inputs, out, &stop)?;
        batch::dedupe(&inputs, out, &cleaner, &options, &far, &stop, &mut taker)
    };
    let outcome = py.detach(|| {
        std::thread::scope(|scope| {
            let run = scope.spawn(run);
            let mut interrupted = Ok(());
            while !run.is_finished() {
                std::thread::park_timeout(MOMENT);
                if interrupted.is_ok() {
                    interrupted = Python::attach(|py| tell(py, &far, progress.as_ref()));
                    stop.store(interrupted.is_err(), Ordering::Relaxed);
                }
            }
            let outcome = run.join().map_err(|_| usage("a thread broke"))?;
            interrupted.and_then(|()| outcome.or_raise())
        })
    })?;
    Ok((outcome.documents, outcome.failed, outcome.kept))
}

/// Tells how far it is; an error when Python wants to stop.
fn tell(py: Python<'_>, far: &Far, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    if let Some(progress) = progress {
        let (stage, total) = *far.stage.lock().unwrap_or_else(PoisonError::into_inner);
        progress.call1(py, (stage, far.done.load(Ordering::Relaxed), total))?;
    }
    Ok(())
}
