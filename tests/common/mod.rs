//! What several tests share: the cleaner, a small generator, and data that may stand beside the project.

#![allow(dead_code, reason = "each test file uses some of it")]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

pub mod arrival;
pub mod arriving;
#[cfg(feature = "postgres")]
pub mod database;
pub mod history;
#[cfg(feature = "server")]
pub mod jobs;
pub mod made;
pub mod reference;
pub mod scores;
#[cfg(feature = "server")]
pub mod service;
pub mod simulated;
pub mod sites;
pub mod values;

use std::path::PathBuf;
use std::sync::Arc;

use taoxi::{Cleaner, rules};

/// A cleaner with the shipped rules, and with the folder that `TAOXI_TEST_RULES` names over them: for trying rule files without a build.
pub fn cleaner() -> Cleaner {
    let overlay = std::env::var_os("TAOXI_TEST_RULES").map(PathBuf::from);
    Cleaner::new(Arc::new(rules::load(overlay.as_deref()).unwrap_or_else(|error| panic!("{error}"))))
}

/// `SplitMix64`: small, seeded, the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A file that may stand beside the project; says visibly when it does not.
pub fn beside(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: {} is not here", path.display());
    None
}

/// The base texts of the bench corpus, if it stands beside the project.
pub fn base_texts() -> Option<Vec<String>> {
    use std::io::Read as _;
    let path = beside("bench/dedup/base-zh.jsonl.gz")?;
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).expect("opens"))
        .read_to_string(&mut text)
        .expect("reads");
    Some(text.lines().map(|line| serde_json::from_str::<Line>(line).expect("a record").text).collect())
}

#[derive(serde::Deserialize)]
struct Line {
    text: String,
}
