//! Rule files: what they may say, how they are read, which of them act on a document.
//!
//! [`RuleSet`] holds everything in force: shipped files, the overlay directory, the profiles, and one index of all
//! literals and signs. Running the steps is left to `clean`; only `load` touches files.

pub mod file;
pub mod import;
pub mod json_schema;
mod literals;
pub mod load;
pub mod locators;
mod parse;
pub mod profile;
mod reader;
pub mod reference;
pub mod set;
mod shipped;
pub mod skeleton;
mod step;

pub use file::{HtmlRules, PageTest, RuleFile, RuleTest, StepDef};
pub use load::{LoadError, load};
pub use profile::{Profile, ProfileStep};
pub use reader::RuleError;
pub use set::{Hit, RuleSet, Use};
