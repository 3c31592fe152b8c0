//! Bringing rules of other programs in: site files of fivefilters/ftr-site-config, and the element hiding rules of filter
//! lists for chosen hosts. What comes out is a rule file for each host, with what each part was made of beside it.
//!
//! Nothing is dropped in silence: every directive is counted by its kind in a [`Tally`] with what became of it, and what
//! cannot be brought over is a [`Note`] with file, line and reason.
//!
//! | file | idea |
//! |---|---|
//! | [`ftr`] | site files: directives and XPath |
//! | [`cosmetic`] | filter lists |
//! | `procedural` | selectors of filter lists that CSS does not have, as XPath |
//! | `write` | a draft as TOML |
//! | `sample` | made-up pages that show what a draft does |

pub mod cosmetic;
pub mod ftr;
mod procedural;
mod sample;
mod write;

use std::collections::BTreeMap;
use std::fmt;

use crate::html::{Locator, Replacement, Selector, SiteRules, XPath};

pub use sample::{Kept, Trial};

/// Something that was not brought over, or not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What and why.
    pub message: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// What became of a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is a part of the rule file.
    Taken,
    /// It asks for what is done in any case.
    Met,
    /// It stands in the rule file as a comment: it says nothing about extraction.
    Kept,
    /// It could not be brought over.
    Refused(&'static str),
}

/// How many directives of one kind there were, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub all: usize,
    /// Part of rule files.
    pub taken: usize,
    /// Done in any case.
    pub met: usize,
    /// Kept as comments.
    pub kept: usize,
    /// Not brought over, by reason.
    pub refused: BTreeMap<&'static str, usize>,
}

/// Directives by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    kinds: BTreeMap<String, Count>,
}

impl Tally {
    /// Counts a directive.
    pub fn add(&mut self, kind: &str, fate: Fate) {
        let count = self.kinds.entry(kind.to_owned()).or_default();
        count.all += 1;
        match fate {
            Fate::Taken => count.taken += 1,
            Fate::Met => count.met += 1,
            Fate::Kept => count.kept += 1,
            Fate::Refused(reason) => *count.refused.entry(reason).or_default() += 1,
        }
    }

    /// Adds what another file had.
    pub fn merge(&mut self, other: &Self) {
        for (kind, count) in &other.kinds {
            let mine = self.kinds.entry(kind.clone()).or_default();
            mine.all += count.all;
            mine.taken += count.taken;
            mine.met += count.met;
            mine.kept += count.kept;
            for (reason, refused) in &count.refused {
                *mine.refused.entry(reason).or_default() += refused;
            }
        }
    }

    /// The kinds by name.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &Count)> {
        self.kinds.iter().map(|(kind, count)| (kind.as_str(), count))
    }

    /// Of the directives of these kinds, how many there are and how many are taken or met.
    pub fn share(&self, kinds: &[&str]) -> (usize, usize) {
        let of = self.kinds.iter().filter(|(kind, _)| kinds.contains(&kind.as_str()));
        of.fold((0, 0), |(all, good), (_, count)| (all + count.all, good + count.taken + count.met))
    }
}

impl fmt::Display for Tally {
    /// A table, a kind a line, the most frequent first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24} {:>6} {:>6} {:>6} {:>7} {:>7}", "directive", "all", "taken", "met", "comment", "refused")?;
        let mut kinds: Vec<_> = self.kinds.iter().collect();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(count.all), *kind));
        for (kind, count) in kinds {
            let refused: usize = count.refused.values().sum();
            write!(
                f,
                "{kind:<24} {:>6} {:>6} {:>6} {:>7} {refused:>7}",
                count.all, count.taken, count.met, count.kept
            )?;
            for (at, (reason, number)) in count.refused.iter().enumerate() {
                write!(f, "{} {number} {reason}", if at == 0 { " " } else { ";" })?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A place as it will be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// A CSS selector.
    Css(String),
    /// A CSS selector and an attribute.
    Attribute(String, String),
    /// An XPath expression.
    XPath(String),
}

/// An entry of a list, with what it was made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) place: Place,
    /// The directive as it was written.
    pub(super) from: String,
    pub(super) line: usize,
}

/// A rule file to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Its id, and the name of its file.
    pub id: String,
    /// The host it acts on.
    pub host: String,
    /// Whether it acts on hosts below that one.
    pub subdomains: bool,
    /// Where it is from: names and licences.
    pub origin: String,
    /// Under which licence that is.
    pub licence: String,
    pub(super) replace: Vec<(Replacement, String, usize)>,
    pub(super) content: Vec<Entry>,
    pub(super) remove: Vec<Entry>,
    pub(super) title: Vec<Entry>,
    pub(super) author: Vec<Entry>,
    pub(super) date: Vec<Entry>,
    /// Directives kept as comments.
    pub(super) kept: Vec<String>,
    /// What was not brought over.
    pub notes: Vec<Note>,
    /// Directives counted.
    pub tally: Tally,
    /// Tests that were found to hold.
    pub tests: Vec<Kept>,
}

impl Draft {
    /// Whether nothing came of it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let lists = [&self.content, &self.remove, &self.title, &self.author, &self.date];
        self.replace.is_empty() && lists.iter().all(|list| list.is_empty())
    }

    /// Its replacements, in order.
    pub fn replacements(&self) -> impl Iterator<Item = &Replacement> {
        self.replace.iter().map(|(replacement, ..)| replacement)
    }

    /// How many entries it has: places and replacements.
    #[must_use]
    pub fn entries(&self) -> usize {
        let lists = [&self.content, &self.remove, &self.title, &self.author, &self.date];
        self.replace.len() + lists.iter().map(|list| list.len()).sum::<usize>()
    }
}

impl Entry {
    /// As a place of content, or of what goes.
    pub(super) fn locator(&self) -> Option<Locator> {
        match &self.place {
            Place::Css(css) => Selector::parse(css).ok().map(Locator::Css),
            Place::XPath(xpath) => xpath.parse().ok().map(Locator::XPath),
            Place::Attribute(..) => None,
        }
    }

    /// As a place of a value.
    pub(super) fn value(&self) -> Option<XPath> {
        match &self.place {
            Place::Css(css) => Selector::parse(css).ok().map(|selector| XPath::from_css(&selector, None)),
            Place::Attribute(css, name) => {
                Selector::parse(css).ok().map(|selector| XPath::from_css(&selector, Some(name)))
            }
            Place::XPath(xpath) => xpath.parse().ok(),
        }
    }
}

/// Places parsed, so that a draft can be tried before it is written.
#[derive(Debug, Default)]
pub struct Parsed {
    content: Vec<Locator>,
    remove: Vec<Locator>,
    title: Vec<XPath>,
    author: Vec<XPath>,
    date: Vec<XPath>,
}

impl Parsed {
    /// The places as the rules of a site.
    #[must_use]
    pub fn rules(&self) -> SiteRules<'_> {
        SiteRules {
            replace: Vec::new(),
            content: self.content.iter().collect(),
            remove: self.remove.iter().collect(),
            title: self.title.iter().collect(),
            author: self.author.iter().collect(),
            date: self.date.iter().collect(),
        }
    }
}

/// A host as an id: `news.example` becomes `news-example`. `None` for what is no host.
fn id_of(host: &str) -> Option<String> {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let fits = host.contains('.') && host.len() <= 253 && host.split('.').all(is_label);
    let words = host.split(['.', '-']).filter(|word| !word.is_empty());
    fits.then(|| words.collect::<Vec<_>>().join("-"))
}
