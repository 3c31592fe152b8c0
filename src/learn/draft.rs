//! From what repeats on the pages of a site to steps.

use std::collections::BTreeSet;

use super::census::Census;
use super::elsewhere::Elsewhere;
use super::learned::Reason;
use super::lines::{Lines, Refused};
use super::step::Step;
use super::trial::Trial;
use super::{brackets, cuts, serials, spans};

/// Most steps of a file.
const MOST_STEPS: usize = 80;

/// The steps of a site before they are tried.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// By reach, the widest first.
    pub(super) steps: Vec<Step>,
    pub(super) refused: Vec<Refused>,
    /// Lines that steps look for only at an edge, and that stand between sentences too: sources of the two, for a test.
    pub(super) in_bodies: Vec<String>,
}

impl Draft {
    pub(super) fn new(census: &Census<'_>, elsewhere: &Elsewhere) -> Self {
        let mut lines = Lines::find(census, elsewhere);
        let mut draft = Self { refused: std::mem::take(&mut lines.refused), ..Self::default() };
        let mut cuts = cuts::find(census, &lines);
        let cut: BTreeSet<usize> =
            cuts.iter().filter(|(_, step)| step.kind == "cut-after").map(|(index, _)| *index).collect();
        for (index, line) in lines.found.iter().enumerate() {
            let step = Step::drop_line(census, line);
            let placed = step.patterns.iter().any(|(_, pattern)| matches!(pattern.place, Some("start" | "end")));
            if line.in_bodies > 0 && !placed {
                draft.refused.push(Refused { text: step.pattern_text(), reason: Reason::InBodies, pages: step.pages });
                cuts.retain(|(begin, _)| *begin != index);
                continue;
            }
            if placed && line.template.literal().is_some() && line.spots.len() > 1 {
                draft.in_bodies.push(step.examples[0][0].clone());
            }
            if !cut.contains(&index) {
                draft.steps.push(step);
            }
        }
        draft.steps.extend(cuts.into_iter().map(|(_, step)| step));
        draft.steps.extend(serials::find(census));
        let (steps, bracketed) = brackets::find(census, &lines, &mut draft.refused);
        draft.steps.extend(steps);
        draft.steps.extend(spans::find(census, &lines, &bracketed, &mut draft.refused));
        draft.steps.sort_by(|a, b| {
            (std::cmp::Reverse(a.pages), a.place, &a.spots).cmp(&(std::cmp::Reverse(b.pages), b.place, &b.spots))
        });
        let mut seen = BTreeSet::new();
        draft.steps.retain(|step| seen.insert(step.key()));
        draft.steps.truncate(MOST_STEPS);
        draft.refuse_unusable();
        draft
    }

    /// A pattern that rules cannot look for, such as one without a literal, is refused.
    fn refuse_unusable(&mut self) {
        if Trial::new(&self.steps).is_some() {
            return;
        }
        let (good, bad): (Vec<Step>, Vec<Step>) = std::mem::take(&mut self.steps)
            .into_iter()
            .partition(|step| Trial::new(std::slice::from_ref(step)).is_some());
        self.steps = good;
        self.refused.extend(bad.into_iter().map(|step| Refused {
            text: step.pattern_text(),
            reason: Reason::TooVague,
            pages: step.pages,
        }));
    }
}
