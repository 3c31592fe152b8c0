//! What readers do not see, and what an element does to the text in it.
//!
//! Decided from the element alone, as style sheets are out of reach:
//! - `hidden` (but not `hidden=until-found`, which the reader's search opens), a closed `<dialog>`, `popover`;
//! - the inline styles listed in `style`;
//! - `aria-hidden=true` on inline elements only: there it marks icons, anchors and doubles made for the eye (of a
//!   formula, of a screen reader's text), while blocks that carry it are slides, tabs and accordions, whose text is
//!   nowhere else;
//! - never `<html>`, `<body>` and `<main>`: what hides a whole page is a script's curtain, drawn away after loading;
//! - nor `<div hidden id="S:…">`: so React streams the content it moves into place when it arrives.

use crate::html::attributes::Attributes;
use crate::html::style::{self, Effects};
use crate::html::tags::{self, Tag, Traits};

/// The effects of an element by its name and attributes, given what holds around it.
pub(super) fn own_effects(tag: Option<Tag>, attributes: &Attributes, around: Effects) -> Effects {
    let traits = tag.map_or(Traits::NONE, Tag::traits);
    let mut effects = by_name(tag, traits, attributes, around);
    if !attributes.is_empty() {
        if let Some(style) = attributes.get("style") {
            effects = effects.with(style::effects(style));
        }
        if is_hidden(tag, traits, attributes) {
            effects = effects.with(Effects::HIDDEN);
        }
    }
    if traits.has(tags::LASTING) || tag == Some(Tag::Main) { effects.without(Effects::HIDDEN) } else { effects }
}

fn by_name(tag: Option<Tag>, traits: Traits, attributes: &Attributes, around: Effects) -> Effects {
    let mut effects = Effects::NONE;
    if traits.has(tags::DROP) {
        let shown = match tag {
            // An accordion's heading is a button in a heading.
            Some(Tag::Button) => around.has(Effects::HEADING),
            // A declarative shadow root is displayed.
            Some(Tag::Template) => attributes.get("shadowrootmode").is_some(),
            _ => false,
        };
        effects = if shown { effects } else { effects.with(Effects::DROPPED) };
    }
    if traits.has(tags::FALLBACK) {
        effects = effects.with(Effects::HIDDEN);
    }
    if traits.has(tags::FOREIGN) {
        effects = effects.with(Effects::FOREIGN);
    }
    if traits.has(tags::PRE) {
        effects = effects.with(Effects::KEEP_SPACE);
    }
    if traits.has(tags::HEADING) || tag == Some(Tag::Summary) {
        effects = effects.with(Effects::HEADING);
    }
    if tag == Some(Tag::Dialog) && attributes.get("open").is_none() {
        effects = effects.with(Effects::HIDDEN);
    }
    effects
}

fn is_hidden(tag: Option<Tag>, traits: Traits, attributes: &Attributes) -> bool {
    let inline = !traits.has(tags::SPECIAL) && !traits.has(tags::BLOCK);
    let streamed = attributes.get("id").is_some_and(|id| id.starts_with(b"S:"));
    attributes.get("hidden").is_some_and(|value| !value.eq_ignore_ascii_case(b"until-found") && !streamed)
        || attributes.get("popover").is_some()
        || (inline
            && tag != Some(Tag::Math)
            && attributes.get("aria-hidden").is_some_and(|value| value.eq_ignore_ascii_case(b"true")))
}
