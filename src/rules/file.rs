//! A rule file, read and compiled.

use crate::document::Flag;
use crate::html::{Locator, Replacement, SiteRules, XPath};
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
    /// Strings of the source replaced before it is read, in this order.
    pub replace: Vec<Replacement>,
    /// Where the content is: the first of these that has text.
    pub content: Vec<Locator>,
    /// What never belongs to it.
    pub remove: Vec<Locator>,
    /// The title: the first of these that gives one.
    pub title: Vec<XPath>,
    /// The authors, likewise.
    pub author: Vec<XPath>,
    /// The date, likewise.
    pub date: Vec<XPath>,
}

impl HtmlRules {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let values = [&self.title, &self.author, &self.date];
        self.replace.is_empty()
            && self.content.is_empty()
            && self.remove.is_empty()
            && values.iter().all(|values| values.is_empty())
    }

    /// Adds what is said to what other files say.
    pub fn add_to<'r>(&'r self, all: &mut SiteRules<'r>) {
        all.replace.extend(&self.replace);
        all.content.extend(&self.content);
        all.remove.extend(&self.remove);
        all.title.extend(&self.title);
        all.author.extend(&self.author);
        all.date.extend(&self.date);
    }
}

/// What the test of a page expects beside the text; `None` where it does not care.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageTest {
    /// The title.
    pub title: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The date.
    pub date: Option<String>,
}

/// A test that a rule file carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTest {
    /// What it proves.
    pub name: String,
    /// The text given, or the source of a page.
    pub input: String,
    /// For a page: what is expected beside its text.
    pub page: Option<PageTest>,
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
    /// Whether it acts on hosts below them, too; else only on them and `www.` of them.
    pub subdomains: bool,
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
