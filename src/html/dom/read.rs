//! From the events of the tokenizer to the nodes of a tree.

use std::ops::Range;

use super::{Attribute, Dom, Kind, Node, NodeId};
use crate::html::attributes::Attributes;
use crate::html::guard::Limits;
use crate::html::open::{OnClose, OpenElements};
use crate::html::style::Effects;
use crate::html::tags::{self, Names, Tag, Traits};
use crate::html::tokens::{Handler, walk};

impl Dom {
    /// Reads a page, keeping the attributes of these lower-case names, in time proportional to its length.
    pub(in crate::html) fn read(source: &str, attributes: Vec<Box<str>>, limits: &Limits) -> Self {
        let mut end = source.len().min(u32::MAX as usize);
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let mut reader = Reader {
            open: OpenElements::new(limits.max_depth),
            names: Names::new(limits.max_names),
            tree: Tree::new(limits.max_text_bytes),
            raw: None,
            position: 0,
            apart: true,
        };
        walk(&source[..end], Attributes::new(attributes, limits.max_attribute_bytes), &mut reader);
        reader.tree.finish()
    }
}

/// The page so far.
struct Reader {
    open: OpenElements,
    names: Names,
    tree: Tree,
    /// The raw text element being read.
    raw: Option<NodeId>,
    position: u32,
    /// A tag or comment stands between the text before and the next.
    apart: bool,
}

/// What changes when elements are closed.
struct Tree {
    dom: Dom,
    text: Vec<u8>,
    values: Vec<u8>,
    inside: Vec<NodeId>,
    max_text: usize,
}

impl Tree {
    fn new(max_text: usize) -> Self {
        let root = Node { parent: 0, end: 0, kind: Kind::Document, text: 0..0, attributes: 0, source: 0 };
        let dom = Dom { nodes: vec![root], ..Dom::default() };
        Self {
            dom,
            text: Vec::new(),
            values: Vec::new(),
            inside: Vec::new(),
            max_text: max_text.min(u32::MAX as usize),
        }
    }

    fn top(&self) -> NodeId {
        self.inside.last().copied().unwrap_or(0)
    }

    fn add(&mut self, parent: NodeId, kind: Kind, source: u32) -> NodeId {
        let id = self.dom.nodes.len() as NodeId;
        let start = self.text.len() as u32;
        let attributes = self.dom.attributes.len() as u32;
        self.dom.nodes.push(Node { parent, end: id + 1, kind, text: start..start, attributes, source });
        id
    }

    fn element(&mut self, name: &[u8], attributes: &Attributes, source: u32) -> NodeId {
        let name = self.dom.names.number(name);
        let id = self.add(self.top(), Kind::Element(name), source);
        for (name, value) in attributes.pairs() {
            let name = self.dom.names.number(name);
            let start = self.values.len() as u32;
            // A value may have been cut within a character.
            let valid = std::str::from_utf8(value).map_or_else(|error| error.valid_up_to(), str::len);
            self.values.extend_from_slice(&value[..valid]);
            let value = start..self.values.len() as u32;
            self.dom.attributes.push(Attribute { owner: id, name, value });
        }
        id
    }

    fn write(&mut self, parent: NodeId, piece: &[u8], apart: bool, source: u32) {
        let room = self.max_text.saturating_sub(self.text.len());
        let piece = &piece[..piece.len().min(room)];
        if piece.is_empty() {
            return;
        }
        let last = self.dom.nodes.last().filter(|last| last.kind == Kind::Text && last.parent == parent);
        if apart || last.is_none() {
            self.add(parent, Kind::Text, source);
        }
        self.text.extend_from_slice(piece);
        if let Some(node) = self.dom.nodes.last_mut() {
            node.text.end = self.text.len() as u32;
        }
    }

    fn close(&mut self, id: NodeId) {
        let end = self.dom.nodes.len() as NodeId;
        if let Some(node) = self.dom.nodes.get_mut(id as usize) {
            node.end = end;
            node.text.end = self.text.len() as u32;
        }
    }

    fn finish(mut self) -> Dom {
        while let Some(id) = self.inside.pop() {
            self.close(id);
        }
        self.close(0);
        Dom { text: valid(self.text), values: valid(self.values), ..self.dom }
    }
}

/// A text, up to where the limit cut it within a character.
fn valid(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let end = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        bytes.truncate(end);
        String::from_utf8(bytes).unwrap_or_default()
    })
}

impl OnClose for Tree {
    fn closed(&mut self, _: Traits, _: Effects, _: Effects) {
        if let Some(id) = self.inside.pop() {
            self.close(id);
        }
    }
}

impl Reader {
    /// Opens an element that can have content.
    fn open(&mut self, tag: Option<Tag>, name: &[u8], traits: Traits, attributes: &Attributes) {
        let around = self.open.inside();
        let number = self.names.number(tag, name, true).unwrap_or(Tag::COUNT);
        // Names inside SVG and MathML are not those of HTML.
        let tag = tag.filter(|_| !around.has(Effects::FOREIGN) || traits.has(tags::FOREIGN));
        let own = if tag.is_some_and(|tag| tag.traits().has(tags::FOREIGN)) { Effects::FOREIGN } else { Effects::NONE };
        if self.open.push(number, tag, own) {
            let id = self.tree.element(name, attributes, self.position);
            self.tree.inside.push(id);
        }
    }

    /// `<head>` ends where something begins that does not belong there.
    fn leave_head(&mut self, tag: Tag) {
        let belongs = matches!(
            tag,
            Tag::Title
                | Tag::Meta
                | Tag::Link
                | Tag::Base
                | Tag::Script
                | Tag::Style
                | Tag::Noscript
                | Tag::Template
                | Tag::Head
        );
        if !belongs && self.open.has(Tag::Head) && !self.open.has(Tag::Noscript) && !self.open.has(Tag::Template) {
            self.open.end(Tag::Head as usize, Some(Tag::Head), &mut self.tree);
        }
    }
}

impl Handler for Reader {
    fn start(&mut self, tag: Option<Tag>, name: &[u8], self_closing: bool, attributes: &Attributes) -> bool {
        let traits = tag.map_or(Traits::NONE, Tag::traits);
        let foreign = self.open.in_foreign(traits, &mut self.tree);
        if foreign || traits.has(tags::FOREIGN) {
            if self_closing {
                self.tree.element(name, attributes, self.position);
            } else {
                self.open(tag, name, traits, attributes);
            }
            return false;
        }
        if let Some(tag) = tag {
            self.leave_head(tag);
            let again = (traits.has(tags::LASTING) || tag == Tag::Head) && self.open.has(tag);
            if again || (tag == Tag::Head && self.open.has(Tag::Body)) {
                return false;
            }
            self.open.imply_ends(tag, &mut self.tree);
        }
        if traits.has(tags::VOID) {
            self.tree.element(name, attributes, self.position);
            return false;
        }
        let raw = traits.has(tags::RAW);
        if raw {
            self.raw = Some(self.tree.element(name, attributes, self.position));
        } else {
            self.open(tag, name, traits, attributes);
        }
        raw
    }

    fn end(&mut self, tag: Option<Tag>, name: &[u8]) {
        if let Some(number) = self.names.number(tag, name, false) {
            self.open.end(number, tag, &mut self.tree);
        }
    }

    fn text(&mut self, piece: &[u8]) {
        // A NUL in the source means nothing; in raw text it has become U+FFFD already.
        if piece != b"\0" {
            let parent = self.raw.unwrap_or_else(|| self.tree.top());
            self.tree.write(parent, piece, std::mem::take(&mut self.apart), self.position);
        }
    }

    fn raw(&mut self, tag: Option<Tag>) {
        if tag.is_none()
            && let Some(id) = self.raw.take()
        {
            self.tree.close(id);
        }
    }

    fn position(&mut self, at: usize) {
        self.position = at as u32;
        self.apart = true;
    }

    fn comment(&mut self, at: usize) {
        self.position(at);
    }

    fn code(&mut self, _: Range<usize>, code: &[u8]) {
        if let Some(id) = self.raw.take() {
            self.tree.write(id, code, true, self.position);
            self.tree.close(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree with elements as `name(…)`, attributes as `@name=value` and texts in quotes.
    fn shown(source: &str) -> String {
        let names = ["id", "class"].map(Into::into).to_vec();
        let dom = Dom::read(source, names, &Limits::default());
        show(&dom, 0)
    }

    fn show(dom: &Dom, id: NodeId) -> String {
        let node = dom.node(id).unwrap();
        let name = match node.kind {
            Kind::Text => return format!("{:?}", dom.text(id)),
            Kind::Document => String::new(),
            Kind::Element(name) => dom.name(name).to_owned(),
        };
        let attributes = dom.attributes_of(id).map(|number| {
            let attribute = dom.attribute(number).unwrap();
            format!("@{}={}", dom.name(attribute.name), dom.value(attribute))
        });
        let children = dom.children(id).map(|child| show(dom, child));
        format!("{name}({})", attributes.chain(children).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn trees_are_what_authors_meant() {
        for (source, expected) in [
            ("<p id=a>x<b>y</b>z", "(p(@id=a \"x\" b(\"y\") \"z\"))"),
            ("<p>a<p>b", "(p(\"a\") p(\"b\"))"),
            ("<ul><li>a<li>b</ul>c", "(ul(li(\"a\") li(\"b\")) \"c\")"),
            ("a<br>b<img class=i>", "(\"a\" br() \"b\" img(@class=i))"),
            ("a<!-- c -->b", "(\"a\" \"b\")"),
            ("<script id=s>a<b</script>c", "(script(@id=s \"a<b\") \"c\")"),
            ("<svg><path/><g>x</g></svg>y", "(svg(path() g(\"x\")) \"y\")"),
            ("<table><tr><td>a<td>b</table>", "(table(tr(td(\"a\") td(\"b\"))))"),
            ("a &amp; b", "(\"a & b\")"),
            ("<x-y>a</x-y>", "(x-y(\"a\"))"),
            ("", "()"),
        ] {
            assert_eq!(shown(source), expected, "{source}");
        }
    }

    #[test]
    fn the_head_is_an_element_of_its_own() {
        let whole = "<html><head><title>t</title><meta id=m></head><body>x</body></html>";
        let open = "<html><head><title>t</title><meta id=m><body>x";
        let expected = "(html(head(title(\"t\") meta(@id=m)) body(\"x\")))";
        assert_eq!((shown(whole).as_str(), shown(open).as_str()), (expected, expected));
        assert_eq!(shown("<head><meta><div>x</div>"), "(head(meta()) div(\"x\"))");
    }

    #[test]
    fn depth_and_text_are_bounded() {
        let limits = Limits { max_depth: 4, max_text_bytes: 3, ..Limits::default() };
        let dom = Dom::read(&"<div>a".repeat(1000), Vec::new(), &limits);
        assert_eq!((dom.whole_text(), dom.len()), ("aaa", 8));
    }
}
