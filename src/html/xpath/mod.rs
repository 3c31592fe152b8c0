//! XPath 1.0 over a page, within a budget of work.
//!
//! Site files for other readers are written in XPath, which asks for more than CSS: texts, siblings, ancestors, positions
//! in the whole page, parts of strings. Expressions are evaluated a whole set of nodes at a time, so that an axis costs
//! what the page is long and not what its nodes multiply to; what stands in brackets is asked of each node. Every look
//! at a node or a stretch of text is counted, and over the budget the evaluation ends ([`Exceeded`]).
//!
//! Names match whatever their case. There are no variables, namespaces, comments, attributes without a name, nor the
//! functions `id()`, `lang()` and `namespace-uri()`.
//!
//! | file | idea |
//! |---|---|
//! | `ast`, `parse` | expressions |
//! | `value` | what expressions give, and how it is compared |
//! | `axes` | from nodes to the nodes around them |
//! | `eval`, `functions` | evaluation |
//! | `css` | CSS selectors as expressions, and expressions as CSS selectors |
//! | `sample` | a made-up page that an expression matches |

pub(in crate::html) mod ast;
mod axes;
mod css;
mod eval;
mod functions;
mod parse;
mod sample;
mod value;

use std::str::FromStr;

pub use ast::Gives;
pub use parse::{MAX_NESTING, MAX_PARTS, MAX_SOURCE, XPathError};
pub use sample::{Sample, Under};

use super::dom::Dom;
use super::guard::Limits;
use super::selector::Selector;
use ast::{Axis, Expr, NodeTest, Start};
use eval::Evaluator;
use value::{Node, Value};

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct XPath {
    expr: Expr,
}

/// Matching rules on a page would cost more than its budget allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded;

/// How much may be looked at: nodes, and stretches of eight bytes of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    left: u64,
}

impl Budget {
    /// A budget of so many looks.
    #[must_use]
    pub fn new(looks: u64) -> Self {
        Self { left: looks }
    }

    pub(super) fn spend(&mut self, looks: usize) -> Result<(), Exceeded> {
        self.left = self.left.checked_sub(looks as u64).ok_or(Exceeded)?;
        Ok(())
    }
}

/// Where the nodes that an expression gave stand in the source: where the tag ends that an element begins with, or that
/// stands before a text. Sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spots {
    pub(super) elements: Vec<u32>,
    pub(super) texts: Vec<u32>,
}

impl FromStr for XPath {
    type Err = XPathError;

    fn from_str(source: &str) -> Result<Self, XPathError> {
        Ok(Self { expr: parse::parse(source)? })
    }
}

impl XPath {
    /// The elements that a CSS selector means; with a name, that attribute of theirs.
    #[must_use]
    pub fn from_css(selector: &Selector, attribute: Option<&str>) -> Self {
        Self { expr: css::from_css(selector, attribute) }
    }

    /// A CSS selector that means the same elements, where there is one.
    #[must_use]
    pub fn to_css(&self) -> Option<String> {
        css::to_css(&self.expr)
    }

    /// A CSS selector and the attribute of its elements that this gives; without one, it gives the elements.
    #[must_use]
    pub fn to_css_value(&self) -> Option<(String, Option<String>)> {
        css::to_css_value(&self.expr)
    }

    /// What it gives, whatever the page.
    #[must_use]
    pub fn gives(&self) -> Gives {
        self.expr.gives()
    }

    /// Whether all it can give are attributes, which are no part of a page's text.
    #[must_use]
    pub fn gives_attributes(&self) -> bool {
        fn of(expr: &Expr) -> bool {
            match expr {
                Expr::Union(all) => all.iter().all(of),
                Expr::Path { from, steps } => match (steps.last(), from) {
                    (Some(step), _) => step.axis == Axis::Attribute,
                    (None, Start::At(base, _)) => of(base),
                    (None, _) => false,
                },
                _ => false,
            }
        }
        of(&self.expr)
    }

    /// What it gives on a page: the text of each of the first 64 nodes, or the one string, number or truth.
    ///
    /// # Errors
    /// [`Exceeded`] when that costs more than the budget.
    pub fn texts_on(&self, source: &str, limits: &Limits, budget: &mut Budget) -> Result<Vec<String>, Exceeded> {
        let mut names = Vec::new();
        self.attribute_names(&mut names);
        self.texts(&Dom::read(source, names, limits), budget)
    }

    /// The string that it is, if it is one.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match &self.expr {
            Expr::Literal(text) => Some(text),
            Expr::Call(ast::Function::String, arguments) => match arguments.as_slice() {
                [Expr::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The attributes that it looks at.
    pub(super) fn attribute_names(&self, out: &mut Vec<Box<str>>) {
        self.expr.each(&mut |expr| match expr {
            Expr::Attribute(test) => out.push(test.name.clone()),
            Expr::Path { steps, .. } => out.extend(steps.iter().filter_map(|step| match &step.test {
                NodeTest::Name(name) if step.axis == Axis::Attribute => Some(name.clone()),
                _ => None,
            })),
            _ => {}
        });
    }

    /// The elements and texts that it gives.
    pub(super) fn spots(&self, dom: &Dom, budget: &mut Budget) -> Result<Spots, Exceeded> {
        let mut spots = Spots::default();
        let Value::Nodes(nodes) = Evaluator::new(dom, budget).whole(&self.expr)? else { return Ok(spots) };
        for node in nodes {
            let Node::Tree(id) = node else { continue };
            let Some(node) = dom.node(id) else { continue };
            match node.kind {
                super::dom::Kind::Text => spots.texts.push(node.source),
                _ => spots.elements.push(node.source),
            }
        }
        spots.elements.sort_unstable();
        spots.texts.sort_unstable();
        Ok(spots)
    }

    /// The texts that it gives: of each node, or the one string.
    pub(super) fn texts(&self, dom: &Dom, budget: &mut Budget) -> Result<Vec<String>, Exceeded> {
        let mut evaluator = Evaluator::new(dom, budget);
        Ok(match evaluator.whole(&self.expr)? {
            Value::Nodes(nodes) => {
                let mut texts = Vec::new();
                // Nobody has more authors than this.
                for node in nodes.into_iter().take(64) {
                    texts.push(evaluator.text_of(node)?.to_owned());
                }
                texts
            }
            value => vec![evaluator.string(&value)?.into_owned()],
        })
    }
}
