//! `replace`: a phrase inside a line becomes another.

use regex_automata::util::interpolate;

use super::doc::{Example, Param, ParamKind, Place, StepDoc};
use super::page::Page;
use super::params::Params;
use super::pattern::Pattern;
use super::{Action, RuleStep, claims::Claims};
use crate::text::fold::Folded;

/// See [`StepDoc`].
pub const DOC: StepDoc = StepDoc {
    kind: "replace",
    what: "Replaces each match inside a line.",
    why: "For a site that garbles a phrase always in the same way. `$1` and `${name}` stand for the groups of a regex, in folded form \
          unless on = \"raw\". The result must not match again, else the rules are unstable.",
    params: &[
        Param { name: "find", kind: ParamKind::Pattern, default: "", doc: "What to replace: contains or regex." },
        Param { name: "with", kind: ParamKind::Text, default: "", doc: "What takes its place." },
    ],
    examples: &[
        Example::with("find = { contains = \"[图片]\" }\nwith = \"（图）\"", "见[图片]一。\n", "见（图）一。\n"),
        Example::with(
            "find = { regex = '第(\\d+)页\\(共\\d+页\\)', on = \"raw\" }\nwith = \"第$1页\"",
            "第3页(共8页)\n",
            "第3页\n",
        ),
    ],
    place: Place::Rules,
};

#[derive(Debug)]
struct Replace {
    find: Pattern,
    with: String,
}

/// Builds the step.
pub fn build(params: &mut Params) -> Option<Action> {
    let with = params.text("with").unwrap_or_default().to_owned();
    Some(Action::Rule(Box::new(Replace { find: params.pattern("find")?, with })))
}

impl RuleStep for Replace {
    fn pattern(&self) -> &Pattern {
        &self.find
    }

    fn run(&self, page: &Page<'_>, units: &[usize], out: &mut Claims<'_>) {
        for &unit in units {
            let source = page.source_of(unit);
            let start = page.units()[unit].start;
            out.work(source.len());
            if !self.find.in_place(page, unit) || self.find.excepted(page, unit) {
                continue;
            }
            let folded = if self.find.is_raw() { None } else { Some(Folded::new(source)) };
            let text = folded.as_ref().map_or(source, |folded| folded.text.as_str());
            let mut found = self.found(text);
            found.sort_by_key(|(range, _)| range.start);
            let mut end = 0;
            for (range, after) in found {
                let range = folded.as_ref().map_or(Some(range.clone()), |folded| folded.source(range));
                if let Some(range) = range.filter(|range| range.start >= end && source[range.clone()] != after) {
                    end = range.end;
                    out.replace(start + range.start..start + range.end, &after);
                }
            }
        }
    }
}

impl Replace {
    fn found(&self, text: &str) -> Vec<(std::ops::Range<usize>, String)> {
        let mut found = Vec::new();
        for literal in self.find.contained() {
            found.extend(text.match_indices(literal).map(|(at, s)| (at..at + s.len(), self.with.clone())));
        }
        for regex in self.find.regexes().filter_map(|regexp| regexp.get()) {
            for captures in regex.captures_iter(text) {
                let Some(whole) = captures.get_match() else { continue };
                let mut after = String::new();
                interpolate::string(
                    &self.with,
                    |group, out| {
                        if let Some(span) = captures.get_group(group) {
                            out.push_str(&text[span.range()]);
                        }
                    },
                    |name| regex.group_info().to_index(whole.pattern(), name),
                    &mut after,
                );
                found.push((whole.range(), after));
            }
        }
        found
    }
}
