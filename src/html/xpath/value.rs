//! What expressions give, and how it is turned into strings and numbers (XPath 1.0, sections 3.4 and 4).

use std::borrow::Cow;

use crate::html::dom::NodeId;

/// A node, in the order of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// The document, an element or a text.
    Tree(NodeId),
    /// An attribute of an element, by its number.
    Attribute(NodeId, u32),
}

impl Node {
    /// Attributes stand behind their element and before what is in it.
    pub(super) fn order(self) -> (NodeId, u32) {
        match self {
            Self::Tree(id) => (id, 0),
            Self::Attribute(owner, number) => (owner, number + 1),
        }
    }
}

/// The value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'d> {
    /// In the order of the page, none twice.
    Nodes(Vec<Node>),
    Text(Cow<'d, str>),
    Number(f64),
    Truth(bool),
}

/// White space of XML.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// A string as a number: NaN when it is none.
pub(super) fn number(text: &str) -> f64 {
    let text = text.trim_matches(SPACE);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().any(|byte| byte.is_ascii_digit());
    if is_number { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// A number as a string: whole numbers without a point, and never with an exponent.
pub(super) fn written(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    // Minus zero is written as zero.
    format!("{}", number + 0.0)
}

/// Words with one space between them.
pub(super) fn normalized(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_matches(SPACE);
    let is_clean = |text: &str| !text.contains(['\t', '\r', '\n']) && !text.contains("  ");
    if is_clean(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    for word in trimmed.split(SPACE).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_says() {
        for (value, expected) in [
            (1.0, "1"),
            (-1.5, "-1.5"),
            (-0.0, "0"),
            (f64::NAN, "NaN"),
            (1e21, "1000000000000000000000"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(written(value), expected);
        }
    }

    #[test]
    fn strings_that_are_no_numbers_are_none() {
        assert_eq!((number(" 12 "), number("-1.5"), number(".5")), (12.0, -1.5, 0.5));
        for text in ["", "1e3", "+1", "inf", "nan", "1 2", "-"] {
            assert!(number(text).is_nan(), "{text}");
        }
    }
}
