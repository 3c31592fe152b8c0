//! An existing rule file brought up to date with a proposal: what a hand wrote stays as it is.
//!
//! Comments, order and steps that are switched off stay. A step that says the same as a proposed one gets the new figures in its `learned:`
//! comment, if it has one. A step that was learned and then changed by hand, or switched off, keeps the proposed step of its name out. All
//! other proposed steps are appended with their tests, unless the file's tests then fail.

use std::collections::BTreeSet;

use toml_edit::{DocumentMut, Item, Table};

use super::compose::mark;
use super::error::LearnError;
use super::learned::Proposal;
use super::trial;

/// How a comment of the learner begins.
const LEARNED: &str = "# learned:";

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The file as it is now.
    pub toml: String,
    /// Ids of steps that were added.
    pub added: Vec<String>,
    /// Ids of proposed steps that were there already.
    pub known: usize,
    /// Ids of proposed steps that a hand's changes keep out, or the file's tests.
    pub left_out: Vec<String>,
}

/// Whether an existing rule file is the one of a proposal's site: it has its id, its host, or one of its signs.
#[must_use]
pub fn is_same_site(existing: &str, proposal: &Proposal) -> bool {
    let Ok(document) = existing.parse::<DocumentMut>() else { return false };
    let texts = |key: &str| -> Vec<String> {
        let array = document.get(key).and_then(Item::as_array);
        array.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    document.get("id").and_then(Item::as_str) == Some(proposal.id.as_str())
        || proposal.host.as_ref().is_some_and(|host| texts("hosts").contains(host))
        || proposal.host.is_none() && texts("signs").iter().any(|sign| proposal.signs.contains(sign))
}

/// Brings a file up to date. `origin` is its name for messages. With nothing new, the file comes back byte for byte but for figures.
pub fn update(origin: &str, existing: &str, proposal: &Proposal) -> Result<Updated, LearnError> {
    let fail = |message: String| LearnError::NotUpdated { origin: origin.to_owned(), message };
    let mut document: DocumentMut = existing.parse().map_err(|error: toml_edit::TomlError| fail(error.to_string()))?;
    let proposed: DocumentMut =
        proposal.toml.parse().map_err(|error: toml_edit::TomlError| fail(format!("the proposal: {error}")))?;
    let old_faults: BTreeSet<String> = trial::faults(existing).into_iter().collect();
    let mut out = Updated { toml: String::new(), added: Vec::new(), known: 0, left_out: Vec::new() };
    for step in tables(&proposed, "step") {
        let id = text(step, "id");
        match place(&document, step) {
            Place::Same(index) => {
                out.known += 1;
                refresh(&mut document, index, step);
            }
            Place::KeptOut => out.left_out.push(id),
            Place::New => {
                let tests: Vec<Table> = tables(&proposed, "test")
                    .filter(|test| text(test, "name").starts_with(&format!("{id}:")))
                    .cloned()
                    .collect();
                let mut tried = document.clone();
                let new_id = append(&mut tried, step.clone(), tests).map_err(&fail)?;
                let faults = trial::faults(&tried.to_string());
                if faults.iter().all(|fault| old_faults.contains(fault)) {
                    document = tried;
                    out.added.push(new_id);
                } else {
                    out.left_out.push(id);
                }
            }
        }
    }
    if document.get("html").is_none()
        && let Some(html) = proposed.get("html").and_then(Item::as_table)
    {
        let mut html = html.clone();
        html.set_position(None);
        document.insert("html", Item::Table(html));
    }
    out.toml = document.to_string();
    Ok(out)
}

fn tables<'d>(document: &'d DocumentMut, key: &str) -> impl Iterator<Item = &'d Table> {
    document.get(key).and_then(Item::as_array_of_tables).into_iter().flatten()
}

fn text(table: &Table, key: &str) -> String {
    table.get(key).and_then(Item::as_str).unwrap_or_default().to_owned()
}

/// What a step does, without id, comments and white space.
fn says(step: &Table) -> String {
    let mut step = step.clone();
    for key in ["id", "why", "enabled"] {
        step.remove(key);
    }
    let mut pairs: Vec<String> = step.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
    pairs.sort();
    pairs.join("\n")
}

/// A value without decoration, strings as what they say and not how they are quoted.
fn plain(item: &Item) -> String {
    if let Some(text) = item.as_str() {
        return format!("{text:?}");
    }
    if let Some(table) = item.as_table_like() {
        let mut pairs: Vec<String> = table.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
        pairs.sort();
        return format!("{{{}}}", pairs.join(","));
    }
    if let Some(array) = item.as_array() {
        let values: Vec<String> = array.iter().map(|value| plain(&Item::Value(value.clone()))).collect();
        return format!("[{}]", values.join(","));
    }
    item.to_string().trim().to_owned()
}

enum Place {
    Same(usize),
    KeptOut,
    New,
}

/// Where a proposed step stands in a file.
fn place(document: &DocumentMut, step: &Table) -> Place {
    let wanted = says(step);
    if let Some(index) = tables(document, "step").position(|other| says(other) == wanted) {
        return Place::Same(index);
    }
    let id = text(step, "id");
    let mine = tables(document, "step").find(|other| text(other, "id") == id);
    match mine {
        Some(other) if is_off(other) || is_changed(other) => Place::KeptOut,
        _ => Place::New,
    }
}

fn is_off(step: &Table) -> bool {
    step.get("enabled").and_then(Item::as_bool) == Some(false)
}

/// Whether a hand changed a learned step: its mark is not that of what it says.
fn is_changed(step: &Table) -> bool {
    let comment = comment(step);
    let Some(line) = comment.lines().find(|line| line.starts_with(LEARNED)) else { return false };
    let written = line.rsplit_once('[').map(|(_, mark)| mark.trim_end_matches(']'));
    let body = format!("[[step]]\n{}", step.clone().to_string().trim_start_matches(|c: char| c.is_whitespace()));
    written != Some(mark(&body).as_str())
}

fn comment(step: &Table) -> String {
    step.decor().prefix().and_then(toml_edit::RawString::as_str).unwrap_or_default().to_owned()
}

/// Puts the figures of a proposed step into the comment of the one that says the same.
fn refresh(document: &mut DocumentMut, index: usize, step: &Table) {
    let new = comment(step);
    let Some(new) = new.lines().find(|line| line.starts_with(LEARNED)) else { return };
    let Some(old) =
        document.get_mut("step").and_then(Item::as_array_of_tables_mut).and_then(|steps| steps.get_mut(index))
    else {
        return;
    };
    // The mark stays: it belongs to the step as this file writes it.
    let figures =
        |line: &str| line.rsplit_once(" [").map_or_else(|| line.to_owned(), |(figures, _)| figures.to_owned());
    let prefix: String = comment(old)
        .split_inclusive('\n')
        .map(|line| match line.trim_end().rsplit_once(" [") {
            Some((_, mark)) if line.starts_with(LEARNED) => format!("{} [{mark}\n", figures(new)),
            _ => line.to_owned(),
        })
        .collect();
    old.decor_mut().set_prefix(prefix);
}

/// Appends a step and its tests; gives the step's id, which is new in the file.
fn append(document: &mut DocumentMut, mut step: Table, tests: Vec<Table>) -> Result<String, String> {
    let id = text(&step, "id");
    let used: BTreeSet<String> = tables(document, "step").map(|step| text(step, "id")).collect();
    let mut new_id = id.clone();
    let mut number = 2;
    while used.contains(&new_id) {
        new_id = format!("{id}-{number}");
        number += 1;
    }
    if new_id != id {
        step.insert("id", toml_edit::value(new_id.as_str()));
        let body = format!("[[step]]\n{}", step.to_string().trim_start());
        let prefix: String = comment(&step)
            .split_inclusive('\n')
            .map(|line| match line.rsplit_once(" [") {
                Some((figures, _)) if line.starts_with(LEARNED) => format!("{figures} [{}]\n", mark(&body)),
                _ => line.to_owned(),
            })
            .collect();
        step.decor_mut().set_prefix(prefix);
    }
    push(document, "step", step)?;
    for mut test in tests {
        if new_id != id {
            let name = text(&test, "name").replacen(&id, &new_id, 1);
            test.insert("name", toml_edit::value(name));
        }
        push(document, "test", test)?;
    }
    Ok(new_id)
}

fn push(document: &mut DocumentMut, key: &str, mut table: Table) -> Result<(), String> {
    // Without a position of its own it follows the one before it.
    table.set_position(None);
    let item = document.entry(key).or_insert_with(|| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    let array = item.as_array_of_tables_mut().ok_or_else(|| format!("`{key}` is not written as [[{key}]]"))?;
    array.push(table);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::{Learner, Options, Page};

    fn proposal(pages: usize, views: bool) -> Proposal {
        let mut learner = Learner::new(Options::default()).unwrap();
        for n in 0..pages {
            let word: String =
                (0..40).map(|k| char::from_u32(0x4e00 + ((n * 7919 + k * 131) % 20_000) as u32).unwrap()).collect();
            let count = if views { format!("浏览次数：{}\n", 100 + n * 7) } else { String::new() };
            let text = format!("示例网 > 文章\n{word}。\n{word}，还有一句。\n{count}示例网版权所有\n");
            learner.add(&Page::text(format!("{n}"), text).with_url("https://www.example.com/a")).unwrap();
        }
        learner.finish().unwrap().files.remove(0)
    }

    #[test]
    fn nothing_new_leaves_the_file_as_it_is() {
        let proposal = proposal(12, true);
        let updated = update("a", &proposal.toml, &proposal).unwrap();
        assert_eq!(updated.toml, proposal.toml);
        assert_eq!((updated.known, updated.added.len(), updated.left_out.len()), (proposal.steps.len(), 0, 0));
    }

    #[test]
    fn a_hands_comments_order_and_switches_stay() {
        let few = proposal(12, false);
        let edited = few
            .toml
            .replacen("[[step]]\n", "# Checked by hand.\n[[step]]\nenabled = false\n", 1)
            .replacen("title = ", "title    =   ", 1);
        let many = proposal(24, true);
        let updated = update("a", &edited, &many).unwrap();
        assert!(updated.toml.contains("# Checked by hand.\n[[step]]\nenabled = false\n"), "{}", updated.toml);
        assert!(updated.toml.contains("title    =   "));
        assert!(updated.toml.contains("24 of 24 pages"));
        assert_eq!(updated.added, ["views"], "{updated:?}");
        let again = update("a", &updated.toml, &many).unwrap();
        assert_eq!(again.toml, updated.toml);
    }

    #[test]
    fn a_step_changed_by_hand_keeps_the_learned_one_out() {
        let proposal = proposal(12, true);
        let edited = proposal.toml.replacen("where = \"end\"", "where = \"tail\"", 1);
        assert_ne!(edited, proposal.toml);
        let updated = update("a", &edited, &proposal).unwrap();
        assert_eq!(updated.left_out.len(), 1, "{updated:?}");
        assert_eq!(updated.toml, edited);
    }

    #[test]
    fn what_is_no_rule_file_is_named() {
        let error = update("x.toml", "id = [", &proposal(12, true)).unwrap_err().to_string();
        assert!(error.starts_with("x.toml cannot be brought up to date"), "{error}");
    }
}
