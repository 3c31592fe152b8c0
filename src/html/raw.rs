//! Where the content of `<script>`, `<style>`, `<title>` and their like ends.
//!
//! The standard lets such an element run to the end of the page when its end tag is missing (13.2.5.15), and readers
//! would lose the rest. Here one without an end tag ends before the next tag of a known element instead, unless the
//! page itself breaks off there and the rest is code.

use crate::html::tags::Tag;
use memchr::{memchr, memrchr_iter};
use std::cell::OnceCell;

/// Finds ends in one source; what is known to be missing is not searched for again.
#[derive(Debug)]
pub(super) struct RawText<'s> {
    source: &'s [u8],
    /// Elements without any further end tag.
    unclosed: Vec<Tag>,
    /// Where the page last says that it is complete, once looked for.
    page_end: OnceCell<Option<usize>>,
}

impl<'s> RawText<'s> {
    pub(super) fn new(source: &'s [u8]) -> Self {
        Self { source, unclosed: Vec::new(), page_end: OnceCell::new() }
    }

    /// The end, in bytes from the start of the source, of the content that begins at `start` in an element `tag`
    /// called `name`. `empty` says that the element cannot have content of its own.
    pub(super) fn end(&mut self, tag: Tag, name: &[u8], start: usize, empty: bool) -> usize {
        if tag == Tag::Plaintext {
            return self.source.len();
        }
        if !self.unclosed.contains(&tag) {
            if let Some(end) = self.find(start, |rest| is_end_tag(rest, name)) {
                return end;
            }
            self.unclosed.push(tag);
        }
        let rest = self.source.get(start..).unwrap_or_default();
        let is_code = matches!(tag, Tag::Script | Tag::Style);
        let starts_with_markup = rest.trim_ascii_start().starts_with(b"<");
        if is_code && !empty && !starts_with_markup && self.last_page_end().is_none_or(|end| end < start) {
            return self.source.len();
        }
        self.find(start, is_known_tag).unwrap_or(self.source.len())
    }

    /// The first `<` from `start` on whose rest, without it, satisfies the test.
    fn find(&self, start: usize, test: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let mut at = start;
        while let Some(offset) = memchr(b'<', self.source.get(at..)?) {
            at += offset + 1;
            if test(&self.source[at..]) {
                return Some(at - 1);
            }
        }
        None
    }

    /// Where the last `</body` or `</html` stands.
    fn last_page_end(&self) -> Option<usize> {
        *self.page_end.get_or_init(|| {
            memrchr_iter(b'<', self.source).find(|at| {
                let rest = &self.source[at + 1..];
                is_end_tag(rest, b"body") || is_end_tag(rest, b"html")
            })
        })
    }
}

/// `/name` and the end of a tag name.
fn is_end_tag(rest: &[u8], name: &[u8]) -> bool {
    rest.first() == Some(&b'/')
        && rest.get(1..=name.len()).is_some_and(|written| written.eq_ignore_ascii_case(name))
        && rest.get(name.len() + 1).is_none_or(|&next| ends_name(next))
}

/// Whether `rest`, behind a `<`, is a start or end tag of an element that has a meaning in HTML.
pub(super) fn is_known_tag(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b"/").unwrap_or(rest);
    let length = rest.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let mut name = [0; 16];
    name[..length].copy_from_slice(&rest[..length]);
    name.make_ascii_lowercase();
    rest.get(length).is_some_and(|&next| ends_name(next)) && Tag::from_name(&name[..length]).is_some()
}

const fn ends_name(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0C' | b' ' | b'/' | b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(source: &str, tag: Tag, name: &str, start: usize) -> usize {
        RawText::new(source.as_bytes()).end(tag, name.as_bytes(), start, false)
    }

    #[test]
    fn the_end_tag_ends_it_whatever_its_case() {
        assert_eq!(end("a</scripts></SCRIPT >b", Tag::Script, "script", 0), 11);
    }

    #[test]
    fn without_end_tag_a_complete_page_goes_on_at_the_next_tag() {
        assert_eq!(end("f(a<b);<p>x</p></body>", Tag::Script, "script", 0), 7);
        assert_eq!(end("title<body>x", Tag::Title, "title", 0), 5);
    }

    #[test]
    fn code_where_the_page_breaks_off_runs_to_the_end() {
        let source = "f('<p>x</p>'";
        assert_eq!(end(source, Tag::Script, "script", 0), source.len());
    }
}
