//! Ranges taken out of a washed text, so that its record stays true: the edits say so, and still rebuild the source.

use std::ops::Range;

use super::pipeline::{self, Washed};
use super::report;
use crate::document::{EditRecord, Flag, Part, Stats};
use crate::text::class::letters;
use crate::text::counts::Counts;
use crate::text::lines::scan;
use crate::text::{Patch, PatchBuilder, Tag};

/// What is to be taken out: a byte range of the washed text, and what takes its place.
pub type Taken = (Range<usize>, &'static str);

/// A washed text with less in it, and the parts of its record that follow.
#[derive(Debug, Clone, PartialEq)]
pub struct Lessened {
    /// The text.
    pub text: String,
    /// From the source to the text.
    pub edits: Vec<EditRecord>,
    /// Parts of a compilation, where something is left of them.
    pub parts: Vec<Part>,
    /// Counts over the text.
    pub stats: Stats,
    /// Flags that are to be raised besides.
    pub flags: Vec<Flag>,
}

/// Takes ranges, in order, out of a washed text in the name of a rule. `edits` are those of the washing, with what stood there.
#[must_use]
pub fn lessen(text: &str, edits: &[EditRecord], parts: &[Part], taken: &[Taken], rule: &str) -> Lessened {
    let mut names: Vec<String> = Vec::new();
    let mut tag = |name: &str| {
        let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        Tag(at as u32)
    };
    let mut washing = PatchBuilder::with_capacity(edits.len());
    for edit in edits {
        let also: Vec<Tag> = edit.also.iter().map(|name| tag(name)).collect();
        washing.push_also(edit.start..edit.end, edit.after.as_deref().unwrap_or_default(), tag(&edit.rule), &also);
    }
    let mut less = PatchBuilder::with_capacity(taken.len());
    for (range, after) in taken {
        less.push(range.clone(), after, tag(rule));
    }
    let less = less.finish();
    let source = restored(text, edits);
    let patch = washing.finish().compose(&less).trimmed(&source);
    let out = less.apply(text);
    let washed = Washed {
        letters_before: letters(&source),
        counts: Counts::of(&out),
        lines: scan(&out),
        parts: moved(parts, &less),
        text: out,
        flags: Vec::new(),
        files: Vec::new(),
        refused: Vec::new(),
        patch,
    };
    let name = |tag: Tag| names.get(tag.0 as usize).cloned().unwrap_or_default();
    let record = |edit: crate::text::Edit<'_>| EditRecord {
        rule: name(edit.tag),
        start: edit.start,
        end: edit.end,
        before: Some(source[edit.start..edit.end].to_owned()),
        after: Some(edit.after.to_owned()),
        also: edit.also.iter().map(|&tag| name(tag)).collect(),
    };
    let edits = washed.patch.edits().map(record).collect();
    let flags = pipeline::losses(washed.letters_before, washed.counts.letters);
    let (stats, _) = report::stats(&washed);
    Lessened { text: washed.text, edits, parts: washed.parts, stats, flags }
}

/// The source of a washed text: each edit's `before` in place of its `after`.
#[must_use]
pub fn restored(text: &str, edits: &[EditRecord]) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut at, mut source) = (0, 0);
    for edit in edits {
        let kept = edit.start - source;
        out.push_str(&text[at..at + kept]);
        out.push_str(edit.before.as_deref().unwrap_or_default());
        at += kept + edit.after.as_deref().unwrap_or_default().len();
        source = edit.end;
    }
    out.push_str(&text[at..]);
    out
}

fn moved(parts: &[Part], less: &Patch) -> Vec<Part> {
    let part = |part: &Part| {
        let range = less.forward(part.start..part.end);
        Part { title: part.title.clone(), start: range.start, end: range.end }
    };
    parts.iter().map(part).filter(|part| part.start < part.end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_says_what_was_taken_and_rebuilds_the_source() {
        let edit = EditRecord {
            rule: "a/b".to_owned(),
            start: 0,
            end: 6,
            before: Some("广告".to_owned()),
            after: Some(String::new()),
            also: Vec::new(),
        };
        let text = "正文。\n许可声明一行。\n结尾。\n";
        let at = text.find("许可").unwrap();
        let end = text.find("结尾").unwrap();
        let parts = [
            Part { title: "甲".to_owned(), start: at, end },
            Part { title: "乙".to_owned(), start: end, end: text.len() },
        ];
        let less = lessen(text, &[edit], &parts, &[(at..end, "")], "passages");
        assert_eq!(less.text, "正文。\n结尾。\n");
        let rules: Vec<&str> = less.edits.iter().map(|edit| edit.rule.as_str()).collect();
        assert_eq!(rules, ["a/b", "passages"]);
        assert_eq!(restored(&less.text, &less.edits), format!("广告{text}"));
        assert_eq!((less.parts.len(), less.parts[0].start), (1, at));
        assert_eq!((less.stats.removed_share, less.flags), (0.6667, Vec::new()));
        let all = lessen(text, &[], &[], &[(0..text.len(), "")], "passages");
        assert_eq!((all.text.as_str(), all.flags), ("", vec![Flag::Empty, Flag::MostlyRemoved]));
    }
}
