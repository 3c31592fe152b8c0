//! The tables on disk, so that a start need not read the whole log.
//!
//! A snapshot is written while documents are added: places, simhashes and waiting documents are copied at one moment, the large tables piece by piece
//! afterwards. What is added or removed meanwhile may or may not be in a piece; a start reads the log from that moment on once more, and both adding
//! and removing may be repeated.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::IndexError;
use super::bytes::{Reader, put};
use super::recover::UNFINISHED;
use super::segment::{SegmentId, checksum};
use super::shared::Shared;
use super::slots::SlotTable;
use super::storage::{Storage, Stored, read_exact};
use super::tables::{Place, Tables, Waiting};
use crate::dedup::FINGERPRINT_VERSION;

/// The file's name.
pub(super) const SNAPSHOT: &str = "snapshot";
const MAGIC: &[u8; 8] = b"taoxisnp";
const FORMAT: u32 = 1;
/// Pieces of a table that are copied at a time: readers and writers wait no longer than for these.
const PIECES: usize = 16;
/// Bytes written at a time.
const CHUNK: usize = 1 << 22;
/// A log shorter than this is read faster than a snapshot is worth.
const LEAST: u64 = 4 << 20;
/// Longest section.
const MAX_SECTION: u64 = 1 << 36;

/// From where on the log must be read, and up to where it was on disk for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub from: (u32, u64),
    pub certain: (u32, u64),
}

/// Writes a snapshot in the background, if enough was added since the last one.
pub(super) fn in_background(shared: &Arc<Shared>) {
    let since = shared.writer().since_snapshot;
    if since < shared.options.snapshot_bytes || shared.snapshotting.swap(true, Ordering::Relaxed) {
        return;
    }
    let also = shared.clone();
    let thread = std::thread::Builder::new().name("snapshot".to_owned()).spawn(move || {
        // Without a snapshot the next start takes longer; nothing else depends on it.
        let _ = write_if_needed(&also, false);
        also.snapshotting.store(false, Ordering::Relaxed);
    });
    if thread.is_err() {
        shared.snapshotting.store(false, Ordering::Relaxed);
    }
}

/// Writes a snapshot, unless there is nothing new to write.
pub(super) fn write_if_needed(shared: &Shared, even_if_little: bool) -> Result<(), IndexError> {
    let _maintenance = shared.maintenance();
    let (since, closing) = {
        let writer = shared.writer();
        (writer.since_snapshot, writer.closing)
    };
    let wanted = if even_if_little { LEAST } else { shared.options.snapshot_bytes };
    // In the background nothing is begun that would go on after closing: the folder may be another's then.
    if since < wanted || closing && !even_if_little { Ok(()) } else { write(shared) }
}

/// Writes a snapshot. The caller holds the maintenance lock.
pub(super) fn write(shared: &Shared) -> Result<(), IndexError> {
    let name = format!("{SNAPSHOT}{UNFINISHED}");
    let path = format!("{}/{name}", shared.storage.place());
    let io = |error: io::Error| IndexError::io(&path, &error);
    let file = shared.storage.open(&name, true).map_err(io)?;
    file.set_len(0).map_err(io)?;
    let mut out = Sections { file: &*file, at: 0, buffer: Vec::with_capacity(CHUNK) };
    out.buffer.extend(MAGIC);
    out.buffer.extend([FORMAT, FINGERPRINT_VERSION].iter().flat_map(|word| word.to_le_bytes()));
    let (from, since) = first_sections(shared, &mut out).map_err(io)?;
    for pick in TABLES {
        for first in (0..SlotTable::PIECES).step_by(PIECES) {
            let mut section = Vec::new();
            {
                let tables = shared.tables();
                let table = pick(&tables);
                (first..first + PIECES).for_each(|at| table.piece(at, &mut section));
            }
            out.put(&section).map_err(io)?;
        }
    }
    // All that may be in the tables is on disk up to here.
    let durable = shared.writer().durable_tail;
    let mut last = Vec::new();
    for (segment, offset) in [from, (durable.segment, durable.offset)] {
        last.extend(segment.to_le_bytes());
        last.extend(offset.to_le_bytes());
    }
    let finish = |mut out: Sections<'_>| {
        out.put(&last)?;
        out.flush()?;
        file.sync()?;
        shared.storage.rename(&name, SNAPSHOT)?;
        shared.storage.sync_names()
    };
    finish(out).map_err(io)?;
    let mut writer = shared.writer();
    writer.since_snapshot = writer.since_snapshot.saturating_sub(since);
    Ok(())
}

/// The tables of a snapshot.
const TABLES: [fn(&Tables) -> &SlotTable; 4] =
    [|tables| &tables.texts, |tables| &tables.units, |tables| &tables.ids, |tables| &tables.postings];

/// Writes what is copied at one moment; returns the end of the log at that moment, and how much no snapshot covered.
fn first_sections(shared: &Shared, out: &mut Sections<'_>) -> io::Result<((u32, u64), u64)> {
    let (mut head, mut places, mut codes, mut waiting) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (from, since) = {
        // The tables may be ahead of the durable end by what the flusher is bringing into them: a start repeats that.
        let writer = shared.writer();
        let tables = shared.tables();
        head.extend(tables.live.to_le_bytes());
        let mut ids: Vec<SegmentId> = tables.files.values().map(|(id, _)| *id).collect();
        // A file that is being begun goes again if that fails.
        ids.retain(|id| id.number <= writer.durable_tail.segment);
        ids.sort_unstable_by_key(|id| id.number);
        head.extend((ids.len() as u32).to_le_bytes());
        head.extend(ids.iter().flat_map(|id| [id.number, id.generation]).flat_map(u32::to_le_bytes));
        places.reserve(tables.places.len() * 12);
        for (slot, place) in (0..).zip(&tables.places) {
            places.extend(place.words().iter().flat_map(|word| word.to_le_bytes()));
            if place.has_code() {
                codes.extend(u32::to_le_bytes(slot));
                codes.extend(tables.near.code(slot).to_le_bytes());
            }
        }
        for (slot, it) in &tables.waiting {
            waiting.extend(slot.to_le_bytes());
            waiting.extend(it.id.to_le_bytes());
            put(&mut waiting, it.crawl.as_bytes());
        }
        ((writer.durable_tail.segment, writer.durable_tail.offset), writer.since_snapshot)
    };
    for section in [head, places, codes, waiting] {
        out.put(&section)?;
    }
    Ok((from, since))
}

struct Sections<'f> {
    file: &'f dyn Stored,
    at: u64,
    buffer: Vec<u8>,
}

impl Sections<'_> {
    fn put(&mut self, section: &[u8]) -> io::Result<()> {
        self.buffer.extend((section.len() as u64).to_le_bytes());
        self.buffer.extend(checksum(section));
        self.buffer.extend(section);
        if self.buffer.len() >= CHUNK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_at(&self.buffer, self.at)?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Reads the snapshot; `None` when it does not fit the files that are there: then the log says everything.
pub(super) fn load(storage: &dyn Storage, ids: &[SegmentId]) -> Result<Option<(Tables, Start)>, IndexError> {
    let Ok(file) = storage.open(SNAPSHOT, false) else { return Ok(None) };
    let Some((tables, start, held)) = read(&*file) else { return Ok(None) };
    let known = |number: u32| ids.iter().find(|id| id.number == number);
    if let Some(missing) = held.iter().find(|id| known(id.number).is_none()) {
        let name = format!("{}/{}", storage.place(), super::segment::name(missing.number));
        return Err(IndexError::corrupt(&name, 0, "the file is missing"));
    }
    let fits = held.iter().all(|id| known(id.number) == Some(id)) && known(start.from.0).is_some();
    Ok(fits.then_some((tables, start)))
}

fn read(file: &dyn Stored) -> Option<(Tables, Start, Vec<SegmentId>)> {
    let mut source = Source { file, at: 0, length: file.len().ok()? };
    let head = source.raw(16)?;
    let mut reader = Reader(&head);
    if reader.raw(8)? != MAGIC || reader.u32()? != FORMAT || reader.u32()? != FINGERPRINT_VERSION {
        return None;
    }
    let mut tables = Tables::default();
    let head = source.section()?;
    let mut reader = Reader(&head);
    tables.live = reader.u64()?;
    let mut ids = Vec::new();
    for _ in 0..reader.u32()? {
        ids.push(SegmentId { number: reader.u32()?, generation: reader.u32()? });
    }
    let places = source.section()?;
    let mut reader = Reader(&places);
    tables.places.reserve_exact(places.len() / 12);
    while !reader.0.is_empty() {
        tables.places.push(Place::of_words([reader.u32()?, reader.u32()?, reader.u32()?]));
    }
    let codes = source.section()?;
    let mut reader = Reader(&codes);
    while !reader.0.is_empty() {
        let slot = reader.u32()?;
        tables.near.insert(slot, reader.u64()?);
    }
    let waiting = source.section()?;
    let mut reader = Reader(&waiting);
    while !reader.0.is_empty() {
        let (slot, id) = (reader.u32()?, reader.u64()?);
        tables.waiting.insert(slot, Waiting { crawl: reader.text()?.to_owned(), id });
    }
    for at in 0..TABLES.len() {
        let table = match at {
            0 => &mut tables.texts,
            1 => &mut tables.units,
            2 => &mut tables.ids,
            _ => &mut tables.postings,
        };
        for first in (0..SlotTable::PIECES).step_by(PIECES) {
            let section = source.section()?;
            let mut reader = Reader(&section);
            for piece in first..first + PIECES {
                table.put_piece(piece, reader.bytes()?)?;
            }
        }
    }
    let last = source.section()?;
    let mut reader = Reader(&last);
    let start = Start { from: (reader.u32()?, reader.u64()?), certain: (reader.u32()?, reader.u64()?) };
    Some((tables, start, ids))
}

struct Source<'f> {
    file: &'f dyn Stored,
    at: u64,
    length: u64,
}

impl Source<'_> {
    fn raw(&mut self, length: u64) -> Option<Vec<u8>> {
        if length > MAX_SECTION || length > self.length - self.at {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        read_exact(self.file, &mut bytes, self.at).ok()?;
        self.at += length;
        Some(bytes)
    }

    fn section(&mut self) -> Option<Vec<u8>> {
        let head = self.raw(16)?;
        let mut reader = Reader(&head);
        let length = reader.u64()?;
        let section = self.raw(length)?;
        (reader.raw(8)? == checksum(&section)).then_some(section)
    }
}
