//! The JSON Schema of rule files, made from the same tables that the reader checks against.

use serde_json::{Map, Value, json};

use crate::document::Flag;
use crate::steps::catalog::KINDS;
use crate::steps::doc::{ParamKind, Place, StepDoc};

/// JSON Schema (draft 2020-12) of a rule file, for editors that complete and check TOML.
#[must_use]
pub fn schema() -> Value {
    let steps: Vec<Value> =
        KINDS.iter().filter(|kind| kind.doc.place == Place::Rules).map(|kind| step(kind.doc)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "taoxi rule file",
        "type": "object",
        "required": ["id", "title", "why"],
        "additionalProperties": false,
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "description": "Unique name, kebab-case. In the overlay directory a file with the id of a shipped one replaces it."},
            "title": {"type": "string", "description": "For people."},
            "why": {"type": "string", "description": "Why the file exists, in a sentence or two."},
            "hosts": strings("Registrable domains the file acts on; subdomains match."),
            "signs": strings("Literals that mark the site when the URL is not known."),
            "enabled": {"type": "boolean", "default": true, "description": "false switches the file off."},
            "words": {"type": "object", "description": "Word lists by name, for patterns with `words`.", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
            "step": {"type": "array", "description": "Steps in the order they act.", "items": {"oneOf": steps}},
            "html": {
                "type": "object",
                "additionalProperties": false,
                "description": "For HTML input only.",
                "properties": {"content": strings("CSS selectors of the content."), "remove": strings("CSS selectors of what never belongs to it.")}
            },
            "test": {"type": "array", "description": "Tests; every step fires in at least one, and one shows what stays.", "items": test()}
        },
        "$defs": {"pattern": pattern()}
    })
}

fn strings(description: &str) -> Value {
    json!({"description": description, "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
}

fn step(doc: &StepDoc) -> Value {
    let flags: Vec<&str> = Flag::ALL.iter().map(|flag| flag.as_str()).collect();
    let mut properties = Map::new();
    properties.insert("kind".to_owned(), json!({"const": doc.kind}));
    properties.insert(
        "id".to_owned(),
        json!({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "description": "Unique in the file."}),
    );
    properties.insert(
        "why".to_owned(),
        json!({"type": "string", "description": "Why, if it says more than the file's own."}),
    );
    properties
        .insert("flag".to_owned(), json!({"enum": flags, "description": "Raised when the step changes something."}));
    properties.insert("enabled".to_owned(), json!({"type": "boolean", "default": true}));
    let mut required = vec!["id", "kind"];
    for param in doc.params {
        let mut value = match param.kind {
            ParamKind::Text => json!({"type": "string"}),
            ParamKind::Bool => json!({"type": "boolean"}),
            ParamKind::Count => json!({"type": "integer", "minimum": 0}),
            ParamKind::Choice(words) => json!({"enum": words}),
            ParamKind::Pattern => json!({"$ref": "#/$defs/pattern"}),
        };
        if let Some(object) = value.as_object_mut() {
            object.insert("description".to_owned(), json!(param.doc));
        }
        if param.default.is_empty() {
            required.push(param.name);
        }
        properties.insert(param.name.to_owned(), value);
    }
    json!({"type": "object", "title": doc.kind, "description": doc.what, "required": required, "additionalProperties": false, "properties": properties})
}

fn pattern() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "description": "Any one of equals, prefix, suffix, contains and regex that matches counts.",
        "anyOf": [{"required": ["equals"]}, {"required": ["prefix"]}, {"required": ["suffix"]}, {"required": ["contains"]}, {"required": ["regex"]}],
        "properties": {
            "equals": strings("The whole line."),
            "prefix": strings("Its start."),
            "suffix": strings("Its end."),
            "contains": strings("Anywhere in it."),
            "regex": strings("A regular expression; ^ and $ are the ends of the line."),
            "where": {"enum": ["head", "tail", "start", "end", "any"], "default": "any", "description": "Where in the text the line must stand: among the first or last lines, before the first prose or behind the last."},
            "unless": {"$ref": "#/$defs/pattern"},
            "on": {"enum": ["folded", "raw"], "default": "folded", "description": "Match the folded line or the line as it is."},
            "always": {"type": "boolean", "default": false, "description": "Try on every line: for a regex without a literal of two characters."},
            "words": {"type": "string", "description": "A list under [words] that must cover the line as well."},
            "cover": {"type": "integer", "minimum": 0, "maximum": 100, "default": 80, "description": "How much of the line's letters the words must cover, in percent."},
            "min-chars": {"type": "integer", "minimum": 0},
            "max-chars": {"type": "integer", "minimum": 0}
        }
    })
}

fn test() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "input"],
        "oneOf": [{"required": ["expect"]}, {"required": ["unchanged"]}],
        "properties": {
            "name": {"type": "string"},
            "input": {"type": "string"},
            "expect": {"type": "string"},
            "unchanged": {"const": true},
            "flags": strings("Flags that must be raised."),
            "url": {"type": "string"}
        }
    })
}
