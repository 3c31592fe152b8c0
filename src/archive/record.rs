//! One line of a JSONL file: from JSON to a document.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::limits::ReadOptions;
use super::{Fields, scan};
use crate::document::{Content, Document, MediaType};

/// A fault in a line: the record's own id if that could be read, a byte of the line, and what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineFault {
    pub id: Option<String>,
    pub at: usize,
    pub message: String,
}

/// The document on a line. Its id is the record's own, if it has one.
pub(super) fn read(line: &str, options: &ReadOptions) -> Result<(Option<String>, Document), LineFault> {
    let mut object = object(line)?;
    let mut record = Record { line, object: &mut object, fields: &options.fields };
    let id = record.id()?;
    match record.parts(options) {
        Ok(parts) => Ok((id, document(parts, object, options))),
        Err(fault) => Err(LineFault { id, ..fault }),
    }
}

/// What a record says of a document.
struct Parts {
    url: Option<String>,
    date: Option<String>,
    content: String,
    media_type: MediaType,
}

fn document(parts: Parts, rest: Map<String, Value>, options: &ReadOptions) -> Document {
    let Parts { url, date, content, media_type } = parts;
    let url = url.or_else(|| passed_through(&rest, "url"));
    Document {
        id: String::new(),
        url: url.or_else(|| options.url.clone()),
        date: date.or_else(|| passed_through(&rest, "date")),
        content: Content::Text(content),
        media_type: options.media_type_or(media_type),
        charset: None,
        meta: rest,
    }
}

/// A field of a record that was washed before: those stand under `meta`.
fn passed_through(object: &Map<String, Value>, field: &str) -> Option<String> {
    object.get("meta")?.get(field)?.as_str().map(str::to_owned)
}

/// Whether a line is a whole JSON object.
pub(super) fn is_object(line: &str) -> bool {
    object(line).is_ok()
}

fn object(line: &str) -> Result<Map<String, Value>, LineFault> {
    serde_json::from_str::<Object>(line).map(|object| object.0).map_err(|error| {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message);
        LineFault { id: None, at: error.column().saturating_sub(1), message: format!("not a JSON object: {message}") }
    })
}

/// An object whose keys are all different: of two equal ones, one would be lost.
struct Object(Map<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{}` stands twice", shorten(&key))));
            }
            object.insert(key, entries.next_value()?);
        }
        Ok(Object(object))
    }
}

struct Record<'a> {
    line: &'a str,
    object: &'a mut Map<String, Value>,
    fields: &'a Fields,
}

impl Record<'_> {
    fn parts(&mut self, options: &ReadOptions) -> Result<Parts, LineFault> {
        let url = self.text(&options.fields.url, false)?;
        let date = self.text(&options.fields.date, true)?;
        let (content, media_type) = self.content(options.media_type)?;
        Ok(Parts { url, date, content, media_type })
    }

    fn id(&mut self) -> Result<Option<String>, LineFault> {
        let field = &self.fields.id;
        match self.object.shift_remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(id)) => Ok(Some(id).filter(|id| !id.is_empty())),
            // A number beyond 2^53 that is no 64-bit integer was rounded when it was read: two ids could become one.
            Some(Value::Number(id)) if id.as_f64().is_some_and(|n| n.abs() < 9e15) || !id.is_f64() => {
                Ok(Some(id.to_string()))
            }
            Some(Value::Number(_)) => Err(self.fault(field, "is too large a number; write it as a string")),
            Some(other) => Err(self.fault(field, &format!("must be a string or a number, not {}", kind_of(&other)))),
        }
    }

    fn text(&mut self, field: &str, numbers: bool) -> Result<Option<String>, LineFault> {
        match self.object.shift_remove(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) if numbers => Ok(Some(number.to_string())),
            Some(other) => Err(self.fault(field, &format!("must be a string, not {}", kind_of(&other)))),
        }
    }

    /// The text, else the HTML; the one that is not used stays in the record. HTML goes first when the run is about HTML.
    fn content(&mut self, wanted: MediaType) -> Result<(String, MediaType), LineFault> {
        let mut order = [(self.fields.text.as_str(), MediaType::Text), (self.fields.html.as_str(), MediaType::Html)];
        if wanted == MediaType::Html {
            order.reverse();
        }
        for (field, _) in order {
            if let Some(other) = self.object.get(field).filter(|value| !value.is_string() && !value.is_null()) {
                return Err(self.fault(field, &format!("must be a string, not {}", kind_of(other))));
            }
        }
        // An empty field must not hide a full one.
        let has_text =
            |field: &str| self.object.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        let is_there = |field: &str| self.object.get(field).is_some_and(Value::is_string);
        let chosen =
            order.iter().find(|(field, _)| has_text(field)).or_else(|| order.iter().find(|(field, _)| is_there(field)));
        if let Some((field, media_type)) = chosen
            && let Some(Value::String(text)) = self.object.shift_remove(*field)
        {
            return Ok((text, *media_type));
        }
        Err(LineFault { id: None, at: 0, message: self.no_content() })
    }

    fn no_content(&self) -> String {
        let Fields { text, html, .. } = self.fields;
        let strings = self.object.iter().filter(|(_, value)| value.is_string());
        let names: Vec<String> = strings.take(5).map(|(key, _)| format!("`{}`", shorten(key))).collect();
        if names.is_empty() {
            return format!("the record has neither `{text}` nor `{html}`");
        }
        let names = names.join(", ");
        format!(
            "the record has neither `{text}` nor `{html}`; if its text is in one of {names}, say so with --fields text=…"
        )
    }

    fn fault(&self, field: &str, message: &str) -> LineFault {
        LineFault { id: None, at: scan::key(self.line, field).unwrap_or(0), message: format!("`{field}` {message}") }
    }
}

/// A name short enough for a message.
pub(super) fn shorten(name: &str) -> String {
    let mut short: String = name.chars().take(80).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(line: &str) -> (Option<String>, Document) {
        read(line, &ReadOptions::default()).unwrap()
    }

    fn fault_of(line: &str) -> (usize, String) {
        let fault = read(line, &ReadOptions::default()).unwrap_err();
        (fault.at, fault.message)
    }

    #[test]
    fn known_fields_are_taken_and_others_pass_in_order() {
        let (id, document) =
            ok(r#"{"z":1,"id":"x","url":"https://a.example/","b":[true],"date":"2024-05-01","text":"正文","a":null}"#);
        assert_eq!(id.as_deref(), Some("x"));
        assert_eq!(document.url.as_deref(), Some("https://a.example/"));
        assert_eq!(document.date.as_deref(), Some("2024-05-01"));
        assert_eq!(document.content, Content::Text("正文".to_owned()));
        assert_eq!(document.media_type, MediaType::Text);
        assert_eq!(serde_json::to_string(&document.meta).unwrap(), r#"{"z":1,"b":[true],"a":null}"#);
    }

    #[test]
    fn html_is_html_and_an_empty_text_does_not_hide_it() {
        let (_, document) = ok(r#"{"text":"","html":"<p>a"}"#);
        assert_eq!((document.media_type, document.content), (MediaType::Html, Content::Text("<p>a".to_owned())));
        let (_, document) = ok(r#"{"text":"a","html":"<p>a"}"#);
        assert_eq!((document.media_type, document.meta["html"].as_str()), (MediaType::Text, Some("<p>a")));
        assert!(ok(r#"{"text":"","html":null}"#).1.content.is_empty());
    }

    #[test]
    fn the_media_type_of_the_run_wins() {
        let options = ReadOptions { media_type: MediaType::Html, ..ReadOptions::default() };
        let (_, document) = read(r#"{"text":"a","html":"<p>b"}"#, &options).unwrap();
        assert_eq!(document.content, Content::Text("<p>b".to_owned()));
        assert_eq!(read(r#"{"text":"<p>a"}"#, &options).unwrap().1.media_type, MediaType::Html);
    }

    #[test]
    fn numbers_are_ids_unless_reading_rounded_them() {
        for (line, id) in
            [("7", Some("7")), ("18446744073709551615", Some("18446744073709551615")), ("null", None), ("\"\"", None)]
        {
            assert_eq!(ok(&format!(r#"{{"id":{line},"text":"a"}}"#)).0.as_deref(), id);
        }
        assert!(fault_of(r#"{"text":"a","id":123456789012345678901234}"#).1.contains("write it as a string"));
    }

    #[test]
    fn faults_say_what_and_where() {
        for (line, at, message) in [
            (r#"{"text":"a","id":true}"#, 12, "`id` must be a string or a number, not a truth value"),
            (r#"{"text":["a"]}"#, 1, "`text` must be a string, not a list"),
            (r#"{"url":{},"text":"a"}"#, 1, "`url` must be a string, not an object"),
            (r#"{"n":1}"#, 0, "the record has neither `text` nor `html`"),
            (
                r#"{"content":"a"}"#,
                0,
                "the record has neither `text` nor `html`; if its text is in one of `content`, say so with --fields text=…",
            ),
            (r#"{"text":"a","text":"b"}"#, 17, "not a JSON object: the key `text` stands twice"),
            (r#"["a"]"#, 0, "not a JSON object: invalid type: sequence, expected an object"),
            (r#"{"text":"a"} {}"#, 13, "not a JSON object: trailing characters"),
        ] {
            assert_eq!(fault_of(line), (at, message.to_owned()), "{line}");
        }
    }

    #[test]
    fn hostile_nesting_is_a_fault_and_no_overflow() {
        let line = format!(r#"{{"text":"a","m":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(fault_of(&line).1.contains("recursion limit"));
    }
}
