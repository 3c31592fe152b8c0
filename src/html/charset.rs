//! The encoding a page declares in its first bytes.
//!
//! Follows "prescan a byte stream to determine its encoding" of the HTML standard (13.2.3.2). A byte order mark and
//! the HTTP header count for more; weighing them, and knowing the labels, is the decoder's work.

/// How far into the page a declaration is looked for, in bytes. The standard says 1024; pages with long heads have it
/// later, and browsers find it there, too, when they come to it.
pub const PRESCAN_BYTES: usize = 64 << 10;

/// The label of the encoding that a `<meta>` in the first [`PRESCAN_BYTES`] declares, as written.
///
/// UTF-16 becomes `utf-8` and `x-user-defined` becomes `windows-1252`, as the declaration could not have been read
/// otherwise. Labels nobody knows are returned too.
#[must_use]
pub fn declared_charset(bytes: &[u8]) -> Option<&str> {
    let bytes = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    if let Some(label) = xml_encoding(bytes) {
        return Some(substitute(label));
    }
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', bytes.get(at..)?) {
        at += offset;
        let rest = &bytes[at..];
        if rest.starts_with(b"<!--") {
            // `<!-->` is a whole comment: its end may share the dashes.
            at += 2 + memchr::memmem::find(&rest[2..], b"-->")? + 3;
        } else if is_meta(rest) {
            let (label, length) = read_meta(&rest[5..]);
            if let Some(label) = label {
                return Some(substitute(label));
            }
            at += 5 + length;
        } else if is_tag(rest) {
            at += skip_tag(rest);
        } else if matches!(rest.get(1), Some(b'!' | b'/' | b'?')) {
            at += memchr::memchr(b'>', rest)? + 1;
        } else {
            at += 1;
        }
    }
    None
}

fn is_meta(rest: &[u8]) -> bool {
    rest.get(1..5).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
        && rest.get(5).is_some_and(|&next| is_space(next) || next == b'/')
}

fn is_tag(rest: &[u8]) -> bool {
    let name = rest.get(1..).unwrap_or_default();
    name.strip_prefix(b"/").unwrap_or(name).first().is_some_and(u8::is_ascii_alphabetic)
}

/// Reads a `<meta>` from behind its name: the label it declares and how many bytes it takes.
fn read_meta(tag: &[u8]) -> (Option<&str>, usize) {
    let mut at = 0;
    let mut pragma = false;
    let mut charset = None;
    let mut content = None;
    while let Some((name, value, length)) = attribute(&tag[at..]) {
        at += length;
        if name.eq_ignore_ascii_case(b"http-equiv") {
            pragma = value.eq_ignore_ascii_case(b"content-type");
        } else if name.eq_ignore_ascii_case(b"charset") && charset.is_none() {
            charset = label(value);
        } else if name.eq_ignore_ascii_case(b"content") && content.is_none() {
            content = from_content(value);
        }
    }
    (charset.or(content.filter(|_| pragma)), at)
}

fn skip_tag(rest: &[u8]) -> usize {
    let mut at = rest.iter().position(|&byte| is_space(byte) || byte == b'>').unwrap_or(rest.len());
    while let Some((_, _, length)) = attribute(&rest[at..]) {
        at += length;
    }
    at.max(1)
}

/// "Get an attribute" (13.2.3.2): name, value and length; `None` at the end of the tag or of the bytes.
fn attribute(tag: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let start = tag.iter().position(|&byte| !is_space(byte) && byte != b'/')?;
    if tag[start] == b'>' {
        return None;
    }
    let is_end = |byte: &u8| is_space(*byte) || matches!(byte, b'/' | b'>' | b'=');
    let name_end = start + 1 + tag[start + 1..].iter().position(is_end)?;
    let name = &tag[start..name_end];
    let next = name_end + tag[name_end..].iter().position(|&byte| !is_space(byte))?;
    if tag[next] != b'=' {
        return Some((name, b"", next));
    }
    let value = next + 1 + tag[next + 1..].iter().position(|&byte| !is_space(byte))?;
    match tag[value] {
        quote @ (b'"' | b'\'') => {
            let length = memchr::memchr(quote, &tag[value + 1..])?;
            Some((name, &tag[value + 1..value + 1 + length], value + length + 2))
        }
        b'>' => Some((name, b"", value)),
        _ => {
            let end = value + tag[value..].iter().position(|&byte| is_space(byte) || byte == b'>')?;
            Some((name, &tag[value..end], end))
        }
    }
}

/// The label in `text/html; charset=label` (2.5.4).
fn from_content(content: &[u8]) -> Option<&str> {
    let mut rest = content;
    loop {
        let at = rest.windows(7).position(|word| word.eq_ignore_ascii_case(b"charset"))?;
        rest = rest[at + 7..].trim_ascii_start();
        let Some(value) = rest.strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        if let quote @ (b'"' | b'\'') = value.first()? {
            return label(&value[1..=memchr::memchr(*quote, &value[1..])?]);
        }
        let end = value.iter().position(|&byte| is_space(byte) || byte == b';');
        return label(&value[..end.unwrap_or(value.len())]);
    }
}

/// `<?xml … encoding="label"?>` at the very start.
fn xml_encoding(bytes: &[u8]) -> Option<&str> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memchr(b'>', declaration)?];
    let rest = &declaration[memchr::memmem::find(declaration, b"encoding")? + 8..];
    let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = rest.first().copied().filter(|byte| matches!(byte, b'"' | b'\''))?;
    label(&rest[1..=memchr::memchr(quote, &rest[1..])?])
}

fn label(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim_ascii();
    (!text.is_empty() && text.is_ascii()).then_some(text)
}

fn substitute(label: &str) -> &str {
    let is_utf16 = label.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("utf-16"));
    if is_utf16 {
        "utf-8"
    } else if label.eq_ignore_ascii_case("x-user-defined") {
        "windows-1252"
    } else {
        label
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_found() {
        for (source, expected) in [
            ("<meta charset=gbk>", Some("gbk")),
            ("<META CHARSET = 'GB2312' />", Some("GB2312")),
            ("<html><head><meta charset=\"utf-8\">", Some("utf-8")),
            ("<meta http-equiv=Content-Type content='text/html; charset=big5'>", Some("big5")),
            ("<meta content='text/html;charset=\"gbk\"' http-equiv='content-type'>", Some("gbk")),
            ("<meta charset=utf-16le>", Some("utf-8")),
            ("<?xml version='1.0' encoding='gb18030'?><html>", Some("gb18030")),
            ("<!--><meta charset=gbk>", Some("gbk")),
            ("<meta name=a content=b><meta charset=gbk>", Some("gbk")),
        ] {
            assert_eq!(declared_charset(source.as_bytes()), expected, "{source}");
        }
    }

    #[test]
    fn what_only_looks_like_a_declaration_is_not_one() {
        for source in [
            "",
            "<",
            "<meta",
            "<meta charset",
            "<meta charset=",
            "<meta charset=>",
            "charset=gbk",
            "<!-- <meta charset=gbk> -->",
            "<!-- <meta charset=gbk>",
            "<a title='<meta charset=gbk>'>",
            "<meta name=description content='text/html; charset=gbk'>",
            "<metadata charset=gbk>",
            "<meta charset='gbk",
        ] {
            assert_eq!(declared_charset(source.as_bytes()), None, "{source}");
        }
    }

    #[test]
    fn only_the_first_bytes_are_read() {
        let late = format!("{}<meta charset=gbk>", " ".repeat(PRESCAN_BYTES));
        assert_eq!(declared_charset(late.as_bytes()), None);
    }
}
