//! The values of a step's parameters, already checked against its documentation.

use std::collections::BTreeMap;

use super::pattern::Pattern;

/// A checked value.
#[derive(Debug)]
pub enum Value {
    /// A string or one of the words of a choice.
    Text(String),
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Count(usize),
    /// A compiled pattern.
    Pattern(Pattern),
}

/// The parameters of one step by name. Missing ones take the default their documentation names.
#[derive(Debug, Default)]
pub struct Params {
    values: BTreeMap<&'static str, Value>,
}

impl Params {
    /// No parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value.
    pub fn set(&mut self, name: &'static str, value: Value) {
        self.values.insert(name, value);
    }

    /// Takes a pattern out; `None` when it was not given.
    pub fn pattern(&mut self, name: &str) -> Option<Pattern> {
        match self.values.remove(name) {
            Some(Value::Pattern(pattern)) => Some(pattern),
            _ => None,
        }
    }

    /// A truth value, `false` unless given.
    #[must_use]
    pub fn bool(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(Value::Bool(true)))
    }

    /// A whole number.
    #[must_use]
    pub fn count(&self, name: &str, default: usize) -> usize {
        match self.values.get(name) {
            Some(Value::Count(count)) => *count,
            _ => default,
        }
    }

    /// A string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}
