//! What was passed over on purpose: records of a WARC file that are no documents.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many records of WARC files were passed over, and why. Nothing failed: they hold no text of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skipped {
    /// Records that only say a page was the same as before.
    pub revisits: u64,
    /// Responses of other types than text: pictures, styles, scripts, data.
    pub other_types: u64,
    /// Responses of another status than success.
    pub other_status: u64,
}

/// The counts while reading goes on. Copies share them, so that one can be kept where the documents went elsewhere.
#[derive(Debug, Clone, Default)]
pub struct SkipCounter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    revisits: AtomicU64,
    other_types: AtomicU64,
    other_status: AtomicU64,
}

impl SkipCounter {
    /// The counts so far.
    pub fn get(&self) -> Skipped {
        let counts = &self.0;
        Skipped {
            revisits: counts.revisits.load(Ordering::Relaxed),
            other_types: counts.other_types.load(Ordering::Relaxed),
            other_status: counts.other_status.load(Ordering::Relaxed),
        }
    }

    pub(super) fn revisit(&self) {
        self.0.revisits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn other_type(&self) {
        self.0.other_types.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn other_status(&self) {
        self.0.other_status.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_share_their_counts() {
        let counter = SkipCounter::default();
        let copy = counter.clone();
        copy.revisit();
        copy.other_type();
        copy.other_type();
        copy.other_status();
        assert_eq!(counter.get(), Skipped { revisits: 1, other_types: 2, other_status: 1 });
    }
}
