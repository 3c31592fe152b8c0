//! From raw bytes to a capped, decompressed stream.

use std::io::{BufRead, BufReader, Chain, Cursor, Read};

use super::capped::{Capped, Counter};
use super::compressed::Compression;
use super::error::ArchiveError;
use super::format::{self, HEAD_BYTES, Named, Shape};
use super::limits::Limits;

const BUFFER_BYTES: usize = 64 << 10;

/// The names of the limits, as settings and errors give them.
const DOCUMENT: &str = "one document (limits.document_bytes)";
const TOTAL: &str = "one JSONL input (limits.total_bytes)";

type Source = Capped<Box<dyn Read + Send>>;

/// A decompressed stream. Everything read from it is counted against the limits.
pub(super) struct Stream {
    reader: Chain<Cursor<Vec<u8>>, BufReader<Source>>,
    pub place: String,
    pub compression: Option<Compression>,
}

impl Stream {
    /// Opens a source: decompresses it when its first bytes or its name ask for it, and refuses containers by name.
    pub(super) fn open(
        raw: Box<dyn Read + Send>,
        place: String,
        named: Named,
        limits: &Limits,
    ) -> Result<Self, ArchiveError> {
        if let Some(format) = named.container {
            return Err(ArchiveError::Unsupported { place, format });
        }
        let counter = Counter::default();
        let mut raw = BufReader::with_capacity(BUFFER_BYTES, counter.count(raw));
        let head = head_of(&mut raw, &place, None)?;
        let compression = Compression::of_magic(&head);
        if let (None, Some(named)) = (compression, named.compression) {
            let reason = if head.is_empty() {
                "it is empty"
            } else {
                "it does not begin like it; if it is not compressed, rename it"
            };
            return Err(ArchiveError::Corrupt { place, format: named.as_str(), reason: reason.to_owned() });
        }
        let raw = Cursor::new(head).chain(raw);
        let (limit, what) = limit_of(named.shape, limits);
        let mut source = match compression {
            None => Capped::new(Box::new(raw) as Box<dyn Read + Send>, limit, what),
            Some(compression) => {
                let decoder = compression
                    .decoder(raw)
                    .map_err(|error| ArchiveError::from_io(&error, &place, Some(compression)))?;
                Capped::new(decoder, limit, what).with_ratio(limits.ratio, counter)
            }
        };
        let head = head_of(&mut source, &place, compression)?;
        if let Some(format) = format::container_of_magic(&head) {
            return Err(ArchiveError::Unsupported { place, format });
        }
        if compression.is_some() && Compression::of_magic(&head).is_some() {
            return Err(ArchiveError::Unsupported { place, format: "a file compressed twice" });
        }
        let reader = Cursor::new(head).chain(BufReader::with_capacity(BUFFER_BYTES, source));
        Ok(Self { reader, place, compression })
    }

    /// Lets the stream be as long as a JSONL input may be.
    pub(super) fn set_records(&mut self, limits: &Limits) {
        self.reader.get_mut().1.get_mut().set_limit(limits.total_bytes, TOTAL);
    }

    /// The rest of the stream, behind `begun`.
    pub(super) fn into_bytes(mut self, begun: Vec<u8>, size_hint: u64) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = begun;
        // A wrong hint only costs a reallocation; a file that shrinks must not cost its old size.
        bytes.reserve(usize::try_from(size_hint).unwrap_or(0).min(16 << 20));
        self.reader
            .read_to_end(&mut bytes)
            .map_err(|error| ArchiveError::from_io(&error, &self.place, self.compression))?;
        Ok(bytes)
    }

    /// Reads a line, its end included, into `line`; `Ok(false)` when it is longer than `limit` bytes and only begun.
    pub(super) fn line(&mut self, line: &mut Vec<u8>, limit: u64) -> Result<bool, ArchiveError> {
        line.clear();
        // The line end, which may be CR LF, does not count.
        let most = limit.saturating_add(2);
        let read = self.reader.by_ref().take(most).read_until(b'\n', line).map_err(|error| self.error(&error))?;
        let end = if line.ends_with(b"\r\n") { 2 } else { usize::from(line.ends_with(b"\n")) };
        Ok((read - end) as u64 <= limit)
    }

    /// Passes over the rest of a line of which `line` was read.
    pub(super) fn skip_rest(&mut self, line: &[u8]) -> Result<(), ArchiveError> {
        if line.ends_with(b"\n") {
            return Ok(());
        }
        self.reader.skip_until(b'\n').map(|_| ()).map_err(|error| self.error(&error))
    }

    fn error(&self, error: &std::io::Error) -> ArchiveError {
        ArchiveError::from_io(error, &self.place, self.compression)
    }
}

fn limit_of(shape: Shape, limits: &Limits) -> (u64, &'static str) {
    match shape {
        Shape::Document(_) => (limits.document_bytes, DOCUMENT),
        Shape::Records => (limits.total_bytes, TOTAL),
    }
}

/// Refuses a document by its size on disk, before it is read.
pub(super) fn check_size(bytes: u64, place: &str, limits: &Limits) -> Result<(), ArchiveError> {
    if bytes > limits.document_bytes {
        return Err(ArchiveError::TooLarge { place: place.to_owned(), limit: limits.document_bytes, what: DOCUMENT });
    }
    Ok(())
}

fn head_of(reader: &mut impl Read, place: &str, compression: Option<Compression>) -> Result<Vec<u8>, ArchiveError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    reader
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .map_err(|error| ArchiveError::from_io(&error, place, compression))?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn open(name: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Stream, ArchiveError> {
        Stream::open(Box::new(Cursor::new(bytes)), name.to_owned(), format::of_name(name), limits)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compression_is_found_by_its_first_bytes_whatever_the_name() {
        let zstd = zstd::encode_all(&b"text"[..], 1).unwrap();
        for (name, bytes) in [("a", gzip(b"text")), ("a.gz", zstd), ("a.txt", b"text".to_vec())] {
            assert_eq!(open(name, bytes, &Limits::default()).unwrap().into_bytes(Vec::new(), 0).unwrap(), b"text");
        }
    }

    #[test]
    fn a_file_that_is_only_named_compressed_is_a_named_error() {
        for bytes in [&b""[..], b"plain"] {
            assert!(matches!(open("a.gz", bytes.to_vec(), &Limits::default()), Err(ArchiveError::Corrupt { .. })));
        }
    }

    #[test]
    fn containers_are_refused_even_inside_compression() {
        let zip = b"PK\x03\x04....".to_vec();
        for (name, bytes) in
            [("a.zip", vec![]), ("a", zip.clone()), ("a.gz", gzip(&zip)), ("a.gz", gzip(&gzip(b"text")))]
        {
            assert!(matches!(open(name, bytes, &Limits::default()), Err(ArchiveError::Unsupported { .. })), "{name}");
        }
    }

    #[test]
    fn a_gzip_bomb_is_refused_by_its_ratio() {
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            bomb.write_all(&vec![0; 1 << 20]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        let error = open("a.gz", bomb, &Limits::default()).unwrap().into_bytes(Vec::new(), 0).unwrap_err();
        assert_eq!(error, ArchiveError::Ratio { place: "a.gz".to_owned(), ratio: 200 });
    }

    #[test]
    fn a_document_over_its_limit_names_the_limit() {
        let limits = Limits { document_bytes: 600, ..Limits::default() };
        assert!(open("a.txt", vec![b'a'; 600], &limits).unwrap().into_bytes(Vec::new(), 0).is_ok());
        let error = open("a.txt", vec![b'a'; 601], &limits).unwrap().into_bytes(Vec::new(), 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a.txt: larger than the limit of 600 bytes for one document (limits.document_bytes)"
        );
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_read_and_a_longer_one_is_passed_over() {
        let mut stream = open("a.jsonl", b"1234\r\n12345678901\n12345\n1234".to_vec(), &Limits::default()).unwrap();
        let mut line = Vec::new();
        let mut seen = Vec::new();
        loop {
            let whole = stream.line(&mut line, 4).unwrap();
            if line.is_empty() {
                break;
            }
            if !whole {
                stream.skip_rest(&line).unwrap();
            }
            seen.push(whole);
        }
        assert_eq!(seen, [true, false, false, true]);
    }
}
