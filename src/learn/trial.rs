//! Proposed steps tried on pages, by the washing itself.

use std::ops::Range;
use std::sync::Arc;

use super::compose;
use super::sheet::Sheet;
use super::step::Step;
use crate::clean::{Cleaner, Options, selftest};
use crate::rules::{RuleSet, load};
use crate::text::Tag;

/// The id and host that files have while they are tried.
const TRIED: &str = "tried";
const HOST: &str = "tried.invalid";

/// A stretch of a page that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    /// The steps that took it, the deciding one first.
    pub(super) steps: Vec<usize>,
    /// Where, in bytes of the page's text.
    pub(super) range: Range<usize>,
}

/// A rule file ready to be tried.
pub(super) struct Trial {
    cleaner: Cleaner,
    tags: Vec<Tag>,
}

impl Trial {
    /// The steps as a file; `None` when it does not load.
    pub(super) fn new(steps: &[Step]) -> Option<Self> {
        let mut source = format!("id = \"{TRIED}\"\ntitle = \"-\"\nwhy = \"-\"\nhosts = [\"{HOST}\"]\n");
        for (index, step) in steps.iter().enumerate() {
            source.push_str(&compose::step(&format!("s{index}"), step));
        }
        let set = load::load_one(TRIED, &source).ok()?;
        let tags = set.files().first()?.steps.iter().map(|step| step.tag).collect();
        Some(Self { cleaner: Cleaner::new(Arc::new(set)), tags })
    }

    /// What the steps take of a page. `None` when they cannot be run on it: they never settle, or cost too much.
    pub(super) fn run(&self, sheet: &Sheet) -> Option<Vec<Act>> {
        let washed = self.wash(&sheet.text)?;
        let step = |tag: Tag| self.tags.iter().position(|other| *other == tag);
        Some(
            washed
                .patch
                .edits()
                .map(|edit| Act {
                    steps: std::iter::once(edit.tag).chain(edit.also.iter().copied()).filter_map(step).collect(),
                    range: edit.start..edit.end,
                })
                .collect(),
        )
    }

    /// A text washed with the file alone.
    pub(super) fn wash(&self, text: &str) -> Option<crate::clean::Washed> {
        let options = Options { profile: Some("keep".to_owned()), ..Options::default() };
        self.cleaner.wash(text, Some(&format!("https://{HOST}/")), &options).ok()
    }
}

/// What the tests of a rule file find wrong with it; a file that does not load is one fault.
pub(super) fn faults(source: &str) -> Vec<String> {
    match load::load_one("proposed", source) {
        Ok(set) => faults_of(set),
        Err(error) => vec![error.to_string()],
    }
}

fn faults_of(set: RuleSet) -> Vec<String> {
    let outcome = selftest::run(&Arc::new(set), &[]);
    outcome.faults.into_iter().map(|fault| fault.message).collect()
}
