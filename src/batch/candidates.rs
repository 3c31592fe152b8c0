//! The second stage: which pieces are compared at all.
//!
//! Equal hashes, simhashes within the radius, and enough shared winnow hashes each propose pairs. Exact copies are represented by
//! their best, so a text that stands in a thousand files is looked up once. Everything here is in ranks: the smaller number is the piece to keep.

use std::sync::atomic::AtomicBool;

use super::Limits;
use super::checkpoint::Scratch;
use super::decide::{HOT, Nearest};
use super::directory::{Directory, NONE, Ranks};
use super::error::BatchError;
use super::file::{Records, Sealed};
use super::postings;
use super::progress::Progress;
use super::spill::{Merge, Sorter};
use super::union::Union;
use super::wash::DIGESTS;
use crate::dedup::hamming;

/// The stage, as checkpoints and progress name it.
pub(super) const STAGE: &str = "candidates";
/// Pairs to compare: component, worse rank, better rank, 4 bytes each, in this order.
pub(super) const CANDIDATES: &str = "candidates";
const PAIRS: &str = "pairs";

/// Takes pairs from all sources.
pub(super) struct Pairs<'d> {
    directory: &'d Directory,
    ranks: &'d Ranks,
    out: Sealed,
    components: Union,
}

impl Pairs<'_> {
    /// Proposes a pair of ranks. A document is not compared with its own parts, nor two that are never given out with each other.
    pub(super) fn push(&mut self, x: u32, y: u32) -> Result<(), BatchError> {
        let doc = |rank: u32| self.directory.doc_of(self.ranks.by_rank[rank as usize]);
        let given = |doc: u32| self.directory.docs[doc as usize].standing.given;
        let (a, b) = (doc(x), doc(y));
        if a == b || (given(a) && given(b)) {
            return Ok(());
        }
        self.components.join(x, y);
        self.out.put(&x.max(y).to_be_bytes())?;
        self.out.put(&x.min(y).to_be_bytes())
    }

    /// All pairs of a small group, and of a large one each with the best hundred.
    fn group(&mut self, ranks: &mut [u32]) -> Result<(), BatchError> {
        ranks.sort_unstable();
        for (at, &worse) in ranks.iter().enumerate() {
            for &better in &ranks[..at.min(HOT)] {
                self.push(worse, better)?;
            }
        }
        Ok(())
    }
}

/// Runs the stage.
pub(super) fn run(
    directory: &Directory,
    ranks: &Ranks,
    limits: &Limits,
    scratch: &Scratch,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<(), BatchError> {
    let path = scratch.path(PAIRS);
    let mut pairs = Pairs {
        directory,
        ranks,
        out: Sealed::create(&path, 1 << 18)?,
        components: Union::new(directory.pieces.len()),
    };
    let stands_for = equal_texts(&mut pairs, limits, scratch)?;
    let is_first = |rank: u32| stands_for[rank as usize] == NONE;
    equal_units(&mut pairs, &is_first, limits, scratch)?;
    near_simhashes(&mut pairs, &is_first, limits.radius)?;
    postings::run(&mut pairs, &is_first, directory, ranks, limits, scratch, progress, stop)?;
    let Pairs { out, mut components, .. } = pairs;
    out.finish()?;
    // Neighbours in a component come one after the other, so that a text is made ready once.
    let mut sorter = Sorter::<12>::new(&scratch.folder, "sort-pairs", limits.memory / 4);
    for pair in Records::<8>::open(&path)? {
        let pair = pair?;
        let [a, b, c, d, ..] = pair;
        let component = components.find(u32::from_be_bytes([a, b, c, d]));
        let mut record = [0; 12];
        record[..4].copy_from_slice(&component.to_be_bytes());
        record[4..].copy_from_slice(&pair);
        sorter.push(record)?;
    }
    let mut out = Sealed::create(&scratch.path(CANDIDATES), 1 << 18)?;
    for record in sorter.sorted()? {
        out.put(&record?)?;
    }
    let seal = out.finish()?;
    std::fs::remove_file(&path).map_err(BatchError::of(&path))?;
    scratch.finish(STAGE, vec![seal])
}

/// Digest and rank of each piece with letters, sorted by digest.
fn by_digest(
    pairs: &Pairs<'_>,
    units: bool,
    is_wanted: &dyn Fn(u32) -> bool,
    limits: &Limits,
    scratch: &Scratch,
) -> Result<Merge<20>, BatchError> {
    let mut sorter = Sorter::<20>::new(&scratch.folder, "sort-digests", limits.memory / 4);
    for (piece, digests) in Records::<32>::open(&scratch.path(DIGESTS))?.enumerate() {
        let digests = digests?;
        let rank = pairs.ranks.of[piece];
        if pairs.directory.pieces[piece].weight == 0 || !is_wanted(rank) {
            continue;
        }
        let mut record = [0; 20];
        record[..16].copy_from_slice(if units { &digests[16..] } else { &digests[..16] });
        record[16..].copy_from_slice(&rank.to_be_bytes());
        sorter.push(record)?;
    }
    sorter.sorted()
}

/// Calls `each` with the ranks of equal digests, two at least.
fn each_group(
    records: Merge<20>,
    mut each: impl FnMut(&mut Vec<u32>) -> Result<(), BatchError>,
) -> Result<(), BatchError> {
    let mut digest = [0; 16];
    let mut ranks: Vec<u32> = Vec::new();
    for record in records {
        let record = record?;
        if record[..16] != digest {
            if ranks.len() > 1 {
                each(&mut ranks)?;
            }
            ranks.clear();
            digest.copy_from_slice(&record[..16]);
        }
        ranks.push(u32::from_be_bytes([record[16], record[17], record[18], record[19]]));
    }
    if ranks.len() > 1 {
        each(&mut ranks)?;
    }
    Ok(())
}

/// Pairs exact copies with the best of them; gives for each rank the one that stands for it, or [`NONE`].
fn equal_texts(pairs: &mut Pairs<'_>, limits: &Limits, scratch: &Scratch) -> Result<Vec<u32>, BatchError> {
    let mut stands_for = vec![NONE; pairs.directory.pieces.len()];
    let records = by_digest(pairs, false, &|_| true, limits, scratch)?;
    each_group(records, |ranks| {
        // A whole document stands for parts, and never the other way round: parts take nobody in.
        let (directory, order) = (pairs.directory, pairs.ranks);
        ranks.sort_unstable_by_key(|&rank| (!directory.pieces[order.by_rank[rank as usize] as usize].is_whole(), rank));
        let Some((&first, others)) = ranks.split_first() else { return Ok(()) };
        for &other in others {
            stands_for[other as usize] = first;
            pairs.push(other, first)?;
        }
        Ok(())
    })?;
    Ok(stands_for)
}

fn equal_units(
    pairs: &mut Pairs<'_>,
    is_first: &impl Fn(u32) -> bool,
    limits: &Limits,
    scratch: &Scratch,
) -> Result<(), BatchError> {
    let records = by_digest(pairs, true, is_first, limits, scratch)?;
    each_group(records, |ranks| pairs.group(ranks))
}

fn near_simhashes(pairs: &mut Pairs<'_>, is_first: &impl Fn(u32) -> bool, radius: u32) -> Result<(), BatchError> {
    let tiny = crate::dedup::thresholds::TINY_WEIGHT;
    let (mut codes, mut ranks) = (Vec::new(), Vec::new());
    for (rank, &piece) in (0..).zip(&pairs.ranks.by_rank) {
        let piece = &pairs.directory.pieces[piece as usize];
        if piece.weight >= tiny && is_first(rank) {
            codes.push(piece.simhash);
            ranks.push(rank);
        }
    }
    let groups = hamming::groups_of_equal(&codes);
    // Members are places among the codes, which stand in order of rank.
    let members = |group: u32| groups.members(group).iter().map(|&place| ranks[place as usize]);
    for group in 0..groups.distinct().len() as u32 {
        pairs.group(&mut members(group).collect::<Vec<u32>>())?;
    }
    // For each code the better ones near it, by the best rank of each.
    let mut near: Vec<Nearest<u32>> = vec![Nearest::default(); groups.distinct().len()];
    let best = |group: u32| members(group).next().unwrap_or(NONE);
    hamming::pairs_within(groups.distinct(), radius, &mut |x, y| {
        let (worse, better) = if best(x) > best(y) { (x, y) } else { (y, x) };
        near[worse as usize].push(best(better));
    });
    for (group, near) in (0..).zip(near) {
        let list = near.best();
        for member in members(group).take(HOT) {
            list.iter().try_for_each(|&better| pairs.push(member, better))?;
        }
    }
    Ok(())
}
