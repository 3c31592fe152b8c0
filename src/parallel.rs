//! Work spread over threads, results in the order of the input.
//!
//! Workers take batches from one shared source and may run at most `WINDOW` batches ahead of what was written, so memory is
//! bounded by the window and not by the input. The order of results, and so the output, does not depend on the threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Batches that may be in flight for each thread.
const WINDOW: usize = 3;
/// Most items of a batch.
const BATCH_ITEMS: usize = 64;
/// A batch is full at this weight.
const BATCH_WEIGHT: usize = 256 * 1024;

struct Source<I> {
    items: I,
    next: usize,
    done: bool,
}

struct Progress<R> {
    results: BTreeMap<usize, Vec<R>>,
    written: usize,
    /// How many batches there are, once the source has ended.
    total: Option<usize>,
}

/// Maps every item with `work` on `threads` threads and gives the results to `sink` in order, on the calling thread. Stops early when `sink`
/// breaks or `stop` is set.
pub fn ordered<T, R, I, W, F, S>(items: I, threads: usize, weigh: F, work: W, stop: &AtomicBool, mut sink: S)
where
    I: Iterator<Item = T> + Send,
    T: Send,
    R: Send,
    F: Fn(&T) -> usize + Sync,
    W: Fn(T) -> R + Sync,
    S: FnMut(R) -> ControlFlow<()>,
{
    let source = Mutex::new(Source { items, next: 0, done: false });
    let progress = Mutex::new(Progress { results: BTreeMap::new(), written: 0, total: None });
    let (room, ready) = (Condvar::new(), Condvar::new());
    let quit = AtomicBool::new(false);
    let stopped = || quit.load(Ordering::Relaxed) || stop.load(Ordering::Relaxed);
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let _alarm = Alarm { quit: &quit, wake: [&ready, &room] };
                loop {
                    let mut held = progress.lock().unwrap_or_else(PoisonError::into_inner);
                    while held.total.is_none() && held.results.len() > threads * WINDOW && !stopped() {
                        held = wait(&room, held);
                    }
                    drop(held);
                    if stopped() {
                        break;
                    }
                    let Some((index, batch)) = take(&source, &weigh) else { break };
                    if batch.is_empty() {
                        let mut held = progress.lock().unwrap_or_else(PoisonError::into_inner);
                        held.total = Some(index);
                        break;
                    }
                    let results: Vec<R> = batch.into_iter().map(&work).collect();
                    let mut held = progress.lock().unwrap_or_else(PoisonError::into_inner);
                    held.results.insert(index, results);
                    ready.notify_one();
                }
                ready.notify_one();
                room.notify_all();
            });
        }
        drain(&progress, &room, &ready, &stopped, &mut sink);
        quit.store(true, Ordering::Relaxed);
        room.notify_all();
    });
}

/// Lets the others end when a worker panics: its batch will never come. Leaving the scope then raises the panic again.
struct Alarm<'a> {
    quit: &'a AtomicBool,
    wake: [&'a Condvar; 2],
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.quit.store(true, Ordering::Relaxed);
            self.wake.iter().for_each(|condition| condition.notify_all());
        }
    }
}

fn wait<'m, R>(condition: &Condvar, held: MutexGuard<'m, Progress<R>>) -> MutexGuard<'m, Progress<R>> {
    // The timeout only serves a Ctrl-C that came while everyone waits.
    condition
        .wait_timeout(held, std::time::Duration::from_millis(100))
        .map_or_else(|poisoned| poisoned.into_inner().0, |(held, _)| held)
}

/// The next batch with its number; empty once, when the source has ended.
fn take<T, I: Iterator<Item = T>>(source: &Mutex<Source<I>>, weigh: &impl Fn(&T) -> usize) -> Option<(usize, Vec<T>)> {
    let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
    if source.done {
        return None;
    }
    let mut batch = Vec::new();
    let mut weight = 0;
    while batch.len() < BATCH_ITEMS && weight < BATCH_WEIGHT {
        let Some(item) = source.items.next() else { break };
        weight += weigh(&item);
        batch.push(item);
    }
    source.done = batch.is_empty();
    let index = source.next;
    source.next += 1;
    Some((index, batch))
}

fn drain<R>(
    progress: &Mutex<Progress<R>>,
    room: &Condvar,
    ready: &Condvar,
    stopped: &impl Fn() -> bool,
    sink: &mut impl FnMut(R) -> ControlFlow<()>,
) {
    loop {
        let mut held = progress.lock().unwrap_or_else(PoisonError::into_inner);
        let written = held.written;
        let batch = loop {
            if let Some(batch) = held.results.remove(&written) {
                break batch;
            }
            if held.total == Some(written) || stopped() {
                return;
            }
            held = wait(ready, held);
        };
        held.written += 1;
        drop(held);
        room.notify_all();
        for result in batch {
            if sink(result).is_break() || stopped() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(threads: usize, stop: &AtomicBool, most: usize) -> Vec<usize> {
        let mut got = Vec::new();
        ordered(
            0..5000_usize,
            threads,
            |_| 10_000,
            |n| n * 2,
            stop,
            |n| {
                got.push(n);
                if got.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        got
    }

    #[test]
    fn results_come_in_order_whatever_the_threads() {
        let want: Vec<usize> = (0..5000).map(|n| n * 2).collect();
        for threads in [1, 2, 7] {
            assert_eq!(mapped(threads, &AtomicBool::new(false), usize::MAX), want);
        }
    }

    #[test]
    fn a_panic_of_a_worker_is_raised_again_and_nobody_waits() {
        let stop = AtomicBool::new(false);
        let work = |n: usize| if n == 700 { panic!("at 700") } else { n };
        let run = || ordered(0..5000, 2, |_| 10_000, work, &stop, |_| ControlFlow::Continue(()));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).is_err());
    }

    #[test]
    fn a_break_or_a_stop_ends_the_work() {
        assert_eq!(mapped(3, &AtomicBool::new(false), 10).len(), 10);
        assert!(mapped(3, &AtomicBool::new(true), usize::MAX).len() <= 1);
    }
}
