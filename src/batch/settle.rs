//! From relations between pieces to relations between documents: one for each pair, compilations told from copies.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::Limits;
use super::cache::Cache;
use super::checkpoint::Scratch;
use super::decide::{self, Edge, FOUND_BYTES, Found};
use super::directory::{Directory, Ranks};
use super::error::BatchError;
use super::file::{Records, Sealed};
use super::progress::Progress;
use super::relate::{FOUND, RelationWriter, compare_all};
use super::spill::{Merge, Sorter};
use super::stars::{Stars, edge_bytes};
use super::store::Texts;
use crate::dedup::Keep;

/// Two document numbers before a [`Found`].
pub(super) const KEYED: usize = FOUND_BYTES + 8;

/// Relations between documents, by the two documents, and what follows from them.
pub(super) struct Settled {
    /// In order of a, then b.
    pub relations: Merge<KEYED>,
    /// Who holds whom.
    pub stars: Stars,
    /// Documents that were found to be compilations.
    pub compilations: Vec<bool>,
    /// The ranks with what is known of copies.
    pub ranks: Ranks,
}

/// What the stage works with.
pub(super) struct Room<'r> {
    pub directory: &'r mut Directory,
    pub texts: &'r Texts,
    pub limits: &'r Limits,
    pub scratch: &'r Scratch,
    pub keep: Keep,
}

/// The relations with their final kinds.
const SETTLED: &str = "settled";

/// Settles all relations.
pub(super) fn run(room: &mut Room<'_>, progress: &dyn Progress, stop: &AtomicBool) -> Result<Settled, BatchError> {
    let (limits, scratch) = (room.limits, room.scratch);
    let directory = &*room.directory;
    let cache = Cache::new(directory, room.texts, limits.memory / 4);
    let sorter = |name| Sorter::<KEYED>::new(&scratch.folder, name, limits.memory / 8);
    let mut by_pair = sorter("sort-relations");
    for record in Records::<FOUND_BYTES>::open(&scratch.path(FOUND))? {
        let found = Found::from_bytes(&record?);
        let (a, b) = (directory.doc_of(found.a), directory.doc_of(found.b));
        by_pair.push(keyed(a.min(b), a.max(b), &found))?;
    }
    let mut by_larger = sorter("sort-larger");
    each_group(by_pair.sorted()?, 8, |pair| {
        if let Some(found) = decide::of_pair(pair, directory) {
            by_larger.push(keyed(directory.doc_of(found.b), directory.doc_of(found.a), &found))?;
        }
        Ok(())
    })?;
    let mut by_smaller = sorter("sort-smaller");
    let mut compilations = vec![false; directory.docs.len()];
    each_group(by_larger.sorted()?, 4, |group| {
        let unrelated = |x, y| -> Result<bool, BatchError> { Ok(decide::unrelated(&*cache.get(x)?, &*cache.get(y)?)) };
        if decide::mark(group, directory, unrelated)? {
            compilations[directory.doc_of(group[0].b) as usize] = true;
        }
        for found in group {
            progress.add(1);
            by_smaller.push(keyed(directory.doc_of(found.a), directory.doc_of(found.b), found))?;
        }
        Ok(())
    })?;
    let settled = conclude(by_smaller.sorted()?, room, &compilations)?;
    let ranks = room.directory.ranks(room.keep);
    let mut edges = Sorter::new(&scratch.folder, "sort-edges", limits.memory / 8);
    for record in Records::<KEYED>::open(&settled)? {
        let found = unkeyed(&record?);
        if let Some(edge) = Edge::of(&found, ranks.of[found.a as usize], ranks.of[found.b as usize]) {
            edges.push(edge_bytes(&edge))?;
        }
    }
    let mut stars = Stars::new(room.directory, &ranks, edges.sorted()?)?;
    let relations = adopt(&settled, &mut stars, room, &ranks, stop)?;
    Ok(Settled { relations, stars, compilations, ranks })
}

/// Writes the relations as they will be, and counts in the directory how many copies each document has.
fn conclude(relations: Merge<KEYED>, room: &mut Room<'_>, compilations: &[bool]) -> Result<PathBuf, BatchError> {
    let path = room.scratch.path(SETTLED);
    let mut out = Sealed::create(&path, 1 << 17)?;
    let (mut best, mut support) = (vec![0_u16; room.directory.docs.len()], vec![0_u32; room.directory.docs.len()]);
    for record in relations {
        let mut found = unkeyed(&record?);
        let (a, b) = (room.directory.doc_of(found.a), room.directory.doc_of(found.b));
        let joined = compilations[a as usize] && compilations[b as usize];
        decide::conclude(&mut found, joined);
        if let Some(votes) = decide::votes(&found) {
            for (side, doc) in [a as usize, b as usize].into_iter().enumerate() {
                support[doc] += votes.support[side];
                best[doc] = best[doc].max(votes.confirmed[side]);
            }
        }
        out.put(&keyed(a, b, &found))?;
    }
    out.finish()?;
    for (doc, (best, support)) in room.directory.docs.iter_mut().zip(best.into_iter().zip(support)) {
        decide::settled(&mut doc.standing, support, best);
    }
    Ok(path)
}

/// Compares exact copies of documents that go with what holds those, and puts all relations in order.
fn adopt(
    settled: &Path,
    stars: &mut Stars,
    room: &Room<'_>,
    ranks: &Ranks,
    stop: &AtomicBool,
) -> Result<Merge<KEYED>, BatchError> {
    let Room { directory, limits, scratch, .. } = room;
    let mut all = Sorter::<KEYED>::new(&scratch.folder, "sort-settled", limits.memory / 8);
    for record in Records::<KEYED>::open(settled)? {
        all.push(record?)?;
    }
    let pairs = std::mem::take(&mut stars.adopted);
    let mut late = RelationWriter::late(scratch)?;
    let cache = Cache::new(directory, room.texts, limits.memory / 4);
    compare_all(pairs.into_iter().map(Ok), directory, &cache, limits, stop, |(a, b), verdict| {
        let found = late.put(a, b, &verdict)?;
        stars.adopt(&found, directory, ranks);
        all.push(keyed(directory.doc_of(a), directory.doc_of(b), &found))
    })?;
    late.finish()?;
    all.sorted()
}

fn keyed(first: u32, second: u32, found: &Found) -> [u8; KEYED] {
    let mut record = [0; KEYED];
    record[..4].copy_from_slice(&first.to_be_bytes());
    record[4..8].copy_from_slice(&second.to_be_bytes());
    record[8..].copy_from_slice(&found.to_bytes());
    record
}

/// The relation behind two document numbers.
pub(super) fn unkeyed(record: &[u8; KEYED]) -> Found {
    let mut bytes = [0; FOUND_BYTES];
    bytes.copy_from_slice(&record[8..]);
    Found::from_bytes(&bytes)
}

/// Calls `each` with the relations whose keys agree in so many bytes.
fn each_group(
    records: Merge<KEYED>,
    key: usize,
    mut each: impl FnMut(&mut [Found]) -> Result<(), BatchError>,
) -> Result<(), BatchError> {
    let mut last = [0; 8];
    let mut group: Vec<Found> = Vec::new();
    for record in records {
        let record = record?;
        if record[..key] != last[..key] && !group.is_empty() {
            each(&mut group)?;
            group.clear();
        }
        last.copy_from_slice(&record[..8]);
        group.push(unkeyed(&record));
    }
    if group.is_empty() { Ok(()) } else { each(&mut group) }
}
