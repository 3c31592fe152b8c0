//! What the steps did to many documents, and which of them look dead or greedy.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::hits::{self, Hits};
use crate::clean::Traced;
use crate::rules::{ProfileStep, RuleSet};
use crate::text::Tag;

/// Most hosts that are remembered of a step; more are counted as this many.
const MOST_HOSTS: usize = 10_000;
/// Examples of a step.
const EXAMPLES: usize = 3;
/// A step that takes more than this share of its documents, in the mean, takes a large share.
const LARGE_SHARE: f64 = 0.3;
/// A step of a pack that acts on at least so many hosts …
const MANY_HOSTS: usize = 10;
/// … and on at least this share of all of them, acts on many.
const MANY_HOSTS_SHARE: f64 = 0.5;

/// Why a step is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Greedy {
    /// It takes over 30 % of the bytes of the documents it acts on, in the mean.
    LargeShare,
    /// It is no site's, and acts on at least 10 hosts and half of all.
    ManyHosts,
    /// It wanted to cut more than may go.
    CutRefused,
    /// Documents lost over 70 % of their letters, and most of that to it.
    MostlyRemoved,
}

impl Greedy {
    /// The reason as tables print it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LargeShare => "large_share",
            Self::ManyHosts => "many_hosts",
            Self::CutRefused => "cut_refused",
            Self::MostlyRemoved => "mostly_removed",
        }
    }
}

/// What one step did to all documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Row {
    /// `file/step`, or `profile/normaliser`.
    pub rule: String,
    /// The kind of step.
    pub kind: &'static str,
    /// Documents that it changed.
    pub documents: u64,
    /// Their share of all, 0 to 1.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub share: f64,
    /// Edits that carry its name.
    pub edits: u64,
    /// Edits that a later step took over.
    pub overlapped: u64,
    /// Bytes that went, less what was put in their place.
    pub removed_bytes: u64,
    /// Bytes that were put in besides.
    pub inserted_bytes: u64,
    /// Edits in the head of a document, as patterns with `where` see it.
    pub head: u64,
    /// Edits between head and tail.
    pub middle: u64,
    /// Edits in the tail.
    pub tail: u64,
    /// Hosts of the documents it changed, where URLs are known; 10,000 at most.
    pub hosts: usize,
    /// Mean share of the bytes of a changed document that went, 0 to 1.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub mean_removed: f64,
    /// The largest such share.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub most_removed: f64,
    /// Documents in which it wanted to cut more than may go.
    pub cut_refused: u64,
    /// Documents that lost over 70 % of their letters, and most of that to it.
    pub mostly_removed: u64,
    /// Why it is to be looked at.
    #[cfg_attr(feature = "server", schema(value_type = Vec<String>))]
    pub greedy: Vec<Greedy>,
    /// What it took, from the first documents.
    pub examples: Vec<String>,
}

impl Row {
    /// Whether it did nothing, and wanted nothing.
    #[must_use]
    pub const fn is_dead(&self) -> bool {
        self.edits == 0 && self.overlapped == 0 && self.cut_refused == 0
    }
}

/// The figures of a corpus.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// Digest of the rule set.
    pub rules: String,
    /// Documents that were washed.
    pub documents: u64,
    /// Those that were changed.
    pub changed: u64,
    /// Bytes of their texts before.
    pub source_bytes: u64,
    /// And after.
    pub text_bytes: u64,
    /// Hosts, where URLs are known; 10,000 at most.
    pub hosts: usize,
    /// Every step that is switched on: those of rule files in the order they act, then those of the profile.
    pub steps: Vec<Row>,
    /// Steps that never did anything.
    pub dead: Vec<String>,
    /// Steps to be looked at.
    pub greedy: Vec<String>,
}

/// What is remembered of a document: made where it is washed, added up in the order of the input.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    hits: BTreeMap<Tag, Hits>,
    host: Option<u64>,
    source: u64,
    text: u64,
    changed: bool,
}

impl Seen {
    /// What a washed document shows, of a host if that is known.
    #[must_use]
    pub fn of(traced: &Traced, host: Option<&str>) -> Self {
        Self {
            hits: hits::of(traced),
            host: host.map(digest),
            source: traced.source.len() as u64,
            text: traced.record.text.len() as u64,
            changed: !traced.patch.is_empty(),
        }
    }

    /// The steps that did something, or wanted to.
    #[must_use]
    pub const fn hits(&self) -> &BTreeMap<Tag, Hits> {
        &self.hits
    }
}

/// A host in eight bytes: hosts are only counted.
fn digest(host: &str) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(host.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[derive(Debug, Default)]
struct Sum {
    documents: u64,
    hits: Hits,
    refused: u64,
    mostly: u64,
    hosts: BTreeSet<u64>,
    share: f64,
    most: f64,
    examples: Vec<String>,
}

/// Adds up documents.
#[derive(Debug, Default)]
pub struct Tally {
    sums: BTreeMap<Tag, Sum>,
    hosts: BTreeSet<u64>,
    documents: u64,
    changed: u64,
    source: u64,
    text: u64,
}

impl Tally {
    /// Adds a document.
    pub fn add(&mut self, seen: &Seen) {
        self.documents += 1;
        self.changed += u64::from(seen.changed);
        self.source += seen.source;
        self.text += seen.text;
        note(&mut self.hosts, seen.host);
        for (tag, hits) in &seen.hits {
            let sum = self.sums.entry(*tag).or_default();
            sum.refused += u64::from(hits.refused);
            sum.mostly += u64::from(hits.mostly);
            sum.hits.overlapped += hits.overlapped;
            if hits.edits == 0 {
                continue;
            }
            sum.documents += 1;
            sum.hits.edits += hits.edits;
            sum.hits.removed += hits.removed;
            sum.hits.inserted += hits.inserted;
            for (all, own) in sum.hits.places.iter_mut().zip(hits.places) {
                *all += own;
            }
            note(&mut sum.hosts, seen.host);
            let share = hits.removed as f64 / seen.source.max(1) as f64;
            sum.share += share;
            sum.most = sum.most.max(share);
            let new = hits.example.iter().filter(|example| !sum.examples.contains(example));
            let room = EXAMPLES - sum.examples.len();
            let new: Vec<String> = new.take(room).cloned().collect();
            sum.examples.extend(new);
        }
    }

    /// The figures for every step of a rule set under a profile.
    #[must_use]
    pub fn statistics(&self, rules: &RuleSet, profile: &str) -> Statistics {
        let mut steps: Vec<Row> = Vec::new();
        for file in rules.files().iter().filter(|file| file.enabled) {
            steps.extend(file.steps.iter().map(|step| self.row(rules, step.tag, step.kind, file.is_pack())));
        }
        for step in rules.profile(profile).map_or(&[][..], |profile| &profile.steps) {
            if let ProfileStep::Normaliser(step) = step {
                // A normaliser is meant for every host.
                steps.push(self.row(rules, step.tag, step.kind, false));
            }
        }
        let names = |rows: &[Row], wanted: fn(&Row) -> bool| {
            rows.iter().filter(|row| wanted(row)).map(|row| row.rule.clone()).collect()
        };
        Statistics {
            rules: rules.digest().to_owned(),
            documents: self.documents,
            changed: self.changed,
            source_bytes: self.source,
            text_bytes: self.text,
            hosts: self.hosts.len(),
            dead: names(&steps, Row::is_dead),
            greedy: names(&steps, |row| !row.greedy.is_empty()),
            steps,
        }
    }

    /// The figures of one step.
    #[must_use]
    pub fn row(&self, rules: &RuleSet, tag: Tag, kind: &'static str, is_pack: bool) -> Row {
        let none = Sum::default();
        let sum = self.sums.get(&tag).unwrap_or(&none);
        let mean = sum.share / sum.documents.max(1) as f64;
        let hosts = sum.hosts.len();
        let many = is_pack && hosts >= MANY_HOSTS && hosts as f64 >= self.hosts.len() as f64 * MANY_HOSTS_SHARE;
        let reasons = [
            (Greedy::LargeShare, mean > LARGE_SHARE),
            (Greedy::ManyHosts, many),
            (Greedy::CutRefused, sum.refused > 0),
            (Greedy::MostlyRemoved, sum.mostly > 0),
        ];
        let [head, middle, tail] = sum.hits.places;
        Row {
            rule: rules.name(tag).map_or_else(String::new, |name| name.name.clone()),
            kind,
            documents: sum.documents,
            share: rounded(sum.documents as f64 / self.documents.max(1) as f64),
            edits: sum.hits.edits,
            overlapped: sum.hits.overlapped,
            removed_bytes: sum.hits.removed,
            inserted_bytes: sum.hits.inserted,
            head,
            middle,
            tail,
            hosts,
            mean_removed: rounded(mean),
            most_removed: rounded(sum.most),
            cut_refused: sum.refused,
            mostly_removed: sum.mostly,
            greedy: reasons.into_iter().filter(|(_, is_so)| *is_so).map(|(reason, _)| reason).collect(),
            examples: sum.examples.clone(),
        }
    }
}

fn note(hosts: &mut BTreeSet<u64>, host: Option<u64>) {
    if let Some(host) = host
        && hosts.len() < MOST_HOSTS
    {
        hosts.insert(host);
    }
}

/// Four places, so that figures read well and compare exactly.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}
