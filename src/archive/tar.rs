//! tar archives: POSIX ustar with pax headers, GNU and old ones, read from front to back.
//!
//! Headers are parsed by the `tar` crate; the walk over them is here, because names need caps, members must outlive a borrow,
//! and a damaged header must not end the archive.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use ::tar::{EntryType, Header};

use super::error::ArchiveError;
use super::member_name;
use super::members::{Archive, Member};
use super::pax::Pax;
use super::stream::Stream;

const BLOCK: usize = 512;
/// Longest long name or pax header.
const META_BYTES: u64 = 1 << 20;

/// A tar archive.
pub(super) struct Tar {
    shared: Arc<Mutex<Shared>>,
    ended: bool,
    /// At least one header was good: before that, the file may be no tar archive at all.
    begun: bool,
}

/// The stream and where in it we stand. Members read through it, so it is shared with them.
struct Shared {
    stream: Stream,
    /// Bytes of the current member that were not read.
    left: u64,
    /// Filling bytes behind it.
    padding: u64,
    broken: bool,
}

/// A block of the archive.
enum Block {
    Header(Box<Header>),
    Zero,
    Damaged,
    End,
}

/// What stands before the header of a member and belongs to it.
#[derive(Default)]
struct Before {
    long_name: Option<Vec<u8>>,
    pax: Option<Pax>,
    too_long: bool,
}

impl Tar {
    pub(super) fn new(stream: Stream) -> Self {
        let shared = Shared { stream, left: 0, padding: 0, broken: false };
        Self { shared: Arc::new(Mutex::new(shared)), ended: false, begun: false }
    }

    fn step(&mut self) -> Result<Option<Member>, ArchiveError> {
        let mut before = Before::default();
        let shared = Arc::clone(&self.shared);
        loop {
            let mut reader = lock(&shared);
            let header = match reader.block()? {
                Block::Header(header) => header,
                Block::Damaged => {
                    self.ended = !reader.find_header()?;
                    return Err(reader.damaged(self.begun, self.ended));
                }
                Block::Zero => {
                    // The end mark. What a second archive put behind it would be lost, so look on.
                    if reader.find_header()? {
                        continue;
                    }
                    self.ended = true;
                    return Ok(None);
                }
                Block::End => {
                    self.ended = true;
                    return Err(reader.corrupt("it ends without an end mark; members may be missing"));
                }
            };
            self.begun = true;
            let kind = header.entry_type();
            let Ok(size) = header.entry_size() else {
                return Err(reader.corrupt("a header with a size that is no number"));
            };
            match kind {
                EntryType::GNULongName | EntryType::XHeader => {
                    reader.set_size(size);
                    match reader.meta(size)? {
                        None => before.too_long = true,
                        Some(bytes) if kind == EntryType::XHeader => before.pax = Some(Pax::parse(&bytes)),
                        Some(bytes) => before.long_name = Some(until_nul(&bytes).to_vec()),
                    }
                }
                // Names of links, and what is said of the archive as a whole, such as its label.
                EntryType::GNULongLink | EntryType::XGlobalHeader => reader.set_size(size),
                _ if kind.as_byte() == b'V' => reader.set_size(size),
                _ => {
                    let pax = before.pax.take().unwrap_or_default();
                    let size = pax.size.unwrap_or(size);
                    reader.set_size(if has_data(kind) { size } else { 0 });
                    drop(reader);
                    match self.member(&header, &before, &pax, size) {
                        Some(member) => return Ok(Some(member)),
                        None => before = Before::default(),
                    }
                }
            }
        }
    }

    /// A member by its headers; `None` for a folder.
    fn member(&self, header: &Header, before: &Before, pax: &Pax, size: u64) -> Option<Member> {
        let bytes = pax.path.as_deref().or(before.long_name.as_deref());
        let bytes = bytes.map_or_else(|| header.path_bytes().into_owned(), <[u8]>::to_vec);
        let name = member_name::decode(&bytes);
        let refused = |reason| Some(Member::Refused { name: name.clone(), reason });
        match header.entry_type() {
            EntryType::Directory => None,
            // As tar itself wrote folders before there was a type for them.
            EntryType::Regular | EntryType::Continuous if name.ends_with('/') => None,
            EntryType::Regular | EntryType::Continuous if pax.sparse => refused("it is stored as a sparse file"),
            EntryType::Regular | EntryType::Continuous if before.too_long => {
                let reason = format!("a name or header of more than {META_BYTES} bytes");
                Some(Member::Damaged { name, error: lock(&self.shared).corrupt(reason) })
            }
            EntryType::Regular | EntryType::Continuous => {
                Some(Member::File { name, size, reader: Box::new(MemberReader(Arc::clone(&self.shared))) })
            }
            EntryType::Symlink | EntryType::Link => refused("it is a link, and links are not followed"),
            EntryType::Char | EntryType::Block | EntryType::Fifo => refused("it is a device or a pipe"),
            EntryType::GNUSparse => refused("it is stored as a sparse file"),
            _ => refused("it is of a kind that only backup programs use"),
        }
    }
}

impl Archive for Tar {
    fn next_member(&mut self) -> Option<Result<Member, ArchiveError>> {
        if self.ended {
            return None;
        }
        match self.step() {
            Ok(member) => member.map(Ok),
            Err(error) => {
                self.ended |= lock(&self.shared).broken;
                Some(Err(error))
            }
        }
    }

    fn is_broken(&self) -> bool {
        lock(&self.shared).broken
    }
}

/// Members are read one at a time by one thread; the lock is only there because the stream may move to another.
fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Links carry the size of what they lead to, but none of its bytes.
fn has_data(kind: EntryType) -> bool {
    !matches!(
        kind,
        EntryType::Symlink
            | EntryType::Link
            | EntryType::Directory
            | EntryType::Char
            | EntryType::Block
            | EntryType::Fifo
    )
}

fn is_header(block: &[u8; BLOCK]) -> bool {
    let header = Header::from_byte_slice(block);
    let sum: u32 =
        block.iter().enumerate().map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u32::from(*byte) }).sum();
    header.cksum().is_ok_and(|said| said == sum) && block.iter().any(|byte| *byte != 0)
}

impl Shared {
    fn set_size(&mut self, size: u64) {
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    fn corrupt(&self, reason: impl Into<String>) -> ArchiveError {
        ArchiveError::Corrupt { place: self.stream.place.clone(), format: "tar", reason: reason.into() }
    }

    fn damaged(&self, begun: bool, ended: bool) -> ArchiveError {
        let at = self.stream.position();
        match (begun, ended) {
            (false, true) => self.corrupt("it does not begin with a tar header"),
            (_, true) => self.corrupt(format!("no header before byte {at}, and none behind; the rest was not read")),
            (_, false) => self.corrupt(format!("no header where one should be; going on at byte {at}")),
        }
    }

    /// Passes over what is left of the current member and gives the next block.
    fn block(&mut self) -> Result<Block, ArchiveError> {
        let rest = self.left.saturating_add(self.padding);
        if rest > 0 {
            let skipped =
                io::copy(&mut self.stream.reader().take(rest), &mut io::sink()).map_err(|e| self.fault(&e))?;
            if skipped < self.left {
                self.broken = true;
                return Err(self.corrupt("it ends in the middle of a member"));
            }
            (self.left, self.padding) = (0, 0);
        }
        let mut block = [0; BLOCK];
        let read = self.fill(&mut block)?;
        Ok(match read {
            0 => Block::End,
            BLOCK if block.iter().all(|byte| *byte == 0) => Block::Zero,
            BLOCK if is_header(&block) => Block::Header(Box::new(Header::from_byte_slice(&block).clone())),
            BLOCK => Block::Damaged,
            _ => {
                self.broken = true;
                return Err(self.corrupt("it ends in the middle of a header"));
            }
        })
    }

    /// Moves to the next header, which is then read again; false where there is none.
    fn find_header(&mut self) -> Result<bool, ArchiveError> {
        let mut block = [0; BLOCK];
        while self.fill(&mut block)? == BLOCK {
            if is_header(&block) {
                self.stream.push_back(block.to_vec());
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fill(&mut self, block: &mut [u8; BLOCK]) -> Result<usize, ArchiveError> {
        let mut read = 0;
        while read < BLOCK {
            match self.stream.reader().read(&mut block[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.fault(&error)),
            }
        }
        Ok(read)
    }

    fn fault(&mut self, error: &io::Error) -> ArchiveError {
        self.broken = true;
        self.stream.error(error)
    }

    /// The data of a long name or pax header, or nothing when it is too long.
    fn meta(&mut self, size: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        if size > META_BYTES {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.stream.reader().take(size).read_to_end(&mut bytes).map_err(|error| self.fault(&error))?;
        self.left -= bytes.len() as u64;
        Ok(Some(bytes))
    }
}

/// The contents of the current member.
struct MemberReader(Arc<Mutex<Shared>>);

impl Read for MemberReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut shared = lock(&self.0);
        if shared.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(shared.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        match shared.stream.reader().read(&mut buffer[..most]) {
            Ok(0) => {
                shared.broken = true;
                Err(shared.corrupt("it ends in the middle of this member").carry())
            }
            Ok(read) => {
                shared.left -= read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(shared.fault(&error).carry()),
        }
    }
}
