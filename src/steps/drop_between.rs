//! `drop-between`: a block from one line through another goes.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::page::{LONG_LINE, Page};
use super::params::Params;
use super::pattern::Pattern;
use super::{Action, RuleStep, claims::Claims};

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "drop-between",
    what: "Drops a block of lines: from the line that matches `from` through the first later line that matches `to`.",
    why: "Share bars and link lists have lines that say nothing by themselves. Without a `to` within max-lines nothing goes, and \
          like a cut the step leaves at least 200 letters or 20 % of the text.",
    params: &[
        Param { name: "from", kind: ParamKind::Pattern, default: "", doc: "The first line of the block." },
        Param { name: "to", kind: ParamKind::Pattern, default: "", doc: "Its last line." },
        Param { name: "max-lines", kind: ParamKind::Count, default: "40", doc: "The most lines the block may have." },
    ],
    examples: &[
        Example::with(
            "from = { equals = \"相关推荐\" }\nto = { equals = \"更多内容\" }",
            "前文很长。\n相关推荐\n甲\n乙\n更多内容\n后文。\n",
            "前文很长。\n后文。\n",
        ),
        Example::with(
            "from = { equals = \"相关推荐\" }\nto = { equals = \"更多内容\" }\nmax-lines = 2",
            "前文。\n相关推荐\n甲\n乙\n更多内容\n",
            "前文。\n相关推荐\n甲\n乙\n更多内容\n",
        ),
    ],
    place: Place::Rules,
};

#[derive(Debug)]
struct DropBetween {
    from: Pattern,
    to: Pattern,
    max_lines: usize,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    let from = params.pattern("from")?.with_max_chars(LONG_LINE);
    let to = params.pattern("to")?.with_max_chars(LONG_LINE);
    Some(Action::Rule(Box::new(DropBetween { from, to, max_lines: params.count("max-lines", 40) })))
}

impl RuleStep for DropBetween {
    fn pattern(&self) -> &Pattern {
        &self.from
    }

    fn patterns(&self) -> Vec<&Pattern> {
        vec![&self.from, &self.to]
    }

    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>) {
        let mut next = 0;
        for &unit in units {
            out.work(page.fold_of(unit).len());
            if unit < next || !self.from.matches(page, unit) {
                continue;
            }
            let last = (unit + 1..page.units().len().min(unit + self.max_lines)).find(|&other| {
                out.work(page.fold_of(other).len());
                self.to.matches(page, other)
            });
            let Some(last) = last else { continue };
            let inside = page.letters_before(last + 1) - page.letters_before(unit);
            let range = page.removal(unit).start..page.removal(last).end;
            out.cut(range, page.letters() - inside, page.letters());
            next = last + 1;
        }
    }
}
