//! Element hiding rules of filter lists, for one host at a time.
//!
//! Taken are the rules that name the host or one above it; what a list hides everywhere stays in the list, which
//! `--filter-list` reads whole. Exceptions take back the rules with their very selector.

use std::collections::HashSet;

use super::{Draft, Entry, Fate, Note, Place, id_of, procedural};
use crate::html::Selector;
use crate::html::cosmetic::{NamedRule, named};
use crate::rules::locators::MAX_REMOVE;

/// Why rules could not be made for a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosmeticError {
    /// No host.
    #[error("`{0}` is no host such as example.com (lower case, no scheme, no path)")]
    NoHost(String),
}

const UNREADABLE: &str = "a selector that cannot be evaluated";
const OTHER: &str = "a rule that needs a browser";
const BELOW: &str = "for hosts below only: name them with --hosts";
const TOO_MANY: &str = "more entries than a rule file may have";

/// Longest selector that is taken, in bytes.
const MAX_SELECTOR: usize = 2 << 10;

/// The rules of a host. Lists have a name and their text.
///
/// # Errors
/// [`CosmeticError`] when `host` is none; rules that cannot be brought over are notes of the draft.
pub fn read(lists: &[(String, String)], host: &str) -> Result<Draft, CosmeticError> {
    let id = id_of(host).ok_or_else(|| CosmeticError::NoHost(host.to_owned()))?;
    let (origin, licence) = provenance(lists);
    let mut draft = Draft {
        id: format!("filters-{id}"),
        host: host.to_owned(),
        subdomains: true,
        origin,
        licence,
        ..Draft::default()
    };
    let lines = lists.iter().map(|(name, list)| (name, named(list, host)));
    let lines: Vec<_> = lines.flat_map(|(name, lines)| lines.into_iter().map(move |line| (name, line))).collect();
    let shown: HashSet<&str> = lines
        .iter()
        .filter_map(|(_, line)| if let NamedRule::Show(selector) = line.rule { Some(selector) } else { None })
        .collect();
    for (name, line) in &lines {
        let (kind, fate, detail) = match line.rule {
            NamedRule::Show(_) => ("exception", Fate::Taken, String::new()),
            NamedRule::Hide(selector) if shown.contains(selector) => ("hiding rule", Fate::Met, String::new()),
            NamedRule::Hide(selector) => {
                let (fate, detail) = hide(&mut draft, selector, line.line, line.number);
                ("hiding rule", fate, detail)
            }
            NamedRule::Below => ("hiding rule", Fate::Refused(BELOW), String::new()),
            NamedRule::Refused(reason) => ("other rule", Fate::Refused(OTHER), format!(" ({reason})")),
        };
        if let Fate::Refused(reason) = fate {
            let message = format!("`{}` was not brought over: {reason}{detail}", shorten(line.line));
            draft.notes.push(Note { file: (*name).clone(), line: line.number, message });
        }
        if line.leaves_out && fate == Fate::Taken && kind == "hiding rule" {
            let message = format!("`{}` now acts on the hosts that it leaves out, too", shorten(line.line));
            draft.notes.push(Note { file: (*name).clone(), line: line.number, message });
        }
        draft.tally.add(kind, fate);
    }
    Ok(draft)
}

fn hide(draft: &mut Draft, selector: &str, line: &str, number: usize) -> (Fate, String) {
    if selector.len() > MAX_SELECTOR {
        return (Fate::Refused(UNREADABLE), " (too long)".to_owned());
    }
    let place = match Selector::parse(selector) {
        Ok(_) => Place::Css(selector.to_owned()),
        Err(_) => match procedural::to_xpath(selector) {
            Ok(xpath) => Place::XPath(xpath),
            Err(what) => return (Fate::Refused(UNREADABLE), format!(" ({what})")),
        },
    };
    if draft.remove.len() >= MAX_REMOVE {
        return (Fate::Refused(TOO_MANY), String::new());
    }
    if !draft.remove.iter().any(|other| other.place == place) {
        draft.remove.push(Entry { place, from: shorten(line), line: number });
    }
    (Fate::Taken, String::new())
}

/// What the heads of the lists say of their titles and licences.
fn provenance(lists: &[(String, String)]) -> (String, String) {
    let head = |list: &str, names: [&str; 2]| {
        list.lines().take(60).find_map(|line| {
            let line = line.trim_start_matches(['!', '#', ' ']);
            let (name, value) = line.split_once(':')?;
            let wanted = names.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted));
            wanted.then(|| shorten(value.trim()))
        })
    };
    let titles = lists.iter().map(|(name, list)| match head(list, ["title", "title"]) {
        Some(title) => format!("{title} ({name})"),
        None => name.clone(),
    });
    let mut licences: Vec<String> = lists.iter().filter_map(|(_, list)| head(list, ["licence", "license"])).collect();
    licences.dedup();
    let unsaid = "not named in the list; EasyList and its like are under the GPL or CC BY-SA";
    let licence = if licences.is_empty() { unsaid.to_owned() } else { licences.join(", ") };
    (titles.collect::<Vec<_>>().join(", "), licence)
}

fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
