//! UTF-8 or GBK that was read as Latin-1 or windows-1252: `ä¸­å›½`, `ÖÐ¹ú`.
//!
//! Both readings give every byte a character, so nothing is lost unless a later hand removed controls, soft hyphens
//! or no-break spaces.

use encoding_rs::{GBK, WINDOWS_1252};

use super::reading::Reading;
use super::{Candidate, Found};

/// The byte behind a character: Latin-1 for U+0080 to U+00FF, else windows-1252. `None` for ASCII and all else.
pub(super) fn byte_of(c: char) -> Option<u8> {
    match u8::try_from(u32::from(c)) {
        Ok(byte) => (byte >= 0x80).then_some(byte),
        Err(_) if !matches!(c, '\u{152}'..='\u{192}' | '\u{2C6}' | '\u{2DC}' | '\u{2013}'..='\u{203A}' | '€' | '™') => {
            None
        }
        Err(_) => {
            let mut buffer = [0; 4];
            let (code, _, unmappable) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
            if unmappable { None } else { code.first().copied() }
        }
    }
}

/// Maximal runs of such characters: the bytes, and where each stands in the line (with the end of the run last).
fn runs(line: &str) -> Vec<(Vec<u8>, Vec<usize>)> {
    let mut all = Vec::new();
    let (mut bytes, mut starts) = (Vec::new(), Vec::new());
    for (at, c) in line.char_indices().chain(std::iter::once((line.len(), ' '))) {
        if let Some(byte) = byte_of(c) {
            bytes.push(byte);
            starts.push(at);
        } else if !bytes.is_empty() {
            starts.push(at);
            all.push((std::mem::take(&mut bytes), std::mem::take(&mut starts)));
        }
    }
    all
}

/// Finds the runs of `line` that were UTF-8 or, when none certainly was, those that were GBK.
pub(super) fn read_as_latin(line: &str) -> Found {
    let utf8 = utf8_read_as_latin(line);
    if utf8.is_strong() {
        return utf8;
    }
    let gbk = gbk_read_as_latin(line);
    if gbk.is_strong() { gbk } else { utf8 }
}

fn utf8_read_as_latin(line: &str) -> Found {
    let mut found = Found::default();
    let mut all = Reading::default();
    let mut broken = 0;
    let (mut decoded, mut total) = (0, 0);
    for (bytes, starts) in runs(line) {
        total += bytes.len();
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let valid = match std::str::from_utf8(rest) {
                Ok(_) => rest.len(),
                Err(error) => error.valid_up_to(),
            };
            if valid == 0 {
                broken += usize::from(matches!(rest, [0xE4..=0xE9, 0x80..=0xBF, ..]));
                at += 1;
                continue;
            }
            let text = rest.get(..valid).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
            let reading = Reading::of(text);
            let strong = reading.han >= 2 && reading.is_at_least(50) && is_most(valid, bytes.len());
            if let (Some(from), Some(to)) = (starts.get(at), starts.get(at + valid))
                && (strong || reading.is_possible())
            {
                all.add(reading);
                decoded += valid;
                found.candidates.push(Candidate { range: *from..*to, text: text.to_owned(), strong });
            }
            at += valid;
        }
    }
    if is_most(decoded, total) {
        // Single characters between digits, as in dates: one may be French (`é”…`), three are Chinese.
        let strong = all.han >= 3 && all.is_at_least(60);
        found.candidates.iter_mut().for_each(|c| c.strong |= strong);
    } else {
        // GBK holds sequences that fit UTF-8 by accident, but never most of it.
        found.candidates.retain(|c| c.strong);
    }
    // Half-sequences are Chinese with bytes missing; a single one may be French.
    found.lossy = broken >= 3 || (broken > 0 && found.is_strong());
    found
}

fn is_most(part: usize, whole: usize) -> bool {
    part * 5 >= whole * 3
}

/// A stretch of GBK codes: where it stands, its text, and how many of its bytes are signs and not letters.
struct Stretch {
    range: std::ops::Range<usize>,
    text: String,
    reading: Reading,
    signs: usize,
    bytes: usize,
}

/// The runs of a line are judged together: a word of Russian or Greek in the
/// wrong encoding may look like two Chinese characters, a line of it does not.
fn gbk_read_as_latin(line: &str) -> Found {
    let stretches = stretches(line);
    let mut all = Reading::default();
    let (mut signs, mut bytes) = (0, 0);
    for stretch in &stretches {
        all.add(stretch.reading);
        signs += stretch.signs;
        bytes += stretch.bytes;
    }
    // GBK codes of Chinese fall into the rows of ¡ to ¿ for almost half of their bytes; letters of words do not.
    // Without Chinese punctuation a few characters must all be common: Korean in the wrong encoding is half so.
    let percent = match all.han {
        0 | 1 => return Found::default(),
        2 => 100,
        3..=8 if all.signs == 0 => 75,
        _ => 60,
    };
    if !all.is_at_least(percent) || signs * 5 < bytes {
        return Found::default();
    }
    let candidates =
        stretches.into_iter().map(|s| Candidate { range: s.range, text: s.text, strong: s.reading.han > 0 });
    Found { candidates: candidates.collect(), lossy: false }
}

fn stretches(line: &str) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut chars = line.char_indices().peekable();
    let mut codes: Vec<u8> = Vec::new();
    let mut from = 0;
    while let Some((at, c)) = chars.next() {
        let lead = byte_of(c).filter(|byte| (0x81..=0xFE).contains(byte));
        let trail = chars.peek().and_then(|(_, next)| trail_byte(*next));
        if let (Some(lead), Some(trail)) = (lead, trail)
            && (trail >= 0x80 || swallows(lead, trail))
        {
            if codes.is_empty() {
                from = at;
            }
            codes.extend([lead, trail]);
            chars.next();
        } else {
            all.extend(stretch(&mut codes, from..at));
            // An odd letter: this is no GBK, so its neighbours are not either.
            if lead.is_some() {
                all.push(foreign(at));
            }
        }
    }
    all.extend(stretch(&mut codes, from..line.len()));
    all
}

fn trail_byte(c: char) -> Option<u8> {
    match c {
        '\x40'..='\x7E' => u8::try_from(u32::from(c)).ok(),
        _ => byte_of(c).filter(|byte| (0x80..=0xFE).contains(byte)),
    }
}

/// Whether a code with an ASCII trail is a character in daily use somewhere (traditional forms are).
fn swallows(lead: u8, trail: u8) -> bool {
    let bytes = [lead, trail];
    GBK.decode_without_bom_handling_and_without_replacement(&bytes).is_some_and(|text| Reading::of(&text).is_possible())
}

fn stretch(codes: &mut Vec<u8>, range: std::ops::Range<usize>) -> Option<Stretch> {
    let codes = std::mem::take(codes);
    if codes.is_empty() || is_letter_list(&codes) {
        return None;
    }
    let text = GBK.decode_without_bom_handling_and_without_replacement(&codes)?.into_owned();
    let reading = Reading::of(&text);
    let signs = codes.iter().filter(|b| (0xA1..=0xBF).contains(*b)).count();
    Some(Stretch { range, text, reading, signs, bytes: codes.len() })
}

/// Letters in the order of the alphabet are a list of letters: all of `ÀÁÂÃ`, or many of `ÄÅÉÍÓÖÚÜ`.
fn is_letter_list(codes: &[u8]) -> bool {
    let all = |ordered: fn(u8, u8) -> bool| codes.windows(2).all(|p| matches!(p, [a, b] if ordered(*a, *b)));
    codes.len() > 2 && (all(|a, b| b == a.saturating_add(1)) || (codes.len() >= 6 && all(|a, b| a < b)))
}

/// A letter that fits no code.
fn foreign(at: usize) -> Stretch {
    let reading = Reading { foreign: 1, ..Reading::default() };
    Stretch { range: at..at, text: String::new(), reading, signs: 0, bytes: 1 }
}
