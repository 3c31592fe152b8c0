//! Which elements and texts of a page are content and which go, as selectors and as places in the source.

use crate::html::cosmetic::Scope;
use crate::html::matcher::Chosen;
use crate::html::render::Site;
use crate::html::selector::Selector;
use crate::html::xpath::Spots;

/// What a site's rules say of one page. Alternatives are numbered in the order in which they are to be tried.
#[derive(Debug, Default)]
pub(super) struct Marks<'a> {
    /// Selectors of content, each with the number of its alternative.
    pub(super) content: Vec<(u32, &'a Selector)>,
    /// Places of content, likewise.
    pub(super) content_spots: Vec<(u32, Spots)>,
    pub(super) remove: Vec<&'a Selector>,
    pub(super) remove_spots: Vec<Spots>,
    pub(super) filters: Option<&'a Scope<'a>>,
}

impl<'a> Marks<'a> {
    /// Selectors only, all of content taken together.
    pub(super) fn of(site: Site<'a>) -> Self {
        Self {
            content: site.content.iter().map(|selector| (0, selector)).collect(),
            remove: site.remove.iter().collect(),
            filters: site.filters,
            ..Self::default()
        }
    }

    /// What filter lists hide.
    pub(super) fn filtered(filters: Option<&'a Scope<'a>>) -> Self {
        Self { filters, ..Self::default() }
    }

    /// How many alternatives of content there are.
    pub(super) fn alternatives(&self) -> usize {
        let numbers = self.content.iter().map(|(number, _)| *number);
        numbers.chain(self.content_spots.iter().map(|(number, _)| *number)).max().map_or(0, |last| last as usize + 1)
    }

    /// The same with one alternative of content.
    pub(super) fn only(&self, alternative: u32) -> Self {
        let only = |number: &u32| *number == alternative;
        Self {
            content: self.content.iter().filter(|(number, _)| only(number)).copied().collect(),
            content_spots: self.content_spots.iter().filter(|(number, _)| only(number)).cloned().collect(),
            ..self.without_content()
        }
    }

    /// The same with nothing but what goes.
    pub(super) fn without_content(&self) -> Self {
        Self {
            remove: self.remove.clone(),
            remove_spots: self.remove_spots.clone(),
            filters: self.filters,
            ..Self::default()
        }
    }

    /// Adds what is chosen for an element by its place.
    pub(super) fn choose(&self, position: u32, chosen: &mut Chosen, alternatives: &mut Vec<u32>) {
        let is_at = |spots: &Spots| spots.elements.binary_search(&position).is_ok();
        for (number, _) in self.content_spots.iter().filter(|(_, spots)| is_at(spots)) {
            chosen.content = true;
            alternatives.push(*number);
        }
        chosen.remove |= self.remove_spots.iter().any(is_at);
    }

    /// Whether the text at a place goes.
    pub(super) fn removes_text(&self, position: u32) -> bool {
        self.remove_spots.iter().any(|spots| spots.texts.binary_search(&position).is_ok())
    }

    /// The alternatives that the text at a place is content of.
    pub(super) fn text_of(&self, position: u32) -> impl Iterator<Item = u32> {
        let at = move |(_, spots): &&(u32, Spots)| spots.texts.binary_search(&position).is_ok();
        self.content_spots.iter().filter(at).map(|(number, _)| *number)
    }
}
