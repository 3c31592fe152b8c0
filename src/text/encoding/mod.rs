//! Decodes the bytes of a document to text.
//!
//! The order of evidence: an override by the user, a byte order mark, valid UTF-8, a declaration that reads as text,
//! and detection on a bounded sample (`detect`). Declarations lie often enough that none is believed unread. Names
//! and decoders follow the WHATWG Encoding Standard. Files that are no text are refused by name ([`binary`]).
//!
//! NULs and other controls stay in the text; removing them is the business of a later step.

pub mod binary;
mod detect;
pub mod label;
mod score;

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use thiserror::Error;

use detect::Declared;

/// What the outside says about the encoding of a document. Unknown declarations are ignored, an unknown override is
/// an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint {
    /// The user's word: used whatever the bytes look like.
    pub r#override: Option<String>,
    /// `charset` of the HTTP `Content-Type` header.
    pub http_charset: Option<String>,
    /// `charset` of an HTML `<meta>` or an XML declaration.
    pub html_meta: Option<String>,
}

/// Which evidence chose the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A byte order mark.
    Bom,
    /// [`Hint::override`].
    Override,
    /// A declaration, and the bytes agree with it.
    Declared,
    /// The bytes alone.
    Detected,
}

/// A decoded document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text without its byte order mark; borrowed when the bytes are valid UTF-8.
    pub text: Cow<'a, str>,
    /// The name users know: `UTF-8`, `GBK`, `GB18030`, `Big5`, `UTF-16LE`, `Shift_JIS`, `windows-1252`, …
    pub encoding: &'static str,
    /// Whether the bytes began with a byte order mark.
    pub had_bom: bool,
    /// Malformed sequences, each now one U+FFFD; 0 for a clean decode.
    pub replaced: usize,
    /// The evidence.
    pub how: How,
}

/// Why bytes could not become text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EncodingError {
    /// The bytes are a file that is not text.
    #[error(
        "this is not text but looks like {looks_like} ({bytes} bytes); extract its text first, or name its encoding \
         if it is text"
    )]
    Binary {
        /// Name of the format, or `binary data` when no magic is known.
        looks_like: &'static str,
        /// Size of the input in bytes.
        bytes: usize,
    },
    /// The override names no known encoding.
    #[error("unknown encoding `{name}`; did you mean `{suggestion}`?")]
    UnknownEncoding {
        /// The name as given.
        name: String,
        /// The nearest known name.
        suggestion: &'static str,
    },
}

/// Decodes `bytes` to text and says how it knew.
///
/// Valid UTF-8 costs one validation pass and no copy; other encodings one decoding pass. Detection reads at most
/// 16 KiB.
///
/// # Errors
/// [`EncodingError::Binary`] for files that are not text, unless the hint overrides; and
/// [`EncodingError::UnknownEncoding`] for an override that names no encoding.
pub fn decode<'a>(bytes: &'a [u8], hint: &Hint) -> Result<Decoded<'a>, EncodingError> {
    if let Some(name) = &hint.r#override {
        return decode_as(bytes, name);
    }
    let binary = |looks_like| EncodingError::Binary { looks_like, bytes: bytes.len() };
    if let Some(format) = binary::format_of(bytes) {
        return Err(binary(format));
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let body = bytes.get(length..).unwrap_or_default();
        return Ok(Decoded { had_bom: true, ..finish(body, encoding, How::Bom) });
    }
    let declared = declared(hint);
    if let Some(text) = valid_utf8(bytes) {
        return decode_valid_utf8(text, declared).ok_or_else(|| binary("binary data"));
    }
    let choice = detect::detect(detect::sample(bytes), declared);
    if detect::is_garbage(&choice.score) {
        return Err(binary("binary data"));
    }
    Ok(finish(bytes, choice.encoding, if choice.declared { How::Declared } else { How::Detected }))
}

/// The declarations that name an encoding; the HTTP header goes first (RFC 9110 §8.3, HTML §13.2.3).
fn declared(hint: &Hint) -> Declared {
    let mut known = [&hint.http_charset, &hint.html_meta].map(|name| name.as_deref().and_then(label::lookup));
    if known[0].is_none() {
        known.swap(0, 1);
    }
    known
}

fn decode_as<'a>(bytes: &'a [u8], name: &str) -> Result<Decoded<'a>, EncodingError> {
    let Some(encoding) = label::lookup(name) else {
        return Err(EncodingError::UnknownEncoding { name: name.to_owned(), suggestion: label::nearest(name) });
    };
    let bom = Encoding::for_bom(bytes);
    let open = label::leaves_byte_order_open(name);
    match bom {
        Some((found, length)) if found == encoding || (open && found == UTF_16BE) => {
            let body = bytes.get(length..).unwrap_or_default();
            Ok(Decoded { had_bom: true, ..finish(body, found, How::Override) })
        }
        _ => Ok(finish(bytes, encoding, How::Override)),
    }
}

fn valid_utf8(bytes: &[u8]) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes).ok()
}

/// Valid UTF-8 is UTF-8, with three exceptions: UTF-16 of mostly ASCII, ISO-2022-JP, and a handful of GBK characters
/// whose bytes happen to fit. `None` when it is no text at all.
fn decode_valid_utf8(text: &str, declared: Declared) -> Option<Decoded<'_>> {
    let bytes = text.as_bytes();
    let sample = detect::sample(bytes);
    let other = if memchr::memchr(0, sample.bytes).is_some() {
        detect::utf16_beats_utf8(sample)
    } else {
        other_than_utf8(text, sample, declared)
    };
    if let Some(choice) = other {
        let how = if choice.declared { How::Declared } else { How::Detected };
        return Some(finish(bytes, choice.encoding, how));
    }
    if detect::is_control_soup(sample) {
        return None;
    }
    let how = if declared[0] == Some(UTF_8) { How::Declared } else { How::Detected };
    Some(Decoded { text: Cow::Borrowed(text), encoding: UTF_8.name(), had_bom: false, replaced: 0, how })
}

/// Bytes up to which a valid UTF-8 text may still be two-byte codes that fit by accident.
const ACCIDENT: usize = 24;

fn other_than_utf8(text: &str, sample: detect::Sample<'_>, declared: Declared) -> Option<detect::Choice> {
    let escapes = sample.bytes.windows(2).any(|pair| pair == b"\x1B$");
    let short = text.len() <= ACCIDENT && !text.is_ascii() && text.bytes().all(|b| b < 0xE0);
    if !escapes && !short {
        return None;
    }
    let choice = detect::detect(sample, declared);
    let accident = short && (choice.declared || choice.score.wide >= 2);
    let wanted = choice.encoding == encoding_rs::ISO_2022_JP || accident;
    (wanted && choice.encoding != UTF_8).then_some(choice)
}

/// Decodes all of `bytes`, counting malformed sequences one by one.
fn finish<'a>(bytes: &'a [u8], encoding: &'static Encoding, how: How) -> Decoded<'a> {
    if encoding == UTF_8
        && let Some(text) = valid_utf8(bytes)
    {
        return Decoded { text: Cow::Borrowed(text), encoding: UTF_8.name(), had_bom: false, replaced: 0, how };
    }
    let (text, replaced) = decode_counting(bytes, encoding);
    Decoded { text: Cow::Owned(text), encoding: label::display(encoding), had_bom: false, replaced, how }
}

/// Bytes decoded at a time, so that the text grows with what it holds and not with the worst case.
const CHUNK: usize = 1 << 20;

fn decode_counting(bytes: &[u8], encoding: &'static Encoding) -> (String, usize) {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let utf16 = encoding == UTF_16LE || encoding == UTF_16BE;
    let mut text = String::with_capacity(if utf16 { bytes.len() } else { bytes.len().saturating_mul(3) / 2 } + 16);
    let mut rest = bytes;
    let mut replaced = 0;
    loop {
        let piece = rest.get(..CHUNK).unwrap_or(rest);
        let last = piece.len() == rest.len();
        let (result, read) = decoder.decode_to_string_without_replacement(piece, &mut text, last);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            DecoderResult::InputEmpty if last => return (text, replaced),
            DecoderResult::InputEmpty => {}
            DecoderResult::OutputFull => text.reserve(rest.len().min(CHUNK) * 3 + 16),
            DecoderResult::Malformed(..) => {
                replaced += 1;
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
}

#[cfg(test)]
mod tests;
