//! Made-up pages on which a draft can show what it does: the content is kept, what goes goes, the rest is found.
//!
//! A [`Trial`] is a page with what is expected of it, built from the shapes of the expressions; whoever can wash a page
//! tries it, and keeps it as a test if it holds.

use super::{Draft, Entry, Parsed};
use crate::html::xpath::{Sample, Under};
use crate::html::{Locator, XPath};

/// A test that holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// What it proves.
    pub name: String,
    /// The page.
    pub html: String,
    /// The text.
    pub expect: String,
    /// The title, if one is looked for.
    pub title: Option<String>,
    /// The author, likewise.
    pub author: Option<String>,
    /// The date, likewise.
    pub date: Option<String>,
}

/// A page to be tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trial {
    /// What it proves.
    pub name: String,
    /// The page.
    pub html: String,
    /// What its text must hold.
    pub keeps: Vec<String>,
    /// What its text must not hold, though it would without the rules.
    pub loses: Vec<String>,
    /// The title, author and date that must be found.
    pub finds: [Option<String>; 3],
}

/// Texts of made-up pages, which no page has by chance.
const CONTENT: &str = "The text of the article is kept.";
const OUTSIDE: &str = "What stands beside the article is left out.";
const FOUND: [&str; 3] = ["A title to be found", "Ann Example", "2024-03-05"];

impl Draft {
    /// The places as the rules of a site, without the replacements.
    #[must_use]
    pub fn parsed(&self) -> Parsed {
        let locators = |entries: &[Entry]| entries.iter().filter_map(Entry::locator).collect();
        let values = |entries: &[Entry]| entries.iter().filter_map(Entry::value).collect();
        Parsed {
            content: locators(&self.content),
            remove: locators(&self.remove),
            title: values(&self.title),
            author: values(&self.author),
            date: values(&self.date),
        }
    }

    /// How many places there are of what goes.
    #[must_use]
    pub fn removals(&self) -> usize {
        self.remove.len()
    }

    /// How many alternatives of content there are.
    #[must_use]
    pub fn alternatives(&self) -> usize {
        self.content.len()
    }

    /// A page for one alternative of content (`None` where there is none) and some of the places that go. `None` where no
    /// page is found.
    #[must_use]
    pub fn trial(&self, alternative: Option<usize>, removals: &[usize], finds: bool) -> Option<Trial> {
        let mut sample = Sample::new();
        let mut trial = Trial { name: name(alternative, removals, finds), ..Trial::default() };
        if finds {
            for (at, entries) in [&self.title, &self.author, &self.date].into_iter().enumerate() {
                trial.finds[at] = entries.iter().find_map(|entry| find(&mut sample, entry, FOUND[at]));
            }
            if trial.finds.iter().all(Option::is_none) {
                return None;
            }
        }
        let whole = alternative.is_some();
        if let Some(at) = alternative {
            sample.add_paragraph(OUTSIDE);
            trial.loses.push(OUTSIDE.to_owned());
            if !sample.add_content(&xpath(self.content.get(at)?)?, CONTENT) {
                return None;
            }
        } else {
            sample.add_paragraph(CONTENT);
        }
        trial.keeps.push(CONTENT.to_owned());
        for &at in removals {
            let gone = format!("Furniture {} goes.", at + 1);
            if !sample.add(&xpath(self.remove.get(at)?)?, Under::Content, &gone) {
                return None;
            }
            trial.loses.push(gone);
        }
        trial.html = sample.html(whole);
        Some(trial)
    }
}

/// Puts a value where an entry looks for it; what is then to be found.
fn find(sample: &mut Sample, entry: &Entry, value: &str) -> Option<String> {
    let before = sample.clone();
    let xpath = entry.value()?;
    if !sample.add(&xpath, Under::Page, value) {
        *sample = before;
        return None;
    }
    Some(xpath.literal().unwrap_or(value).to_owned())
}

fn xpath(entry: &Entry) -> Option<XPath> {
    match entry.locator()? {
        Locator::Css(selector) => Some(XPath::from_css(&selector, None)),
        Locator::XPath(xpath) => Some(xpath),
    }
}

fn name(alternative: Option<usize>, removals: &[usize], finds: bool) -> String {
    let mut parts = Vec::new();
    if let Some(at) = alternative {
        parts.push(if at == 0 { "the content is taken".to_owned() } else { format!("content {} is taken", at + 1) });
    }
    match removals {
        [] => {}
        [one] => parts.push(format!("removal {} goes", one + 1)),
        many => parts.push(format!("{} removals go", many.len())),
    }
    if finds {
        parts.push("title, author or date is found".to_owned());
    }
    parts.join(", ")
}
