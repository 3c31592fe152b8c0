//! The core function library (XPath 1.0, section 4).

use std::borrow::Cow;

use super::Exceeded;
use super::ast::{Expr, Function};
use super::eval::{Context, Evaluator};
use super::value::{Node, Value, normalized, number};
use crate::html::dom::Kind;

/// Shorter texts are searched as they are; longer ones that are a part of the page through the places of the string in it.
const LONG: usize = 256;

impl<'d> Evaluator<'d, '_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        arguments: &[Expr],
        context: Context,
    ) -> Result<Value<'d>, Exceeded> {
        Ok(match function {
            Function::Last => Value::Number(context.size as f64),
            Function::Position => Value::Number(context.position as f64),
            Function::True => Value::Truth(true),
            Function::False => Value::Truth(false),
            Function::Boolean | Function::Not => {
                let mut holds = false;
                for argument in arguments {
                    holds = self.holds(argument, context)?;
                }
                Value::Truth(holds == (function == Function::Boolean))
            }
            Function::Count => Value::Number(self.argument_nodes(arguments, context)?.len() as f64),
            Function::Sum => {
                let mut sum = 0.0;
                for node in self.argument_nodes(arguments, context)? {
                    let text = self.text_of(node)?;
                    self.look_at(text)?;
                    sum += number(text);
                }
                Value::Number(sum)
            }
            Function::Name | Function::LocalName => self.name(function, arguments, context)?,
            Function::Number | Function::Ceiling | Function::Floor | Function::Round => {
                let value = self.argument(arguments, 0, context)?;
                let number = self.number(&value)?;
                Value::Number(match function {
                    Function::Ceiling => number.ceil(),
                    Function::Floor => number.floor(),
                    Function::Round => (number + 0.5).floor(),
                    _ => number,
                })
            }
            Function::String => Value::Text(self.text_argument(arguments, 0, context)?),
            Function::StringLength => {
                let text = self.text_argument(arguments, 0, context)?;
                self.look_at(&text)?;
                Value::Number(text.chars().count() as f64)
            }
            Function::NormalizeSpace => {
                let text = self.text_argument(arguments, 0, context)?;
                self.look_at(&text)?;
                match text {
                    Cow::Borrowed(text) => Value::Text(normalized(text)),
                    Cow::Owned(text) => Value::Text(Cow::Owned(normalized(&text).into_owned())),
                }
            }
            Function::Concat => {
                let mut out = String::new();
                for at in 0..arguments.len() {
                    out.push_str(&self.text_argument(arguments, at, context)?);
                }
                self.made(out)?
            }
            Function::Contains | Function::StartsWith | Function::SubstringAfter | Function::SubstringBefore => {
                self.search(function, arguments, context)?
            }
            Function::Substring => self.substring(arguments, context)?,
            Function::Translate => self.translate(arguments, context)?,
        })
    }

    fn name(&mut self, function: Function, arguments: &[Expr], context: Context) -> Result<Value<'d>, Exceeded> {
        let node = match arguments {
            [] => Some(context.node),
            _ => self.argument_nodes(arguments, context)?.first().copied(),
        };
        let name = node.map_or("", |node| self.name_of(node));
        let local = name.rsplit(':').next().unwrap_or(name);
        self.made(if function == Function::Name { name } else { local }.to_owned())
    }

    /// An argument, or the context node where it is left out.
    fn argument(&mut self, arguments: &[Expr], at: usize, context: Context) -> Result<Value<'d>, Exceeded> {
        match arguments.get(at) {
            Some(argument) => self.value(argument, context),
            None => Ok(Value::Nodes(vec![context.node])),
        }
    }

    fn text_argument(&mut self, arguments: &[Expr], at: usize, context: Context) -> Result<Cow<'d, str>, Exceeded> {
        let value = self.argument(arguments, at, context)?;
        self.owned_text(value)
    }

    fn argument_nodes(&mut self, arguments: &[Expr], context: Context) -> Result<Vec<Node>, Exceeded> {
        Ok(if let Value::Nodes(nodes) = self.argument(arguments, 0, context)? { nodes } else { Vec::new() })
    }

    fn name_of(&self, node: Node) -> &'d str {
        let dom = self.dom;
        match node {
            Node::Tree(id) => match dom.node(id).map(|node| node.kind) {
                Some(Kind::Element(name)) => dom.name(name),
                _ => "",
            },
            Node::Attribute(_, number) => dom.attribute(number).map_or("", |attribute| dom.name(attribute.name)),
        }
    }

    fn search(&mut self, function: Function, arguments: &[Expr], context: Context) -> Result<Value<'d>, Exceeded> {
        let text = self.text_argument(arguments, 0, context)?;
        let wanted: Cow<'_, str> = match arguments.get(1) {
            Some(Expr::Literal(literal)) => Cow::Borrowed(literal),
            _ => self.text_argument(arguments, 1, context)?,
        };
        if function == Function::StartsWith {
            self.look_at(&wanted)?;
            return Ok(Value::Truth(text.starts_with(&*wanted)));
        }
        let found = self.find(&text, &wanted)?;
        if function == Function::Contains {
            return Ok(Value::Truth(found.is_some()));
        }
        let Some(at) = found else { return Ok(Value::Text(Cow::Borrowed(""))) };
        let range = if function == Function::SubstringBefore { 0..at } else { at + wanted.len()..text.len() };
        Ok(Value::Text(match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_owned()),
        }))
    }

    /// Where a string stands in a text. The texts of elements lie within each other: asking each of them anew would cost
    /// as much as the page is long and deep, so all places of the string are found once.
    fn find(&mut self, text: &str, wanted: &str) -> Result<Option<usize>, Exceeded> {
        let whole = self.dom.whole_text();
        // The text is a part of the page's when its bytes lie there.
        let start = (text.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
        if text.len() < LONG || wanted.is_empty() || start >= whole.len() || text.len() > whole.len() - start {
            self.budget.spend(text.len() / 8 + 1)?;
            return Ok(text.find(wanted));
        }
        if !self.places.contains_key(wanted) {
            self.look_at(whole)?;
            let places: Vec<u32> = whole.match_indices(wanted).map(|(at, _)| at as u32).collect();
            self.budget.spend(places.len())?;
            self.places.insert(wanted.to_owned(), places);
        }
        self.budget.spend(1)?;
        let places = self.places.get(wanted).map(Vec::as_slice).unwrap_or_default();
        let first = places.partition_point(|&at| (at as usize) < start);
        let found = places.get(first).map(|&at| at as usize - start).filter(|at| at + wanted.len() <= text.len());
        // Occurrences that overlap one before are not listed: `aa` stands in `aaa` twice.
        if found.is_none() && overlaps_itself(wanted) {
            self.budget.spend(text.len() / 8 + 1)?;
            return Ok(text.find(wanted));
        }
        Ok(found.map(|at| if overlaps_itself(wanted) { text.find(wanted).unwrap_or(at) } else { at }))
    }

    fn substring(&mut self, arguments: &[Expr], context: Context) -> Result<Value<'d>, Exceeded> {
        let text = self.text_argument(arguments, 0, context)?;
        self.look_at(&text)?;
        let value = self.argument(arguments, 1, context)?;
        let first = (self.number(&value)? + 0.5).floor();
        let end = match arguments.get(2) {
            Some(length) => {
                let length = self.value(length, context)?;
                first + (self.number(&length)? + 0.5).floor()
            }
            None => f64::INFINITY,
        };
        let inside = |at: usize| {
            let position = (at + 1) as f64;
            position >= first && position < end
        };
        self.made(text.chars().enumerate().filter(|(at, _)| inside(*at)).map(|(_, c)| c).collect())
    }

    fn translate(&mut self, arguments: &[Expr], context: Context) -> Result<Value<'d>, Exceeded> {
        let text = self.text_argument(arguments, 0, context)?;
        let from = self.text_argument(arguments, 1, context)?;
        let to = self.text_argument(arguments, 2, context)?;
        let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
        self.budget.spend(text.len().saturating_mul(from.len() / 8 + 1) / 8)?;
        let changed = text.chars().filter_map(|c| match from.iter().position(|&other| other == c) {
            Some(at) => to.get(at).copied(),
            None => Some(c),
        });
        let changed = changed.collect();
        self.made(changed)
    }
}

/// Whether a string may begin again before it has ended: its end is its beginning.
fn overlaps_itself(text: &str) -> bool {
    text.char_indices().skip(1).any(|(at, _)| text.starts_with(&text[at..]))
}
