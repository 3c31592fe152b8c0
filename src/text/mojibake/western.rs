//! Punctuation, letters and emoji of UTF-8 that were read as Latin-1 or windows-1252: `itâ€™s`, `cafÃ©`, `30Â°`, also twice over (`itÃ¢â‚¬â„¢s`).
//!
//! A lead byte shows as a capital letter or as `â`, the bytes behind it as signs and controls. No language writes `â` before `€`, or `Ã`
//! before `©` in a word; what may happen to stand in a text (`MANHÃ…` at the end of a sentence in capitals) is only repaired beside what may
//! not. A run of such characters must consist of sequences: in GBK or EUC-KR read as Latin-1 some bytes fit by accident, and others do not.

use super::latin::byte_of;
use super::{Candidate, Found};

/// How often a text may have been through it.
const TIMES: usize = 3;

/// Finds the runs of `line` that hold such sequences.
pub(super) fn utf8_read_as_latin(line: &str) -> Found {
    let mut found = Found::default();
    let mut at = 0;
    while let Some(start) = line[at..].find(|c| byte_of(c).is_some()).map(|offset| at + offset) {
        let run = &line[start..];
        let run = &run[..run.find(|c| byte_of(c).is_none()).unwrap_or(run.len())];
        at = start + run.len();
        let before = line[..start].chars().next_back();
        let after = line[at..].chars().next();
        let mut text = decoded(run, before, after);
        // What can be read again twice is nothing else.
        for _ in 1..TIMES {
            let Some(again) = text.as_ref().and_then(|once| decoded(&once.text, before, after)) else { break };
            text = Some(Run { strong: true, ..again });
        }
        if let Some(Run { text, strong }) = text {
            found.candidates.push(Candidate { range: start..at, text, strong });
        }
    }
    found
}

/// A run that was decoded again.
struct Run {
    text: String,
    /// One of its sequences is certain by itself.
    strong: bool,
}

/// Decodes a run that consists of sequences.
fn decoded(run: &str, before: Option<char>, after: Option<char>) -> Option<Run> {
    let chars: Vec<char> = run.chars().collect();
    let bytes: Vec<u8> = chars.iter().map(|&c| byte_of(c)).collect::<Option<_>>()?;
    let mut out = Run { text: String::with_capacity(run.len()), strong: false };
    let mut at = 0;
    while at < bytes.len() {
        let (piece, length) = sequence(&bytes[at..])?;
        let last = at.checked_sub(1).map_or(before, |last| chars.get(last).copied());
        let next = chars.get(at + length).copied().or(after);
        out.strong |= is_certain(&bytes[at..at + length], last, next);
        out.text.push(piece);
        at += length;
    }
    Some(out)
}

/// The character whose bytes these begin with, if it is one that this route restores, and how many they are.
fn sequence(bytes: &[u8]) -> Option<(char, usize)> {
    let length = match bytes {
        // windows-1252 has no sign for the last byte of ”, so it is often lost.
        [0xe2, 0x80] | [0xe2, 0x80, 0xc0..=0xff, ..] => return Some(('”', 2)),
        [0xc2..=0xc6 | 0xcb, 0x80..=0xbf, ..] => 2,
        [0xe2, 0x80..=0x9f, 0x80..=0xbf, ..] | [0xef, 0xbb, 0xbf, ..] | [0xef, 0xb8, 0x8f, ..] => 3,
        [0xf0, 0x9f, 0x80..=0xbf, 0x80..=0xbf, ..] => 4,
        _ => return None,
    };
    let c = std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?;
    Some((c, length))
}

/// Whether a sequence cannot be meant as it shows.
fn is_certain(bytes: &[u8], before: Option<char>, after: Option<char>) -> bool {
    let is = |c: Option<char>, what: fn(&char) -> bool| c.is_some_and(|c| what(&c));
    let small = is(before, char::is_ascii_lowercase) || is(after, char::is_ascii_lowercase);
    let digit = is(before, char::is_ascii_digit) || is(after, char::is_ascii_digit);
    let capitals = is(before, char::is_ascii_uppercase);
    match *bytes {
        [_, _, _, ..] => true,
        // What shows as a quote, a dash or dots may end a word in capitals.
        [0xc3, 0x80..=0x9f] => small && !capitals,
        [0xc3, 0xa1..=0xbf] => small,
        [0xc2, 0xa1..=0xbf] => digit,
        // What shows as a no-break space may be one.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::super::{apply, repairs};

    fn fixed(line: &str) -> String {
        apply(line, &repairs(line).edits)
    }

    fn as_latin(text: &str) -> String {
        text.bytes().map(char::from).collect()
    }

    fn as_windows(text: &str) -> String {
        WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    const TEXTS: [&str; 8] = [
        "It’s the keeper’s lamp – “lit” at dusk … and out at dawn.",
        "The café by the château, déjà vu, 30° and £20 © 2020",
        "Für größere Mengen: über 5 €",
        "Done ✓ ★ → ™ • next",
        "Österreich, Àlvaro and Éva",
        "Nice 😀 work",
        "“Über” – straße",
        "résumé – naïve",
    ];

    #[test]
    fn western_text_is_read_again_also_after_two_times() {
        for text in TEXTS {
            for broken in [as_latin(text), as_windows(text), as_windows(&as_windows(text)), as_latin(&as_latin(text))] {
                assert_eq!(fixed(&broken), *text, "{broken}");
            }
            assert!(repairs(text).edits.is_empty() && !repairs(text).suspicious, "{text}");
        }
    }

    #[test]
    fn a_closing_quote_that_lost_its_last_byte_is_known_beside_others() {
        assert_eq!(fixed("â€œItâ€™s lit,â€ he said."), "“It’s lit,” he said.");
        assert!(repairs("he said â€ twice").edits.is_empty());
    }

    #[test]
    fn what_may_be_meant_stays() {
        for text in [
            "ATÉ AMANHÃ…",
            "IRMÃ” e MAÇÃ–VERDE",
            "São Paulo, Ângela, Âmbar",
            "Ça va? Â la carte",
            "Der Käse, die Größe, Ärger, Öl, Übung",
            "Å, Ø og Æ – på dansk",
            "â, ê, î · € 5",
            "ROMÂ\u{a0}NIA",
        ] {
            assert!(repairs(text).edits.is_empty(), "{text}: {:?}", repairs(text));
        }
    }
}
