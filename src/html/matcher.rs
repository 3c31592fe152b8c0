//! Matches selectors against the open elements, one start tag at a time.
//!
//! Every compound of every selector is a bit. An element's row of bits says which compounds it completes, counting
//! from the outermost, and which some ancestor does; a child is decided from its parent's row alone.

use crate::html::attributes::Attributes;
use crate::html::selector::{Combinator, Compound, Selector};

/// What an element was chosen for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) content: bool,
    pub(super) remove: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Content,
    Remove,
}

struct Part<'a> {
    combinator: Combinator,
    compound: &'a Compound,
    /// For the last compound of a selector.
    role: Option<Role>,
}

/// The selectors of a site, and a row of bits per open element.
pub(super) struct Matcher<'a> {
    parts: Vec<Part<'a>>,
    /// Per depth `2 * words`: the compounds the element completes, then those it or an ancestor does.
    rows: Vec<u64>,
    words: usize,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(content: &'a [Selector], remove: &'a [Selector]) -> Self {
        let mut parts = Vec::new();
        for (selectors, role) in [(content, Role::Content), (remove, Role::Remove)] {
            for complex in selectors.iter().flat_map(|selector| &selector.alternatives) {
                let last = complex.compounds.len().saturating_sub(1);
                for (i, (combinator, compound)) in complex.compounds.iter().enumerate() {
                    let role = (i == last).then_some(role);
                    parts.push(Part { combinator: *combinator, compound, role });
                }
            }
        }
        let words = parts.len().div_ceil(64);
        Self { parts, rows: Vec::new(), words }
    }

    /// The attribute names the selectors ask for.
    pub(super) fn attribute_names(&self) -> Vec<Box<str>> {
        let tests = self.parts.iter().flat_map(|part| &part.compound.tests);
        let mut names: Vec<Box<str>> = tests.map(|test| test.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What an element below `depth` open ones is chosen for. Its row replaces any other of that depth.
    pub(super) fn choose(&mut self, depth: usize, name: &[u8], attributes: &Attributes) -> Chosen {
        let mut chosen = Chosen::default();
        if self.parts.is_empty() {
            return chosen;
        }
        let width = 2 * self.words;
        let row = depth * width;
        if self.rows.len() < row + width {
            self.rows.resize(row + width, 0);
        }
        let (parents, own) = self.rows.split_at_mut(row);
        let parent = &parents[row.saturating_sub(width)..];
        let (completes, reached) = own[..width].split_at_mut(self.words);
        completes.fill(0);
        for (i, part) in self.parts.iter().enumerate() {
            let ready = match part.combinator {
                Combinator::None => true,
                Combinator::Child => is_set(parent, i - 1),
                Combinator::Descendant => is_set(parent.get(self.words..).unwrap_or_default(), i - 1),
            };
            if ready && part.compound.matches(name, attributes) {
                completes[i / 64] |= 1 << (i % 64);
                chosen.content |= part.role == Some(Role::Content);
                chosen.remove |= part.role == Some(Role::Remove);
            }
        }
        for (word, reached) in reached.iter_mut().enumerate() {
            *reached = completes[word] | parent.get(self.words + word).copied().unwrap_or(0);
        }
        chosen
    }
}

fn is_set(row: &[u64], bit: usize) -> bool {
    row.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
}
