//! Selectors made ready for matching: a compound is found through the id, class, name or attribute that it asks for, so
//! that the cost of an element hardly depends on how many selectors there are.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::html::attributes::Attributes;
use crate::html::page::measure::mix;
use crate::html::selector::{Combinator, Compound, Operator, Selector, Test};

/// What an element that matches is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Content,
    Remove,
}

/// One compound of one selector.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// How it relates to the part before it in the same list.
    pub(super) combinator: Combinator,
    pub(super) compound: Compound,
    /// For the last compound of a selector.
    pub(super) role: Option<Role>,
    /// Whose selector it is.
    pub(super) rule: u32,
}

/// A number of selectors.
#[derive(Debug, Clone, Default)]
pub(super) struct Compiled {
    parts: Vec<Part>,
    ids: Index,
    classes: Index,
    names: Index,
    attributes: Index,
    /// By name and how the value begins.
    beginnings: Index,
    any: Vec<u32>,
}

type Index = HashMap<Box<[u8]>, Vec<u32>, BuildHasherDefault<Mixed>>;

impl Compiled {
    /// Adds the selectors of a list.
    pub(super) fn add(&mut self, selector: &Selector, role: Role, owner: u32) {
        for complex in &selector.alternatives {
            let last = complex.compounds.len().saturating_sub(1);
            for (i, (combinator, compound)) in complex.compounds.iter().enumerate() {
                let number = self.parts.len() as u32;
                self.place(compound).push(number);
                let role = (i == last).then_some(role);
                self.parts.push(Part { combinator: *combinator, compound: compound.clone(), role, rule: owner });
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(super) fn part(&self, number: u32) -> Option<&Part> {
        self.parts.get(number as usize)
    }

    /// The attribute names that the selectors ask for.
    pub(super) fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| &part.compound.tests).map(|test| &*test.name)
    }

    /// The parts that an element may satisfy, into `out`.
    pub(super) fn candidates(&self, name: &[u8], attributes: &Attributes, out: &mut Vec<u32>) {
        out.extend_from_slice(&self.any);
        let mut take = |index: &Index, key: &[u8]| {
            if let Some(found) = index.get(key) {
                out.extend_from_slice(found);
            }
        };
        if !self.names.is_empty() {
            take(&self.names, name);
        }
        if !self.ids.is_empty()
            && let Some(id) = attributes.get("id")
        {
            take(&self.ids, id);
        }
        if !self.classes.is_empty()
            && let Some(classes) = attributes.get("class")
        {
            for class in classes.split(u8::is_ascii_whitespace).filter(|class| !class.is_empty()) {
                take(&self.classes, class);
            }
        }
        for (name, value) in attributes.pairs() {
            if !self.attributes.is_empty() {
                take(&self.attributes, name);
            }
            if !self.beginnings.is_empty() {
                for length in BEGINNINGS {
                    if let Some(key) = value.get(..length).and_then(|start| beginning(name, start)) {
                        take(&self.beginnings, &key[..name.len() + 1 + length]);
                    }
                }
            }
        }
        // A class written twice proposes its parts twice.
        out.sort_unstable();
        out.dedup();
    }

    /// Where a compound is found: under the rarest thing it asks for.
    fn place(&mut self, compound: &Compound) -> &mut Vec<u32> {
        let key = |wanted: &str, operator: Operator| -> Option<Box<[u8]>> {
            let test = compound.tests.iter().find(|test| &*test.name == wanted && test.operator == operator)?;
            (!test.value.is_empty()).then(|| test.value.as_bytes().into())
        };
        if let Some(id) = key("id", Operator::Equals) {
            return self.ids.entry(id).or_default();
        }
        if let Some(class) = key("class", Operator::Word) {
            return self.classes.entry(class).or_default();
        }
        let begins = |test: &&Test| matches!(test.operator, Operator::Prefix | Operator::Equals);
        for test in compound.tests.iter().filter(begins) {
            for length in BEGINNINGS {
                if let Some(start) = test.value.as_bytes().get(..length)
                    && let Some(key) = beginning(test.name.as_bytes(), start)
                {
                    let key = key[..test.name.len() + 1 + length].into();
                    return self.beginnings.entry(key).or_default();
                }
            }
        }
        if let Some(test) = compound.tests.first() {
            return self.attributes.entry(test.name.as_bytes().into()).or_default();
        }
        match &compound.tag {
            Some(tag) => self.names.entry(tag.as_bytes().into()).or_default(),
            None => &mut self.any,
        }
    }
}

/// How much of a value's beginning is looked up, in bytes, the longest first.
const BEGINNINGS: [usize; 3] = [24, 10, 4];
/// No longer names are looked up with their values.
const MAX_NAME: usize = 39;

/// A name and how its value begins, as a key, without memory of its own.
fn beginning(name: &[u8], start: &[u8]) -> Option<[u8; 64]> {
    let mut key = [0; 64];
    if name.len() > MAX_NAME {
        return None;
    }
    key[..name.len()].copy_from_slice(name);
    key[name.len() + 1..=name.len() + start.len()].copy_from_slice(start);
    Some(key)
}

/// A quick hash. Pages only ask; what is stored comes from rules and lists, so nobody gains by colliding.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Mixed(u64);

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = mix(self.0, u64::from_le_bytes(word));
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = mix(self.0, number as u64);
    }

    fn finish(&self) -> u64 {
        // The upper bits are mixed best, and tables look at both ends.
        self.0 ^ (self.0 >> 29)
    }
}
