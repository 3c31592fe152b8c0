//! Who is kept. Ranks are longs here, and name the documents.

use std::collections::HashMap;

use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use taoxi::batch::decide::{Choice, Chosen, Edge, Held, State};

use super::Work;
use super::relate::{found, kind, number};
use super::rows::{Cell, Columns, Of, Rows, bools, bytes, ints, longs, share};

pub const EDGES: Columns =
    &[("worse", Of::Long), ("better", Of::Long), ("kind", Of::Int), ("held", Of::Int), ("holds", Of::Int)];
/// What became of a document: whether it is kept, and if not, what is said of that. One that is adopted is yet to be compared.
pub const STARS: Columns = &[
    ("rank", Of::Long),
    ("kept", Of::Bool),
    ("adopted", Of::Bool),
    ("by", Of::Long),
    ("by_kind", Of::Int),
    ("own", Of::Int),
    ("others", Of::Int),
];

/// The edges of relations between documents whose ranks are known.
pub struct Edges;

impl Work for Edges {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (a, b) = (longs(batch, "a_rank")?, longs(batch, "b_rank")?);
        let (kind, figures) = (ints(batch, "kind")?, bytes(batch, "found")?);
        for row in 0..batch.num_rows() {
            let found = found(figures.value(row), kind.value(row))?;
            if let Some(edge) = Edge::of(&found, a.value(row), b.value(row)) {
                out.push(&[
                    Cell::Long(edge.worse),
                    Cell::Long(edge.better),
                    Cell::Int(number(edge.kind)),
                    Cell::Int(edge.held.into()),
                    Cell::Int(edge.holds.into()),
                ])?;
            }
        }
        Ok(())
    }
}

/// Decides documents. Rows come by the worse document's rank and then the better one's, with what is known of that; what this task decided before counts as known. So
/// a task that has all rows decides all documents, and one that has some leaves open what depends on others.
#[derive(Default)]
pub struct Stars {
    worse: Option<i64>,
    choice: Choice<i64>,
    /// What was decided here; none for a document that is kept.
    decided: HashMap<i64, Option<Held<i64>>>,
}

impl Stars {
    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        let Some(rank) = self.worse.take() else { return Ok(()) };
        let chosen = std::mem::take(&mut self.choice).end();
        let held = match chosen {
            Chosen::Open => return Ok(()),
            Chosen::Kept => None,
            Chosen::Goes(held) | Chosen::Adopted(held) => Some(held),
        };
        self.decided.insert(rank, held);
        let int = |value: Option<i32>| value.map_or(Cell::Null, Cell::Int);
        out.push(&[
            Cell::Long(rank),
            Cell::Bool(held.is_none()),
            Cell::Bool(matches!(chosen, Chosen::Adopted(_))),
            held.map_or(Cell::Null, |held| Cell::Long(held.by)),
            int(held.map(|held| number(held.kind))),
            int(held.map(|held| held.own.into())),
            int(held.map(|held| held.others.into())),
        ])
    }
}

impl Work for Stars {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (worse, better) = (longs(batch, "worse")?, longs(batch, "better")?);
        let (kinds, held, holds) = (ints(batch, "kind")?, ints(batch, "held")?, ints(batch, "holds")?);
        let (kept, by, by_kind) = (bools(batch, "kept")?, longs(batch, "by")?, ints(batch, "by_kind")?);
        let (own, others) = (ints(batch, "own")?, ints(batch, "others")?);
        for row in 0..batch.num_rows() {
            if self.worse != Some(worse.value(row)) {
                self.flush(out)?;
                self.worse = Some(worse.value(row));
            }
            let rank = better.value(row);
            let state = if kept.is_null(row) {
                match self.decided.get(&rank) {
                    None => State::Open,
                    Some(None) => State::Kept(rank),
                    Some(Some(held)) => State::Goes(*held),
                }
            } else if kept.value(row) {
                State::Kept(rank)
            } else {
                State::Goes(Held {
                    by: by.value(row),
                    kind: kind(by_kind.value(row)),
                    own: share(own.value(row)),
                    others: share(others.value(row)),
                })
            };
            let shares = (share(held.value(row)), share(holds.value(row)));
            self.choice.look(kind(kinds.value(row)), shares, state);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}
