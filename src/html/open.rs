//! The stack of open elements: which end tags are implied, which reach, and what holds inside.
//!
//! Follows the tree construction of the HTML standard (13.2.6) as far as text needs it. Every question is answered in
//! constant time: each element remembers the one of the same name below it and the nearest boundaries of each kind,
//! so neither a stray end tag nor a deep page makes a walk. Elements beyond the depth limit are only counted.

use crate::html::style::Effects;
use crate::html::tags::{self, Tag, Traits};

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Element {
    name: usize,
    traits: Traits,
    /// What the element itself asks for.
    own: Effects,
    /// What holds inside, ancestors included.
    inside: Effects,
    /// Position of the next element of this name below. Positions count from 1; 0 is none.
    below: usize,
    /// Nearest positions, this element included: the end of the scope, a special element, and one that keeps list
    /// items apart.
    scope: usize,
    special: usize,
    item: usize,
}

/// The open elements of one page.
#[derive(Debug)]
pub(super) struct OpenElements {
    stack: Vec<Element>,
    /// The highest position of each name, 0 for none.
    last: Vec<usize>,
    /// How many elements of each name are open beyond the depth limit, and which names those are.
    beyond: Vec<usize>,
    beyond_names: Vec<usize>,
    max_depth: usize,
}

/// What closing an element means for the lines of text.
pub(super) trait OnClose {
    /// An element with these traits and effects of its `own` is closed; `inside` held in it.
    fn closed(&mut self, traits: Traits, own: Effects, inside: Effects);
}

impl OpenElements {
    pub(super) fn new(max_depth: usize) -> Self {
        Self {
            stack: Vec::new(),
            last: vec![0; Tag::COUNT + 1],
            beyond: vec![0; Tag::COUNT + 1],
            beyond_names: Vec::new(),
            max_depth,
        }
    }

    /// What holds at this place of the page.
    pub(super) fn inside(&self) -> Effects {
        self.stack.last().map_or(Effects::NONE, |element| element.inside)
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.stack.len()
    }

    /// Whether the element is open, however far up.
    pub(super) fn has(&self, tag: Tag) -> bool {
        self.last[tag as usize] != 0
    }

    /// Opens an element. `false`, and nothing but a count, when the page is too deep already.
    pub(super) fn push(&mut self, name: usize, tag: Option<Tag>, own: Effects) -> bool {
        if name >= self.last.len() {
            self.last.resize(name + 1, 0);
            self.beyond.resize(name + 1, 0);
        }
        if self.stack.len() >= self.max_depth {
            self.beyond[name] += 1;
            self.beyond_names.push(name);
            return false;
        }
        let traits = tag.map_or(Traits::NONE, Tag::traits);
        let position = self.stack.len() + 1;
        let (scope, special, item) = self.boundaries();
        let loose = matches!(tag, Some(Tag::Address | Tag::Div | Tag::P | Tag::Li | Tag::Dd | Tag::Dt));
        let at = |here: bool, below: usize| if here { position } else { below };
        self.stack.push(Element {
            name,
            traits,
            own,
            inside: self.inside().enter(own),
            below: self.last[name],
            scope: at(traits.has(tags::SCOPE), scope),
            special: at(traits.has(tags::SPECIAL), special),
            item: at(traits.has(tags::SPECIAL) && !loose, item),
        });
        self.last[name] = position;
        true
    }

    /// Closes what the start tag of `tag` implies is over.
    pub(super) fn imply_ends(&mut self, tag: Tag, out: &mut impl OnClose) {
        let (scope, special, item) = self.boundaries();
        if tag.traits().has(tags::ENDS_P) {
            self.pop_above(scope.max(self.at(Tag::Button)), &[Tag::P], out);
        }
        let table = self.at(Tag::Table).max(self.at(Tag::Template));
        match tag {
            Tag::Li => self.pop_above(item, &[Tag::Li], out),
            Tag::Dd | Tag::Dt => self.pop_above(item, &[Tag::Dd, Tag::Dt], out),
            Tag::Choice => self.pop_above(special, &[Tag::Choice], out),
            Tag::Optgroup => self.pop_above(special, &[Tag::Choice, Tag::Optgroup], out),
            Tag::Rb | Tag::Rp | Tag::Rt | Tag::Rtc => {
                self.pop_above(scope.max(self.at(Tag::Ruby)), &[Tag::Rb, Tag::Rp, Tag::Rt, Tag::Rtc], out);
            }
            Tag::A | Tag::Nobr => self.end_formatting(tag as usize, out),
            Tag::Button => self.pop_above(scope, &[Tag::Button], out),
            Tag::Td | Tag::Th => self.pop_above(table.max(self.at(Tag::Tr)), &[Tag::Td, Tag::Th], out),
            Tag::Tr => self.pop_above(table, &[Tag::Tr, Tag::Caption, Tag::Colgroup], out),
            Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Caption | Tag::Colgroup => {
                self.pop_above(table, &[Tag::Tbody, Tag::Thead, Tag::Tfoot, Tag::Tr, Tag::Caption, Tag::Colgroup], out);
            }
            _ if tag.traits().has(tags::HEADING) => {
                let top = self.stack.len();
                if self.stack.last().is_some_and(|element| element.traits.has(tags::HEADING)) {
                    self.pop_to(top, out);
                }
            }
            _ => {}
        }
    }

    /// An end tag. One that matches nothing in reach is ignored.
    pub(super) fn end(&mut self, name: usize, tag: Option<Tag>, out: &mut impl OnClose) {
        let Some(&position) = self.last.get(name) else { return };
        if self.beyond[name] > 0 {
            self.beyond[name] -= 1;
            return;
        }
        let traits = tag.map_or(Traits::NONE, Tag::traits);
        if position == 0 && !traits.has(tags::HEADING) || traits.has(tags::LASTING) {
            return;
        }
        let (scope, special, _) = self.boundaries();
        let table = self.at(Tag::Template).max(if tag == Some(Tag::Table) { 0 } else { self.at(Tag::Table) });
        let barrier = match tag {
            Some(Tag::P) => scope.max(self.at(Tag::Button)),
            Some(Tag::Li) => scope.max(self.at(Tag::Ul)).max(self.at(Tag::Ol)),
            Some(Tag::Template) => 0,
            Some(_) if traits.has(tags::FORMATTING) => return self.end_formatting(name, out),
            Some(_) if traits.has(tags::HEADING) => {
                const HEADINGS: [Tag; 6] = [Tag::H1, Tag::H2, Tag::H3, Tag::H4, Tag::H5, Tag::H6];
                let highest = HEADINGS.iter().map(|&tag| self.at(tag)).max().unwrap_or(0);
                if highest > scope {
                    self.pop_to(highest, out);
                }
                return;
            }
            Some(_) if traits.has(tags::TABLE_PART) => table,
            Some(_) if traits.has(tags::SCOPE) => 0,
            Some(_) if traits.has(tags::SPECIAL) => scope,
            _ => special,
        };
        if position > barrier {
            self.pop_to(position, out);
        }
    }

    /// Whether a tag stands in SVG or `MathML`, once those were closed that it breaks out of.
    pub(super) fn in_foreign(&mut self, traits: Traits, out: &mut impl OnClose) -> bool {
        let is_foreign = |this: &Self| this.inside().has(Effects::FOREIGN);
        if is_foreign(self) && traits.has(tags::BREAKS_OUT) && !self.in_embedded_html() {
            self.leave_foreign(out);
        }
        is_foreign(self)
    }

    /// Closes the innermost SVG or `MathML` element and what is in it.
    fn leave_foreign(&mut self, out: &mut impl OnClose) {
        let root = self.at(Tag::Svg).max(self.at(Tag::Math));
        if root > 0 {
            self.pop_to(root, out);
        }
    }

    /// Whether HTML is embedded in the innermost SVG or `MathML` element here.
    fn in_embedded_html(&self) -> bool {
        let root = self.at(Tag::Svg).max(self.at(Tag::Math));
        [Tag::ForeignObject, Tag::Title, Tag::AnnotationXml].iter().any(|&tag| self.at(tag) > root)
    }

    fn at(&self, tag: Tag) -> usize {
        self.last[tag as usize]
    }

    fn boundaries(&self) -> (usize, usize, usize) {
        self.stack.last().map_or((0, 0, 0), |top| (top.scope, top.special, top.item))
    }

    /// Pops down to the lowest of the `wanted` elements standing above `barrier`.
    fn pop_above(&mut self, barrier: usize, wanted: &[Tag], out: &mut impl OnClose) {
        if let Some(position) = wanted.iter().map(|&tag| self.at(tag)).filter(|&at| at > barrier).min() {
            self.pop_to(position, out);
        }
    }

    /// The part of the adoption agency that text notices: `<b><div></b>` ends the bold, not the division.
    fn end_formatting(&mut self, name: usize, out: &mut impl OnClose) {
        let position = self.last[name];
        let (scope, special, _) = self.boundaries();
        if position == 0 || position <= scope {
            return;
        }
        if position > special {
            return self.pop_to(position, out);
        }
        self.last[name] = self.stack[position - 1].below;
        let own = self.stack[position - 1].own;
        // It stays as a nameless element, for the positions above it must not move.
        self.stack[position - 1].name = usize::MAX;
        self.stack[position - 1].own = Effects::NONE;
        if own != Effects::NONE {
            self.recompute(position);
        }
    }

    /// Works out again what holds inside from `position` up, after an element's own effects changed.
    fn recompute(&mut self, position: usize) {
        let below = position.checked_sub(2).and_then(|i| self.stack.get(i));
        let mut inside = below.map_or(Effects::NONE, |element| element.inside);
        for element in self.stack.iter_mut().skip(position - 1) {
            inside = inside.enter(element.own);
            element.inside = inside;
        }
    }

    fn pop_to(&mut self, position: usize, out: &mut impl OnClose) {
        while self.stack.len() >= position {
            let Some(element) = self.stack.pop() else { return };
            if let Some(last) = self.last.get_mut(element.name) {
                *last = element.below;
            }
            out.closed(element.traits, element.own, element.inside);
        }
        // What was open beyond the limit was inside of what has just been closed.
        for name in self.beyond_names.drain(..) {
            self.beyond[name] = 0;
        }
    }
}
