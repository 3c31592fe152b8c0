//! What the stretches of a rendered page are: the blocks of the page, found again in its text.

use crate::html::content::Shape;
use crate::html::page::{Block, Kind, Page};
use crate::html::tags::Tag;

/// How far ahead a block is looked for, in bytes, beside its own length.
const AHEAD: usize = 2048;

/// The shapes of a text that was rendered from a page, in order and without gaps but white space. What no block accounts
/// for is text.
#[must_use]
pub fn shapes_in(page: &Page, text: &str) -> Vec<Shape> {
    let mut shapes = Vec::new();
    let mut at = 0_usize;
    for block in &page.blocks {
        let wanted = page.block_text(block).trim();
        let mut end = text.len().min(at.saturating_add(wanted.len()).saturating_add(AHEAD));
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let found = memchr::memmem::find(&text.as_bytes()[at..end], wanted.as_bytes());
        let Some(start) = found.map(|offset| at + offset).filter(|_| !wanted.is_empty()) else { continue };
        gap(text, at, start, &mut shapes);
        at = start + wanted.len();
        shapes.push(shape(page, block, start, at));
    }
    gap(text, at, text.len(), &mut shapes);
    shapes
}

/// A block as a shape.
pub(super) fn shape(page: &Page, block: &Block, start: usize, end: usize) -> Shape {
    let item = page.ancestors(block.element).find(|(_, element)| element.tag == Some(Tag::Li));
    Shape { start, end, kind: block.kind, quoted: block.quoted, item: item.map_or(0, |(id, _)| id) }
}

fn gap(text: &str, start: usize, end: usize, shapes: &mut Vec<Shape>) {
    if !text[start..end].trim().is_empty() {
        shapes.push(Shape { start, end, kind: Kind::Text, quoted: false, item: 0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::{Limits, Site, render};

    #[test]
    fn blocks_are_found_again_and_nothing_is_left_out() {
        let source = "<h1>a</h1>b<p hidden>c</p><ul><li>d<li>e<p>f</ul><table><tr><td>g<td>h</table><pre>i\n j</pre>";
        let limits = Limits::default();
        let text = render(source, Site::default(), &limits).text;
        let shapes = shapes_in(&Page::read(source, &limits), &text);
        let found: Vec<(&str, Kind)> = shapes.iter().map(|shape| (&text[shape.start..shape.end], shape.kind)).collect();
        let item = Kind::Item { level: 1, numbered: false };
        let expected = [
            ("a", Kind::Heading(1)),
            ("b", Kind::Text),
            ("d", item),
            ("e", item),
            ("f", item),
            ("g\th", Kind::Row),
            ("i\n j", Kind::Pre),
        ];
        assert_eq!(found, expected);
        assert!(shapes[3].item == shapes[4].item && shapes[2].item != shapes[3].item);
        let other = shapes_in(&Page::read(source, &limits), "x\na\ny");
        let kinds: Vec<Kind> = other.iter().map(|shape| shape.kind).collect();
        assert_eq!(kinds, [Kind::Text, Kind::Heading(1), Kind::Text]);
    }
}
