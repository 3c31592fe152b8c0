//! Reading one `[[step]]` against the documentation of its kind.

use std::collections::HashMap;
use std::sync::Arc;

use super::file::StepDef;
use super::reader::{Table, nearest};
use crate::document::Flag;
use crate::steps::catalog::{self, KINDS, Kind};
use crate::steps::doc::{Param, ParamKind, Place};
use crate::steps::params::{Params, Value};
use crate::steps::pattern::{Pattern, PatternError, PatternSource, Where};
use crate::steps::words::Words;
use crate::text::Tag;

/// The word lists of a file by name.
pub(super) type WordLists = HashMap<String, Arc<Words>>;

/// Reads a step; `None` when a fault was recorded that leaves nothing to run.
pub(super) fn read(table: Table<'_, '_>, place: Place, lists: &WordLists) -> Option<StepDef> {
    let Some((name, span)) = table.text_at("kind") else {
        table.fault("a step needs `kind`");
        return None;
    };
    let kind = catalog::find(&name).filter(|kind| kind.doc.place == place);
    let Some(kind) = kind else {
        let known: Vec<&str> = KINDS.iter().filter(|kind| kind.doc.place == place).map(|kind| kind.doc.kind).collect();
        table.fault_at(
            span,
            format!("unknown kind of step `{name}`; known are {}", known.join(", ")),
            nearest(&name, &known),
        );
        return None;
    };
    // A profile names each normaliser once, so the kind is name enough.
    let id = if place == Place::Profiles && !table.has("id") { kind.doc.kind.to_owned() } else { table.required("id") };
    if !is_kebab(&id) && !id.is_empty() {
        table.fault(format!("`{id}` is no kebab-case name"));
    }
    let why = table.text("why");
    let flag = table.text_at("flag").and_then(|(name, span)| {
        let flag = Flag::parse(&name);
        if flag.is_none() {
            let known: Vec<&str> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
            table.fault_at(span, format!("unknown flag `{name}`"), nearest(&name, &known));
        }
        flag
    });
    let enabled = table.bool("enabled").unwrap_or(true);
    let mut params = params(&table, kind, lists);
    table.finish();
    let action = (kind.build)(&mut params)?;
    enabled.then_some(StepDef { id, kind: kind.doc.kind, why, flag, action, tag: Tag(0) })
}

fn params(table: &Table<'_, '_>, kind: &Kind, lists: &WordLists) -> Params {
    let mut params = Params::new();
    for param in kind.doc.params {
        if !table.has(param.name) && param.default.is_empty() {
            table.fault(format!("a {} step needs `{}`", kind.doc.kind, param.name));
        }
        if let Some(value) = value(table, kind, param, lists) {
            params.set(param.name, value);
        }
    }
    params
}

fn value(table: &Table<'_, '_>, kind: &Kind, param: &Param, lists: &WordLists) -> Option<Value> {
    match param.kind {
        ParamKind::Text => table.text(param.name).map(Value::Text),
        ParamKind::Bool => table.bool(param.name).map(Value::Bool),
        ParamKind::Count => table.count(param.name).map(Value::Count),
        ParamKind::Choice(words) => {
            let (word, span) = table.text_at(param.name)?;
            if !words.contains(&word.as_str()) {
                table.fault_at(span, format!("`{}` is one of {}", param.name, words.join(", ")), nearest(&word, words));
            }
            Some(Value::Text(word))
        }
        ParamKind::Pattern => {
            let inner = table.table(param.name, &format!("the pattern `{}`", param.name))?;
            // The end of a block is only looked for after its start was found.
            let free = kind.doc.kind == "drop-between" && param.name == "to";
            pattern(inner, free, lists).map(Value::Pattern)
        }
    }
}

/// Reads a pattern table.
fn pattern(table: Table<'_, '_>, free: bool, lists: &WordLists) -> Option<Pattern> {
    let strip =
        |texts: Vec<(String, std::ops::Range<usize>)>| texts.into_iter().map(|(text, _)| text).collect::<Vec<_>>();
    let place = match table.text_at("where") {
        None => Where::Any,
        Some((word, span)) => match word.as_str() {
            "head" => Where::Head,
            "tail" => Where::Tail,
            "start" => Where::Start,
            "end" => Where::End,
            "any" => Where::Any,
            _ => {
                table.fault_at(
                    span,
                    format!("`where` is head, tail, start, end or any, not `{word}`"),
                    nearest(&word, &["head", "tail", "start", "end", "any"]),
                );
                Where::Any
            }
        },
    };
    let raw = match table.text_at("on") {
        None => false,
        Some((word, span)) => {
            if !matches!(word.as_str(), "raw" | "folded") {
                table.fault_at(
                    span,
                    format!("`on` is folded or raw, not `{word}`"),
                    nearest(&word, &["folded", "raw"]),
                );
            }
            word == "raw"
        }
    };
    let always = table.bool("always").unwrap_or(false);
    let (min_chars, max_chars) = (table.count("min-chars"), table.count("max-chars"));
    let unless = table.table("unless", "the pattern `unless`").and_then(|inner| pattern(inner, true, lists));
    let cover = cover(&table, lists);
    let regexes = table.texts("regex");
    let source = PatternSource {
        equals: strip(table.texts("equals")),
        prefix: strip(table.texts("prefix")),
        suffix: strip(table.texts("suffix")),
        contains: strip(table.texts("contains")),
        regex: regexes.iter().map(|(regex, _)| regex.clone()).collect(),
        place,
        unless,
        raw,
        always,
        min_chars,
        max_chars,
        cover,
    };
    let pattern = Pattern::new(source, free).map_err(|error| {
        // A fault of a regex points at that regex.
        let culprit = regexes.iter().find(|(regex, _)| {
            let alone = PatternSource { regex: vec![regex.clone()], raw, always, ..PatternSource::default() };
            matches!(error, PatternError::Regex(_)) && Pattern::new(alone, free).is_err()
        });
        table.fault_at(culprit.map_or_else(|| table.span(), |(_, span)| span.clone()), error.to_string(), None);
    });
    table.finish();
    pattern.ok()
}

/// `words = "name"` and `cover = 80`.
fn cover(table: &Table<'_, '_>, lists: &WordLists) -> Option<(Arc<Words>, usize)> {
    let percent = table.count("cover");
    let (name, span) = table.text_at("words")?;
    let Some(words) = lists.get(&name) else {
        let known: Vec<&str> = lists.keys().map(String::as_str).collect();
        table.fault_at(span, format!("there is no word list `{name}` under [words]"), nearest(&name, &known));
        return None;
    };
    let percent = percent.unwrap_or(80);
    if percent > 100 {
        table.fault_at(span, "`cover` is a percentage", None);
    }
    Some((words.clone(), percent))
}

/// Lower-case letters, digits and single hyphens.
pub(super) fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}
