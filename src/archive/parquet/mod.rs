//! Parquet files: a table whose rows are documents, with the columns that JSONL has as fields.
//!
//! Pages are decoded by the `parquet` crate, without Arrow. Of each column one page is in memory, and its dictionary; a row group
//! never is. A row without an id is `file:N`, with N counting rows from 1.
//!
//! | file | what it does |
//! |---|---|
//! | `columns` | which columns are what |
//! | `pages`, `page_header`, `delta` | pages, looked at before they are decoded |
//! | `cells`, `time` | from cells to values |
//! | `row` | from a row to a document |

mod cells;
mod columns;
mod delta;
mod page_header;
mod pages;
mod row;
mod time;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData};

use super::container::{Container, Placed};
use super::error::ArchiveError;
use super::limits::ReadOptions;
use super::stream::DOCUMENT;
use crate::document::ErrorRecord;
use cells::{Cell, Cells};
use columns::Column;
use pages::{Budget, Pages};

const FORMAT: &str = "Parquet";
const MAGIC: &[u8; 4] = b"PAR1";
/// Largest table of contents: it is in memory as long as the file is read, and several times its size.
const METADATA_BYTES: u64 = 64 << 20;

/// A table being read.
pub(super) struct Table {
    file: Arc<File>,
    size: u64,
    metadata: ParquetMetaData,
    columns: Vec<Column>,
    budget: Budget,
    id: String,
    place: String,
    /// The row group to be opened next, and the columns of the current one with their rows left.
    next_group: usize,
    cells: Vec<Cells>,
    left: u64,
    /// Rows so far.
    row: u64,
}

impl Table {
    /// Opens a file and reads its table of contents.
    pub(super) fn open(path: &Path, id: String, options: &ReadOptions) -> Result<Self, ArchiveError> {
        let place = path.display().to_string();
        let unreadable = |error| ArchiveError::from_io(&error, &place, None);
        let mut file = File::open(path).map_err(unreadable)?;
        let size = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
        check_footer(&mut file, size, &place)?;
        let metadata = guarded(|| ParquetMetaDataReader::new().parse_and_finish(&file));
        let metadata =
            metadata.map_err(|reason| corrupt(&place, format!("its table of contents is damaged: {reason}")))?;
        let columns = columns::choose(metadata.file_metadata().schema_descr(), &options.fields, &place)?;
        let budget = Budget::new(&options.limits);
        let file = Arc::new(file);
        Ok(Self { file, size, metadata, columns, budget, id, place, next_group: 0, cells: Vec::new(), left: 0, row: 0 })
    }

    /// Opens the next row group; false behind the last. A damaged one is passed over with its rows.
    fn open_group(&mut self, options: &ReadOptions) -> Result<bool, ArchiveError> {
        let number = self.next_group;
        if number >= self.metadata.num_row_groups() {
            return Ok(false);
        }
        self.next_group += 1;
        self.cells.clear();
        let group = self.metadata.row_group(number);
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        let cells = guarded(|| {
            let cells = self.columns.iter().map(|column| self.open_column(group, column, options));
            cells.collect::<Result<Vec<Cells>, ParquetError>>()
        });
        match cells {
            Ok(cells) => {
                self.cells = cells;
                self.left = rows;
                Ok(true)
            }
            Err(reason) => {
                self.row += rows;
                Err(corrupt(&self.place, format!("row group {} of {rows} rows: {reason}", number + 1)))
            }
        }
    }

    fn open_column(
        &self,
        group: &RowGroupMetaData,
        column: &Column,
        options: &ReadOptions,
    ) -> Result<Cells, ParquetError> {
        let chunk = group.columns().get(column.index).filter(|chunk| self.lies_inside(chunk));
        let Some(chunk) = chunk else {
            return Err(ParquetError::General(format!("the column `{}` does not lie in the file", column.name)));
        };
        let rows =
            usize::try_from(group.num_rows()).map_err(|_| ParquetError::General("no number of rows".to_owned()))?;
        let pages = Pages::new(&self.file, chunk, rows, &self.budget, options.limits.ratio)?;
        Ok(Cells::new(&column.descriptor, pages))
    }

    /// Whether the bytes of a column lie in this file.
    fn lies_inside(&self, chunk: &ColumnChunkMetaData) -> bool {
        let start = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
        let (Ok(start), Ok(length)) = (u64::try_from(start), u64::try_from(chunk.compressed_size())) else {
            return false;
        };
        chunk.file_path().is_none() && start.checked_add(length).is_some_and(|end| end <= self.size)
    }

    /// The cells of the next row. After an error the rest of the row group cannot be read.
    fn read_row(&mut self, most: u64) -> Result<Row, String> {
        let cells = &mut self.cells;
        let columns = &self.columns;
        guarded(|| {
            let mut row = Vec::with_capacity(cells.len());
            let mut too_large = false;
            for (cells, column) in cells.iter_mut().zip(columns) {
                let Some(cell) = cells.next(most)? else {
                    return Err(ParquetError::General(format!("the column `{}` has too few rows", column.name)));
                };
                too_large |= cell.is_err();
                row.push(cell.unwrap_or(Cell::Null));
            }
            Ok(if too_large { Row::TooLarge } else { Row::Cells(row) })
        })
    }

    fn step(&mut self, options: &ReadOptions) -> Result<Placed, ArchiveError> {
        let limit = options.limits.document_bytes;
        self.left -= 1;
        self.row += 1;
        let place = format!("{}:{}", self.place, self.row);
        let cells = match self.read_row(limit) {
            Ok(Row::Cells(cells)) => cells,
            Ok(Row::TooLarge) => return Err(ArchiveError::TooLarge { place, limit, what: DOCUMENT }),
            Err(reason) => {
                let lost = self.left;
                self.row += lost;
                self.left = 0;
                self.cells.clear();
                return Err(corrupt(
                    &place,
                    format!("{reason}; this row and {lost} behind it in its row group were not read"),
                ));
            }
        };
        let (id, mut document) = row::document(&self.columns, cells, options).map_err(|message| {
            let place = self.place.clone();
            ArchiveError::BadRecord { place, line: self.row, column: 1, message }
        })?;
        document.id = id.unwrap_or_else(|| format!("{}:{}", self.id, self.row));
        Ok(Placed { document, place })
    }
}

/// A row as it was read.
enum Row {
    Cells(Vec<Cell>),
    TooLarge,
}

impl Container for Table {
    fn next(&mut self, options: &ReadOptions) -> Option<Result<Placed, ErrorRecord>> {
        while self.left == 0 {
            match self.open_group(options) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error.record(self.id.clone()))),
            }
        }
        let row = self.row + 1;
        Some(self.step(options).map_err(|error| error.record(format!("{}:{row}", self.id))))
    }
}

/// Looks at the end of the file, where the size of the table of contents stands.
fn check_footer(file: &mut File, size: u64, place: &str) -> Result<(), ArchiveError> {
    let mut footer = [0; 8];
    let cut = || corrupt(place, "it does not end like one: it was cut off".to_owned());
    let at = size.checked_sub(8).filter(|at| *at >= 4).ok_or_else(cut)?;
    file.seek(SeekFrom::Start(at))
        .and_then(|_| file.read_exact(&mut footer))
        .map_err(|error| ArchiveError::from_io(&error, place, None))?;
    let [a, b, c, d, magic @ ..] = footer;
    if magic == *b"PARE" {
        let format = "an encrypted Parquet file".to_owned();
        return Err(ArchiveError::Unsupported { place: place.to_owned(), format });
    }
    if magic != *MAGIC {
        return Err(cut());
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if length > at - 4 {
        return Err(corrupt(place, format!("its table of contents says it has {length} bytes, more than the file")));
    }
    if length > METADATA_BYTES {
        let what = "the table of contents of a Parquet file";
        return Err(ArchiveError::TooLarge { place: place.to_owned(), limit: METADATA_BYTES, what });
    }
    Ok(())
}

/// Runs a decoder of the `parquet` crate, which answers some damage by a panic.
fn guarded<T>(decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::General(reason))) => Err(reason),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("its values cannot be decoded".to_owned()),
    }
}

fn corrupt(place: &str, reason: String) -> ArchiveError {
    ArchiveError::Corrupt { place: place.to_owned(), format: FORMAT, reason }
}
