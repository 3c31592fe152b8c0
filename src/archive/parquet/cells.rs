//! The cells of a column, one at a time, and what each is in a record.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::{ByteArray, DataType};
use ::parquet::errors::Result;
use ::parquet::schema::types::ColumnDescPtr;
use serde_json::Value;

use super::pages::Pages;
use super::time;
use crate::clock::date;

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    /// A string, or other bytes.
    Bytes(Vec<u8>),
    Other(Value),
}

/// A column being read. One page of it is in memory, and its dictionary.
pub(super) struct Cells {
    reader: ColumnReader,
    meaning: Meaning,
}

/// What a number stands for.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Plain,
    Unsigned,
    Date,
    /// A time stamp, with so many units in a second, and whether it is in UTC.
    Stamp(i64, bool),
    /// A number with so many places behind the point.
    Decimal(u32),
}

impl Cells {
    pub(super) fn new(column: &ColumnDescPtr, pages: Pages) -> Self {
        let meaning = meaning(column);
        Self { reader: get_column_reader(column.clone(), Box::new(pages)), meaning }
    }

    /// The next cell; `None` behind the last. A string of more than `most` bytes is given as its size.
    pub(super) fn next(&mut self, most: u64) -> Result<Option<std::result::Result<Cell, u64>>> {
        let meaning = self.meaning;
        let other = |value| Ok(Cell::Other(value));
        Ok(match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => cell(reader, |value| other(Value::Bool(value)))?,
            ColumnReader::Int32ColumnReader(reader) => {
                cell(reader, |value| other(whole(i64::from(value), true, meaning)))?
            }
            ColumnReader::Int64ColumnReader(reader) => cell(reader, |value| other(whole(value, false, meaning)))?,
            ColumnReader::Int96ColumnReader(reader) => {
                cell(reader, |value| other(Value::String(time::of_int96(value.data()))))?
            }
            ColumnReader::FloatColumnReader(reader) => cell(reader, |value| other(Value::from(f64::from(value))))?,
            ColumnReader::DoubleColumnReader(reader) => cell(reader, |value| other(Value::from(value)))?,
            ColumnReader::ByteArrayColumnReader(reader) => cell(reader, |value: ByteArray| {
                let size = value.len() as u64;
                if size > most { Err(size) } else { Ok(Cell::Bytes(value.data().to_vec())) }
            })?,
            ColumnReader::FixedLenByteArrayColumnReader(_) => None,
        })
    }
}

/// One value of a column. Values are read one by one: a batch of large ones would hold the pages of all of them.
fn cell<T: DataType, E>(
    reader: &mut ColumnReaderImpl<T>,
    make: impl FnOnce(T::T) -> std::result::Result<Cell, E>,
) -> Result<Option<std::result::Result<Cell, E>>> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (records, ..) = reader.read_records(1, Some(&mut levels), None, &mut values)?;
    if records == 0 {
        return Ok(None);
    }
    Ok(Some(values.pop().map_or(Ok(Cell::Null), make)))
}

fn meaning(column: &ColumnDescPtr) -> Meaning {
    match column.logical_type_ref() {
        Some(LogicalType::Date) => Meaning::Date,
        Some(LogicalType::Timestamp(stamp)) => {
            let units = match stamp.unit {
                TimeUnit::MILLIS => 1000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            };
            Meaning::Stamp(units, stamp.is_adjusted_to_u_t_c)
        }
        Some(LogicalType::Decimal(decimal)) => Meaning::Decimal(u32::try_from(decimal.scale).unwrap_or(0).min(18)),
        Some(LogicalType::Integer(integer)) if !integer.is_signed => Meaning::Unsigned,
        Some(_) => Meaning::Plain,
        None => match column.converted_type() {
            ConvertedType::DATE => Meaning::Date,
            ConvertedType::TIMESTAMP_MILLIS => Meaning::Stamp(1000, true),
            ConvertedType::TIMESTAMP_MICROS => Meaning::Stamp(1_000_000, true),
            ConvertedType::DECIMAL => Meaning::Decimal(u32::try_from(column.type_scale()).unwrap_or(0).min(18)),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                Meaning::Unsigned
            }
            _ => Meaning::Plain,
        },
    }
}

fn whole(value: i64, narrow: bool, meaning: Meaning) -> Value {
    match meaning {
        Meaning::Plain => Value::from(value),
        Meaning::Unsigned if narrow => Value::from(value.cast_unsigned() & u64::from(u32::MAX)),
        Meaning::Unsigned => Value::from(value.cast_unsigned()),
        Meaning::Date => Value::String(date(value)),
        Meaning::Stamp(units, utc) => Value::String(time::stamp(value, units, utc)),
        Meaning::Decimal(scale) => Value::String(decimal(value, scale)),
    }
}

fn decimal(value: i64, scale: u32) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let sign = if value < 0 { "-" } else { "" };
    let unit = 10_u64.pow(scale);
    let (whole, part) = (value.unsigned_abs() / unit, value.unsigned_abs() % unit);
    format!("{sign}{whole}.{part:0width$}", width = scale as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_by_what_they_mean() {
        assert_eq!(whole(-1, true, Meaning::Unsigned), Value::from(4_294_967_295_u64));
        assert_eq!(whole(-1, false, Meaning::Unsigned), Value::from(u64::MAX));
        assert_eq!(whole(19_844, true, Meaning::Date), Value::from("2024-05-01"));
        assert_eq!(whole(-105, false, Meaning::Decimal(2)), Value::from("-1.05"));
        assert_eq!(whole(i64::MIN, false, Meaning::Decimal(18)), Value::from("-9.223372036854775808"));
    }
}
