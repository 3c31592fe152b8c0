//! A bounded tree of JSON: what lies too deep, or beyond so many values, is left out.

use std::borrow::Cow;

use super::scan::{Event, Scan, decoded};

/// Most values of one tree.
const MAX_NODES: usize = 20_000;
/// Deeper objects and lists are left out with all that is in them.
const MAX_DEPTH: usize = 64;

/// A value's place in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) struct Node(usize);

/// One value.
#[derive(Debug)]
struct Value<'s> {
    /// The key it stands under, as written; a list hands its own to its items.
    key: &'s str,
    /// The text, as written; `None` for an object or a list.
    text: Option<&'s str>,
    is_list: bool,
    parent: Option<Node>,
    /// One past the last value inside.
    end: usize,
}

/// Values in the order of the source, so that what is inside of a value follows it directly.
#[derive(Debug, Default)]
pub(in crate::html) struct Tree<'s> {
    values: Vec<Value<'s>>,
}

impl<'s> Tree<'s> {
    pub(in crate::html) fn read(source: &'s str) -> Self {
        let mut tree = Self::default();
        let mut open: Vec<Node> = Vec::new();
        let mut beyond = 0_usize;
        let mut key = None;
        for event in Scan::new(source) {
            if tree.values.len() >= MAX_NODES {
                break;
            }
            match event {
                Event::Object | Event::List if beyond > 0 || open.len() >= MAX_DEPTH => beyond += 1,
                Event::Object | Event::List => {
                    let node = tree.add(key.take(), None, open.last().copied());
                    tree.values[node.0].is_list = event == Event::List;
                    open.push(node);
                }
                Event::Close if beyond > 0 => beyond -= 1,
                Event::Close => {
                    if let Some(Node(closed)) = open.pop() {
                        tree.values[closed].end = tree.values.len();
                    }
                    key = None;
                }
                Event::Key(name) if beyond == 0 => key = Some(name),
                Event::Text(text) | Event::Word(text) if beyond == 0 && !open.is_empty() => {
                    tree.add(key.take(), Some(text), open.last().copied());
                }
                Event::Key(_) | Event::Text(_) | Event::Word(_) => {}
            }
        }
        for Node(open) in open {
            tree.values[open].end = tree.values.len();
        }
        tree
    }

    fn add(&mut self, key: Option<&'s str>, text: Option<&'s str>, parent: Option<Node>) -> Node {
        let inherited = parent.map_or("", |Node(parent)| self.values[parent].key);
        let node = self.values.len();
        self.values.push(Value { key: key.unwrap_or(inherited), text, is_list: false, parent, end: node + 1 });
        Node(node)
    }

    /// Every value, outer ones before what is in them.
    pub(in crate::html) fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        (0..self.values.len()).map(Node)
    }

    /// The key it stands under.
    pub(in crate::html) fn key(&self, node: Node) -> &'s str {
        self.values[node.0].key
    }

    /// The text of a string, number or word.
    pub(in crate::html) fn text(&self, node: Node) -> Option<Cow<'s, str>> {
        self.values[node.0].text.map(decoded)
    }

    /// What stands directly in an object or list under `key`; the items of a list count as standing in its object.
    pub(in crate::html) fn get<'t>(&'t self, node: Node, key: &'t str) -> impl Iterator<Item = Node> + use<'t, 's> {
        self.inside(node).filter(move |&inner| self.key(inner) == key)
    }

    /// The first text under `key`.
    pub(in crate::html) fn string(&self, node: Node, key: &str) -> Option<Cow<'s, str>> {
        self.get(node, key).find_map(|inner| self.text(inner))
    }

    /// The values of an object, those of the lists in it one by one.
    fn inside<'t>(&'t self, node: Node) -> impl Iterator<Item = Node> + use<'t, 's> {
        let mut at = node.0 + 1;
        let end = self.values[node.0].end;
        std::iter::from_fn(move || {
            while at < end {
                let found = at;
                let value = &self.values[found];
                // Into a list, but past an object.
                at = if value.is_list { found + 1 } else { value.end };
                if !value.is_list {
                    return Some(Node(found));
                }
            }
            None
        })
    }

    /// The objects and lists around a value, from the inside out.
    pub(in crate::html) fn around<'t>(&'t self, node: Node) -> impl Iterator<Item = Node> + use<'t, 's> {
        std::iter::successors(self.values[node.0].parent, |&Node(at)| self.values[at].parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_key_through_lists() {
        let tree = Tree::read(r#"{"a": "1", "b": [{"a": "2"}, "3", ["4"]], "c": {"c": {}, "a": "5"}}"#);
        let top = tree.nodes().next().unwrap();
        assert_eq!(tree.string(top, "a").as_deref(), Some("1"));
        let list: Vec<Node> = tree.get(top, "b").collect();
        assert_eq!(tree.string(list[0], "a").as_deref(), Some("2"));
        assert_eq!(tree.text(list[1]).as_deref(), Some("3"));
        assert_eq!(tree.text(list[2]).as_deref(), Some("4"));
        let inner = tree.get(top, "c").next().unwrap();
        assert_eq!(tree.string(inner, "a").as_deref(), Some("5"));
        assert_eq!(tree.around(list[0]).count(), 2);
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let deep = format!("{}\"x\"{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Tree::read(&deep).nodes().count(), MAX_DEPTH);
        let wide = format!("[{}]", "1,".repeat(100_000));
        assert_eq!(Tree::read(&wide).nodes().count(), MAX_NODES);
        let after = format!("{{\"a\":{deep},\"b\":\"c\"}}");
        let tree = Tree::read(&after);
        let top = tree.nodes().next().unwrap();
        assert_eq!(tree.string(top, "b").as_deref(), Some("c"));
    }
}
