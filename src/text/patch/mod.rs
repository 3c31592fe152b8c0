//! The edit list: ordered, non-overlapping replacements over a source text.
//!
//! Cleaning is nothing but patches: every step returns one, [`Patch::compose`] joins them, and the composed patch says in
//! offsets of the source what happened and which rule did it. [`Patch::apply`] gives the cleaned text,
//! [`Patch::invert`] the way back. All are linear in the edits plus the text they copy.
//!
//! Offsets are bytes of UTF-8 and stand on character boundaries whenever the patch was built against a `str`.

mod compose;

use std::ops::Range;

/// Who made an edit: an index into the rule registry's table of names. Opaque here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(pub u32);

/// One replacement: the bytes `range` of the source become `after`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit<'p> {
    /// Byte range of the source that is replaced; empty for an insertion.
    pub start: usize,
    /// End of the replaced range (exclusive).
    pub end: usize,
    /// The text that takes its place; empty for a deletion.
    pub after: &'p str,
    /// The rule that decided last.
    pub tag: Tag,
    /// Earlier rules that touched the same place, each once.
    pub also: &'p [Tag],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Raw {
    start: usize,
    end: usize,
    after: Range<usize>,
    tag: Tag,
    also: Vec<Tag>,
}

/// An ordered list of non-overlapping replacements. Inserted text lives in one shared buffer, so an edit costs no allocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    raws: Vec<Raw>,
    inserted: String,
}

impl Patch {
    /// The patch that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the patch changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raws.is_empty()
    }

    /// How many replacements there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raws.len()
    }

    /// The replacements in source order.
    pub fn edits(&self) -> impl ExactSizeIterator<Item = Edit<'_>> {
        self.raws.iter().map(|raw| self.view(raw))
    }

    fn view<'p>(&'p self, raw: &'p Raw) -> Edit<'p> {
        Edit { start: raw.start, end: raw.end, after: self.after(raw), tag: raw.tag, also: &raw.also }
    }

    fn after(&self, raw: &Raw) -> &str {
        &self.inserted[raw.after.clone()]
    }

    /// The source with every replacement made.
    ///
    /// # Panics
    /// When the patch was built for another text and a range lies outside `source` or inside a character.
    #[must_use]
    pub fn apply(&self, source: &str) -> String {
        let removed: usize = self.raws.iter().map(|raw| raw.end - raw.start).sum();
        let mut out = String::with_capacity(source.len() + self.inserted.len() - removed.min(source.len()));
        let mut at = 0;
        for raw in &self.raws {
            out.push_str(&source[at..raw.start]);
            out.push_str(self.after(raw));
            at = raw.end;
        }
        out.push_str(&source[at..]);
        out
    }

    /// The patch that turns `self.apply(source)` back into `source`.
    ///
    /// # Panics
    /// When the patch was built for another text.
    #[must_use]
    pub fn invert(&self, source: &str) -> Self {
        let mut builder = PatchBuilder::with_capacity(self.raws.len());
        let (mut grown, mut shrunk) = (0, 0);
        for raw in &self.raws {
            let start = raw.start + grown - shrunk;
            let length = raw.after.len();
            builder.push_also(start..start + length, &source[raw.start..raw.end], raw.tag, &raw.also);
            grown += length;
            shrunk += raw.end - raw.start;
        }
        builder.finish()
    }

    /// Where a byte range of the source lies in the patched text. A range inside a replacement covers the whole replacement.
    #[must_use]
    pub fn forward(&self, range: Range<usize>) -> Range<usize> {
        self.forward_point(range.start, false)..self.forward_point(range.end, true)
    }

    fn forward_point(&self, at: usize, end: bool) -> usize {
        let (mut grown, mut shrunk) = (0, 0);
        for raw in &self.raws {
            if raw.start > at || (raw.start == at && (end || raw.end > raw.start)) {
                break;
            }
            if at < raw.end {
                return raw.start + grown - shrunk + if end { raw.after.len() } else { 0 };
            }
            grown += raw.after.len();
            shrunk += raw.end - raw.start;
        }
        at + grown - shrunk
    }

    /// One patch that does what `self` and then `next` do: `compose(a, b).apply(s) == b.apply(a.apply(s))`.
    ///
    /// Where the two overlap the edits become one, named by the rule of `next`; the others are listed in `also`.
    #[must_use]
    pub fn compose(&self, next: &Self) -> Self {
        if next.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return next.clone();
        }
        compose::compose(self, next)
    }

    /// The same patch without some of its edits.
    #[must_use]
    pub fn without(&self, goes: impl Fn(&Edit<'_>) -> bool) -> Self {
        let mut builder = PatchBuilder::with_capacity(self.raws.len());
        for edit in self.edits().filter(|edit| !goes(edit)) {
            builder.push_also(edit.start..edit.end, edit.after, edit.tag, edit.also);
        }
        builder.finish()
    }

    /// The same patch without edits that put back what stood there, and without the unchanged ends of a replacement.
    ///
    /// # Panics
    /// When the patch was built for another text.
    #[must_use]
    pub fn trimmed(&self, source: &str) -> Self {
        let mut builder = PatchBuilder::with_capacity(self.raws.len());
        for edit in self.edits() {
            let before = &source[edit.start..edit.end];
            if before == edit.after {
                continue;
            }
            let (head, tail) = common_ends(before, edit.after);
            let after = &edit.after[head..edit.after.len() - tail];
            builder.push_also(edit.start + head..edit.end - tail, after, edit.tag, edit.also);
        }
        builder.finish()
    }
}

/// Lengths in bytes of the common prefix and of the common suffix after it, in whole characters.
fn common_ends(a: &str, b: &str) -> (usize, usize) {
    let head: usize = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).map(|(x, _)| x.len_utf8()).sum();
    (head, tail)
}

/// Builds a [`Patch`] from edits given in source order.
#[derive(Debug, Default)]
pub struct PatchBuilder {
    patch: Patch,
}

impl PatchBuilder {
    /// An empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty builder with room for `edits` replacements.
    #[must_use]
    pub fn with_capacity(edits: usize) -> Self {
        Self { patch: Patch { raws: Vec::with_capacity(edits), inserted: String::new() } }
    }

    /// Adds a replacement. It must start at or after the end of the one before; one that does not is ignored, so that a
    /// faulty step can lose an edit but never text.
    pub fn push(&mut self, range: Range<usize>, after: &str, tag: Tag) {
        self.push_also(range, after, tag, &[]);
    }

    /// As [`PatchBuilder::push`], with the earlier rules that touched the place.
    pub fn push_also(&mut self, range: Range<usize>, after: &str, tag: Tag, also: &[Tag]) {
        let last = self.patch.raws.last().map_or(0, |raw| raw.end);
        debug_assert!(range.start >= last && range.end >= range.start, "edits out of order: {range:?} after {last}");
        if range.start < last || range.end < range.start || (range.is_empty() && after.is_empty()) {
            return;
        }
        let from = self.patch.inserted.len();
        self.patch.inserted.push_str(after);
        let after = from..self.patch.inserted.len();
        self.patch.raws.push(Raw { start: range.start, end: range.end, after, tag, also: also.to_vec() });
    }

    /// Adds every edit of a patch over a slice of the source that starts at `offset`.
    pub fn extend_at(&mut self, offset: usize, patch: &Patch) {
        for edit in patch.edits() {
            self.push_also(edit.start + offset..edit.end + offset, edit.after, edit.tag, edit.also);
        }
    }

    /// The end of the last edit, 0 when there is none.
    #[must_use]
    pub fn end(&self) -> usize {
        self.patch.raws.last().map_or(0, |raw| raw.end)
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patch.is_empty()
    }

    /// The patch.
    #[must_use]
    pub fn finish(self) -> Patch {
        self.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(edits: &[(usize, usize, &str, u32)]) -> Patch {
        let mut builder = PatchBuilder::new();
        for &(start, end, after, tag) in edits {
            builder.push(start..end, after, Tag(tag));
        }
        builder.finish()
    }

    #[test]
    fn applies_and_inverts() {
        let source = "总投入13。7亿元。\n点击:12次\n";
        let dot = source.find("。7").expect("the mark stands there");
        let line = source.find("点击").expect("the line stands there");
        let p = patch(&[(dot, dot + 3, ".", 1), (line, source.len(), "", 2)]);
        let out = p.apply(source);
        assert_eq!(out, "总投入13.7亿元。\n");
        assert_eq!(p.invert(source).apply(&out), source);
    }

    #[test]
    fn a_later_deletion_swallows_an_earlier_edit_and_names_it() {
        let first = patch(&[(2, 3, "XY", 1)]);
        let second = patch(&[(1, 5, "", 2)]);
        let both = first.compose(&second);
        let edits: Vec<_> = both.edits().collect();
        assert_eq!(edits.len(), 1);
        assert_eq!((edits[0].start, edits[0].end, edits[0].after), (1, 4, ""));
        assert_eq!((edits[0].tag, edits[0].also), (Tag(2), &[Tag(1)][..]));
        assert_eq!(both.apply("abcdef"), second.apply(&first.apply("abcdef")));
    }

    #[test]
    fn neighbours_stay_apart() {
        let first = patch(&[(0, 2, "", 1)]);
        let second = patch(&[(0, 1, "C", 2)]);
        let both = first.compose(&second);
        assert_eq!(both.len(), 2);
        assert_eq!(both.apply("abcd"), "Cd");
    }

    #[test]
    fn trims_what_did_not_change() {
        let p = patch(&[(0, 3, "axc", 1), (3, 4, "d", 2)]);
        let t = p.trimmed("abcd");
        let edits: Vec<_> = t.edits().collect();
        assert_eq!(edits.len(), 1);
        assert_eq!((edits[0].start, edits[0].end, edits[0].after), (1, 2, "x"));
    }

    #[test]
    fn maps_source_ranges_forward() {
        let p = patch(&[(1, 3, "", 1), (4, 5, "xyz", 2)]);
        assert_eq!(p.forward(0..6), 0..6);
        assert_eq!(p.forward(3..4), 1..2);
        assert_eq!(p.forward(4..5), 2..5);
    }
}
