//! From relations between pieces to relations between documents: one for each pair, compilations told from copies.

use std::sync::atomic::AtomicBool;

use super::Limits;
use super::cache::Cache;
use super::checkpoint::Scratch;
use super::directory::{Directory, NONE, Ranks};
use super::error::BatchError;
use super::file::Records;
use super::found::{FOUND_BYTES, Found};
use super::progress::Progress;
use super::relate::FOUND;
use super::spill::{Merge, Sorter};
use super::stars::{Edge, Stars};
use crate::dedup::{Kind, compare, compilation, thresholds};

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
}

pub(super) struct Room<'r, 'd> {
    pub directory: &'d Directory,
    pub ranks: &'d Ranks,
    pub cache: &'r Cache<'d>,
    pub limits: &'r Limits,
    pub scratch: &'r Scratch,
}

/// Settles all relations.
pub(super) fn run(room: &Room<'_, '_>, progress: &dyn Progress, stop: &AtomicBool) -> Result<Settled, BatchError> {
    let Room { directory, ranks, limits, scratch, .. } = *room;
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
    let mut edges = Sorter::new(&scratch.folder, "sort-edges", limits.memory / 8);
    let mut compilations = vec![false; directory.docs.len()];
    each_group(by_larger.sorted()?, 4, |group| {
        mark(group, room, &mut compilations)?;
        for found in group {
            progress.add(1);
            by_smaller.push(keyed(directory.doc_of(found.a), directory.doc_of(found.b), found))?;
            if let Some(edge) = Edge::of(found, ranks) {
                edges.push(edge.to_bytes())?;
            }
        }
        Ok(())
    })?;
    let mut stars = Stars::new(directory, ranks, edges.sorted()?)?;
    let extra: Vec<_> = stars.adopted.iter().map(|&pair| Ok(pair)).collect();
    let mut late = super::relate::RelationWriter::late(scratch)?;
    super::relate::compare_all(extra.into_iter(), directory, room.cache, limits, stop, |(a, b), verdict| {
        let found = late.put(a, b, &verdict)?;
        stars.adopt(&found, directory, ranks);
        by_smaller.push(keyed(directory.doc_of(a), directory.doc_of(b), &found))
    })?;
    late.finish()?;
    Ok(Settled { relations: by_smaller.sorted()?, stars, compilations })
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
        let inside = u32::from(best.a_in_b) >= (thresholds::INSIDE * 10_000.0) as u32;
        let (smaller, larger) = (directory.doc_of(whole.a), directory.doc_of(whole.b));
        let (a, b) = (directory.doc_of(best.a), directory.doc_of(best.b));
        let of_larger = if b == larger { part(best.b) } else { part(best.a) };
        let of_smaller = if a == smaller { part(best.a) } else { part(best.b) };
        if inside && of_smaller == NONE {
            chosen.b_part = of_larger;
            if chosen.kind == Kind::Truncated {
                chosen.kind = Kind::Part;
            }
        }
    }
    Some(chosen)
}

/// Rewrites the relations of a larger document with those that are parts of it, if it is a compilation.
fn mark(group: &mut [Found], room: &Room<'_, '_>, compilations: &mut [bool]) -> Result<(), BatchError> {
    let directory = room.directory;
    let inside = (thresholds::INSIDE * 10_000.0) as u16;
    let places: Vec<usize> = (0..group.len())
        .filter(|&at| {
            let found = &group[at];
            let whole = directory.pieces[found.a as usize].is_whole() && directory.pieces[found.b as usize].is_whole();
            let held = matches!(found.kind, Kind::Near | Kind::Truncated | Kind::Part) && found.a_in_b >= inside;
            whole && held
        })
        .collect();
    if places.len() < 2 {
        return Ok(());
    }
    let ranges: Vec<(u32, u32)> = places.iter().map(|&at| (group[at].b_from, group[at].b_to)).collect();
    let parts = compilation::parts(&ranges, |x, y| -> Result<bool, BatchError> {
        let (x, y) = (room.cache.get(group[places[x]].a)?, room.cache.get(group[places[y]].a)?);
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
