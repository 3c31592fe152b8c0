//! The main content of a page: which of its blocks a reader came for.
//!
//! | file | idea |
//! |---|---|
//! | [`tokens`] | words of classes and ids |
//! | `outline` | what elements say about the blocks below them |
//! | `cues` | what short texts around an article say |
//! | [`features`], `rows`, `odds`, `whole`, `walk` | blocks as rows of numbers |
//! | [`forest`], [`model`] | from numbers to probabilities |
//! | [`second`] | what the first probabilities say about each block |
//! | [`prefix`], `choice` | from probabilities to a choice, and what was left out |

mod choice;
mod cues;
pub mod features;
pub mod forest;
pub mod model;
mod odds;
mod outline;
pub mod prefix;
mod rows;
pub mod second;
pub mod tokens;
mod walk;
mod whole;

pub(in crate::html) use choice::content_less;
pub(crate) use choice::judged;
pub use choice::{Content, MAX_BLOCKS, MAX_REMOVED, Removed, Shape, content, content_of, taken};
pub use features::Features;
pub use model::Model;
