//! Joining two patches into one, in one walk over both.
//!
//! `first` leads from a source S to a middle text M, `second` from M to the result. Edits of the two whose places in M
//! overlap become one edit over S. A place in M inside such a cluster that `second` leaves alone is always text that
//! `first` inserted, so neither S nor M is needed.

use super::{Patch, PatchBuilder, Raw, Tag};

/// See [`Patch::compose`].
pub(super) fn compose(first: &Patch, second: &Patch) -> Patch {
    let mut walk = Walk {
        first,
        second,
        i: 0,
        j: 0,
        grown: 0,
        shrunk: 0,
        out: PatchBuilder::with_capacity(first.len() + second.len()),
    };
    while walk.i < first.raws.len() || walk.j < second.raws.len() {
        walk.cluster();
    }
    walk.out.finish()
}

struct Walk<'p> {
    first: &'p Patch,
    second: &'p Patch,
    i: usize,
    j: usize,
    /// Bytes that the edits of `first` before `i` inserted and removed: M = S + grown - shrunk.
    grown: usize,
    shrunk: usize,
    out: PatchBuilder,
}

/// A half-open range in M, possibly empty.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// Overlap that forces two edits together: a shared byte, an empty place strictly inside, or the same empty place.
    fn meets(self, other: Self) -> bool {
        let empties = (self.start == self.end, other.start == other.end);
        match empties {
            (false, false) => self.start < other.end && other.start < self.end,
            (true, false) => other.start < self.start && self.start < other.end,
            (false, true) => self.start < other.start && other.start < self.end,
            (true, true) => self.start == other.start,
        }
    }
}

impl Walk<'_> {
    /// Where the next edit of `first` stands in M.
    fn first_span(&self) -> Option<Span> {
        let raw = self.first.raws.get(self.i)?;
        let start = raw.start + self.grown - self.shrunk;
        Some(Span { start, end: start + raw.after.len() })
    }

    fn second_span(&self) -> Option<Span> {
        self.second.raws.get(self.j).map(|raw| Span { start: raw.start, end: raw.end })
    }

    /// Takes the next edit of `first` and returns its end in S.
    fn take_first(&mut self) -> usize {
        let raw = &self.first.raws[self.i];
        self.grown += raw.after.len();
        self.shrunk += raw.end - raw.start;
        self.i += 1;
        raw.end
    }

    /// Emits the next edit or cluster of overlapping edits.
    fn cluster(&mut self) {
        let (a, b) = (self.first_span(), self.second_span());
        let first_leads = match (a, b) {
            (Some(a), Some(b)) => (a.start, a.end) <= (b.start, b.end),
            (a, _) => a.is_some(),
        };
        let Some(mut hull) = (if first_leads { a } else { b }) else { return };
        let (i0, j0) = (self.i, self.j);
        let source_start = if first_leads { self.first.raws[i0].start } else { hull.start + self.shrunk - self.grown };
        // The end in S of the cluster so far: exact after an edit of `first`, else counted from the hull.
        let mut last_first: Option<(usize, usize)> = None;
        if first_leads {
            last_first = Some((self.take_first(), hull.end));
        } else {
            self.j += 1;
        }
        loop {
            if let Some(a) = self.first_span().filter(|a| hull.meets(*a)) {
                hull.end = hull.end.max(a.end);
                last_first = Some((self.take_first(), a.end));
            } else if let Some(b) = self.second_span().filter(|b| hull.meets(*b)) {
                hull.end = hull.end.max(b.end);
                self.j += 1;
            } else {
                break;
            }
        }
        let source_end = match last_first {
            Some((source, middle)) => source + (hull.end - middle),
            None => source_start + (hull.end - hull.start),
        };
        self.emit(i0, j0, hull, source_start..source_end);
    }

    /// Writes the cluster of edits `i0..self.i` and `j0..self.j`.
    fn emit(&mut self, i0: usize, j0: usize, hull: Span, source: std::ops::Range<usize>) {
        let (mine, theirs) = (&self.first.raws[i0..self.i], &self.second.raws[j0..self.j]);
        if theirs.is_empty() {
            for raw in mine {
                self.out.push_also(raw.start..raw.end, self.first.after(raw), raw.tag, &raw.also);
            }
            return;
        }
        if mine.is_empty() {
            // One edit, or insertions at one place: each keeps its distance from the start of the hull.
            for raw in theirs {
                let start = source.start + (raw.start - hull.start);
                self.out.push_also(start..start + (raw.end - raw.start), self.second.after(raw), raw.tag, &raw.also);
            }
            return;
        }
        let after = self.text(mine, theirs, hull);
        let (tag, also) = names(mine, theirs);
        self.out.push_also(source, &after, tag, &also);
    }

    /// The result's text for a cluster: what `second` inserts, and what it left of what `first` inserted.
    fn text(&self, mine: &[Raw], theirs: &[Raw], hull: Span) -> String {
        // Places of `mine` in M, from the start of the hull: S distance between edits is kept in M.
        let mut out = String::new();
        let mut places = Vec::with_capacity(mine.len());
        let lead = &mine[0];
        let (mut grown, mut shrunk) = (self.grown, self.shrunk);
        for raw in mine.iter().rev() {
            grown -= raw.after.len();
            shrunk -= raw.end - raw.start;
        }
        debug_assert!(lead.start + grown - shrunk >= hull.start);
        for raw in mine {
            let start = raw.start + grown - shrunk;
            places.push(start);
            grown += raw.after.len();
            shrunk += raw.end - raw.start;
        }
        let mut cursor = 0;
        let mut keep = |out: &mut String, from: usize, to: usize| {
            while let (Some(raw), Some(&start)) = (mine.get(cursor), places.get(cursor)) {
                let end = start + raw.after.len();
                let (low, high) = (from.max(start), to.min(end));
                if low < high {
                    out.push_str(&self.first.after(raw)[low - start..high - start]);
                }
                if end > to {
                    break;
                }
                cursor += 1;
            }
        };
        let mut at = hull.start;
        for raw in theirs {
            keep(&mut out, at, raw.start);
            out.push_str(self.second.after(raw));
            at = raw.end;
        }
        keep(&mut out, at, hull.end);
        out
    }
}

/// The last edit of `second` names the cluster; all others are listed once, latest first.
fn names(mine: &[Raw], theirs: &[Raw]) -> (Tag, Vec<Tag>) {
    let tag = theirs[theirs.len() - 1].tag;
    let mut also = Vec::new();
    for raw in theirs.iter().rev().chain(mine.iter().rev()) {
        for other in std::iter::once(raw.tag).chain(raw.also.iter().copied()) {
            if other != tag && !also.contains(&other) {
                also.push(other);
            }
        }
    }
    (tag, also)
}
