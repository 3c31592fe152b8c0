//! Writing WARC records: each a gzip member of its own, so that any can be read by its offset.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

use sha1::{Digest, Sha1};

/// The version of records made here.
pub(super) const VERSION: &str = "WARC/1.1";
/// The date of records whose source has none: output must not depend on the clock.
pub(super) const NO_DATE: &str = "1970-01-01T00:00:00Z";

/// The header of a record being made.
pub(super) struct NewHeader(String);

impl NewHeader {
    pub(super) fn new(kind: &str) -> Self {
        Self(format!("{VERSION}\r\nWARC-Type: {kind}\r\n"))
    }

    /// Adds a field. Line ends in the value, which would end the field, become spaces.
    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        let value = value.replace(['\r', '\n'], " ");
        // Writing to a string does not fail.
        let _ = write!(self.0, "{name}: {value}\r\n");
        self
    }

    pub(super) fn field_if(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// The header's bytes for a block of so many bytes.
    pub(super) fn bytes(self, length: u64) -> Vec<u8> {
        format!("{}Content-Length: {length}\r\n\r\n", self.0).into_bytes()
    }
}

/// Writes a record of a header, its empty line included, and a block.
pub(super) fn write(out: &mut impl Write, header: &[u8], mut block: impl Read) -> io::Result<()> {
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
    encoder.write_all(header)?;
    io::copy(&mut block, &mut encoder)?;
    encoder.write_all(b"\r\n\r\n")?;
    encoder.finish().map(|_| ())
}

/// The SHA-1 of bytes.
pub(super) fn digest(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

/// The SHA-1 of what is left of a reader.
pub(super) fn digest_of(mut source: impl Read) -> io::Result<[u8; 20]> {
    let mut hasher = Sha1::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(read) => hasher.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A SHA-1 as WARC writes it: in base32 (RFC 4648, section 6), which needs no filling for twenty bytes.
pub(super) fn digest_text(digest: [u8; 20]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::from("sha1:");
    for bytes in digest.chunks(5) {
        let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        text.extend(
            (0..8).rev().map(|place| char::from(DIGITS[usize::try_from(bits >> (5 * place) & 31).unwrap_or(0)])),
        );
    }
    text
}

/// A record id made of what the record holds: the same in every run. A UUID of version 5 in form (RFC 9562, 5.5).
pub(super) fn id_of(parts: &[&[u8]]) -> String {
    let mut hasher = Sha1::new();
    hasher.update(b"taoxi");
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 20] = hasher.finalize().into();
    let mut bits = digest.iter().take(16).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    bits = bits & !(0xf << 76) | 5 << 76;
    bits = bits & !(3 << 62) | 2 << 62;
    let hex = format!("{bits:032x}");
    format!("<urn:uuid:{}-{}-{}-{}-{}>", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// The URI of a document that has none: its id, with what a URI cannot hold written as `%E9`.
pub(super) fn uri_of(id: &str) -> String {
    let mut uri = String::from("urn:taoxi:");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/' | b'!' | b':') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_as_crawlers_write_them() {
        // The digest of nothing, known to everybody who has read a crawl.
        assert_eq!(digest_text(digest(b"")), "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
    }

    #[test]
    fn ids_follow_from_contents() {
        let id = id_of(&[b"a", b"b"]);
        assert_eq!(id, id_of(&[b"a", b"b"]));
        assert_ne!(id, id_of(&[b"ab", b""]));
        let uuid = id.strip_prefix("<urn:uuid:").and_then(|id| id.strip_suffix('>')).unwrap();
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "5"));
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn ids_become_uris() {
        assert_eq!(uri_of("a.zip!页 1.txt"), "urn:taoxi:a.zip!%E9%A1%B5%201.txt");
    }

    #[test]
    fn a_value_cannot_add_a_field() {
        let header = NewHeader::new("metadata").field("X", "a\r\nEvil: b").bytes(0);
        assert_eq!(
            String::from_utf8(header).unwrap(),
            "WARC/1.1\r\nWARC-Type: metadata\r\nX: a  Evil: b\r\nContent-Length: 0\r\n\r\n"
        );
    }
}
