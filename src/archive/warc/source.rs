//! Records of a WARC file, one after the other; and the way back to one where a length lies or compressed data is damaged.

use std::io::{self, BufRead};

use super::super::error::ArchiveError;
use super::super::format;
use super::super::stream::Stream;
use super::header::Header;
use super::rescue::{self, Watch};

/// Longest header.
const HEADER_BYTES: usize = 1 << 20;
/// Enough to see a version line.
const VERSION_BYTES: usize = 16;

/// A WARC file.
pub(in crate::archive) struct Source {
    stream: Stream,
    /// Where in the decompressed bytes the current gzip member began.
    member_at: u64,
    /// Damage was met: the next record must be looked for.
    lost: bool,
}

/// What went wrong with a record.
pub(in crate::archive) enum Fault {
    /// The record is damaged; others may follow.
    Record(String),
    /// Nothing more can be read.
    End(ArchiveError),
}

/// A block being read.
pub(in crate::archive) struct Block {
    /// What was read of it and is kept.
    pub bytes: Vec<u8>,
    length: u64,
    /// What was read, kept or not.
    read: u64,
    /// What stands behind it was looked at.
    closed: bool,
}

impl Block {
    /// The bytes it says it has.
    pub(in crate::archive) const fn length(&self) -> u64 {
        self.length
    }

    /// Whether all of it was read.
    pub(in crate::archive) const fn is_read(&self) -> bool {
        self.read == self.length
    }

    fn left(&self) -> u64 {
        self.length - self.read
    }
}

/// A fault, before it is known what an error of the reader means.
enum Problem {
    Io(io::Error),
    Record(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Where bytes come from next.
enum Next {
    Bytes,
    /// A gzip member ended, and another began.
    Member,
    End,
}

impl Source {
    pub(in crate::archive) fn new(stream: Stream) -> Self {
        Self { stream, member_at: 0, lost: false }
    }

    /// The file's place, for messages.
    pub(in crate::archive) fn place(&self) -> &str {
        &self.stream.place
    }

    /// Where the reader stands, for messages: in a compressed file, where the gzip member begins.
    pub(in crate::archive) fn at(&mut self) -> String {
        let position = self.stream.position();
        match self.stream.member_start() {
            Some(start) if self.member_at == position => format!("byte {start}"),
            Some(_) => format!("byte {position} when decompressed"),
            None if self.stream.compression.is_some() => format!("byte {position} when decompressed"),
            None => format!("byte {position}"),
        }
    }

    /// Moves to the next record; false at the end of the file. Bytes that are no record are a fault.
    pub(in crate::archive) fn find(&mut self) -> Result<bool, Fault> {
        if std::mem::take(&mut self.lost) {
            return self.recover().map_err(Fault::End);
        }
        self.find_here().map_err(|problem| self.fault(problem))
    }

    fn find_here(&mut self) -> Result<bool, Problem> {
        loop {
            match self.next()? {
                Next::End => return Ok(false),
                Next::Member => {}
                Next::Bytes if self.pass_blank()? => {}
                Next::Bytes => break,
            }
        }
        if self.is_record()? {
            return Ok(true);
        }
        self.lost = true;
        Err(Problem::Record("no record begins where one should".to_owned()))
    }

    /// Passes over line ends in the buffer; whether there was nothing else in it.
    fn pass_blank(&mut self) -> io::Result<bool> {
        let buffer = self.stream.reader().fill_buf()?;
        let blank = buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let all = blank == buffer.len();
        self.stream.reader().consume(blank);
        Ok(all)
    }

    fn is_record(&mut self) -> io::Result<bool> {
        self.stream.peek(VERSION_BYTES).map(format::is_warc)
    }

    /// Reads the header of the record that [`Self::find`] found, and its block's length.
    pub(in crate::archive) fn header(&mut self) -> Result<(Header, Block), Fault> {
        let bytes = self.header_bytes().map_err(|problem| self.fault(problem))?;
        let header = Header::parse(&bytes);
        let Some(length) = header.length() else {
            self.lost = true;
            return Err(Fault::Record("its Content-Length is missing, or is no number".to_owned()));
        };
        Ok((header, Block { bytes: Vec::new(), length, read: 0, closed: false }))
    }

    fn header_bytes(&mut self) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        let mut line = 0;
        loop {
            match self.next()? {
                Next::Bytes => {}
                Next::Member if !self.is_record()? => {}
                Next::Member | Next::End => return Err(Problem::Record("its header is cut off".to_owned())),
            }
            let buffer = self.stream.reader().fill_buf()?;
            let end = memchr::memchr(b'\n', buffer);
            let used = end.map_or(buffer.len(), |at| at + 1);
            bytes.extend_from_slice(&buffer[..used]);
            self.stream.reader().consume(used);
            if end.is_some() {
                if matches!(&bytes[line..], b"\n" | b"\r\n") {
                    bytes.truncate(line);
                    return Ok(bytes);
                }
                line = bytes.len();
            }
            if bytes.len() > HEADER_BYTES {
                self.lost = true;
                return Err(Problem::Record(format!("its header has more than {HEADER_BYTES} bytes")));
            }
        }
    }

    /// Reads on in a block until `most` bytes of it are there, or all.
    pub(in crate::archive) fn read(&mut self, block: &mut Block, most: u64) -> Result<(), Fault> {
        while block.left() > 0 && block.read < most {
            let wanted = block.left().min(most - block.read);
            let step = self.piece(block, wanted, |block, piece| block.bytes.extend_from_slice(piece));
            if let Err(problem) = step {
                let fault = self.fault(problem);
                if let Some(at) = rescue::find(&block.bytes) {
                    self.go_back(block.bytes[at..].to_vec());
                }
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Passes over the rest of a block, giving it to `sink`. An `implausible` length is a lie as soon as a record is met in it.
    /// Faults of the sink come back inside.
    pub(in crate::archive) fn skip(
        &mut self,
        block: &mut Block,
        implausible: bool,
        mut sink: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<io::Result<()>, Fault> {
        let mut written = Ok(());
        if block.closed {
            return Ok(written);
        }
        block.closed = true;
        let mut watch = Watch::default();
        watch.look(&block.bytes);
        while block.left() > 0 {
            if implausible && watch.found() {
                return Err(self.rescue(watch, block, "another record begins before its end"));
            }
            let wanted = block.left();
            let step = self.piece(block, wanted, |_, piece| {
                watch.look(piece);
                if written.is_ok() {
                    written = sink(piece);
                }
            });
            if let Err(problem) = step {
                let fault = self.fault(problem);
                if let Some((kept, _)) = watch.take() {
                    self.go_back(kept);
                }
                return Err(fault);
            }
        }
        match self.close() {
            Err(Problem::Record(reason)) => Err(self.rescue(watch, block, &reason)),
            Err(problem) => Err(self.fault(problem)),
            Ok(()) => Ok(written),
        }
    }

    /// Looks whether the record ends where its length says. `block` was read whole.
    pub(in crate::archive) fn end(&mut self, block: &mut Block) -> Result<(), Fault> {
        block.closed = true;
        self.close().map_err(|problem| {
            if let (Problem::Record(_), Some(at)) = (&problem, rescue::find(&block.bytes)) {
                self.go_back(block.bytes[at..].to_vec());
            }
            self.fault(problem)
        })
    }

    fn rescue(&mut self, watch: Watch, block: &Block, reason: &str) -> Fault {
        let Some((kept, gone)) = watch.take() else {
            self.lost = true;
            return Fault::Record(reason.to_owned());
        };
        let more = if gone > 0 { format!("; {gone} bytes behind it were not read") } else { String::new() };
        self.go_back(kept);
        Fault::Record(format!("it says it has {} bytes, but {reason}{more}", block.length))
    }

    /// Puts back what was read beyond a record's true end.
    fn go_back(&mut self, bytes: Vec<u8>) {
        self.stream.push_back(bytes);
        self.lost = false;
    }

    /// One piece of a block, of at most `wanted` bytes.
    fn piece(
        &mut self,
        block: &mut Block,
        wanted: u64,
        mut take: impl FnMut(&mut Block, &[u8]),
    ) -> Result<(), Problem> {
        let (length, read) = (block.length, block.read);
        match self.next()? {
            Next::Bytes => {}
            // Blocks may go over the ends of members that know nothing of records.
            Next::Member if !self.is_record()? => return Ok(()),
            Next::Member => {
                let reason = format!("it says it has {length} bytes, but its gzip member ends after {read}");
                return Err(Problem::Record(reason));
            }
            Next::End => {
                return Err(Problem::Record(format!("it says it has {length} bytes, but the file ends after {read}")));
            }
        }
        let buffer = self.stream.reader().fill_buf()?;
        let size = usize::try_from(wanted).map_or(buffer.len(), |wanted| wanted.min(buffer.len()));
        take(block, &buffer[..size]);
        self.stream.reader().consume(size);
        block.read += size as u64;
        Ok(())
    }

    /// Passes over the line ends behind a block. Another record, the end of the gzip member or of the file must follow.
    fn close(&mut self) -> Result<(), Problem> {
        while !self.stream.reader().fill_buf()?.is_empty() {
            if self.pass_blank()? {
                continue;
            }
            if self.is_record()? {
                break;
            }
            self.lost = true;
            return Err(Problem::Record("its Content-Length is not where it ends".to_owned()));
        }
        Ok(())
    }

    /// Makes sure that there are bytes to read, and goes from one gzip member to the next.
    fn next(&mut self) -> io::Result<Next> {
        if !self.stream.reader().fill_buf()?.is_empty() {
            return Ok(Next::Bytes);
        }
        if self.stream.next_member()? {
            self.member_at = self.stream.position();
            return Ok(Next::Member);
        }
        Ok(Next::End)
    }

    /// Damage inside compressed data is a fault of the record; other faults of the reader end the file.
    fn fault(&mut self, problem: Problem) -> Fault {
        let error = match problem {
            Problem::Record(reason) => return Fault::Record(reason),
            Problem::Io(error) => self.stream.error(&error),
        };
        match error {
            ArchiveError::Corrupt { format, reason, .. } => {
                self.lost = true;
                Fault::Record(format!("damaged {format} data: {reason}"))
            }
            error => Fault::End(error),
        }
    }

    /// Looks for the next line that begins a record, through damaged gzip members too; false where there is none.
    fn recover(&mut self) -> Result<bool, ArchiveError> {
        let mut line_start = true;
        loop {
            match self.scan(&mut line_start) {
                Ok(found) => return Ok(found),
                Err(error) => match self.stream.error(&error) {
                    ArchiveError::Corrupt { .. } => {
                        let resynced = self.stream.resync();
                        if !resynced.map_err(|error| self.stream.error(&error))? {
                            return Ok(false);
                        }
                        self.member_at = self.stream.position();
                        line_start = true;
                    }
                    fatal => return Err(fatal),
                },
            }
        }
    }

    fn scan(&mut self, line_start: &mut bool) -> io::Result<bool> {
        loop {
            match self.next()? {
                Next::End => return Ok(false),
                Next::Member => *line_start = true,
                Next::Bytes => {
                    let first = self.stream.reader().fill_buf()?.first().copied();
                    if *line_start && first == Some(b'W') && format::is_warc(self.stream.peek(VERSION_BYTES)?) {
                        return Ok(true);
                    }
                    let buffer = self.stream.reader().fill_buf()?;
                    let line_end = memchr::memchr(b'\n', buffer);
                    let used = line_end.map_or(buffer.len(), |at| at + 1);
                    *line_start = line_end.is_some();
                    self.stream.reader().consume(used);
                }
            }
        }
    }
}
