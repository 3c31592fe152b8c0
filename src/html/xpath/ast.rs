//! What an XPath expression says, as a tree.

use crate::html::selector::Test;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::html) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    Union(Vec<Expr>),
    Path {
        from: Start,
        steps: Vec<Step>,
    },
    Literal(Box<str>),
    Number(f64),
    Call(Function, Vec<Expr>),
    /// A condition of a CSS selector on an attribute of the context node.
    Attribute(Test),
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::html) enum Start {
    /// At the document.
    Root,
    /// At the context node.
    Here,
    /// At the nodes of an expression, filtered: `(…)[1]/…`.
    At(Box<Expr>, Vec<Predicate>),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::html) struct Step {
    pub(in crate::html) axis: Axis,
    pub(in crate::html) test: NodeTest,
    pub(in crate::html) predicates: Vec<Predicate>,
}

/// What stands in brackets.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::html) struct Predicate {
    pub(in crate::html) expr: Expr,
    /// It asks where the node stands among those of its step: `[2]`, `[last()]`, `[position() > 1]`.
    pub(in crate::html) is_positional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) enum Axis {
    Ancestor,
    AncestorOrSelf,
    Attribute,
    Child,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Parent,
    Preceding,
    PrecedingSibling,
    SelfNode,
}

impl Axis {
    const NAMES: [(&'static str, Self); 12] = [
        ("ancestor", Self::Ancestor),
        ("ancestor-or-self", Self::AncestorOrSelf),
        ("attribute", Self::Attribute),
        ("child", Self::Child),
        ("descendant", Self::Descendant),
        ("descendant-or-self", Self::DescendantOrSelf),
        ("following", Self::Following),
        ("following-sibling", Self::FollowingSibling),
        ("parent", Self::Parent),
        ("preceding", Self::Preceding),
        ("preceding-sibling", Self::PrecedingSibling),
        ("self", Self::SelfNode),
    ];

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, axis)| *axis)
    }

    /// Whether positions count backwards along it.
    pub(super) fn is_reverse(self) -> bool {
        matches!(self, Self::Ancestor | Self::AncestorOrSelf | Self::Parent | Self::Preceding | Self::PrecedingSibling)
    }
}

/// Which nodes of an axis a step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::html) enum NodeTest {
    /// Elements (attributes, on their axis) of this lower-case name.
    Name(Box<str>),
    /// Any element (attribute, on its axis).
    Any,
    Node,
    Text,
    Comment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// The functions of XPath 1.0 that a page can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::html) enum Function {
    Boolean,
    Ceiling,
    Concat,
    Contains,
    Count,
    False,
    Floor,
    Last,
    LocalName,
    Name,
    NormalizeSpace,
    Not,
    Number,
    Position,
    Round,
    StartsWith,
    String,
    StringLength,
    Substring,
    SubstringAfter,
    SubstringBefore,
    Sum,
    Translate,
    True,
}

impl Function {
    /// Name, and the least and most arguments.
    const ALL: [(&'static str, Self, usize, usize); 24] = [
        ("boolean", Self::Boolean, 1, 1),
        ("ceiling", Self::Ceiling, 1, 1),
        ("concat", Self::Concat, 2, usize::MAX),
        ("contains", Self::Contains, 2, 2),
        ("count", Self::Count, 1, 1),
        ("false", Self::False, 0, 0),
        ("floor", Self::Floor, 1, 1),
        ("last", Self::Last, 0, 0),
        ("local-name", Self::LocalName, 0, 1),
        ("name", Self::Name, 0, 1),
        ("normalize-space", Self::NormalizeSpace, 0, 1),
        ("not", Self::Not, 1, 1),
        ("number", Self::Number, 0, 1),
        ("position", Self::Position, 0, 0),
        ("round", Self::Round, 1, 1),
        ("starts-with", Self::StartsWith, 2, 2),
        ("string", Self::String, 0, 1),
        ("string-length", Self::StringLength, 0, 1),
        ("substring", Self::Substring, 2, 3),
        ("substring-after", Self::SubstringAfter, 2, 2),
        ("substring-before", Self::SubstringBefore, 2, 2),
        ("sum", Self::Sum, 1, 1),
        ("translate", Self::Translate, 3, 3),
        ("true", Self::True, 0, 0),
    ];

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, function, ..)| *function)
    }

    /// Its name, and the least and most arguments it takes.
    pub(super) fn signature(self) -> (&'static str, usize, usize) {
        let found = Self::ALL.iter().find(|(_, function, ..)| *function == self);
        found.map_or(("", 0, 0), |(name, _, least, most)| (name, *least, *most))
    }
}

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Nodes of the page.
    Nodes,
    /// A string.
    Text,
    /// A number.
    Number,
    /// True or false.
    Truth,
}

impl Expr {
    /// What it gives, whatever the page.
    pub(in crate::html) fn gives(&self) -> Gives {
        match self {
            // `("text")` is written as a path from an expression without steps.
            Self::Path { from: Start::At(base, predicates), steps } if steps.is_empty() && predicates.is_empty() => {
                base.gives()
            }
            Self::Path { .. } | Self::Union(_) => Gives::Nodes,
            Self::Literal(_) => Gives::Text,
            Self::Number(_) | Self::Arithmetic(..) | Self::Negate(_) => Gives::Number,
            Self::Or(_) | Self::And(_) | Self::Compare(..) | Self::Attribute(_) => Gives::Truth,
            Self::Call(function, _) => match function {
                Function::Concat
                | Function::LocalName
                | Function::Name
                | Function::NormalizeSpace
                | Function::String
                | Function::Substring
                | Function::SubstringAfter
                | Function::SubstringBefore
                | Function::Translate => Gives::Text,
                Function::Ceiling
                | Function::Count
                | Function::Floor
                | Function::Last
                | Function::Number
                | Function::Position
                | Function::Round
                | Function::StringLength
                | Function::Sum => Gives::Number,
                Function::Boolean
                | Function::Contains
                | Function::False
                | Function::Not
                | Function::StartsWith
                | Function::True => Gives::Truth,
            },
        }
    }

    /// The expressions directly in it, those in brackets aside.
    fn operands(&self) -> Vec<&Self> {
        match self {
            Self::Or(all) | Self::And(all) | Self::Union(all) | Self::Call(_, all) => all.iter().collect(),
            Self::Compare(_, a, b) | Self::Arithmetic(_, a, b) => vec![a, b],
            Self::Negate(a) => vec![a],
            Self::Path { from: Start::At(base, _), .. } => vec![base],
            Self::Path { .. } | Self::Literal(_) | Self::Number(_) | Self::Attribute(_) => Vec::new(),
        }
    }

    /// Whether its outcome depends on where the context node stands.
    pub(super) fn asks_position(&self) -> bool {
        matches!(self, Self::Call(Function::Position | Function::Last, _))
            || self.operands().into_iter().any(Self::asks_position)
    }

    /// Every expression in it, itself and those in brackets included.
    pub(in crate::html) fn each<'e>(&'e self, see: &mut impl FnMut(&'e Self)) {
        see(self);
        for operand in self.operands() {
            operand.each(see);
        }
        if let Self::Path { from, steps } = self {
            let first = if let Start::At(_, predicates) = from { predicates.as_slice() } else { &[] };
            for predicate in first.iter().chain(steps.iter().flat_map(|step| &step.predicates)) {
                predicate.expr.each(see);
            }
        }
    }
}
