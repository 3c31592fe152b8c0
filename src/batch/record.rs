//! Kept records that lose passages.

use serde_json::{Map, Value};

use super::decide::{raise, record};
use super::error::BatchError;
use super::passages::RULE;
use super::summary::Counts;
use crate::clean::{Taken, lessen};
use crate::document::{EditRecord, Flag, Part};

/// The record of a run that drops passages: its head has the edits of the washing on a second line, which only a text that loses something shows.
pub(super) fn lessened(
    head: &[u8],
    text: &[u8],
    compilation: bool,
    taken: impl FnOnce(&str) -> Result<Vec<Taken>, BatchError>,
    counts: &mut Counts,
) -> Result<Vec<u8>, BatchError> {
    let (head, edits) = head.split_at(memchr::memchr(b'\n', head).unwrap_or(head.len()));
    let washed = String::from_utf8_lossy(text);
    let taken = taken(&washed)?;
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(head) else {
        return Ok(record(head, text, compilation));
    };
    if taken.is_empty() {
        return Ok(record(head, text, compilation));
    }
    let edits: Vec<EditRecord> = serde_json::from_slice(edits).unwrap_or_default();
    let parts = fields.get("parts").cloned().unwrap_or_default();
    let parts: Vec<Part> = serde_json::from_value(parts).unwrap_or_default();
    let less = lessen(&washed, &edits, &parts, &taken, RULE);
    counts.lessened.0 += 1;
    counts.lessened.1 += (washed.len() - less.text.len()) as u64;
    fields.insert("text".to_owned(), less.text.into());
    fields.insert("parts".to_owned(), serde_json::to_value(&less.parts).unwrap_or_default());
    fields.insert("stats".to_owned(), serde_json::to_value(&less.stats).unwrap_or_default());
    if let Some(rules) = fields.get_mut("rules").and_then(Value::as_array_mut) {
        rules.push(RULE.into());
    }
    let edits = serde_json::to_value(&less.edits).unwrap_or_default();
    let mut value = Value::Object(behind(fields, "rules", ("edits", edits)));
    for flag in less.flags.into_iter().chain(compilation.then_some(Flag::Compilation)) {
        raise(&mut value, flag);
    }
    let mut out = serde_json::to_vec(&value).unwrap_or_default();
    out.push(b'\n');
    Ok(out)
}

/// The same fields with one more behind another.
fn behind(fields: Map<String, Value>, before: &str, (name, value): (&str, Value)) -> Map<String, Value> {
    let mut out = Map::with_capacity(fields.len() + 1);
    let mut value = Some(value);
    for (key, field) in fields {
        let here = key == before;
        out.insert(key, field);
        if let Some(value) = value.take_if(|_| here) {
            out.insert(name.to_owned(), value);
        }
    }
    out
}
