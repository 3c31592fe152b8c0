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
}

impl<R: BufRead> PushBack<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { back: Vec::new(), at: 0, inner, taken: 0 }
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

    pub(super) fn inner_mut(&mut self) -> &mut R {
        &mut self.inner
    }
}

impl<R: BufRead> Read for PushBack<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at < self.back.len() {
            let read = (&self.back[self.at..]).read(buffer)?;
            self.at += read;
            return Ok(read);
        }
        let read = self.inner.read(buffer)?;
        self.taken += read as u64;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for PushBack<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at < self.back.len() { Ok(&self.back[self.at..]) } else { self.inner.fill_buf() }
    }

    fn consume(&mut self, amount: usize) {
        if self.at < self.back.len() {
            self.at += amount;
        } else {
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
}
