//! What rule steps want of a page, and how overlapping wishes are settled into one patch.

use std::ops::Range;

use super::page::Page;
use crate::document::Flag;
use crate::text::{Patch, PatchBuilder, Tag};

/// Cuts leave at least this many letters …
pub const MIN_KEEP_LETTERS: usize = 200;
/// … or this share of the text, in percent.
pub const MIN_KEEP_PERCENT: usize = 20;

/// One wish: a byte range of the source and what takes its place.
#[derive(Debug, Clone)]
struct Claim {
    range: Range<usize>,
    after: String,
    tag: Tag,
    /// Position in the order of steps: the later one names an overlap.
    order: usize,
}

/// All wishes of a pass.
#[derive(Debug, Default)]
pub struct ClaimList {
    claims: Vec<Claim>,
    /// Flags raised.
    pub flags: Vec<Flag>,
    /// Steps that wanted to cut more than may go.
    pub refused: Vec<Tag>,
    order: usize,
    /// Matching work done, in bytes.
    pub work: u64,
}

/// The wishes of one step.
#[derive(Debug)]
pub struct Claims<'l> {
    list: &'l mut ClaimList,
    tag: Tag,
    flag: Option<Flag>,
}

impl ClaimList {
    /// Lets one step claim.
    pub fn step(&mut self, tag: Tag, flag: Option<Flag>) -> Claims<'_> {
        self.order += 1;
        Claims { list: self, tag, flag }
    }

    /// Whether nothing is claimed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// One patch out of all claims. Overlapping deletions become one edit, named by the later step; what a deletion covers is
    /// listed with it; a replacement that only partly overlaps another claim waits for the next pass.
    #[must_use]
    pub fn settle(mut self) -> Patch {
        self.claims.sort_by(|a, b| {
            (a.range.start, std::cmp::Reverse(a.range.end), a.order).cmp(&(
                b.range.start,
                std::cmp::Reverse(b.range.end),
                b.order,
            ))
        });
        let mut builder = PatchBuilder::with_capacity(self.claims.len());
        let mut claims = self.claims.into_iter();
        let Some(mut held) = claims.next().map(Held::new) else { return Patch::new() };
        for claim in claims {
            if claim.range.start >= held.claim.range.end {
                held.write(&mut builder);
                held = Held::new(claim);
            } else {
                held.join(&claim);
            }
        }
        held.write(&mut builder);
        builder.finish()
    }
}

struct Held {
    claim: Claim,
    also: Vec<(usize, Tag)>,
}

impl Held {
    fn new(claim: Claim) -> Self {
        Self { claim, also: Vec::new() }
    }

    fn join(&mut self, claim: &Claim) {
        let inside = claim.range.end <= self.claim.range.end;
        let deletions = claim.after.is_empty() && self.claim.after.is_empty();
        if !deletions && (!inside || !self.claim.after.is_empty()) {
            return;
        }
        self.claim.range.end = self.claim.range.end.max(claim.range.end);
        if claim.order >= self.claim.order && deletions {
            self.also.push((self.claim.order, self.claim.tag));
            self.claim.tag = claim.tag;
            self.claim.order = claim.order;
        } else {
            self.also.push((claim.order, claim.tag));
        }
    }

    fn write(mut self, builder: &mut PatchBuilder) {
        self.also.sort_unstable();
        let mut also: Vec<Tag> = Vec::with_capacity(self.also.len());
        for (_, tag) in self.also.into_iter().rev() {
            if tag != self.claim.tag && !also.contains(&tag) {
                also.push(tag);
            }
        }
        builder.push_also(self.claim.range, &self.claim.after, self.claim.tag, &also);
    }
}

impl Claims<'_> {
    /// Claims a range of the source and raises the step's flag.
    pub fn replace(&mut self, range: Range<usize>, after: &str) {
        if range.is_empty() && after.is_empty() {
            return;
        }
        if let Some(flag) = self.flag {
            self.flag(flag);
        }
        let order = self.list.order;
        self.list.claims.push(Claim { range, after: after.to_owned(), tag: self.tag, order });
    }

    /// Claims a unit: its line, or its sentence.
    pub fn drop_unit(&mut self, page: &Page<'_>, unit: usize) {
        self.replace(page.removal(unit), "");
    }

    /// Claims everything in `range` if enough is left, else raises `cut_refused`. `kept` and `total` are letters.
    pub fn cut(&mut self, range: Range<usize>, kept: usize, total: usize) -> bool {
        let enough = kept >= MIN_KEEP_LETTERS || kept * 100 >= total * MIN_KEEP_PERCENT;
        if enough {
            self.replace(range, "");
        } else {
            self.refused();
        }
        enough
    }

    /// A cut that would part prose from prose takes only its line, unless that is kept, and raises `cut_refused`.
    pub fn refuse_cut(&mut self, page: &Page<'_>, unit: usize, keep_line: bool) {
        if !keep_line {
            self.drop_unit(page, unit);
        }
        self.refused();
    }

    /// Notes that the step may not cut as it wants.
    fn refused(&mut self) {
        self.flag(Flag::CutRefused);
        if !self.list.refused.contains(&self.tag) {
            self.list.refused.push(self.tag);
        }
    }

    /// Raises a flag on the document.
    pub fn flag(&mut self, flag: Flag) {
        if !self.list.flags.contains(&flag) {
            self.list.flags.push(flag);
        }
    }

    /// Counts matching work, in bytes looked at.
    pub fn work(&mut self, bytes: usize) {
        self.list.work += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(claims: &[(Range<usize>, &str, u32)]) -> Vec<(usize, usize, String, u32, Vec<u32>)> {
        let mut list = ClaimList::default();
        for (range, after, tag) in claims {
            list.step(Tag(*tag), None).replace(range.clone(), after);
        }
        let patch = list.settle();
        patch
            .edits()
            .map(|e| (e.start, e.end, e.after.to_owned(), e.tag.0, e.also.iter().map(|t| t.0).collect()))
            .collect()
    }

    #[test]
    fn overlapping_deletions_become_one_named_by_the_later_step() {
        assert_eq!(settle(&[(0..10, "", 1), (5..20, "", 2)]), [(0, 20, String::new(), 2, vec![1])]);
        assert_eq!(settle(&[(5..8, "", 1), (0..10, "", 2)]), [(0, 10, String::new(), 2, vec![1])]);
    }

    #[test]
    fn neighbours_stay_apart_and_replacements_yield() {
        assert_eq!(settle(&[(0..5, "", 1), (5..9, "", 2)]).len(), 2);
        assert_eq!(settle(&[(2..4, "x", 1), (0..10, "", 2)]), [(0, 10, String::new(), 2, vec![1])]);
        assert_eq!(settle(&[(0..6, "x", 1), (4..10, "", 2)]), [(0, 6, "x".to_owned(), 1, vec![])]);
    }
}
