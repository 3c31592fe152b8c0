//! ZIP archives: stored, deflated and zstd members, in the order of the central directory.
//!
//! Written here and not taken from a crate, since members must be streamed without a borrow, of two members with one name both must
//! be read, and the table of a million entries must not be held in memory.

mod directory;
mod overlaps;

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::capped::{Capped, Counter};
use super::compressed::Coding;
use super::error::{self, ArchiveError};
use super::format::PACKAGE;
use super::limits::Limits;
use super::member_name;
use super::members::{Archive, Member};
use super::stream::TOTAL;
use directory::{Directory, DirectoryFault, Entry, u16_at};
use overlaps::Overlaps;

const FORMAT: &str = "ZIP";
const LOCAL_BYTES: usize = 30;

/// A ZIP archive.
pub(super) struct Zip {
    directory: Directory,
    overlaps: Overlaps,
    file: Arc<File>,
    place: String,
    ratio: u64,
    total_bytes: u64,
    /// What all members together gave.
    given: Counter,
    ended: bool,
}

impl Zip {
    /// Opens a file and finds its directory.
    pub(super) fn open(path: &Path, limits: &Limits) -> Result<Self, ArchiveError> {
        let place = path.display().to_string();
        let fault = |fault| fault_at(&place, fault);
        let open = || File::open(path).map_err(|error| fault(DirectoryFault::Io(error)));
        let mut directory = Directory::find(open()?).map_err(fault)?;
        if let Ok(Some(first)) = directory.next()
            && matches!(first.name.as_slice(), b"mimetype" | b"[Content_Types].xml")
        {
            return Err(ArchiveError::Unsupported { place, format: PACKAGE.to_owned() });
        }
        let overlaps = Overlaps::find(&mut directory, limits.archive_members).map_err(fault)?;
        let file = Arc::new(open()?);
        Ok(Self {
            directory,
            overlaps,
            file,
            place,
            ratio: limits.ratio,
            total_bytes: limits.total_bytes,
            given: Counter::default(),
            ended: false,
        })
    }

    fn member(&self, entry: &Entry) -> Option<Member> {
        let name = member_name::decode(&entry.name);
        if name.ends_with('/') {
            return None;
        }
        let refused = |reason| Some(Member::Refused { name: name.clone(), reason });
        if entry.encrypted {
            return refused("it is encrypted");
        }
        if entry.link {
            return refused("it is a link, and links are not followed");
        }
        if self.overlaps.contains(entry) {
            let error = self.corrupt("its bytes overlap those of another member, as in a decompression bomb");
            return Some(Member::Damaged { name, error });
        }
        let coding = match entry.method {
            0 => None,
            8 => Some(Coding::Deflate),
            93 => Some(Coding::Zstd),
            _ => return refused("its compression is neither deflate nor zstd"),
        };
        Some(match self.reader(entry, coding) {
            Ok(reader) => Member::File { name, size: entry.size, reader },
            Err(error) => Member::Damaged { name, error },
        })
    }

    fn reader(&self, entry: &Entry, coding: Option<Coding>) -> Result<Box<dyn Read + Send>, ArchiveError> {
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.corrupt("it would begin behind the end of the file"),
            _ => ArchiveError::from_io(&error, &self.place, None),
        };
        let mut file = self.file.as_ref();
        let mut header = [0; LOCAL_BYTES];
        file.seek(SeekFrom::Start(entry.start)).map_err(unreadable)?;
        file.read_exact(&mut header).map_err(unreadable)?;
        if header[..4] != *b"PK\x03\x04" {
            return Err(self.corrupt("there is no local header where the central directory says"));
        }
        let extra = i64::from(u16_at(&header, 26)) + i64::from(u16_at(&header, 28));
        let start = file.seek(SeekFrom::Current(extra)).map_err(unreadable)?;
        if start.checked_add(entry.packed).is_none_or(|end| end > self.directory.start()) {
            return Err(self.corrupt("it reaches beyond the members' part of the file"));
        }
        let packed = Counter::default();
        let source = packed.count(Shared(Arc::clone(&self.file)).take(entry.packed));
        let left = self.total_bytes.saturating_sub(self.given.get());
        let decoder: Box<dyn Read + Send> = match coding {
            None => Box::new(source),
            Some(coding) => coding.decoder(BufReader::with_capacity(16 << 10, source)).map_err(unreadable)?,
        };
        let given = Tally { inner: decoder, counter: self.given.clone() };
        let capped = Capped::new(given, left, TOTAL).with_ratio(self.ratio, packed);
        let corrupt = |reason: &str| self.corrupt(reason);
        Ok(Box::new(Checked {
            inner: capped,
            crc: flate2::Crc::new(),
            size: 0,
            entry: entry.clone(),
            faults: [
                corrupt("its compressed data is damaged or cut off"),
                corrupt("its checksum or size is not what the central directory says"),
            ],
        }))
    }

    fn corrupt(&self, reason: &str) -> ArchiveError {
        ArchiveError::Corrupt { place: self.place.clone(), format: FORMAT, reason: reason.to_owned() }
    }
}

impl Archive for Zip {
    fn next_member(&mut self) -> Option<Result<Member, ArchiveError>> {
        while !self.ended {
            if self.given.get() > self.total_bytes {
                self.ended = true;
                let (place, limit) = (self.place.clone(), self.total_bytes);
                return Some(Err(ArchiveError::TooLarge { place, limit, what: TOTAL }));
            }
            match self.directory.next() {
                Ok(None) => self.ended = true,
                Ok(Some(entry)) => {
                    if let Some(member) = self.member(&entry) {
                        return Some(Ok(member));
                    }
                }
                Err(fault) => {
                    self.ended = true;
                    return Some(Err(fault_at(&self.place, fault)));
                }
            }
        }
        None
    }

    fn is_broken(&self) -> bool {
        false
    }
}

fn fault_at(place: &str, fault: DirectoryFault) -> ArchiveError {
    let place = place.to_owned();
    match fault {
        DirectoryFault::Io(error) => ArchiveError::from_io(&error, &place, None),
        DirectoryFault::Damaged(reason) => ArchiveError::Corrupt { place, format: FORMAT, reason },
        DirectoryFault::Split => {
            ArchiveError::Unsupported { place, format: "a ZIP archive in several parts".to_owned() }
        }
    }
}

/// The file, from where it stands. One member is read at a time.
struct Shared(Arc<File>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.as_ref().read(buffer)
    }
}

/// Counts what a decoder gives, also where the cap then refuses it. Its errors stay what they are.
struct Tally<R> {
    inner: R,
    counter: Counter,
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.counter.add(read as u64);
        Ok(read)
    }
}

/// A member whose size and checksum are compared at its end.
struct Checked<R> {
    inner: R,
    crc: flate2::Crc,
    size: u64,
    entry: Entry,
    /// What to say of damaged data, and of a sum that differs.
    faults: [ArchiveError; 2],
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = match self.inner.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted || error::is_told(&error) => return Err(error),
            Err(_) => return Err(self.faults[0].clone().carry()),
        };
        self.crc.update(&buffer[..read]);
        self.size += read as u64;
        let wrong = self.size > self.entry.size
            || (read == 0 && (self.size != self.entry.size || self.crc.sum() != self.entry.crc));
        if wrong { Err(self.faults[1].clone().carry()) } else { Ok(read) }
    }
}
