//! Is this text HTML? For inputs that come without a type.
//!
//! A page that says so at its start (WHATWG MIME Sniffing 7.1, but only the tags that no prose or Markdown begins with)
//! is HTML. So is a piece of a page that is dense with well-formed tags of known elements. Prose that mentions a tag,
//! Markdown with some HTML in it, and source code are not: there, tags stand in back quotes or string quotes, or among
//! headings, fences and braces.

use crate::html::raw::is_known_tag;

/// How much of the text is looked at, in bytes.
const WINDOW: usize = 64 << 10;
/// A piece of a page has at least this many tags, and one for every this many bytes of text.
const MIN_TAGS: usize = 4;
const BYTES_PER_TAG: usize = 160;

/// Whether a text of unknown type is better read as HTML.
#[must_use]
pub fn looks_like_html(text: &str) -> bool {
    let start = skip_prologue(text.as_bytes());
    if begins_page(start) {
        return true;
    }
    if !start.starts_with(b"<") && memchr::memchr(b'<', start).is_none() {
        return false;
    }
    let window = &start[..start.len().min(WINDOW)];
    let found = count(window);
    let other = found.markdown > 0 || 2 * found.code_lines > found.tags;
    let framed = is_tag(window) || window.trim_ascii_end().ends_with(b">") || start.len() > WINDOW;
    !other && framed && found.tags >= MIN_TAGS && found.text_bytes <= found.tags * BYTES_PER_TAG
}

/// Past the byte order mark, white space, comments, an XML declaration, and scripts and styles put before the page.
fn skip_prologue(text: &[u8]) -> &[u8] {
    let mut rest = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(text);
    loop {
        rest = rest.trim_ascii_start();
        let end = if rest.starts_with(b"<!--") {
            memchr::memmem::find(rest, b"-->").map(|at| at + 3)
        } else if rest.starts_with(b"<?xml") {
            memchr::memmem::find(rest, b"?>").map(|at| at + 2)
        } else {
            code_end(rest).map(|end| memchr::memchr(b'>', &rest[end..]).map_or(rest.len(), |at| end + at + 1))
        };
        match end {
            Some(end) => rest = &rest[end..],
            None => return rest,
        }
    }
}

fn begins_page(start: &[u8]) -> bool {
    const STARTS: [&[u8]; 5] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<frameset"];
    STARTS.iter().any(|sign| {
        start.get(..sign.len()).is_some_and(|written| written.eq_ignore_ascii_case(sign))
            && start.get(sign.len()).is_none_or(|next| next.is_ascii_whitespace() || *next == b'>')
    })
}

/// What speaks for and against.
#[derive(Debug, Default)]
struct Signs {
    /// Tags of known elements, outside of quotes.
    tags: usize,
    /// Text outside of tags, in bytes.
    text_bytes: usize,
    /// Lines that only Markdown has.
    markdown: usize,
    /// Lines that end as lines of code do.
    code_lines: usize,
}

fn count(window: &[u8]) -> Signs {
    let mut signs = Signs::default();
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'<', &window[at..]) {
        let open = at + offset;
        signs.text_bytes += offset;
        let quoted = open.checked_sub(1).is_some_and(|i| matches!(window[i], b'`' | b'"' | b'\''));
        let close = memchr::memchr2(b'<', b'>', &window[open + 1..]).map(|i| open + 1 + i);
        if let Some(close) = close.filter(|&close| window[close] == b'>' && is_tag(&window[open..])) {
            signs.tags += usize::from(!quoted);
            at = skip_code(window, open, close + 1);
        } else {
            signs.text_bytes += 1;
            at = open + 1;
        }
    }
    signs.text_bytes += window.len() - at;
    for line in window.split(|&byte| byte == b'\n') {
        let line = line.trim_ascii();
        let hashes = line.iter().take_while(|&&byte| byte == b'#').count();
        let heading = (1..=6).contains(&hashes) && line.get(hashes) == Some(&b' ');
        let has_link = memchr::memmem::find(line, b"](http").is_some();
        signs.markdown += usize::from(heading || has_link || line.starts_with(b"```") || line.starts_with(b"~~~"));
        signs.code_lines += usize::from(matches!(line.last(), Some(b'{' | b'}' | b';' | b'(')));
    }
    signs
}

/// Past the content of a `<script>` or `<style>` that opens at `open`, or else to `after`: code is not text to count.
fn skip_code(window: &[u8], open: usize, after: usize) -> usize {
    code_end(&window[open..]).map_or(after, |end| open + end)
}

/// Where the end tag of the `<script>` or `<style>` stands that `text` begins with.
fn code_end(text: &[u8]) -> Option<usize> {
    const CODE: [(&[u8], &[u8]); 2] = [(b"<script", b"</script"), (b"<style", b"</style")];
    let begins = |name: &[u8]| text.get(..name.len()).is_some_and(|written| written.eq_ignore_ascii_case(name));
    let (_, end) = CODE.iter().find(|(start, _)| begins(start))?;
    // Without an end tag all the rest is code; searching again from there would be quadratic.
    Some(memchr::memmem::find(text, end).unwrap_or(text.len()))
}

/// Whether a start or end tag of a known element stands here.
fn is_tag(text: &[u8]) -> bool {
    text.strip_prefix(b"<").is_some_and(is_known_tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_pieces_of_pages_are_html() {
        for text in [
            "<!DOCTYPE html><p>x",
            "\u{FEFF} <!-- x --><HTML lang=zh>",
            "<?xml version='1.0'?>\n<html>",
            "<body>x",
            "<style>p{}</style>\n<script>f();</script><!doctype html>",
            "<p>一</p><p>二</p><p>三</p>",
            "第一段<br>第二段<br/>第三段<br>第四段<br>",
            "<div class=\"a\"><ul><li>x<li>y</ul></div>",
            "<table><tr><td>a</td><td>b</td></tr></table>",
        ] {
            assert!(looks_like_html(text), "{text}");
        }
    }

    #[test]
    fn prose_markdown_and_code_are_not_html() {
        for text in [
            "",
            "plain",
            "a < b > c",
            "用 <b> 标签加粗,用 </b> 结束。",
            "如 <p>、<div>、<span>、<a> 等标签都可以用。",
            "Use `<p>`, `<div>`, `<span>`, `<br>` and `<hr>`",
            "# Title\n<div align=\"center\"><img src=x><br><b>x</b></div>\n",
            "<p align=center><a href=x><img src=y></a></p>\n\n## Install\n",
            "import x;\nfunction f() {\n return <div><p>a</p><b>c</b></div>;\n}\n",
            "let s = \"<p>\" + x + \"</p>\" + \"<b>\" + \"</b>\";",
            "Vec<u8> and Option<String>",
            "<3 <3 <3 <3 <3",
            "<svg xmlns='x'><path/><path/></svg>",
        ] {
            assert!(!looks_like_html(text), "{text}");
        }
    }
}
