//! Work of a stage on all threads: results in order, the first fault ends it, and a stop from outside is never taken for the end.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::BatchError;
use crate::parallel;

/// The weight of an item that is a batch by itself.
pub(super) fn alone<T>(_: &T) -> usize {
    usize::MAX / 2
}

/// Maps every item with `work` and gives the results to `sink` in order, on the calling thread.
pub(super) fn in_order<T: Send, R: Send>(
    items: impl Iterator<Item = T> + Send,
    threads: usize,
    weigh: impl Fn(&T) -> usize + Sync,
    work: impl Fn(T) -> R + Sync,
    stop: &AtomicBool,
    mut sink: impl FnMut(R) -> Result<(), BatchError>,
) -> Result<(), BatchError> {
    let mut outcome = Ok(());
    parallel::ordered(items, threads, weigh, work, stop, |result| {
        outcome = sink(result);
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    outcome?;
    if stop.load(Ordering::Relaxed) { Err(BatchError::Stopped) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_not_the_end() {
        let stop = AtomicBool::new(false);
        assert!(in_order(0..9, 2, alone, |n| n, &stop, |_| Ok(())).is_ok());
        let stopping = in_order(
            0..9,
            2,
            alone,
            |n| n,
            &stop,
            |_| {
                stop.store(true, Ordering::Relaxed);
                Ok(())
            },
        );
        assert!(matches!(stopping, Err(BatchError::Stopped)));
    }
}
