//! The thread that brings what is queued to disk, many documents with one sync, and then into the tables.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::IndexError;
use super::commit::Callback;
use super::entry::Record;
use super::operation::{Change, Operation};
use super::segment::{self, SegmentId};
use super::shared::{Shared, wait};
use super::snapshot;
use super::writer::{Chunk, Tail};

/// Runs until the collection closes. Should it ever fail, whoever waits is told that the collection is closed.
pub(super) fn run(shared: &Arc<Shared>) {
    if catch_unwind(AssertUnwindSafe(|| until_closed(shared))).is_err() {
        let mut writer = shared.writer();
        writer.closing = true;
        let callbacks = writer.failed(&IndexError::Closed);
        drop(writer);
        shared.calm.notify_all();
        for callback in callbacks {
            callback(Err(IndexError::Closed));
        }
    }
}

fn until_closed(shared: &Arc<Shared>) {
    while let Some(batch) = next(shared) {
        let bytes = batch.chunks.iter().map(|chunk| chunk.bytes.len() as u64).sum();
        let outcome = write(shared, &batch.chunks);
        let callbacks = match &outcome {
            Ok(()) => {
                batch.operations.iter().for_each(|operation| apply(shared, operation));
                shared.writer().landed(batch.version, batch.tail, bytes)
            }
            Err(error) => fail(shared, error, &batch.chunks),
        };
        shared.writer().flushing = false;
        shared.calm.notify_all();
        for callback in callbacks {
            // Others wait for this thread, whatever befalls the one that is called.
            let _ = catch_unwind(AssertUnwindSafe(|| callback(outcome.clone())));
        }
        snapshot::in_background(shared);
    }
    // What cannot be taken away now is read at the next start: it was whole, or it is cut off.
    let _ = tidy(shared);
}

/// Forgets what could not be written; gives who waited for it.
fn fail(shared: &Shared, error: &IndexError, chunks: &[Chunk]) -> Vec<Callback> {
    let callbacks = {
        let mut writer = shared.writer();
        let last = chunks.last().map(|chunk| chunk.segment);
        writer.spoiled = writer.spoiled.max(last);
        writer.failed(error)
    };
    // If it fails, too, it is tried again before the next write.
    let _ = tidy(shared);
    callbacks
}

/// Takes away what a write that failed left behind the end of what is on disk: files that it began, and bytes. Whoever waited was told that it was
/// lost, and what is written next must not stand before it.
pub(super) fn tidy(shared: &Shared) -> Result<(), IndexError> {
    let (spoiled, end) = {
        let writer = shared.writer();
        (writer.spoiled, writer.durable_tail)
    };
    let Some(last) = spoiled else { return Ok(()) };
    // The newest goes first, so that a power cut leaves no gap.
    for number in (end.segment + 1..=last).rev() {
        shared.tables_mut().files.remove(&number);
        match shared.storage.remove(&segment::name(number)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(IndexError::io(&shared.file_name(number), &error));
            }
            _ => {}
        }
    }
    let held = shared.tables().files.get(&end.segment).map(|(_, file)| file.clone());
    let cut = || {
        if last > end.segment {
            shared.storage.sync_names()?;
        }
        match held {
            Some(file) if file.len()? > end.offset => file.set_len(end.offset).and_then(|()| file.sync()),
            _ => Ok(()),
        }
    };
    cut().map_err(|error| IndexError::io(&shared.file_name(end.segment), &error))?;
    shared.writer().spoiled = None;
    Ok(())
}

/// What is written at a time.
struct Batch {
    chunks: Vec<Chunk>,
    operations: Vec<Arc<Operation>>,
    version: u64,
    tail: Tail,
}

/// Waits for something to write; `None` when the collection closes and all is written.
fn next(shared: &Shared) -> Option<Batch> {
    let mut writer = shared.writer();
    while writer.queued.is_empty() {
        if writer.closing {
            return None;
        }
        writer = wait(&shared.work, writer);
    }
    writer.flushing = true;
    let first = writer.operations.partition_point(|operation| operation.version <= writer.applied);
    Some(Batch {
        chunks: std::mem::take(&mut writer.queued),
        operations: writer.operations.range(first..).cloned().collect(),
        version: writer.version,
        tail: writer.tail,
    })
}

fn write(shared: &Shared, chunks: &[Chunk]) -> Result<(), IndexError> {
    tidy(shared)?;
    for chunk in chunks {
        let held = shared.tables().files.get(&chunk.segment).map(|(_, file)| file.clone());
        let name = shared.file_name(chunk.segment);
        let file = if let Some(file) = held {
            file
        } else {
            let id = SegmentId::fresh(chunk.segment);
            let file = segment::create(&*shared.storage, id)?;
            shared.tables_mut().files.insert(chunk.segment, (id, file.clone()));
            file
        };
        let written = file.write_at(&chunk.bytes, chunk.offset).and_then(|()| file.sync());
        written.map_err(|error| IndexError::io(&name, &error))?;
    }
    Ok(())
}

/// Brings an operation that is on disk into the tables.
fn apply(shared: &Shared, operation: &Operation) {
    let taken = match &operation.change {
        Change::Commit { replaced, .. } => replaced.clone(),
        Change::Rollback { crawl } => shared.tables().of_crawl(crawl),
        Change::Add(_) | Change::Remove(_) => operation.takes_away().into_iter().collect(),
    };
    // Read before the lock is taken. Where a record cannot be read, its entries in the tables lead to a document that is gone.
    let taken: Vec<(u32, Option<Record>)> =
        taken.into_iter().map(|slot| (slot, shared.record(slot).ok().flatten())).collect();
    let mut tables = shared.tables_mut();
    match &operation.change {
        Change::Add(added) => {
            tables.add(&added.record, added.place);
            shared.cache.put(added.record.slot, added.known.clone(), added.known.bytes());
        }
        Change::Commit { crawl, .. } => {
            tables.admit(crawl);
        }
        Change::Remove(_) | Change::Rollback { .. } => {}
    }
    for (slot, record) in taken {
        match record {
            Some(record) => tables.remove(&record),
            None => tables.lose(slot),
        }
    }
    tables.applied = operation.version;
}
