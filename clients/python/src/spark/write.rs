//! The lines of the result files.

use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use taoxi::batch::decide::{self, Copies, Goes, Held};
use taoxi::dedup::{Keep, Standing};

use super::Work;
use super::relate::{Relations as Figures, kind};
use super::rows::{Cell, Columns, Of, Rows, bools, bytes, ints, longs, share, texts, unfit};
use super::standing::unpack;

pub const LINES: Columns = &[("value", Of::Text)];

/// A line without its end.
fn text(line: &[u8]) -> Result<&str, ArrowError> {
    std::str::from_utf8(line.strip_suffix(b"\n").unwrap_or(line)).map_err(|_| unfit("a record is no text"))
}

/// Lines of relations.
pub struct Relations(pub Keep);

impl Work for Relations {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let relations = Figures::of(batch)?;
        let (a_id, a_standing) = (texts(batch, "a_id")?, bytes(batch, "a_standing")?);
        let (b_id, b_standing) = (texts(batch, "b_id")?, bytes(batch, "b_standing")?);
        for row in 0..batch.num_rows() {
            let found = relations.found(row)?;
            let passages = decide::decode(relations.passages(row));
            let (a, b) = (unpack(a_standing.value(row))?, unpack(b_standing.value(row))?);
            let line = decide::relation(&found, passages, (a_id.value(row), &a), (b_id.value(row), &b), self.0);
            out.push(&[Cell::Text(text(&line)?)])?;
        }
        Ok(())
    }
}

/// Lines of documents; of those that failed, their error records.
pub struct Documents(pub Keep);

impl Work for Documents {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (id, standing, head) = (texts(batch, "id")?, bytes(batch, "standing")?, bytes(batch, "head")?);
        let (of, of_standing) = (texts(batch, "of_id")?, bytes(batch, "of_standing")?);
        let (kinds, own, others) = (ints(batch, "by_kind")?, ints(batch, "own")?, ints(batch, "others")?);
        let (copies, best, best_standing) =
            (longs(batch, "copies")?, texts(batch, "best_id")?, bytes(batch, "best_standing")?);
        let (best_own, best_others) = (ints(batch, "best_own")?, ints(batch, "best_others")?);
        let shares = |own: &arrow_array::Int32Array, others: &arrow_array::Int32Array, row| {
            (share(own.value(row)), share(others.value(row)))
        };
        for row in 0..batch.num_rows() {
            if !head.is_null(row) {
                out.push(&[Cell::Text(text(head.value(row))?)])?;
                continue;
            }
            let known = |bytes: &arrow_array::BinaryArray| -> Result<Option<Standing>, ArrowError> {
                if bytes.is_null(row) { Ok(None) } else { unpack(bytes.value(row)).map(Some) }
            };
            let own_standing = unpack(standing.value(row))?;
            let (kept, second) = (known(of_standing)?, known(best_standing)?);
            let goes = kept.as_ref().map(|kept| {
                let (own, others) = shares(own, others, row);
                let why = Held { by: (), kind: kind(kinds.value(row)), own, others };
                Goes::new(&why, (of.value(row), kept))
            });
            let copies = second.as_ref().map(|standing| Copies {
                count: copies.value(row).cast_unsigned(),
                best: (best.value(row), standing),
                shares: shares(best_own, best_others, row),
            });
            let line = decide::document(self.0, (id.value(row), &own_standing), goes.as_ref(), copies.as_ref());
            out.push(&[Cell::Text(text(&line)?)])?;
        }
        Ok(())
    }
}

/// Records: heads with their texts.
pub struct Records;

impl Work for Records {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (head, body, compilation) = (bytes(batch, "head")?, texts(batch, "text")?, bools(batch, "compilation")?);
        for row in 0..batch.num_rows() {
            let record = decide::record(head.value(row), body.value(row).as_bytes(), compilation.value(row));
            out.push(&[Cell::Text(text(&record)?)])?;
        }
        Ok(())
    }
}
