//! Documents that came lately, in memory: whoever looked before need only look at what came since.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::index::entry::Record;
use crate::index::known::Known;
use crate::index::look::Fresh;

/// So many are kept.
const KEPT: usize = 1024;
/// And no more bytes than this, nearly.
const KEPT_BYTES: usize = 16 << 20;

/// A document that came.
#[derive(Debug)]
pub(super) struct Since {
    pub slot: u32,
    /// The hash of its id.
    pub id: u64,
    /// The crawl it waits under; empty for none.
    pub crawl: String,
    pub known: Arc<Known>,
    pub record: Record,
}

impl Since {
    pub(super) fn fresh(&self) -> Fresh<'_> {
        Fresh { slot: self.slot, id: self.id, print: &self.record.print }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.known.bytes() + self.record.body.len() + 8 * self.record.print.winnow.len()
    }
}

/// See the module. Every document with a number from `start` up to `end` is here, or gone.
#[derive(Debug, Default)]
pub(super) struct Log {
    start: i64,
    end: i64,
    kept: VecDeque<Arc<Since>>,
    bytes: usize,
}

impl Log {
    /// Up to which number it knows all.
    pub(super) fn end(&self) -> i64 {
        self.end
    }

    /// Forgets all; from now on it knows what comes from a number on.
    pub(super) fn restart(&mut self, at: i64) {
        *self = Self { start: at, end: at, ..Self::default() };
    }

    /// Takes in the documents that came up to a number, in order.
    pub(super) fn extend(&mut self, came: impl IntoIterator<Item = Arc<Since>>, end: i64) {
        for it in came {
            self.bytes += it.bytes();
            self.kept.push_back(it);
        }
        self.end = end;
        while (self.kept.len() > KEPT || self.bytes > KEPT_BYTES)
            && let Some(oldest) = self.kept.pop_front()
        {
            self.bytes -= oldest.bytes();
            self.start = i64::from(oldest.slot) + 1;
        }
    }

    /// The documents from a number up to another; `None` when some of them are not here.
    pub(super) fn since(&self, from: i64, to: i64) -> Option<impl Iterator<Item = &Arc<Since>>> {
        (self.start <= from && to <= self.end).then(|| {
            let first = self.kept.partition_point(|it| i64::from(it.slot) < from);
            self.kept.range(first..)
        })
    }
}
