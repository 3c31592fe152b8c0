//! A look at a line of JSON without building it: how many values it holds, and where a key stands.

/// The strings of a line, and the single bytes between them, as byte ranges. White space is left out.
struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Tokens<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        let start = self.at;
        let first = *self.bytes.get(start)?;
        self.at += 1;
        if first == b'"' {
            while let Some(byte) = self.bytes.get(self.at) {
                self.at += if *byte == b'\\' { 2 } else { 1 };
                if *byte == b'"' {
                    break;
                }
            }
            self.at = self.at.min(self.bytes.len());
        }
        Some((start, self.at))
    }
}

fn tokens(line: &str) -> Tokens<'_> {
    Tokens { bytes: line.as_bytes(), at: 0 }
}

/// Whether a line of JSON holds more values than a limit.
pub(super) fn has_more_values(line: &str, limit: u64) -> bool {
    // What parts values is counted with the strings first, which takes next to no time and is nearly always enough.
    let most: usize = b",[{".iter().map(|&byte| memchr::memchr_iter(byte, line.as_bytes()).count()).sum();
    1 + most as u64 > limit && values(line) > limit
}

/// At least the number of values in a line of JSON. Linear.
fn values(line: &str) -> u64 {
    let bytes = line.as_bytes();
    1 + tokens(line).filter(|(start, _)| matches!(bytes[*start], b',' | b'[' | b'{')).count() as u64
}

/// The byte at which a key of the outermost object stands, when it is spelt without escapes.
pub(super) fn key(line: &str, key: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut tokens = tokens(line).peekable();
    while let Some((start, end)) = tokens.next() {
        match line.as_bytes()[start] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' if depth == 1
                && end - start == key.len() + 2
                && line.as_bytes()[start + 1..end - 1] == *key.as_bytes()
                && tokens.peek().is_some_and(|(next, _)| line.as_bytes()[*next] == b':') =>
            {
                return Some(start);
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_strings() {
        assert!(values(r#"{"a":[1,2,3],"b":"[,,,,{\",,"}"#) >= 5);
        assert!(values(r#"{"b":"[,,,,,,,,\"[[[["}"#) <= 3);
        assert!(values(r#"{"cut":"\"#) <= 3);
        assert_eq!(values(""), 1);
        let line = r#"{"a":[1,2],"b":",,,,,,,,"}"#;
        assert!(has_more_values(line, values(line) - 1) && !has_more_values(line, values(line)));
    }

    #[test]
    fn a_key_is_found_in_the_outermost_object_only() {
        let line = r#"{"meta":{"id":1}, "text":"id", "id" : true}"#;
        assert_eq!(key(line, "id"), Some(line.rfind("\"id\"").unwrap()));
        assert_eq!(key(line, "url"), None);
        assert_eq!(key(r#"{"id"#, "id"), None);
    }
}
