//! What goes of a text with its passages, so that what is left reads well: whole lines with their ends, and no hole of blank lines.

use std::iter::Peekable;
use std::ops::Range;

use super::super::checkpoint::Scratch;
use super::super::error::BatchError;
use super::super::file::Records;
use super::places::{DROP, DROPS};
use super::runs::word;
use crate::clean::Taken;

/// Reads what goes, document by document.
pub(in crate::batch) struct Dropped(Peekable<Records<DROP>>);

impl Dropped {
    pub(in crate::batch) fn open(scratch: &Scratch) -> Result<Self, BatchError> {
        Ok(Self(Records::open(&scratch.path(DROPS))?.peekable()))
    }

    /// What goes of a document. To be asked in the order of documents.
    pub(in crate::batch) fn of(&mut self, document: u32, text: &str) -> Result<Vec<Taken>, BatchError> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let is_his = |record: &Result<[u8; DROP], BatchError>| {
            record.as_ref().map_or(true, |record| word(record, 0) <= document)
        };
        while let Some(record) = self.0.next_if(is_his) {
            let record = record?;
            let range = word(&record, 4) as usize..word(&record, 8) as usize;
            match ranges.last_mut() {
                Some(last) if text.get(last.end..range.start).is_none_or(|between| between.trim().is_empty()) => {
                    last.end = last.end.max(range.end);
                }
                _ => ranges.push(range),
            }
        }
        Ok(taken(text, &ranges))
    }
}

/// The ranges that are taken out for passages at these.
fn taken(text: &str, passages: &[Range<usize>]) -> Vec<Taken> {
    let mut out: Vec<Taken> = Vec::with_capacity(passages.len());
    for passage in passages {
        let (mut range, after) = widened(text, passage);
        // The one before may have taken the blank lines between them.
        let taken = out.last().map_or(0, |(before, _)| before.end);
        range.start = range.start.max(taken);
        if range.start < range.end {
            out.push((range, after));
        }
    }
    out
}

fn widened(text: &str, passage: &Range<usize>) -> Taken {
    let line_start = text[..passage.start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[passage.end..].find('\n').map_or(text.len(), |newline| passage.end + newline);
    let begins = text[line_start..passage.start].trim().is_empty();
    let ends = text[passage.end..line_end].trim().is_empty();
    match (begins, ends) {
        (true, true) => (lines(text, line_start..(line_end + 1).min(text.len())), ""),
        (true, false) => {
            let behind = &text[passage.end..line_end];
            (line_start..passage.end + (behind.len() - behind.trim_start().len()), "")
        }
        (false, true) => (line_start + text[line_start..passage.start].trim_end().len()..line_end, ""),
        // Two lines stay two lines.
        (false, false) => (passage.clone(), if text[passage.clone()].contains('\n') { "\n" } else { "" }),
    }
}

/// Whole lines, and blank ones beside them that would make a second one, or stand at an end of the text.
fn lines(text: &str, lines: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = lines;
    let behind = &text[end..];
    let blank = behind.len() - behind.trim_start().len();
    let before = text[..start].trim_end();
    // The line ends that follow the last line before.
    let gap = text[before.len()..start].matches('\n').count();
    let next = end + text[end..end + blank].rfind('\n').map_or(0, |newline| newline + 1);
    if before.is_empty() || gap > 1 {
        end = next;
    }
    if end == text.len() && gap > 1 {
        start = before.len() + text[before.len()..].find('\n').map_or(0, |newline| newline + 1);
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, passages: &[&str]) -> String {
        let ranges: Vec<Range<usize>> = passages
            .iter()
            .map(|passage| {
                let start = text.find(passage).unwrap();
                start..start + passage.len()
            })
            .collect();
        let (mut out, mut at) = (String::new(), 0);
        for (range, after) in taken(text, &ranges) {
            out.push_str(&text[at..range.start]);
            out.push_str(after);
            at = range.end;
        }
        out + &text[at..]
    }

    #[test]
    fn whole_lines_go_with_their_ends_and_leave_no_hole() {
        for (text, passage, want) in [
            ("甲\n乙\n丙\n", "乙", "甲\n丙\n"),
            ("甲\n\n乙\n\n丙\n", "乙", "甲\n\n丙\n"),
            ("甲\n\n乙\n丙\n", "乙", "甲\n\n丙\n"),
            ("甲\n乙\n\n丙\n", "乙", "甲\n\n丙\n"),
            ("乙\n\n丙\n", "乙", "丙\n"),
            ("甲\n\n乙\n", "乙", "甲\n"),
            ("甲\n\n乙", "乙", "甲\n"),
            ("甲\n乙", "乙", "甲\n"),
            ("乙", "乙", ""),
            ("甲\n　乙 \n丙", "乙", "甲\n丙"),
        ] {
            assert_eq!(left(text, &[passage]), want, "{text:?}");
        }
    }

    #[test]
    fn sentences_go_and_their_lines_stay() {
        assert_eq!(left("甲。乙。丙。\n", &["乙。"]), "甲。丙。\n");
        assert_eq!(left("甲。 乙。\n丙。\n", &["乙。"]), "甲。\n丙。\n");
        assert_eq!(left("　乙。 丙。\n", &["乙。"]), "丙。\n");
        assert_eq!(left("甲。乙。\n丙\n丁。戊。\n", &["乙。\n丙\n丁。"]), "甲。\n戊。\n");
        assert_eq!(left("甲\n\n乙\n\n丙\n\n丁\n", &["乙", "丙"]), "甲\n\n丁\n");
    }
}
