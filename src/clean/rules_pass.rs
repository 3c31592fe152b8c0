//! One pass of the site files and packs over a text.

use std::cell::OnceCell;

use super::pipeline::Draft;
use super::{CleanError, Scope};
use crate::rules::{Hit, RuleSet};
use crate::steps::Action;
use crate::steps::claims::ClaimList;
use crate::steps::page::Page;
use crate::steps::pattern::Pattern;
use crate::text::class::Mask;
use crate::text::lines::Line;

/// The group of packs for Chinese documents.
const CHINESE: &str = "zh";
/// A document is one for them where lines with Han characters hold at least one byte of so many. A menu of languages holds less.
const ONE_OF: usize = 50;

/// Which files act on a document, over all its passes.
pub(super) struct Active<'h> {
    host: Option<&'h str>,
    /// By file: its host or sign was met.
    met: Vec<bool>,
    /// By file: it changed something.
    acted: Vec<bool>,
    limit: u64,
    work: u64,
    /// The folded text on which the rules last changed nothing: normalisers mostly change what folding hides, and on the same
    /// folded text the rules would change nothing again.
    settled: Option<String>,
}

impl<'h> Active<'h> {
    pub(super) fn new(host: Option<&'h str>, rules: &RuleSet, limit: u64) -> Self {
        let mut met = vec![false; rules.files().len()];
        for file in host.map_or_else(Vec::new, |host| rules.for_host(host)) {
            met[file] = true;
        }
        Self { host, met, acted: vec![false; rules.files().len()], limit, work: 0, settled: None }
    }

    /// Takes a file's host or sign as met.
    pub(super) fn meet(&mut self, file: usize) {
        self.met[file] = true;
    }

    /// The files that changed something.
    pub(super) fn into_files(self) -> Vec<usize> {
        self.acted.iter().enumerate().filter(|(_, acted)| **acted).map(|(file, _)| file).collect()
    }
}

/// Runs the files that act; returns whether the text changed.
pub(super) fn run(
    draft: &mut Draft<'_>,
    rules: &RuleSet,
    scope: &Scope<'_>,
    active: &mut Active<'_>,
) -> Result<bool, CleanError> {
    let page = Page::new(&draft.text, &draft.lines);
    if active.settled.as_deref() == Some(page.folded()) {
        return Ok(false);
    }
    let is_code = |unit: usize| page.units().get(unit).is_some_and(|unit| draft.code.meets(unit.start, unit.end));
    let (mut hits, signs) = rules.scan(&page);
    hits.retain(|hit| !is_code(hit.unit));
    if active.host.is_none() {
        // A sign that a first pass removed still speaks for the document.
        for file in signs {
            active.met[file] = true;
        }
    }
    let is_chinese = OnceCell::new();
    let acts = |file: usize| {
        let Some(rule_file) = rules.files().get(file) else { return false };
        let here = if rule_file.is_pack() {
            let is_for_it = || {
                rule_file.group != CHINESE || active.met[file] || *is_chinese.get_or_init(|| has_chinese(&draft.lines))
            };
            rule_file.group == "local" || scope.profile.packs.contains(&rule_file.group) && is_for_it()
        } else {
            scope.profile.sites && active.met[file]
        };
        here && rule_file.enabled && scope.file_is_on(file)
    };
    let mut claims = ClaimList::default();
    claims.work = active.work;
    let mut units = Vec::new();
    let mut raw = false;
    for (file, step, found) in groups(&hits, rules.always()) {
        let Some(def) = rules.files().get(file).and_then(|f| f.steps.get(step)) else { continue };
        let Action::Rule(rule) = &def.action else { continue };
        if !acts(file) || !scope.is_on(def.tag) {
            continue;
        }
        raw |= rule.patterns().into_iter().any(Pattern::is_raw);
        units.clear();
        match found {
            Some(hits) => units.extend(hits.iter().map(|hit| hit.unit)),
            None => units.extend((0..page.units().len()).filter(|&unit| !is_code(unit))),
        }
        rule.run(&page, &units, &mut claims.step(def.tag, def.flag));
        if claims.work > active.limit {
            return Err(CleanError::Work { limit: active.limit });
        }
    }
    active.work = claims.work;
    // A step that reads the text as it is may see what folding hides.
    active.settled = (claims.is_empty() && !raw).then(|| page.into_folded());
    let flags = std::mem::take(&mut claims.flags);
    for tag in std::mem::take(&mut claims.refused) {
        draft.refuse(tag);
    }
    let patch = claims.settle();
    for edit in patch.edits() {
        for tag in std::iter::once(edit.tag).chain(edit.also.iter().copied()) {
            if let Some(file) = rules.file_of(tag) {
                active.acted[file] = true;
            }
        }
    }
    for flag in flags {
        draft.flag(flag);
    }
    Ok(draft.take(&patch))
}

/// Whether lines with Han characters are more than an exception.
fn has_chinese(lines: &[Line]) -> bool {
    let (mut han, mut all) = (0, 0);
    for line in lines {
        all += line.end - line.start;
        han += if line.mask.meets(Mask::HAN) { line.end - line.start } else { 0 };
    }
    han > 0 && han * ONE_OF >= all
}

/// Hits by file and step in the order they act, with the steps that are always tried (`None`) in their places.
fn groups<'h>(hits: &'h [Hit], always: &[(usize, usize)]) -> Vec<(usize, usize, Option<&'h [Hit]>)> {
    let mut out: Vec<(usize, usize, Option<&[Hit]>)> = hits
        .chunk_by(|a, b| (a.file, a.step) == (b.file, b.step))
        .map(|group| (group[0].file, group[0].step, Some(group)))
        .collect();
    out.extend(always.iter().map(|&(file, step)| (file, step, None)));
    out.sort_by_key(|&(file, step, _)| (file, step));
    out
}
