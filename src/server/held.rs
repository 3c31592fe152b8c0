//! Bytes of bodies and answers that are in memory: one count, one limit. So memory stays flat, whatever is sent and whoever does not read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;

use super::problem::Problem;
use crate::error::Code;

/// Answers are handed to a connection in pieces of this size: it keeps a copy of what it was handed and could not send.
const PIECE: usize = 16 << 10;

/// The count.
#[derive(Debug)]
pub struct Budget {
    held: AtomicUsize,
    limit: usize,
}

impl Budget {
    /// A count that must not pass `limit` bytes.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { held: AtomicUsize::new(0), limit })
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }
}

/// A share of the count, given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Held {
    /// A share of nothing yet.
    pub fn new(budget: &Arc<Budget>) -> Self {
        Self { budget: budget.clone(), bytes: 0 }
    }

    /// Bytes of this share.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Holds so many bytes more, or says that there is no room.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Problem> {
        let before = self.budget.held.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
        if before.saturating_add(bytes) > self.budget.limit {
            return Err(Problem::new(Code::Overloaded, "too many bytes of other requests are in memory (limits.held)"));
        }
        Ok(())
    }

    /// Holds exactly so many bytes, whether there is room or not: for what is there already.
    pub fn set(&mut self, bytes: usize) {
        if bytes > self.bytes {
            self.budget.held.fetch_add(bytes - self.bytes, Ordering::Relaxed);
        } else {
            self.budget.held.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A long answer, handed over piece by piece.
pub struct Pieces {
    bytes: Bytes,
    held: Option<Held>,
}

impl Pieces {
    /// An answer that counts until it was sent, with the share that its request held.
    pub fn held(bytes: Bytes, mut held: Held) -> Self {
        held.set(bytes.len());
        Self { bytes, held: Some(held) }
    }

    /// An answer that is in memory in any case.
    pub fn shared(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), held: None }
    }
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.bytes.is_empty() {
            self.held = None;
            return Poll::Ready(None);
        }
        let piece = self.bytes.len().min(PIECE);
        Poll::Ready(Some(Ok(self.bytes.split_to(piece))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_refused_over_the_limit_and_given_back() {
        let budget = Budget::new(100);
        let mut one = Held::new(&budget);
        one.grow(60).unwrap();
        let mut two = Held::new(&budget);
        assert_eq!(two.grow(41).unwrap_err().code, Code::Overloaded);
        drop(two);
        assert_eq!(budget.held(), 60);
        one.set(10);
        assert_eq!(budget.held(), 10);
        one.set(200);
        drop(one);
        assert_eq!(budget.held(), 0);
    }
}
