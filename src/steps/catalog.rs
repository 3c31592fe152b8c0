//! The table of all kinds of step.

use super::doc::StepDoc;
use super::params::Params;
use super::{
    Action, blank_lines, book_title_marks, cut_after, cut_before, decimal_point, drop_between, drop_line, drop_span,
    han_variant, join_chunks, mojibake, page_numbers, pinyin_gloss, placeholder, quotes, repeated_punctuation, replace,
    spaces, split_parts, thousands, width, zero_width,
};

/// A kind of step: what it says of itself and how it is built.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its documentation.
    pub doc: &'static StepDoc,
    /// Builds the step from checked parameters; `None` when a required pattern is missing.
    pub build: fn(&mut Params) -> Option<Action>,
}

macro_rules! kinds {
    ($($module:ident),* $(,)?) => { &[$(Kind { doc: &$module::DOC, build: $module::build }),*] };
}

/// Every kind, in the order of the reference.
pub const KINDS: &[Kind] = kinds![
    drop_line, drop_span, drop_between, cut_before, cut_after, replace, zero_width, mojibake, join_chunks, split_parts,
    page_numbers, book_title_marks, width, decimal_point, thousands, quotes, spaces, repeated_punctuation,
    pinyin_gloss, placeholder, han_variant, blank_lines,
];

/// The kind of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.doc.kind == name)
}
