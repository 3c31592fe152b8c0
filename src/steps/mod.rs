//! The kinds of step that rule files and profiles are made of, one file each.
//!
//! A kind's file holds its documentation, parameters, examples and code; the examples run as tests and become
//! `docs/rules.md`. Three families: [`RuleStep`]s match folded lines and claim places, [`LineStep`]s repair one line at a time,
//! [`TextStep`]s need the whole text. Which steps run, and in what order, is left to `rules` and `clean`.

pub mod catalog;
pub mod claims;
pub mod doc;
pub mod facts;
pub mod nature;
pub mod page;
pub mod params;
pub mod pattern;
pub mod regexp;
mod required;

pub mod blank_lines;
pub mod book_title_marks;
pub mod cut_after;
pub mod cut_before;
mod dates;
pub mod decimal_point;
pub mod drop_between;
pub mod drop_line;
pub mod drop_span;
pub mod han_variant;
pub mod join_chunks;
pub mod mojibake;
pub mod numbers;
pub mod page_numbers;
pub mod pinyin_gloss;
pub mod placeholder;
mod quantities;
pub mod quotes;
pub mod repeated_punctuation;
pub mod replace;
pub mod spaces;
pub mod split_parts;
pub mod thousands;
pub mod width;
pub mod words;
pub mod zero_width;

use std::ops::Range;

use crate::document::{Flag, Part};
use crate::text::class::Mask;
use crate::text::lines::Line;
use crate::text::{PatchBuilder, Tag};

use claims::Claims;
use facts::Facts;
use page::Page;
use pattern::Pattern;

/// A step that matches folded lines: it claims places of the page, and the pipeline settles overlapping claims.
pub trait RuleStep: Send + Sync + std::fmt::Debug {
    /// The pattern whose literals decide where the step is tried at all.
    fn pattern(&self) -> &Pattern;
    /// Every pattern of the step, for checks.
    fn patterns(&self) -> Vec<&Pattern> {
        vec![self.pattern()]
    }
    /// Looks at the units (ascending indices into [`Page::units`]) where a literal of the pattern stands.
    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>);
}

/// A normaliser that needs no more than one line and the facts of the document.
pub trait LineStep: Send + Sync + std::fmt::Debug {
    /// Lines without one of these bits are not shown to the step.
    fn triggers(&self) -> Mask;
    /// Repairs one line.
    fn run(&self, line: &str, facts: &Facts, out: &mut LineEdits<'_>);
}

/// A step that needs the whole text.
pub trait TextStep: Send + Sync + std::fmt::Debug {
    /// Repairs the text.
    fn run(&self, text: &str, lines: &[Line], out: &mut TextEdits);
}

/// A step ready to run.
#[derive(Debug)]
pub enum Action {
    /// Matches lines.
    Rule(Box<dyn RuleStep>),
    /// Repairs lines.
    Lines(Box<dyn LineStep>),
    /// Repairs the text.
    Text(Box<dyn TextStep>),
}

/// Collects the edits of a [`LineStep`]; ranges are bytes of the line.
#[derive(Debug)]
pub struct LineEdits<'b> {
    builder: &'b mut PatchBuilder,
    tag: Tag,
    flags: &'b mut Vec<Flag>,
}

impl<'b> LineEdits<'b> {
    /// Edits made in the name of `tag`.
    pub fn new(builder: &'b mut PatchBuilder, tag: Tag, flags: &'b mut Vec<Flag>) -> Self {
        Self { builder, tag, flags }
    }

    /// Replaces a range; ranges come in order and do not overlap.
    pub fn replace(&mut self, range: Range<usize>, after: &str) {
        self.builder.push(range, after, self.tag);
    }

    /// Raises a flag on the document.
    pub fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }

    /// The end of the last replacement.
    pub fn end(&self) -> usize {
        self.builder.end()
    }
}

/// Collects the edits, flags and parts of a [`TextStep`]; ranges are bytes of the text.
#[derive(Debug)]
pub struct TextEdits {
    builder: PatchBuilder,
    tag: Tag,
    /// Flags raised on the document.
    pub flags: Vec<Flag>,
    /// Parts found, as byte ranges of the text as it was given.
    pub parts: Vec<Part>,
}

impl TextEdits {
    /// Edits made in the name of `tag`.
    #[must_use]
    pub fn new(tag: Tag) -> Self {
        Self { builder: PatchBuilder::new(), tag, flags: Vec::new(), parts: Vec::new() }
    }

    /// Replaces a range; ranges come in order and do not overlap.
    pub fn replace(&mut self, range: Range<usize>, after: &str) {
        self.builder.push(range, after, self.tag);
    }

    /// The patch.
    #[must_use]
    pub fn finish(self) -> crate::text::Patch {
        self.builder.finish()
    }
}
