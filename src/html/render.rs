//! A page as plain text: what a reader would see, a line per block.
//!
//! Blocks, headings, list items, `<br>` and table rows begin lines, without blank lines between them; the cells of a
//! row are joined by tabs unless one of them takes several lines. Preformatted text keeps its white space. Scripts,
//! styles, comments, images, form choices, ruby readings and hidden text go. A page that hides most of its text, by
//! style or in `<noscript>`, is one whose script shows it later, so there hidden text is kept.

use crate::html::attributes::Attributes;
use crate::html::cosmetic::Scope;
use crate::html::guard::Limits;
use crate::html::hidden::own_effects;
use crate::html::lines::{Gap, Lines, Seams, Space};
use crate::html::marks::Marks;
use crate::html::matcher::Matcher;
use crate::html::open::{OnClose, OpenElements};
use crate::html::selector::Selector;
use crate::html::style::Effects;
use crate::html::tags::{self, Names, Tag, Traits};
use crate::html::tokens::{Handler, walk};

/// What the rules of a site know about its pages.
#[derive(Debug, Clone, Copy, Default)]
pub struct Site<'a> {
    /// Where the content is. If any element matches, only text inside of matches is rendered.
    pub content: &'a [Selector],
    /// What to leave out.
    pub remove: &'a [Selector],
    /// What filter lists hide.
    pub filters: Option<&'a Scope<'a>>,
}

/// A rendered page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text: lines without white space around them (outside of preformatted text), no line end at the end.
    pub text: String,
    /// The first `<title>` that is not empty.
    pub title: Option<String>,
    /// The `lang` of `<html>`, as written.
    pub language: Option<String>,
    /// The target of the first `<link rel=canonical>`, as written.
    pub canonical: Option<String>,
    /// The page was nested deeper than [`Limits::max_depth`], and what was deeper rendered as plain text.
    pub flattened: bool,
    /// The text reached [`Limits::max_text_bytes`] and ends there.
    pub truncated: bool,
    /// An element of [`Site::content`] was found, and only the text inside of such is here.
    pub selected: bool,
}

/// A page with this many times as much hidden text as visible text is waiting for its script.
const MOSTLY_HIDDEN: usize = 2;

/// Renders a page, or any piece of one, in time proportional to its length.
#[must_use]
pub fn render(source: &str, site: Site<'_>, limits: &Limits) -> Rendered {
    render_marked(source, &Marks::of(site), limits).0
}

/// Renders a page by marks; also which alternatives of content there are on it, in order.
pub(super) fn render_marked(source: &str, marks: &Marks<'_>, limits: &Limits) -> (Rendered, Vec<u32>) {
    let mut page = Page::read(source, marks, limits, false);
    if page.hidden_bytes > MOSTLY_HIDDEN * page.lines.len() {
        page = Page::read(source, marks, limits, true);
    }
    let there = page.there.iter().enumerate().filter(|(_, there)| **there).map(|(number, _)| number as u32).collect();
    (page.finish(), there)
}

/// The page so far.
struct Page<'a> {
    lines: Lines,
    open: OpenElements,
    names: Names,
    matcher: Matcher<'a>,
    marks: &'a Marks<'a>,
    /// Which alternatives of content were found.
    there: Vec<bool>,
    /// Where the last tag or comment ends.
    position: u32,
    rendered: Rendered,
    title: Lines,
    /// The raw text element whose content is being read.
    raw: Option<Tag>,
    /// A line end directly behind `<pre>` does not count.
    after_pre: bool,
    seams: Seams,
    /// An element matched `Site::content`.
    selecting: bool,
    /// Text that was left out for being hidden, white space aside.
    hidden_bytes: usize,
    show_hidden: bool,
    max_title_bytes: usize,
}

impl<'a> Page<'a> {
    fn new(source: &str, marks: &'a Marks<'a>, limits: &Limits, show_hidden: bool) -> Self {
        Self {
            lines: Lines::new(limits.max_text_bytes, source.len() / 8),
            open: OpenElements::new(limits.max_depth),
            names: Names::new(limits.max_names),
            matcher: Matcher::new(marks),
            marks,
            there: vec![false; marks.alternatives()],
            position: 0,
            rendered: Rendered::default(),
            title: Lines::new(limits.max_title_bytes, 0),
            raw: None,
            after_pre: false,
            seams: Seams::default(),
            selecting: false,
            hidden_bytes: 0,
            show_hidden,
            max_title_bytes: limits.max_title_bytes,
        }
    }

    fn read(source: &str, marks: &'a Marks<'a>, limits: &Limits, show_hidden: bool) -> Self {
        let mut page = Self::new(source, marks, limits, show_hidden);
        let attributes = Attributes::new(page.matcher.attribute_names(), limits.max_attribute_bytes);
        walk(source, attributes, &mut page);
        page
    }

    fn finish(mut self) -> Rendered {
        (self.rendered.text, self.rendered.truncated) = self.lines.finish();
        self.rendered.selected = self.selecting;
        self.rendered
    }

    /// What the tags say about the page as a whole.
    fn note_facts(&mut self, tag: Option<Tag>, attributes: &Attributes) {
        let owned =
            |value: &[u8]| Some(String::from_utf8_lossy(value.trim_ascii()).into_owned()).filter(|s| !s.is_empty());
        if tag == Some(Tag::Html) && self.rendered.language.is_none() {
            self.rendered.language = attributes.get("lang").and_then(owned);
        }
        let is_canonical = tag == Some(Tag::Link)
            && attributes.get("rel").is_some_and(|rel| rel.trim_ascii().eq_ignore_ascii_case(b"canonical"));
        if is_canonical && self.rendered.canonical.is_none() {
            self.rendered.canonical = attributes.get("href").and_then(owned);
        }
    }

    /// Content begins, by these alternatives.
    fn select(&mut self, alternatives: impl Iterator<Item = u32>) {
        for number in alternatives {
            if let Some(there) = self.there.get_mut(number as usize) {
                *there = true;
            }
        }
        if !self.selecting {
            // Everything so far was outside of the content.
            self.selecting = true;
            self.lines.clear();
            self.hidden_bytes = 0;
        }
    }

    /// Whether the text at this place is content by itself.
    fn is_content_text(&mut self, inside: Effects) -> bool {
        let (marks, position) = (self.marks, self.position);
        if inside.has(Effects::DROPPED) || marks.text_of(position).next().is_none() {
            return false;
        }
        self.select(marks.text_of(position));
        true
    }

    /// The line structure at the start of an element.
    fn break_before(&mut self, tag: Option<Tag>, traits: Traits, own: Effects) {
        if self.open.inside().with(own).is_mute() {
            return;
        }
        if tag == Some(Tag::Br) {
            if self.open.inside().has(Effects::KEEP_SPACE) {
                self.text(b"\n");
            }
            self.lines.gap(Gap::Line);
        } else if tag == Some(Tag::Tr) {
            self.lines.row();
        } else if traits.has(tags::ROW) {
            self.lines.gap(Gap::Row);
        } else if traits.has(tags::CELL) {
            self.lines.cell();
        } else if traits.has(tags::BLOCK) || own.has(Effects::BLOCK) {
            self.lines.gap(Gap::Line);
        } else if tag == Some(Tag::Wbr) {
            // The same word goes on.
            self.seams.text();
        } else if self.seams.begin() {
            self.lines.gap(Gap::Seam);
        }
    }

    /// Opens an element that can have content.
    fn open(&mut self, tag: Option<Tag>, name: &[u8], traits: Traits, attributes: &Attributes) {
        let around = self.open.inside();
        let mut own = own_effects(tag, attributes, around);
        let mut chosen = self.matcher.choose(self.open.depth(), name, attributes);
        self.marks.choose(self.position, &mut chosen, &mut self.matcher.alternatives);
        if self.show_hidden || chosen.content {
            own = own.without(Effects::HIDDEN);
        }
        if chosen.remove {
            own = own.with(Effects::DROPPED);
        } else if chosen.content && !around.has(Effects::DROPPED) {
            own = own.with(Effects::CONTENT).with(Effects::BLOCK);
        }
        let number = self.names.number(tag, name, true).unwrap_or(Tag::COUNT);
        // Names inside SVG and MathML are not those of HTML.
        let tag = tag.filter(|_| !around.has(Effects::FOREIGN) || traits.has(tags::FOREIGN));
        self.break_before(tag, traits, own);
        if !self.open.push(number, tag, own) {
            self.rendered.flattened = true;
        } else if own.has(Effects::CONTENT) {
            let alternatives = std::mem::take(&mut self.matcher.alternatives);
            self.select(alternatives.iter().copied());
            self.matcher.alternatives = alternatives;
        }
        self.after_pre = own.has(Effects::KEEP_SPACE);
    }
}

impl Handler for Page<'_> {
    fn position(&mut self, at: usize) {
        self.position = at as u32;
    }

    fn comment(&mut self, at: usize) {
        self.position = at as u32;
    }

    fn start(&mut self, tag: Option<Tag>, name: &[u8], self_closing: bool, attributes: &Attributes) -> bool {
        self.after_pre = false;
        let traits = tag.map_or(Traits::NONE, Tag::traits);
        let foreign = self.open.in_foreign(traits, &mut self.lines);
        if foreign || traits.has(tags::FOREIGN) {
            if !self_closing {
                self.open(tag, name, traits, attributes);
            }
            return false;
        }
        self.note_facts(tag, attributes);
        if let Some(tag) = tag {
            let again = traits.has(tags::LASTING) && self.open.has(tag);
            if traits.has(tags::TRANSPARENT) || again {
                return false;
            }
            self.open.imply_ends(tag, &mut self.lines);
        }
        if traits.has(tags::VOID) {
            self.break_before(tag, traits, Effects::NONE);
            return false;
        }
        let raw = traits.has(tags::RAW);
        if !raw || traits.has(tags::BLOCK) {
            self.open(tag, name, traits, attributes);
        }
        raw
    }

    fn end(&mut self, tag: Option<Tag>, name: &[u8]) {
        self.after_pre = false;
        self.seams.end();
        if matches!(tag, Some(Tag::P | Tag::Br)) && !self.open.inside().is_mute() {
            // Without a start tag either is an empty line (13.2.6.4.7).
            self.lines.gap(Gap::Line);
        }
        if let Some(number) = self.names.number(tag, name, false) {
            self.open.end(number, tag, &mut self.lines);
        }
    }

    fn text(&mut self, piece: &[u8]) {
        // A NUL in the source means nothing; in raw text it has become U+FFFD already.
        if piece == b"\0" {
            return;
        }
        if self.raw == Some(Tag::Title) {
            return self.title.text(piece, Space::Collapse);
        }
        let skip = std::mem::take(&mut self.after_pre) && piece.starts_with(b"\n");
        let inside = self.open.inside();
        if self.marks.removes_text(self.position) {
            return;
        }
        let is_content = self.is_content_text(inside);
        if self.selecting && !inside.has(Effects::CONTENT) && !is_content {
            return;
        }
        if inside.is_mute() {
            if !inside.has(Effects::DROPPED) {
                self.hidden_bytes += piece.trim_ascii().len();
            }
            return;
        }
        let space = match self.raw {
            Some(_) => Space::Keep,
            None if inside.has(Effects::KEEP_SPACE) => Space::Keep,
            None if inside.has(Effects::KEEP_LINES) => Space::Lines,
            None => Space::Collapse,
        };
        self.seams.text();
        self.lines.text(&piece[usize::from(skip)..], space);
    }

    fn raw(&mut self, tag: Option<Tag>) {
        if self.raw == Some(Tag::Title) {
            let title = std::mem::replace(&mut self.title, Lines::new(self.max_title_bytes, 0));
            let title = title.finish().0;
            if self.rendered.title.is_none() && !title.is_empty() {
                self.rendered.title = Some(title);
            }
        }
        self.raw = tag;
        self.after_pre = tag == Some(Tag::Textarea);
    }
}

impl OnClose for Lines {
    fn closed(&mut self, traits: Traits, own: Effects, inside: Effects) {
        if inside.is_mute() {
            return;
        }
        if traits.has(tags::ROW) {
            self.gap(Gap::Row);
        } else if traits.has(tags::BLOCK) || own.has(Effects::BLOCK) {
            self.gap(Gap::Line);
        }
    }
}
