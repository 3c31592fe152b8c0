//! The end of the log: what is queued for it, who waits for it, and the operations on their way into the tables.

use std::collections::VecDeque;
use std::sync::Arc;

use super::IndexError;
use super::commit::Callback;
use super::entry::Entry;
use super::operation::Operation;
use super::segment::{self, HEADER};

/// Operations are kept a while after they are in the tables, so that whoever looked before need only look at what came since.
const KEPT_OPERATIONS: usize = 1024;
const KEPT_BYTES: usize = 16 << 20;
/// Whoever waits asks soon: older losses are told apart no longer.
const KEPT_LOSSES: usize = 64;
/// More bytes than this on their way to disk make those who add wait.
pub(super) const MOST_QUEUED: usize = 32 << 20;
/// So do more operations: all of them are looked at by each document that arrives.
pub(super) const MOST_FRESH: usize = 512;

/// Bytes for one file of the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    pub segment: u32,
    pub offset: u64,
    pub bytes: Vec<u8>,
}

/// The end of the log: file and byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub segment: u32,
    pub offset: u64,
    /// The next document's slot.
    pub slot: u32,
}

/// See the module.
pub(super) struct Writer {
    /// The last operation that was queued.
    pub version: u64,
    /// Where the next entry goes.
    pub tail: Tail,
    pub queued: Vec<Chunk>,
    pub flushing: bool,
    /// The newest operations; those behind `applied` are not in the tables yet.
    pub operations: VecDeque<Arc<Operation>>,
    kept: usize,
    pub applied: u64,
    /// Bytes of operations that are not in the tables.
    pub fresh_bytes: usize,
    /// Up to here all is on disk that was not lost.
    pub durable: u64,
    pub durable_tail: Tail,
    pub waiters: Vec<(u64, Callback)>,
    /// A write failed: what it left behind the durable end must go before anything else is written. The last file that it may have begun.
    pub spoiled: Option<u32>,
    /// Operations that never came to disk, as ranges of both ends included, with the reason.
    lost: Vec<(u64, u64, IndexError)>,
    /// Raised with every loss: what was seen before may be gone.
    pub epoch: u64,
    /// Nobody may add: a crawl is being settled.
    pub frozen: bool,
    pub closing: bool,
    /// Size from which on a new file is begun.
    pub segment_bytes: u64,
    /// Bytes written since the last snapshot.
    pub since_snapshot: u64,
}

impl Writer {
    pub(super) fn new(tail: Tail, segment_bytes: u64, since_snapshot: u64) -> Self {
        Self {
            version: 0,
            tail,
            queued: Vec::new(),
            flushing: false,
            operations: VecDeque::new(),
            kept: 0,
            applied: 0,
            fresh_bytes: 0,
            durable: 0,
            durable_tail: tail,
            waiters: Vec::new(),
            spoiled: None,
            lost: Vec::new(),
            epoch: 0,
            frozen: false,
            closing: false,
            segment_bytes,
            since_snapshot,
        }
    }

    /// Where an entry that is queued now will stand. Begins a new file where the old one is full.
    pub(super) fn place(&mut self) -> Tail {
        if self.tail.offset >= self.segment_bytes {
            self.tail = Tail { segment: self.tail.segment + 1, offset: HEADER, ..self.tail };
        }
        if self.queued.last().is_none_or(|chunk| chunk.segment != self.tail.segment) {
            let mut chunk = Chunk { segment: self.tail.segment, offset: self.tail.offset, bytes: Vec::new() };
            let durable = self.durable_tail;
            let synced = if durable.segment == chunk.segment { durable.offset } else { 0 };
            segment::frame(&mut chunk.bytes, &Entry::Mark { synced }.encode());
            self.tail.offset += chunk.bytes.len() as u64;
            self.queued.push(chunk);
        }
        self.tail
    }

    /// Queues an entry at the place that [`Self::place`] gave, with what it changes.
    pub(super) fn push(&mut self, payload: &[u8], operation: Operation) {
        if let Some(chunk) = self.queued.last_mut() {
            let before = chunk.bytes.len();
            segment::frame(&mut chunk.bytes, payload);
            self.tail.offset += (chunk.bytes.len() - before) as u64;
        }
        self.version = operation.version;
        self.kept += operation.bytes;
        self.fresh_bytes += operation.bytes;
        self.operations.push_back(Arc::new(operation));
    }

    /// Operations that are not in the tables.
    pub(super) fn fresh(&self) -> usize {
        self.operations.len() - self.operations.partition_point(|operation| operation.version <= self.applied)
    }

    /// The operations after a version; `None` when some of them are no longer known.
    pub(super) fn since(&self, version: u64) -> Option<impl Iterator<Item = &Arc<Operation>>> {
        let first = self.operations.partition_point(|operation| operation.version <= version);
        // Every operation from the first one kept on is here.
        let known = version >= self.applied
            || (first > 0 || self.operations.front().is_some_and(|first| first.version == version + 1));
        known.then(|| self.operations.range(first..))
    }

    /// Notes that all up to a version is on disk and in the tables; returns who waited for it.
    pub(super) fn landed(&mut self, version: u64, tail: Tail, bytes: u64) -> Vec<Callback> {
        (self.durable, self.durable_tail, self.applied) = (version, tail, version);
        self.since_snapshot += bytes;
        self.fresh_bytes = self.operations.iter().rev().take_while(|it| it.version > version).map(|it| it.bytes).sum();
        while (self.operations.len() > KEPT_OPERATIONS || self.kept > KEPT_BYTES)
            && self.operations.front().is_some_and(|oldest| oldest.version <= version)
            && let Some(oldest) = self.operations.pop_front()
        {
            self.kept -= oldest.bytes;
        }
        self.take_waiters(|waiting| waiting <= version)
    }

    /// Forgets all that is not on disk, since it will never be; returns who waited for it.
    pub(super) fn failed(&mut self, error: &IndexError) -> Vec<Callback> {
        self.queued.clear();
        while self.operations.back().is_some_and(|newest| newest.version > self.durable)
            && let Some(newest) = self.operations.pop_back()
        {
            self.kept -= newest.bytes;
        }
        self.fresh_bytes = 0;
        // A number that somebody has seen is not given to another document.
        self.tail = Tail { slot: self.tail.slot, ..self.durable_tail };
        match self.lost.last_mut().filter(|lost| lost.1 >= self.durable) {
            Some(lost) => (lost.1, lost.2) = (self.version, error.clone()),
            None => self.lost.push((self.durable + 1, self.version, error.clone())),
        }
        if self.lost.len() > KEPT_LOSSES {
            // Of what lies between two old losses it is no longer known that it is on disk, and so not said.
            let oldest = self.lost.remove(0);
            self.lost[0].0 = oldest.0;
        }
        self.epoch += 1;
        self.take_waiters(|_| true)
    }

    fn take_waiters(&mut self, which: impl Fn(u64) -> bool) -> Vec<Callback> {
        let (taken, left) = std::mem::take(&mut self.waiters).into_iter().partition(|(version, _)| which(*version));
        self.waiters = left;
        taken.into_iter().map(|(_, callback)| callback).collect()
    }

    /// What became of an operation; `None` when it is on its way.
    pub(super) fn outcome(&self, version: u64) -> Option<Result<(), IndexError>> {
        if let Some(lost) = self.lost.iter().find(|lost| (lost.0..=lost.1).contains(&version)) {
            return Some(Err(lost.2.clone()));
        }
        (version <= self.durable).then_some(Ok(()))
    }
}
