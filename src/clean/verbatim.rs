//! The code of a page, which washing leaves as it was written.
//!
//! A listing is full of what packs and normalisers look for: brackets on lines of their own, addresses, `//`, numbered lines, aligned
//! columns. Preformatted text that is written in Chinese is a document like any other: whole reports are published that way.

use std::ops::Range;

use crate::html::Shape;
use crate::html::page::Kind;
use crate::text::Patch;
use crate::text::class::is_han;
use crate::text::lines::Line;

/// Stretches of whole lines that no step may touch, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verbatim(Vec<Range<usize>>);

impl Verbatim {
    /// The code among the shapes of a text.
    pub(super) fn of(text: &str, shapes: &[Shape]) -> Self {
        let code = shapes.iter().filter(|shape| shape.kind == Kind::Pre).filter_map(|shape| {
            let inside = text.get(shape.start..shape.end).filter(|inside| is_code(inside))?;
            let start = text[..shape.start].rfind('\n').map_or(0, |at| at + 1);
            let end = shape.start + inside.len();
            Some(start..end + text[end..].find('\n').unwrap_or(text.len() - end))
        });
        Self(code.filter(|range| !range.is_empty()).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a range of the text and one of the stretches share a byte.
    pub(super) fn meets(&self, start: usize, end: usize) -> bool {
        let after = self.0.partition_point(|range| range.end <= start);
        self.0.get(after).is_some_and(|range| range.start < end)
    }

    /// Whether a line is in one of them.
    pub(super) fn has(&self, line: &Line) -> bool {
        self.meets(line.start, line.end)
    }

    /// The stretches after a change of the text around them. What a cut took is gone.
    pub(super) fn moved(&mut self, patch: &Patch) {
        let mut edits = patch.edits().peekable();
        let (mut grown, mut shrunk) = (0, 0);
        // Asked for in ascending order, so one walk over the edits serves all.
        let mut place = |at: usize, is_end: bool| {
            while let Some(edit) = edits.next_if(|edit| edit.end <= at && !(is_end && edit.start == at)) {
                grown += edit.after.len();
                shrunk += edit.end - edit.start;
            }
            match edits.peek().filter(|edit| edit.start < at) {
                Some(edit) => edit.start + grown - shrunk + if is_end { 0 } else { edit.after.len() },
                None => at + grown - shrunk,
            }
        };
        for range in &mut self.0 {
            let (start, end) = (place(range.start, false), place(range.end, true));
            *range = start..end.max(start);
        }
        self.0.retain(|range| !range.is_empty());
    }
}

/// Whether preformatted text is code, or text of another language. Chinese prose has more Han characters than Latin letters, and the marks of
/// Chinese sentences.
fn is_code(text: &str) -> bool {
    let han = text.chars().filter(|&c| is_han(c)).count();
    han < text.bytes().filter(u8::is_ascii_alphabetic).count() || !text.contains(['，', '。', '；', '！', '？'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{PatchBuilder, Tag};

    fn shape(start: usize, end: usize, kind: Kind) -> Shape {
        Shape { start, end, kind, quoted: false, item: 0 }
    }

    #[test]
    fn code_is_known_and_prose_is_not() {
        let text = "prose\n  let x = 1;\n  y();\n全文以预排格式发布。\n";
        let at = |piece: &str| text.find(piece).expect("stands there");
        let end = |piece: &str| at(piece) + piece.len();
        let shapes = [
            shape(0, 5, Kind::Text),
            shape(at("let"), end("y();"), Kind::Pre),
            shape(at("全文"), end("发布。"), Kind::Pre),
        ];
        let code = Verbatim::of(text, &shapes);
        assert_eq!(code, Verbatim(std::iter::once(6..end("y();")).collect()));
        assert!(is_code("水深 = 2.5\n    米") && !is_code("水深2.5米，合格。"));
        assert!(code.meets(0, 7) && !code.meets(0, 6) && code.meets(20, 21) && !code.meets(end("y();"), text.len()));
    }

    #[test]
    fn stretches_move_with_the_text_and_go_with_a_cut() {
        let mut code = Verbatim(vec![10..20, 30..40]);
        let mut change = PatchBuilder::new();
        change.push(0..4, "", Tag(0));
        change.push(25..50, "x", Tag(0));
        code.moved(&change.finish());
        assert_eq!(code, Verbatim(std::iter::once(6..16).collect()));
    }
}
