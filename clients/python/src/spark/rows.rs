//! Columns read by name, and rows made into columns.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, BooleanBuilder, Int32Builder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, ListArray, PrimitiveArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};

/// Most rows of a batch.
const ROWS: usize = 4096;
/// A batch is given when it has so many bytes.
const BYTES: usize = 8 << 20;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Long,
    Int,
    Bool,
    Text,
    Bytes,
    Longs,
    Ints,
}

impl Of {
    /// As Spark declares it.
    pub const fn declared(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Int => "int",
            Self::Bool => "boolean",
            Self::Text => "string",
            Self::Bytes => "binary",
            Self::Longs => "array<long>",
            Self::Ints => "array<int>",
        }
    }
}

/// A value of a row.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'c> {
    Null,
    Long(i64),
    Int(i32),
    Bool(bool),
    Text(&'c str),
    Bytes(&'c [u8]),
    Longs(&'c [i64]),
    Ints(&'c [i32]),
}

/// The columns of a stage's rows.
pub type Columns = &'static [(&'static str, Of)];

enum Builder {
    Long(Int64Builder),
    Int(Int32Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Bytes(BinaryBuilder),
    Longs(ListBuilder<Int64Builder>),
    Ints(ListBuilder<Int32Builder>),
}

/// Rows on their way out.
pub struct Rows {
    schema: SchemaRef,
    builders: Vec<Builder>,
    count: usize,
    bytes: usize,
}

fn list(of: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", of, true)))
}

impl Rows {
    pub fn new(columns: Columns) -> Self {
        let field = |(name, of): &(&str, Of)| {
            let kind = match of {
                Of::Long => DataType::Int64,
                Of::Int => DataType::Int32,
                Of::Bool => DataType::Boolean,
                Of::Text => DataType::Utf8,
                Of::Bytes => DataType::Binary,
                Of::Longs => list(DataType::Int64),
                Of::Ints => list(DataType::Int32),
            };
            Field::new(*name, kind, true)
        };
        let builder = |(_, of): &(&str, Of)| match of {
            Of::Long => Builder::Long(Int64Builder::new()),
            Of::Int => Builder::Int(Int32Builder::new()),
            Of::Bool => Builder::Bool(BooleanBuilder::new()),
            Of::Text => Builder::Text(StringBuilder::new()),
            Of::Bytes => Builder::Bytes(BinaryBuilder::new()),
            Of::Longs => Builder::Longs(ListBuilder::new(Int64Builder::new())),
            Of::Ints => Builder::Ints(ListBuilder::new(Int32Builder::new())),
        };
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        Self { schema, builders: columns.iter().map(builder).collect(), count: 0, bytes: 0 }
    }

    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Whether a batch should be given.
    pub fn is_full(&self) -> bool {
        self.count >= ROWS || self.bytes >= BYTES
    }

    /// Adds a row.
    pub fn push(&mut self, row: &[Cell<'_>]) -> Result<(), ArrowError> {
        if row.len() != self.builders.len() {
            return Err(unfit(&format!("a row of {} values for {} columns", row.len(), self.builders.len())));
        }
        self.count += 1;
        for (builder, cell) in self.builders.iter_mut().zip(row) {
            self.bytes += builder.push(*cell)?;
        }
        Ok(())
    }

    /// What was added, as a batch; none where nothing was.
    pub fn batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.count == 0 {
            return Ok(None);
        }
        (self.count, self.bytes) = (0, 0);
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        RecordBatch::try_new(self.schema(), columns).map(Some)
    }
}

impl Builder {
    /// Adds a value; gives its bytes, nearly.
    fn push(&mut self, cell: Cell<'_>) -> Result<usize, ArrowError> {
        let mut bytes = 8;
        match (self, cell) {
            (Self::Long(it), Cell::Long(value)) => it.append_value(value),
            (Self::Long(it), Cell::Null) => it.append_null(),
            (Self::Int(it), Cell::Int(value)) => it.append_value(value),
            (Self::Int(it), Cell::Null) => it.append_null(),
            (Self::Bool(it), Cell::Bool(value)) => it.append_value(value),
            (Self::Bool(it), Cell::Null) => it.append_null(),
            (Self::Text(it), Cell::Text(value)) => {
                bytes += value.len();
                it.append_value(value);
            }
            (Self::Text(it), Cell::Null) => it.append_null(),
            (Self::Bytes(it), Cell::Bytes(value)) => {
                bytes += value.len();
                it.append_value(value);
            }
            (Self::Bytes(it), Cell::Null) => it.append_null(),
            (Self::Longs(it), Cell::Longs(values)) => {
                bytes += values.len() * 8;
                it.values().append_slice(values);
                it.append(true);
            }
            (Self::Longs(it), Cell::Null) => it.append_null(),
            (Self::Ints(it), Cell::Ints(values)) => {
                bytes += values.len() * 4;
                it.values().append_slice(values);
                it.append(true);
            }
            (Self::Ints(it), Cell::Null) => it.append_null(),
            (_, cell) => return Err(unfit(&format!("a column does not take {cell:?}"))),
        }
        Ok(bytes)
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Long(it) => Arc::new(it.finish()),
            Self::Int(it) => Arc::new(it.finish()),
            Self::Bool(it) => Arc::new(it.finish()),
            Self::Text(it) => Arc::new(it.finish()),
            Self::Bytes(it) => Arc::new(it.finish()),
            Self::Longs(it) => Arc::new(it.finish()),
            Self::Ints(it) => Arc::new(it.finish()),
        }
    }
}

/// A share in ten thousandths, as columns hold it.
pub fn share(value: i32) -> u16 {
    u16::try_from(value).unwrap_or_default()
}

/// A small number for a column.
pub fn int(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// The error of rows that are not what a stage wants.
pub fn unfit(what: &str) -> ArrowError {
    ArrowError::SchemaError(format!("rows do not fit the stage: {what}"))
}

fn column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef, ArrowError> {
    batch.column_by_name(name).ok_or_else(|| unfit(&format!("there is no column `{name}`")))
}

fn primitive<'b, T: ArrowPrimitiveType>(
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b PrimitiveArray<T>, ArrowError> {
    column(batch, name)?.as_primitive_opt().ok_or_else(|| unfit(&format!("`{name}` holds other numbers")))
}

pub fn longs<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b PrimitiveArray<Int64Type>, ArrowError> {
    primitive(batch, name)
}

pub fn ints<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b PrimitiveArray<Int32Type>, ArrowError> {
    primitive(batch, name)
}

pub fn bools<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b BooleanArray, ArrowError> {
    column(batch, name)?.as_boolean_opt().ok_or_else(|| unfit(&format!("`{name}` holds no booleans")))
}

pub fn texts<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b StringArray, ArrowError> {
    column(batch, name)?.as_string_opt().ok_or_else(|| unfit(&format!("`{name}` holds no strings")))
}

pub fn bytes<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b BinaryArray, ArrowError> {
    column(batch, name)?.as_binary_opt().ok_or_else(|| unfit(&format!("`{name}` holds no bytes")))
}

pub fn lists<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ListArray, ArrowError> {
    column(batch, name)?.as_list_opt().ok_or_else(|| unfit(&format!("`{name}` holds no lists")))
}

/// The values of a list; none for a null.
pub fn values<T: ArrowPrimitiveType>(lists: &ListArray, row: usize) -> Vec<T::Native> {
    if lists.is_null(row) {
        return Vec::new();
    }
    let inside = lists.value(row);
    inside.as_primitive_opt::<T>().map(|values| values.values().to_vec()).unwrap_or_default()
}
