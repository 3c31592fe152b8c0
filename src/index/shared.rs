//! What the threads of a collection share, and how documents are found and read in it.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::entry::{Entry, Record};
use super::judge::Compared;
use super::known::Known;
use super::look::{Query, Sight};
use super::operation::{Change, Operation};
use super::storage::Storage;
use super::tables::Tables;
use super::view::View;
use super::writer::Writer;
use super::{IndexError, Options, Settings, segment};
use crate::cache::Cache;

/// See the module. Locks are taken in the order `maintenance`, `writer`, `tables`.
pub(super) struct Shared {
    pub name: String,
    pub settings: Settings,
    pub options: Options,
    pub storage: Arc<dyn Storage>,
    pub tables: RwLock<Tables>,
    pub writer: Mutex<Writer>,
    /// Something is queued, or the collection closes.
    pub work: Condvar,
    /// Something has landed or was lost.
    pub calm: Condvar,
    /// Documents ready to be compared, by slot.
    pub cache: Cache<Known>,
    /// Held by whoever writes snapshots or replaces files.
    pub maintenance: Mutex<()>,
    /// A snapshot is being written in the background.
    pub snapshotting: AtomicBool,
}

/// What a document was compared with, and what was seen then.
pub(super) struct Seen {
    pub sight: Sight,
    /// The last operation that was seen.
    pub version: u64,
    /// Operations that were not in the tables.
    pub fresh: Vec<Arc<Operation>>,
    pub epoch: u64,
}

impl Seen {
    /// The document of a slot, where it is on its way into the tables.
    pub(super) fn added(&self, slot: u32) -> Option<(&super::operation::Added, u64)> {
        self.fresh.iter().find_map(|operation| match &operation.change {
            Change::Add(added) if added.record.slot == slot => Some((added, operation.version)),
            _ => None,
        })
    }
}

/// Waits for a condition of the writer.
pub(super) fn wait<'g>(condition: &Condvar, writer: MutexGuard<'g, Writer>) -> MutexGuard<'g, Writer> {
    condition.wait(writer).unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tables(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tables_mut(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn maintenance(&self) -> MutexGuard<'_, ()> {
        self.maintenance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file of the log as messages name it.
    pub(super) fn file_name(&self, number: u32) -> String {
        format!("{}/{}", self.storage.place(), segment::name(number))
    }

    /// Looks a document up. With the writer in hand nothing can come in between.
    pub(super) fn look(&self, query: &Query<'_>, writer: Option<&Writer>) -> Seen {
        let of = |writer: &Writer| {
            let first = writer.operations.partition_point(|operation| operation.version <= writer.applied);
            (writer.operations.range(first..).cloned().collect::<Vec<_>>(), writer.epoch)
        };
        let (mut fresh, epoch) = writer.map_or_else(|| of(&self.writer()), of);
        let tables = self.tables();
        let (sight, version) = View::new(&tables, &fresh, query.crawl).look(query);
        // What came into the tables in between is seen there, as it is by now: a crawl may have been committed since.
        fresh.retain(|operation| operation.version > tables.applied);
        drop(tables);
        Seen { sight, version, fresh, epoch }
    }

    /// The record of a stored document; `None` when it is gone.
    pub(super) fn record(&self, slot: u32) -> Result<Option<Record>, IndexError> {
        let found = {
            let tables = self.tables();
            tables.place(slot).and_then(|place| Some((place, tables.files.get(&place.segment)?.1.clone())))
        };
        let Some((place, file)) = found else { return Ok(None) };
        let name = self.file_name(place.segment);
        let payload = segment::read(&*file, &name, u64::from(place.offset))?;
        match Entry::decode(&payload) {
            Some(Entry::Document(record)) if record.slot == slot => Ok(Some(*record)),
            _ => {
                Err(IndexError::corrupt(&name, u64::from(place.offset), "another entry stands where a document should"))
            }
        }
    }

    /// A stored document ready to be compared; `None` when it is gone.
    pub(super) fn known(&self, slot: u32, seen: &Seen) -> Result<Option<Arc<Known>>, IndexError> {
        if let Some((added, _)) = seen.added(slot) {
            return Ok(Some(added.known.clone()));
        }
        if let Some(known) = self.cache.get(slot) {
            return Ok(Some(known));
        }
        let Some(record) = self.record(slot)? else { return Ok(None) };
        let known = Known::stored(&record).ok_or_else(|| {
            IndexError::corrupt(&self.name, 0, format!("the text of `{}` cannot be unpacked", record.id))
        })?;
        let known = Arc::new(known);
        self.cache.put(slot, known.clone(), known.bytes());
        Ok(Some(known))
    }

    /// Compares a document with the best candidates; gives how many were left out.
    pub(super) fn compare(
        &self,
        arriving: &Known,
        seen: &Seen,
        same_id: &[u32],
    ) -> Result<(Vec<Compared>, u64), IndexError> {
        let most = self.settings.candidates as usize;
        let mut compared = Vec::new();
        let mut skipped = seen.sight.more;
        for candidate in seen.sight.candidates.iter().filter(|candidate| !same_id.contains(&candidate.slot)) {
            if compared.len() >= most {
                skipped += 1;
            } else if let Some(known) = self.known(candidate.slot, seen)? {
                compared.push(Compared::new(candidate.slot, arriving, known));
            }
        }
        Ok((compared, skipped))
    }
}
