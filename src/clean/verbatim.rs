//! Code, which washing leaves as it was written: what a page sets in `<pre>`, and what a text sets between the fences of Markdown.
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

    /// The code between the fences of a text (`CommonMark` 4.5): three backticks or tildes at the start of a line, and at least as many alone on
    /// one behind it.
    pub(super) fn fenced(text: &str) -> Self {
        let mut found = Self::default();
        if ["```", "~~~"].iter().all(|fence| memchr::memmem::find(text.as_bytes(), fence.as_bytes()).is_none()) {
            return found;
        }
        let mut open: Option<(usize, Fence)> = None;
        let mut start = 0;
        for line in text.split('\n') {
            let end = start + line.len();
            match (&open, Fence::of(line)) {
                (None, Some(fence)) => open = Some((start, fence)),
                (Some((first, fence)), Some(other)) if other.closes(fence) => {
                    if is_code(&text[*first..end]) {
                        found.0.push(*first..end);
                    }
                    open = None;
                }
                _ => {}
            }
            start = end + 1;
        }
        found
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

/// The fence at the start of a line.
#[derive(Debug, Clone, Copy)]
struct Fence {
    sign: char,
    length: usize,
    /// Nothing stands behind it.
    bare: bool,
}

impl Fence {
    fn of(line: &str) -> Option<Self> {
        let rest = line.trim_start_matches(' ');
        let sign = rest.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let behind = rest.trim_start_matches(sign);
        let length = rest.len() - behind.len();
        // Backticks behind backticks are code in a line.
        let is_fence = line.len() - rest.len() <= 3 && length >= 3 && !(sign == '`' && behind.contains('`'));
        is_fence.then(|| Self { sign, length, bare: behind.trim().is_empty() })
    }

    fn closes(&self, open: &Self) -> bool {
        self.sign == open.sign && self.length >= open.length && self.bare
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
    fn code_between_fences_is_known() {
        let text = "a\n```rust\nlet x = \"```\";\n```` \nb\n~~~\nc\n```\n~~~\n```\n加微信，领资料。\n```\n```\nopen";
        let found: Vec<&str> = Verbatim::fenced(text).0.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["```rust\nlet x = \"```\";\n```` ", "~~~\nc\n```\n~~~"]);
        assert!(Verbatim::fenced("x ``` y\n    ```\nz\n    ```\n``").is_empty());
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
