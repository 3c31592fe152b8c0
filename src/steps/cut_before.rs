//! `cut-before`: everything up to a line goes.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::page::{LONG_LINE, Page};
use super::params::Params;
use super::pattern::Pattern;
use super::{Action, RuleStep, claims::Claims};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "cut-before",
    what: "Drops everything from the start through the last line that matches.",
    why: "Some pages put a whole menu before the text and end it with a line that never changes. The cut leaves at least 200 letters \
          or 20 % of the text, else nothing goes; where more than half as much prose stands before the line as follows, only the line goes. A refused \
          cut sets the flag cut_refused.",
    params: &[
        Param {
            name: "line",
            kind: ParamKind::Pattern,
            default: "",
            doc: "The last line of what goes before the text.",
        },
        Param { name: "keep-line", kind: ParamKind::Bool, default: "false", doc: "Keep the matching line." },
    ],
    examples: &[
        Example::with(r#"line = { prefix = "您的位置" }"#, "登录\n注册\n您的位置：首页\n正文在此。\n", "正文在此。\n"),
        Example::with(
            "line = { suffix = \"正文开始\" }\nkeep-line = true",
            "登录\n正文开始\n正文在此。\n",
            "正文开始\n正文在此。\n",
        ),
    ],
    place: Place::Rules,
};

#[derive(Debug)]
struct CutBefore {
    line: Pattern,
    keep_line: bool,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    let line = params.pattern("line")?.with_max_chars(LONG_LINE);
    Some(Action::Rule(Box::new(CutBefore { line, keep_line: params.bool("keep-line") })))
}

impl RuleStep for CutBefore {
    fn pattern(&self) -> &Pattern {
        &self.line
    }

    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>) {
        for &unit in units.iter().rev() {
            out.work(page.fold_of(unit).len());
            if !self.line.matches(page, unit) {
                continue;
            }
            let (before, after) = page.prose_around(unit);
            if before * 2 > after {
                out.refuse_cut(page, unit, self.keep_line);
                continue;
            }
            let removal = page.removal(unit);
            let (end, gone) = if self.keep_line {
                (removal.start, page.letters_before(unit))
            } else {
                (removal.end, page.letters_before(unit + 1))
            };
            if out.cut(0..end, page.letters() - gone, page.letters()) {
                return;
            }
        }
    }
}
