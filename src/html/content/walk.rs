//! What has been passed on the way down a page.

use super::cues::Cues;
use crate::html::page::{Block, Kind};

/// What has been passed on the way down the page.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) words: f32,
    pub(super) h1: Option<f32>,
    pub(super) h1s: f32,
    /// The last heading: its place, level, and the words before it.
    pub(super) heading: Option<(usize, f32, f32)>,
    pub(super) end: Option<usize>,
    pub(super) related: Option<usize>,
}

impl Walk {
    /// Blocks since then, at most 100; -1 for never.
    pub(super) fn since(what: Option<usize>, at: usize) -> f32 {
        what.map_or(-1.0, |what| (at - what).min(100) as f32)
    }

    /// A block is passed.
    pub(super) fn step(&mut self, at: usize, block: &Block, cues: Cues) {
        self.words += block.words as f32;
        if let Kind::Heading(level) = block.kind {
            self.heading = Some((at, f32::from(level), self.words));
            if level == 1 {
                self.h1 = Some(self.words);
                self.h1s += 1.0;
            }
        }
        if cues.end {
            self.end = Some(at);
        }
        if cues.related {
            self.related = Some(at);
        }
    }
}
