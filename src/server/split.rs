//! Lines of a stream that comes in pieces.

use bytes::{Bytes, BytesMut};

/// A line with its number, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// The line with its end; `None` when it was longer than may be.
    pub bytes: Option<Bytes>,
}

/// Cuts pieces into lines.
#[derive(Debug)]
pub struct Splitter {
    buffer: BytesMut,
    /// Bytes of `buffer` that hold no line end.
    searched: usize,
    number: u64,
    limit: usize,
    /// The rest of a line that was too long is passed over.
    skipping: bool,
}

impl Splitter {
    /// Lines of at most `limit` bytes, their ends not counted.
    pub fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, number: 0, limit, skipping: false }
    }

    /// Takes a piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// Bytes that wait for the end of their line.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Most bytes of a line.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The next whole line.
    pub fn next(&mut self) -> Option<Line> {
        loop {
            let Some(end) = memchr::memchr(b'\n', &self.buffer[self.searched..]) else {
                self.searched = self.buffer.len();
                if self.skipping {
                    self.clear();
                } else if self.buffer.len() > self.limit.saturating_add(1) {
                    self.clear();
                    self.skipping = true;
                    return Some(self.numbered(None));
                }
                return None;
            };
            let line = self.buffer.split_to(self.searched + end + 1).freeze();
            self.searched = 0;
            if !std::mem::take(&mut self.skipping) {
                return Some(self.bounded(line));
            }
        }
    }

    /// The last line, when it has no end.
    pub fn last(&mut self) -> Option<Line> {
        let rest = self.buffer.split().freeze();
        self.searched = 0;
        let skipped = std::mem::take(&mut self.skipping);
        (!rest.is_empty() && !skipped).then(|| self.bounded(rest))
    }

    fn bounded(&mut self, line: Bytes) -> Line {
        let end = if line.ends_with(b"\r\n") { 2 } else { usize::from(line.ends_with(b"\n")) };
        let fits = line.len() - end <= self.limit;
        self.numbered(fits.then_some(line))
    }

    fn numbered(&mut self, bytes: Option<Bytes>) -> Line {
        self.number += 1;
        Line { number: self.number, bytes }
    }

    fn clear(&mut self) {
        self.buffer = BytesMut::new();
        self.searched = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&str], limit: usize) -> Vec<(u64, Option<String>)> {
        let mut splitter = Splitter::new(limit);
        let mut out = Vec::new();
        for piece in pieces {
            splitter.push(piece.as_bytes());
            out.extend(std::iter::from_fn(|| splitter.next()));
        }
        out.extend(splitter.last());
        let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        out.into_iter().map(|line| (line.number, line.bytes.map(text))).collect()
    }

    fn line(number: u64, text: &str) -> (u64, Option<String>) {
        (number, Some(text.to_owned()))
    }

    #[test]
    fn lines_are_the_same_however_the_pieces_are_cut() {
        let text = "one\n\ntwo\r\nthree";
        let want = vec![line(1, "one\n"), line(2, "\n"), line(3, "two\r\n"), line(4, "three")];
        assert_eq!(lines(&[text], 5), want);
        for at in 0..text.len() {
            assert_eq!(lines(&[&text[..at], &text[at..]], 5), want);
        }
        let bytes: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(lines(&bytes.iter().map(String::as_str).collect::<Vec<_>>(), 5), want);
    }

    #[test]
    fn a_line_over_the_limit_is_passed_over_and_named_once() {
        let long = "x".repeat(1000);
        for pieces in [vec![format!("a\n{long}\nb\n")], vec!["a\n".to_owned(), long.clone(), long, "\nb\n".to_owned()]]
        {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            assert_eq!(lines(&pieces, 10), [line(1, "a\n"), (2, None), line(3, "b\n")]);
        }
        assert_eq!(lines(&["0123456789\r\n"], 10), [line(1, "0123456789\r\n")]);
        assert_eq!(lines(&["0123456789a"], 10), [(1, None)]);
    }
}
