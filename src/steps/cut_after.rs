//! `cut-after`: everything from a line on goes.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::page::{LONG_LINE, Page};
use super::params::Params;
use super::pattern::Pattern;
use super::{Action, RuleStep, claims::Claims};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "cut-after",
    what: "Drops the first line that matches and everything after it.",
    why: "Below a preview wall nothing belongs to the document. The cut leaves at least 200 letters or 20 % of the text, else the next \
          matching line is tried; and where more than half as much prose follows as stands before the line, only the line goes: a document that speaks of \
          such a line is not cut in two. A refused cut sets the flag cut_refused.",
    params: &[
        Param {
            name: "line",
            kind: ParamKind::Pattern,
            default: "",
            doc: "The first line that does not belong to the text.",
        },
        Param { name: "keep-line", kind: ParamKind::Bool, default: "false", doc: "Keep the matching line." },
    ],
    examples: &[
        Example::with(
            "line = { regex = '^\\.{6,}预览结束' }\nflag = \"truncated\"",
            "报告的正文在这里。\n……预览结束……\n加微信看全文\n",
            "报告的正文在这里。\n",
        ),
        Example::with(
            r#"line = { equals = "附件下载" }"#,
            "甲\n附件下载\n很长很长很长的一段正文不能就这样没有了\n",
            "甲\n附件下载\n很长很长很长的一段正文不能就这样没有了\n",
        ),
    ],
    place: Place::Rules,
};

#[derive(Debug)]
struct CutAfter {
    line: Pattern,
    keep_line: bool,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    let line = params.pattern("line")?.with_max_chars(LONG_LINE);
    Some(Action::Rule(Box::new(CutAfter { line, keep_line: params.bool("keep-line") })))
}

impl RuleStep for CutAfter {
    fn pattern(&self) -> &Pattern {
        &self.line
    }

    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>) {
        for &unit in units {
            out.work(page.fold_of(unit).len());
            if !self.line.matches(page, unit) {
                continue;
            }
            let (before, after) = page.prose_around(unit);
            if after * 2 > before {
                out.refuse_cut(page, unit, self.keep_line);
                continue;
            }
            let removal = page.removal(unit);
            let (start, kept) = if self.keep_line {
                (removal.end, page.letters_before(unit + 1))
            } else {
                (removal.start, page.letters_before(unit))
            };
            if out.cut(start..page.text().len(), kept, page.letters()) {
                return;
            }
        }
    }
}
