//! Finds copies: fingerprints, candidates, verified relations, clusters.
//!
//! Pure and synchronous: texts in, verdicts out. Simhash and winnowing propose, [`compare`] decides by the texts alone.

pub mod candidate;
pub mod compilation;
mod fingerprint;
mod grams;
pub mod hamming;
mod numbers;
pub mod pair;
mod passages;
mod prepared;
pub mod rank;
mod relation;
mod segments;
pub mod simhash;
mod sip;
pub mod thresholds;
pub mod units;
mod verdict;
mod winnow;

pub use fingerprint::{FINGERPRINT_VERSION, Fingerprint, Fingerprinter};
pub use numbers::Agreement;
pub use pair::{Comparable, relate};
pub use passages::Passage;
pub use prepared::Prepared;
pub use rank::{Keep, Standing};
pub use relation::{Named, Relation, Side, Why};
pub use segments::{Segment, segments};
pub use verdict::{Kind, Verdict, compare};
