//! CSS selectors, as far as rule files need them.
//!
//! Type, class, id and attribute selectors (`[a]`, `[a=v]`, `[a~=v]`, `[a^=v]`, `[a$=v]`, `[a*=v]`), compounds of them,
//! the descendant and child combinators, and lists (Selectors Level 4). Anything else is a [`SelectorError`].
//! Tag and attribute names match whatever their case; classes, ids and values match exactly.
//!
//! Elements that the standard inserts without a tag (`<html>`, `<body>`, `<tbody>`) are not there to be matched.

use crate::html::attributes::Attributes;
use crate::html::selector_parse;
use thiserror::Error;

/// A parsed selector list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    pub(super) alternatives: Vec<Complex>,
}

/// Compounds from the outermost ancestor to the element itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complex {
    pub(super) compounds: Vec<(Combinator, Compound)>,
}

/// How a compound relates to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combinator {
    /// The first compound: no relation.
    None,
    Descendant,
    Child,
}

/// Conditions on one element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Compound {
    pub(super) tag: Option<Box<str>>,
    pub(super) tests: Vec<Test>,
}

/// A condition on one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) name: Box<str>,
    pub(super) operator: Operator,
    pub(super) value: Box<str>,
}

/// How the attribute's value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Present,
    Equals,
    /// One of the words.
    Word,
    Prefix,
    Suffix,
    Substring,
}

/// Why a selector was refused. Offsets are in bytes from its start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectorError {
    /// Nothing stands where a selector has to be.
    #[error("byte {offset}: expected a tag, `.class`, `#id` or `[attribute]`")]
    Empty {
        /// Where it is missing.
        offset: usize,
    },
    /// A class, id or attribute without a name.
    #[error("byte {offset}: expected a name")]
    MissingName {
        /// Where it is missing.
        offset: usize,
    },
    /// CSS that is not supported here: `*`, `+`, `~`, `|`, pseudo-classes, the `i` flag.
    #[error("byte {offset}: `{found}` is not supported; use tags, .class, #id, [attribute], spaces, `>` and commas")]
    Unsupported {
        /// Where it stands.
        offset: usize,
        /// The character that is not supported.
        found: char,
    },
    /// An attribute selector that cannot be read, such as one with an unknown operator.
    #[error("byte {offset}: expected `]`, `=`, `~=`, `^=`, `$=` or `*=`")]
    BadAttribute {
        /// Where reading stopped.
        offset: usize,
    },
    /// A string or bracket that does not end.
    #[error("byte {offset}: `{open}` is never closed")]
    Unclosed {
        /// Where it opens.
        offset: usize,
        /// The bracket or quote.
        open: char,
    },
}

impl Selector {
    /// Parses a selector list such as `article .entry, #main > p`.
    ///
    /// # Errors
    /// A [`SelectorError`] that names what is wrong and where.
    pub fn parse(source: &str) -> Result<Self, SelectorError> {
        selector_parse::parse(source)
    }
}

impl Compound {
    /// Whether an element with this lower-case name and these attributes satisfies every condition.
    pub(super) fn matches(&self, name: &[u8], attributes: &Attributes) -> bool {
        self.tag.as_ref().is_none_or(|tag| tag.as_bytes() == name)
            && self.tests.iter().all(|test| attributes.get(&test.name).is_some_and(|value| test.holds(value)))
    }
}

impl Test {
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        let wanted = self.value.as_bytes();
        match self.operator {
            Operator::Present => true,
            Operator::Equals => value == wanted,
            Operator::Word => value.split(u8::is_ascii_whitespace).any(|word| word == wanted && !word.is_empty()),
            // An empty part matches nothing (Selectors 6.2).
            _ if wanted.is_empty() => false,
            Operator::Prefix => value.starts_with(wanted),
            Operator::Suffix => value.ends_with(wanted),
            Operator::Substring => memchr::memmem::find(value, wanted).is_some(),
        }
    }
}
