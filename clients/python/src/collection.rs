//! A collection on this machine's disk.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use taoxi::document::{Document, ErrorRecord};
use taoxi::error::{Code, Fault, fault};
use taoxi::index::{self, Answer, Arrival, Catalog, IndexError, Options, Pending, Settings, Store};
use taoxi::parallel;

use crate::cleaner::Cleaner;
use crate::faults::OrRaise;
use crate::given::{Given, threads};
use crate::lines::{Line, Lines};

/// The name of a document that has none.
const NAMELESS: &str = "-";

/// A collection, open for this process alone.
#[pyclass(frozen, module = "taoxi._native")]
pub struct Collection {
    catalog: Mutex<Option<Catalog>>,
    open: Mutex<Option<Arc<index::Collection>>>,
    cleaner: Py<Cleaner>,
}

impl Collection {
    fn held(&self) -> PyResult<Arc<index::Collection>> {
        let held = self.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        held.ok_or(IndexError::Closed).or_raise()
    }
}

/// Washes a document that arrives.
fn arrival(cleaner: &Cleaner, mut document: Document, check: bool, wash: bool) -> Result<Arrival, ErrorRecord> {
    let id = document.id.clone();
    if document.id == NAMELESS {
        if let Some(url) = &document.url {
            document.id.clone_from(url);
        } else if !check {
            let message = "a document that is to be stored needs an `id` or a `url`";
            return Err(ErrorRecord { id, error: Fault::new(Code::BadRecord, message) });
        }
    }
    let (url, date) = (document.url.clone(), document.date.clone());
    let washed = cleaner.washed(document, wash).map_err(|error| ErrorRecord { id, error: fault(&error) })?;
    Ok(Arrival { cleaned: washed, url, date })
}

/// The answer to a document as a record.
fn answered(id: &str, answer: Result<Answer, Fault>) -> Line {
    match answer {
        Ok(answer) => (serde_json::to_string(&answer).unwrap_or_default(), false),
        Err(error) => (serde_json::to_string(&ErrorRecord { id: id.to_owned(), error }).unwrap_or_default(), true),
    }
}

#[pymethods]
impl Collection {
    #[new]
    #[pyo3(signature = (folder, name, cleaner, profile, radius, candidates))]
    fn new(
        py: Python<'_>,
        folder: PathBuf,
        name: &str,
        cleaner: Py<Cleaner>,
        profile: String,
        radius: u32,
        candidates: u32,
    ) -> PyResult<Self> {
        let settings = Settings { profile, radius, candidates };
        let (catalog, collection) = py.detach(|| {
            let catalog = Catalog::open(&folder, Options::default()).or_raise()?;
            catalog.create(name, &settings).or_raise()?;
            let collection = catalog.get(name).or_raise()?;
            PyResult::Ok((catalog, collection))
        })?;
        Ok(Self { catalog: Mutex::new(Some(catalog)), open: Mutex::new(Some(collection)), cleaner })
    }

    /// What documents that arrive are, in their order; those that are new are stored unless `check`. All answers are on disk when this returns.
    #[pyo3(signature = (documents, crawl, check, wash=true, threads=0))]
    fn arrive(
        &self,
        py: Python<'_>,
        documents: Vec<Given>,
        crawl: &str,
        check: bool,
        wash: bool,
        threads: usize,
    ) -> PyResult<Vec<Line>> {
        let collection = self.held()?;
        let documents = documents.into_iter().map(Given::document).collect::<PyResult<Vec<Document>>>()?;
        let cleaner = self.cleaner.get();
        Ok(py.detach(|| {
            let mut asked: Vec<(String, Result<Pending, Fault>)> = Vec::with_capacity(documents.len());
            let never = AtomicBool::new(false);
            let threads = self::threads(threads).min(documents.len().max(1));
            let weigh = |document: &Document| document.content.len();
            let work = |document: Document| arrival(cleaner, document, check, wash);
            // Washed on all threads, asked for one after the other: a document may be a copy of one before it.
            parallel::ordered(documents.into_iter(), threads, weigh, work, &never, |arrival| {
                asked.push(match arrival {
                    Ok(arrival) => {
                        let ask =
                            if check { collection.check(&arrival, crawl) } else { collection.add(&arrival, crawl) };
                        (arrival.cleaned.id, ask.map_err(|error| fault(&error)))
                    }
                    Err(record) => (record.id, Err(record.error)),
                });
                ControlFlow::Continue(())
            });
            let settle = |(id, pending): (String, Result<Pending, Fault>)| {
                let answer = pending.and_then(|pending| pending.wait().map_err(|error| fault(&error)));
                answered(&id, answer)
            };
            asked.into_iter().map(settle).collect()
        }))
    }

    /// What is stored under an id, as JSON.
    fn get(&self, py: Python<'_>, id: &str, crawl: &str) -> PyResult<Option<String>> {
        let collection = self.held()?;
        let found = py.detach(|| collection.get(id, crawl)).or_raise()?;
        Ok(found.map(|document| serde_json::to_string(&document).unwrap_or_default()))
    }

    /// Forgets a document; false when there is none.
    fn remove(&self, py: Python<'_>, id: &str) -> PyResult<bool> {
        let collection = self.held()?;
        py.detach(|| match collection.remove(id).or_raise()? {
            Some(commit) => commit.wait().or_raise().map(|()| true),
            None => Ok(false),
        })
    }

    /// Crawls whose documents wait, and how many do.
    fn crawls(&self, py: Python<'_>) -> PyResult<Vec<(String, u64)>> {
        let collection = self.held()?;
        py.detach(|| collection.crawls()).or_raise()
    }

    /// Makes the documents of a crawl part of the collection.
    fn commit_crawl(&self, py: Python<'_>, crawl: &str) -> PyResult<u64> {
        let collection = self.held()?;
        py.detach(|| collection.commit_crawl(crawl)).or_raise()
    }

    /// Forgets the documents of a crawl.
    fn roll_back_crawl(&self, py: Python<'_>, crawl: &str) -> PyResult<u64> {
        let collection = self.held()?;
        py.detach(|| collection.roll_back_crawl(crawl)).or_raise()
    }

    /// Settings and counts, as JSON.
    fn counts(&self, py: Python<'_>) -> PyResult<String> {
        let collection = self.held()?;
        let counts = py.detach(|| collection.counts()).or_raise()?;
        Ok(serde_json::to_string(&counts).unwrap_or_default())
    }

    /// Every document, in the order they came.
    fn documents(&self) -> PyResult<Lines> {
        let collection = self.held()?;
        Lines::spawn(move |sender, stop| {
            let outcome = collection.each(&mut |document| {
                let line = serde_json::to_string(&document).unwrap_or_default();
                if stop.load(Ordering::Relaxed) || sender.send((line, false)).is_err() {
                    return Err(IndexError::Closed);
                }
                Ok(())
            });
            if let Err(error) = outcome {
                // A reader that went away hears nothing of it.
                let _ = sender.send(answered("", Err(fault(&error))));
            }
        })
    }

    /// Takes what is forgotten off the disk; how many bytes that freed.
    fn compact(&self, py: Python<'_>) -> PyResult<u64> {
        let collection = self.held()?;
        py.detach(|| collection.compact()).or_raise()
    }

    /// Writes what is queued and lets go of the folder.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        let taken = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| {
            drop(taken);
            catalog.map_or(Ok(()), |catalog| catalog.close().or_raise())
        })
    }
}
