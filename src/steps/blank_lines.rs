//! `blank-lines`: blank lines that washing leaves behind.

use super::doc::{Example, Place, StepDoc};
use super::params::Params;
use super::{Action, TextEdits, TextStep};
use crate::text::lines::Line;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "blank-lines",
    what: "Leaves one blank line of several, and none at the start and the end of the text.",
    why: "Dropped furniture leaves holes. A single blank line between paragraphs stays.",
    params: &[],
    examples: &[Example::plain("\n\n标题\n\n\n\n正文\n\n", "标题\n\n正文\n"), Example::stays("标题\n\n正文")],
    place: Place::Profiles,
};

#[derive(Debug)]
struct BlankLines;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Text(Box::new(BlankLines)))
}

impl TextStep for BlankLines {
    fn run(&self, text: &str, lines: &[Line], out: &mut TextEdits) {
        let blank = |line: &Line| line.start == line.end;
        let mut i = 0;
        while i < lines.len() {
            if !blank(&lines[i]) {
                i += 1;
                continue;
            }
            let first = i;
            while i < lines.len() && blank(&lines[i]) {
                i += 1;
            }
            let keep = usize::from(first > 0 && i < lines.len());
            if i - first > keep {
                let start = lines[first].start + keep;
                let end = lines.get(i).map_or(text.len(), |line| line.start);
                out.replace(start..end, "");
            }
        }
    }
}
