//! The HTTP response inside a record, and what its type says.

use super::header;
use crate::document::MediaType;

/// The head of a response, and where its body begins.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::archive) struct Response {
    /// The status line as it stands.
    pub status_line: String,
    pub status: u16,
    pub fields: Vec<(String, String)>,
    /// Where the body begins in the block.
    pub body: usize,
}

impl Response {
    /// Reads the head of a response; `None` while it is not whole, or is none.
    pub(in crate::archive) fn parse(block: &[u8]) -> Option<Self> {
        if !block.starts_with(b"HTTP/") {
            return None;
        }
        let (head, body) = split(block)?;
        let text = latin1_or_utf8(head);
        let mut lines = text.lines();
        let status_line = lines.next()?.trim().to_owned();
        let status = status_line.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(Self { status_line, status, fields: header::fields(lines), body })
    }

    /// The first header of a name.
    pub(in crate::archive) fn get(&self, name: &str) -> Option<&str> {
        header::get(&self.fields, name)
    }
}

/// The head, and where the body begins: behind the first empty line.
fn split(block: &[u8]) -> Option<(&[u8], usize)> {
    let mut from = 0;
    loop {
        let end = from + memchr::memchr(b'\n', &block[from..])?;
        let rest = &block[end + 1..];
        let blank = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
        if blank > 0 {
            return Some((&block[..end], end + 1 + blank));
        }
        from = end + 1;
    }
}

fn latin1_or_utf8(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}

/// What a Content-Type says of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::archive) enum Kind {
    /// A document, with the charset it declares.
    Document(MediaType, Option<String>),
    /// Something else.
    Other,
    /// There is no type: its first bytes must say.
    Unknown,
}

/// Reads a Content-Type.
pub(in crate::archive) fn kind_of(content_type: Option<&str>) -> Kind {
    let Some(content_type) = content_type.map(str::trim).filter(|text| !text.is_empty()) else { return Kind::Unknown };
    let mut parts = content_type.split(';');
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    });
    let charset = charset.filter(|charset| !charset.is_empty());
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => Kind::Document(MediaType::Html, charset),
        "text/plain" => Kind::Document(MediaType::Text, charset),
        "application/xml" => Kind::Document(MediaType::Auto, charset),
        // Code, and what crawlers note of name servers.
        "text/css" | "text/javascript" | "text/ecmascript" | "text/jscript" | "text/x-javascript" | "text/json"
        | "text/dns" => Kind::Other,
        _ if essence.starts_with("text/") => Kind::Document(MediaType::Auto, charset),
        _ => Kind::Other,
    }
}

/// Whether a payload without a type looks like text.
pub(in crate::archive) fn looks_like_text(payload: &[u8]) -> bool {
    const MAGICS: &[&[u8]] = &[
        b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"%PDF", b"PK\x03\x04", b"RIFF", b"\x1f\x8b", b"wOF", b"OggS", b"ID3",
        b"BM", b"Rar!", b"7z\xbc\xaf",
    ];
    let head = &payload[..payload.len().min(1024)];
    if MAGICS.iter().any(|magic| head.starts_with(magic)) {
        return false;
    }
    // UTF-16 shows itself by its mark.
    matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || !head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_parted_into_head_and_body() {
        let block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: \xe9\r\n\r\n<p>\r\n\r\n";
        let response = Response::parse(block).unwrap();
        assert_eq!((response.status_line.as_str(), response.status), ("HTTP/1.1 200 OK", 200));
        assert_eq!((response.get("content-type"), response.get("x")), (Some("text/html"), Some("é")));
        assert_eq!(&block[response.body..], b"<p>\r\n\r\n");
        assert_eq!(Response::parse(b"HTTP/1.0 404\n\nx").unwrap().status, 404);
    }

    #[test]
    fn what_is_no_response_is_none() {
        for block in
            [&b""[..], b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"]
        {
            assert_eq!(Response::parse(block), None);
        }
    }

    #[test]
    fn types_say_what_is_a_document() {
        for (text, kind) in [
            ("text/html; charset=GBK", Kind::Document(MediaType::Html, Some("GBK".to_owned()))),
            ("TEXT/HTML;a=b; Charset=\"utf-8\"", Kind::Document(MediaType::Html, Some("utf-8".to_owned()))),
            ("application/xhtml+xml", Kind::Document(MediaType::Html, None)),
            ("text/plain", Kind::Document(MediaType::Text, None)),
            ("text/xml;charset=", Kind::Document(MediaType::Auto, None)),
            ("application/json", Kind::Other),
            ("text/css", Kind::Other),
            ("image/png", Kind::Other),
            ("", Kind::Unknown),
        ] {
            assert_eq!(kind_of(Some(text)), kind, "{text}");
        }
        assert!(looks_like_text("正文".as_bytes()) && looks_like_text(b"\xff\xfea\0") && looks_like_text(b""));
        assert!(!looks_like_text(b"\x89PNG\r\n") && !looks_like_text(b"a\0b"));
    }
}
