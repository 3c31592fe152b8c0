//! Which pieces are compared: near simhashes, and enough winnow hashes in common. Ranks are longs: the smaller one is the piece to keep.

use std::collections::HashMap;

use arrow_array::RecordBatch;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_schema::ArrowError;
use taoxi::batch::decide::{Lookup, Nearest, best_of, is_enough};
use taoxi::dedup::hamming;

use super::Work;
use super::rows::{Cell, Columns, Of, Rows, bools, int, ints, lists, longs, values};

pub const SPREAD: Columns = &[("block", Of::Int), ("bits", Of::Long), ("code", Of::Long), ("best", Of::Long)];
pub const NEAR: Columns = &[("code", Of::Long), ("better", Of::Long)];
pub const LOOKUPS: Columns = &[
    ("hash", Of::Long),
    ("rank", Of::Long),
    ("active", Of::Int),
    ("poor", Of::Bool),
    ("asks", Of::Bool),
    ("member", Of::Bool),
];
pub const MEETINGS: Columns = &[("rank", Of::Long), ("active", Of::Int), ("others", Of::Longs), ("actives", Of::Ints)];
pub const PAIRS: Columns = &[("rank", Of::Long), ("other", Of::Long)];

/// Each code by each of its blocks: two codes that differ in no more bits than there are blocks but one agree in one of them.
pub struct Spread(pub u32);

impl Work for Spread {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (codes, bests) = (longs(batch, "code")?, longs(batch, "best")?);
        let blocks = self.0 + 1;
        let bounds: Vec<u32> = (0..=blocks).map(|block| 64 * block / blocks).collect();
        for row in 0..batch.num_rows() {
            let code = codes.value(row);
            for (block, bound) in bounds.windows(2).enumerate() {
                let width = bound[1] - bound[0];
                let bits = code.cast_unsigned() >> bound[0] & (u64::MAX >> (64 - width));
                out.push(&[
                    Cell::Int(int(block)),
                    Cell::Long(bits.cast_signed()),
                    Cell::Long(code),
                    Cell::Long(bests.value(row)),
                ])?;
            }
        }
        Ok(())
    }
}

/// The best pieces with a code near each code, among the codes that share a block.
pub struct Near {
    radius: u32,
    key: Option<(i32, i64)>,
    codes: Vec<u64>,
    bests: Vec<i64>,
}

impl Near {
    pub fn new(radius: u32) -> Self {
        Self { radius, key: None, codes: Vec::new(), bests: Vec::new() }
    }

    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        let mut near: Vec<Nearest<i64>> = vec![Nearest::default(); self.codes.len()];
        hamming::pairs_within(&self.codes, self.radius, &mut |x, y| {
            let (x, y) = (x as usize, y as usize);
            let (worse, better) = if self.bests[x] > self.bests[y] { (x, y) } else { (y, x) };
            near[worse].push(self.bests[better]);
        });
        for (code, near) in self.codes.iter().zip(near) {
            for better in near.best() {
                out.push(&[Cell::Long(code.cast_signed()), Cell::Long(better)])?;
            }
        }
        self.codes.clear();
        self.bests.clear();
        Ok(())
    }
}

impl Work for Near {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (block, bits) = (ints(batch, "block")?, longs(batch, "bits")?);
        let (code, best) = (longs(batch, "code")?, longs(batch, "best")?);
        for row in 0..batch.num_rows() {
            let key = Some((block.value(row), bits.value(row)));
            if key != self.key {
                self.flush(out)?;
                self.key = key;
            }
            self.codes.push(code.value(row).cast_unsigned());
            self.bests.push(best.value(row));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}

/// The hashes that each piece is looked up by, or is met by.
pub struct Lookups;

impl Work for Lookups {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (ranks, winnow) = (longs(batch, "rank")?, lists(batch, "winnow")?);
        // Of the piece's hot hashes, those for which it is among the best pieces, and the others.
        let (best, rest) = (lists(batch, "best")?, lists(batch, "rest")?);
        for row in 0..batch.num_rows() {
            let hashes = values::<Int64Type>(winnow, row);
            let hot = |list| values::<Int64Type>(list, row).into_iter();
            let hot: HashMap<i64, bool> =
                hot(best).map(|hash| (hash, true)).chain(hot(rest).map(|hash| (hash, false))).collect();
            let lookup = Lookup::of((hashes.len() - hot.len()) as u32, hashes.len() as u32);
            for hash in hashes {
                let (asks, member) = match hot.get(&hash) {
                    None => (true, true),
                    Some(best) => (lookup.poor, *best),
                };
                if asks || member {
                    out.push(&[
                        Cell::Long(hash),
                        Cell::Long(ranks.value(row)),
                        Cell::Int(lookup.active.cast_signed()),
                        Cell::Bool(lookup.poor),
                        Cell::Bool(asks),
                        Cell::Bool(member),
                    ])?;
                }
            }
        }
        Ok(())
    }
}

/// Whom each piece meets by one hash. Rows come by hash and rank: no more than the best hundred are members of a hash, and they come first.
#[derive(Default)]
pub struct Meetings {
    hash: Option<i64>,
    members: Vec<(i64, i32)>,
    /// Pieces that wait until all members are known.
    waiting: Vec<(i64, Lookup)>,
    others: Vec<i64>,
    actives: Vec<i32>,
}

impl Meetings {
    fn ask(&mut self, rank: i64, lookup: Lookup, out: &mut Rows) -> Result<(), ArrowError> {
        self.others.clear();
        self.actives.clear();
        for (other, active) in self.members.iter().filter(|(other, _)| lookup.meets(&rank, other)) {
            self.others.push(*other);
            self.actives.push(*active);
        }
        if self.others.is_empty() {
            return Ok(());
        }
        let active = Cell::Int(lookup.active.cast_signed());
        out.push(&[Cell::Long(rank), active, Cell::Longs(&self.others), Cell::Ints(&self.actives)])
    }

    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        for (rank, lookup) in std::mem::take(&mut self.waiting) {
            self.ask(rank, lookup, out)?;
        }
        Ok(())
    }
}

impl Work for Meetings {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (hash, rank, active) = (longs(batch, "hash")?, longs(batch, "rank")?, ints(batch, "active")?);
        let (poor, asks, member) = (bools(batch, "poor")?, bools(batch, "asks")?, bools(batch, "member")?);
        for row in 0..batch.num_rows() {
            if self.hash != Some(hash.value(row)) {
                self.flush(out)?;
                self.members.clear();
                self.hash = Some(hash.value(row));
            }
            let lookup = Lookup { active: active.value(row).cast_unsigned(), poor: poor.value(row) };
            if member.value(row) {
                self.members.push((rank.value(row), active.value(row)));
            }
            if asks.value(row) && member.value(row) {
                self.waiting.push((rank.value(row), lookup));
            } else if asks.value(row) {
                self.flush(out)?;
                self.ask(rank.value(row), lookup, out)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}

/// Of those that a piece met, those that it shares enough with. Rows come by rank.
#[derive(Default)]
pub struct Enough {
    rank: i64,
    active: i32,
    /// How often each was met, and by how many hashes it is looked up.
    met: HashMap<i64, (u32, i32)>,
}

impl Enough {
    fn flush(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        let active = self.active;
        let enough = |(count, other): (u32, i32)| is_enough(count, active.min(other).cast_unsigned());
        let mut found: Vec<(i64, u32)> =
            self.met.drain().filter(|(_, met)| enough(*met)).map(|(other, (count, _))| (other, count)).collect();
        found.sort_unstable();
        best_of(&mut found);
        found.into_iter().try_for_each(|(other, _)| out.push(&[Cell::Long(self.rank), Cell::Long(other)]))
    }
}

impl Work for Enough {
    fn take(&mut self, batch: &RecordBatch, out: &mut Rows) -> Result<(), ArrowError> {
        let (rank, active) = (longs(batch, "rank")?, ints(batch, "active")?);
        let (others, actives) = (lists(batch, "others")?, lists(batch, "actives")?);
        for row in 0..batch.num_rows() {
            if rank.value(row) != self.rank {
                self.flush(out)?;
                (self.rank, self.active) = (rank.value(row), active.value(row));
            }
            self.active = active.value(row);
            for (other, active) in values::<Int64Type>(others, row).into_iter().zip(values::<Int32Type>(actives, row)) {
                self.met.entry(other).or_insert((0, active)).0 += 1;
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Rows) -> Result<(), ArrowError> {
        self.flush(out)
    }
}
