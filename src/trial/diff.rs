//! A washed text beside its source, as a unified diff. It is made from the edit list, so it takes one pass and shows exactly what was done: nothing is
//! searched for, and a line that no edit touched is never shown as changed.

use std::fmt::Write as _;

use crate::text::Patch;

/// Lines shown before and after a change.
const CONTEXT: usize = 3;

/// Some lines of the source and what stands in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    /// Number of the first line, from 0.
    line: usize,
    /// Byte where it begins.
    start: usize,
    /// Byte where the last one ends.
    end: usize,
    after: String,
}

/// The unified diff between a text of a name and what a patch makes of it; empty when the patch changes nothing.
///
/// # Panics
/// When the patch was built for another text.
#[must_use]
pub fn unified(source: &str, patch: &Patch, name: &str) -> String {
    let blocks = blocks(source, patch);
    if blocks.is_empty() {
        return String::new();
    }
    let name = label(name);
    let mut out = format!("--- {name}\tsource\n+++ {name}\twashed\n");
    // How many lines the text has gained so far.
    let mut gained = 0_isize;
    let mut rest = blocks.as_slice();
    while let Some(count) = hunk_of(source, rest) {
        let (hunk, behind) = rest.split_at(count);
        gained += hunk_into(&mut out, source, hunk, gained);
        rest = behind;
    }
    out
}

/// A name stands on one line and ends at a tab.
fn label(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The changed lines, whole: neighbouring edits of a line in one block, unchanged lines at its ends left out.
fn blocks(source: &str, patch: &Patch) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let mut edits = patch.edits().peekable();
    let (mut line, mut counted) = (0, 0);
    while let Some(first) = edits.next() {
        let start = line_start(source, first.start);
        line += newlines(&source[counted..start]);
        counted = start;
        let mut after = source[start..first.start].to_owned();
        after.push_str(first.after);
        let mut end = first.end;
        loop {
            // A block ends where both texts begin a line, and no edit is at that place.
            let both_begin = is_line_start(source, end) && (after.is_empty() || after.ends_with('\n'));
            if both_begin && edits.peek().is_none_or(|next| next.start > end) {
                break;
            }
            let line_end = line_end(source, end);
            match edits.next_if(|next| next.start < line_end || next.start == end || line_end == source.len()) {
                Some(next) => {
                    after.push_str(&source[end..next.start]);
                    after.push_str(next.after);
                    end = next.end;
                }
                None => {
                    after.push_str(&source[end..line_end]);
                    if end == line_end {
                        break;
                    }
                    end = line_end;
                }
            }
        }
        out.extend(trimmed(source, Block { line, start, end, after }));
    }
    out
}

/// Without the lines at both ends that did not change; `None` if none did.
fn trimmed(source: &str, mut block: Block) -> Option<Block> {
    let before = &source[block.start..block.end];
    let head: usize = lines(before).zip(lines(&block.after)).take_while(|(x, y)| x == y).map(|(x, _)| x.len()).sum();
    block.line += newlines(&before[..head]);
    block.start += head;
    let (before, after) = (&before[head..], &block.after[head..]);
    let tail: usize = before
        .split_inclusive('\n')
        .rev()
        .zip(after.split_inclusive('\n').rev())
        .take_while(|(x, y)| x == y)
        .map(|(x, _)| x.len())
        .sum();
    block.end -= tail;
    block.after = after[..after.len() - tail].to_owned();
    (block.start < block.end || !block.after.is_empty()).then_some(block)
}

/// How many of the next blocks stand so close that they share their context.
fn hunk_of(source: &str, blocks: &[Block]) -> Option<usize> {
    let first = blocks.first()?;
    let mut end = first;
    let close = blocks[1..].iter().take_while(|next| {
        let last = std::mem::replace(&mut end, next);
        let between = next.line - (last.line + lines(&source[last.start..last.end]).count());
        between <= 2 * CONTEXT
    });
    Some(1 + close.count())
}

/// Writes a hunk; returns how many lines it adds to the text.
fn hunk_into(out: &mut String, source: &str, blocks: &[Block], gained: isize) -> isize {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return 0 };
    let before = lines_before(source, first.start);
    let (mut body, mut old, mut new) = (String::new(), 0, 0);
    let mut at = first.start - before.len();
    let lead = lines(before).count();
    for block in blocks {
        let same = put(&mut body, ' ', &source[at..block.start]);
        let gone = put(&mut body, '-', &source[block.start..block.end]);
        let come = put(&mut body, '+', &block.after);
        old += same + gone;
        new += same + come;
        at = block.end;
    }
    let behind = put(&mut body, ' ', lines_behind(source, last.end));
    (old, new) = (old + behind, new + behind);
    let start = first.line - lead;
    let side = |start: usize, count: usize| match count {
        // An empty side is named by the line before it.
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{count}", start + 1),
    };
    let new_start = start.saturating_add_signed(gained);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", side(start, old), side(new_start, new));
    out.push_str(&body);
    new.cast_signed() - old.cast_signed()
}

/// Writes lines with a mark before each; returns how many.
fn put(out: &mut String, mark: char, text: &str) -> usize {
    let mut count = 0;
    for line in lines(text) {
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
        count += 1;
    }
    count
}

/// Lines with their ends.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n')
}

fn newlines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

fn is_line_start(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |newline| newline + 1)
}

/// One past the newline of the line at hand.
fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |newline| at + newline + 1)
}

/// The last lines before a place.
fn lines_before(text: &str, at: usize) -> &str {
    let mut start = at;
    for _ in 0..CONTEXT {
        if start > 0 {
            start = line_start(text, start - 1);
        }
    }
    &text[start..at]
}

/// The first lines from a place on.
fn lines_behind(text: &str, at: usize) -> &str {
    let end = (0..CONTEXT).fold(at, |end, _| line_end(text, end));
    &text[at..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{PatchBuilder, Tag};

    fn patch(edits: &[(usize, usize, &str)]) -> Patch {
        let mut builder = PatchBuilder::new();
        for (start, end, after) in edits {
            builder.push(*start..*end, after, Tag(0));
        }
        builder.finish()
    }

    /// What `patch` does: the source with the hunks of a diff in it, every line of them checked.
    fn applied(source: &str, diff: &str) -> String {
        let old: Vec<&str> = lines(source).collect();
        let (mut out, mut at) = (String::new(), 0);
        let mut rows = diff.split_inclusive('\n').skip(2).peekable();
        while let Some(row) = rows.next() {
            let mut numbers = row.split(['-', '+', ' ', '@']).filter(|part| !part.is_empty());
            let (from, to) = (numbers.next().unwrap(), numbers.next().unwrap());
            let range = |text: &str| {
                let (start, count) = text.trim().split_once(',').unwrap_or((text.trim(), "1"));
                let (start, count): (usize, usize) = (start.parse().unwrap(), count.parse().unwrap());
                (if count == 0 { start } else { start - 1 }, count)
            };
            let ((start, mut olds), (new_start, mut news)) = (range(from), range(to));
            old[at..start].iter().for_each(|line| out.push_str(line));
            assert_eq!(lines(&out).count(), new_start, "{diff}");
            at = start;
            while olds + news > 0 {
                let row = rows.next().unwrap();
                let mut line = row[1..].to_owned();
                if rows.next_if(|next| next.starts_with('\\')).is_some() {
                    line.pop();
                }
                if !row.starts_with('+') {
                    assert_eq!(old[at], line, "{diff}");
                    at += 1;
                    olds -= 1;
                }
                if !row.starts_with('-') {
                    out.push_str(&line);
                    news -= 1;
                }
            }
        }
        old[at..].iter().for_each(|line| out.push_str(line));
        out
    }

    #[test]
    fn a_dropped_line_stands_in_its_context() {
        let source = "一\n二\n三\n四\n五\n六\n七\n八\n九\n";
        let at = source.find('五').unwrap();
        let diff = unified(source, &patch(&[(at, at + 4, "")]), "a\tb");
        assert_eq!(diff, "--- a b\tsource\n+++ a b\twashed\n@@ -2,7 +2,6 @@\n 二\n 三\n 四\n-五\n 六\n 七\n 八\n");
        assert_eq!(unified(source, &Patch::new(), "a"), "");
    }

    #[test]
    fn only_lines_that_change_are_shown_as_changed() {
        // The newline before a line, and the line: the one before it stays as it was.
        let diff = unified("一\n二\n三", &patch(&[(3, 7, "")]), "a");
        assert_eq!(
            diff,
            "--- a\tsource\n+++ a\twashed\n@@ -1,3 +1,2 @@\n 一\n-二\n 三\n\\ No newline at end of file\n"
        );
        let diff = unified("一\n二", &patch(&[(3, 7, "")]), "a");
        assert_eq!(
            diff,
            "--- a\tsource\n+++ a\twashed\n@@ -1,2 +1 @@\n-一\n-二\n\\ No newline at end of file\n+一\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("一\n", &patch(&[(0, 4, "")]), "a"), "--- a\tsource\n+++ a\twashed\n@@ -1 +0,0 @@\n-一\n");
        assert_eq!(unified("", &patch(&[(0, 0, "一\n")]), "a"), "--- a\tsource\n+++ a\twashed\n@@ -0,0 +1 @@\n+一\n");
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let source: String = (0..40).map(|n| format!("第{n}行\n")).collect();
        let at = |n: usize| source.find(&format!("第{n}行")).unwrap();
        let diff = unified(&source, &patch(&[(at(3), at(4), ""), (at(10), at(10), "新\n"), (at(30), at(31), "")]), "a");
        let heads: Vec<&str> = diff.lines().filter(|line| line.starts_with("@@")).collect();
        assert_eq!(heads, ["@@ -1,13 +1,13 @@", "@@ -28,7 +28,6 @@"]);
    }

    proptest! {
        #[test]
        fn a_diff_applied_gives_the_washed_text(
            source in "[甲乙a\n]{0,60}",
            cuts in proptest::collection::vec((0_usize..60, 0_usize..12, "[丙\n]{0,3}"), 0..8),
        ) {
            let places: Vec<usize> = source.char_indices().map(|(at, _)| at).chain([source.len()]).collect();
            let mut builder = PatchBuilder::new();
            let mut cuts = cuts;
            cuts.sort_by_key(|cut| cut.0);
            let mut last = 0;
            for (from, length, after) in &cuts {
                let from = (*from).max(last).min(places.len() - 1);
                let to = (from + length).min(places.len() - 1);
                builder.push(places[from]..places[to], after, Tag(0));
                last = to;
            }
            let patch = builder.finish();
            let diff = unified(&source, &patch, "a");
            prop_assert_eq!(applied(&source, &diff), patch.apply(&source), "{}", diff);
        }
    }
}
