//! From pieces of text and boundaries to blocks.
//!
//! White space collapses as in the plain rendering. A block ends at a block-level boundary and at two `<br>` without
//! text between them. The cells of a table row share a block, by tabs, unless one of them turns out to have several
//! blocks: that cell stands alone then.

use super::block::{Block, Kind};
use super::measure::measure;
use crate::html::lines::{Space, ends_wide, leading_space, parts_words, run_length, starts_wide};
use std::ops::Range;

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) inner: u32,
    pub(super) element: u32,
    pub(super) kind: Kind,
    pub(super) hidden: bool,
    pub(super) quoted: bool,
    pub(super) source: u32,
}

/// What is owed before the next text of the block; the strongest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Seam,
    Space,
    Wrap,
    Line,
    Cell,
    /// The block is over, unless a table cell follows.
    Block,
}

/// The block being written.
#[derive(Debug, Clone, Copy)]
struct Open {
    start: usize,
    place: Place,
    /// Where the last cell begins, if it is not the first: its tab, and its place.
    cell: Option<(usize, Place)>,
}

/// The blocks so far.
#[derive(Debug)]
pub(super) struct Writer {
    out: Vec<u8>,
    blocks: Vec<Block>,
    links: Vec<Range<u32>>,
    open: Option<Open>,
    gap: Gap,
    breaks: u8,
    /// In a row of a table, and its cells had one block each so far.
    in_row: bool,
    max: usize,
    truncated: bool,
}

impl Writer {
    /// Keeps at most `max` bytes of text.
    pub(super) fn new(max: usize, capacity: usize) -> Self {
        Self {
            out: Vec::with_capacity(capacity),
            blocks: Vec::new(),
            links: Vec::new(),
            open: None,
            gap: Gap::None,
            breaks: 0,
            in_row: false,
            max,
            truncated: false,
        }
    }

    /// How many blocks there are, the open one included.
    pub(super) fn count(&self) -> u32 {
        (self.blocks.len() + usize::from(self.open.is_some())) as u32
    }

    /// A block-level element begins or ends.
    pub(super) fn boundary(&mut self) {
        if self.open.is_none() {
            return;
        }
        if self.in_row {
            self.gap = Gap::Block;
        } else {
            self.close();
        }
    }

    /// A `<br>`.
    pub(super) fn line(&mut self) {
        self.gap = self.gap.max(Gap::Line);
        self.breaks = self.breaks.saturating_add(1);
        if self.breaks == 2 {
            self.boundary();
        }
    }

    /// Two inline elements meet.
    pub(super) fn seam(&mut self) {
        self.gap = self.gap.max(Gap::Seam);
    }

    /// A row or a table begins or ends.
    pub(super) fn row(&mut self) {
        self.close();
        self.in_row = false;
    }

    /// A table cell begins.
    pub(super) fn cell(&mut self) {
        if self.open.is_some() {
            self.gap = Gap::Cell;
        }
        self.in_row = true;
    }

    /// Appends a piece of text. Pieces may end anywhere, even inside a character.
    pub(super) fn text(&mut self, piece: &[u8], space: Space, is_link: bool, place: &Place) {
        if space == Space::Keep {
            if self.gap == Gap::Seam {
                self.gap = Gap::None;
            }
            if self.open.is_some() || !piece.trim_ascii().is_empty() {
                self.write(piece, is_link, place);
            }
            return;
        }
        let mut rest = piece;
        loop {
            let (blank, has_line_end) = leading_space(rest);
            if blank > 0 {
                let gap = match (has_line_end, space) {
                    (false, _) => Gap::Space,
                    (true, Space::Lines) => Gap::Line,
                    (true, _) => Gap::Wrap,
                };
                self.gap = self.gap.max(gap);
                rest = &rest[blank..];
            }
            if rest.is_empty() {
                return;
            }
            let (run, after) = rest.split_at(run_length(rest));
            self.write(run, is_link, place);
            rest = after;
        }
    }

    /// The text, the blocks, the links, and whether the text was cut.
    pub(super) fn finish(mut self) -> (String, Vec<Block>, Vec<Range<u32>>, bool) {
        self.close();
        let text =
            String::from_utf8(self.out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        (text, self.blocks, self.links, self.truncated)
    }

    fn write(&mut self, run: &[u8], is_link: bool, place: &Place) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        self.breaks = 0;
        if gap == Gap::Block {
            self.split_row();
        }
        match &mut self.open {
            None => {
                self.open = Some(Open { start: self.out.len(), place: *place, cell: None });
            }
            Some(open) => match gap {
                Gap::None | Gap::Block => {}
                Gap::Wrap if ends_wide(&self.out[open.start..]) && starts_wide(run) => {}
                Gap::Seam if !parts_words(&self.out[open.start..], run) => {}
                Gap::Seam | Gap::Space | Gap::Wrap => self.out.push(b' '),
                Gap::Line => self.out.push(b'\n'),
                Gap::Cell => {
                    open.cell = Some((self.out.len(), *place));
                    self.out.push(b'\t');
                }
            },
        }
        let start = self.out.len();
        self.push(run);
        if is_link {
            self.link(start as u32, self.out.len() as u32);
        }
    }

    fn link(&mut self, start: u32, end: u32) {
        let block = self.open.map_or(start, |open| open.start as u32);
        match self.links.last_mut() {
            Some(last) if last.end >= block && start - last.end <= 1 && last.start >= block => last.end = end,
            _ => self.links.push(start..end),
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = self.max.saturating_sub(self.out.len());
        if bytes.len() <= room {
            self.out.extend_from_slice(bytes);
            return;
        }
        self.truncated = true;
        // Cut before a character, not inside one.
        let end = (0..=room).rev().find(|&end| bytes[end] & 0xC0 != 0x80).unwrap_or(0);
        self.out.extend_from_slice(&bytes[..end]);
        self.max = self.out.len();
    }

    /// A cell has a second block: it stops being part of the row's block.
    fn split_row(&mut self) {
        if let Some((tab, place)) = self.open.as_mut().and_then(|open| open.cell.take()) {
            let rest: Vec<u8> = self.out[tab + 1..].to_vec();
            let cut = self.links.partition_point(|link| (link.end as usize) <= tab);
            let links = self.links.split_off(cut);
            self.out.truncate(tab);
            self.close();
            let shift = (tab + 1 - self.out.len()) as u32;
            self.links.extend(links.into_iter().map(|link| link.start.saturating_sub(shift)..link.end - shift));
            self.open = Some(Open { start: self.out.len(), place, cell: None });
            self.out.extend_from_slice(&rest);
        }
        self.close();
        // What follows in this row are blocks of their own.
        self.in_row = false;
    }

    fn close(&mut self) {
        self.gap = Gap::None;
        self.breaks = 0;
        let Some(open) = self.open.take() else { return };
        let length = self.out[open.start..].trim_ascii_end().len();
        self.out.truncate(open.start + length);
        let (start, end) = (open.start as u32, self.out.len() as u32);
        while self.links.last().is_some_and(|link| link.start >= end) {
            self.links.pop();
        }
        if let Some(last) = self.links.last_mut() {
            last.end = last.end.min(end);
        }
        let text = String::from_utf8_lossy(&self.out[open.start..]);
        let counts = measure(&text);
        let mut link_words = 0;
        for link in self.links.iter().rev().take_while(|link| link.start >= start) {
            link_words += measure(&String::from_utf8_lossy(&self.out[link.start as usize..link.end as usize])).words;
        }
        let Place { inner, element, kind, hidden, quoted, source } = open.place;
        self.blocks.push(Block {
            start,
            end,
            inner,
            element,
            kind,
            hidden,
            quoted,
            source,
            words: counts.words,
            link_words: link_words.min(counts.words),
            counts,
        });
    }
}
