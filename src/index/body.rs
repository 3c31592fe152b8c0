//! The text of a stored document with what is known of it, compressed as one piece.

use std::cell::RefCell;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zstd::bulk::{Compressor, Decompressor};

use super::bytes::{Reader, put};

/// The zstd level: higher ones gain some percent and cost several times as much.
const LEVEL: i32 = 3;

/// What is known of a document besides its text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub meta: Map<String, Value>,
    /// Digest of the rules that washed it.
    pub rules: String,
    pub normaliser: u32,
    /// When it was stored: milliseconds since 1970, UTC.
    pub at: u64,
}

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs text and head.
pub(super) fn pack(head: &Head, text: &str) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len() + 256);
    put(&mut plain, &serde_json::to_vec(head)?);
    plain.extend(text.as_bytes());
    let compressed = COMPRESSOR.with_borrow_mut(|held| -> std::io::Result<Vec<u8>> {
        if held.is_none() {
            *held = Some(Compressor::new(LEVEL)?);
        }
        held.as_mut().map_or_else(|| Ok(Vec::new()), |compressor| compressor.compress(&plain))
    })?;
    let mut out = Vec::with_capacity(compressed.len() + 4);
    out.extend((plain.len() as u32).to_le_bytes());
    out.extend(compressed);
    Ok(out)
}

/// Unpacks both; `None` when the bytes are not what [`pack`] gave.
pub(super) fn unpack(bytes: &[u8]) -> Option<(Head, String)> {
    let plain = plain(bytes)?;
    let mut reader = Reader(&plain);
    let head = serde_json::from_slice(reader.bytes()?).ok()?;
    let text = std::str::from_utf8(reader.0).ok()?.to_owned();
    Some((head, text))
}

/// Unpacks the text alone.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let mut plain = plain(bytes)?;
    let mut reader = Reader(&plain);
    reader.bytes()?;
    let text = reader.0.len();
    plain.drain(..plain.len() - text);
    String::from_utf8(plain).ok()
}

fn plain(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader(bytes);
    let length = reader.u32()? as usize;
    // A checksum was checked before, so the length is the one that was written.
    DECOMPRESSOR.with_borrow_mut(|held| {
        if held.is_none() {
            *held = Decompressor::new().ok();
        }
        let plain = held.as_mut()?.decompress(reader.0, length).ok()?;
        (plain.len() == length).then_some(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let head = Head { url: Some("https://example.com/a".to_owned()), at: 5, ..Head::default() };
        for text in ["", "春眠不觉晓，处处闻啼鸟。\n"] {
            let bytes = pack(&head, text).unwrap();
            assert_eq!(unpack(&bytes), Some((head.clone(), text.to_owned())));
            assert_eq!(super::text(&bytes).as_deref(), Some(text));
            assert!(unpack(&bytes[..bytes.len() - 1]).is_none());
        }
        assert_eq!(unpack(&[]), None);
    }
}
