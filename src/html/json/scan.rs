//! From the source of JSON to its events.
//!
//! Forgiving: whatever is neither bracket, string, name nor number is passed over, so that comments, `<![CDATA[` and
//! trailing commas do no harm. Brackets need not match.

use std::borrow::Cow;

/// What stands in the source. Strings are as written, without their quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) enum Event<'s> {
    /// `{`.
    Object,
    /// `[`.
    List,
    /// `}` or `]`.
    Close,
    /// A string before a colon.
    Key(&'s str),
    /// A string.
    Text(&'s str),
    /// A number, `true`, `false` or `null`.
    Word(&'s str),
}

/// Reads one source from its start.
#[derive(Debug)]
pub(in crate::html) struct Scan<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Scan<'s> {
    pub(in crate::html) fn new(source: &'s str) -> Self {
        Self { source, at: 0 }
    }

    /// The string whose opening quote was just passed; to the end of the source when it is never closed.
    fn string(&mut self) -> &'s str {
        let start = self.at;
        let bytes = self.source.as_bytes();
        while let Some(offset) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) {
            let at = self.at + offset;
            if bytes[at] == b'"' {
                self.at = at + 1;
                return &self.source[start..at];
            }
            // What follows a backslash may be the first byte of a longer character; none of its bytes is a quote.
            self.at = (at + 2).min(bytes.len());
        }
        self.at = bytes.len();
        &self.source[start..]
    }

    fn is_key(&self) -> bool {
        let rest = &self.source.as_bytes()[self.at..];
        rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    fn word(&mut self) -> &'s str {
        let rest = &self.source[self.at..];
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-' | b'_');
        let length = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }
}

impl<'s> Iterator for Scan<'s> {
    type Item = Event<'s>;

    fn next(&mut self) -> Option<Event<'s>> {
        loop {
            match *self.source.as_bytes().get(self.at)? {
                byte @ (b'{' | b'[') => {
                    self.at += 1;
                    return Some(if byte == b'{' { Event::Object } else { Event::List });
                }
                b'}' | b']' => {
                    self.at += 1;
                    return Some(Event::Close);
                }
                b'"' => {
                    self.at += 1;
                    let text = self.string();
                    return Some(if self.is_key() { Event::Key(text) } else { Event::Text(text) });
                }
                byte if byte.is_ascii_alphanumeric() || byte == b'-' => return Some(Event::Word(self.word())),
                _ => self.at += 1,
            }
        }
    }
}

/// A string as it is meant: escapes of JSON and JavaScript decoded. What cannot be decoded stays, and half of a
/// surrogate pair becomes U+FFFD.
pub(in crate::html) fn decoded(raw: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'\\', raw.as_bytes()) else { return Cow::Borrowed(raw) };
    let mut out = String::with_capacity(raw.len());
    out.push_str(&raw[..first]);
    let mut rest = &raw[first..];
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        rest = &rest[escape(rest, &mut out)..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes what follows a backslash; how many bytes that was.
fn escape(rest: &str, out: &mut String) -> usize {
    let Some(kind) = rest.chars().next() else { return 0 };
    let (character, length) = match kind {
        'n' => ('\n', 1),
        't' => ('\t', 1),
        'r' => ('\r', 1),
        'b' | 'f' => (' ', 1),
        'u' => code_point(rest).unwrap_or(('u', 1)),
        'x' => match hex(rest, 1, 3).and_then(char::from_u32) {
            Some(character) => (character, 3),
            None => ('x', 1),
        },
        // A line that goes on.
        '\n' => return 1,
        other => (other, other.len_utf8()),
    };
    out.push(character);
    length
}

/// `uXXXX`, or two of them that make one character.
fn code_point(rest: &str) -> Option<(char, usize)> {
    let first = hex(rest, 1, 5)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 5));
    }
    let second = rest.get(5..7).filter(|&mark| mark == "\\u").and_then(|_| hex(rest, 7, 11));
    let pair = second.filter(|low| (0xD800..0xDC00).contains(&first) && (0xDC00..0xE000).contains(low));
    Some(match pair.and_then(|low| char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00))) {
        Some(character) => (character, 11),
        None => (char::REPLACEMENT_CHARACTER, 5),
    })
}

fn hex(text: &str, from: usize, to: usize) -> Option<u32> {
    let digits = text.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_the_source() {
        let events: Vec<Event<'_>> = Scan::new(r#"<!-- {"a" : ["b\"c", -1.5e3, null,], "d":"e"} -->"#).collect();
        let expected = [
            Event::Word("--"),
            Event::Object,
            Event::Key("a"),
            Event::List,
            Event::Text("b\\\"c"),
            Event::Word("-1.5e3"),
            Event::Word("null"),
            Event::Close,
            Event::Key("d"),
            Event::Text("e"),
            Event::Close,
            Event::Word("--"),
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn a_string_that_never_ends_is_the_rest() {
        for (source, rest) in [("\"淘\\", "淘\\"), ("\"淘洗", "淘洗"), ("\"", "")] {
            assert_eq!(Scan::new(source).last(), Some(Event::Text(rest)), "{source}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        for (raw, expected) in [
            ("plain", "plain"),
            (r#"a\nb\t\"c\"\/"#, "a\nb\t\"c\"/"),
            (r"\u6dd8\u6D17", "淘洗"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d!", "\u{FFFD}!"),
            (r"\ude00\u0041", "\u{FFFD}A"),
            (r"\u12", "u12"),
            (r"\x3Cb\x3E", "<b>"),
            (r"\淘", "淘"),
            ("end\\", "end"),
        ] {
            assert_eq!(decoded(raw), expected, "{raw}");
        }
    }
}
