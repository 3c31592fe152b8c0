//! Made-up pages that expressions match: the way back from an expression to the least page that satisfies it.
//!
//! Built from the shape of the expression alone, without evaluating it, so that evaluating it on the page proves
//! something. Where no page is found (arithmetic, counts, negations that matter) there is none.

use super::XPath;
use super::ast::{Axis, Comparison, Expr, Function, NodeTest, Predicate, Start, Step};
use super::eval::whole;
use crate::html::selector::{Operator, Test};

/// Where on the page something is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// Anywhere.
    Page,
    /// In the element that was put there last with [`Sample::add_content`].
    Content,
}

/// A page that is being made up.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    elements: Vec<Element>,
    /// What stands in the head, and in the body.
    head: Vec<Child>,
    body: Vec<Child>,
    content: Option<usize>,
}

#[derive(Debug, Clone, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Child>,
    /// `None` for those directly in head or body.
    parent: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Child {
    Element(usize),
    Text(String),
}

/// Most elder siblings that a position asks for.
const MAX_SIBLINGS: usize = 30;

/// Elements that stand in the head.
const HEAD: [&str; 5] = ["title", "meta", "link", "base", "head"];
/// Elements without content.
const VOID: [&str; 8] = ["meta", "link", "base", "img", "br", "hr", "input", "source"];

impl Sample {
    /// An empty page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a paragraph at the end of the body.
    pub fn add_paragraph(&mut self, text: &str) {
        let id = self.element("p", None);
        self.elements[id].children.push(Child::Text(text.to_owned()));
        self.body.push(Child::Element(id));
    }

    /// Puts what the expression gives on the page, with this text in it. Without success the page may hold a part of it.
    pub fn add(&mut self, xpath: &XPath, under: Under, text: &str) -> bool {
        let base = if under == Under::Content { self.content } else { None };
        self.value(xpath.expr(), base, text).is_some()
    }

    /// The same for content.
    pub fn add_content(&mut self, xpath: &XPath, text: &str) -> bool {
        self.content = self.value(xpath.expr(), None, text).flatten();
        self.content.is_some()
    }

    /// The source: a whole page, or only a piece of one.
    #[must_use]
    pub fn html(&self, whole: bool) -> String {
        let mut out = String::new();
        let (before, between, after) =
            if whole { ("<!DOCTYPE html>\n<html><head>", "</head>\n<body>", "</body></html>") } else { ("", "", "") };
        out.push_str(before);
        self.write_all(&self.head, &mut out);
        out.push_str(between);
        self.write_all(&self.body, &mut out);
        out.push_str(after);
        out
    }

    fn write_all(&self, children: &[Child], out: &mut String) {
        for child in children {
            match child {
                Child::Text(text) => escape(text, out),
                Child::Element(id) => self.write(&self.elements[*id], out),
            }
        }
    }

    fn write(&self, element: &Element, out: &mut String) {
        out.push('<');
        out.push_str(&element.name);
        for (name, value) in &element.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        out.push('>');
        if VOID.contains(&element.name.as_str()) {
            return;
        }
        if matches!(element.name.as_str(), "script" | "style") {
            // Their content is no markup, so nothing in it is escaped.
            let texts = element.children.iter().filter_map(|child| match child {
                Child::Text(text) => Some(text.as_str()),
                Child::Element(_) => None,
            });
            out.extend(texts);
        } else {
            self.write_all(&element.children, out);
        }
        out.push_str("</");
        out.push_str(&element.name);
        out.push('>');
    }

    fn element(&mut self, name: &str, parent: Option<usize>) -> usize {
        self.elements.push(Element { name: name.to_owned(), parent, ..Element::default() });
        self.elements.len() - 1
    }

    fn siblings(&mut self, id: usize) -> &mut Vec<Child> {
        match self.elements[id].parent {
            Some(parent) => &mut self.elements[parent].children,
            None if HEAD.contains(&self.elements[id].name.as_str()) => &mut self.head,
            None => &mut self.body,
        }
    }

    fn insert(&mut self, id: usize, beside: usize, after: bool) {
        self.elements[id].parent = self.elements[beside].parent;
        let siblings = self.siblings(beside);
        let at = siblings.iter().position(|child| *child == Child::Element(beside)).unwrap_or(siblings.len());
        siblings.insert((at + usize::from(after)).min(siblings.len()), Child::Element(id));
    }

    /// Makes an expression give a text: the last element, if it is on the page, and nothing where none is needed.
    #[allow(clippy::option_option)] // there is no page, or none is needed, or here is the element
    fn value(&mut self, expr: &Expr, base: Option<usize>, text: &str) -> Option<Option<usize>> {
        match expr {
            Expr::Union(all) => all.iter().find_map(|expr| self.value(expr, base, text)),
            Expr::Path { from, steps } => {
                let base = match from {
                    Start::Root | Start::Here => base,
                    Start::At(inner, predicates) => {
                        let id = self.value(inner, base, if steps.is_empty() { text } else { "" })??;
                        self.positions(id, predicates)?;
                        if steps.is_empty() {
                            return Some(Some(id));
                        }
                        Some(id)
                    }
                };
                self.path(steps, base, text).map(Some)
            }
            Expr::Literal(_) => Some(None),
            Expr::Call(Function::SubstringAfter, arguments) => match arguments.as_slice() {
                [inner, Expr::Literal(mark)] => self.value(inner, base, &format!("{mark}{text}")),
                _ => None,
            },
            Expr::Call(Function::SubstringBefore, arguments) => match arguments.as_slice() {
                [inner, Expr::Literal(mark)] => self.value(inner, base, &format!("{text}{mark}")),
                _ => None,
            },
            Expr::Call(Function::NormalizeSpace | Function::String | Function::Translate, arguments) => {
                self.value(arguments.first()?, base, text)
            }
            _ => None,
        }
    }

    /// Builds a path from an element (or the page) and puts a text at its end.
    fn path(&mut self, steps: &[Step], base: Option<usize>, text: &str) -> Option<usize> {
        let mut at = base;
        for step in steps {
            if step.axis == Axis::Attribute {
                let NodeTest::Name(name) = &step.test else { return None };
                self.set(at?, name, text);
                return at;
            }
            if step.test == NodeTest::Text {
                break;
            }
            if step.test == NodeTest::Node && step.axis == Axis::DescendantOrSelf {
                continue;
            }
            at = self.step(step, at)?;
        }
        let id = at?;
        if !text.is_empty() {
            self.elements[id].children.push(Child::Text(text.to_owned()));
        }
        Some(id)
    }

    /// The element a step leads to; `Some(None)` for the page itself.
    #[allow(clippy::option_option)] // there is no page, or it is the page itself, or here is the element
    fn step(&mut self, step: &Step, at: Option<usize>) -> Option<Option<usize>> {
        let name = match &step.test {
            NodeTest::Name(name) => &**name,
            NodeTest::Any | NodeTest::Node => "div",
            NodeTest::Text | NodeTest::Comment => return None,
        };
        if matches!(name, "html" | "body" | "head") && step.predicates.is_empty() && at.is_none() {
            return Some(None);
        }
        let id = match step.axis {
            Axis::Child | Axis::Descendant | Axis::DescendantOrSelf => {
                let id = self.element(name, at);
                self.siblings(id).push(Child::Element(id));
                id
            }
            Axis::FollowingSibling | Axis::Following | Axis::PrecedingSibling | Axis::Preceding => {
                let id = self.element(name, None);
                self.insert(id, at?, matches!(step.axis, Axis::FollowingSibling | Axis::Following));
                id
            }
            Axis::Parent | Axis::Ancestor | Axis::AncestorOrSelf => self.around(at?, name, &step.test),
            Axis::SelfNode => {
                let id = at?;
                matches!(step.test, NodeTest::Name(_)).then(|| name.clone_into(&mut self.elements[id].name));
                id
            }
            Axis::Attribute => return None,
        };
        for predicate in step.predicates.iter().filter(|predicate| !predicate.is_positional) {
            self.condition(&predicate.expr, id)?;
        }
        if !step.axis.is_reverse() {
            self.positions(id, &step.predicates)?;
        }
        Some(Some(id))
    }

    /// The element around one: the one that is there, if it fits, or a new one.
    fn around(&mut self, id: usize, name: &str, test: &NodeTest) -> usize {
        if let Some(parent) = self.elements[id].parent
            && (self.elements[parent].name == name || *test == NodeTest::Node)
            && self.content != Some(parent)
        {
            return parent;
        }
        let outer = self.element(name, None);
        self.insert(outer, id, true);
        self.siblings(id).retain(|child| *child != Child::Element(id));
        self.elements[outer].children.push(Child::Element(id));
        self.elements[id].parent = Some(outer);
        outer
    }

    /// Puts as many like it before an element as its positions ask for.
    fn positions(&mut self, id: usize, predicates: &[Predicate]) -> Option<()> {
        for predicate in predicates.iter().filter(|predicate| predicate.is_positional) {
            let (before, after) = match &predicate.expr {
                Expr::Number(number) if *number >= 1.0 => (whole(*number) - 1, 0),
                Expr::Call(Function::Last, _) => (1, 0),
                Expr::Compare(Comparison::Greater, left, right) => match (&**left, &**right) {
                    (Expr::Call(Function::Position, _), Expr::Number(number)) => (whole(*number), 0),
                    _ => return None,
                },
                Expr::Arithmetic(super::ast::Arithmetic::Subtract, left, right) => match (&**left, &**right) {
                    (Expr::Call(Function::Last, _), Expr::Number(number)) => (0, whole(*number)),
                    _ => return None,
                },
                _ => return None,
            };
            for (count, is_after) in [(before, false), (after, true)] {
                if count > MAX_SIBLINGS {
                    return None;
                }
                for _ in 0..count {
                    let like = Element { children: Vec::new(), ..self.elements[id].clone() };
                    self.elements.push(like);
                    let sibling = self.elements.len() - 1;
                    self.insert(sibling, id, is_after);
                }
            }
        }
        Some(())
    }

    fn set(&mut self, id: usize, name: &str, value: &str) {
        let attributes = &mut self.elements[id].attributes;
        match attributes.iter_mut().find(|(other, _)| other == name) {
            Some((_, written)) if written.contains(value) => {}
            Some((_, written)) => *written = format!("{written} {value}"),
            None => attributes.push((name.to_owned(), value.to_owned())),
        }
    }

    fn condition(&mut self, expr: &Expr, id: usize) -> Option<()> {
        match expr {
            Expr::And(all) => all.iter().try_for_each(|expr| self.condition(expr, id)),
            Expr::Or(all) => all.iter().find_map(|expr| self.condition(expr, id)),
            Expr::Attribute(test) => {
                self.attribute(test, id);
                Some(())
            }
            // Nothing that was not asked for is there.
            Expr::Call(Function::Not, _) => Some(()),
            Expr::Path { .. } => self.place(expr, id, ""),
            Expr::Compare(Comparison::Equal, left, right) => match (&**left, &**right) {
                (place, Expr::Literal(text)) | (Expr::Literal(text), place) => self.place(place, id, text),
                _ => None,
            },
            Expr::Compare(Comparison::Unequal, place, _) => self.place(place, id, "other"),
            Expr::Call(Function::Contains | Function::StartsWith, arguments) => match arguments.as_slice() {
                [place, Expr::Literal(text)] => self.place(place, id, text),
                _ => None,
            },
            _ => None,
        }
    }

    fn attribute(&mut self, test: &Test, id: usize) {
        let value = if test.operator == Operator::Present { "x" } else { &*test.value };
        self.set(id, &test.name, value);
    }

    /// Makes a place that a condition looks at hold a text.
    fn place(&mut self, place: &Expr, id: usize, text: &str) -> Option<()> {
        match place {
            Expr::Path { from: Start::Here, steps } => {
                let is_self = |step: &Step| {
                    step.axis == Axis::SelfNode && step.test == NodeTest::Node && step.predicates.is_empty()
                };
                if let [step] = steps.as_slice()
                    && (is_self(step) || step.test == NodeTest::Text)
                {
                    self.elements[id].children.push(Child::Text(text.to_owned()));
                    return Some(());
                }
                let last_is_attribute = steps.last().is_some_and(|step| step.axis == Axis::Attribute);
                let text = if last_is_attribute && text.is_empty() { "x" } else { text };
                self.path(steps, Some(id), text).map(|_| ())
            }
            Expr::Call(Function::NormalizeSpace | Function::String, arguments) => {
                if let Some(inner) = arguments.first() {
                    return self.place(inner, id, text);
                }
                self.elements[id].children.push(Child::Text(text.to_owned()));
                Some(())
            }
            // The usual way to ask for a word.
            Expr::Call(Function::Concat, parts) => {
                let inner = parts.iter().find(|part| !matches!(part, Expr::Literal(_)))?;
                self.place(inner, id, text.trim())
            }
            _ => None,
        }
    }
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}
