//! The passes over a text, to the fixpoint.
//!
//! A pass runs every step of the profile in order. Passes repeat until none of the steps changes anything, so the outcome is a text
//! that each step leaves alone: washing it again changes nothing. What still changes after [`MAX_PASSES`] is an error.

use std::borrow::Cow;

use super::normalise;
use super::rules_pass::{self, Active};
use super::verbatim::Verbatim;
use super::{CleanError, Scope};
use crate::document::{Flag, Part};
use crate::rules::{ProfileStep, RuleSet};
use crate::steps::facts::Facts;
use crate::steps::{Action, LineStep, TextEdits, TextStep};
use crate::text::class::letters;
use crate::text::counts::Counts;
use crate::text::lines::{Line, scan};
use crate::text::{Patch, Tag};

/// Most passes that may change a text.
pub const MAX_PASSES: usize = 4;
/// Documents up to this size have the work budget of one of this size.
pub(super) const WORK_FLOOR: u64 = 256 * 1024;
/// A document that lost more than this share of its letters, in percent, is flagged.
const MOSTLY_PERCENT: usize = 70;

/// A washed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Washed {
    /// The cleaned text.
    pub text: String,
    /// From the source to the cleaned text.
    pub patch: Patch,
    /// What is noteworthy, in the order of [`Flag::ALL`].
    pub flags: Vec<Flag>,
    /// Parts of a compilation.
    pub parts: Vec<Part>,
    /// Rule files that changed something, as indices of the rule set, in the order they act.
    pub files: Vec<usize>,
    /// Steps that wanted to cut more than may go.
    pub refused: Vec<Tag>,
    /// Letters of the source.
    pub letters_before: usize,
    /// Counts over the cleaned text.
    pub counts: Counts,
    /// Lines of the cleaned text.
    pub lines: Vec<Line>,
}

/// A text on its way.
pub(super) struct Draft<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) lines: Vec<Line>,
    /// Code, which no step changes.
    pub(super) code: Verbatim,
    pub(super) patch: Patch,
    pub(super) flags: Vec<Flag>,
    pub(super) parts: Vec<Part>,
    refused: Vec<Tag>,
    /// The rule of the last edit, for the error of rules that never settle.
    last: Option<Tag>,
}

impl<'t> Draft<'t> {
    pub(super) fn new(text: &'t str, lines: Vec<Line>, code: Verbatim) -> Self {
        Self {
            text: Cow::Borrowed(text),
            lines,
            code,
            patch: Patch::new(),
            flags: Vec::new(),
            parts: Vec::new(),
            refused: Vec::new(),
            last: None,
        }
    }

    /// Takes a step's patch; returns whether it changed anything.
    pub(super) fn take(&mut self, patch: &Patch) -> bool {
        if patch.is_empty() {
            return false;
        }
        self.last = patch.edits().last().map(|edit| edit.tag);
        let text = patch.apply(&self.text);
        self.lines = scan(&text);
        self.code.moved(patch);
        self.text = Cow::Owned(text);
        self.patch = self.patch.compose(patch);
        true
    }

    pub(super) fn flag(&mut self, flag: Flag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }

    /// Notes a step whose cut was refused.
    pub(super) fn refuse(&mut self, step: Tag) {
        if !self.refused.contains(&step) {
            self.refused.push(step);
        }
    }
}

pub(super) fn wash(
    text: &str,
    code: Verbatim,
    host: Option<&str>,
    rules: &RuleSet,
    scope: &Scope<'_>,
    work_per_byte: u64,
) -> Result<Washed, CleanError> {
    let mut draft = Draft::new(text, scan(text), code);
    let limit = work_per_byte.saturating_mul((text.len() as u64).max(WORK_FLOOR));
    let mut active = Active::new(host, rules, limit);
    let mut pass = 0;
    while one_pass(&mut draft, rules, scope, &mut active)? {
        pass += 1;
        if pass > MAX_PASSES {
            let rule = draft.last.and_then(|tag| rules.name(tag)).map_or_else(String::new, |name| name.name.clone());
            return Err(CleanError::Unstable { rule });
        }
    }
    Ok(finish(text, draft, active))
}

/// Runs every step once; returns whether any changed the text.
fn one_pass(
    draft: &mut Draft<'_>,
    rules: &RuleSet,
    scope: &Scope<'_>,
    active: &mut Active<'_>,
) -> Result<bool, CleanError> {
    let mut changed = false;
    let mut chain: Vec<(&dyn LineStep, Tag)> = Vec::new();
    for step in &scope.profile.steps {
        match step {
            ProfileStep::Rules => {
                changed |= normalise::run(draft, &mut chain);
                changed |= rules_pass::run(draft, rules, scope, active)?;
            }
            ProfileStep::Normaliser(def) if !scope.is_on(def.tag) => {}
            ProfileStep::Normaliser(def) => match &def.action {
                Action::Lines(step) => chain.push((step.as_ref(), def.tag)),
                Action::Text(step) => {
                    changed |= normalise::run(draft, &mut chain);
                    changed |= run_text(draft, step.as_ref(), def.tag);
                }
                Action::Rule(_) => {}
            },
        }
    }
    changed |= normalise::run(draft, &mut chain);
    Ok(changed)
}

fn run_text(draft: &mut Draft<'_>, step: &dyn TextStep, tag: Tag) -> bool {
    let mut out = TextEdits::new(tag);
    step.run(&draft.text, &draft.lines, &mut out);
    for flag in std::mem::take(&mut out.flags) {
        draft.flag(flag);
    }
    let parts = std::mem::take(&mut out.parts);
    let found = !parts.is_empty();
    let mut patch = out.finish();
    if !draft.code.is_empty() {
        patch = patch.without(|edit| draft.code.meets(edit.start, edit.end));
    }
    let changed = draft.take(&patch);
    if found {
        draft.parts = parts;
    }
    changed
}

fn finish(source: &str, draft: Draft<'_>, active: Active<'_>) -> Washed {
    let patch = if draft.patch.is_empty() { draft.patch } else { draft.patch.trimmed(source) };
    let text = draft.text.into_owned();
    let counts = Counts::of(&text);
    let letters_after = counts.letters;
    let letters_before = if patch.is_empty() { letters_after } else { letters(source) };
    let mut flags = draft.flags;
    flags.extend(losses(letters_before, letters_after));
    Washed {
        text,
        patch,
        flags,
        parts: draft.parts,
        files: active.into_files(),
        refused: draft.refused,
        letters_before,
        counts,
        lines: draft.lines,
    }
}

/// What is noteworthy about so many letters of so many.
pub(super) fn losses(before: usize, after: usize) -> Vec<Flag> {
    let mostly = before > 0 && (before - after.min(before)) * 100 > before * MOSTLY_PERCENT;
    let flags = [(Flag::Empty, after == 0), (Flag::MostlyRemoved, mostly)];
    flags.into_iter().filter(|(_, is_so)| *is_so).map(|(flag, _)| flag).collect()
}

/// Facts of the draft as it stands.
pub(super) fn facts(draft: &Draft<'_>) -> Facts {
    Facts::new(&draft.text, &draft.lines)
}
