//! Rule sets tried on documents: what each step does, to how much of what, and what a new set would change.
//!
//! | file | what it does |
//! |---|---|
//! | `hits` | what the steps did to one document |
//! | `tally` | the same summed over many, and which steps look dead or greedy |
//! | `diff` | a washed text beside its source, as a unified diff |
//! | `attempt` | rule files tried beside the set in force |
//!
//! Nothing here changes a document or a rule set.

mod attempt;
mod diff;
mod hits;
mod tally;

pub use attempt::{Change, Hit, Trial, Tried};
pub use diff::unified;
pub use hits::{Hits, Place};
pub use tally::{Greedy, Row, Seen, Statistics, Tally};
