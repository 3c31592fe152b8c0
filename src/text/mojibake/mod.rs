//! Finds text that was decoded with the wrong encoding and decodes it again where that is certain.
//!
//! Three routes are undone: UTF-8 read as GBK (`涓浗`, `gbk`), UTF-8 read as Latin-1 or windows-1252 (`ä¸­å›½`)
//! and GBK read as Latin-1 or windows-1252 (`ÖÐ¹ú`, both `latin`). A run is repaired only when its bytes decode
//! strictly, the reading is everyday Chinese and the run as it stands is not. Punctuation and letters of western
//! languages that went the second way (`itâ€™s`, `western`) are repaired where no language writes what stands there. Where bytes
//! were lost the run is left and the line flagged.
//!
//! To be run before controls, soft hyphens and private-use characters are removed: in mojibake they are bytes.

mod gbk;
mod latin;
mod reading;
mod western;

use std::ops::Range;
use std::sync::LazyLock;

/// What [`repairs`] found in a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Replacements in ascending order, without overlap; ranges are bytes of the line.
    pub edits: Vec<(Range<usize>, String)>,
    /// The line holds mojibake that cannot be repaired.
    pub suspicious: bool,
}

/// A run that decodes strictly.
struct Candidate {
    range: Range<usize>,
    text: String,
    /// Certain by itself; a weak one is repaired only beside a strong one.
    strong: bool,
}

/// What a route found.
#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
    /// Mojibake with bytes missing.
    lossy: bool,
}

impl Found {
    /// Whether one of the candidates is certain by itself.
    fn is_strong(&self) -> bool {
        self.candidates.iter().any(|c| c.strong)
    }
}

/// Decodes the mojibake in `line` again where that is certain, and says whether some is left.
///
/// Idempotent: a line with its edits applied gets no further edits. Linear in the length of the line.
#[must_use]
pub fn repairs(line: &str) -> Repairs {
    let mut found = find(line);
    if !found.edits.is_empty() {
        let again = find(&apply(line, &found.edits));
        if !again.edits.is_empty() {
            // A repair that uncovers another is not certain.
            found = Repairs { edits: Vec::new(), suspicious: true };
        }
    }
    found
}

fn find(line: &str) -> Repairs {
    let mut suspicious = has_debris(line);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for route in [gbk::utf8_read_as_gbk, latin::read_as_latin, western::utf8_read_as_latin] {
        let found = route(line);
        suspicious |= found.lossy;
        if !found.is_strong() {
            continue;
        }
        // What an earlier route repaired is in order, and so are the candidates of this one.
        let earlier = std::mem::take(&mut edits);
        let free = |range: &Range<usize>| {
            let next = earlier.partition_point(|(taken, _)| taken.end <= range.start);
            earlier.get(next).is_none_or(|(taken, _)| range.end <= taken.start)
        };
        edits = found.candidates.into_iter().map(|it| (it.range, it.text)).filter(|(range, _)| free(range)).collect();
        edits.extend(earlier);
        edits.sort_by_key(|(range, _)| range.start);
    }
    Repairs { edits, suspicious }
}

fn apply(line: &str, edits: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(line.len());
    let mut from = 0;
    for (range, text) in edits {
        out.push_str(line.get(from..range.start).unwrap_or_default());
        out.push_str(text);
        from = range.end;
    }
    out.push_str(line.get(from..).unwrap_or_default());
    out
}

/// What a decoder leaves when the bytes are gone: U+FFFD, its UTF-8 read as GBK, and the fill bytes 0xCC and 0xCD of
/// uninitialised memory read as GBK.
fn has_debris(line: &str) -> bool {
    ["\u{FFFD}", "锟斤拷", "锟斤", "烫烫烫", "屯屯屯", "ï¿½"].iter().any(|debris| line.contains(debris))
}

/// Whether a line holding `c` is worth a call of [`repairs`]. Lines with something to repair or to flag hold such a
/// character (a run of two or three characters may not); clean Chinese hardly ever does. Constant time.
#[must_use]
pub fn may_be_mojibake(c: char) -> bool {
    let code = c as usize;
    SIGNS.get(code / 64).is_some_and(|set| set >> (code % 64) & 1 == 1)
}

/// [`may_be_mojibake`] for a whole line, over its bytes: what a pipeline asks of every line.
#[must_use]
pub fn needs_look(line: &str) -> bool {
    let signs: &[u64; WORDS] = &SIGNS;
    let mut rest = line.as_bytes();
    // A word of the set covers 64 characters: those that share all bytes of UTF-8 but the last.
    loop {
        let (word, last);
        (word, last, rest) = match rest {
            [0..0x80, tail @ ..] | [0xF0..=0xFF, _, _, _, tail @ ..] => {
                rest = tail;
                continue;
            }
            [lead @ 0xE0..=0xEF, middle, last, tail @ ..] => {
                (usize::from(lead & 0xF) << 6 | usize::from(middle & 0x3F), *last, tail)
            }
            [lead @ 0xC2..=0xDF, last, tail @ ..] => (usize::from(lead & 0x1F), *last, tail),
            _ => return false,
        };
        if signs.get(word).is_some_and(|set| set >> (last & 0x3F) & 1 == 1) {
            return true;
        }
    }
}

/// Head bytes of the UTF-8 characters Chinese text is made of: Han from U+4E00, `、。`, full-width signs. Read as GBK
/// each head is one character, and any two such characters begin with one.
const HEADS: &[(u8, std::ops::RangeInclusive<u8>)] = &[
    (0xE3, 0x80..=0x80),
    (0xE4, 0xB8..=0xBF),
    (0xE5, 0x80..=0xBF),
    (0xE6, 0x80..=0xBF),
    (0xE7, 0x80..=0xBF),
    (0xE8, 0x80..=0xBF),
    (0xE9, 0x80..=0xBF),
    (0xEF, 0xBC..=0xBD),
];

/// What fill bytes and U+FFFD become in GBK, a character of each; and U+FFFD itself.
const DEBRIS: &str = "锟烫屯\u{FFFD}";

/// The signs and letters of Latin-1 that clean Chinese texts do use: points, degrees, pinyin.
const EVERYDAY: &str = "·×°±©®«»÷àáü";

/// Words of 64 characters in the Basic Multilingual Plane.
const WORDS: usize = 0x1_0000 / 64;

/// The characters that may be mojibake, a bit each.
static SIGNS: LazyLock<[u64; WORDS]> = LazyLock::new(|| {
    let mut bits = [0u64; WORDS];
    let mut set = |c: char| {
        if let Some(word) = bits.get_mut(c as usize / 64) {
            *word |= 1 << (c as u32 % 64);
        }
    };
    for (lead, trails) in HEADS {
        for trail in trails.clone() {
            let bytes = [*lead, trail];
            let text = encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(&bytes);
            text.iter().flat_map(|t| t.chars()).for_each(&mut set);
        }
    }
    ('\u{A1}'..='\u{FF}').filter(|c| !EVERYDAY.contains(*c)).for_each(&mut set);
    DEBRIS.chars().for_each(set);
    bits
});

#[cfg(test)]
mod tests;
