//! `mojibake`: text that was decoded with the wrong table.

use super::doc::{Example, Place, StepDoc};
use super::facts::Facts;
use super::params::Params;
use super::{Action, LineEdits, LineStep};
use crate::document::Flag;
use crate::text::class::Mask;
use crate::text::mojibake;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "mojibake",
    what: "Decodes again what was decoded with the wrong table: UTF-8 read as GBK or Latin-1 (also twice over), GBK read as Latin-1.",
    why: "Only where the way back is exact and the result is plainly Chinese, or where no language writes what stands there (`itâ€™s`, `fÃ¼r`). Where \
          bytes were lost (`锟斤拷`, U+FFFD) the text stays and the document is flagged `mojibake`.",
    params: &[],
    examples: &[
        Example::plain("ä¸\u{AD}å›½äººæ°‘å¤§å\u{AD}¦çš„å\u{AD}¦ç”Ÿ", "中国人民大学的学生"),
        Example::plain("Itâ€™s 30Â° in ZÃ¼rich", "It’s 30° in Zürich"),
        Example::stays("Der Käse aus der Schweiz schmeckt süß."),
    ],
    place: Place::Profiles,
};

#[derive(Debug)]
struct Mojibake;

/// Builds the step.
pub fn build(_: &mut Params) -> Option<Action> {
    Some(Action::Lines(Box::new(Mojibake)))
}

impl LineStep for Mojibake {
    fn triggers(&self) -> Mask {
        Mask::MOJIBAKE
    }

    fn run(&self, line: &str, _: &Facts, out: &mut LineEdits<'_>) {
        if !mojibake::needs_look(line) {
            return;
        }
        // Text decoded with the wrong table has no 。 in it: sentence by sentence is no loss, and a flattened page stays cheap.
        let mut start = 0;
        for sentence in line.split_inclusive('。') {
            if mojibake::needs_look(sentence) {
                let repairs = mojibake::repairs(sentence);
                for (range, after) in &repairs.edits {
                    out.replace(start + range.start..start + range.end, after);
                }
                if repairs.suspicious {
                    out.flag(Flag::Mojibake);
                }
            }
            start += sentence.len();
        }
    }
}
