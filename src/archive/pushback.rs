//! A reader that takes bytes back: looking at how a stream begins, or reading a place again, needs no second stream.

use std::io::{self, BufRead, Read};

/// A buffered reader with bytes put back in front of it.
#[derive(Debug)]
pub(super) struct PushBack<R> {
    back: Vec<u8>,
    at: usize,
    inner: R,
    /// Bytes taken from `inner`.
    taken: u64,
    /// The last bytes consumed since [`Self::record`].
    record: Option<Vec<u8>>,
}

/// At least so many consumed bytes are recorded.
const RECORDED_BYTES: usize = 256 << 10;

impl<R: BufRead> PushBack<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { back: Vec::new(), at: 0, inner, taken: 0, record: None }
    }

    /// How many bytes were consumed and not put back.
    pub(super) fn position(&self) -> u64 {
        self.taken - (self.back.len() - self.at) as u64
    }

    /// Puts back bytes that were read last.
    pub(super) fn push_back(&mut self, mut bytes: Vec<u8>) {
        bytes.extend_from_slice(&self.back[self.at..]);
        self.back = bytes;
        self.at = 0;
    }

    /// At most `most` next bytes, without consuming them. Fewer at the end, or where `inner` pauses.
    pub(super) fn peek(&mut self, most: usize) -> io::Result<&[u8]> {
        if self.back.len() - self.at < most {
            let mut bytes = Vec::with_capacity(most);
            let read = self.by_ref().take(most as u64).read_to_end(&mut bytes);
            self.push_back(bytes);
            read?;
        }
        let end = self.back.len().min(self.at + most);
        Ok(&self.back[self.at..end])
    }

    /// Begins to record what is consumed, and forgets what was recorded.
    pub(super) fn record(&mut self) {
        self.record.get_or_insert_default().clear();
    }

    /// Records no more.
    pub(super) fn stop_recording(&mut self) {
        self.record = None;
    }

    /// Goes back to where the record began, but behind its first `skip` bytes; less far when more was consumed than is recorded.
    /// Gives how far.
    pub(super) fn rewind(&mut self, skip: usize) -> u64 {
        let bytes = self.record.take().unwrap_or_default();
        let bytes = bytes.get(skip..).unwrap_or_default().to_vec();
        let length = bytes.len() as u64;
        self.push_back(bytes);
        length
    }

    fn note(record: &mut Option<Vec<u8>>, bytes: &[u8]) {
        let Some(record) = record else { return };
        record.extend_from_slice(bytes);
        if record.len() > 2 * RECORDED_BYTES {
            record.drain(..record.len() - RECORDED_BYTES);
        }
    }

    pub(super) fn inner_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: BufRead> Read for PushBack<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = if self.at < self.back.len() {
            let read = (&self.back[self.at..]).read(buffer)?;
            self.at += read;
            read
        } else {
            let read = self.inner.read(buffer)?;
            self.taken += read as u64;
            read
        };
        Self::note(&mut self.record, &buffer[..read]);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for PushBack<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.back.len() { Ok(&self.back[self.at..]) } else { self.inner.fill_buf() }
    }

    fn consume(&mut self, amount: usize) {
        if self.at < self.back.len() {
            Self::note(&mut self.record, &self.back[self.at..self.at + amount]);
            self.at += amount;
        } else {
            // What is consumed is in the buffer already: this reads nothing and cannot fail.
            if self.record.is_some()
                && let Ok(buffer) = self.inner.fill_buf()
            {
                Self::note(&mut self.record, &buffer[..amount.min(buffer.len())]);
            }
            self.inner.consume(amount);
            self.taken += amount as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_back_is_read_again_and_the_position_follows() {
        let mut reader = PushBack::new(&b"0123456789"[..]);
        assert_eq!(reader.peek(3).unwrap(), b"012");
        assert_eq!(reader.position(), 0);
        let mut four = [0; 4];
        reader.read_exact(&mut four).unwrap();
        assert_eq!((&four, reader.position()), (b"0123", 4));
        reader.push_back(four[2..].to_vec());
        assert_eq!(reader.position(), 2);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), reader.position()), ("23456789", 10));
        assert_eq!(reader.peek(5).unwrap(), b"");
    }

    #[test]
    fn a_record_goes_back_as_far_as_it_reaches() {
        let bytes: Vec<u8> = (0..2_000_000_u32).map(|n| (n / 7) as u8).collect();
        let mut reader = PushBack::new(&bytes[..]);
        reader.consume(10);
        reader.record();
        io::copy(&mut reader.by_ref().take(1000), &mut io::sink()).unwrap();
        assert_eq!(reader.rewind(3), 997);
        assert_eq!((reader.position(), reader.peek(4).unwrap()), (13, &bytes[13..17]));
        reader.record();
        io::copy(&mut reader.by_ref().take(1_500_000), &mut io::sink()).unwrap();
        let back = reader.rewind(0);
        assert!((RECORDED_BYTES as u64..=2 * RECORDED_BYTES as u64).contains(&back));
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, &bytes[13 + 1_500_000 - back as usize..]);
    }
}
