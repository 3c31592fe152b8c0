//! Bodies of requests: what stands behind their compression, and records that come line by line.
//!
//! A body comes in pieces, and whoever waits for the next one must not hold a thread. So [`Decoded`] is fed with what has come, gives what can be had
//! from it, and keeps its place; nothing of it waits.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::capped::{Capped, Counter};
use super::compressed::Coding;
use super::error::{ArchiveError, is_told};
use super::jsonl;
use super::limits::ReadOptions;
use crate::document::{Document, ErrorRecord};

/// What has come and was not read yet.
#[derive(Debug, Default)]
struct Inbox {
    pieces: VecDeque<Vec<u8>>,
    /// Bytes of the first piece that were read.
    at: usize,
    ended: bool,
}

/// The reading end of an inbox; [`io::ErrorKind::WouldBlock`] where more is to come.
struct Outlet(Arc<Mutex<Inbox>>);

impl Read for Outlet {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut inbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = inbox.at;
        let Some(piece) = inbox.pieces.front() else {
            return if inbox.ended { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        };
        let read = buffer.len().min(piece.len() - at);
        buffer[..read].copy_from_slice(&piece[at..at + read]);
        if at + read == piece.len() {
            inbox.pieces.pop_front();
            inbox.at = 0;
        } else {
            inbox.at += read;
        }
        Ok(read)
    }
}

/// A compressed body being decompressed as it comes, within limits.
pub struct Decoded {
    inbox: Arc<Mutex<Inbox>>,
    reader: Capped<Box<dyn Read + Send>>,
    coding: Coding,
    /// Whether anything came out, or went in: an empty body is an empty text in no compression.
    begun: bool,
}

impl Decoded {
    /// A body in a coding: at most `limit` bytes come out of it, `what` names the limit in messages, and at most `ratio` for each byte that
    /// goes in beyond the first 16 MiB.
    pub fn new(coding: Coding, limit: u64, what: &'static str, ratio: u64) -> Result<Self, ArchiveError> {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let counter = Counter::default();
        let source = BufReader::new(counter.count(Outlet(inbox.clone())));
        let decoder = coding.decoder(source).map_err(|error| fault(&error, coding))?;
        let reader = Capped::new(decoder, limit, what).with_ratio(ratio, counter);
        Ok(Self { inbox, reader, coding, begun: false })
    }

    /// Takes bytes of the body. Empty ones change nothing.
    pub fn feed(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.begun = true;
            self.inbox.lock().unwrap_or_else(PoisonError::into_inner).pieces.push_back(bytes);
        }
    }

    /// Says that nothing more comes.
    pub fn end(&mut self) {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
    }

    /// Decompresses at most about `most` bytes into `out`. `Ok(true)` when there may be more in what was fed, `Ok(false)` when more must be fed, or
    /// when all is out.
    pub fn give(&mut self, out: &mut Vec<u8>, most: usize) -> Result<bool, ArchiveError> {
        if !self.begun {
            return Ok(false);
        }
        let start = out.len();
        let mut filled = start;
        let result = loop {
            if filled - start >= most {
                break Ok(true);
            }
            out.resize(filled + PIECE.min(most - (filled - start)), 0);
            match self.reader.read(&mut out[filled..]) {
                Ok(0) => break Ok(false),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break Ok(false),
                Err(error) => break Err(fault(&error, self.coding)),
            }
        };
        out.truncate(filled);
        result
    }

    /// The rest of a body of which all was fed.
    pub fn rest(mut self, out: &mut Vec<u8>) -> Result<(), ArchiveError> {
        self.end();
        while self.give(out, 1 << 20)? {}
        Ok(())
    }
}

/// How many bytes are asked of a decoder at a time.
const PIECE: usize = 32 << 10;

/// What errors call a body.
const BODY: &str = "body";

fn fault(error: &io::Error, coding: Coding) -> ArchiveError {
    if is_told(error) {
        return ArchiveError::from_io(error, BODY, None);
    }
    let cut = error.kind() == io::ErrorKind::UnexpectedEof;
    let reason = if cut { "it ends too early".to_owned() } else { error.to_string() };
    ArchiveError::Corrupt { place: BODY.to_owned(), format: coding.as_str(), reason }
}

/// The id of a document on a line of a body that gives it none.
pub fn line_id(number: u64) -> String {
    format!("{BODY}:{number}")
}

/// The document on a line of a body, as on a line of a JSONL file; `None` for a blank line. Without an id of its own it is `body:line`.
pub fn record_of(line: &[u8], number: u64, options: &ReadOptions) -> Option<Result<Document, ErrorRecord>> {
    let bytes = jsonl::text_of(line, number);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return None;
    }
    Some(jsonl::parse(bytes, number, BODY, options, || line_id(number)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Coded};
    use std::io::Write;

    fn packed(coding: Coding, text: &[u8]) -> Vec<u8> {
        match coding {
            Coding::Zstd => zstd::encode_all(text, 1).unwrap(),
            Coding::Brotli => {
                // RFC 7932, 9.1 and 9.2: a window of 16 bits, one uncompressed meta-block, an empty last one.
                let head = (u32::try_from(text.len()).unwrap() - 1) << 4 | 1 << 20;
                [&head.to_le_bytes()[..3], text, &[3]].concat()
            }
            _ => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(text).unwrap();
                encoder.finish().unwrap()
            }
        }
    }

    #[test]
    fn a_body_that_comes_byte_by_byte_comes_out_whole() {
        let text = "正文一行,后面还有。\n".repeat(300);
        for coding in [Coding::Gzip, Coding::Zstd, Coding::Brotli] {
            let mut decoded = Decoded::new(coding, 1 << 20, "a test", 200).unwrap();
            let mut out = Vec::new();
            for byte in packed(coding, text.as_bytes()) {
                decoded.feed(vec![byte]);
                while decoded.give(&mut out, 100).unwrap() {}
            }
            decoded.rest(&mut out).unwrap();
            assert_eq!(out, text.as_bytes(), "{coding:?}");
        }
    }

    #[test]
    fn a_cut_or_swelling_body_is_named() {
        let whole = packed(Coding::Gzip, &[b'a'; 10_000]);
        let mut cut = Decoded::new(Coding::Gzip, 1 << 20, "a test", 200).unwrap();
        cut.feed(whole[..whole.len() - 3].to_vec());
        assert_eq!(cut.rest(&mut Vec::new()).unwrap_err().code(), Code::CorruptArchive);
        let mut large = Decoded::new(Coding::Gzip, 9_999, "a test", 200).unwrap();
        large.feed(whole);
        assert_eq!(large.rest(&mut Vec::new()).unwrap_err().code(), Code::TooLarge);
        let bomb = packed(Coding::Zstd, &vec![0; 64 << 20]);
        let mut bomb_body = Decoded::new(Coding::Zstd, 1 << 40, "a test", 200).unwrap();
        bomb_body.feed(bomb);
        let mut out = Vec::new();
        let error = loop {
            out.clear();
            match bomb_body.give(&mut out, 1 << 20) {
                Ok(more) => assert!(more),
                Err(error) => break error,
            }
        };
        assert_eq!(error.code(), Code::TooLarge);
    }

    #[test]
    fn lines_are_records_with_the_ids_they_carry() {
        let options = ReadOptions::default();
        assert!(record_of(b"  \r\n", 1, &options).is_none());
        assert_eq!(record_of(b"{\"text\":\"a\"}", 7, &options).unwrap().unwrap().id, "body:7");
        assert_eq!(record_of(b"{\"text\":\"a\",\"id\":\"x\"}", 7, &options).unwrap().unwrap().id, "x");
        let failed = record_of(b"{\"text\":", 3, &options).unwrap().unwrap_err();
        assert_eq!((failed.id.as_str(), failed.error.code), ("body:3", Code::BadRecord));
        assert!(failed.error.message.starts_with("body:3:"));
    }
}
