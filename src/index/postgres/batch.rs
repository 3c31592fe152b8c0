//! Documents on their way into a collection: as many as wait are decided on and stored in one transaction, in the order in which they came.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use deadpool_postgres::Client;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::case::{Case, Local, Now, decoded, records, unpacked};
use super::collection::Inner;
use super::fault::Fault;
use super::gather::{Key, Moment, number, signed, slot_of};
use super::link::{Transaction, rows};
use super::log::{Log, Since};
use super::rows::{self as table, Delta};
use crate::index::entry::{NONE, Record};
use crate::index::known::Known;
use crate::index::tables::id_hash;
use crate::index::{Answer, IndexError, Status, body};

/// Most documents of a transaction.
const MOST: usize = 256;
/// So many documents of others are read to know what came since; of more, each that waits is looked up again.
const READ_ON: i64 = 512;
/// Slots end here: the database's numbers have 31 bits.
const LAST_SLOT: i64 = i32::MAX as i64 - 1;

/// The row that is the lock of a collection.
pub(super) fn lock() -> String {
    format!("SELECT {} FROM taoxi_collections WHERE id = $1 FOR UPDATE", Moment::COLUMNS)
}

const IDS: &str =
    "SELECT id_hash, slot, crawl FROM taoxi_documents WHERE id_hash = ANY($2) AND collection = $1 ORDER BY slot";
const ALIVE: &str = "SELECT slot FROM taoxi_documents WHERE slot = ANY($2) AND collection = $1";
const CAME: &str = "SELECT slot, crawl, record FROM taoxi_documents
    WHERE collection = $1 AND slot >= $2 AND slot < $3 ORDER BY slot";

/// A document that waits, or one that is put back as it was.
pub(super) enum Work {
    Arrived(Box<Case>),
    PutBack(Box<Record>),
}

/// What becomes of it.
pub(super) type Told = Result<Option<Answer>, IndexError>;

/// A place in the queue. What is looked up meanwhile comes when it is there.
pub(super) struct Queued {
    pub work: oneshot::Receiver<Result<Work, IndexError>>,
    pub told: oneshot::Sender<Told>,
    /// Room in memory, given back when it is done.
    pub room: OwnedSemaphorePermit,
}

/// Stores what is queued until nobody can queue any more.
pub(super) async fn run(inner: Arc<Inner>, mut queue: mpsc::UnboundedReceiver<Queued>) {
    let mut log = Log::default();
    let mut next: Vec<Queued> = Vec::new();
    while queue.recv_many(&mut next, MOST).await > 0 {
        let mut ready: Vec<(Work, oneshot::Sender<Told>, OwnedSemaphorePermit)> = Vec::new();
        for Queued { work, told, room } in next.drain(..) {
            match work.await.unwrap_or(Err(IndexError::Closed)) {
                Ok(work) => ready.push((work, told, room)),
                // Whoever asked may be gone by now: here and below.
                Err(error) => drop(told.send(Err(error))),
            }
        }
        let mut batch: Vec<&mut Work> = ready.iter_mut().map(|(work, ..)| work).collect();
        let outcome = if batch.is_empty() { Ok(Vec::new()) } else { patiently(&inner, &mut batch, &mut log).await };
        match outcome {
            Ok(answers) => {
                ready.into_iter().zip(answers).for_each(|((_, told, _), answer)| drop(told.send(answer)));
            }
            Err(error) => ready.into_iter().for_each(|(_, told, _)| drop(told.send(Err(error.clone())))),
        }
    }
}

/// Tries again where that helps.
async fn patiently(inner: &Inner, batch: &mut [&mut Work], log: &mut Log) -> Result<Vec<Told>, IndexError> {
    let mut patience = inner.link.patience();
    loop {
        match once(inner, batch, log).await {
            Ok(answers) => return Ok(answers),
            Err(fault) => {
                log.restart(0);
                for work in batch.iter_mut() {
                    if let Work::Arrived(case) = &mut **work {
                        case.stale = true;
                    }
                }
                patience.after(fault).await?;
            }
        }
    }
}

/// One transaction.
struct Batch<'b> {
    inner: &'b Inner,
    db: &'b Client,
    now: Now,
    local: Local,
    /// Documents of the collection that were replaced.
    replaced: Vec<u32>,
    next_slot: i64,
    /// Hashes that are known to be hot, as long as that is known of all.
    hot: Option<BTreeSet<Key>>,
}

async fn once(inner: &Inner, work: &mut [&mut Work], log: &mut Log) -> Result<Vec<Told>, Fault> {
    let client = inner.link.writer().await?;
    let (transaction, row) = Transaction::begin(client, &inner.lock, &[&inner.seat.id]).await?;
    let row = row.ok_or_else(|| IndexError::NoCollection(inner.seat.name.clone()))?;
    let moment = Moment::of(&row);
    let db = transaction.db()?;
    let mut batch = Batch {
        inner,
        db,
        now: Now { moment, ..Now::default() },
        local: Local::default(),
        replaced: Vec::new(),
        next_slot: moment.next_slot,
        hot: Some(BTreeSet::new()),
    };
    batch.read_on(work, log).await?;
    batch.see(work, log).await?;
    let mut answers = Vec::with_capacity(work.len());
    for one in work.iter_mut() {
        let told = match &mut **one {
            Work::Arrived(case) => batch.arrive(case, log).await,
            Work::PutBack(record) => batch.put_back(record).await,
        };
        answers.push(match told {
            Ok(answer) => Ok(answer),
            // One that cannot be stored does not keep the others from it.
            Err(Fault::Index(error)) => Err(error),
            Err(fault) => return Err(fault),
        });
    }
    let (added, end) = batch.write().await?;
    transaction.commit().await?;
    for it in &added {
        inner.cache.put(it.slot, it.known.clone(), it.known.bytes());
    }
    if log.end() == moment.next_slot {
        log.extend(added, end);
    }
    Ok(answers)
}

impl Batch<'_> {
    /// Reads what others stored since the log ends, if somebody here needs it and it is not much.
    async fn read_on(&mut self, work: &[&mut Work], log: &mut Log) -> Result<(), Fault> {
        let arrived = work.iter().filter_map(|work| match &**work {
            Work::Arrived(case) if !case.stale => Some(case.moment.next_slot),
            _ => None,
        });
        let end = self.now.moment.next_slot;
        let first = arrived.min().unwrap_or(end);
        if log.end() < first || log.end() > end {
            log.restart(first);
        }
        if end - log.end() > READ_ON {
            log.restart(end);
        }
        if log.end() == end {
            return Ok(());
        }
        let seat = &self.inner.seat;
        let (from, to) = (slot_number(log.end()), slot_number(end));
        let mut came = Vec::new();
        for row in rows(self.db, CAME, &[&seat.id, &from, &to]).await? {
            let record = decoded(row.get(2), seat)?;
            let slot = slot_of(&row, 0);
            let known = match self.inner.cache.get(slot) {
                Some(known) => known,
                None => Arc::new(unpacked(&record, seat)?),
            };
            came.push(Arc::new(Since { slot, id: id_hash(&record.id), crawl: row.get(1), known, record }));
        }
        log.extend(came, end);
        Ok(())
    }

    /// Sees under which ids something is stored, and which documents are still there.
    async fn see(&mut self, work: &[&mut Work], log: &Log) -> Result<(), Fault> {
        let ids: Vec<i64> = work.iter().map(|work| signed(work.id())).collect();
        for row in rows(self.db, IDS, &[&self.inner.seat.id, &ids]).await? {
            let id: i64 = row.get(0);
            self.now.ids.entry(id.cast_unsigned()).or_default().push((slot_of(&row, 1), row.get(2)));
        }
        let arrived = || {
            work.iter().filter_map(|work| match &**work {
                Work::Arrived(case) if !case.stale => Some(case),
                _ => None,
            })
        };
        if arrived().all(|case| case.moment.gone == self.now.moment.gone) {
            return Ok(());
        }
        let first = arrived().map(|case| case.moment.next_slot).min().unwrap_or(0);
        let came = log.since(first, self.now.moment.next_slot).into_iter().flatten().map(|it| it.slot);
        let slots: HashSet<u32> = arrived().flat_map(|case| case.slots()).chain(came).collect();
        let slots: Vec<i32> = slots.into_iter().map(number).collect();
        let alive = rows(self.db, ALIVE, &[&self.inner.seat.id, &slots]).await?;
        self.now.alive = Some(alive.iter().map(|row| slot_of(row, 0)).collect());
        Ok(())
    }

    /// Decides on a document.
    async fn arrive(&mut self, case: &mut Case, log: &Log) -> Result<Option<Answer>, Fault> {
        let Inner { seat, cache, .. } = self.inner;
        if !case.catch_up(seat, &self.now, log, &self.local) {
            case.look(self.db, seat, cache, &self.local).await?;
        }
        if case.moment.crowds != self.now.moment.crowds {
            self.hot = None;
        }
        let decision = case.decide();
        if matches!(decision.answer.status, Status::New | Status::Updated) {
            let since = case.store(seat, self.slot()?, &decision)?;
            if let Some(hot) = &mut self.hot {
                hot.append(&mut case.known_hot);
            }
            self.put(since, case.replaces());
        }
        Ok(Some(decision.answer))
    }

    /// Stores a document as it was.
    async fn put_back(&mut self, record: &Record) -> Result<Option<Answer>, Fault> {
        let id = id_hash(&record.id);
        let seat = &self.inner.seat;
        let here = self.local.added.iter().filter(|it| it.id == id && !self.local.gone.contains(&it.slot));
        let mut there: Vec<Record> = here.map(|it| it.record.clone()).filter(|it| it.crawl.is_empty()).collect();
        let stored = self.now.ids.get(&id).into_iter().flatten();
        let stored: Vec<i32> = stored
            .filter(|(slot, crawl)| crawl.is_empty() && !self.local.gone.contains(slot))
            .map(|(slot, _)| number(*slot))
            .collect();
        there.extend(records(self.db, seat, &stored).await?.into_values());
        let there = there.into_iter().find(|it| it.id == record.id);
        if let Some(there) = &there
            && there.print.text == record.print.text
            && body::text(&there.body) == body::text(&record.body)
        {
            return Ok(None);
        }
        let slot = self.slot()?;
        let record = Record { slot, ..record.clone() };
        let known: Known = unpacked(&record, seat)?;
        self.hot = None;
        let since = Since { slot, id, crawl: String::new(), known: Arc::new(known), record };
        self.put(Arc::new(since), there.map_or(NONE, |there| there.slot));
        Ok(None)
    }

    /// The next slot.
    fn slot(&mut self) -> Result<u32, IndexError> {
        if self.next_slot > LAST_SLOT {
            let name = &self.inner.seat.name;
            return Err(IndexError::Full(format!("the collection `{name}` has no more numbers for documents")));
        }
        let slot = u32::try_from(self.next_slot).unwrap_or(NONE);
        self.next_slot += 1;
        Ok(slot)
    }

    fn put(&mut self, since: Arc<Since>, replaces: u32) {
        if replaces != NONE {
            self.local.gone.push(replaces);
            if !self.local.added.iter().any(|it| it.slot == replaces) {
                self.replaced.push(replaces);
            }
        }
        self.local.added.push(since);
    }

    /// Writes all that was decided; gives what was added, and the number of what comes next.
    async fn write(self) -> Result<(Vec<Arc<Since>>, i64), Fault> {
        let Self { inner, db, now, mut local, replaced, next_slot, hot } = self;
        let seat = &inner.seat;
        if local.added.is_empty() {
            return Ok((Vec::new(), now.moment.next_slot));
        }
        local.added.retain(|it| !local.gone.contains(&it.slot));
        let mut delta = Delta::default();
        let hot = hot.filter(|_| replaced.is_empty());
        table::take(db, seat, &replaced, &mut delta).await?;
        table::add(db, seat, &local.added, &mut delta).await?;
        delta.heat(db, seat, hot.as_ref()).await?;
        delta.write(db, seat, next_slot).await?;
        Ok((local.added, next_slot))
    }
}

impl Work {
    /// The hash of its id.
    fn id(&self) -> u64 {
        match self {
            Self::Arrived(case) => case.id,
            Self::PutBack(record) => id_hash(&record.id),
        }
    }
}

fn slot_number(slot: i64) -> i32 {
    i32::try_from(slot).unwrap_or(i32::MAX)
}
