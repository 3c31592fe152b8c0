//! Evaluation: paths and operators (XPath 1.0, sections 2 and 3).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::ast::{Arithmetic, Axis, Comparison, Expr, NodeTest, Predicate, Start, Step};
use super::value::{Node, Value, number, written};
use super::{Budget, Exceeded};
use crate::html::dom::Dom;

/// Evaluates expressions on one page.
pub(super) struct Evaluator<'d, 'b> {
    pub(super) dom: &'d Dom,
    pub(super) budget: &'b mut Budget,
    /// Where in the page's text a string stands, once somebody has asked.
    pub(super) places: HashMap<String, Vec<u32>>,
}

/// What an expression is evaluated for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) node: Node,
    /// Counted from 1.
    pub(super) position: usize,
    pub(super) size: usize,
}

/// No expression has more values of its own than this, in bytes.
const MAX_TEXT: usize = 1 << 20;

impl<'d, 'b> Evaluator<'d, 'b> {
    pub(super) fn new(dom: &'d Dom, budget: &'b mut Budget) -> Self {
        Self { dom, budget, places: HashMap::new() }
    }

    /// The value of an expression for the page as a whole.
    pub(super) fn whole(&mut self, expr: &Expr) -> Result<Value<'d>, Exceeded> {
        self.value(expr, Context { node: Node::Tree(0), position: 1, size: 1 })
    }

    pub(super) fn value(&mut self, expr: &Expr, context: Context) -> Result<Value<'d>, Exceeded> {
        self.budget.spend(1)?;
        Ok(match expr {
            Expr::Or(all) => {
                for expr in all {
                    if self.holds(expr, context)? {
                        return Ok(Value::Truth(true));
                    }
                }
                Value::Truth(false)
            }
            Expr::And(all) => {
                for expr in all {
                    if !self.holds(expr, context)? {
                        return Ok(Value::Truth(false));
                    }
                }
                Value::Truth(true)
            }
            Expr::Compare(comparison, left, right) => {
                let (left, right) = (self.value(left, context)?, self.value(right, context)?);
                Value::Truth(self.compare(*comparison, &left, &right)?)
            }
            Expr::Arithmetic(operator, left, right) => {
                let (left, right) = (self.value(left, context)?, self.value(right, context)?);
                let (left, right) = (self.number(&left)?, self.number(&right)?);
                Value::Number(match operator {
                    Arithmetic::Add => left + right,
                    Arithmetic::Subtract => left - right,
                    Arithmetic::Multiply => left * right,
                    Arithmetic::Divide => left / right,
                    Arithmetic::Modulo => left % right,
                })
            }
            Expr::Negate(inner) => {
                let inner = self.value(inner, context)?;
                Value::Number(-self.number(&inner)?)
            }
            Expr::Union(all) => {
                let mut nodes = Vec::new();
                for expr in all {
                    nodes.extend(self.nodes(expr, context)?);
                }
                Value::Nodes(in_order(nodes))
            }
            Expr::Path { from, steps } => self.path(from, steps, context)?,
            Expr::Literal(text) => Value::Text(Cow::Owned(text.to_string())),
            Expr::Number(number) => Value::Number(*number),
            Expr::Call(function, arguments) => self.call(*function, arguments, context)?,
            Expr::Attribute(test) => Value::Truth(match context.node {
                Node::Tree(id) => self.dom.value_of(id, &test.name).is_some_and(|value| test.holds(value.as_bytes())),
                Node::Attribute(..) => false,
            }),
        })
    }

    /// The nodes that an expression gives; none if it gives something else.
    fn nodes(&mut self, expr: &Expr, context: Context) -> Result<Vec<Node>, Exceeded> {
        Ok(if let Value::Nodes(nodes) = self.value(expr, context)? { nodes } else { Vec::new() })
    }

    /// The value as a truth.
    pub(super) fn holds(&mut self, expr: &Expr, context: Context) -> Result<bool, Exceeded> {
        Ok(truth(&self.value(expr, context)?))
    }

    fn path(&mut self, from: &Start, steps: &[Step], context: Context) -> Result<Value<'d>, Exceeded> {
        let mut nodes = match from {
            Start::Root => vec![Node::Tree(0)],
            Start::Here => vec![context.node],
            Start::At(base, predicates) => {
                if predicates.is_empty() && steps.is_empty() {
                    return self.value(base, context);
                }
                let mut nodes = self.nodes(base, context)?;
                for predicate in predicates {
                    nodes = self.filter(nodes, predicate)?;
                }
                nodes
            }
        };
        let mut rest = steps;
        while let [step, further @ ..] = rest {
            rest = further;
            let mut axis = step.axis;
            let mut step = step;
            // `//name` looks below once, unless positions count among the children of each node.
            if let [next, further @ ..] = rest
                && axis == Axis::DescendantOrSelf
                && step.test == NodeTest::Node
                && step.predicates.is_empty()
                && next.axis == Axis::Child
                && !next.predicates.iter().any(|predicate| predicate.is_positional)
            {
                (axis, step, rest) = (Axis::Descendant, next, further);
            }
            nodes = self.step(&nodes, axis, step)?;
            if nodes.is_empty() {
                break;
            }
        }
        Ok(Value::Nodes(nodes))
    }

    fn step(&mut self, from: &[Node], axis: Axis, step: &Step) -> Result<Vec<Node>, Exceeded> {
        let positional = step.predicates.iter().any(|predicate| predicate.is_positional);
        if !positional {
            let mut nodes = in_order(self.around(from, axis, &step.test, usize::MAX)?);
            for predicate in &step.predicates {
                nodes = self.filter(nodes, predicate)?;
            }
            return Ok(nodes);
        }
        let most = match step.predicates.first().map(|predicate| &predicate.expr) {
            Some(Expr::Number(number)) if *number >= 1.0 => whole(*number),
            _ => usize::MAX,
        };
        let mut out = Vec::new();
        for &node in from {
            let mut nodes = in_order(self.around(&[node], axis, &step.test, most)?);
            if axis.is_reverse() {
                nodes.reverse();
            }
            for predicate in &step.predicates {
                nodes = self.filter(nodes, predicate)?;
            }
            out.extend(nodes);
        }
        Ok(in_order(out))
    }

    /// The nodes for which a predicate holds, positions counted in their order here.
    fn filter(&mut self, nodes: Vec<Node>, predicate: &Predicate) -> Result<Vec<Node>, Exceeded> {
        let size = nodes.len();
        let mut kept = Vec::new();
        for (at, node) in nodes.into_iter().enumerate() {
            let context = Context { node, position: at + 1, size };
            let holds = match &predicate.expr {
                Expr::Number(number) => is_at(at, *number),
                expr if predicate.is_positional => match self.value(expr, context)? {
                    Value::Number(number) => is_at(at, number),
                    value => truth(&value),
                },
                expr => self.holds(expr, context)?,
            };
            if holds {
                kept.push(node);
            }
        }
        Ok(kept)
    }

    /// The text of a node (XPath 1.0, section 5).
    pub(super) fn text_of(&mut self, node: Node) -> Result<&'d str, Exceeded> {
        let dom = self.dom;
        self.budget.spend(1)?;
        Ok(match node {
            Node::Tree(id) => dom.text(id),
            Node::Attribute(_, number) => dom.attribute(number).map_or("", |attribute| dom.value(attribute)),
        })
    }

    /// The value as a string.
    pub(super) fn string<'v>(&mut self, value: &'v Value<'d>) -> Result<Cow<'v, str>, Exceeded> {
        Ok(match value {
            Value::Nodes(nodes) => Cow::Borrowed(match nodes.first() {
                Some(&node) => self.text_of(node)?,
                None => "",
            }),
            Value::Text(text) => Cow::Borrowed(text),
            Value::Number(number) => Cow::Owned(written(*number)),
            Value::Truth(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        })
    }

    /// The value as a string that lasts as long as the page, where it is a part of it.
    pub(super) fn owned_text(&mut self, value: Value<'d>) -> Result<Cow<'d, str>, Exceeded> {
        Ok(match value {
            Value::Nodes(nodes) => Cow::Borrowed(match nodes.first() {
                Some(&node) => self.text_of(node)?,
                None => "",
            }),
            Value::Text(text) => text,
            Value::Number(number) => Cow::Owned(written(number)),
            Value::Truth(truth) => Cow::Borrowed(if truth { "true" } else { "false" }),
        })
    }

    /// The value as a number.
    pub(super) fn number(&mut self, value: &Value<'d>) -> Result<f64, Exceeded> {
        Ok(match value {
            Value::Number(number) => *number,
            Value::Truth(truth) => f64::from(u8::from(*truth)),
            _ => number(&self.string(value)?),
        })
    }

    /// Counts a text that is looked at or made, and refuses one that no page has a use for.
    pub(super) fn look_at(&mut self, text: &str) -> Result<(), Exceeded> {
        self.budget.spend(text.len() / 8 + 1)
    }

    /// The same for a text that an expression makes.
    pub(super) fn made(&mut self, text: String) -> Result<Value<'d>, Exceeded> {
        self.look_at(&text)?;
        if text.len() > MAX_TEXT { Err(Exceeded) } else { Ok(Value::Text(Cow::Owned(text))) }
    }

    fn compare(&mut self, how: Comparison, left: &Value<'d>, right: &Value<'d>) -> Result<bool, Exceeded> {
        match (left, right) {
            (Value::Nodes(a), Value::Nodes(b)) => self.compare_sets(how, a, b),
            (Value::Nodes(nodes), other) => self.compare_each(how, nodes, other),
            (other, Value::Nodes(nodes)) => self.compare_each(turned(how), nodes, other),
            (Value::Truth(_), _) | (_, Value::Truth(_)) if is_equality(how) => {
                let same = truth(left) == truth(right);
                Ok(same == (how == Comparison::Equal))
            }
            (Value::Number(_), _) | (_, Value::Number(_)) => {
                let (a, b) = (self.number(left)?, self.number(right)?);
                Ok(ordered(how, a, b))
            }
            _ if is_equality(how) => {
                let (a, b) = (self.string(left)?, self.string(right)?);
                self.look_at(&a)?;
                Ok((a == b) == (how == Comparison::Equal))
            }
            _ => {
                let (a, b) = (self.number(left)?, self.number(right)?);
                Ok(ordered(how, a, b))
            }
        }
    }

    /// Whether the comparison holds for any of the nodes.
    fn compare_each(&mut self, how: Comparison, nodes: &[Node], other: &Value<'d>) -> Result<bool, Exceeded> {
        if matches!(other, Value::Truth(_)) {
            let (a, b) = (u8::from(!nodes.is_empty()), u8::from(truth(other)));
            return Ok(ordered(how, f64::from(a), f64::from(b)));
        }
        for &node in nodes {
            let text = self.text_of(node)?;
            let holds = match other {
                Value::Text(wanted) if is_equality(how) => {
                    self.budget.spend(wanted.len() / 8)?;
                    (text == *wanted) == (how == Comparison::Equal)
                }
                _ => {
                    self.look_at(text)?;
                    let wanted = self.number(other)?;
                    ordered(how, number(text), wanted)
                }
            };
            if holds {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the comparison holds for any node of the one set with any of the other.
    fn compare_sets(&mut self, how: Comparison, a: &[Node], b: &[Node]) -> Result<bool, Exceeded> {
        let mut texts = Vec::with_capacity(b.len());
        for &node in b {
            let text = self.text_of(node)?;
            self.look_at(text)?;
            texts.push(text);
        }
        let distinct: HashSet<&str> = texts.iter().copied().collect();
        let numbers = || texts.iter().map(|text| number(text)).filter(|number| !number.is_nan());
        let (least, most) = (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
        for &node in a {
            let text = self.text_of(node)?;
            self.look_at(text)?;
            let holds = match how {
                Comparison::Equal => distinct.contains(text),
                Comparison::Unequal => distinct.len() > 1 || distinct.iter().any(|other| *other != text),
                Comparison::Less | Comparison::LessOrEqual => ordered(how, number(text), most),
                Comparison::Greater | Comparison::GreaterOrEqual => ordered(how, number(text), least),
            };
            if holds && !texts.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The value as a truth.
fn truth(value: &Value<'_>) -> bool {
    match value {
        Value::Nodes(nodes) => !nodes.is_empty(),
        Value::Text(text) => !text.is_empty(),
        Value::Number(number) => *number != 0.0 && !number.is_nan(),
        Value::Truth(truth) => *truth,
    }
}

/// Whether the node with so many before it is the one at a position.
#[allow(clippy::float_cmp)] // positions are whole numbers
fn is_at(before: usize, position: f64) -> bool {
    (before + 1) as f64 == position
}

/// The whole part of a number that is not negative.
#[allow(clippy::cast_sign_loss)]
pub(super) fn whole(number: f64) -> usize {
    number.max(0.0) as usize
}

fn is_equality(how: Comparison) -> bool {
    matches!(how, Comparison::Equal | Comparison::Unequal)
}

/// The comparison with its sides exchanged.
fn turned(how: Comparison) -> Comparison {
    match how {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::Unequal => how,
    }
}

#[allow(clippy::float_cmp)] // XPath compares numbers exactly
fn ordered(how: Comparison, a: f64, b: f64) -> bool {
    match how {
        Comparison::Equal => a == b,
        Comparison::Unequal => a != b,
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
        Comparison::Greater => a > b,
        Comparison::GreaterOrEqual => a >= b,
    }
}

/// Nodes in the order of the page, none twice.
fn in_order(mut nodes: Vec<Node>) -> Vec<Node> {
    if !nodes.is_sorted_by_key(|node| node.order()) {
        nodes.sort_unstable_by_key(|node| node.order());
    }
    nodes.dedup();
    nodes
}
