//! The stages of a run on a cluster: what each task does to its rows, batch by batch.
//!
//! Rows lie, move and are sorted where the cluster has them; [`taoxi::batch::decide`] takes the decisions, as it does for a run on one machine. What is said
//! here is only how rows come and go. A stage that decides about groups wants its rows sorted, so that those of a group come together.

mod candidates;
pub mod driver;
mod relate;
mod rows;
mod settle;
mod standing;
mod stars;
mod wash;
mod write;

use std::sync::{Mutex, PoisonError};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::capsule::{self, Batches};
use crate::cleaner::Cleaner;
use crate::faults::usage;
use crate::given::{self, GivenReading};
use rows::Rows;

/// What a stage does to its rows.
trait Work: Send {
    /// Takes a batch.
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError>;
    /// Goes on with what was taken; whether there was something to be done.
    fn go_on(&mut self, _out: &mut Rows) -> Result<bool, ArrowError> {
        Ok(false)
    }
    /// All batches were taken.
    fn end(&mut self, _out: &mut Rows) -> Result<(), ArrowError> {
        Ok(())
    }
}

/// What stages are told: a `taoxi.spark.stages.Asked`, by its attributes.
#[derive(FromPyObject)]
pub struct Asked {
    keep: String,
    radius: u32,
    wash: bool,
    /// Whether relations of texts that have nothing to do with each other are given, too.
    all: bool,
    reading: GivenReading,
}

/// A stage at work.
#[pyclass(frozen, module = "taoxi._native")]
pub struct Stage(Mutex<Option<Run>>);

struct Run {
    source: Batches,
    work: Box<dyn Work>,
    rows: Rows,
    ended: bool,
}

/// The rows that a stage makes of a table.
#[pyfunction]
#[pyo3(signature = (name, table, asked, cleaner=None))]
pub fn stage(
    name: &str,
    table: &Bound<'_, PyAny>,
    asked: Asked,
    cleaner: Option<PyRef<'_, Cleaner>>,
) -> PyResult<Stage> {
    let keep = given::keep(&asked.keep)?;
    let work: Box<dyn Work> = match name {
        "wash" => {
            let cleaner = cleaner.ok_or_else(|| usage("washing wants a cleaner"))?;
            Box::new(wash::Wash::new(&cleaner, asked.reading.options()?, asked.wash, keep))
        }
        "spread" => Box::new(candidates::Spread(asked.radius)),
        "near" => Box::new(candidates::Near::new(asked.radius)),
        "lookups" => Box::new(candidates::Lookups),
        "meetings" => Box::<candidates::Meetings>::default(),
        "enough" => Box::<candidates::Enough>::default(),
        "relate" => Box::new(relate::Relate::new(asked.all)),
        "of_pair" => Box::<settle::OfPair>::default(),
        "asks" => Box::<settle::Asks>::default(),
        "mark" => Box::<settle::Mark>::default(),
        "conclude" => Box::new(settle::Conclude),
        "standings" => Box::new(settle::Standings(keep)),
        "edges" => Box::new(stars::Edges),
        "stars" => Box::<stars::Stars>::default(),
        "relation_lines" => Box::new(write::Relations(keep)),
        "document_lines" => Box::new(write::Documents(keep)),
        "records" => Box::new(write::Records),
        other => return Err(unknown(other)),
    };
    let columns = columns_of(name).ok_or_else(|| unknown(name))?;
    let source = capsule::batches(table)?;
    Ok(Stage(Mutex::new(Some(Run { source, work, rows: Rows::new(columns), ended: false }))))
}

fn columns_of(name: &str) -> Option<rows::Columns> {
    Some(match name {
        "wash" => wash::COLUMNS,
        "spread" => candidates::SPREAD,
        "near" => candidates::NEAR,
        "lookups" => candidates::LOOKUPS,
        "meetings" => candidates::MEETINGS,
        "enough" => candidates::PAIRS,
        "relate" | "of_pair" => relate::COLUMNS,
        "asks" | "mark" => settle::INSIDE,
        "conclude" => settle::CONCLUDED,
        "standings" => settle::STANDINGS,
        "edges" => stars::EDGES,
        "stars" => stars::STARS,
        "relation_lines" | "document_lines" | "records" => write::LINES,
        _ => return None,
    })
}

fn unknown(name: &str) -> PyErr {
    usage(format!("there is no stage `{name}`"))
}

/// The columns of the rows that a stage gives, as Spark declares them.
#[pyfunction]
pub fn columns(name: &str) -> PyResult<String> {
    let columns = columns_of(name).ok_or_else(|| unknown(name))?;
    let declared = |(name, of): &(&str, rows::Of)| format!("`{name}` {}", of.declared());
    Ok(columns.iter().map(declared).collect::<Vec<_>>().join(", "))
}

#[pymethods]
impl Stage {
    /// The batches, once.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Casting is a wish that the interface lets a producer leave unfulfilled.
        drop(requested_schema);
        let run = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        capsule::export(py, Box::new(run.ok_or_else(|| usage("the stage was taken already"))?))
    }
}

impl Run {
    /// Works until a batch is full.
    fn batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        while !self.rows.is_full() && !self.ended {
            if self.work.go_on(&mut self.rows)? {
                continue;
            }
            if let Some(batch) = self.source.next() {
                self.work.take(&batch?, &mut self.rows)?;
            } else {
                self.work.end(&mut self.rows)?;
                self.ended = true;
            }
        }
        self.rows.batch()
    }
}

impl Iterator for Run {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().transpose()
    }
}

impl RecordBatchReader for Run {
    fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }
}
