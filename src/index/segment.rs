//! One file of the log: a header, then frames of length, checksum and payload.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use super::bytes::Reader;
use super::entry::Entry;
use super::error::IndexError;
use super::storage::{Storage, Stored, read_exact};
use crate::dedup::FINGERPRINT_VERSION;

/// Bytes of a header.
pub(super) const HEADER: u64 = 32;
/// Bytes before a payload.
pub(super) const FRAME: u64 = 12;
/// Longest payload: a document's record is far below, whatever its limit.
pub(super) const MAX_PAYLOAD: usize = 1 << 30;
/// What a file of the log begins with.
const MAGIC: &[u8; 8] = b"taoxilog";
/// The form of headers, frames and entries.
const FORMAT: u32 = 1;
/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Which file of the log, and which one of those that ever had its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentId {
    pub number: u32,
    /// Drawn when the file is made and raised whenever it is replaced: a snapshot knows the files it speaks of, also where others were put in their places.
    pub generation: u32,
}

impl SegmentId {
    /// A file that is made now.
    pub fn fresh(number: u32) -> Self {
        Self { number, generation: RandomState::new().hash_one(number) as u32 }
    }

    /// The file that replaces this one.
    pub fn next(self) -> Self {
        Self { generation: self.generation.wrapping_add(1), ..self }
    }
}

/// The name of a file of the log.
pub(super) fn name(number: u32) -> String {
    format!("log-{number:08}")
}

/// The number in such a name.
pub(super) fn number(name: &str) -> Option<u32> {
    name.strip_prefix("log-").filter(|digits| digits.len() == 8)?.parse().ok()
}

/// The first eight bytes of a BLAKE3 digest.
pub(super) fn checksum(payload: &[u8]) -> [u8; 8] {
    let mut out = [0; 8];
    out.copy_from_slice(&blake3::hash(payload).as_bytes()[..8]);
    out
}

/// Appends a frame.
pub(super) fn frame(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend((payload.len() as u32).to_le_bytes());
    out.extend(checksum(payload));
    out.extend(payload);
}

/// The header of a file.
pub(super) fn header(id: SegmentId) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for word in [FORMAT, FINGERPRINT_VERSION, id.number, id.generation] {
        out.extend(word.to_le_bytes());
    }
    let check = checksum(&out);
    out.extend(check);
    out
}

/// Makes a file with nothing but its header; its name is durable when this returns.
pub(super) fn create(storage: &dyn Storage, id: SegmentId) -> Result<Arc<dyn Stored>, IndexError> {
    let name = name(id.number);
    let make = || {
        let file = storage.open(&name, true)?;
        file.set_len(0)?;
        file.write_at(&header(id), 0)?;
        file.sync()?;
        storage.sync_names()?;
        Ok(file)
    };
    make().map_err(|error| IndexError::io(&name, &error))
}

/// What the header of a file says.
pub(super) enum Opened {
    /// Whose it is, and the version of its fingerprints.
    Good(SegmentId, u32),
    /// It was never finished: nothing can have been written behind it.
    Unfinished,
}

/// Reads a header.
pub(super) fn open(file: &dyn Stored, name: &str) -> Result<Opened, IndexError> {
    let io = |error: std::io::Error| IndexError::io(name, &error);
    let length = file.len().map_err(io)?;
    let mut bytes = [0; HEADER as usize];
    if length < HEADER {
        return Ok(Opened::Unfinished);
    }
    read_exact(file, &mut bytes, 0).map_err(io)?;
    let (head, check) = bytes.split_at(24);
    if checksum(head) != check {
        // A header is on disk before the first entry is written.
        if length == HEADER {
            return Ok(Opened::Unfinished);
        }
        return Err(IndexError::corrupt(name, 0, "its header is not what was written"));
    }
    let mut reader = Reader(head);
    let magic = reader.raw(8) == Some(MAGIC);
    let mut word = || reader.u32().unwrap_or(0);
    let (format, fingerprint, number, generation) = (word(), word(), word(), word());
    if !magic {
        return Err(IndexError::corrupt(name, 0, "it is no file of a collection's log"));
    }
    if format != FORMAT {
        let what = format!("form {format} is not read by this version of taoxi, which reads form {FORMAT}");
        return Err(IndexError::OtherVersion { file: name.to_owned(), what });
    }
    if super::segment::number(name).is_some_and(|wanted| wanted != number) {
        return Err(IndexError::corrupt(name, 0, format!("it is file {number} of a log under another name")));
    }
    Ok(Opened::Good(SegmentId { number, generation }, fingerprint))
}

/// Where reading a file ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// One past the last good frame.
    pub good: u64,
    /// What is wrong with what follows, if anything follows.
    pub fault: Option<&'static str>,
}

/// Calls `each` with the place and payload of every frame from `from` to `to`, as long as they are good.
pub(super) fn scan(
    file: &dyn Stored,
    name: &str,
    (from, to): (u64, u64),
    mut each: impl FnMut(u64, &[u8]) -> Result<(), IndexError>,
) -> Result<End, IndexError> {
    let mut buffer: Vec<u8> = Vec::new();
    // `buffer` holds what stands from `at` on.
    let (mut at, mut used) = (from, 0);
    loop {
        let place = at + used as u64;
        if place == to {
            return Ok(End { good: place, fault: None });
        }
        let left = to - place;
        let head = fill(file, name, &mut buffer, (&mut at, &mut used), (FRAME.min(left) as usize, left))?;
        let mut reader = Reader(head);
        let (Some(length), Some(check)) = (reader.u32(), reader.raw(8)) else {
            return Ok(End { good: place, fault: Some("the file ends inside the head of an entry") });
        };
        let check: [u8; 8] = check.try_into().unwrap_or_default();
        let length = length as usize;
        if length == 0 || length > MAX_PAYLOAD {
            return Ok(End { good: place, fault: Some("no entry begins here") });
        }
        if FRAME + length as u64 > left {
            return Ok(End { good: place, fault: Some("the file ends inside an entry") });
        }
        let frame = fill(file, name, &mut buffer, (&mut at, &mut used), (FRAME as usize + length, left))?;
        let payload = &frame[FRAME as usize..];
        if checksum(payload) != check {
            return Ok(End { good: place, fault: Some("an entry is not what was written") });
        }
        each(place, payload)?;
        used += FRAME as usize + length;
    }
}

/// The next `wanted` bytes of `left`, read from the file where the buffer does not hold them.
fn fill<'b>(
    file: &dyn Stored,
    name: &str,
    buffer: &'b mut Vec<u8>,
    (at, used): (&mut u64, &mut usize),
    (wanted, left): (usize, u64),
) -> Result<&'b [u8], IndexError> {
    if buffer.len() - *used < wanted {
        buffer.drain(..*used);
        *at += *used as u64;
        *used = 0;
        let held = buffer.len();
        buffer.resize(wanted.max((CHUNK as u64).min(left) as usize), 0);
        let count =
            file.read_at(&mut buffer[held..], *at + held as u64).map_err(|error| IndexError::io(name, &error))?;
        buffer.truncate(held + count);
    }
    Ok(buffer.get(*used..*used + wanted).unwrap_or(&buffer[*used..]))
}

/// Whether something behind `place` proves that more than `place` bytes were on disk once.
pub(super) fn proves_synced(file: &dyn Stored, name: &str, place: u64, to: u64) -> Result<bool, IndexError> {
    let mark = Entry::Mark { synced: 0 }.encode().len();
    let whole = FRAME as usize + mark;
    let mut at = place;
    while at + whole as u64 <= to {
        let mut bytes = vec![0; CHUNK.min((to - at) as usize)];
        let count = file.read_at(&mut bytes, at).map_err(|error| IndexError::io(name, &error))?;
        bytes.truncate(count);
        let proven = (at..).zip(bytes.windows(whole)).any(|(stands, window)| {
            let (head, payload) = window.split_at(FRAME as usize);
            head[..4] == (mark as u32).to_le_bytes()
                && head[4..] == checksum(payload)
                && matches!(Entry::decode(payload), Some(Entry::Mark { synced }) if synced > place && synced <= stands)
        });
        if proven {
            return Ok(true);
        }
        if count < whole {
            break;
        }
        at += (count - whole + 1) as u64;
    }
    Ok(false)
}

/// Reads the payload of one frame.
pub(super) fn read(file: &dyn Stored, name: &str, place: u64) -> Result<Vec<u8>, IndexError> {
    /// Most entries are shorter: one call reads them.
    const GUESS: usize = 4096;
    let io = |error: std::io::Error| IndexError::io(name, &error);
    let mut bytes = vec![0; GUESS];
    let count = file.read_at(&mut bytes, place).map_err(io)?;
    bytes.truncate(count);
    let mut reader = Reader(&bytes);
    let (length, check) = reader
        .u32()
        .zip(reader.raw(8))
        .filter(|(length, _)| *length as usize <= MAX_PAYLOAD)
        .map(|(length, check)| (length as usize, <[u8; 8]>::try_from(check).unwrap_or_default()))
        .ok_or_else(|| IndexError::corrupt(name, place, "no entry begins here"))?;
    let held = bytes.len();
    let whole = FRAME as usize + length;
    bytes.resize(whole, 0);
    if whole > held {
        read_exact(file, &mut bytes[held..], place + held as u64).map_err(io)?;
    }
    bytes.drain(..FRAME as usize);
    if checksum(&bytes) == check {
        Ok(bytes)
    } else {
        Err(IndexError::corrupt(name, place, "an entry is not what was written"))
    }
}
