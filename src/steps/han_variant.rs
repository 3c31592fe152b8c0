//! `han-variant`: traditional characters become simplified.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::text::class::Mask;
use crate::text::han;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "han-variant",
    what: "Writes traditional Han characters as simplified ones, by phrase where a character has two answers.",
    why: "For training sets that want one script. Matching and fingerprints fold variants in any case, so most profiles leave the text alone. \
          Data: OpenCC.",
    params: &[],
    examples: &[Example::plain("關於學校發展的規劃", "关于学校发展的规划"), Example::stays("乾隆年间，已经是简体。")],
    place: Place::Profiles,
};

#[derive(Debug)]
struct HanVariant;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(HanVariant)))
}

impl LineStep for HanVariant {
    fn triggers(&self) -> Mask {
        Mask::VARIANT
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        for (range, after) in han::simplify_edits(line) {
            out.replace(range, &after);
        }
    }
}
