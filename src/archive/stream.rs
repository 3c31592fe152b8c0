//! From raw bytes to a capped, decompressed stream.

use std::io::{self, BufRead, BufReader, Read};

use super::capped::{Capped, Counted, Counter};
use super::compressed::{Compression, Decoder};
use super::error::ArchiveError;
use super::format::{self, Format, HEAD_BYTES, Magic, Named, Shape};
use super::gzip::GzipMembers;
use super::limits::Limits;
use super::pushback::PushBack;

const BUFFER_BYTES: usize = 64 << 10;

/// The names of the limits, as settings and errors give them.
pub(super) const DOCUMENT: &str = "one document (limits.document_bytes)";
pub(super) const TOTAL: &str = "one input of many documents (limits.total_bytes)";

type Raw = BufReader<Counted<Box<dyn Read + Send>>>;

/// A decompressed stream. Everything read from it is counted against the limits.
pub(super) struct Stream {
    reader: PushBack<BufReader<Capped<Decoder<Raw>>>>,
    pub place: String,
    pub compression: Option<Compression>,
    /// What is in it, by its first bytes, else by its name.
    pub shape: Shape,
}

impl Stream {
    /// Opens a source: decompresses it when its first bytes or its name ask for it, and refuses foreign formats by name.
    pub(super) fn open(
        raw: Box<dyn Read + Send>,
        place: String,
        named: Named,
        limits: &Limits,
    ) -> Result<Self, ArchiveError> {
        if let Some(format) = named.foreign {
            return Err(ArchiveError::Unsupported { place, format: format.to_owned() });
        }
        let counter = Counter::default();
        let mut raw = PushBack::new(BufReader::with_capacity(BUFFER_BYTES, counter.count(raw)));
        let compression = compression_of(&mut raw, &place, named)?;
        let corrupt = |error: &io::Error| ArchiveError::from_io(error, &place, compression);
        let (limit, what) = limit_of(named.shape, limits);
        let source = match compression {
            None => Capped::new(Decoder::Plain(raw), limit, what),
            Some(found) => {
                let decoder = found.decoder(raw).map_err(|error| corrupt(&error))?;
                Capped::new(decoder, limit, what).with_ratio(limits.ratio, counter)
            }
        };
        let reader = PushBack::new(BufReader::with_capacity(BUFFER_BYTES, source));
        let mut stream = Self { reader, place: String::new(), compression, shape: named.shape };
        stream.look(&place, limits)?;
        stream.place = place;
        Ok(stream)
    }

    /// Looks at the first bytes for what is in the stream.
    fn look(&mut self, place: &str, limits: &Limits) -> Result<(), ArchiveError> {
        let by_name = self.shape == Shape::Container(Format::Warc);
        // Records of a WARC file are compressed one by one: their reader wants to know where each ends.
        self.pause(true);
        let head = match self.reader.peek(HEAD_BYTES) {
            Ok(head) => head.to_vec(),
            // That reader also finds the next record behind the damage.
            Err(_) if by_name && self.compression == Some(Compression::Gzip) => return Ok(()),
            Err(error) => return Err(ArchiveError::from_io(&error, place, self.compression)),
        };
        match format::of_magic(&head) {
            Some(Magic::Foreign(format)) => {
                return Err(ArchiveError::Unsupported { place: place.to_owned(), format: format.to_owned() });
            }
            Some(Magic::Container(format)) => self.shape = Shape::Container(format),
            None => {}
        }
        if let (Some(compression), Shape::Container(format)) = (self.compression, self.shape)
            && format.needs_seeking()
        {
            let format = format!("{} inside {}", format.as_str(), compression.as_str());
            return Err(ArchiveError::Unsupported { place: place.to_owned(), format });
        }
        if self.compression.is_some() && Compression::of_magic(&head).is_some() {
            let format = "a file compressed twice".to_owned();
            return Err(ArchiveError::Unsupported { place: place.to_owned(), format });
        }
        self.pause(self.shape == Shape::Container(Format::Warc));
        let (limit, what) = limit_of(self.shape, limits);
        self.capped().set_limit(limit, what);
        Ok(())
    }

    fn capped(&mut self) -> &mut Capped<Decoder<Raw>> {
        self.reader.inner_mut().get_mut()
    }

    fn gzip(&mut self) -> Option<&mut GzipMembers<Raw>> {
        match self.capped().inner_mut() {
            Decoder::Gzip(members) => Some(members),
            _ => None,
        }
    }

    fn pause(&mut self, pausing: bool) {
        if let Some(members) = self.gzip() {
            members.set_pausing(pausing);
        }
    }

    /// Goes on to the next gzip member; false where there is none. To be called when the reader gives nothing more.
    pub(super) fn next_member(&mut self) -> io::Result<bool> {
        self.gzip().map_or(Ok(false), GzipMembers::next_member)
    }

    /// Leaves a damaged gzip member for the next one; false where there is none.
    pub(super) fn resync(&mut self) -> io::Result<bool> {
        self.gzip().map_or(Ok(false), GzipMembers::resync)
    }

    /// Where the current gzip member begins, in bytes of the file.
    pub(super) fn member_start(&mut self) -> Option<u64> {
        self.gzip().map(|members| members.member_start())
    }

    /// How many bytes were read so far.
    pub(super) fn position(&self) -> u64 {
        self.reader.position()
    }

    /// The stream's bytes.
    pub(super) fn reader(&mut self) -> &mut impl BufRead {
        &mut self.reader
    }

    /// At most `most` next bytes, without consuming them.
    pub(super) fn peek(&mut self, most: usize) -> io::Result<&[u8]> {
        self.reader.peek(most)
    }

    /// Puts back bytes that were read last.
    pub(super) fn push_back(&mut self, bytes: Vec<u8>) {
        self.reader.push_back(bytes);
    }

    /// Lets the stream be as long as a JSONL input may be.
    pub(super) fn set_records(&mut self, limits: &Limits) {
        self.capped().set_limit(limits.total_bytes, TOTAL);
    }

    /// The rest of the stream, behind `begun`.
    pub(super) fn into_bytes(mut self, begun: Vec<u8>, size_hint: u64) -> Result<Vec<u8>, ArchiveError> {
        let mut bytes = begun;
        // A wrong hint only costs a reallocation; a file that shrinks must not cost its old size.
        bytes.reserve(usize::try_from(size_hint).unwrap_or(0).min(16 << 20));
        self.reader.read_to_end(&mut bytes).map_err(|error| self.error(&error))?;
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

    /// What an error of the reader means for this file.
    pub(super) fn error(&self, error: &io::Error) -> ArchiveError {
        ArchiveError::from_io(error, &self.place, self.compression)
    }
}

/// The compression by the first bytes. A file that is only named compressed is an error.
fn compression_of(raw: &mut PushBack<Raw>, place: &str, named: Named) -> Result<Option<Compression>, ArchiveError> {
    let head = raw.peek(HEAD_BYTES).map_err(|error| ArchiveError::from_io(&error, place, None))?;
    let compression = Compression::of_magic(head);
    if let (None, Some(named)) = (compression, named.compression) {
        let reason = if head.is_empty() {
            "it is empty"
        } else {
            "it does not begin like it; if it is not compressed, rename it"
        };
        let place = place.to_owned();
        return Err(ArchiveError::Corrupt { place, format: named.as_str(), reason: reason.to_owned() });
    }
    Ok(compression)
}

fn limit_of(shape: Shape, limits: &Limits) -> (u64, &'static str) {
    match shape {
        Shape::Document(_) => (limits.document_bytes, DOCUMENT),
        // Only looked at here: their readers open the file themselves.
        Shape::Container(format) if format.needs_seeking() => (u64::MAX, TOTAL),
        Shape::Records | Shape::Container(_) => (limits.total_bytes, TOTAL),
    }
}

/// Refuses a document by its size on disk, before it is read.
pub(super) fn check_size(bytes: u64, place: &str, limits: &Limits) -> Result<(), ArchiveError> {
    if bytes > limits.document_bytes {
        return Err(ArchiveError::TooLarge { place: place.to_owned(), limit: limits.document_bytes, what: DOCUMENT });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

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
    fn containers_are_found_by_magic_even_inside_compression() {
        let (zip, warc) = (b"PK\x03\x04....".to_vec(), b"WARC/1.1\r\n".to_vec());
        for (name, bytes, format) in
            [("a.zip", vec![], Format::Zip), ("a", zip.clone(), Format::Zip), ("a.gz", gzip(&warc), Format::Warc)]
        {
            assert_eq!(open(name, bytes, &Limits::default()).unwrap().shape, Shape::Container(format), "{name}");
        }
        for (name, bytes) in [
            ("a.docx", zip.clone()),
            ("a.gz", gzip(&zip)),
            ("a.gz", gzip(&gzip(b"text"))),
            ("a", b"Rar!\x1a\x07".to_vec()),
        ] {
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
