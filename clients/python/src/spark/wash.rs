//! Files washed and fingerprinted, a row for each document and each of its parts.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use taoxi::archive::{Documents, Found, ReadOptions};
use taoxi::batch::AGAINST;
use taoxi::batch::decide::{self, NONE, PieceOf, Ready};
use taoxi::clean::{Cleaner, Options};
use taoxi::dedup::pair::per_mille;
use taoxi::dedup::{Keep, Standing};
use taoxi::document::{Document, ErrorRecord};

use super::Work;
use super::rows::{Cell, Columns, Of, Rows, bools, int, longs, texts, unfit};
use super::standing::pack;

/// Rows. What is said of a document as a whole stands in the row of part -1; `doc` is in order of input.
pub const COLUMNS: Columns = &[
    ("doc", Of::Long),
    ("part", Of::Int),
    ("start", Of::Int),
    ("end", Of::Int),
    ("given", Of::Bool),
    ("failed", Of::Bool),
    ("id", Of::Text),
    ("place", Of::Text),
    ("key", Of::Bytes),
    ("weight", Of::Long),
    ("simhash", Of::Long),
    ("exact", Of::Bytes),
    ("units", Of::Bytes),
    ("winnow", Of::Longs),
    ("standing", Of::Bytes),
    ("bytes", Of::Long),
    ("size", Of::Int),
    ("head", Of::Bytes),
    ("text", Of::Text),
];

/// Bits of the number of a document in its file.
const IN_FILE: u32 = 36;

/// Washes files.
pub struct Wash {
    cleaner: Cleaner,
    options: Options,
    reading: ReadOptions,
    cleans: bool,
    keep: Keep,
    files: VecDeque<(Found, i64, bool)>,
    open: Option<Open>,
}

/// A file being read.
struct Open {
    documents: Documents,
    number: i64,
    given: bool,
}

impl Wash {
    pub fn new(cleaner: &crate::cleaner::Cleaner, reading: ReadOptions, cleans: bool, keep: Keep) -> Self {
        let (cleaner, options) = (cleaner.cleaner.clone(), cleaner.options.clone());
        Self { cleaner, options, reading, cleans, keep, files: VecDeque::new(), open: None }
    }

    fn document(&self, document: Result<Document, ErrorRecord>, open: &Open, out: &mut Rows) -> Result<(), ArrowError> {
        let name = |id: String| if open.given { format!("{AGAINST}{id}") } else { id };
        let washed = match document {
            Ok(document) => {
                let document = Document { id: name(document.id), ..document };
                decide::wash(document, &self.cleaner, &self.options, self.cleans, false)
            }
            Err(record) => Err(ErrorRecord { id: name(record.id), ..record }),
        };
        match washed {
            Ok(ready) => ready.pieces.iter().try_for_each(|piece| self.piece(&ready, piece, open, out)),
            Err(record) => {
                let head = serde_json::to_vec(&record).unwrap_or_default();
                let mut row = [Cell::Null; COLUMNS.len()];
                row[..7].copy_from_slice(&[
                    Cell::Long(open.number),
                    Cell::Int(-1),
                    Cell::Null,
                    Cell::Null,
                    Cell::Bool(open.given),
                    Cell::Bool(true),
                    Cell::Text(&record.id),
                ]);
                row[COLUMNS.len() - 2] = Cell::Bytes(&head);
                out.push(&row)
            }
        }
    }

    fn piece(&self, ready: &Ready, piece: &PieceOf, open: &Open, out: &mut Rows) -> Result<(), ArrowError> {
        let mark = &piece.fingerprint;
        let standing = Standing { order: open.number.cast_unsigned(), given: open.given, ..ready.standing };
        let own = Standing { weight: mark.weight, placeholders: per_mille(mark.placeholders, mark.count), ..standing };
        let winnow: Vec<i64> = mark.winnow.iter().map(|hash| hash.cast_signed()).collect();
        let whole = piece.part == NONE;
        let of_whole = |cell| if whole { cell } else { Cell::Null };
        out.push(&[
            Cell::Long(open.number),
            Cell::Int(piece.part.cast_signed()),
            Cell::Int(piece.start.cast_signed()),
            Cell::Int(piece.end.cast_signed()),
            Cell::Bool(open.given),
            Cell::Bool(false),
            Cell::Text(&ready.id),
            of_whole(Cell::Text(open.documents.place())),
            Cell::Bytes(&self.keep.key(&own).to_bytes()),
            Cell::Long(mark.weight.cast_signed()),
            Cell::Long(mark.simhash.cast_signed()),
            Cell::Bytes(&mark.text.to_be_bytes()),
            Cell::Bytes(&mark.units.to_be_bytes()),
            Cell::Longs(&winnow),
            of_whole(Cell::Bytes(&pack(&standing))),
            of_whole(Cell::Long(ready.bytes.cast_signed())),
            of_whole(Cell::Int(int(ready.text.len()))),
            of_whole(Cell::Bytes(&ready.head)),
            of_whole(Cell::Text(&ready.text)),
        ])
    }
}

impl Work for Wash {
    fn take(&mut self, batch: &RecordBatch, _out: &mut Rows) -> Result<(), ArrowError> {
        let (file, given) = (longs(batch, "file")?, bools(batch, "given")?);
        let (path, id) = (texts(batch, "path")?, texts(batch, "id")?);
        for row in 0..batch.num_rows() {
            let found = Found { path: path.value(row).into(), id: id.value(row).to_owned() };
            self.files.push_back((found, file.value(row), given.value(row)));
        }
        Ok(())
    }

    fn go_on(&mut self, out: &mut Rows) -> Result<bool, ArrowError> {
        let mut open = if let Some(open) = self.open.take() {
            open
        } else {
            let Some((found, file, given)) = self.files.pop_front() else { return Ok(false) };
            let documents = Documents::of_file(found, self.reading.clone());
            Open { documents, number: file << IN_FILE, given }
        };
        if let Some(document) = open.documents.next() {
            self.document(document, &open, out)?;
            open.number += 1;
            if open.number.trailing_zeros() >= IN_FILE {
                return Err(unfit("a file holds more documents than can be numbered; split it"));
            }
            self.open = Some(open);
        }
        Ok(true)
    }
}
