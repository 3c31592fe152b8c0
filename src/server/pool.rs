//! The threads that do the work, and the queue before them.
//!
//! Decoding, washing, comparing and writing answers takes a processor; the I/O workers only move bytes. So all of that runs here, on a fixed
//! number of threads. When the queue is full, a request waits for a moment and is then refused: a short queue keeps waiting short, whatever comes in.
//! Lines of streams have a queue of their own, which is bounded by the number of streams; threads take from the two in turn.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::error::{Code, Coded};

/// Bytes of bodies that may wait for each thread: so much is washed in some hundredths of a second.
const BYTES_A_THREAD: usize = 2 << 20;

/// How long a request waits for room in the queue: a burst passes in so much time, and what is taken after it is still answered soon.
const PATIENCE: Duration = Duration::from_millis(10);

/// Why work was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The queue is full.
    #[error("too many requests wait already")]
    Busy,
    /// The work panicked. The thread goes on with other work.
    #[error("a fault in taoxi ended the work on this document")]
    Panicked,
    /// The service is being stopped.
    #[error("the service is being stopped")]
    Stopped,
}

impl Coded for PoolError {
    fn code(&self) -> Code {
        match self {
            Self::Busy => Code::Overloaded,
            Self::Panicked => Code::Internal,
            Self::Stopped => Code::ShuttingDown,
        }
    }
}

struct Job {
    weight: usize,
    run: Box<dyn FnOnce() + Send>,
}

#[derive(Default)]
struct Queue {
    asked: VecDeque<Job>,
    streamed: VecDeque<Job>,
    /// Bytes of the bodies in `asked`.
    bytes: usize,
    /// Whether it is a stream's turn.
    streams_next: bool,
    closed: bool,
    /// Threads that have not ended.
    threads: usize,
    /// Threads that wait for work: waking costs a call to the system, and a busy thread looks for more by itself.
    idle: usize,
}

struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
    most_jobs: usize,
    most_bytes: usize,
    /// Jobs waiting, for whoever only wants to know.
    waiting: AtomicUsize,
    /// Told when a thread ends.
    ended: Condvar,
}

/// What a job gives, once it was done.
pub type Ticket<T> = oneshot::Receiver<Result<T, PoolError>>;

/// A fixed number of threads behind a bounded queue.
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts `threads` threads; at most `queue` jobs wait for them, and no more bytes than they can do in a moment.
    pub fn new(threads: usize, queue: usize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::default()),
            ready: Condvar::new(),
            most_jobs: queue,
            most_bytes: BYTES_A_THREAD.saturating_mul(threads),
            waiting: AtomicUsize::new(0),
            ended: Condvar::new(),
        });
        for number in 0..threads.max(1) {
            shared.lock().threads += 1;
            let working = shared.clone();
            std::thread::Builder::new().name(format!("work-{number}")).spawn(move || working.work())?;
        }
        Ok(Self { shared })
    }

    /// Whether there is room for a job with a body of so many bytes: now, or after a moment.
    pub async fn room(&self, weight: usize) -> Result<(), PoolError> {
        let now = self.shared.lock().has_room(weight, &self.shared);
        if now != Err(PoolError::Busy) {
            return now;
        }
        tokio::time::sleep(PATIENCE).await;
        self.shared.lock().has_room(weight, &self.shared)
    }

    /// Jobs waiting.
    pub fn waiting(&self) -> usize {
        self.shared.waiting.load(Ordering::Relaxed)
    }

    /// Does what a request asks for; `weight` is the size of its body in bytes. [`PoolError::Busy`] when the queue is full, and still full after a moment.
    pub async fn ask<T: Send + 'static>(
        &self,
        weight: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        self.room(weight).await?;
        outcome(self.queue(weight, work)?).await
    }

    fn queue<T: Send + 'static>(
        &self,
        weight: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Ticket<T>, PoolError> {
        let (job, ticket) = job(weight, work);
        let mut queue = self.shared.lock();
        queue.has_room(weight, &self.shared)?;
        queue.bytes += weight;
        queue.asked.push_back(job);
        self.shared.counted(queue);
        Ok(ticket)
    }

    /// Queues work of a stream. Streams bound by themselves how much of theirs waits.
    pub fn stream<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<Ticket<T>, PoolError> {
        let (job, ticket) = job(0, work);
        let mut queue = self.shared.lock();
        if queue.closed {
            return Err(PoolError::Stopped);
        }
        queue.streamed.push_back(job);
        self.shared.counted(queue);
        Ok(ticket)
    }

    /// Takes no more work, drops what waits, and waits at most so long for what runs.
    pub fn close(&self, most: Duration) {
        let mut queue = self.shared.lock();
        queue.closed = true;
        let dropped = (std::mem::take(&mut queue.asked), std::mem::take(&mut queue.streamed));
        drop(queue);
        self.shared.ready.notify_all();
        drop(dropped);
        let waited = self.shared.ended.wait_timeout_while(self.shared.lock(), most, |queue| queue.threads > 0);
        if waited.is_ok_and(|(_, waited)| waited.timed_out()) {
            tracing::warn!("work was still running when the service ended");
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.ready.notify_all();
    }
}

/// A job with the ticket for what it gives. Nobody waits any longer: it is not begun.
fn job<T: Send + 'static>(weight: usize, work: impl FnOnce() -> T + Send + 'static) -> (Job, Ticket<T>) {
    let (sender, ticket) = oneshot::channel();
    let run = Box::new(move || {
        if !sender.is_closed() {
            let outcome = catch_unwind(AssertUnwindSafe(work)).map_err(|_| PoolError::Panicked);
            // Whoever asked may be gone by now.
            let _ = sender.send(outcome);
        }
    });
    (Job { weight, run }, ticket)
}

/// What a job gave.
pub async fn outcome<T>(ticket: Ticket<T>) -> Result<T, PoolError> {
    ticket.await.unwrap_or(Err(PoolError::Stopped))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counted(&self, queue: MutexGuard<'_, Queue>) {
        self.waiting.store(queue.asked.len() + queue.streamed.len(), Ordering::Relaxed);
        let someone_sleeps = queue.idle > 0;
        drop(queue);
        if someone_sleeps {
            self.ready.notify_one();
        }
    }

    fn work(&self) {
        loop {
            let mut queue = self.lock();
            let job = loop {
                if queue.closed {
                    queue.threads -= 1;
                    self.ended.notify_all();
                    return;
                }
                if let Some(job) = queue.next() {
                    break job;
                }
                queue.idle += 1;
                queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
                queue.idle -= 1;
            };
            self.waiting.store(queue.asked.len() + queue.streamed.len(), Ordering::Relaxed);
            drop(queue);
            (job.run)();
        }
    }
}

impl Queue {
    fn has_room(&self, weight: usize, shared: &Shared) -> Result<(), PoolError> {
        if self.closed {
            return Err(PoolError::Stopped);
        }
        let is_large = self.bytes.saturating_add(weight) > shared.most_bytes;
        // A body larger than all that may wait is taken when nothing else waits.
        if self.asked.len() >= shared.most_jobs || (is_large && !self.asked.is_empty()) {
            return Err(PoolError::Busy);
        }
        Ok(())
    }

    fn next(&mut self) -> Option<Job> {
        let job = if self.streams_next {
            self.streamed.pop_front().or_else(|| self.asked.pop_front())
        } else {
            self.asked.pop_front().or_else(|| self.streamed.pop_front())
        }?;
        self.streams_next = !self.streams_next;
        self.bytes -= job.weight;
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn wait<T>(ticket: Ticket<T>) -> Result<T, PoolError> {
        ticket.blocking_recv().unwrap()
    }

    /// A pool of one thread that is busy until the sender goes.
    fn busy(queue: usize) -> (Pool, mpsc::Sender<()>, Ticket<()>) {
        let pool = Pool::new(1, queue).unwrap();
        let (sender, receiver) = mpsc::channel::<()>();
        let (begun, begins) = mpsc::channel();
        let ticket = pool
            .queue(0, move || {
                begun.send(()).unwrap();
                let _ = receiver.recv();
            })
            .unwrap();
        begins.recv().unwrap();
        (pool, sender, ticket)
    }

    #[test]
    fn a_panic_is_an_error_of_its_job_and_the_thread_goes_on() {
        let pool = Pool::new(1, 4).unwrap();
        assert_eq!(wait(pool.queue(1, || -> u32 { panic!("a fault") }).unwrap()), Err(PoolError::Panicked));
        assert_eq!(wait(pool.queue(1, || 7).unwrap()), Ok(7));
        assert_eq!(wait(pool.stream(|| -> u32 { panic!("a fault") }).unwrap()), Err(PoolError::Panicked));
        assert_eq!(wait(pool.stream(|| 8).unwrap()), Ok(8));
    }

    #[test]
    fn a_full_queue_refuses_and_takes_again_when_there_is_room() {
        let (pool, release, first) = busy(2);
        let tickets: Vec<_> = (0..2).map(|n| pool.queue(1, move || n).unwrap()).collect();
        assert_eq!(pool.queue(1, || 9).unwrap_err(), PoolError::Busy);
        drop(release);
        wait(first).unwrap();
        assert_eq!(tickets.into_iter().map(wait).collect::<Vec<_>>(), [Ok(0), Ok(1)]);
        assert_eq!(wait(pool.queue(1, || 9).unwrap()), Ok(9));
    }

    #[test]
    fn large_bodies_count_by_their_bytes_and_one_alone_is_always_taken() {
        let (pool, _release, _first) = busy(100);
        let _large = pool.queue(16 << 20, || ()).unwrap();
        assert_eq!(pool.queue(1, || ()).unwrap_err(), PoolError::Busy);
        assert!(pool.stream(|| ()).is_ok());
    }

    #[test]
    fn requests_and_streams_take_turns() {
        let (pool, release, first) = busy(100);
        let (sender, receiver) = mpsc::channel();
        let mut tickets = Vec::new();
        for n in 0..3 {
            let sender = sender.clone();
            tickets.push(pool.stream(move || sender.send(("stream", n)).unwrap()).unwrap());
        }
        for n in 0..3 {
            let sender = sender.clone();
            tickets.push(pool.queue(1, move || sender.send(("ask", n)).unwrap()).unwrap());
        }
        drop(release);
        wait(first).unwrap();
        for ticket in tickets {
            wait(ticket).unwrap();
        }
        let order: Vec<_> = receiver.try_iter().collect();
        assert_eq!(order, [("stream", 0), ("ask", 0), ("stream", 1), ("ask", 1), ("stream", 2), ("ask", 2)]);
    }

    #[test]
    fn work_that_nobody_waits_for_is_not_begun() {
        let (pool, release, first) = busy(4);
        let (sender, receiver) = mpsc::channel();
        drop(pool.queue(1, move || sender.send(()).unwrap()).unwrap());
        let last = pool.queue(1, || ()).unwrap();
        drop(release);
        wait(first).unwrap();
        wait(last).unwrap();
        assert!(receiver.try_recv().is_err());
    }

    #[test]
    fn a_closed_pool_drops_what_waits_and_takes_nothing() {
        let (pool, release, first) = busy(4);
        let waiting = pool.queue(1, || ()).unwrap();
        drop(release);
        wait(first).unwrap();
        pool.close(Duration::from_secs(60));
        assert!(matches!(waiting.blocking_recv(), Err(_) | Ok(Ok(()))));
        assert_eq!(pool.queue(1, || ()).unwrap_err(), PoolError::Stopped);
        assert_eq!(pool.stream(|| ()).unwrap_err(), PoolError::Stopped);
    }
}
