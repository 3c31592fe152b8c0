//! From the body of an HTTP response as it was sent to the payload: transfer and content encodings taken off, within limits.

use std::borrow::Cow;
use std::io::{self, Read};

use super::super::capped::{CapError, Capped, Counter};
use super::super::compressed::Coding;
use super::super::limits::Limits;
use super::super::stream::DOCUMENT;
use super::http::Response;

/// Most content encodings on top of each other.
const MOST_CODINGS: usize = 4;

/// Why a body cannot be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BodyFault {
    Damaged(String),
    /// An encoding that is not known.
    Unknown(String),
    Cap(CapError),
}

/// The payload of a response. A body that the crawler cut off (`truncated`) is decoded as far as it goes.
pub(super) fn payload(
    response: &Response,
    block: Vec<u8>,
    truncated: bool,
    limits: &Limits,
) -> Result<Vec<u8>, BodyFault> {
    let chunked = response.get("Transfer-Encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"));
    let body = &block[response.body..];
    let mut payload = if chunked { unchunk(body, truncated).map_err(BodyFault::Damaged)? } else { Cow::Borrowed(body) };
    let encodings = response.get("Content-Encoding").unwrap_or_default().to_ascii_lowercase();
    let encodings: Vec<&str> = encodings.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if encodings.len() > MOST_CODINGS {
        return Err(BodyFault::Unknown(format!("{} content encodings on top of each other", encodings.len())));
    }
    for name in encodings.iter().rev() {
        if let Some(coding) = coding(name, &payload)? {
            payload = Cow::Owned(decode(coding, &payload, truncated, limits)?);
        }
    }
    if let Cow::Owned(payload) = payload {
        return Ok(payload);
    }
    // Nothing was taken off.
    let mut block = block;
    block.drain(..response.body);
    Ok(block)
}

/// The coding of a name; `None` when there is nothing to take off. Many crawlers decode bodies and leave the header as it was.
fn coding(name: &str, body: &[u8]) -> Result<Option<Coding>, BodyFault> {
    Ok(match name {
        "identity" | "none" | "utf-8" => None,
        _ if body.is_empty() => None,
        "gzip" | "x-gzip" => body.starts_with(&[0x1f, 0x8b]).then_some(Coding::Gzip),
        "zstd" => body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]).then_some(Coding::Zstd),
        "deflate" => Some(match body {
            // RFC 1950: the method is 8, and both bytes together a multiple of 31. Many servers send bare RFC 1951.
            [first, second, ..] if first & 15 == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0 => {
                Coding::Zlib
            }
            _ => Coding::Deflate,
        })
        .filter(|_| !is_markup(body)),
        "br" => Some(Coding::Brotli).filter(|_| !is_markup(body)),
        _ => return Err(BodyFault::Unknown(format!("the content encoding `{}`", super::super::record::shorten(name)))),
    })
}

/// Whether a body is plainly a page and not compressed data: those have no mark to know them by.
fn is_markup(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    start.starts_with(b"<")
        && std::str::from_utf8(&start[..start.len().min(64)]).map_or_else(|e| e.valid_up_to() > 32, |_| true)
}

fn decode(coding: Coding, body: &[u8], truncated: bool, limits: &Limits) -> Result<Vec<u8>, BodyFault> {
    let damaged = |error: &io::Error| match CapError::of(error) {
        Some(cap) => BodyFault::Cap(cap),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            BodyFault::Damaged(format!("its {} body ends too early", coding.as_str()))
        }
        None => BodyFault::Damaged(format!("its {} body is damaged: {error}", coding.as_str())),
    };
    let counter = Counter::default();
    let source = io::BufReader::new(counter.count(body));
    let decoder = coding.decoder(source).map_err(|error| damaged(&error))?;
    let mut out = Vec::new();
    let read =
        Capped::new(decoder, limits.document_bytes, DOCUMENT).with_ratio(limits.ratio, counter).read_to_end(&mut out);
    match read {
        Err(error) if !truncated || CapError::of(&error).is_some() => Err(damaged(&error)),
        _ => Ok(out),
    }
}

/// Takes off the chunked transfer encoding (RFC 9112, 7.1). A body that does not begin with a chunk was decoded before.
fn unchunk(body: &[u8], truncated: bool) -> Result<Cow<'_, [u8]>, String> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let rest = &body[at..];
        let line = memchr::memchr(b'\n', &rest[..rest.len().min(4096)]);
        let size = line.and_then(|end| size_of(&rest[..end]));
        let (Some(end), Some(size)) = (line, size) else {
            return match line {
                None if at == 0 && !rest.is_empty() => Ok(Cow::Borrowed(body)),
                Some(end) if at == 0 && !looks_like_size(&rest[..end]) => Ok(Cow::Borrowed(body)),
                None if truncated => Ok(Cow::Owned(out)),
                None => Err(format!("its chunked body ends too early, at byte {at}")),
                Some(_) => Err(format!("its chunked body has a nonsense size at byte {at}")),
            };
        };
        let start = at + end + 1;
        if size == 0 {
            return Ok(Cow::Owned(out));
        }
        match usize::try_from(size).ok().and_then(|size| start.checked_add(size)).filter(|end| *end <= body.len()) {
            Some(end) => {
                out.extend_from_slice(&body[start..end]);
                at = end
                    + [&b"\r\n"[..], b"\n"].iter().find(|eol| body[end..].starts_with(eol)).map_or(0, |eol| eol.len());
            }
            None if truncated => {
                out.extend_from_slice(&body[start..]);
                return Ok(Cow::Owned(out));
            }
            None => return Err(format!("its chunked body says {size} bytes at byte {at}, more than there are")),
        }
    }
}

/// The size on the line before a chunk; extensions behind `;` do not count.
fn size_of(line: &[u8]) -> Option<u64> {
    let size = line.split(|byte| *byte == b';').next()?.trim_ascii();
    if size.is_empty() || !size.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()
}

/// Whether a first line that is no size means to be one.
fn looks_like_size(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    !line.is_empty() && line.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'+' | b'x' | b'X'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn of(headers: &str, body: &[u8], truncated: bool) -> Result<Vec<u8>, BodyFault> {
        let block = [format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n").as_bytes(), body].concat();
        let response = Response::parse(&block).unwrap();
        payload(&response, block, truncated, &Limits::default())
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// `some text` in an uncompressed brotli meta-block (RFC 7932, 9.2).
    const BROTLI: &[u8] = b"\x0b\x04\x80some text\x03";

    #[test]
    fn encodings_are_taken_off() {
        let text = b"some text".to_vec();
        let zlib = zlib(&text);
        for (name, body) in [
            ("gzip", gzip(&text)),
            ("X-GZIP", gzip(&text)),
            ("deflate", zlib.clone()),
            ("deflate", zlib[2..zlib.len() - 4].to_vec()),
            ("br", BROTLI.to_vec()),
            ("zstd", zstd::encode_all(&text[..], 1).unwrap()),
            ("gzip, zstd", zstd::encode_all(&gzip(&text)[..], 1).unwrap()),
            ("identity", text.clone()),
        ] {
            assert_eq!(of(&format!("Content-Encoding: {name}"), &body, false).as_ref(), Ok(&text), "{name}");
        }
    }

    #[test]
    fn a_body_that_was_decoded_before_is_taken_as_it_is() {
        for headers in [
            "Content-Encoding: gzip", "Content-Encoding: br", "Content-Encoding: deflate", "Transfer-Encoding: chunked",
        ] {
            assert_eq!(of(headers, b"<html><p>a</p>\n", false).unwrap(), b"<html><p>a</p>\n");
        }
    }

    #[test]
    fn chunks_are_joined() {
        let body = b"4;ext=1\r\nsome\r\n5\r\n text\r\n0\r\nTrailer: x\r\n\r\n";
        assert_eq!(of("Transfer-Encoding: chunked", body, false).unwrap(), b"some text");
        let zipped = gzip(b"some text");
        let body = [format!("{:x}\r\n", zipped.len()).as_bytes(), &zipped, b"\r\n0\r\n\r\n"].concat();
        assert_eq!(of("Transfer-Encoding: chunked\r\nContent-Encoding: gzip", &body, false).unwrap(), b"some text");
    }

    #[test]
    fn nonsense_is_named() {
        for (body, message) in [
            (&b"4\r\nsome\r\nzz\r\ntext"[..], "nonsense size at byte 9"),
            (b"FFFFFFFFFFFFFFFFFF\r\nx", "nonsense size at byte 0"),
            (b"-4\r\nsome", "nonsense size at byte 0"),
            (b"FFFFFFFFFFFFFFFF\r\nx", "more than there are"),
            (b"4\r\nsome\r\n", "ends too early"),
        ] {
            let Err(BodyFault::Damaged(reason)) = of("Transfer-Encoding: chunked", body, false) else {
                panic!("{body:?}")
            };
            assert!(reason.contains(message), "{reason}");
        }
        assert!(matches!(of("Content-Encoding: gzip", &gzip(b"some text")[..15], false), Err(BodyFault::Damaged(_))));
        assert!(matches!(of("Content-Encoding: rot13", b"x", false), Err(BodyFault::Unknown(_))));
        assert!(matches!(of("Content-Encoding: gzip,gzip,gzip,gzip,gzip", b"x", false), Err(BodyFault::Unknown(_))));
    }

    #[test]
    fn what_the_crawler_cut_off_is_decoded_as_far_as_it_goes() {
        assert_eq!(of("Transfer-Encoding: chunked", b"4\r\nsome\r\n9\r\n te", true).unwrap(), b"some te");
        let long: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let zipped = gzip(&long);
        let part = of("Content-Encoding: gzip", &zipped[..zipped.len() / 2], true).unwrap();
        assert!(part.len() > 1000 && long.starts_with(&part));
    }

    #[test]
    fn a_body_that_swells_is_refused() {
        let bomb = gzip(&vec![0; 32 << 20]);
        assert!(matches!(of("Content-Encoding: gzip", &bomb, false), Err(BodyFault::Cap(CapError::Ratio { .. }))));
    }
}
