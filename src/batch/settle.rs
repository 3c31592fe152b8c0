//! From relations between pieces to relations between documents: one for each pair, compilations told from copies.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::Limits;
use super::cache::Cache;
use super::checkpoint::Scratch;
use super::directory::{Directory, NONE, Ranks};
use super::error::BatchError;
use super::file::{Records, Sealed};
use super::found::{FOUND_BYTES, Found};
use super::progress::Progress;
use super::relate::{FOUND, RelationWriter, compare_all};
use super::spill::{Merge, Sorter};
use super::stars::{Edge, Stars};
use super::store::Texts;
use crate::dedup::{Keep, Kind, compare, compilation, thresholds};

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
/// Containment of a document inside a compilation, in ten thousandths.
const INSIDE: u16 = super::found::share(thresholds::INSIDE);

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
        if let Some(found) = of_pair(pair, directory) {
            by_larger.push(keyed(directory.doc_of(found.b), directory.doc_of(found.a), &found))?;
        }
        Ok(())
    })?;
    let mut by_smaller = sorter("sort-smaller");
    let mut compilations = vec![false; directory.docs.len()];
    each_group(by_larger.sorted()?, 4, |group| {
        mark(group, directory, &cache, &mut compilations)?;
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
        if let Some(edge) = Edge::of(&unkeyed(&record?), &ranks) {
            edges.push(edge.to_bytes())?;
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
    let mut best = vec![0_u16; room.directory.docs.len()];
    for record in relations {
        let mut found = unkeyed(&record?);
        let (a, b) = (room.directory.doc_of(found.a), room.directory.doc_of(found.b));
        let joined = compilations[a as usize] && compilations[b as usize];
        // Two compilations that share a document are no copies of each other.
        if joined && found.kind.is_copy() && found.a_in_b < INSIDE {
            found.kind = Kind::Overlap;
        }
        if found.is_copy() {
            confirm(&found, &mut best, (a, b));
            room.directory.docs[b as usize].standing.support += 1;
            room.directory.docs[a as usize].standing.support += u32::from(found.kind != Kind::Truncated);
        }
        out.put(&keyed(a, b, &found))?;
    }
    out.finish()?;
    for (doc, best) in room.directory.docs.iter_mut().zip(best).filter(|(_, best)| *best > 0) {
        doc.standing.confirmed = u32::from(best) / 10;
    }
    Ok(path)
}

/// Notes how much of two copies of about the same length stands in the other.
fn confirm(found: &Found, best: &mut [u16], (a, b): (u32, u32)) {
    if found.kind != Kind::Truncated {
        for (doc, share) in [(a, found.a_in_b), (b, found.b_in_a)] {
            best[doc as usize] = best[doc as usize].max(share);
        }
    }
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

/// One relation for two documents of which pieces are related: that of the whole documents where it is a strong one, else the strongest of their parts.
fn of_pair(pair: &[Found], directory: &Directory) -> Option<Found> {
    let part = |piece: u32| directory.pieces[piece as usize].part;
    let is_strong = |found: &&Found| found.kind.is_copy() || found.kind == Kind::Part;
    let whole = pair.iter().find(|found| part(found.a) == NONE && part(found.b) == NONE);
    let best = pair
        .iter()
        .filter(|found| part(found.a) != NONE || part(found.b) != NONE)
        .filter(is_strong)
        .min_by_key(|found| (found.kind, u16::MAX - found.a_in_b, found.a, found.b));
    let mut chosen = match (whole, best) {
        (Some(whole), _) if is_strong(&whole) => *whole,
        (_, Some(best)) => Found { a_part: part(best.a), b_part: part(best.b), ..*best },
        (whole, None) => return whole.copied(),
    };
    if let (Some(whole), Some(best)) = (whole, best)
        && is_strong(&whole)
    {
        // Of two whole documents that are related, say which part of the larger holds the smaller.
        let (smaller, larger) = (directory.doc_of(whole.a), directory.doc_of(whole.b));
        let (a, b) = (directory.doc_of(best.a), directory.doc_of(best.b));
        let of_larger = if b == larger { part(best.b) } else { part(best.a) };
        let of_smaller = if a == smaller { part(best.a) } else { part(best.b) };
        if best.a_in_b >= INSIDE && of_smaller == NONE {
            chosen.b_part = of_larger;
            if chosen.kind == Kind::Truncated {
                chosen.kind = Kind::Part;
            }
        }
    }
    Some(chosen)
}

/// Rewrites the relations of a larger document with those that are parts of it, if it is a compilation.
fn mark(
    group: &mut [Found],
    directory: &Directory,
    cache: &Cache<'_>,
    compilations: &mut [bool],
) -> Result<(), BatchError> {
    let places: Vec<usize> = (0..group.len())
        .filter(|&at| {
            let found = &group[at];
            let whole = directory.pieces[found.a as usize].is_whole() && directory.pieces[found.b as usize].is_whole();
            let held = matches!(found.kind, Kind::Near | Kind::Truncated | Kind::Part) && found.a_in_b >= INSIDE;
            whole && held
        })
        .collect();
    if places.len() < 2 {
        return Ok(());
    }
    let ranges: Vec<(u32, u32)> = places.iter().map(|&at| (group[at].b_from, group[at].b_to)).collect();
    let parts = compilation::parts(&ranges, |x, y| -> Result<bool, BatchError> {
        let (x, y) = (cache.get(group[places[x]].a)?, cache.get(group[places[y]].a)?);
        let (a, b) = if x.weight() <= y.weight() { (x, y) } else { (y, x) };
        Ok(compare(&a, &b).a_in_b < thresholds::OVERLAP)
    })?;
    for (&at, is_part) in places.iter().zip(parts) {
        if is_part {
            group[at].kind = Kind::Part;
            compilations[directory.doc_of(group[at].b) as usize] = true;
        }
    }
    Ok(())
}
