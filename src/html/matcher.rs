//! Matches selectors against the open elements, one start tag at a time.
//!
//! A compound that an open element completes, counting from the outermost, is remembered with the element's depth; a
//! child or descendant looks there for the compound before its own. So an element costs what its own id, classes and
//! attributes propose, whatever stands around it and however many selectors there are.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::html::attributes::Attributes;
use crate::html::compiled::{Compiled, Mixed, Role};
use crate::html::cosmetic::Scope;
use crate::html::marks::Marks;
use crate::html::selector::Combinator;

/// What an element was chosen for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) content: bool,
    pub(super) remove: bool,
}

/// The selectors that act on a page, and what the open elements complete of them.
pub(super) struct Matcher<'a> {
    site: Compiled,
    filters: Option<&'a Scope<'a>>,
    /// A compound of a set, and the depths of the open elements that complete it.
    depths: HashMap<(usize, u32), Vec<usize>, BuildHasherDefault<Mixed>>,
    /// The same in the order of the depths.
    open: Vec<(usize, (usize, u32))>,
    candidates: Vec<u32>,
    /// The alternatives of content that the element just asked about is chosen by.
    pub(super) alternatives: Vec<u32>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(marks: &Marks<'a>) -> Self {
        let mut site = Compiled::default();
        for (number, selector) in &marks.content {
            site.add(selector, Role::Content, *number);
        }
        for selector in &marks.remove {
            site.add(selector, Role::Remove, 0);
        }
        Self {
            site,
            filters: marks.filters,
            depths: HashMap::default(),
            open: Vec::new(),
            candidates: Vec::new(),
            alternatives: Vec::new(),
        }
    }

    /// The attribute names the selectors ask for.
    pub(super) fn attribute_names(&self) -> Vec<Box<str>> {
        let mut names: Vec<Box<str>> = self.site.attribute_names().map(Into::into).collect();
        names.extend(self.filters.into_iter().flat_map(Scope::attribute_names).map(Into::into));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What an element below `depth` open ones is chosen for. Elements of that depth and deeper are closed.
    pub(super) fn choose(&mut self, depth: usize, name: &[u8], attributes: &Attributes) -> Chosen {
        while let Some(&(at, key)) = self.open.last().filter(|(at, _)| *at >= depth) {
            debug_assert!(self.depths.get(&key).is_some_and(|depths| depths.last() == Some(&at)));
            if let Some(depths) = self.depths.get_mut(&key) {
                depths.pop();
            }
            self.open.pop();
        }
        let mut chosen = Chosen::default();
        self.alternatives.clear();
        if !self.site.is_empty() {
            let site = std::mem::take(&mut self.site);
            self.choose_from(&site, 0, depth, name, attributes, &mut chosen);
            self.site = site;
        }
        if let Some(filters) = self.filters {
            for (i, set) in filters.sets().enumerate() {
                self.choose_from(set, i + 1, depth, name, attributes, &mut chosen);
            }
        }
        chosen
    }

    fn choose_from(
        &mut self,
        set: &Compiled,
        number: usize,
        depth: usize,
        name: &[u8],
        attributes: &Attributes,
        chosen: &mut Chosen,
    ) {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        set.candidates(name, attributes, &mut candidates);
        for &candidate in &candidates {
            let Some(part) = set.part(candidate) else { continue };
            let before = || self.depths.get(&(number, candidate.wrapping_sub(1))).and_then(|depths| depths.last());
            let ready = match part.combinator {
                Combinator::None => true,
                Combinator::Child => before().is_some_and(|&at| at + 1 == depth),
                Combinator::Descendant => before().is_some(),
            };
            if !ready || !part.compound.matches(name, attributes) {
                continue;
            }
            match part.role {
                Some(Role::Content) => {
                    chosen.content = true;
                    self.alternatives.push(part.rule);
                }
                Some(Role::Remove) => {
                    chosen.remove |= number == 0 || self.filters.is_none_or(|filters| filters.acts(part.rule));
                }
                None => {
                    self.open.push((depth, (number, candidate)));
                    self.depths.entry((number, candidate)).or_default().push(depth);
                }
            }
        }
        self.candidates = candidates;
    }
}
