//! Pairs of pieces compared, with their texts at hand.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use taoxi::batch::decide::{FOUND_BYTES, Found, encode, order};
use taoxi::dedup::{Kind, Prepared, compare};

use super::Work;
use super::rows::{Cell, Columns, Of, Rows, bools, bytes, int, ints, longs, texts, unfit};

/// Relations: the documents and the parts of the smaller and the larger piece, the kind, the figures, and the passages in bytes of the documents' texts.
pub const COLUMNS: Columns = &[
    ("a", Of::Long),
    ("a_of", Of::Int),
    ("b", Of::Long),
    ("b_of", Of::Int),
    ("kind", Of::Int),
    ("found", Of::Bytes),
    ("passages", Of::Bytes),
    ("spun", Of::Bool),
];

/// Bytes of prepared texts that are held.
const HELD: usize = 64 << 20;

/// Compares. Rows come by group, texts before pairs.
pub struct Relate {
    /// Whether pairs that have nothing in common are given, too.
    all: bool,
    group: Option<(i64, i64)>,
    pieces: HashMap<i64, Piece>,
    prepared: HashMap<i64, Arc<Prepared>>,
    held: usize,
}

struct Piece {
    doc: i64,
    part: i32,
    start: usize,
    given: bool,
    weight: u64,
    simhash: u64,
    id: String,
    text: String,
}

impl Relate {
    pub fn new(all: bool) -> Self {
        Self { all, group: None, pieces: HashMap::new(), prepared: HashMap::new(), held: 0 }
    }

    fn prepared(&mut self, rank: i64, piece: &Piece) -> Arc<Prepared> {
        if let Some(found) = self.prepared.get(&rank) {
            return found.clone();
        }
        if self.held > HELD {
            self.prepared.clear();
            self.held = 0;
        }
        let made = Arc::new(Prepared::with_simhash(&piece.text, piece.simhash));
        self.held += made.bytes();
        self.prepared.insert(rank, made.clone());
        made
    }

    fn pair(&mut self, x: i64, y: i64, out: &mut Rows) -> Result<(), ArrowError> {
        let pieces = std::mem::take(&mut self.pieces);
        let done = self.compared(&pieces, x, y, out);
        self.pieces = pieces;
        done
    }

    fn compared(&mut self, pieces: &HashMap<i64, Piece>, x: i64, y: i64, out: &mut Rows) -> Result<(), ArrowError> {
        let (Some(one), Some(other)) = (pieces.get(&x), pieces.get(&y)) else {
            return Err(unfit("a pair came before its texts"));
        };
        // A document is not compared with its own parts, nor two that are never given out with each other.
        if one.doc == other.doc || (one.given && other.given) {
            return Ok(());
        }
        let stands = order((one.weight, &one.id), (other.weight, &other.id));
        let ((a, small), (b, large)) = if stands { ((x, one), (y, other)) } else { ((y, other), (x, one)) };
        let verdict = compare(&self.prepared(a, small), &self.prepared(b, large));
        if verdict.kind == Kind::None && !self.all {
            return Ok(());
        }
        let found = Found::new(0, 1, &verdict, 0);
        // What is found in a part is measured from its beginning.
        let mut passages = verdict.passages;
        for passage in &mut passages {
            passage.a = (passage.a.0 + small.start, passage.a.1 + small.start);
            passage.b = (passage.b.0 + large.start, passage.b.1 + large.start);
        }
        let mut encoded = Vec::new();
        encode(&passages, &mut encoded);
        let (from, to) = ((small.doc, small.part), (large.doc, large.part));
        push(from, to, &found, &encoded, out)
    }
}

/// Adds a relation.
pub fn push(a: (i64, i32), b: (i64, i32), found: &Found, passages: &[u8], out: &mut Rows) -> Result<(), ArrowError> {
    out.push(&[
        Cell::Long(a.0),
        Cell::Int(a.1),
        Cell::Long(b.0),
        Cell::Int(b.1),
        Cell::Int(number(found.kind)),
        Cell::Bytes(&found.to_bytes()),
        Cell::Bytes(passages),
        Cell::Bool(found.spun),
    ])
}

/// The number of a kind, the strongest first.
pub fn number(kind: Kind) -> i32 {
    int(Kind::ALL.iter().position(|known| *known == kind).unwrap_or(Kind::ALL.len() - 1))
}

/// The kind of a number.
pub fn kind(number: i32) -> Kind {
    usize::try_from(number).ok().and_then(|at| Kind::ALL.get(at)).copied().unwrap_or(Kind::None)
}

/// A relation out of its bytes, with its kind.
pub fn found(bytes: &[u8], number: i32) -> Result<Found, ArrowError> {
    let bytes: &[u8; FOUND_BYTES] = bytes.try_into().map_err(|_| unfit("a relation has another length"))?;
    Ok(Found { kind: kind(number), ..Found::from_bytes(bytes) })
}

/// Relations of a batch.
pub struct Relations<'b> {
    a: &'b arrow_array::Int64Array,
    a_of: &'b arrow_array::Int32Array,
    b: &'b arrow_array::Int64Array,
    b_of: &'b arrow_array::Int32Array,
    kind: &'b arrow_array::Int32Array,
    found: &'b arrow_array::BinaryArray,
    passages: &'b arrow_array::BinaryArray,
}

impl<'b> Relations<'b> {
    pub fn of(batch: &'b RecordBatch) -> Result<Self, ArrowError> {
        Ok(Self {
            a: longs(batch, "a")?,
            a_of: ints(batch, "a_of")?,
            b: longs(batch, "b")?,
            b_of: ints(batch, "b_of")?,
            kind: ints(batch, "kind")?,
            found: bytes(batch, "found")?,
            passages: bytes(batch, "passages")?,
        })
    }

    /// Document and part of the smaller piece.
    pub fn a(&self, row: usize) -> (i64, i32) {
        (self.a.value(row), self.a_of.value(row))
    }

    /// Document and part of the larger piece.
    pub fn b(&self, row: usize) -> (i64, i32) {
        (self.b.value(row), self.b_of.value(row))
    }

    pub fn found(&self, row: usize) -> Result<Found, ArrowError> {
        found(self.found.value(row), self.kind.value(row))
    }

    pub fn passages(&self, row: usize) -> &'b [u8] {
        self.passages.value(row)
    }
}

impl Work for Relate {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (label, chunk, pair) = (longs(batch, "label")?, longs(batch, "chunk")?, bools(batch, "pair")?);
        let (rank, other, doc) = (longs(batch, "rank")?, longs(batch, "other")?, longs(batch, "doc")?);
        let (part, start, end) = (ints(batch, "part")?, ints(batch, "start")?, ints(batch, "end")?);
        let (weight, simhash, given) = (longs(batch, "weight")?, longs(batch, "simhash")?, bools(batch, "given")?);
        let (id, text) = (texts(batch, "id")?, texts(batch, "text")?);
        for row in 0..batch.num_rows() {
            let group = Some((label.value(row), chunk.value(row)));
            if group != self.group {
                (self.group, self.held) = (group, 0);
                self.pieces.clear();
                self.prepared.clear();
            }
            if pair.value(row) {
                self.pair(rank.value(row), other.value(row), out)?;
                continue;
            }
            let range = start.value(row).cast_unsigned() as usize..end.value(row).cast_unsigned() as usize;
            let start = range.start;
            let inside = text.value(row).get(range).ok_or_else(|| unfit("a part lies outside its text"))?;
            let piece = Piece {
                doc: doc.value(row),
                part: part.value(row),
                start,
                given: given.value(row),
                weight: weight.value(row).cast_unsigned(),
                simhash: simhash.value(row).cast_unsigned(),
                id: id.value(row).to_owned(),
                text: inside.to_owned(),
            };
            self.pieces.insert(rank.value(row), piece);
        }
        Ok(())
    }
}
