//! Chains of line normalisers: each line with something in it goes through all of them, the others cost nothing.

use super::pipeline::{Draft, facts};
use crate::document::Flag;
use crate::steps::facts::Facts;
use crate::steps::{LineEdits, LineStep};
use crate::text::class::Mask;
use crate::text::lines::{Line, mask_of};
use crate::text::{Patch, PatchBuilder, Tag};

/// A line is taken through the chain at most this often in one pass; what is left is seen by the next pass.
const ROUNDS: usize = 3;

/// Runs and empties a chain; returns whether the text changed.
pub(super) fn run(draft: &mut Draft<'_>, chain: &mut Vec<(&dyn LineStep, Tag)>) -> bool {
    let steps = std::mem::take(chain);
    let triggers = steps.iter().fold(Mask::NONE, |mask, (step, _)| mask.with(step.triggers()));
    let code = &draft.code;
    let is_due = |line: &&Line| line.mask.meets(triggers) && !code.has(line);
    if !draft.lines.iter().any(|line| is_due(&line)) {
        return false;
    }
    let facts = facts(draft);
    let mut builder = PatchBuilder::new();
    let mut flags = Vec::new();
    for line in draft.lines.iter().filter(is_due) {
        if let Some(patch) = chain_of(line.of(&draft.text), line.mask, &steps, &facts, &mut flags) {
            builder.extend_at(line.start, &patch);
        }
    }
    for flag in flags {
        draft.flag(flag);
    }
    draft.take(&builder.finish())
}

/// One line through the chain, until nothing changes.
fn chain_of(
    line: &str,
    mask: Mask,
    steps: &[(&dyn LineStep, Tag)],
    facts: &Facts,
    flags: &mut Vec<Flag>,
) -> Option<Patch> {
    let mut text: Option<String> = None;
    let mut mask = mask;
    let mut patch = Patch::new();
    for _ in 0..ROUNDS {
        let mut changed = false;
        for (step, tag) in steps {
            if !mask.meets(step.triggers()) {
                continue;
            }
            let current = text.as_deref().unwrap_or(line);
            let mut builder = PatchBuilder::new();
            step.run(current, facts, &mut LineEdits::new(&mut builder, *tag, flags));
            if builder.is_empty() {
                continue;
            }
            let edits = builder.finish();
            let next = edits.apply(current);
            mask = mask_of(&next);
            patch = patch.compose(&edits);
            text = Some(next);
            changed = true;
        }
        if !changed {
            break;
        }
    }
    text.is_some().then_some(patch)
}
