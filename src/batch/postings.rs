//! Pairs that share enough winnow hashes.
//!
//! Each part of the postings is sorted by hash; pieces of one hash are a group. Groups go to disk, and come back for one range of pieces at a time, as many
//! as memory holds; there each piece counts, over its groups, how often it meets each other piece.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use super::Limits;
use super::candidates::Pairs;
use super::checkpoint::Scratch;
use super::decide::{HOT, Lookup, best_of, is_enough};
use super::directory::{Directory, Ranks};
use super::error::BatchError;
use super::groups::{self, GroupWriter};
use super::progress::Progress;
use super::spill::{PARTS, sorted_part};
use super::threads::{alone, in_order};
use super::wash::POSTINGS;

const COLD_GROUPS: &str = "groups-cold";
const HOT_GROUPS: &str = "groups-hot";
/// Pieces that one thread counts at a time.
const CHUNK: u32 = 2048;

/// The groups of one part of the postings, encoded.
#[derive(Default)]
struct Part {
    cold: Vec<u8>,
    cold_members: u64,
    hot: Vec<Vec<u32>>,
    /// Ranks of cold hashes, one entry for each, those of one piece alone included.
    cold_ranks: Vec<u32>,
}

#[expect(clippy::too_many_arguments, reason = "what a stage is given, and the pairs it adds to")]
pub(super) fn run(
    pairs: &mut Pairs<'_>,
    is_first: &(impl Fn(u32) -> bool + Sync),
    directory: &Directory,
    ranks: &Ranks,
    limits: &Limits,
    scratch: &Scratch,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<(), BatchError> {
    let mut cold = vec![0_u32; directory.pieces.len()];
    let members = split(&mut cold, is_first, ranks, limits, scratch, progress, stop)?;
    let hashes = |rank: u32| directory.pieces[ranks.by_rank[rank as usize] as usize].hashes;
    let lookups = || (0..).zip(&cold).map(|(rank, &cold)| Lookup::of(cold, hashes(rank)));
    let active: Vec<u32> = lookups().map(|lookup| lookup.active).collect();
    let poor: Vec<bool> = lookups().map(|lookup| lookup.poor).collect();
    // A member takes four bytes in its group and four in its piece's list.
    let rounds = (members * 8).div_ceil((limits.memory / 3).max(1)).max(1);
    let count = directory.pieces.len() as u64;
    for round in 0..rounds {
        let range = (count * round / rounds) as u32..(count * (round + 1) / rounds) as u32;
        let lists = Lists::load(range, &poor, scratch)?;
        count_range(&lists, &active, pairs, limits, stop)?;
    }
    for name in [COLD_GROUPS, HOT_GROUPS] {
        let path = scratch.path(name);
        std::fs::remove_file(&path).map_err(BatchError::of(&path))?;
    }
    Ok(())
}

/// Writes the groups of all parts; returns how many ranks are in them.
fn split(
    cold: &mut [u32],
    is_first: &(impl Fn(u32) -> bool + Sync),
    ranks: &Ranks,
    limits: &Limits,
    scratch: &Scratch,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<u64, BatchError> {
    let mut cold_out = GroupWriter::create(&scratch.path(COLD_GROUPS))?;
    let mut hot_out = GroupWriter::create(&scratch.path(HOT_GROUPS))?;
    let work = |part: usize| one_part(part, is_first, ranks, scratch);
    // One part at a time and thread: a part is as large as memory may hold.
    in_order(0..PARTS, limits.threads, alone, work, stop, |part| {
        let part = part?;
        cold_out.put_encoded(&part.cold, part.cold_members)?;
        part.hot.iter().try_for_each(|group| hot_out.put(group))?;
        part.cold_ranks.iter().for_each(|&rank| cold[rank as usize] += 1);
        progress.add(1);
        Ok(())
    })?;
    let members = cold_out.members + hot_out.members;
    cold_out.finish()?;
    hot_out.finish()?;
    Ok(members)
}

fn one_part(
    part: usize,
    is_first: &impl Fn(u32) -> bool,
    ranks: &Ranks,
    scratch: &Scratch,
) -> Result<Part, BatchError> {
    let records = sorted_part::<12>(&scratch.folder, POSTINGS, part)?;
    let mut out = Part::default();
    let mut group: Vec<u32> = Vec::new();
    for same in records.chunk_by(|a, b| a[..8] == b[..8]) {
        group.clear();
        let rank = |record: &[u8; 12]| {
            let piece = u32::from_be_bytes([record[8], record[9], record[10], record[11]]);
            ranks.of[piece as usize]
        };
        group.extend(same.iter().map(rank).filter(|&rank| is_first(rank)));
        if group.len() > HOT {
            group.sort_unstable();
            out.hot.push(group.clone());
            continue;
        }
        out.cold_ranks.extend_from_slice(&group);
        if group.len() > 1 {
            group.sort_unstable();
            out.cold_members += group.len() as u64;
            groups::encode(&group, &mut out.cold);
        }
    }
    Ok(out)
}

/// The groups that pieces of a range are in.
struct Lists {
    range: Range<u32>,
    /// Members of all groups, one group after the other; of a hot group the best hundred.
    members: Vec<u32>,
    /// Where each group ends.
    ends: Vec<u32>,
    /// For each rank of the range, where its groups begin in `of`.
    starts: Vec<u32>,
    of: Vec<u32>,
    /// Whether a rank of the range uses its hot groups.
    poor: Vec<bool>,
}

impl Lists {
    fn load(range: Range<u32>, poor: &[bool], scratch: &Scratch) -> Result<Self, BatchError> {
        let (mut members, mut ends, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        groups::read(&scratch.path(COLD_GROUPS), |group| {
            let from = entries.len();
            entries.extend(group.iter().filter(|rank| range.contains(rank)).map(|&rank| (rank, ends.len() as u32)));
            if entries.len() > from {
                members.extend_from_slice(group);
                ends.push(members.len() as u32);
            }
        })?;
        groups::read(&scratch.path(HOT_GROUPS), |group| {
            let from = entries.len();
            let looked_up = group.iter().filter(|rank| range.contains(rank) && poor[**rank as usize]);
            entries.extend(looked_up.map(|&rank| (rank, ends.len() as u32)));
            if entries.len() > from {
                members.extend_from_slice(&group[..HOT]);
                ends.push(members.len() as u32);
            }
        })?;
        entries.sort_unstable();
        let mut starts = vec![0; range.len() + 1];
        for (rank, _) in &entries {
            starts[(rank - range.start) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let poor = poor[range.start as usize..range.end as usize].to_vec();
        Ok(Self { range, members, ends, starts, of: entries.into_iter().map(|(_, group)| group).collect(), poor })
    }

    /// The ranks that share a hash with a rank, once for each hash.
    fn met(&self, rank: u32) -> impl Iterator<Item = u32> {
        let at = (rank - self.range.start) as usize;
        let groups = &self.of[self.starts[at] as usize..self.starts[at + 1] as usize];
        groups.iter().flat_map(|&group| {
            let start = (group as usize).checked_sub(1).map_or(0, |before| self.ends[before] as usize);
            self.members[start..self.ends[group as usize] as usize].iter().copied()
        })
    }

    /// The candidates of a rank: all better ones it shares enough with; for one that uses hot groups, worse ones too.
    fn candidates(&self, rank: u32, active: &[u32], counts: &mut [u32], found: &mut Vec<(u32, u32)>) {
        let poor = self.poor[(rank - self.range.start) as usize];
        let lookup = Lookup { active: active[rank as usize], poor };
        let mut touched = Vec::new();
        for other in self.met(rank).filter(|other| lookup.meets(&rank, other)) {
            let count = &mut counts[other as usize];
            if *count == 0 {
                touched.push(other);
            }
            *count += 1;
        }
        let mut enough: Vec<(u32, u32)> = Vec::new();
        for other in touched {
            let shared = std::mem::take(&mut counts[other as usize]);
            let smaller = lookup.active.min(active[other as usize]);
            if is_enough(shared, smaller) {
                enough.push((other, shared));
            }
        }
        best_of(&mut enough);
        found.extend(enough.into_iter().map(|(other, _)| (rank, other)));
    }
}

thread_local! {
    /// How often the piece at hand met each other one; all zero between two pieces.
    static COUNTS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

fn count_range(
    lists: &Lists,
    active: &[u32],
    pairs: &mut Pairs<'_>,
    limits: &Limits,
    stop: &AtomicBool,
) -> Result<(), BatchError> {
    let range = lists.range.clone();
    let chunks = range.clone().step_by(CHUNK as usize).map(|start| start..(start + CHUNK).min(range.end));
    let work = |chunk: Range<u32>| {
        COUNTS.with_borrow_mut(|counts| {
            counts.resize(active.len(), 0);
            let mut found = Vec::new();
            chunk.for_each(|rank| lists.candidates(rank, active, counts, &mut found));
            found
        })
    };
    in_order(chunks, limits.threads, alone, work, stop, |found: Vec<(u32, u32)>| {
        found.into_iter().try_for_each(|(x, y)| pairs.push(x, y))
    })
}
