//! A page as a tree of elements, attributes and texts: what XPath expressions are evaluated on.
//!
//! Made only for pages whose rules ask for it. Nodes lie in one list in the order of the page, so what is below a node
//! is a range of them, and the text of an element is a stretch of one string. The tree is the one that rendering sees
//! (`open`), beside which it holds what has no content (`<meta>`, `<img>`), the content of scripts, and `<head>`.
//! Elements that the standard inserts without a tag are not there.

mod read;

use std::collections::HashMap;
use std::ops::Range;

/// A node of the tree; 0 is the document.
pub(super) type NodeId = u32;

/// The page's nodes.
#[derive(Debug, Default)]
pub(super) struct Dom {
    nodes: Vec<Node>,
    /// In the order of their elements.
    attributes: Vec<Attribute>,
    /// The texts of the page, one directly behind the other.
    text: String,
    /// The values of attributes, likewise.
    values: String,
    names: Names,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// The one around it; the document is its own.
    pub(super) parent: NodeId,
    /// One past the last node below it.
    pub(super) end: NodeId,
    pub(super) kind: Kind,
    /// Its text, that of nodes below included.
    text: Range<u32>,
    /// Its first attribute.
    attributes: u32,
    /// Where the tag ends that it begins with (a text: that stands before it), in bytes of the source.
    pub(super) source: u32,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    /// With the number of its name.
    Element(u32),
    Text,
}

/// An attribute that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) owner: NodeId,
    pub(super) name: u32,
    value: Range<u32>,
}

/// Numbers of lower-case names.
#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
    names: Vec<Box<str>>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.into(), number);
        self.names.push(String::from_utf8_lossy(name).into());
        number
    }
}

impl Dom {
    /// How many nodes there are, attributes aside.
    pub(super) fn len(&self) -> NodeId {
        self.nodes.len() as NodeId
    }

    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// The number of an element or attribute name, if any has it.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.names.numbers.get(name.as_bytes()).copied()
    }

    pub(super) fn name(&self, number: u32) -> &str {
        self.names.names.get(number as usize).map_or("", |name| name)
    }

    pub(super) fn attribute(&self, number: u32) -> Option<&Attribute> {
        self.attributes.get(number as usize)
    }

    /// The attributes of an element, as numbers.
    pub(super) fn attributes_of(&self, id: NodeId) -> Range<u32> {
        let Some(node) = self.node(id) else { return 0..0 };
        let rest = self.attributes.get(node.attributes as usize..).unwrap_or_default();
        let count = rest.iter().take_while(|attribute| attribute.owner == id).count();
        node.attributes..node.attributes + count as u32
    }

    /// The value of an element's attribute.
    pub(super) fn value_of(&self, id: NodeId, name: &str) -> Option<&str> {
        let name = self.number(name)?;
        let mut all = self.attributes_of(id).filter_map(|number| self.attribute(number));
        all.find(|attribute| attribute.name == name).map(|attribute| self.value(attribute))
    }

    pub(super) fn value(&self, attribute: &Attribute) -> &str {
        self.values.get(attribute.value.start as usize..attribute.value.end as usize).unwrap_or_default()
    }

    /// The text of a node and of those below it.
    pub(super) fn text(&self, id: NodeId) -> &str {
        let range = self.node(id).map_or(0..0, |node| node.text.start as usize..node.text.end as usize);
        self.text.get(range).unwrap_or_default()
    }

    /// The text of the page.
    pub(super) fn whole_text(&self) -> &str {
        &self.text
    }

    /// The nodes directly below one.
    pub(super) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let (mut at, end) = self.node(id).map_or((0, 0), |node| (id + 1, node.end));
        std::iter::from_fn(move || {
            let child = self.node(at).filter(|_| at < end)?;
            let this = at;
            at = child.end.max(at + 1);
            Some(this)
        })
    }
}
