//! The sets that were written apart from the code are what they were when they were frozen.

#![allow(clippy::expect_used, clippy::disallowed_methods)] // a test fails by panicking, and reads its own files

use std::path::Path;

use sha2::{Digest, Sha256};
use taoxi::rules::set::hex;

#[test]
fn frozen_sets_are_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sets");
    let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).expect("the sums are there");
    assert_eq!(sums.lines().count(), 4);
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").expect("a sum and a name");
        let bytes = std::fs::read(folder.join(name)).expect("the set is there");
        assert_eq!(hex(&Sha256::digest(bytes)), sum, "{name} was changed");
    }
}
