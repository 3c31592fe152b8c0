//! One relation for two documents; parts of compilations; what copies say of each other.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use taoxi::batch::decide::{self, Found, Pieces};
use taoxi::dedup::{Keep, Kind, Prepared};

use super::Work;
use super::relate::{Relations, number, push};
use super::rows::{Cell, Columns, Of, Rows, bools, bytes, ints, longs, share, texts, unfit};
use super::standing::{pack, unpack};

/// The larger document, and a smaller one in it.
pub const INSIDE: Columns = &[("b", Of::Long), ("a", Of::Long)];
/// Relations with their final kinds, and what they say for their documents.
pub const CONCLUDED: Columns = &[
    ("a", Of::Long),
    ("a_of", Of::Int),
    ("b", Of::Long),
    ("b_of", Of::Int),
    ("kind", Of::Int),
    ("found", Of::Bytes),
    ("passages", Of::Bytes),
    ("spun", Of::Bool),
    ("a_support", Of::Int),
    ("a_confirmed", Of::Int),
    ("b_support", Of::Int),
    ("b_confirmed", Of::Int),
];
pub const STANDINGS: Columns = &[("doc", Of::Long), ("id", Of::Text), ("standing", Of::Bytes), ("key", Of::Bytes)];

/// The pieces of a few relations, numbered in the order in which they came first.
struct Local(Vec<(i64, i32)>);

impl Local {
    fn of(rows: &[Row]) -> Self {
        let mut pieces: Vec<(i64, i32)> = rows.iter().flat_map(|row| [row.a, row.b]).collect();
        pieces.sort_unstable();
        pieces.dedup();
        Self(pieces)
    }

    fn number(&self, piece: (i64, i32)) -> u32 {
        self.0.binary_search(&piece).unwrap_or_default() as u32
    }

    fn relations(&self, rows: &[Row]) -> Vec<Found> {
        rows.iter().map(|row| Found { a: self.number(row.a), b: self.number(row.b), ..row.found }).collect()
    }
}

impl Pieces for Local {
    fn doc(&self, piece: u32) -> u32 {
        // The number of the document's first piece stands for it.
        self.0.partition_point(|(doc, _)| *doc < self.0[piece as usize].0) as u32
    }

    fn part(&self, piece: u32) -> u32 {
        self.0[piece as usize].1.cast_unsigned()
    }
}

struct Row {
    a: (i64, i32),
    b: (i64, i32),
    found: Found,
    passages: Vec<u8>,
}

impl Row {
    fn of(relations: &Relations<'_>, row: usize, passages: bool) -> Result<Self, ArrowError> {
        let passages = if passages { relations.passages(row).to_vec() } else { Vec::new() };
        Ok(Self { a: relations.a(row), b: relations.b(row), found: relations.found(row)?, passages })
    }
}

/// One relation for two documents. Rows come by both.
#[derive(Default)]
pub struct OfPair {
    pair: (i64, i64),
    rows: Vec<Row>,
}

impl OfPair {
    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        let pieces = Local::of(&self.rows);
        let pair = pieces.relations(&self.rows);
        if let Some(found) = decide::of_pair(&pair, &pieces)
            && let Some(at) = pair.iter().position(|one| (one.a, one.b) == (found.a, found.b))
        {
            let row = &self.rows[at];
            push(row.a, row.b, &found, &row.passages, out)?;
        }
        self.rows.clear();
        Ok(())
    }
}

impl Work for OfPair {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let relations = Relations::of(batch)?;
        for row in 0..batch.num_rows() {
            let (a, b) = (relations.a(row).0, relations.b(row).0);
            let pair = (a.min(b), a.max(b));
            if pair != self.pair {
                self.flush(out)?;
                self.pair = pair;
            }
            self.rows.push(Row::of(&relations, row, true)?);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}

/// The documents whose texts are wanted to tell whether another one is a compilation of them. Rows come by the larger document.
#[derive(Default)]
pub struct Asks {
    larger: i64,
    rows: Vec<Row>,
}

impl Asks {
    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        let pieces = Local::of(&self.rows);
        for at in decide::asks(&pieces.relations(&self.rows), &pieces) {
            out.push(&[Cell::Long(self.larger), Cell::Long(self.rows[at].a.0)])?;
        }
        self.rows.clear();
        Ok(())
    }
}

impl Work for Asks {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let relations = Relations::of(batch)?;
        for row in 0..batch.num_rows() {
            let larger = relations.b(row).0;
            if larger != self.larger {
                self.flush(out)?;
                self.larger = larger;
            }
            self.rows.push(Row::of(&relations, row, false)?);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}

/// The documents that are parts of larger ones. Rows come by the larger document: the smaller documents' texts, then the relations in order of the smaller ones.
#[derive(Default)]
pub struct Mark {
    larger: i64,
    rows: Vec<Row>,
    texts: HashMap<i64, String>,
}

impl Mark {
    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        let pieces = Local::of(&self.rows);
        let mut group = pieces.relations(&self.rows);
        let mut prepared: HashMap<u32, Arc<Prepared>> = HashMap::new();
        let texts = &self.texts;
        let mut get = |piece: u32| -> Result<Arc<Prepared>, ArrowError> {
            Ok(match prepared.entry(piece) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(free) => {
                    let text = texts.get(&pieces.0[piece as usize].0);
                    let text = text.ok_or_else(|| unfit("a relation came before its text"))?;
                    free.insert(Arc::new(Prepared::with_simhash(text, 0))).clone()
                }
            })
        };
        let unrelated = |x, y| -> Result<bool, ArrowError> { Ok(decide::unrelated(&*get(x)?, &*get(y)?)) };
        if decide::mark(&mut group, &pieces, unrelated)? {
            for (_, row) in group.iter().zip(&self.rows).filter(|(found, _)| found.kind == Kind::Part) {
                out.push(&[Cell::Long(self.larger), Cell::Long(row.a.0)])?;
            }
        }
        self.rows.clear();
        self.texts.clear();
        Ok(())
    }
}

impl Work for Mark {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (relations, text) = (Relations::of(batch)?, texts(batch, "text")?);
        for row in 0..batch.num_rows() {
            let larger = relations.b(row).0;
            if larger != self.larger {
                self.flush(out)?;
                self.larger = larger;
            }
            if text.is_null(row) {
                self.rows.push(Row::of(&relations, row, false)?);
            } else {
                self.texts.insert(relations.a(row).0, text.value(row).to_owned());
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}

/// The final kinds.
pub struct Conclude;

impl Work for Conclude {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (relations, joined) = (Relations::of(batch)?, bools(batch, "joined")?);
        for row in 0..batch.num_rows() {
            let mut found = relations.found(row)?;
            decide::conclude(&mut found, joined.value(row));
            let votes = decide::votes(&found);
            let say = |value: Option<u32>| value.map_or(Cell::Null, |value| Cell::Int(value.cast_signed()));
            let support = |side: usize| say(votes.map(|votes| votes.support[side]));
            let confirmed = |side: usize| say(votes.map(|votes| votes.confirmed[side].into()));
            let (a, b) = (relations.a(row), relations.b(row));
            out.push(&[
                Cell::Long(a.0),
                Cell::Int(a.1),
                Cell::Long(b.0),
                Cell::Int(b.1),
                Cell::Int(number(found.kind)),
                Cell::Bytes(&found.to_bytes()),
                Cell::Bytes(relations.passages(row)),
                Cell::Bool(found.spun),
                support(0),
                confirmed(0),
                support(1),
                confirmed(1),
            ])?;
        }
        Ok(())
    }
}

/// What ranks depend on, with what copies said.
pub struct Standings(pub Keep);

impl Work for Standings {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (doc, id, standing) = (longs(batch, "doc")?, texts(batch, "id")?, bytes(batch, "standing")?);
        let (support, confirmed) = (longs(batch, "support")?, ints(batch, "confirmed")?);
        for row in 0..batch.num_rows() {
            let mut standing = unpack(standing.value(row))?;
            let support = u32::try_from(support.value(row)).unwrap_or(u32::MAX);
            decide::settled(&mut standing, support, share(confirmed.value(row)));
            let key = self.0.key(&standing).to_bytes();
            let cells = [
                Cell::Long(doc.value(row)),
                Cell::Text(id.value(row)),
                Cell::Bytes(&pack(&standing)),
                Cell::Bytes(&key),
            ];
            out.push(&cells)?;
        }
        Ok(())
    }
}
