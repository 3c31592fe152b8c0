//! A washed text as Markdown: the shapes of the page's text, moved to where washing left them.

use super::pipeline::Washed;
use crate::html::page::Kind;
use crate::html::{Piece, Shape, markdown};

/// The Markdown of a washed text. Where nothing is known of its shape, every line is a paragraph.
pub(super) fn of(shapes: &[Shape], washed: &Washed) -> String {
    let text = washed.text.as_str();
    if shapes.is_empty() {
        return markdown(text.lines().map(|text| Piece { text, kind: Kind::Text, quoted: false, item: 0 }));
    }
    let mut ends = ends(shapes, washed);
    // What washing put behind the last one belongs to it.
    if let Some(last) = ends.last_mut() {
        *last = text.len();
    }
    let mut start = 0;
    markdown(shapes.iter().zip(ends).map(|(shape, end)| {
        let piece = text.get(start..end.max(start)).unwrap_or_default();
        start = end.max(start);
        // The first line of code may be set in.
        let text = if shape.kind == Kind::Pre { piece } else { piece.trim() };
        Piece { text, kind: shape.kind, quoted: shape.quoted, item: shape.item }
    }))
}

/// Where each shape ends in the washed text. An edit over such an end belongs to the shape before it.
fn ends(shapes: &[Shape], washed: &Washed) -> Vec<usize> {
    let mut edits = washed.patch.edits().peekable();
    // How far source and outcome have come with the edits so far.
    let (mut before, mut after) = (0, 0);
    shapes
        .iter()
        .map(|shape| {
            while let Some(edit) = edits.next_if(|edit| edit.start < shape.end) {
                after += edit.start - before + edit.after.len();
                before = edit.end;
            }
            if before >= shape.end { after } else { after + shape.end - before }
        })
        .collect()
}
