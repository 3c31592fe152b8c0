//! From nodes to the nodes around them (XPath 1.0, section 2.2), a whole set at a time.

use std::collections::HashSet;

use super::Exceeded;
use super::ast::{Axis, NodeTest};
use super::eval::Evaluator;
use super::value::Node;
use crate::html::dom::{Kind, NodeId};

impl Evaluator<'_, '_> {
    /// The nodes of an axis from a set of nodes, which are in the order of the page. The outcome is in no order and may
    /// name a node twice, but each part of the page is looked at about once. Of following siblings the first `most` are
    /// enough.
    pub(super) fn around(
        &mut self,
        from: &[Node],
        axis: Axis,
        test: &NodeTest,
        most: usize,
    ) -> Result<Vec<Node>, Exceeded> {
        let mut out = Vec::new();
        match axis {
            Axis::Attribute => self.attributes(from, test, &mut out)?,
            Axis::SelfNode => {
                for &node in from {
                    self.offer(node, test, &mut out)?;
                }
            }
            Axis::Child => {
                for id in tree(from) {
                    for child in self.dom.children(id) {
                        self.offer(Node::Tree(child), test, &mut out)?;
                    }
                }
            }
            Axis::Descendant | Axis::DescendantOrSelf => self.below(from, axis, test, &mut out)?,
            Axis::Parent => {
                let mut last = None;
                for &node in from {
                    if let Some(parent) = self.parent(node).filter(|parent| last.replace(*parent) != Some(*parent)) {
                        self.offer(Node::Tree(parent), test, &mut out)?;
                    }
                }
            }
            Axis::Ancestor | Axis::AncestorOrSelf => self.above(from, axis, test, &mut out)?,
            Axis::FollowingSibling => {
                let mut parents = HashSet::new();
                for (id, parent) in self.with_parents(from) {
                    if parents.insert(parent) {
                        self.siblings_after(id, parent, most.saturating_add(out.len()), test, &mut out)?;
                    }
                }
            }
            Axis::PrecedingSibling => {
                let mut parents = HashSet::new();
                for (id, parent) in self.with_parents(from).into_iter().rev() {
                    if parents.insert(parent) {
                        self.siblings_before(id, parent, test, &mut out)?;
                    }
                }
            }
            Axis::Following => {
                let ends = from.iter().filter_map(|node| self.dom.node(node.order().0)).map(|node| node.end);
                for id in ends.min().unwrap_or(NodeId::MAX)..self.dom.len() {
                    self.offer(Node::Tree(id), test, &mut out)?;
                }
            }
            Axis::Preceding => {
                let last = from.iter().map(|node| node.order().0).max().unwrap_or(0);
                for id in 1..last {
                    if self.dom.node(id).is_some_and(|node| node.end <= last) {
                        self.offer(Node::Tree(id), test, &mut out)?;
                    }
                }
            }
        }
        Ok(out)
    }

    /// Takes a node if it passes the test.
    fn offer(&mut self, node: Node, test: &NodeTest, out: &mut Vec<Node>) -> Result<(), Exceeded> {
        self.budget.spend(1)?;
        if self.passes(node, test) {
            out.push(node);
        }
        Ok(())
    }

    fn passes(&self, node: Node, test: &NodeTest) -> bool {
        let kind = match node {
            Node::Tree(id) => self.dom.node(id).map(|node| node.kind),
            Node::Attribute(..) => None,
        };
        match test {
            NodeTest::Node => true,
            NodeTest::Text => kind == Some(Kind::Text),
            NodeTest::Comment => false,
            NodeTest::Any => matches!(kind, Some(Kind::Element(_))),
            NodeTest::Name(name) => match kind {
                Some(Kind::Element(number)) => self.dom.name(number) == &**name,
                _ => false,
            },
        }
    }

    fn attributes(&mut self, from: &[Node], test: &NodeTest, out: &mut Vec<Node>) -> Result<(), Exceeded> {
        let NodeTest::Name(name) = test else { return Ok(()) };
        let Some(name) = self.dom.number(name) else { return Ok(()) };
        for id in tree(from) {
            for number in self.dom.attributes_of(id) {
                self.budget.spend(1)?;
                if self.dom.attribute(number).is_some_and(|attribute| attribute.name == name) {
                    out.push(Node::Attribute(id, number));
                }
            }
        }
        Ok(())
    }

    fn below(&mut self, from: &[Node], axis: Axis, test: &NodeTest, out: &mut Vec<Node>) -> Result<(), Exceeded> {
        // What is below a node that stands below another one has been seen.
        let mut seen = 0;
        for &node in from {
            let is_new = matches!(node, Node::Attribute(..)) || node.order() >= (seen, 0);
            if axis == Axis::DescendantOrSelf && is_new {
                self.offer(node, test, out)?;
            }
            let Node::Tree(id) = node else { continue };
            let Some(end) = self.dom.node(id).map(|node| node.end).filter(|&end| end > seen) else { continue };
            for below in (id + 1).max(seen)..end {
                self.offer(Node::Tree(below), test, out)?;
            }
            seen = end;
        }
        Ok(())
    }

    fn above(&mut self, from: &[Node], axis: Axis, test: &NodeTest, out: &mut Vec<Node>) -> Result<(), Exceeded> {
        let mut seen = HashSet::new();
        for &node in from {
            if axis == Axis::AncestorOrSelf && seen.insert(node) {
                self.offer(node, test, out)?;
            }
            let mut at = node;
            while let Some(parent) = self.parent(at).map(Node::Tree).filter(|parent| seen.insert(*parent)) {
                self.offer(parent, test, out)?;
                at = parent;
            }
        }
        Ok(())
    }

    fn siblings_after(
        &mut self,
        id: NodeId,
        parent: NodeId,
        most: usize,
        test: &NodeTest,
        out: &mut Vec<Node>,
    ) -> Result<(), Exceeded> {
        let end = self.dom.node(parent).map_or(0, |parent| parent.end);
        let mut at = id;
        while let Some(next) = self.dom.node(at).map(|node| node.end).filter(|&next| next < end && out.len() < most) {
            self.offer(Node::Tree(next), test, out)?;
            at = next;
        }
        Ok(())
    }

    fn siblings_before(
        &mut self,
        id: NodeId,
        parent: NodeId,
        test: &NodeTest,
        out: &mut Vec<Node>,
    ) -> Result<(), Exceeded> {
        for sibling in self.dom.children(parent).take_while(|&sibling| sibling < id) {
            self.offer(Node::Tree(sibling), test, out)?;
        }
        Ok(())
    }

    fn with_parents(&self, from: &[Node]) -> Vec<(NodeId, NodeId)> {
        tree(from).filter_map(|id| Some((id, self.parent(Node::Tree(id))?))).collect()
    }

    /// The node around one; the document has none.
    fn parent(&self, node: Node) -> Option<NodeId> {
        match node {
            Node::Attribute(owner, _) => Some(owner),
            Node::Tree(0) => None,
            Node::Tree(id) => self.dom.node(id).map(|node| node.parent),
        }
    }
}

/// The nodes that are no attributes.
fn tree(from: &[Node]) -> impl Iterator<Item = NodeId> {
    from.iter().filter_map(|node| match node {
        Node::Tree(id) => Some(*id),
        Node::Attribute(..) => None,
    })
}
