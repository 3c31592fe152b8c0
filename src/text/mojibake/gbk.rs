//! UTF-8 that was read as GBK: `涓浗`.
//!
//! The bytes of two UTF-8 characters are three GBK codes, so a run with an odd number of characters loses its last
//! byte unless an ASCII letter follows, which GBK then swallows. Such a run is flagged, not repaired.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::GBK;

use super::reading::Reading;
use super::{Candidate, Found};

/// A run in its GBK bytes.
#[derive(Default)]
struct Run {
    bytes: Vec<u8>,
    /// For each character: its offset in `bytes` and in the line.
    starts: Vec<(usize, usize)>,
}

/// Finds the runs of `line` that were UTF-8 and were read as GBK.
pub(super) fn utf8_read_as_gbk(line: &str) -> Found {
    let mut found = Found::default();
    let mut run = Run::default();
    for (at, c) in line.char_indices() {
        if !push(&mut run, at, c) {
            close(&mut run, at, line, &mut found);
        }
    }
    close(&mut run, line.len(), line, &mut found);
    found
}

/// The GBK codes of the Han characters of the basic block, 0 for those without one. Encoding them one by one searches through the tables
/// for each; decoding every code once gives all of them.
static HAN_CODES: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut codes = vec![0; 0x5200];
    for code in 0x8140..=0xfefe_u16 {
        let bytes = code.to_be_bytes();
        let (text, malformed) = GBK.decode_without_bom_handling(&bytes);
        let mut chars = text.chars();
        let (Some(c), None, false) = (chars.next(), chars.next(), malformed) else { continue };
        if let Some(slot) =
            (c as usize).checked_sub(0x4e00).and_then(|place| codes.get_mut(place)).filter(|slot| **slot == 0)
        {
            *slot = code;
        }
    }
    codes.into_boxed_slice()
});

/// The GBK code of a Han character of the basic block; `None` for any other.
fn han_code(c: char) -> Option<u16> {
    (c as usize).checked_sub(0x4e00).and_then(|place| HAN_CODES.get(place)).copied()
}

/// Adds the GBK code of `c`, or says that it has none and ends the run.
fn push(run: &mut Run, at: usize, c: char) -> bool {
    if c.is_ascii() || c == '\u{FFFD}' {
        return false;
    }
    let mut buffer = [0; 4];
    let pair;
    let code = match han_code(c) {
        Some(0) => return false,
        Some(code) => {
            pair = code.to_be_bytes();
            Cow::Borrowed(&pair[..])
        }
        None => {
            let (code, _, unmappable) = GBK.encode(c.encode_utf8(&mut buffer));
            if unmappable {
                return false;
            }
            code
        }
    };
    // 0x80 and 0xA2E3 are both the euro sign; the byte that follows tells which it was.
    let euro_pair = run.bytes.last() == Some(&0x80)
        && matches!(code.first(), Some(0x80..=0xBF))
        && is_complete(&run.bytes)
        && line_ends_in_euro(run);
    if euro_pair {
        run.bytes.pop();
        run.bytes.extend([0xA2, 0xE3]);
    }
    run.starts.push((run.bytes.len(), at));
    run.bytes.extend_from_slice(&code);
    true
}

/// Whether the last character of the run is the single byte 0x80.
fn line_ends_in_euro(run: &Run) -> bool {
    run.starts.last().is_some_and(|(start, _)| start + 1 == run.bytes.len())
}

/// Whether the last UTF-8 sequence of `bytes` has all its continuation bytes.
fn is_complete(bytes: &[u8]) -> bool {
    let tail = bytes.iter().rev().take_while(|b| (0x80..0xC0).contains(*b)).count();
    let lead = bytes.len().checked_sub(tail + 1).and_then(|at| bytes.get(at)).copied();
    matches!((lead, tail), (Some(0xE0..=0xEF), 2) | (Some(0xC2..=0xDF), 1) | (Some(0xF0..=0xF4), 3))
}

/// Judges a finished run and empties it.
fn close(run: &mut Run, end: usize, line: &str, found: &mut Found) {
    let run = std::mem::take(run);
    let mut next = 0;
    while let Some(&(start, from)) = run.starts.get(next) {
        let rest = run.bytes.get(start..).unwrap_or_default();
        let valid = match std::str::from_utf8(rest) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        if valid < 3 {
            next += 1;
            continue;
        }
        let stop = start + valid;
        let after = next + run.starts.get(next..).unwrap_or_default().partition_point(|(s, _)| *s < stop);
        let whole = run.starts.get(after).map_or(run.bytes.len(), |(s, _)| *s) == stop;
        let to = run.starts.get(after).map_or(end, |(_, at)| *at);
        let text = rest.get(..valid).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
        let cut = !whole || begins_sequence(run.bytes.get(stop..).unwrap_or_default());
        judge(line, from..to, text, cut, found);
        next = after.max(next + 1);
    }
}

/// Whether `rest` is the head of a three-byte sequence whose last byte is missing.
fn begins_sequence(rest: &[u8]) -> bool {
    matches!(rest, [0xE3..=0xE9 | 0xEF, 0x80..=0xBF, ..])
}

fn judge(line: &str, range: std::ops::Range<usize>, text: &str, cut: bool, found: &mut Found) {
    let seen = line.get(range.clone()).unwrap_or_default();
    let reading = Reading::of(text);
    // A letter in a short run was swallowed: two characters and a letter are too little to be sure.
    let short = reading.han < 4 && text.contains(|c: char| c.is_ascii());
    let strong = reading.is_chinese() && !short && is_implausible(seen);
    if cut {
        found.lossy |= strong;
        return;
    }
    let weak = reading.is_possible() && seen.starts_with(super::may_be_mojibake) && is_uncommon(&Reading::of(seen));
    let round_trip = || GBK.decode_without_bom_handling(text.as_bytes()).0 == seen;
    if (strong || weak) && round_trip() {
        found.candidates.push(Candidate { range, text: text.to_owned(), strong });
    }
}

/// Whether the run as it stands is no Chinese: few common characters, and some that only mojibake brings.
fn is_implausible(seen: &str) -> bool {
    let reading = Reading::of(seen);
    let strange = reading.rare + reading.foreign + seen.matches('€').count();
    is_uncommon(&reading) && strange > 0 && strange * 8 >= reading.han
}

fn is_uncommon(reading: &Reading) -> bool {
    reading.common * 100 <= reading.han * 35
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_what_encoding_gives() {
        for c in '\u{4e00}'..='\u{9fff}' {
            let text = c.to_string();
            let (code, _, unmappable) = GBK.encode(&text);
            let expected = if unmappable { vec![0, 0] } else { code.into_owned() };
            assert_eq!(han_code(c).map(u16::to_be_bytes).map(Vec::from), Some(expected), "{c}");
        }
    }
}
