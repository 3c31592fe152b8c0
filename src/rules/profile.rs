//! Profiles: which packs act and which normalisers run, in which order.

use super::file::StepDef;
use super::reader::{Reader, RuleError, Table};
use super::step;
use crate::steps::doc::Place;

/// One step of a profile.
#[derive(Debug)]
pub enum ProfileStep {
    /// The site files and packs run here.
    Rules,
    /// A normaliser.
    Normaliser(StepDef),
}

/// A profile.
#[derive(Debug)]
pub struct Profile {
    /// Unique name.
    pub id: String,
    /// For people.
    pub title: String,
    /// What it is for.
    pub why: String,
    /// Groups of packs that act.
    pub packs: Vec<String>,
    /// Whether site files act.
    pub sites: bool,
    /// Steps in order.
    pub steps: Vec<ProfileStep>,
    /// Path or name to print.
    pub origin: String,
}

/// Reads a profile.
pub(super) fn parse(origin: &str, source: &str) -> Result<Profile, Vec<RuleError>> {
    let reader = Reader::new(origin, source);
    let profile = reader.document().map(|table| profile(table, origin));
    let errors = reader.into_errors();
    match profile {
        Some(profile) if errors.is_empty() => Ok(profile),
        _ => Err(errors),
    }
}

fn profile(table: Table<'_, '_>, origin: &str) -> Profile {
    let id = table.required("id");
    let title = table.required("title");
    let why = table.required("why");
    let packs = table.texts("packs").into_iter().map(|(group, _)| group).collect();
    let sites = table.bool("sites").unwrap_or(true);
    let mut steps = Vec::new();
    for inner in table.tables("step", "a step of a profile") {
        if inner.has("kind") && inner.text("kind").as_deref() == Some("rules") {
            inner.finish();
            steps.push(ProfileStep::Rules);
        } else if let Some(step) = step::read(inner, Place::Profiles, &step::WordLists::default()) {
            steps.push(ProfileStep::Normaliser(step));
        }
    }
    table.finish();
    Profile { id, title, why, packs, sites, steps, origin: origin.to_owned() }
}
