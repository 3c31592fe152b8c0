//! What a page says of itself, as it was collected; the input of everything here.

/// Borrowed from the page and its source, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts<'p> {
    /// The first `<title>` that is not empty.
    pub title: Option<&'p str>,
    /// The `lang` of `<html>`.
    pub language: Option<&'p str>,
    /// `<meta>`: `property`, `name`, `itemprop` or `http-equiv`, and `content`.
    pub metas: Vec<(&'p str, &'p str)>,
    /// `<link>`: `rel` and `href`.
    pub links: Vec<(&'p str, &'p str)>,
    /// Microdata: `itemprop`, and the text of the element.
    pub items: Vec<(&'p str, &'p str)>,
    /// The `datetime` of `<time>`.
    pub times: Vec<&'p str>,
    /// The texts of `<h1>`.
    pub headings: Vec<&'p str>,
    /// The contents of JSON-LD scripts.
    pub json_ld: Vec<&'p str>,
    /// Lines of visible text.
    pub lines: Vec<&'p str>,
}

impl<'p> Facts<'p> {
    /// The `content` of the first `<meta>` of that name, which is written in lower case here.
    pub(super) fn meta(&self, name: &str) -> Option<&'p str> {
        self.metas_named(name).next()
    }

    /// The `content` of each `<meta>` of that name.
    pub(super) fn metas_named<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'p str> + use<'p, 'f> {
        let named = self.metas.iter().filter(move |(written, _)| written.trim().eq_ignore_ascii_case(name));
        named.map(|(_, content)| content.trim()).filter(|content| !content.is_empty())
    }

    /// The text of each element with that `itemprop`.
    pub(super) fn items_named<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'p str> + use<'p, 'f> {
        let named =
            self.items.iter().filter(move |(written, _)| written.split_ascii_whitespace().any(|word| word == name));
        named.map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
    }
}
