//! From the files of a collection to its tables.

use super::IndexError;
use super::entry::{Entry, NONE, Record};
use super::segment::{self, HEADER, Opened, SegmentId};
use super::snapshot::{self, SNAPSHOT};
use super::storage::{Storage, Stored};
use super::tables::{Place, Tables};
use super::writer::Tail;
use crate::dedup::FINGERPRINT_VERSION;

/// A file that was being written when the process ended.
pub(super) const UNFINISHED: &str = ".new";

/// What was found.
pub(super) struct Recovered {
    pub tables: Tables,
    pub tail: Tail,
    /// Bytes of the log that no snapshot covers.
    pub since_snapshot: u64,
}

/// Reads a collection, or begins one where there are no files.
pub(super) fn recover(storage: &dyn Storage) -> Result<Recovered, IndexError> {
    let io = |error: std::io::Error| IndexError::io(&storage.place(), &error);
    let names = storage.list().map_err(io)?;
    for name in names.iter().filter(|name| name.ends_with(UNFINISHED)) {
        storage.remove(name).map_err(io)?;
    }
    let mut files = open_all(storage, &names)?;
    if files.is_empty() {
        let id = SegmentId::fresh(1);
        files.push((id, segment::create(storage, id)?));
    }
    let ids: Vec<SegmentId> = files.iter().map(|(id, _)| *id).collect();
    let loaded = if names.iter().any(|name| name == SNAPSHOT) { snapshot::load(storage, &ids)? } else { None };
    let (mut tables, start) = loaded.unwrap_or_else(|| {
        (Tables::default(), snapshot::Start { from: (ids[0].number, HEADER), certain: (ids[0].number, HEADER) })
    });
    tables.files = files.iter().map(|(id, file)| (id.number, (*id, file.clone()))).collect();
    let mut replay = Replay { tables, storage, since: 0 };
    let mut end = HEADER;
    let last = files.len() - 1;
    for (at, (id, file)) in files.iter().enumerate() {
        if id.number >= start.from.0 {
            end = replay.file(*id, &**file, &start, at == last)?;
        }
    }
    let number = files[last].0.number;
    let slot = replay.tables.places.len() as u32;
    Ok(Recovered {
        tables: replay.tables,
        tail: Tail { segment: number, offset: end, slot },
        since_snapshot: replay.since,
    })
}

/// A file of the log, and which it is.
type Whole = (SegmentId, std::sync::Arc<dyn Stored>);

/// The files of the log in order.
fn open_all(storage: &dyn Storage, names: &[String]) -> Result<Vec<Whole>, IndexError> {
    let mut numbers: Vec<u32> = names.iter().filter_map(|name| segment::number(name)).collect();
    numbers.sort_unstable();
    let mut files = Vec::new();
    let path = |number: u32| format!("{}/{}", storage.place(), segment::name(number));
    for (at, &number) in numbers.iter().enumerate() {
        if number != at as u32 + 1 {
            return Err(IndexError::corrupt(&path(at as u32 + 1), 0, "the file is missing"));
        }
        let name = path(number);
        let file = storage.open(&segment::name(number), false).map_err(|error| IndexError::io(&name, &error))?;
        match segment::open(&*file, &name)? {
            Opened::Good(_, version) if version != FINGERPRINT_VERSION => {
                let what = format!(
                    "its signatures are of version {version}, those of this taoxi of version {FINGERPRINT_VERSION}"
                );
                return Err(IndexError::OtherVersion { file: name, what });
            }
            Opened::Good(id, _) => files.push((id, file)),
            // The process ended while it began a new file.
            Opened::Unfinished if at + 1 == numbers.len() => {
                let id = SegmentId::fresh(number);
                files.push((id, segment::create(storage, id)?));
            }
            Opened::Unfinished => return Err(IndexError::corrupt(&name, 0, "its header is not what was written")),
        }
    }
    Ok(files)
}

/// Takes what the log says into the tables.
struct Replay<'s> {
    tables: Tables,
    storage: &'s dyn Storage,
    since: u64,
}

impl Replay<'_> {
    /// Reads one file; returns where it ends.
    fn file(
        &mut self,
        id: SegmentId,
        file: &dyn Stored,
        start: &snapshot::Start,
        is_last: bool,
    ) -> Result<u64, IndexError> {
        let name = format!("{}/{}", self.storage.place(), segment::name(id.number));
        let length = file.len().map_err(|error| IndexError::io(&name, &error))?;
        let from = if id.number == start.from.0 { start.from.1 } else { HEADER };
        if from > length {
            return Err(IndexError::corrupt(&name, length, "the file is shorter than it was"));
        }
        let end = segment::scan(file, &name, (from, length), |place, payload| {
            self.entry(id.number, place, payload)
                .ok_or_else(|| IndexError::corrupt(&name, place, "an entry of no known form"))?
        })?;
        self.since += end.good - from;
        let Some(fault) = end.fault else { return Ok(end.good) };
        let certain = if id.number == start.certain.0 { start.certain.1 } else { 0 };
        if !is_last || end.good < certain || segment::proves_synced(file, &name, end.good, length)? {
            return Err(IndexError::corrupt(&name, end.good, fault));
        }
        // A power cut tore the last write: nobody was told that it had happened.
        file.set_len(end.good).and_then(|()| file.sync()).map_err(|error| IndexError::io(&name, &error))?;
        Ok(end.good)
    }

    /// `None` for an entry that is not understood.
    fn entry(&mut self, segment: u32, place: u64, payload: &[u8]) -> Option<Result<(), IndexError>> {
        // A document's text is not needed: most of the log is passed over.
        let entry = Entry::decode(payload)?;
        let tables = &mut self.tables;
        match entry {
            Entry::Mark { .. } => {}
            Entry::Document(record) => {
                let place = Place::new(segment, place, &record.print);
                tables.add(&record, place);
                if record.replaces != NONE {
                    return Some(self.remove(record.replaces));
                }
            }
            Entry::Remove { slot } => return Some(self.remove(slot)),
            Entry::Commit { crawl, replaced } => {
                tables.admit(&crawl);
                for slot in replaced {
                    if let Err(error) = self.remove(slot) {
                        return Some(Err(error));
                    }
                }
            }
            Entry::Rollback { crawl } => {
                for slot in tables.of_crawl(&crawl) {
                    if let Err(error) = self.remove(slot) {
                        return Some(Err(error));
                    }
                }
            }
        }
        Some(Ok(()))
    }

    fn remove(&mut self, slot: u32) -> Result<(), IndexError> {
        // Where it is gone already, a snapshot knew of the removal.
        if let Some(record) = self.record(slot)? {
            self.tables.remove(&record);
        }
        Ok(())
    }

    fn record(&self, slot: u32) -> Result<Option<Record>, IndexError> {
        let Some(place) = self.tables.place(slot) else { return Ok(None) };
        let Some((_, file)) = self.tables.files.get(&place.segment) else { return Ok(None) };
        let name = format!("{}/{}", self.storage.place(), segment::name(place.segment));
        let payload = segment::read(&**file, &name, u64::from(place.offset))?;
        match Entry::decode(&payload) {
            Some(Entry::Document(record)) if record.slot == slot => Ok(Some(*record)),
            _ => {
                Err(IndexError::corrupt(&name, u64::from(place.offset), "another entry stands where a document should"))
            }
        }
    }
}
