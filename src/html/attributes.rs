//! The attributes of the tag being read: only those somebody asks for, in one reused buffer.

use crate::html::tags::Tag;

/// No attribute anybody asks for has a longer name, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// Where one attribute lies in the buffer: the name, directly followed by the value.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: usize,
    value: usize,
    end: usize,
}

/// What the tokenizer is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Nothing,
    Name { start: usize },
    Value { start: usize, value: usize },
    Unwanted,
}

/// The wanted attributes of one tag. Cleared, not freed, between tags.
#[derive(Debug)]
pub(super) struct Attributes {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    reading: Reading,
    /// Names the selectors look at.
    selected: Vec<Box<str>>,
    /// Whether what a whole page is read for is wanted as well.
    of_page: bool,
    max_value: usize,
}

impl Attributes {
    /// A buffer that keeps the built-in attributes and those named in `selected`, values cut at `max_value` bytes.
    pub(super) fn new(selected: Vec<Box<str>>, max_value: usize) -> Self {
        Self { bytes: Vec::new(), entries: Vec::new(), reading: Reading::Nothing, selected, of_page: false, max_value }
    }

    /// The same, keeping classes, ids and what a page says about itself as well.
    pub(super) fn of_page(selected: Vec<Box<str>>, max_value: usize) -> Self {
        Self { of_page: true, ..Self::new(selected, max_value) }
    }

    /// Forgets the last tag.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.reading = Reading::Nothing;
    }

    /// A new attribute of `tag` begins; the one before is complete.
    pub(super) fn begin(&mut self, tag: Option<Tag>) {
        self.finish(tag);
        self.reading = Reading::Name { start: self.bytes.len() };
    }

    /// More of the attribute's name.
    pub(super) fn name(&mut self, part: &[u8]) {
        if let Reading::Name { start } = self.reading {
            if self.bytes.len() - start + part.len() > MAX_NAME_BYTES {
                self.bytes.truncate(start);
                self.reading = Reading::Unwanted;
            } else {
                self.bytes.extend_from_slice(part);
            }
        }
    }

    /// More of the attribute's value.
    pub(super) fn value(&mut self, tag: Option<Tag>, part: &[u8]) {
        self.end_name(tag);
        if let Reading::Value { value, .. } = self.reading {
            let room = self.max_value.saturating_sub(self.bytes.len() - value);
            self.bytes.extend_from_slice(&part[..part.len().min(room)]);
        }
    }

    /// The last attribute is complete.
    pub(super) fn finish(&mut self, tag: Option<Tag>) {
        self.end_name(tag);
        if let Reading::Value { start, value } = self.reading {
            self.entries.push(Entry { start, value, end: self.bytes.len() });
        }
        self.reading = Reading::Nothing;
    }

    /// The value of `name`, the empty string when it was written without one.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        let name = name.as_bytes();
        let entry = self.entries.iter().find(|entry| &self.bytes[entry.start..entry.value] == name)?;
        Some(&self.bytes[entry.value..entry.end])
    }

    /// The names and values of the wanted attributes.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let pair = |entry: &Entry| (&self.bytes[entry.start..entry.value], &self.bytes[entry.value..entry.end]);
        self.entries.iter().map(pair)
    }

    /// Whether the tag has none of the wanted attributes.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Decides, once the name is complete, whether the value is worth keeping. The first of two attributes with one
    /// name counts.
    fn end_name(&mut self, tag: Option<Tag>) {
        let Reading::Name { start } = self.reading else { return };
        let name = &self.bytes[start..];
        let known = self.entries.iter().any(|entry| &self.bytes[entry.start..entry.value] == name);
        if !known && self.is_wanted(tag, name) {
            self.reading = Reading::Value { start, value: self.bytes.len() };
        } else {
            self.bytes.truncate(start);
            self.reading = Reading::Unwanted;
        }
    }

    fn is_wanted(&self, tag: Option<Tag>, name: &[u8]) -> bool {
        let built_in = match name {
            b"style" | b"hidden" | b"aria-hidden" | b"popover" => true,
            b"id" => tag == Some(Tag::Div),
            b"lang" => tag == Some(Tag::Html),
            b"rel" | b"href" => tag == Some(Tag::Link),
            b"open" => tag == Some(Tag::Dialog),
            b"src" => tag == Some(Tag::Script),
            b"shadowrootmode" => tag == Some(Tag::Template),
            _ => false,
        };
        built_in
            || (self.of_page && wanted_of_page(tag, name))
            || self.selected.iter().any(|wanted| wanted.as_bytes() == name)
    }
}

fn wanted_of_page(tag: Option<Tag>, name: &[u8]) -> bool {
    match name {
        b"class" | b"id" | b"role" | b"itemprop" | b"itemtype" => true,
        b"href" => tag == Some(Tag::A),
        b"name" | b"property" | b"http-equiv" | b"content" => tag == Some(Tag::Meta),
        b"type" => tag == Some(Tag::Script),
        b"datetime" => tag == Some(Tag::Time),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)], selected: &[&str]) -> Attributes {
        let mut attributes = Attributes::new(selected.iter().map(|&name| name.into()).collect(), 8);
        for (name, value) in pairs {
            attributes.begin(None);
            attributes.name(name.as_bytes());
            if !value.is_empty() {
                attributes.value(None, value.as_bytes());
            }
        }
        attributes.finish(None);
        attributes
    }

    #[test]
    fn only_wanted_attributes_are_kept() {
        let attributes = read(&[("class", "a"), ("data-x", "b"), ("hidden", "")], &["data-x"]);
        assert_eq!(attributes.get("class"), None);
        assert_eq!(attributes.get("data-x"), Some(&b"b"[..]));
        assert_eq!(attributes.get("hidden"), Some(&b""[..]));
    }

    #[test]
    fn the_first_of_two_equal_names_counts() {
        assert_eq!(read(&[("id", "a"), ("id", "b")], &["id"]).get("id"), Some(&b"a"[..]));
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(read(&[("id", "0123456789")], &["id"]).get("id"), Some(&b"01234567"[..]));
    }
}
