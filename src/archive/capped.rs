//! The one reader that all sources go through: so many bytes, and so many for each byte of a compressed source.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::Carried;
use super::limits::RATIO_FREE_BYTES;

/// Over a cap. It travels inside an [`io::Error`]; [`CapError::of`] finds it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapError {
    /// More bytes than the limit.
    #[error("larger than the limit of {limit} bytes for {what}")]
    Bytes {
        /// The limit in bytes.
        limit: u64,
        /// What it is the limit of.
        what: &'static str,
    },
    /// A compressed stream swells more than the limit.
    #[error("swells to more than {ratio} times its size")]
    Ratio {
        /// The limit.
        ratio: u64,
    },
}

impl CapError {
    /// The cap that an I/O error is about, if it is about one.
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied()
    }
}

/// Bytes read so far, shared between the compressed end of a stream and its cap.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// Bytes so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts more bytes.
    pub(super) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A reader that counts here what is read from `inner`.
    pub fn count<R: Read>(&self, inner: R) -> Counted<R> {
        Counted { inner, counter: self.clone() }
    }
}

/// A fault of the source itself, not of what a decoder makes of it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct SourceError(io::Error);

/// Counts what is read, and marks faults of the source so that they are not taken for damaged compression.
#[derive(Debug)]
pub struct Counted<R> {
    inner: R,
    counter: Counter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer).map_err(|error| match error.kind() {
            // Readers above repeat an interrupted read.
            io::ErrorKind::Interrupted => error,
            // Containers read from other readers of this room, whose errors say already what they are.
            _ if CapError::of(&error).is_some() || Carried::of(&error).is_some() => error,
            kind => io::Error::new(kind, SourceError(error)),
        })?;
        self.counter.add(read as u64);
        Ok(read)
    }
}

/// A reader that fails with a [`CapError`] once a cap is exceeded, and keeps failing.
#[derive(Debug)]
pub struct Capped<R> {
    inner: R,
    given: u64,
    limit: u64,
    what: &'static str,
    ratio: Option<(u64, Counter)>,
}

impl<R: Read> Capped<R> {
    /// Lets `limit` bytes pass; `what` names in errors what the limit is for.
    pub fn new(inner: R, limit: u64, what: &'static str) -> Self {
        Self { inner, given: 0, limit, what, ratio: None }
    }

    /// Also lets only `ratio` bytes pass for each byte that `taken` has counted, beyond the first 16 MiB.
    #[must_use]
    pub fn with_ratio(mut self, ratio: u64, taken: Counter) -> Self {
        self.ratio = Some((ratio, taken));
        self
    }

    /// Changes the limit in bytes: when the kind of a stream shows only in its first line.
    pub fn set_limit(&mut self, limit: u64, what: &'static str) {
        self.limit = limit;
        self.what = what;
    }

    /// What is capped.
    pub(super) fn inner_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    fn check(&self) -> io::Result<()> {
        if self.given > self.limit {
            return Err(io::Error::other(CapError::Bytes { limit: self.limit, what: self.what }));
        }
        if let Some((ratio, taken)) = &self.ratio
            && self.given > RATIO_FREE_BYTES.max(taken.get().saturating_mul(*ratio))
        {
            return Err(io::Error::other(CapError::Ratio { ratio: *ratio }));
        }
        Ok(())
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        // One byte over the limit may be read: it tells a source of exactly the limit from a larger one.
        let room = (self.limit - self.given).saturating_add(1);
        let size = usize::try_from(room).map_or(buffer.len(), |room| room.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..size])?;
        self.given += read as u64;
        self.check()?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_passes() {
        let mut text = String::new();
        Capped::new(&b"1234"[..], 4, "a test").read_to_string(&mut text).unwrap();
        assert_eq!(text, "1234");
    }

    #[test]
    fn one_byte_more_fails_and_keeps_failing() {
        let mut reader = Capped::new(&b"12345"[..], 4, "a test");
        for _ in 0..2 {
            let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
            assert_eq!(CapError::of(&error), Some(CapError::Bytes { limit: 4, what: "a test" }));
        }
    }

    #[test]
    fn the_ratio_counts_only_beyond_the_first_bytes() {
        let counter = Counter::default();
        let mut reader = Capped::new(io::repeat(0), u64::MAX, "a test").with_ratio(2, counter.clone());
        let free = io::copy(&mut reader.by_ref().take(RATIO_FREE_BYTES), &mut io::sink()).unwrap();
        assert_eq!(free, RATIO_FREE_BYTES);
        let error = reader.read(&mut [0; 8]).unwrap_err();
        assert_eq!(CapError::of(&error), Some(CapError::Ratio { ratio: 2 }));
    }

    #[test]
    fn a_stream_that_keeps_the_ratio_passes() {
        let counter = Counter::default();
        io::copy(&mut counter.count(io::repeat(0).take(RATIO_FREE_BYTES)), &mut io::sink()).unwrap();
        let mut reader =
            Capped::new(io::repeat(0).take(2 * RATIO_FREE_BYTES), u64::MAX, "a test").with_ratio(2, counter);
        assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap(), 2 * RATIO_FREE_BYTES);
    }
}
