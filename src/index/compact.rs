//! What is gone leaves the disk.

use std::sync::Arc;

use super::IndexError;
use super::entry::Entry;
use super::flush;
use super::rewrite::Rewrite;
use super::segment::{self, HEADER, SegmentId};
use super::shared::{Shared, wait};
use super::snapshot::{self, SNAPSHOT};
use super::storage::Stored;
use super::writer::Tail;

/// Writes every file anew that holds something that is gone, the oldest first: so a removal is never forgotten before what it removes.
/// Returns how many bytes that freed.
pub(super) fn compact(shared: &Shared) -> Result<u64, IndexError> {
    let _maintenance = shared.maintenance();
    let active = begin_new_file(shared)?;
    let mut files: Vec<(SegmentId, Arc<dyn Stored>)> = shared.tables().files.values().cloned().collect();
    files.retain(|(id, _)| id.number < active);
    files.sort_unstable_by_key(|(id, _)| id.number);
    let mut freed = 0;
    let mut changed = false;
    for (id, file) in files {
        if shared.writer().closing {
            return Err(IndexError::Closed);
        }
        if let Some(bytes) = one(shared, id, &*file)? {
            freed += bytes;
            changed = true;
        }
    }
    if changed {
        // The old one speaks of files that are no more.
        let gone = shared.storage.list().map(|names| names.iter().any(|name| name == SNAPSHOT));
        if gone.unwrap_or(false) {
            snapshot::write(shared)?;
        }
    }
    Ok(freed)
}

/// Lets the next entry go to a new file, so that no other is written to any more. Returns its number.
fn begin_new_file(shared: &Shared) -> Result<u32, IndexError> {
    let mut writer = shared.writer();
    while writer.frozen && !writer.closing {
        writer = wait(&shared.calm, writer);
    }
    if writer.closing {
        return Err(IndexError::Closed);
    }
    writer.frozen = true;
    while (writer.flushing || !writer.queued.is_empty()) && !writer.closing {
        writer = wait(&shared.calm, writer);
    }
    let (tail, closing) = (writer.tail, writer.closing);
    drop(writer);
    // Nobody writes meanwhile.
    let begun = if closing { Err(IndexError::Closed) } else { next_file(shared, tail) };
    let mut writer = shared.writer();
    writer.frozen = false;
    match &begun {
        Ok(number) if *number != tail.segment => {
            let tail = Tail { segment: *number, offset: HEADER, slot: tail.slot };
            (writer.tail, writer.durable_tail) = (tail, tail);
        }
        Err(_) if !closing => writer.spoiled = writer.spoiled.max(Some(tail.segment + 1)),
        _ => {}
    }
    drop(writer);
    shared.calm.notify_all();
    begun
}

/// Makes the next file, unless nothing is in the last one yet. It must be there before a snapshot says that the log goes on in it.
fn next_file(shared: &Shared, tail: Tail) -> Result<u32, IndexError> {
    flush::tidy(shared)?;
    if tail.offset <= HEADER {
        return Ok(tail.segment);
    }
    let id = SegmentId::fresh(tail.segment + 1);
    let file = segment::create(&*shared.storage, id)?;
    shared.tables_mut().files.insert(id.number, (id, file));
    Ok(id.number)
}

/// Writes one file anew, if something in it is gone; returns how many bytes that freed.
fn one(shared: &Shared, id: SegmentId, file: &dyn Stored) -> Result<Option<u64>, IndexError> {
    let name = shared.file_name(id.number);
    let length = file.len().map_err(|error| IndexError::io(&name, &error))?;
    let all = (HEADER, length);
    let mut stale = false;
    let end = segment::scan(file, &name, all, |place, payload| {
        // Proofs of what was synced are no reason: the file that is written has one of its own.
        stale = stale || !(is_wanted(shared, id, place, payload) || matches!(payload, [1, ..]));
        Ok(())
    })?;
    if let Some(fault) = end.fault {
        return Err(IndexError::corrupt(&name, end.good, fault));
    }
    if !stale {
        return Ok(None);
    }
    let mut rewrite = Rewrite::begin(&*shared.storage, id)?;
    let mut moved: Vec<(u32, u64, u64)> = Vec::new();
    segment::scan(file, &name, all, |place, payload| {
        if is_wanted(shared, id, place, payload) {
            let at = rewrite.put(payload)?;
            if let Some(slot) = slot_of(payload) {
                moved.push((slot, place, at));
            }
        }
        Ok(())
    })?;
    let (new, file, now) = rewrite.finish()?;
    let mut tables = shared.tables_mut();
    for (slot, from, to) in moved {
        if let Some(place) = tables.places.get_mut(slot as usize)
            && (place.segment, u64::from(place.offset)) == (id.number, from)
        {
            place.offset = to as u32;
        }
    }
    tables.files.insert(id.number, (new, file));
    Ok(Some(length.saturating_sub(now)))
}

/// The slot of a document's entry.
fn slot_of(payload: &[u8]) -> Option<u32> {
    match payload {
        [2, a, b, c, d, ..] => Some(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

/// Whether an entry still says something. Removals speak of documents before them, which are off the disk when it is their turn.
fn is_wanted(shared: &Shared, id: SegmentId, at: u64, payload: &[u8]) -> bool {
    if let Some(slot) = slot_of(payload) {
        let place = shared.tables().place(slot);
        return place.is_some_and(|place| (place.segment, u64::from(place.offset)) == (id.number, at));
    }
    matches!(Entry::decode(payload), Some(Entry::Commit { .. }))
}
