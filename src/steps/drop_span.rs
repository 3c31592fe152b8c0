//! `drop-span`: a phrase inside a line goes, the rest of the line stays.

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::page::Page;
use super::params::Params;
use super::pattern::Pattern;
use super::{Action, RuleStep, claims::Claims};
use crate::text::fold::Folded;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "drop-span",
    what: "Drops each match inside a line and keeps the rest.",
    why: "Sites weave their credit into sentences. A match is at most 300 characters; a regex with a group named `drop` \
          loses only that group, so that the context can be required without being removed. `^` is the start of the line, however long it is.",
    params: &[Param { name: "span", kind: ParamKind::Pattern, default: "", doc: "What to drop: contains or regex." }],
    examples: &[
        Example::with(
            r"span = { regex = '来自example写作网(?:[a-z0-9]+\.)+[a-z]{2,}' }",
            "成绩显著。来自 Example写作网 eXaMpLe.nEt\n",
            "成绩显著。\n",
        ),
        Example::with(r#"span = { contains = "【广告】" }"#, "通知【广告】如下。\n", "通知如下。\n"),
        Example::with(r"span = { regex = '。(?P<drop>本文来源[^。]{2,12}网)$' }", "完成。本文来源某某网\n", "完成。\n"),
        Example::with(
            r"span = { regex = '^\(\d+\)', always = true }",
            "（1）第一段说的是春天的事，河边的柳树先绿了，随后是坡上的杏树，孩子们每天放学都要绕路去看一眼；等到花开的那几天，连平时不出门的老人也搬了凳子坐在院墙外面，一直坐到太阳落山才回去，路上还要停下来说几句话。（2）第二段说的是同一条河到了秋天的样子。（3）第三段写的是冬天。\n",
            "第一段说的是春天的事，河边的柳树先绿了，随后是坡上的杏树，孩子们每天放学都要绕路去看一眼；等到花开的那几天，连平时不出门的老人也搬了凳子坐在院墙外面，一直坐到太阳落山才回去，路上还要停下来说几句话。（2）第二段说的是同一条河到了秋天的样子。（3）第三段写的是冬天。\n",
        ),
    ],
    place: Place::Rules,
};

/// Longest match, in characters.
const LONGEST: usize = 300;

#[derive(Debug)]
struct DropSpan {
    span: Pattern,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    Some(Action::Rule(Box::new(DropSpan { span: params.pattern("span")? })))
}

impl RuleStep for DropSpan {
    fn pattern(&self) -> &Pattern {
        &self.span
    }

    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>) {
        let mut done = 0;
        for &unit in units {
            let around = page.around(unit);
            // The text is folded already; only a match is worth folding again with the way back.
            if !self.span.is_raw() && !self.span.is_match(page.fold_around(unit)) {
                out.work(page.fold_of(unit).len());
                continue;
            }
            if around.end <= done || !self.span.in_place(page, unit) || self.span.excepted(page, unit) {
                continue;
            }
            // `^` is the start of the line, and not of a sentence in it.
            if self.span.is_at_start() && !page.starts_line(around.start) {
                continue;
            }
            let start = around.start.max(done);
            let source = &page.text()[start..around.end];
            out.work(source.len());
            if self.span.is_raw() {
                for span in self.span.spans(source, LONGEST) {
                    out.replace(start + span.start..start + span.end, "");
                    done = start + span.end;
                }
            } else {
                let folded = Folded::new(source);
                for span in self.span.spans(&folded.text, LONGEST) {
                    if let Some(range) = folded.source(span) {
                        out.replace(start + range.start..start + range.end, "");
                        done = start + range.end;
                    }
                }
            }
        }
    }
}
