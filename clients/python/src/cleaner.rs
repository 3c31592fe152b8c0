//! `Cleaner`: documents washed with one rule set.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use pyo3::prelude::*;
use taoxi::archive;
use taoxi::clean::{self, Options};
use taoxi::document::{Cleaned, Document};
use taoxi::html::cosmetic::FilterSet;
use taoxi::{parallel, rules};

use crate::faults::OrRaise;
use crate::given::{Given, GivenOptions, GivenReading, inputs, threads};
use crate::lines::{Line, Lines, line};
use crate::table::{Columns, Table};

/// Washes documents with the rules that are shipped, and those laid over them.
#[pyclass(frozen, module = "taoxi._native")]
pub struct Cleaner {
    pub(crate) cleaner: clean::Cleaner,
    pub(crate) options: Options,
}

impl Cleaner {
    /// Washes a document, or only decodes it.
    pub(crate) fn washed(&self, document: Document, wash: bool) -> Result<Cleaned, clean::CleanError> {
        if wash { self.cleaner.clean(document, &self.options) } else { self.cleaner.read(document, &self.options) }
    }
}

#[pymethods]
impl Cleaner {
    #[new]
    #[pyo3(signature = (options, rules=None, filter_lists=Vec::new()))]
    fn new(
        py: Python<'_>,
        options: GivenOptions,
        rules: Option<PathBuf>,
        filter_lists: Vec<PathBuf>,
    ) -> PyResult<Self> {
        let options = options.options()?;
        py.detach(|| {
            let set = rules::load(rules.as_deref()).or_raise()?;
            let set = rules::load::with_filters(set, &filter_lists).or_raise()?;
            let cleaner = clean::Cleaner::new(Arc::new(set));
            // A misspelt profile, rule or encoding is told now, and not with each document.
            cleaner.clean(Document::from_bytes("", Vec::new()), &options).or_raise()?;
            Ok(Self { cleaner, options })
        })
    }

    /// The digest of the rules in force.
    #[getter]
    fn digest(&self) -> String {
        self.cleaner.rules().digest().to_owned()
    }

    /// What of the filter lists is not used, in a sentence; none where all is.
    #[getter]
    fn refused(&self) -> Option<String> {
        let report = self.cleaner.rules().filters().map(FilterSet::report);
        report.filter(|report| !report.refused.is_empty()).map(ToString::to_string)
    }

    /// The record of a document, as JSON.
    #[pyo3(signature = (document, wash=true))]
    fn clean(&self, py: Python<'_>, document: Given, wash: bool) -> PyResult<String> {
        let document = document.document()?;
        py.detach(|| {
            let cleaned = self.washed(document, wash).or_raise()?;
            Ok(serde_json::to_string(&cleaned).unwrap_or_default())
        })
    }

    /// The records of documents in their order, washed on all threads.
    #[pyo3(signature = (documents, wash=true, threads=0))]
    fn clean_all(&self, py: Python<'_>, documents: Vec<Given>, wash: bool, threads: usize) -> PyResult<Vec<Line>> {
        let documents = documents.into_iter().map(Given::document).collect::<PyResult<Vec<Document>>>()?;
        let count = documents.len();
        Ok(py.detach(|| {
            let mut out = Vec::with_capacity(count);
            let work = |document: Document| line(&self.cleaner, Ok(document), &self.options, wash);
            let never = AtomicBool::new(false);
            let weigh = |document: &Document| document.content.len();
            let threads = self::threads(threads).min(count.max(1));
            parallel::ordered(documents.into_iter(), threads, weigh, work, &never, |line| {
                out.push(line);
                std::ops::ControlFlow::Continue(())
            });
            out
        }))
    }

    /// The records of all documents in files, folders and archives.
    #[pyo3(signature = (paths, reading, wash=true, threads=0))]
    fn clean_files(&self, paths: Vec<PathBuf>, reading: GivenReading, wash: bool, threads: usize) -> PyResult<Lines> {
        let documents = archive::documents(inputs(paths), reading.options()?);
        let (cleaner, options) = (self.cleaner.clone(), self.options.clone());
        Lines::washed(documents, move |document| line(&cleaner, document, &options, wash), self::threads(threads))
    }

    /// A table with the texts of a column washed: batches are washed when they are taken.
    #[pyo3(signature = (table, columns, wash=true, threads=0))]
    fn clean_table(&self, table: &Bound<'_, PyAny>, columns: Columns, wash: bool, threads: usize) -> PyResult<Table> {
        Table::new(table, columns, (self.cleaner.clone(), self.options.clone(), wash), self::threads(threads))
    }
}
