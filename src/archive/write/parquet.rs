//! Kept documents as a Parquet table, in row groups of bounded size, compressed with zstd.

use std::path::PathBuf;
use std::sync::Arc;

use ::parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;

use super::file::NewFile;
use super::{DocumentWriter, KeptDocument, WriteError};

/// Rows are held until they have so many bytes or are so many: a row group is written column by column.
const GROUP_BYTES: usize = 64 << 20;
const GROUP_ROWS: usize = 100_000;
const COLUMNS: [(&str, bool); 5] = [("id", true), ("url", false), ("date", false), ("text", true), ("meta", false)];

/// `kept.parquet`.
pub(super) struct Table {
    writer: SerializedFileWriter<NewFile>,
    path: PathBuf,
    columns: [Vec<Option<ByteArray>>; COLUMNS.len()],
    bytes: usize,
}

impl Table {
    pub(super) fn create(path: PathBuf) -> Result<Self, WriteError> {
        let file = NewFile::create(path.clone())?;
        let writer = schema().and_then(|schema| SerializedFileWriter::new(file, schema, Arc::new(properties())));
        let writer = writer.map_err(|error| failed(&path, &error))?;
        Ok(Self { writer, path, columns: Default::default(), bytes: 0 })
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.columns[0].is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for ((_, required), cells) in COLUMNS.iter().zip(&mut self.columns) {
            let Some(mut column) = group.next_column()? else { break };
            let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
            let values: Vec<ByteArray> = cells.drain(..).flatten().collect();
            if let ColumnWriter::ByteArrayColumnWriter(writer) = column.untyped() {
                writer.write_batch(&values, (!required).then_some(&levels[..]), None)?;
            }
            column.close()?;
        }
        group.close()?;
        self.bytes = 0;
        Ok(())
    }
}

fn failed(path: &std::path::Path, error: &ParquetError) -> WriteError {
    WriteError::File { path: path.to_owned(), reason: error.to_string() }
}

fn schema() -> Result<Arc<Type>, ParquetError> {
    let column = |(name, required): &(&str, bool)| {
        let repetition = if *required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_repetition(repetition)
            .with_converted_type(ConvertedType::UTF8)
            .with_logical_type(Some(LogicalType::String))
            .build()?;
        Ok(Arc::new(column))
    };
    let columns = COLUMNS.iter().map(column).collect::<Result<Vec<_>, ParquetError>>()?;
    Type::group_type_builder("documents").with_fields(columns).build().map(Arc::new)
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("taoxi version ", env!("CARGO_PKG_VERSION")).to_owned())
        // Texts hardly repeat, and their smallest and largest tell nothing.
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        // Pages end where they are full, and that is looked at after each batch.
        .set_write_batch_size(8)
        .build()
}

impl DocumentWriter for Table {
    fn write(&mut self, document: &KeptDocument<'_>) -> Result<(), WriteError> {
        let KeptDocument { id, url, date, text, meta } = document;
        let meta = (!meta.is_empty()).then(|| serde_json::Value::Object((*meta).clone()).to_string());
        let cells = [Some(*id), *url, *date, Some(*text), meta.as_deref()];
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += cell.map_or(0, str::len) + size_of::<Option<ByteArray>>();
            column.push(cell.map(|cell| ByteArray::from(cell.as_bytes().to_vec())));
        }
        if self.bytes < GROUP_BYTES && self.columns[0].len() < GROUP_ROWS {
            return Ok(());
        }
        self.flush().map_err(|error| failed(&self.path, &error))
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        let Self { path, .. } = &*self;
        let path = path.clone();
        self.flush().map_err(|error| failed(&path, &error))?;
        let file = self.writer.into_inner().map_err(|error| failed(&path, &error))?;
        file.finish()
    }
}
