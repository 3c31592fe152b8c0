//! A collection whose documents are in a database: the same answers as on one machine, and any number of processes that use it at the same time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::Client;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::batch::{self, Queued, Told, Work};
use super::case::{Case, Local, decoded};
use super::crawls;
use super::fault::Fault;
use super::gather::{Key, Seat, slot_of};
use super::link::{Link, Transaction, rows};
use super::rows::{self as table, Delta};
use crate::cache::Cache;
use crate::index::entry::Record;
use crate::index::known::Known;
use crate::index::{Answer, Arrival, Commit, Counts, IndexError, Reply, Settings, Store, StoredDocument, stored};

/// KiB of documents that may be queued; each counts for no less than [`LEAST`], so there are no more than 512.
const ROOM: u32 = 32 << 10;
const LEAST: u32 = 64;
/// Documents that are read at a time when all are.
const PAGE: i64 = 256;

const OF_ID: &str = "SELECT slot, crawl, record FROM taoxi_documents
    WHERE id_hash = $2 AND collection = $1 AND crawl = ANY($3) ORDER BY slot";
const ALL: &str = "SELECT slot, crawl, record FROM taoxi_documents
    WHERE collection = $1 AND slot > $2 AND crawl = '' ORDER BY slot LIMIT $3";
const COUNTS: &str = "SELECT documents, waiting, postings, bytes FROM taoxi_collections WHERE id = $1";

/// What the threads of a collection share.
pub(super) struct Inner {
    pub link: Arc<Link>,
    pub seat: Seat,
    /// Documents ready to be compared, by slot. A slot is never given twice, so what is here is right as long as its document is there.
    pub cache: Cache<Known>,
    /// The statement that locks the collection.
    pub lock: String,
    /// Somebody is putting hashes among the hot ones.
    listing: AtomicBool,
}

/// A collection in a database.
pub(super) struct PgCollection {
    inner: Arc<Inner>,
    queue: Mutex<Option<mpsc::UnboundedSender<Queued>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    room: Arc<Semaphore>,
}

impl PgCollection {
    pub(super) fn new(link: Arc<Link>, seat: Seat, cache_bytes: usize) -> Self {
        let (cache, listing) = (Cache::new(cache_bytes), AtomicBool::new(false));
        let inner = Arc::new(Inner { link, seat, cache, lock: batch::lock(), listing });
        let (sender, receiver) = mpsc::unbounded_channel();
        let writer = inner.link.spawn(batch::run(inner.clone(), receiver));
        let (queue, writer) = (Mutex::new(Some(sender)), Mutex::new(writer));
        Self { inner, queue, writer, room: Arc::new(Semaphore::new(ROOM as usize)) }
    }

    /// Its number in the database.
    pub(super) fn id(&self) -> i32 {
        self.inner.seat.id
    }

    /// Takes no more; gives the task that stores what is queued.
    pub(super) fn end(&self) -> Option<JoinHandle<()>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until there is room for a document of so many bytes.
    fn room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, IndexError> {
        let kib = u32::try_from(bytes >> 10).unwrap_or(ROOM).clamp(LEAST, ROOM);
        let room = self.room.clone();
        self.inner.link.run(async move { room.acquire_many_owned(kib).await.map_err(|_| IndexError::Closed) })
    }

    /// Queues what comes through a channel; gives where its outcome is told.
    fn queue(
        &self,
        work: oneshot::Receiver<Result<Work, IndexError>>,
        room: OwnedSemaphorePermit,
    ) -> Result<oneshot::Receiver<Told>, IndexError> {
        let (told, outcome) = oneshot::channel();
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(IndexError::Closed)?;
        queue.send(Queued { work, told, room }).map_err(|_| IndexError::Closed)?;
        Ok(outcome)
    }

    fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<(), IndexError> {
        self.inner.link.spawn(work).map(drop).ok_or(IndexError::Closed)
    }

    /// A reply that comes through a channel.
    fn reply(&self, answer: oneshot::Receiver<Result<Answer, IndexError>>) -> Reply {
        let inner = self.inner.clone();
        Reply::later(move |done| {
            let waiting = async move { done(answer.await.unwrap_or(Err(IndexError::Closed))) };
            drop(inner.link.spawn(waiting));
        })
    }

    /// Runs a transaction with the collection locked.
    fn locked<T>(&self, work: &impl AsyncFn(&Client, &Seat, &mut Delta) -> Result<T, Fault>) -> Result<T, IndexError> {
        let Inner { link, seat, lock, .. } = &*self.inner;
        link.repeat(&async || {
            let (transaction, row) = Transaction::begin(link.writer().await?, lock, &[&seat.id]).await?;
            let row = row.ok_or_else(|| IndexError::NoCollection(seat.name.clone()))?;
            let db = transaction.db()?;
            let mut delta = Delta::default();
            let value = work(db, seat, &mut delta).await?;
            delta.write(db, seat, row.get(0)).await?;
            transaction.commit().await.map(|()| value)
        })
    }
}

impl Inner {
    /// Lets hashes become hot, by the way: answers are the same without, only slower.
    fn list_hot(self: &Arc<Self>, keys: BTreeSet<Key>) {
        if keys.is_empty() || self.listing.swap(true, Ordering::AcqRel) {
            return;
        }
        let (inner, keys): (_, Vec<Key>) = (self.clone(), keys.into_iter().collect());
        let listing = async move {
            let outcome = inner.list_hot_now(&keys).await;
            inner.listing.store(false, Ordering::Release);
            if let Err(fault) = outcome {
                tracing::debug!(error = %fault.told(inner.link.place()), "hot hashes were not written down");
            }
        };
        drop(self.link.spawn(listing));
    }

    async fn list_hot_now(&self, keys: &[Key]) -> Result<(), Fault> {
        let Self { link, seat, lock, .. } = self;
        let (transaction, row) = Transaction::begin(link.writer().await?, lock, &[&seat.id]).await?;
        let Some(row) = row else { return transaction.commit().await };
        let mut delta = Delta::default();
        table::list_hot(transaction.db()?, seat, keys, &mut delta).await?;
        delta.write(transaction.db()?, seat, row.get(0)).await?;
        transaction.commit().await
    }
}

/// Looks a document up, again where that helps.
async fn look(inner: &Arc<Inner>, case: &mut Case) -> Result<(), IndexError> {
    let mut patience = inner.link.patience();
    loop {
        let outcome = match inner.link.reader().await {
            Ok(client) => case.look(&client, &inner.seat, &inner.cache, &Local::default()).await,
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(()) => {
                inner.list_hot(std::mem::take(&mut case.unlisted));
                return Ok(());
            }
            Err(fault) => patience.after(fault).await?,
        }
    }
}

impl Store for PgCollection {
    fn settings(&self) -> &Settings {
        &self.inner.seat.settings
    }

    fn counts(&self) -> Result<Counts, IndexError> {
        let seat = &self.inner.seat;
        self.inner.link.read(&async |db| {
            let found = rows(db, COUNTS, &[&seat.id]).await?;
            let row = found.first().ok_or_else(|| IndexError::NoCollection(seat.name.clone()))?;
            let number = |column| row.get::<_, i64>(column).cast_unsigned();
            Ok(Counts {
                documents: number(0),
                waiting: number(1),
                postings: number(2),
                memory: self.inner.cache.bytes() as u64,
                disk: number(3),
            })
        })
    }

    fn check(&self, arrival: &Arrival, crawl: &str) -> Result<Reply, IndexError> {
        stored::check_names(&arrival.cleaned.id, crawl)?;
        let room = self.room(arrival.cleaned.text.len())?;
        let (sender, answer) = oneshot::channel();
        let (inner, mut case) = (self.inner.clone(), Case::new(arrival.clone(), crawl));
        self.spawn(async move {
            let looked = look(&inner, &mut case).await;
            // Whoever asked may be gone by now.
            let _ = sender.send(looked.map(|()| case.decide().answer));
            drop(room);
        })?;
        Ok(self.reply(answer))
    }

    fn add(&self, arrival: &Arrival, crawl: &str) -> Result<Reply, IndexError> {
        stored::check_names(&arrival.cleaned.id, crawl)?;
        let room = self.room(arrival.cleaned.text.len())?;
        let (found, work) = oneshot::channel();
        let outcome = self.queue(work, room)?;
        let (inner, mut case) = (self.inner.clone(), Box::new(Case::new(arrival.clone(), crawl)));
        self.spawn(async move {
            let looked = look(&inner, &mut case).await;
            // The other end waits, unless the collection is closed.
            let _ = found.send(looked.map(|()| Work::Arrived(case)));
        })?;
        let (sender, answer) = oneshot::channel();
        self.spawn(async move {
            let told = outcome.await.unwrap_or(Err(IndexError::Closed));
            let _ = sender.send(told.and_then(|answer| answer.ok_or(IndexError::Closed)));
        })?;
        Ok(self.reply(answer))
    }

    fn restore(&self, document: StoredDocument) -> Result<Commit, IndexError> {
        let record = stored::restored(document)?;
        let room = self.room(record.body.len() * 4)?;
        let (found, work) = oneshot::channel();
        let _ = found.send(Ok(Work::PutBack(Box::new(record))));
        let outcome = self.queue(work, room)?;
        let inner = self.inner.clone();
        Ok(Commit(Some(Box::new(move |done| {
            let waiting = async move { done(outcome.await.unwrap_or(Err(IndexError::Closed)).map(drop)) };
            drop(inner.link.spawn(waiting));
        }))))
    }

    fn get(&self, id: &str, crawl: &str) -> Result<Option<StoredDocument>, IndexError> {
        let seat = &self.inner.seat;
        let crawls = ["", crawl];
        let found = self.inner.link.read(&async |db| {
            let mut best: Option<(Record, bool)> = None;
            for row in rows(db, OF_ID, &[&seat.id, &table::id_number(id), &crawls.as_slice()]).await? {
                let (record, waits) = (decoded(row.get(2), seat)?, !row.get::<_, &str>(1).is_empty());
                // What waits under the crawl will replace what the collection holds, whichever came first.
                if record.id == id && (waits || best.is_none()) {
                    best = Some((record, waits));
                }
            }
            Ok(best)
        })?;
        Ok(found.and_then(|(record, waits)| stored::given_out(record, waits)))
    }

    fn remove(&self, id: &str) -> Result<Option<Commit>, IndexError> {
        let taken = self.locked(&async |db, seat, delta| {
            let found = rows(db, OF_ID, &[&seat.id, &table::id_number(id), &[""].as_slice()]).await?;
            let mut slots = Vec::new();
            for row in &found {
                if decoded(row.get(2), seat)?.id == id {
                    slots.push(slot_of(row, 0));
                }
            }
            let taken = table::take(db, seat, &slots, delta).await?;
            delta.heat(db, seat, None).await?;
            Ok(taken)
        })?;
        Ok((taken > 0).then_some(Commit(None)))
    }

    fn crawls(&self) -> Result<Vec<(String, u64)>, IndexError> {
        self.inner.link.read(&async |db| crawls::list(db, &self.inner.seat).await)
    }

    fn commit_crawl(&self, crawl: &str) -> Result<u64, IndexError> {
        self.locked(&async |db, seat, delta| crawls::commit(db, seat, crawl, delta).await)
    }

    fn roll_back_crawl(&self, crawl: &str) -> Result<u64, IndexError> {
        self.locked(&async |db, seat, delta| crawls::roll_back(db, seat, crawl, delta).await)
    }

    fn each(&self, each: &mut dyn FnMut(StoredDocument) -> Result<(), IndexError>) -> Result<(), IndexError> {
        let seat = &self.inner.seat;
        let mut last = -1_i32;
        loop {
            let page = self.inner.link.read(&async |db| {
                let mut page = Vec::new();
                for row in rows(db, ALL, &[&seat.id, &last, &PAGE]).await? {
                    page.push((row.get::<_, i32>(0), decoded(row.get(2), seat)?));
                }
                Ok(page)
            })?;
            let Some((slot, _)) = page.last() else { return Ok(()) };
            last = *slot;
            for (_, record) in page {
                if let Some(document) = stored::given_out(record, false) {
                    each(document)?;
                }
            }
        }
    }

    fn compact(&self) -> Result<u64, IndexError> {
        self.inner.link.read(&async |db| crawls::compact(db).await)
    }
}
