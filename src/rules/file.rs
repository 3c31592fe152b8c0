//! A rule file, read and compiled.

use crate::document::Flag;
use crate::html::Selector;
use crate::steps::Action;
use crate::text::Tag;

/// A step with its name.
#[derive(Debug)]
pub struct StepDef {
    /// Unique in its file.
    pub id: String,
    /// The kind's name.
    pub kind: &'static str,
    /// Why, if it says more than the file's own.
    pub why: Option<String>,
    /// Raised when the step changes something.
    pub flag: Option<Flag>,
    /// What it does.
    pub action: Action,
    /// Its number in the rule set's table of names.
    pub tag: Tag,
}

/// What a site file says about HTML.
#[derive(Debug, Default)]
pub struct HtmlRules {
    /// Where the content is.
    pub content: Vec<Selector>,
    /// What never belongs to it.
    pub remove: Vec<Selector>,
}

/// A test that a rule file carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTest {
    /// What it proves.
    pub name: String,
    /// The text given.
    pub input: String,
    /// The text wanted; equal to `input` for `unchanged = true`.
    pub expect: String,
    /// Flags that must be raised.
    pub flags: Vec<Flag>,
    /// The document's URL.
    pub url: Option<String>,
    /// Line of the test in its file, from 1.
    pub line: usize,
}

/// A rule file.
#[derive(Debug)]
pub struct RuleFile {
    /// Unique name, kebab-case.
    pub id: String,
    /// For people.
    pub title: String,
    /// Why it exists.
    pub why: String,
    /// Registrable domains it acts on.
    pub hosts: Vec<String>,
    /// Literals that mark its site when no URL is known, as written.
    pub signs: Vec<String>,
    /// Whether it acts at all.
    pub enabled: bool,
    /// Its steps in order.
    pub steps: Vec<StepDef>,
    /// What it says about HTML.
    pub html: HtmlRules,
    /// Its tests.
    pub tests: Vec<RuleTest>,
    /// The folder it came from: `common`, `zh`, `en`, `sites`, or `local` for the overlay directory.
    pub group: String,
    /// Path or name to print.
    pub origin: String,
    /// The TOML it was read from.
    pub source: String,
}

impl RuleFile {
    /// Whether it acts on every document rather than on a site's.
    #[must_use]
    pub fn is_pack(&self) -> bool {
        self.hosts.is_empty() && self.signs.is_empty()
    }
}
