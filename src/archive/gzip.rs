//! A gzip file member by member, so that a reader may stop between members and go on behind a damaged one.

use std::io::{self, BufRead, Read};

use super::pushback::PushBack;

/// The first bytes of a member: the magic, and deflate as the method (RFC 1952, 2.3).
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// How many bytes of a file are looked through twice: a hostile file must not make it all of them, many times.
const REWIND_BYTES: u64 = 256 << 20;

/// The members of a gzip file, decoded one after the other.
///
/// Reading goes through all members, unless [`Self::set_pausing`] asks for a pause (a read of no bytes) at each end.
pub(super) struct GzipMembers<R: BufRead> {
    state: State<R>,
    pausing: bool,
    /// Whether members are recorded, to be looked through should they be damaged. The first always is, until we are told.
    recording: bool,
    /// Where the current member begins, in bytes of the file.
    start: u64,
    rewind_left: u64,
}

enum State<R: BufRead> {
    Between(PushBack<R>),
    Inside(Box<flate2::bufread::GzDecoder<PushBack<R>>>),
    /// A member was damaged: nothing is read before [`GzipMembers::resync`].
    Damaged(PushBack<R>),
    /// Only while the state changes.
    Moving,
}

impl<R: BufRead> GzipMembers<R> {
    /// Begins with the first member.
    pub(super) fn new(source: PushBack<R>) -> Self {
        let mut members = Self {
            state: State::Between(source),
            pausing: false,
            recording: true,
            start: 0,
            rewind_left: REWIND_BYTES,
        };
        members.begin();
        members
    }

    /// Whether reading pauses at the end of each member until [`Self::next_member`] is called, and what is read is recorded so
    /// that [`Self::resync`] can look through it.
    pub(super) fn set_pausing(&mut self, pausing: bool) {
        self.pausing = pausing;
        self.recording = pausing;
        if let (false, State::Inside(decoder)) = (pausing, &mut self.state) {
            decoder.get_mut().stop_recording();
        }
    }

    /// Where the current member begins, in bytes of the file.
    pub(super) const fn member_start(&self) -> u64 {
        self.start
    }

    /// Goes on behind the end of a member; false when it was the last.
    pub(super) fn next_member(&mut self) -> io::Result<bool> {
        let more = match &mut self.state {
            State::Between(source) => !source.fill_buf()?.is_empty(),
            _ => false,
        };
        if more {
            self.begin();
        }
        Ok(more)
    }

    /// Leaves the current member and looks for the beginning of another; false when there is none.
    pub(super) fn resync(&mut self) -> io::Result<bool> {
        let mut source = match std::mem::replace(&mut self.state, State::Moving) {
            State::Between(source) | State::Damaged(source) => source,
            State::Inside(decoder) => decoder.into_inner(),
            State::Moving => return Ok(false),
        };
        // A damaged member may have been decoded beyond its end, into the next.
        if self.rewind_left > 0 {
            self.rewind_left = self.rewind_left.saturating_sub(source.rewind(MAGIC.len()));
        }
        let found = find_magic(&mut source);
        self.state = State::Between(source);
        if let Ok(true) = found {
            self.begin();
        }
        found
    }

    #[expect(clippy::disallowed_methods, reason = "one member at a time; `stream` puts the cap around it")]
    fn begin(&mut self) {
        if let State::Between(mut source) = std::mem::replace(&mut self.state, State::Moving) {
            self.start = source.position();
            if self.recording {
                source.record();
            }
            self.state = State::Inside(Box::new(flate2::bufread::GzDecoder::new(source)));
        }
    }

    /// The current member has ended, well or badly.
    fn leave(&mut self, damaged: bool) {
        if let State::Inside(decoder) = std::mem::replace(&mut self.state, State::Moving) {
            let source = decoder.into_inner();
            self.state = if damaged { State::Damaged(source) } else { State::Between(source) };
        }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::Inside(decoder) => match decoder.read(buffer) {
                    Ok(0) if !buffer.is_empty() => self.leave(false),
                    Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                        self.leave(true);
                        return Err(error);
                    }
                    read => return read,
                },
                State::Between(_) if self.pausing => return Ok(0),
                State::Between(source) => {
                    if source.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    self.begin();
                }
                State::Damaged(_) | State::Moving => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "it is damaged further up"));
                }
            }
        }
    }
}

/// Moves to the next place that looks like the beginning of a member.
fn find_magic<R: BufRead>(source: &mut PushBack<R>) -> io::Result<bool> {
    let mut matched = 0;
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let mut used = 0;
        while used < buffer.len() && matched < MAGIC.len() {
            if matched == 0 {
                match memchr::memchr(MAGIC[0], &buffer[used..]) {
                    Some(at) => used += at,
                    None => used = buffer.len(),
                }
                if used == buffer.len() {
                    break;
                }
            }
            let byte = buffer[used];
            used += 1;
            matched = if byte == MAGIC[matched] { matched + 1 } else { usize::from(byte == MAGIC[0]) };
        }
        source.consume(used);
        if matched == MAGIC.len() {
            source.push_back(MAGIC.to_vec());
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn members(bytes: &[u8]) -> GzipMembers<io::BufReader<io::Cursor<Vec<u8>>>> {
        GzipMembers::new(PushBack::new(io::BufReader::with_capacity(7, io::Cursor::new(bytes.to_vec()))))
    }

    fn text(members: &mut impl Read) -> String {
        let mut text = String::new();
        members.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn members_are_read_as_one_or_one_by_one() {
        let file = [gzip(b"one "), gzip(b""), gzip(b"three")].concat();
        assert_eq!(text(&mut members(&file)), "one three");
        let mut members = members(&file);
        members.set_pausing(true);
        let mut texts = vec![text(&mut members)];
        while members.next_member().unwrap() {
            texts.push(text(&mut members));
        }
        assert_eq!(texts, ["one ", "", "three"]);
        assert_eq!(members.member_start(), (gzip(b"one ").len() + gzip(b"").len()) as u64);
    }

    #[test]
    fn behind_a_damaged_member_the_next_is_found() {
        let (mut first, second) = (gzip(&[b'x'; 5000]), gzip(b"two"));
        let crc = first.len() - 6;
        first[crc] ^= 1;
        let mut members = members(&[&first[..], b"\x1f\x1f\x8b junk", &second].concat());
        assert!(members.read_to_end(&mut Vec::new()).is_err());
        assert!(members.read(&mut [0; 4]).is_err());
        assert!(members.resync().unwrap());
        assert_eq!(text(&mut members), "two");
        assert!(!members.resync().unwrap());
    }
}
