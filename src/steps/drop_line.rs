//! `drop-line`: a line of furniture goes.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::page::{LONG_LINE, Page};
use super::params::Params;
use super::pattern::Pattern;
use super::{Action, RuleStep, claims::Claims};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "drop-line",
    what: "Drops each line that matches, with its line end.",
    why: "Most furniture and bait stands on lines of its own. A flattened page puts everything on one line: there, only the \
          matching sentence goes, and a line or sentence that is too long to be furniture stays.",
    params: &[Param {
        name: "line",
        kind: ParamKind::Pattern,
        default: "",
        doc: "The line. Takes lines up to max-chars = 120 characters.",
    }],
    examples: &[
        Example::with(r#"line = { contains = "加客服微信" }"#, "正文。\n加客服微信:000000\n", "正文。\n"),
        Example::with(
            r#"line = { prefix = "责任编辑", where = "tail", unless = { contains = "。" } }"#,
            "正文。\n责任编辑：某某\n",
            "正文。\n",
        ),
        Example::with(
            r#"line = { prefix = "责任编辑", where = "tail", unless = { contains = "。" } }"#,
            "责任编辑是一种职业。\n",
            "责任编辑是一种职业。\n",
        ),
    ],
    place: Place::Rules,
};

#[derive(Debug)]
struct DropLine {
    line: Pattern,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    let line = params.pattern("line")?.with_max_chars(LONG_LINE);
    Some(Action::Rule(Box::new(DropLine { line })))
}

impl RuleStep for DropLine {
    fn pattern(&self) -> &Pattern {
        &self.line
    }

    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>) {
        for &unit in units {
            out.work(page.fold_of(unit).len());
            if self.line.matches(page, unit) {
                out.drop_unit(page, unit);
            }
        }
    }
}
