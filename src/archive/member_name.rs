//! Names of archive members: labels only, never paths of this machine.

use super::walk::HOUSEKEEPING;

/// A member's name as text: UTF-8, else GB18030 as Chinese Windows programs write it, else UTF-8 with `%D6` for foreign bytes.
/// Control characters are escaped. Whatever else stands in it, `..` and `\` too, stays.
pub(super) fn decode(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => gb18030(bytes).unwrap_or_else(|| percent(bytes)),
    };
    escape(&text)
}

fn gb18030(bytes: &[u8]) -> Option<String> {
    encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

fn percent(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push('%');
            text.extend([byte >> 4, byte & 15].iter().filter_map(|digit| char::from_digit(u32::from(*digit), 16)));
        }
    }
    text
}

fn escape(text: &str) -> String {
    if !text.chars().any(is_control) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 8), |mut out, c| {
        if is_control(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

/// Control characters, and those that end lines or turn the direction of writing.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a name belongs to version control or a file manager, as such files in a folder do.
pub(super) fn is_housekeeping(name: &str) -> bool {
    name.split('/').any(|part| HOUSEKEEPING.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_and_made_harmless() {
        for (bytes, name) in [
            ("页/a.txt".as_bytes(), "页/a.txt"),
            (b"\xd6\xd0\xce\xc4.txt", "中文.txt"),
            (b"a\xff\xff", "a%ff%ff"),
            (b"../../etc/passwd", "../../etc/passwd"),
            (b"C:\\x\\y.txt", "C:\\x\\y.txt"),
            (b"a\nb\x1b[2J\0", "a\\nb\\u{1b}[2J\\u{0}"),
            ("a\u{202e}txt.exe".as_bytes(), "a\\u{202e}txt.exe"),
        ] {
            assert_eq!(decode(bytes), name);
        }
    }

    #[test]
    fn housekeeping_is_known_in_any_folder() {
        assert!(is_housekeeping("__MACOSX/._a.txt") && is_housekeeping("a/.git/config"));
        assert!(!is_housekeeping("a/.github/x.md"));
    }
}
