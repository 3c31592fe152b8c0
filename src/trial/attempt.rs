//! Rule files tried beside the set in force: what their steps do to a document, and what would come out differently.

use std::collections::HashMap;

use serde::Serialize;

use super::diff::unified;
use super::tally::{Row, Seen, Tally};
use crate::clean::{CleanError, Cleaner, Options, Traced, host};
use crate::document::{Document, Flag};
use crate::error::{Fault, fault};

/// What a tried step did to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Hit {
    /// `file/step`.
    pub rule: String,
    /// Edits that carry its name.
    pub edits: u64,
    /// Edits that a later step took over.
    pub overlapped: u64,
    /// Bytes that went, less what was put in their place.
    pub removed_bytes: u64,
    /// Bytes that were put in besides.
    pub inserted_bytes: u64,
    /// Whether it wanted to cut more than may go.
    pub cut_refused: bool,
}

/// How a text differs from that under the set in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Change {
    /// Lines that stand in the text under the set in force and would go.
    pub removed: Vec<String>,
    /// Lines that go under the set in force and would stay.
    pub kept: Vec<String>,
}

/// A document that rules were tried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Tried {
    /// The document's name.
    pub id: String,
    /// What is noteworthy.
    pub flags: Vec<Flag>,
    /// The tried steps that did something, or wanted to, in the order they act.
    pub hits: Vec<Hit>,
    /// The source beside the washed text, as a unified diff; empty when nothing was changed.
    pub diff: String,
    /// How the text differs from that under the set in force; null when it does not.
    pub change: Option<Change>,
    /// Why the set in force cannot wash the document, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_force: Option<Fault>,
}

/// Rule files, laid over the set in force, and that set.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'c> {
    in_force: &'c Cleaner,
    tried: &'c Cleaner,
    files: &'c [String],
}

impl<'c> Trial<'c> {
    /// A trial of the rule files of these ids, which `tried` has beside what is in force.
    #[must_use]
    pub const fn new(in_force: &'c Cleaner, tried: &'c Cleaner, files: &'c [String]) -> Self {
        Self { in_force, tried, files }
    }

    /// Washes a document with both sets. The last value is the document as the tried set washes it.
    pub fn document(&self, document: Document, options: &Options) -> Result<(Tried, Seen, Traced), CleanError> {
        let before = self.in_force.clean(document.clone(), &self.known(options));
        let (id, of) = (document.id.clone(), document.url.as_deref().and_then(host));
        let traced = self.tried.trace(document, options)?;
        let seen = Seen::of(&traced, of.as_deref());
        let (change, in_force) = match &before {
            Ok(before) => (change(&before.text, &traced.record.text), None),
            Err(error) => (None, Some(fault(error))),
        };
        let diff = unified(&traced.source, &traced.patch, &id);
        let tried = Tried { id, flags: traced.record.flags.clone(), hits: self.hits(&seen), diff, change, in_force };
        Ok((tried, seen, traced))
    }

    /// The figures of every tried step, in the order they act.
    #[must_use]
    pub fn steps(&self, tally: &Tally) -> Vec<Row> {
        let rules = self.tried.rules();
        let files = rules.files().iter().filter(|file| file.enabled && self.files.contains(&file.id));
        files
            .flat_map(|file| {
                file.steps.iter().map(|step| tally.row(rules, step.tag, step.kind, file.is_pack())).collect::<Vec<_>>()
            })
            .collect()
    }

    fn hits(&self, seen: &Seen) -> Vec<Hit> {
        let rules = self.tried.rules();
        let is_tried = |tag| {
            let file = rules.file_of(tag).and_then(|file| rules.files().get(file));
            file.is_some_and(|file| self.files.contains(&file.id))
        };
        seen.hits()
            .iter()
            .filter(|(tag, _)| is_tried(**tag))
            .map(|(tag, hits)| Hit {
                rule: rules.name(*tag).map_or_else(String::new, |name| name.name.clone()),
                edits: hits.edits,
                overlapped: hits.overlapped,
                removed_bytes: hits.removed,
                inserted_bytes: hits.inserted,
                cut_refused: hits.refused,
            })
            .collect()
    }

    /// The same options without names that only the tried set knows: what is not in force does not act there anyway.
    fn known(&self, options: &Options) -> Options {
        let rules = self.in_force.rules();
        let is_file = |name: &str| rules.files().iter().any(|file| file.id == name);
        let is_step = |name: &str| rules.names().iter().any(|known| known.name == name);
        let has_steps =
            |file: &str| rules.names().iter().any(|known| known.name.split_once('/').is_some_and(|(of, _)| of == file));
        let is_known = |name: &String| is_step(name) || has_steps(name);
        let mut without: Vec<String> = options.without.iter().filter(|name| is_known(name)).cloned().collect();
        let only: Vec<String> = options.only.iter().filter(|name| is_file(name)).cloned().collect();
        if only.is_empty() && !options.only.is_empty() {
            // Only tried files were to act, so none in force does; an empty list would let all of them.
            without.extend(rules.files().iter().map(|file| file.id.clone()).filter(is_known));
        }
        Options { without, only, ..options.clone() }
    }
}

/// Lines that stand in one text more often than in the other, in their order; `None` if the texts are equal. One pass over each, whatever has
/// moved; blank lines do not count.
fn change(before: &str, after: &str) -> Option<Change> {
    if before == after {
        return None;
    }
    let more = |these: &str, those: &str| {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for line in those.lines() {
            *counts.entry(line).or_default() += 1;
        }
        let mut out = Vec::new();
        for line in these.lines() {
            match counts.get_mut(line) {
                Some(count) if *count > 0 => *count -= 1,
                _ if line.trim().is_empty() => {}
                _ => out.push(line.to_owned()),
            }
        }
        out
    };
    Some(Change { removed: more(before, after), kept: more(after, before) })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::rules::load::{self, load};

    fn cleaner(rule: Option<&str>) -> Cleaner {
        let set = rule.map_or_else(|| load(None), |rule| load::load_with(None, "demo.toml", rule));
        Cleaner::new(Arc::new(set.unwrap()))
    }

    const RULE: &str = "id = \"demo\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"gone\"\nkind = \"drop-line\"\nline = { equals = \"要删的一行\" }\n\
        [[step]]\nid = \"never\"\nkind = \"drop-line\"\nline = { equals = \"没有的一行\" }\n";

    #[test]
    fn a_tried_file_shows_its_hits_and_what_it_changes() {
        let (before, tried) = (cleaner(None), cleaner(Some(RULE)));
        let files = ["demo".to_owned()];
        let trial = Trial::new(&before, &tried, &files);
        let mut tally = Tally::default();
        for text in ["正文。\n要删的一行\n正文。\n", "别的正文。\n"] {
            let (tried, seen, _) = trial.document(Document::from_text("a", text), &Options::default()).unwrap();
            assert_eq!(tried.change.is_some(), tried.diff.contains("-要删的一行"), "{tried:?}");
            assert_eq!(tried.hits.len(), usize::from(tried.change.is_some()));
            if let Some(change) = tried.change {
                assert_eq!((change.removed, change.kept), (vec!["要删的一行".to_owned()], Vec::new()));
            }
            tally.add(&seen);
        }
        let rows = trial.steps(&tally);
        let outline: Vec<_> = rows.iter().map(|row| (row.rule.as_str(), row.documents, row.is_dead())).collect();
        assert_eq!(outline, [("demo/gone", 1, false), ("demo/never", 0, true)]);
        assert!((rows[0].share - 0.5).abs() < 1e-9);
    }

    #[test]
    fn names_of_the_tried_file_may_be_asked_for() {
        let (before, tried) = (cleaner(None), cleaner(Some(RULE)));
        let files = ["demo".to_owned()];
        let trial = Trial::new(&before, &tried, &files);
        let text = "正文。\n要删的一行\n责任编辑：某某\n";
        let only = Options { only: vec!["demo".to_owned()], ..Options::default() };
        let (tried, ..) = trial.document(Document::from_text("a", text), &only).unwrap();
        assert_eq!(tried.change.unwrap().removed, ["要删的一行"]);
        let without = Options { without: vec!["demo/gone".to_owned()], ..Options::default() };
        let (tried, ..) = trial.document(Document::from_text("a", text), &without).unwrap();
        assert_eq!((tried.change, tried.hits), (None, Vec::new()));
        assert!(
            trial
                .document(Document::from_text("a", ""), &Options { profile: Some("none".to_owned()), ..only })
                .is_err()
        );
    }

    #[test]
    fn lines_are_compared_by_how_often_they_stand() {
        let change = change("甲\n乙\n甲\n\n丙\n", "甲\n丁\n乙\n").unwrap();
        assert_eq!((change.removed, change.kept), (vec!["甲".to_owned(), "丙".to_owned()], vec!["丁".to_owned()]));
    }
}
