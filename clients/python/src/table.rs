//! Texts in a column of a table, washed batch by batch.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{LargeStringBuilder, ListBuilder, StringBuilder, StringViewBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use taoxi::clean::{Cleaner, Options};
use taoxi::document::{Cleaned, Document};
use taoxi::error::{Coded, fault};
use taoxi::parallel;

use crate::capsule::{self, Batches};
use crate::faults::usage;
use crate::given::media_type;

/// Which columns are read and which are written: a `taoxi.arrow.Columns`, by its attributes.
#[derive(FromPyObject)]
pub struct Columns {
    text: String,
    id: Option<String>,
    url: Option<String>,
    date: Option<String>,
    media_type: String,
    into: String,
    flags: Option<String>,
    error: Option<String>,
    record: Option<String>,
}

/// A table whose batches are washed when they are taken.
#[pyclass(frozen, module = "taoxi._native")]
pub struct Table {
    schema: SchemaRef,
    washing: Mutex<Option<Washing>>,
}

impl Table {
    /// Prepares the washing of a column.
    pub fn new(
        table: &Bound<'_, PyAny>,
        columns: Columns,
        (cleaner, options, wash): (Cleaner, Options, bool),
        threads: usize,
    ) -> PyResult<Self> {
        let source = capsule::batches(table)?;
        let plan = Plan::new(&source.schema(), columns)?;
        let schema = plan.schema.clone();
        let washer = Washer { plan, cleaner, options, wash, threads };
        Ok(Self { schema, washing: Mutex::new(Some(Washing { source, washer })) })
    }
}

#[pymethods]
impl Table {
    /// The batches, once.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Casting is a wish that the interface lets a producer leave unfulfilled.
        drop(requested_schema);
        let washing = self.washing.lock().unwrap_or_else(PoisonError::into_inner).take();
        let washing = washing.ok_or_else(|| usage("the table was taken already: its batches are washed once"))?;
        capsule::export(py, Box::new(washing))
    }

    /// The columns.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        capsule::schema(py, &self.schema)
    }
}

/// Where columns stand, and what is made of them.
struct Plan {
    text: usize,
    id: Option<usize>,
    url: Option<usize>,
    date: Option<usize>,
    media_type: taoxi::document::MediaType,
    columns: Columns,
    schema: SchemaRef,
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_bytes(kind: &DataType) -> bool {
    matches!(kind, DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

impl Plan {
    fn new(schema: &Schema, columns: Columns) -> PyResult<Self> {
        let find = |name: &str, bytes: bool| -> PyResult<usize> {
            let at = schema.index_of(name).map_err(|_| {
                let known: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                usage(format!("there is no column `{name}`, only {}", known.join(", ")))
            })?;
            let kind = schema.field(at).data_type();
            if is_text(kind) || (bytes && is_bytes(kind)) {
                return Ok(at);
            }
            Err(usage(format!("the column `{name}` holds {kind} and no text; cast it to string first")))
        };
        let text = find(&columns.text, true)?;
        let other = |name: &Option<String>| name.as_deref().map(|name| find(name, false)).transpose();
        let (id, url, date) = (other(&columns.id)?, other(&columns.url)?, other(&columns.date)?);
        let kind = schema.field(text).data_type();
        let kind = if is_text(kind) { kind.clone() } else { DataType::LargeUtf8 };
        let list = DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)));
        let made = [
            (Some(&columns.into), kind),
            (columns.flags.as_ref(), list),
            (columns.error.as_ref(), DataType::Utf8),
            (columns.record.as_ref(), DataType::LargeUtf8),
        ];
        let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
        let before = fields.len();
        for (name, kind) in made {
            let Some(name) = name else { continue };
            let field = Arc::new(Field::new(name, kind, true));
            match fields.iter().position(|field| field.name() == name) {
                Some(at) if at < before && *name == columns.into => fields[at] = field,
                Some(_) => return Err(usage(format!("there is a column `{name}` already; name another one"))),
                None => fields.push(field),
            }
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(Self { text, id, url, date, media_type: media_type(&columns.media_type)?, columns, schema })
    }

    fn document(&self, batch: &RecordBatch, row: usize) -> Option<Document> {
        let column = batch.column(self.text);
        let mut document = if let Some(text) = text_of(column, row) {
            Document::from_text("-", text)
        } else {
            Document::from_bytes("-", bytes_of(column, row)?.to_vec())
        };
        let of = |at: Option<usize>| at.and_then(|at| text_of(batch.column(at), row)).map(str::to_owned);
        if let Some(id) = of(self.id) {
            document.id = id;
        }
        (document.url, document.date, document.media_type) = (of(self.url), of(self.date), self.media_type);
        Some(document)
    }

    /// The batch with the columns that were made.
    fn batch(&self, batch: &RecordBatch, washed: Vec<Washed>) -> Result<RecordBatch, ArrowError> {
        let (mut texts, mut flags, mut errors, mut records) = (vec![], vec![], vec![], vec![]);
        for it in washed {
            texts.push(it.text);
            flags.push(it.flags);
            errors.push(it.error);
            records.push(it.record);
        }
        let into = &self.columns.into;
        let kind = self.schema.field_with_name(into)?.data_type();
        let texts = strings(kind, texts)?;
        let mut columns = batch.columns().to_vec();
        match batch.schema().index_of(into) {
            Ok(at) => columns[at] = texts,
            Err(_) => columns.push(texts),
        }
        if self.columns.flags.is_some() {
            columns.push(lists(&flags));
        }
        if self.columns.error.is_some() {
            columns.push(strings(&DataType::Utf8, errors)?);
        }
        if self.columns.record.is_some() {
            columns.push(strings(&DataType::LargeUtf8, records)?);
        }
        RecordBatch::try_new(self.schema.clone(), columns)
    }
}

fn text_of(column: &ArrayRef, row: usize) -> Option<&str> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Some(column.as_string_view().value(row)),
        _ => None,
    }
}

fn bytes_of(column: &ArrayRef, row: usize) -> Option<&[u8]> {
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Binary => Some(column.as_binary::<i32>().value(row)),
        DataType::LargeBinary => Some(column.as_binary::<i64>().value(row)),
        DataType::BinaryView => Some(column.as_binary_view().value(row)),
        _ => None,
    }
}

fn strings(kind: &DataType, values: Vec<Option<String>>) -> Result<ArrayRef, ArrowError> {
    let bytes: usize = values.iter().flatten().map(String::len).sum();
    Ok(match kind {
        DataType::LargeUtf8 => {
            let mut builder = LargeStringBuilder::with_capacity(values.len(), bytes);
            builder.extend(values);
            Arc::new(builder.finish())
        }
        DataType::Utf8View => {
            let mut builder = StringViewBuilder::with_capacity(values.len());
            builder.extend(values);
            Arc::new(builder.finish())
        }
        _ if bytes > i32::MAX as usize => {
            let message =
                "a batch holds more than 2 GiB of text: cast the column to large_string, or use smaller batches";
            return Err(ArrowError::ComputeError(message.to_owned()));
        }
        _ => {
            let mut builder = StringBuilder::with_capacity(values.len(), bytes);
            builder.extend(values);
            Arc::new(builder.finish())
        }
    })
}

fn lists(values: &[Option<Vec<&'static str>>]) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for flags in values {
        for flag in flags.iter().flatten() {
            builder.values().append_value(flag);
        }
        builder.append(flags.is_some());
    }
    Arc::new(builder.finish())
}

/// What came of a row; nothing for a null.
#[derive(Default)]
struct Washed {
    text: Option<String>,
    flags: Option<Vec<&'static str>>,
    error: Option<String>,
    record: Option<String>,
}

/// Washes batches.
struct Washer {
    plan: Plan,
    cleaner: Cleaner,
    options: Options,
    wash: bool,
    threads: usize,
}

impl Washer {
    fn row(&self, batch: &RecordBatch, row: usize) -> Washed {
        let Some(document) = self.plan.document(batch, row) else { return Washed::default() };
        let outcome = if self.wash {
            self.cleaner.clean(document, &self.options)
        } else {
            self.cleaner.read(document, &self.options)
        };
        match outcome {
            Ok(cleaned) => {
                let wanted = self.plan.columns.record.is_some();
                let record = wanted.then(|| serde_json::to_string(&cleaned).unwrap_or_default());
                let Cleaned { text, flags, .. } = cleaned;
                let flags = Some(flags.into_iter().map(taoxi::document::Flag::as_str).collect());
                Washed { text: Some(text), flags, error: None, record }
            }
            Err(error) => {
                let fault = fault(&error as &dyn Coded);
                let error = Some(format!("{}: {}", fault.code.as_str(), fault.message));
                Washed { error, ..Washed::default() }
            }
        }
    }

    fn washed(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let rows = batch.num_rows();
        let mut out = Vec::with_capacity(rows);
        let column = batch.column(self.plan.text);
        let weigh = |row: &usize| {
            text_of(column, *row).map(str::len).or_else(|| bytes_of(column, *row).map(<[u8]>::len)).unwrap_or(64)
        };
        let never = AtomicBool::new(false);
        parallel::ordered(
            0..rows,
            self.threads,
            weigh,
            |row| self.row(batch, row),
            &never,
            |washed| {
                out.push(washed);
                ControlFlow::Continue(())
            },
        );
        self.plan.batch(batch, out)
    }
}

/// Batches that are washed as they are taken.
struct Washing {
    source: Batches,
    washer: Washer,
}

impl Iterator for Washing {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.source.next()?;
        Some(batch.and_then(|batch| self.washer.washed(&batch)))
    }
}

impl RecordBatchReader for Washing {
    fn schema(&self) -> SchemaRef {
        self.washer.plan.schema.clone()
    }
}
