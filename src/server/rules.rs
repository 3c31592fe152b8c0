//! The rule set in force: replaced as a whole, or not at all.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::error::ServeError;
use super::problem::{Place, Problem};
use crate::clean::{self, Cleaner};
use crate::error::Coded;
use crate::html::cosmetic::FilterSet;
use crate::rules::{self, LoadError};

/// What reloading changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// The digest of the set in force now.
    pub digest: String,
    /// Whether it is another one than before.
    pub changed: bool,
    /// Rule files in it.
    pub files: usize,
}

/// The rules in force, with what is needed to load them anew.
pub struct Rules {
    current: ArcSwap<Cleaner>,
    overlay: Option<PathBuf>,
    filters: Vec<PathBuf>,
    profile: String,
    limits: clean::Limits,
    /// What was wrong with the last set that was tried, if it was not taken. Held while a set is loaded, so that they come one by one.
    fault: Mutex<Option<String>>,
}

impl Rules {
    /// Loads the rules for the first time.
    pub fn open(
        overlay: Option<&Path>,
        filters: &[PathBuf],
        profile: &str,
        limits: clean::Limits,
    ) -> Result<Self, ServeError> {
        let first = load(overlay, filters, profile, &limits)?;
        Ok(Self {
            current: ArcSwap::from_pointee(first),
            overlay: overlay.map(Path::to_owned),
            filters: filters.to_vec(),
            profile: profile.to_owned(),
            limits,
            fault: Mutex::new(None),
        })
    }

    /// The cleaner with the rules in force. Whoever holds it keeps its rules, whatever is loaded meanwhile.
    pub fn cleaner(&self) -> Arc<Cleaner> {
        self.current.load_full()
    }

    /// The folder that is laid over the shipped rules.
    pub fn overlay(&self) -> Option<&Path> {
        self.overlay.as_deref()
    }

    /// Loads the rules anew. A set with a fault is not taken; the one in force stays.
    pub fn reload(&self) -> Result<Reloaded, ServeError> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match load(self.overlay.as_deref(), &self.filters, &self.profile, &self.limits) {
            Ok(cleaner) => {
                *fault = None;
                let digest = cleaner.rules().digest().to_owned();
                let files = cleaner.rules().files().len();
                let before = self.current.swap(Arc::new(cleaner));
                Ok(Reloaded { changed: before.rules().digest() != digest, digest, files })
            }
            Err(error) => {
                *fault = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// What was wrong with the last set that was tried, if it was not taken.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn load(
    overlay: Option<&Path>,
    filters: &[PathBuf],
    profile: &str,
    limits: &clean::Limits,
) -> Result<Cleaner, ServeError> {
    let set = rules::load::with_filters(rules::load(overlay)?, filters)?;
    if let Some(report) = set.filters().map(FilterSet::report).filter(|report| !report.refused.is_empty()) {
        tracing::warn!(report = %report, "some rules of the filter lists cannot be evaluated");
    }
    if set.profile(profile).is_none() {
        return Err(ServeError::Profile(profile.to_owned()));
    }
    Ok(Cleaner::new(Arc::new(set)).with_limits(limits.clone()))
}

/// The problem that a fault of rules is, with its places.
pub fn problem(error: &ServeError) -> Problem {
    match error {
        ServeError::Rules(error) => load_problem(error),
        other => Problem::new(other.code(), other.to_string()),
    }
}

/// The problem that a fault of loading is, with its places.
pub fn load_problem(error: &LoadError) -> Problem {
    let mut problem = Problem::new(error.code(), error.to_string());
    if let LoadError::Faults(faults) = error {
        if let Some(first) = faults.first() {
            problem = problem.at(first.line, first.column);
        }
        let place = |fault: &rules::RuleError| Place {
            file: fault.file.clone(),
            line: fault.line,
            column: fault.column,
            message: fault.message.clone(),
        };
        problem.faults = faults.iter().map(place).collect();
    }
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "id = \"demo\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"s\"\nkind = \"drop-line\"\nline = { equals = \"要删的一行\" }\n";

    fn open(folder: &Path) -> Rules {
        Rules::open(Some(folder), &[], "zh", clean::Limits::default()).unwrap()
    }

    #[test]
    fn a_good_set_is_taken_and_a_broken_one_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let rules = open(folder.path());
        let first = rules.cleaner();
        std::fs::write(folder.path().join("demo.toml"), GOOD).unwrap();
        let reloaded = rules.reload().unwrap();
        assert!(reloaded.changed && reloaded.digest != first.rules().digest());
        std::fs::write(folder.path().join("demo.toml"), format!("{GOOD}\n[[stepp]]\n")).unwrap();
        let problem = problem(&rules.reload().unwrap_err());
        assert_eq!((problem.code.as_str(), problem.line), ("bad_rule", Some(9)));
        assert!(problem.faults[0].file.ends_with("demo.toml"));
        assert_eq!(rules.cleaner().rules().digest(), reloaded.digest);
        assert!(rules.fault().unwrap().contains("demo.toml:9"));
        std::fs::write(folder.path().join("demo.toml"), GOOD).unwrap();
        assert!(!rules.reload().unwrap().changed);
        assert_eq!(rules.fault(), None);
    }

    #[test]
    fn a_set_without_the_profile_of_the_settings_is_refused() {
        let error = Rules::open(None, &[], "nope", clean::Limits::default()).err().unwrap();
        assert_eq!(error.to_string(), "there is no profile `nope`");
    }
}
