//! From the events of the tokenizer to elements, blocks and facts.

use super::Page;
use super::arena::{Element, ElementId};
use super::block::Kind;
use super::head::{Head, Link, MAX_DATA_BYTES, MAX_FACTS, Meta, subjects};
use super::write::{Place, Writer};
use crate::html::attributes::Attributes;
use crate::html::cosmetic::Scope;
use crate::html::guard::Limits;
use crate::html::hidden::own_effects;
use crate::html::lines::{Lines, Seams, Space};
use crate::html::marks::Marks;
use crate::html::matcher::Matcher;
use crate::html::open::{OnClose, OpenElements};
use crate::html::style::Effects;
use crate::html::tags::{self, Names, Tag, Traits};
use crate::html::tokens::{Handler, walk};
use std::ops::Range;

/// Kept of one class, id or mark, in bytes.
const MAX_TOKEN_BYTES: usize = 1 << 10;

impl Page {
    /// Reads a page, or any piece of one, in time proportional to its length.
    #[must_use]
    pub fn read(source: &str, limits: &Limits) -> Self {
        Self::read_filtered(source, None, limits)
    }

    /// The same without what filter lists hide.
    #[must_use]
    pub fn read_filtered(source: &str, filters: Option<&Scope<'_>>, limits: &Limits) -> Self {
        Self::read_marked(source, &Marks::filtered(filters), limits)
    }

    /// The same without what marks say goes.
    pub(in crate::html) fn read_marked(source: &str, marks: &Marks<'_>, limits: &Limits) -> Self {
        let mut end = source.len().min(u32::MAX as usize);
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let mut reader = Reader::new(end, marks, limits);
        walk(
            &source[..end],
            Attributes::of_page(reader.matcher.attribute_names(), limits.max_attribute_bytes),
            &mut reader,
        );
        reader.finish()
    }
}

/// What holds inside an open element, beside its effects.
#[derive(Debug, Clone, Copy)]
struct Inside {
    id: ElementId,
    /// The innermost block-level element.
    block: ElementId,
    kind: Kind,
    level: u8,
    numbered: bool,
    quoted: bool,
}

/// The page so far.
struct Reader<'f> {
    matcher: Matcher<'f>,
    marks: &'f Marks<'f>,
    open: OpenElements,
    names: Names,
    tree: Tree,
    head: Head,
    attributes: Vec<u8>,
    title: Lines,
    max_title_bytes: usize,
    raw: Option<Tag>,
    after_pre: bool,
    seams: Seams,
    position: u32,
    /// Where the last tag or comment ends.
    before_text: u32,
    /// Whether the code being read is wanted.
    data: Data,
    flattened: bool,
    images: Vec<u32>,
    inputs: Vec<u32>,
}

/// What the last `<script>` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    Code,
    JsonLd,
    Next,
}

/// What changes when elements are closed.
struct Tree {
    elements: Vec<Element>,
    inside: Vec<Inside>,
    writer: Writer,
}

impl Tree {
    fn top(&self) -> Inside {
        const ROOT: Inside = Inside { id: 0, block: 0, kind: Kind::Text, level: 0, numbered: false, quoted: false };
        self.inside.last().copied().unwrap_or(ROOT)
    }
}

impl OnClose for Tree {
    fn closed(&mut self, traits: Traits, own: Effects, inside: Effects) {
        if !inside.has(Effects::DROPPED) {
            if traits.has(tags::ROW) {
                self.writer.row();
            } else if traits.has(tags::BLOCK) || own.has(Effects::BLOCK) {
                self.writer.boundary();
            }
        }
        if let Some(closed) = self.inside.pop() {
            self.elements[closed.id as usize].blocks.end = self.writer.count();
        }
    }
}

impl<'f> Reader<'f> {
    fn new(length: usize, marks: &'f Marks<'f>, limits: &Limits) -> Self {
        let elements = vec![Element::ROOT];
        let writer = Writer::new(limits.max_text_bytes, length / 8);
        Self {
            matcher: Matcher::new(marks),
            marks,
            open: OpenElements::new(limits.max_depth),
            names: Names::new(limits.max_names),
            tree: Tree { elements, inside: Vec::new(), writer },
            head: Head::default(),
            attributes: Vec::with_capacity(length / 16),
            title: Lines::new(limits.max_title_bytes, 0),
            max_title_bytes: limits.max_title_bytes,
            raw: None,
            after_pre: false,
            seams: Seams::default(),
            position: 0,
            before_text: 0,
            data: Data::Code,
            flattened: false,
            images: Vec::new(),
            inputs: Vec::new(),
        }
    }

    fn finish(mut self) -> Page {
        let (text, blocks, links, truncated) = self.tree.writer.finish();
        let count = blocks.len() as u32;
        self.tree.elements[0].blocks = 0..count;
        for open in &self.tree.inside {
            self.tree.elements[open.id as usize].blocks.end = count;
        }
        // A block cut short after an element in it was opened can leave its range beyond the end.
        for element in &mut self.tree.elements {
            element.blocks.end = element.blocks.end.min(count);
            element.blocks.start = element.blocks.start.min(element.blocks.end);
        }
        Page {
            elements: self.tree.elements,
            blocks,
            text,
            links,
            attributes: String::from_utf8(self.attributes).unwrap_or_default(),
            images: self.images,
            inputs: self.inputs,
            head: self.head,
            flattened: self.flattened,
            truncated,
        }
    }

    /// Keeps a value, cut before a character.
    fn keep(&mut self, value: Option<&[u8]>, max: usize) -> Range<u32> {
        let start = self.attributes.len() as u32;
        let value = value.unwrap_or_default();
        let value = value[..value.len().min(max)].trim_ascii();
        let valid = match std::str::from_utf8(value) {
            Ok(_) => value,
            Err(error) => &value[..error.valid_up_to()],
        };
        self.attributes.extend_from_slice(valid);
        start..self.attributes.len() as u32
    }

    fn element(&mut self, tag: Option<Tag>, hidden: bool, attributes: &Attributes) -> Element {
        let mut element = Element {
            parent: self.tree.top().id,
            tag,
            depth: self.tree.inside.len() as u16,
            hidden,
            blocks: self.tree.writer.count()..u32::MAX,
            source: self.position,
            ..Element::ROOT
        };
        if !attributes.is_empty() {
            element.class = self.keep(attributes.get("class"), MAX_TOKEN_BYTES);
            element.id = self.keep(attributes.get("id"), MAX_TOKEN_BYTES);
            let start = self.attributes.len() as u32;
            for name in ["role", "itemprop", "itemtype"] {
                if let Some(value) = attributes.get(name) {
                    if self.attributes.len() as u32 > start {
                        self.attributes.push(b' ');
                    }
                    self.keep(Some(value), MAX_TOKEN_BYTES);
                }
            }
            element.marks = start..self.attributes.len() as u32;
        }
        element
    }

    fn note_facts(&mut self, tag: Tag, attributes: &Attributes) {
        match tag {
            Tag::Html if self.head.language.is_none() => {
                let value = attributes.get("lang").map(<[u8]>::trim_ascii).filter(|value| !value.is_empty());
                self.head.language = value.map(|value| String::from_utf8_lossy(value).into_owned());
            }
            Tag::Meta if self.head.metas.len() < MAX_FACTS => {
                let name = ["name", "property", "itemprop", "http-equiv"].iter().find_map(|name| attributes.get(name));
                if let (Some(name), Some(content)) = (name, attributes.get("content")) {
                    let name = self.keep(Some(name), MAX_TOKEN_BYTES);
                    let content = self.keep(Some(content), usize::MAX);
                    self.head.metas.push(Meta { name, content });
                }
            }
            Tag::Link if self.head.links.len() < MAX_FACTS => {
                if let (Some(rel), Some(href)) = (attributes.get("rel"), attributes.get("href")) {
                    let rel = self.keep(Some(rel), MAX_TOKEN_BYTES);
                    let href = self.keep(Some(href), usize::MAX);
                    self.head.links.push(Link { rel, href });
                }
            }
            Tag::Time if self.head.times.len() < MAX_FACTS => {
                if let Some(time) = attributes.get("datetime") {
                    let time = self.keep(Some(time), MAX_TOKEN_BYTES);
                    self.head.times.push((time, self.tree.writer.count()));
                }
            }
            Tag::Img => self.images.push(self.tree.writer.count()),
            Tag::Input | Tag::Select | Tag::Textarea => self.inputs.push(self.tree.writer.count()),
            Tag::Script => {
                let is = |name: &str, value: &[u8]| {
                    attributes.get(name).is_some_and(|written| written.trim_ascii().eq_ignore_ascii_case(value))
                };
                self.data = if is("type", b"application/ld+json") {
                    Data::JsonLd
                } else if is("id", b"__next_data__") {
                    Data::Next
                } else {
                    Data::Code
                };
            }
            _ => {}
        }
    }

    /// The boundaries at the start of an element.
    fn break_before(&mut self, tag: Option<Tag>, traits: Traits, own: Effects) {
        if self.open.inside().with(own).has(Effects::DROPPED) {
            return;
        }
        let writer = &mut self.tree.writer;
        if tag == Some(Tag::Br) {
            if self.open.inside().has(Effects::KEEP_SPACE) {
                self.text(b"\n");
            } else {
                writer.line();
            }
        } else if traits.has(tags::ROW) {
            writer.row();
        } else if traits.has(tags::CELL) {
            writer.cell();
        } else if traits.has(tags::BLOCK) || own.has(Effects::BLOCK) {
            writer.boundary();
        } else if tag == Some(Tag::Wbr) {
            // The same word goes on.
            self.seams.text();
        } else if self.seams.begin() {
            writer.seam();
        }
    }

    /// What an element makes of the text in it.
    fn enter(&self, id: ElementId, tag: Option<Tag>, traits: Traits, own: Effects) -> Inside {
        let mut inside = Inside { id, ..self.tree.top() };
        if traits.has(tags::BLOCK) || traits.has(tags::CELL) || own.has(Effects::BLOCK) {
            inside.block = id;
        }
        match tag {
            Some(Tag::H1) => inside.kind = Kind::Heading(1),
            Some(Tag::H2) => inside.kind = Kind::Heading(2),
            Some(Tag::H3) => inside.kind = Kind::Heading(3),
            Some(Tag::H4) => inside.kind = Kind::Heading(4),
            Some(Tag::H5) => inside.kind = Kind::Heading(5),
            Some(Tag::H6) => inside.kind = Kind::Heading(6),
            Some(Tag::Ul | Tag::Ol | Tag::Menu | Tag::Dir) => {
                inside.level = inside.level.saturating_add(1);
                inside.numbered = tag == Some(Tag::Ol);
            }
            Some(Tag::Li) => {
                inside.kind = Kind::Item { level: inside.level.max(1), numbered: inside.numbered };
            }
            Some(Tag::Td | Tag::Th) => inside.kind = Kind::Row,
            Some(Tag::Table) => inside.kind = Kind::Text,
            Some(Tag::Pre | Tag::Listing | Tag::Xmp | Tag::Plaintext) => inside.kind = Kind::Pre,
            Some(Tag::Button) if !matches!(inside.kind, Kind::Heading(_)) => inside.kind = Kind::Button,
            Some(Tag::Blockquote) => inside.quoted = true,
            _ => {}
        }
        inside
    }

    /// Opens an element that can have content.
    fn open(&mut self, tag: Option<Tag>, name: &[u8], mut traits: Traits, attributes: &Attributes) {
        let around = self.open.inside();
        let mut own = own_effects(tag, attributes, around);
        let number = self.names.number(tag, name, true).unwrap_or(Tag::COUNT);
        // Names inside SVG and MathML are not those of HTML.
        let tag = tag.filter(|_| !around.has(Effects::FOREIGN) || traits.has(tags::FOREIGN));
        if tag.is_none() {
            traits = Traits::NONE;
        }
        match tag {
            // What a button says is text of its own; it may open an accordion.
            Some(Tag::Button) => own = own.without(Effects::DROPPED).with(Effects::BLOCK),
            Some(Tag::A) if attributes.get("href").is_some() => own = own.with(Effects::LINK),
            _ => {}
        }
        let mut chosen = self.matcher.choose(self.open.depth(), name, attributes);
        self.marks.choose(self.position, &mut chosen, &mut self.matcher.alternatives);
        if chosen.remove {
            own = own.with(Effects::DROPPED);
        }
        self.break_before(tag, traits, own);
        if !self.open.push(number, tag, own) {
            self.flattened = true;
            return;
        }
        let hidden = self.open.inside().has(Effects::HIDDEN);
        let id = self.tree.elements.len() as ElementId;
        let element = self.element(tag, hidden, attributes);
        let inside = self.enter(id, tag, traits, own);
        self.tree.elements.push(element);
        self.tree.inside.push(inside);
        self.after_pre = own.has(Effects::KEEP_SPACE);
    }
}

impl Handler for Reader<'_> {
    fn start(&mut self, tag: Option<Tag>, name: &[u8], self_closing: bool, attributes: &Attributes) -> bool {
        self.after_pre = false;
        let traits = tag.map_or(Traits::NONE, Tag::traits);
        let foreign = self.open.in_foreign(traits, &mut self.tree);
        if foreign || traits.has(tags::FOREIGN) {
            if !self_closing {
                self.open(tag, name, traits, attributes);
            }
            return false;
        }
        if let Some(tag) = tag {
            self.note_facts(tag, attributes);
            let again = traits.has(tags::LASTING) && self.open.has(tag);
            if traits.has(tags::TRANSPARENT) || again {
                return false;
            }
            self.open.imply_ends(tag, &mut self.tree);
        }
        if traits.has(tags::VOID) {
            self.break_before(tag, traits, Effects::NONE);
            return false;
        }
        let raw = traits.has(tags::RAW);
        if !raw || traits.has(tags::BLOCK) {
            self.open(tag, name, traits, attributes);
        }
        raw
    }

    fn end(&mut self, tag: Option<Tag>, name: &[u8]) {
        self.after_pre = false;
        self.seams.end();
        if matches!(tag, Some(Tag::P | Tag::Br)) && !self.open.inside().has(Effects::DROPPED) {
            // Without a start tag either is an empty line (13.2.6.4.7).
            if tag == Some(Tag::P) && !self.open.has(Tag::P) {
                self.tree.writer.boundary();
            } else if tag == Some(Tag::Br) {
                self.tree.writer.line();
            }
        }
        if let Some(number) = self.names.number(tag, name, false) {
            self.open.end(number, tag, &mut self.tree);
        }
    }

    fn text(&mut self, piece: &[u8]) {
        // A NUL in the source means nothing; in raw text it has become U+FFFD already.
        if piece == b"\0" {
            return;
        }
        if self.raw == Some(Tag::Title) {
            return self.title.text(piece, Space::Collapse);
        }
        let skip = std::mem::take(&mut self.after_pre) && piece.starts_with(b"\n");
        let inside = self.open.inside();
        if inside.has(Effects::DROPPED) || self.marks.removes_text(self.before_text) {
            return;
        }
        let space = match self.raw {
            Some(_) => Space::Keep,
            None if inside.has(Effects::KEEP_SPACE) => Space::Keep,
            None if inside.has(Effects::KEEP_LINES) => Space::Lines,
            None => Space::Collapse,
        };
        let top = self.tree.top();
        let place = Place {
            inner: top.id,
            element: top.block,
            kind: top.kind,
            hidden: inside.has(Effects::HIDDEN),
            quoted: top.quoted,
            source: self.position,
        };
        self.seams.text();
        self.tree.writer.text(&piece[usize::from(skip)..], space, inside.has(Effects::LINK), &place);
    }

    fn raw(&mut self, tag: Option<Tag>) {
        if self.raw == Some(Tag::Title) {
            let title = std::mem::replace(&mut self.title, Lines::new(self.max_title_bytes, 0));
            let title = title.finish().0;
            if self.head.title.is_none() && !title.is_empty() {
                self.head.title = Some(title);
            }
        }
        self.raw = tag;
        self.after_pre = tag == Some(Tag::Textarea);
    }

    fn position(&mut self, at: usize) {
        self.position = at as u32;
        self.before_text = at as u32;
    }

    fn comment(&mut self, at: usize) {
        self.before_text = at as u32;
    }

    fn code(&mut self, range: Range<usize>, code: &[u8]) {
        let range = range.start as u32..range.end as u32;
        if range.end - range.start > MAX_DATA_BYTES {
            return;
        }
        match std::mem::replace(&mut self.data, Data::Code) {
            Data::JsonLd if self.head.json_ld.len() < MAX_FACTS => {
                self.head.json_ld.push(range);
                self.head.subjects |= subjects(code);
            }
            Data::Next if self.head.next_data.is_none() => self.head.next_data = Some(range),
            _ => {}
        }
    }
}
