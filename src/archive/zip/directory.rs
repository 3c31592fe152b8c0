//! The central directory of a ZIP file (APPNOTE 4.3.12 to 4.3.16): found at the end of the file, read entry by entry.
//!
//! Nothing of it is kept, so a million entries take no more memory than one; and of entries with one name, none is lost.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

const END_BYTES: usize = 22;
const ENTRY_BYTES: usize = 46;
const COMMENT_BYTES: u64 = 0xffff;

/// What the directory says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name as bytes, by the Unicode path field where that is valid.
    pub name: Vec<u8>,
    pub method: u16,
    pub encrypted: bool,
    pub link: bool,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    /// Where its local header begins, in bytes of the file.
    pub start: u64,
}

/// Why a directory cannot be read.
#[derive(Debug)]
pub(super) enum DirectoryFault {
    Io(io::Error),
    /// What is wrong, as a clause.
    Damaged(String),
    /// It goes over several files.
    Split,
}

impl From<io::Error> for DirectoryFault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Damaged("its central directory is cut off".to_owned());
        }
        Self::Io(error)
    }
}

/// A central directory being read.
#[derive(Debug)]
pub(super) struct Directory {
    reader: BufReader<File>,
    start: u64,
    /// One past its last byte: where the end record begins.
    end: u64,
    /// Added to offsets that the directory gives: bytes that stand before the archive, as in self-extracting ones.
    shift: u64,
    at: u64,
    number: u64,
}

impl Directory {
    /// Finds the directory of a file.
    pub(super) fn find(mut file: File) -> Result<Self, DirectoryFault> {
        let length = file.seek(SeekFrom::End(0))?;
        let End { at, size, offset } = find_end(&mut file, length)?;
        let claimed = at.checked_sub(size);
        let start = match claimed {
            Some(start) if start >= offset => start,
            // A size that lies: the offset may still be true.
            _ if offset <= at => offset,
            _ => return Err(DirectoryFault::Damaged("its central directory would begin before the file".to_owned())),
        };
        let mut directory = Self {
            reader: BufReader::with_capacity(64 << 10, file),
            start,
            end: at,
            shift: start - offset,
            at: start,
            number: 0,
        };
        directory.rewind()?;
        Ok(directory)
    }

    /// Where the directory begins: members lie before it.
    pub(super) const fn start(&self) -> u64 {
        self.start
    }

    /// Begins again with the first entry.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.at = self.start;
        self.number = 0;
        self.reader.seek(SeekFrom::Start(self.start)).map(|_| ())
    }

    /// The next entry. The number of entries that the end record gives is not trusted: it has 16 bits, and wraps.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, DirectoryFault> {
        if self.at >= self.end {
            return Ok(None);
        }
        self.number += 1;
        let mut header = [0; ENTRY_BYTES];
        self.reader.read_exact(&mut header)?;
        if header[..4] == *b"PK\x05\x05" {
            return Ok(None); // a digital signature ends the directory
        }
        if header[..4] != *b"PK\x01\x02" {
            let message = format!("entry {} of its central directory is damaged; the rest was not read", self.number);
            return Err(DirectoryFault::Damaged(message));
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| u64::from(u16_at(&header, at)));
        let mut rest = vec![0; usize::try_from(name + extra).unwrap_or(0)];
        self.reader.read_exact(&mut rest)?;
        self.reader.seek_relative(i64::try_from(comment).unwrap_or(0))?;
        self.at += ENTRY_BYTES as u64 + name + extra + comment;
        let (name, extra) = rest.split_at(usize::try_from(name).unwrap_or(0));
        Ok(Some(self.entry(&header, name, extra)))
    }

    fn entry(&self, header: &[u8; ENTRY_BYTES], name: &[u8], extra: &[u8]) -> Entry {
        let unix = header[5] == 3;
        let mode = u32_at(header, 38) >> 16;
        let mut large = field(extra, 1).unwrap_or_default();
        let mut number = |at: usize| match u32_at(header, at) {
            u32::MAX if large.len() >= 8 => {
                let (first, rest) = large.split_at(8);
                large = rest;
                u64_at(first, 0)
            }
            small => u64::from(small),
        };
        let (size, packed, offset) = (number(24), number(20), number(42));
        Entry {
            name: unicode_path(name, extra).unwrap_or(name).to_vec(),
            method: u16_at(header, 10),
            encrypted: u16_at(header, 8) & 0x2041 != 0,
            link: unix && mode & 0o170_000 == 0o120_000,
            crc: u32_at(header, 16),
            packed,
            size,
            start: offset.saturating_add(self.shift),
        }
    }
}

/// What the end record says.
struct End {
    /// Where the directory must have ended.
    at: u64,
    size: u64,
    offset: u64,
}

fn find_end(file: &mut File, length: u64) -> Result<End, DirectoryFault> {
    let tail_at = length.saturating_sub(COMMENT_BYTES + END_BYTES as u64);
    let tail = read_at(file, tail_at, usize::try_from(length - tail_at).unwrap_or(0))?;
    let found = (0..tail.len().saturating_sub(END_BYTES - 1)).rev().find(|at| {
        tail[*at..].starts_with(b"PK\x05\x06") && at + END_BYTES + usize::from(u16_at(&tail, at + 20)) <= tail.len()
    });
    let Some(found) = found else {
        let message = "there is no central directory at its end; it was cut off, or is no ZIP file";
        return Err(DirectoryFault::Damaged(message.to_owned()));
    };
    let record = &tail[found..];
    if u16_at(record, 4) != 0 && u16_at(record, 4) != u16::MAX {
        return Err(DirectoryFault::Split);
    }
    let at = tail_at + found as u64;
    let end = End { at, size: u64::from(u32_at(record, 12)), offset: u64::from(u32_at(record, 16)) };
    Ok(find_large_end(file, at)?.unwrap_or(end))
}

/// The end record of ZIP64, which a locator before the common one points to.
fn find_large_end(file: &mut File, end: u64) -> Result<Option<End>, DirectoryFault> {
    let Some(locator_at) = end.checked_sub(20) else { return Ok(None) };
    let locator = read_at(file, locator_at, 20)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    // It stands where the locator says, or, behind bytes put before the archive, right before the locator.
    for at in [Some(u64_at(&locator, 8)), locator_at.checked_sub(56)].into_iter().flatten() {
        if at.checked_add(56).is_none_or(|end| end > locator_at) {
            continue;
        }
        let record = read_at(file, at, 56)?;
        if record.starts_with(b"PK\x06\x06") {
            return Ok(Some(End { at, size: u64_at(&record, 40), offset: u64_at(&record, 48) }));
        }
    }
    Err(DirectoryFault::Damaged("its ZIP64 end record is missing".to_owned()))
}

fn read_at(file: &mut File, at: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The extra field of a number (APPNOTE 4.5.1).
fn field(mut extra: &[u8], number: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let data = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == number {
            return Some(data);
        }
        extra = &extra[4 + length..];
    }
    None
}

/// The Unicode path field (APPNOTE 4.6.9), if it belongs to this name.
fn unicode_path<'a>(name: &[u8], extra: &'a [u8]) -> Option<&'a [u8]> {
    let data = field(extra, 0x7075).filter(|data| data.len() > 5 && data[0] == 1)?;
    let mut crc = flate2::Crc::new();
    crc.update(name);
    (u32_at(data, 1) == crc.sum()).then_some(&data[5..])
}

/// Numbers are little-endian. Callers have made sure of the length.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes[at..at + 2].iter().rev().fold(0, |number, byte| number << 8 | u16::from(*byte))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
