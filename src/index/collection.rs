//! A collection on one machine: the log on disk is the truth, tables in memory answer.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use super::body;
use super::case::Case;
use super::commit::Commit;
use super::entry::{Entry, NONE, Record};
use super::known::Known;
use super::operation::{Added, Change, Operation};
use super::segment::MAX_PAYLOAD;
use super::shared::{Shared, wait};
use super::storage::Storage;
use super::stored::{self, check_names, pack};
use super::tables::{Place, id_hash};
use super::writer::{MOST_FRESH, MOST_QUEUED, Writer};
use super::{
    Arrival, Counts, IndexError, Options, Pending, Reply, Settings, Status, Store, StoredDocument, compact, flush,
    recover, snapshot,
};
use crate::cache::Cache;
use crate::dedup::Fingerprint;

/// Largest size from which on a new file of the log is begun: with the longest entry behind it, places still have 32 bits.
const MOST_SEGMENT: u64 = 1 << 30;

/// A collection on this machine's disk.
pub struct Collection {
    shared: Arc<Shared>,
    flusher: Mutex<Option<JoinHandle<()>>>,
}

impl Collection {
    /// Opens a collection, or makes an empty one. A write that a power cut tore is cut off; damage anywhere else is an error that names
    /// the file and the byte.
    pub fn open(
        name: &str,
        settings: Settings,
        storage: Arc<dyn Storage>,
        options: Options,
    ) -> Result<Self, IndexError> {
        let recovered = recover::recover(&*storage)?;
        let segment_bytes = options.segment_bytes.min(MOST_SEGMENT);
        let mut writer = Writer::new(recovered.tail, segment_bytes, recovered.since_snapshot);
        writer.durable = recovered.tables.applied;
        let shared = Arc::new(Shared {
            name: name.to_owned(),
            settings,
            storage,
            tables: RwLock::new(recovered.tables),
            writer: Mutex::new(writer),
            work: Condvar::new(),
            calm: Condvar::new(),
            cache: Cache::new(options.cache_bytes),
            maintenance: Mutex::new(()),
            snapshotting: AtomicBool::new(false),
            options,
        });
        let flusher = {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name("collection".to_owned())
                .spawn(move || flush::run(&shared))
                .map_err(|error| IndexError::io(name, &error))?
        };
        Ok(Self { shared, flusher: Mutex::new(Some(flusher)) })
    }

    /// Writes what is queued and a snapshot, and ends. Nothing can be added afterwards.
    pub fn close(&self) -> Result<(), IndexError> {
        if self.end()? { snapshot::write_if_needed(&self.shared, true) } else { Ok(()) }
    }

    /// Writes what is queued and ends, since its files are about to go. Nothing is written to its folder after this.
    pub(super) fn abandon(&self) {
        let _ = self.end();
        // Whoever still writes a snapshot or replaces files holds this, and whoever comes later sees that it is closing.
        drop(self.shared.maintenance());
    }

    /// Ends the thread that writes; false if somebody did before.
    fn end(&self) -> Result<bool, IndexError> {
        self.shared.writer().closing = true;
        self.shared.work.notify_all();
        self.shared.calm.notify_all();
        let flusher = self.flusher.lock().unwrap_or_else(PoisonError::into_inner).take();
        // That thread itself may be the last to let go of a collection, when it calls whoever waits. It ends when it is back.
        let Some(flusher) = flusher.filter(|flusher| flusher.thread().id() != std::thread::current().id()) else {
            return Ok(false);
        };
        flusher.join().map(|()| true).map_err(|_| IndexError::Closed)
    }

    /// Writes a snapshot now, so that the next start is quick.
    pub fn snapshot(&self) -> Result<(), IndexError> {
        if self.shared.writer().closing {
            return Err(IndexError::Closed);
        }
        snapshot::write_if_needed(&self.shared, true)
    }

    /// Tells what an arriving document is, at once; the answer may be given when what it rests on is on disk.
    pub fn check(&self, arrival: &Arrival, crawl: &str) -> Result<Pending, IndexError> {
        check_names(&arrival.cleaned.id, crawl)?;
        let mut case = Case::open(&self.shared, arrival, crawl)?;
        let decision = case.decide();
        let rests_on = case.rests_on(&decision);
        Ok(Pending { answer: decision.answer, commit: self.commit(rests_on) })
    }

    /// Tells what an arriving document is and stores it if it is new or updated; the answer may be given when that is on disk.
    pub fn add(&self, arrival: &Arrival, crawl: &str) -> Result<Pending, IndexError> {
        check_names(&arrival.cleaned.id, crawl)?;
        let mut case = Case::open(&self.shared, arrival, crawl)?;
        // Packing takes its time: it is done before the lock is taken.
        let packed = if case.seems_new() { Some(pack(arrival)?) } else { None };
        let mut writer = self.room()?;
        case.catch_up(&writer)?;
        let decision = case.decide();
        let version = match decision.answer.status {
            Status::Copy | Status::Unchanged => case.rests_on(&decision),
            Status::New | Status::Updated => {
                if decision.compilation {
                    case.holds_parts();
                }
                let body = packed.map_or_else(|| pack(arrival), Ok)?;
                let record = Box::new(Record {
                    slot: NONE,
                    replaces: case.replaces(),
                    crawl: crawl.to_owned(),
                    compilation: decision.compilation,
                    id: arrival.cleaned.id.clone(),
                    print: case.print.clone(),
                    supersedes: decision.answer.supersedes.clone(),
                    flags: arrival.cleaned.flags.clone(),
                    body,
                });
                self.store(&mut writer, case.known.clone(), record)?
            }
        };
        drop(writer);
        Ok(Pending { answer: decision.answer, commit: self.commit(version) })
    }

    /// Stores a document as it was given out before, whatever it is a copy of. One of the same id and text stays as it is, one with another
    /// text is replaced.
    fn put_back(&self, document: StoredDocument) -> Result<Commit, IndexError> {
        let mut record = Box::new(stored::restored(document)?);
        let known = Known::stored(&record).ok_or(IndexError::Closed)?;
        let mut writer = self.room()?;
        // With the writer in hand, what is found stays.
        match self.find_with(&record.id, "", Some(&writer))? {
            Some((there, _))
                if there.print.text == record.print.text && body::text(&there.body) == body::text(&record.body) =>
            {
                return Ok(self.commit(writer.version));
            }
            Some((there, _)) => record.replaces = there.slot,
            None => {}
        }
        let version = self.store(&mut writer, Arc::new(known), record)?;
        drop(writer);
        Ok(self.commit(version))
    }

    /// The writer, once there is room for more and no crawl is being settled.
    fn room(&self) -> Result<MutexGuard<'_, Writer>, IndexError> {
        let mut writer = self.shared.writer();
        while !writer.closing && (writer.frozen || writer.fresh_bytes > MOST_QUEUED || writer.fresh() > MOST_FRESH) {
            writer = wait(&self.shared.calm, writer);
        }
        if writer.closing { Err(IndexError::Closed) } else { Ok(writer) }
    }

    /// Tells when an operation has landed.
    fn commit(&self, version: u64) -> Commit {
        if version == 0 {
            return Commit(None);
        }
        let shared = self.shared.clone();
        Commit(Some(Box::new(move |done| {
            let mut writer = shared.writer();
            let outcome = writer.outcome(version);
            match outcome {
                Some(outcome) => {
                    drop(writer);
                    done(outcome);
                }
                None => writer.waiters.push((version, done)),
            }
        })))
    }

    /// Queues a document under the slot it gets.
    fn store(&self, writer: &mut Writer, known: Arc<Known>, mut record: Box<Record>) -> Result<u64, IndexError> {
        let tail = writer.place();
        if tail.slot >= NONE - 1 {
            return Err(IndexError::Full(format!(
                "the collection `{}` has no more numbers for documents",
                self.shared.name
            )));
        }
        record.slot = tail.slot;
        let place = Place::new(tail.segment, tail.offset, &record.print);
        let entry = Entry::Document(record);
        let payload = entry.encode();
        let Entry::Document(record) = entry else { return Err(IndexError::Closed) };
        if payload.len() > MAX_PAYLOAD {
            return Err(IndexError::BadDocument(format!(
                "`{}` is too long: no more than 1 GiB is stored of a document",
                record.id
            )));
        }
        let bytes = payload.len() + known.bytes() + record.body.len();
        let added = Added { id: id_hash(&record.id), known, place, record };
        let version = writer.version + 1;
        writer.push(&payload, Operation { version, change: Change::Add(added), bytes });
        writer.tail.slot += 1;
        self.shared.work.notify_one();
        Ok(version)
    }

    /// Queues a change that is no document, while nobody else may add.
    fn push(&self, writer: &mut Writer, change: Change) -> u64 {
        writer.place();
        let version = writer.version + 1;
        let payload = change.entry().map(|entry| entry.encode()).unwrap_or_default();
        writer.push(&payload, Operation { version, change, bytes: payload.len() + 64 });
        self.shared.work.notify_one();
        version
    }

    /// Settles a crawl: nobody adds meanwhile.
    fn settle(
        &self,
        crawl: &str,
        change: impl FnOnce(&[u32]) -> Result<Change, IndexError>,
    ) -> Result<u64, IndexError> {
        let mut writer = self.room()?;
        writer.frozen = true;
        // All that came before must be in the tables.
        while writer.applied < writer.version && writer.outcome(writer.version).is_none() && !writer.closing {
            writer = wait(&self.shared.calm, writer);
        }
        let slots = self.shared.tables().of_crawl(crawl);
        drop(writer);
        let change = if slots.is_empty() { Err(IndexError::NoCrawl(crawl.to_owned())) } else { change(&slots) };
        let mut writer = self.shared.writer();
        let settled = match change {
            Ok(_) if writer.closing => Err(IndexError::Closed),
            Ok(change) => {
                let version = self.push(&mut writer, change);
                loop {
                    if let Some(outcome) = writer.outcome(version) {
                        break outcome.map(|()| slots.len() as u64);
                    }
                    writer = wait(&self.shared.calm, writer);
                }
            }
            Err(error) => Err(error),
        };
        writer.frozen = false;
        drop(writer);
        self.shared.calm.notify_all();
        settled
    }

    /// The older documents that those of a crawl replace.
    fn replaced(&self, slots: &[u32]) -> Result<Vec<u32>, IndexError> {
        let mut replaced = Vec::new();
        let mut found = Vec::new();
        for &slot in slots {
            let others: Vec<u32> = {
                let tables = self.shared.tables();
                let Some(waiting) = tables.waiting.get(&slot) else { continue };
                found.clear();
                let all = match tables.ids.get(waiting.id, &mut found) {
                    super::slots::Slots::Few(_) => found.as_slice(),
                    super::slots::Slots::Crowd(crowd) => crowd,
                };
                all.iter()
                    .copied()
                    .filter(|other| !tables.waiting.contains_key(other) && tables.place(*other).is_some())
                    .collect()
            };
            if others.is_empty() {
                continue;
            }
            let own = self.shared.record(slot)?;
            for other in others {
                let same = self
                    .shared
                    .record(other)?
                    .is_some_and(|record| own.as_ref().is_some_and(|own| own.id == record.id));
                if same {
                    replaced.push(other);
                }
            }
        }
        Ok(replaced)
    }

    /// The record that an id is stored under, and whether it waits under a crawl.
    fn find(&self, id: &str, crawl: &str) -> Result<Option<(Record, bool)>, IndexError> {
        self.find_with(id, crawl, None)
    }

    /// The same with the writer in hand, or without.
    fn find_with(&self, id: &str, crawl: &str, writer: Option<&Writer>) -> Result<Option<(Record, bool)>, IndexError> {
        let print = Fingerprint::default();
        let query = super::look::Query { print: &print, id: id_hash(id), crawl, radius: 0 };
        let seen = self.shared.look(&query, writer);
        let mut best: Option<(Record, bool)> = None;
        for &slot in &seen.sight.same_id {
            let found = if let Some((added, _)) = seen.added(slot) {
                Some(((*added.record).clone(), !added.record.crawl.is_empty()))
            } else {
                let waits = self.shared.tables().waiting.contains_key(&slot);
                self.shared.record(slot)?.map(|record| (record, waits))
            };
            // What waits under the crawl will replace what the collection holds, whichever came first.
            let found = found.filter(|(record, waits)| record.id == id && (*waits || !waited(best.as_ref())));
            best = found.or(best);
        }
        Ok(best)
    }
}

fn waited(found: Option<&(Record, bool)>) -> bool {
    found.is_some_and(|(_, waits)| *waits)
}

impl Store for Collection {
    fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    fn counts(&self) -> Result<Counts, IndexError> {
        let tables = self.shared.tables();
        let mut disk = 0;
        for (number, (_, file)) in &tables.files {
            disk += file.len().map_err(|error| IndexError::io(&self.shared.file_name(*number), &error))?;
        }
        let waiting = tables.waiting.len() as u64;
        Ok(Counts {
            documents: tables.live - waiting,
            waiting,
            postings: tables.postings.len() as u64,
            memory: (tables.bytes() + self.shared.cache.bytes()) as u64,
            disk,
        })
    }

    fn check(&self, arrival: &Arrival, crawl: &str) -> Result<Reply, IndexError> {
        Self::check(self, arrival, crawl).map(Reply::from)
    }

    fn add(&self, arrival: &Arrival, crawl: &str) -> Result<Reply, IndexError> {
        Self::add(self, arrival, crawl).map(Reply::from)
    }

    fn restore(&self, document: StoredDocument) -> Result<Commit, IndexError> {
        self.put_back(document)
    }

    fn get(&self, id: &str, crawl: &str) -> Result<Option<StoredDocument>, IndexError> {
        Ok(self.find(id, crawl)?.and_then(|(record, waits)| stored::given_out(record, waits)))
    }

    fn remove(&self, id: &str) -> Result<Option<Commit>, IndexError> {
        loop {
            let Some((record, _)) = self.find(id, "")? else { return Ok(None) };
            let mut writer = self.room()?;
            let taken = |operation: &Arc<Operation>| operation.takes_away() == Some(record.slot);
            // It was replaced or removed while the lock was taken: look again.
            if self.shared.tables().place(record.slot).is_none()
                && !writer.operations.iter().any(|it| adds(it, record.slot))
                || writer.operations.iter().any(taken)
            {
                continue;
            }
            let version = self.push(&mut writer, Change::Remove(record.slot));
            drop(writer);
            return Ok(Some(self.commit(version)));
        }
    }

    fn crawls(&self) -> Result<Vec<(String, u64)>, IndexError> {
        let mut crawls = std::collections::BTreeMap::new();
        for waiting in self.shared.tables().waiting.values() {
            *crawls.entry(waiting.crawl.clone()).or_insert(0) += 1;
        }
        Ok(crawls.into_iter().collect())
    }

    fn commit_crawl(&self, crawl: &str) -> Result<u64, IndexError> {
        self.settle(crawl, |slots| Ok(Change::Commit { crawl: crawl.to_owned(), replaced: self.replaced(slots)? }))
    }

    fn roll_back_crawl(&self, crawl: &str) -> Result<u64, IndexError> {
        self.settle(crawl, |_| Ok(Change::Rollback { crawl: crawl.to_owned() }))
    }

    fn each(&self, each: &mut dyn FnMut(StoredDocument) -> Result<(), IndexError>) -> Result<(), IndexError> {
        let slots = self.shared.tables().places.len() as u32;
        for slot in 0..slots {
            if self.shared.tables().waiting.contains_key(&slot) {
                continue;
            }
            if let Some(document) = self.shared.record(slot)?.and_then(|record| stored::given_out(record, false)) {
                each(document)?;
            }
        }
        Ok(())
    }

    fn compact(&self) -> Result<u64, IndexError> {
        compact::compact(&self.shared)
    }
}

/// Whether an operation adds the document of a slot.
fn adds(operation: &Operation, slot: u32) -> bool {
    matches!(&operation.change, Change::Add(added) if added.record.slot == slot)
}

impl Drop for Collection {
    fn drop(&mut self) {
        // Whoever wants to know how closing went closes before.
        let _ = self.close();
    }
}
