//! Names given so far: as 128-bit digests, so that ten million ids take some hundreds of megabytes and not gigabytes.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

/// A set of names that can find a free one.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<u128>,
    /// The last suffix given to a repeated name: a million copies of one id must not be counted through a million times.
    suffixes: HashMap<u128, u64>,
}

impl Names {
    /// Takes a name; false when it was taken before.
    pub(super) fn claim(&mut self, name: &str) -> bool {
        self.taken.insert(digest(name))
    }

    /// Whether a name was taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.taken.contains(&digest(name))
    }

    /// Takes the first of `name_of(None)`, `name_of(Some(2))`, `name_of(Some(3))`… that is free and that `allowed` lets pass, and
    /// gives its suffix.
    pub(super) fn claim_free(
        &mut self,
        name_of: impl Fn(Option<u64>) -> String,
        allowed: impl Fn(&str) -> bool,
    ) -> Option<u64> {
        let first = name_of(None);
        if allowed(&first) && self.claim(&first) {
            return None;
        }
        let first = digest(&first);
        let mut suffix = self.suffixes.get(&first).copied().unwrap_or(1);
        loop {
            suffix += 1;
            let name = name_of(Some(suffix));
            if allowed(&name) && self.claim(&name) {
                self.suffixes.insert(first, suffix);
                return Some(suffix);
            }
        }
    }
}

/// The digest of a name: the first sixteen bytes of its SHA-256.
pub(super) fn digest(name: &str) -> u128 {
    Sha256::digest(name.as_bytes()).iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(names: &mut Names, name: &str) -> Option<u64> {
        names.claim_free(|suffix| suffix.map_or_else(|| name.to_owned(), |n| format!("{name}-{n}")), |_| true)
    }

    #[test]
    fn repeated_names_count_up_and_pass_over_taken_ones() {
        let mut names = Names::default();
        assert!(names.claim("a-3"));
        let given: Vec<_> = (0..4).map(|_| next(&mut names, "a")).collect();
        assert_eq!(given, [None, Some(2), Some(4), Some(5)]);
        assert_eq!(next(&mut names, "a-2"), Some(2));
        assert!(!names.claim("a-4") && names.has("a-4") && !names.has("b"));
    }

    #[test]
    fn a_name_that_is_not_allowed_is_passed_over() {
        let mut names = Names::default();
        let name_of = |suffix: Option<u64>| suffix.map_or_else(|| "a".to_owned(), |n| format!("a-{n}"));
        assert_eq!(names.claim_free(name_of, |name| name != "a"), Some(2));
    }
}
