//! From a row of a table to a document: the same rules as for a line of JSONL.

use serde_json::{Map, Value};

use super::super::limits::ReadOptions;
use super::cells::Cell;
use super::columns::{Column, Role};
use crate::document::{Content, Document, MediaType};

/// The document of a row, with its own id if it has one; else what is wrong.
pub(super) fn document(
    columns: &[Column],
    cells: Vec<Cell>,
    options: &ReadOptions,
) -> Result<(Option<String>, Document), String> {
    let (mut id, mut url, mut date) = (None, None, None);
    let mut contents: Vec<(&str, MediaType, Vec<u8>)> = Vec::new();
    let mut meta = Map::new();
    for (column, cell) in columns.iter().zip(cells) {
        match (column.role, cell) {
            (Role::Text, Cell::Bytes(bytes)) => contents.push((&column.name, MediaType::Text, bytes)),
            (Role::Html, Cell::Bytes(bytes)) => contents.push((&column.name, MediaType::Html, bytes)),
            (Role::Id, cell) => id = text(cell).filter(|id| !id.is_empty()),
            (Role::Url, cell) => url = text(cell),
            (Role::Date, cell) => date = text(cell),
            (Role::Meta | Role::Text | Role::Html, cell) => {
                meta.insert(column.name.clone(), value(cell));
            }
        }
    }
    // HTML goes first when the run is about HTML.
    contents
        .sort_by_key(|(_, media_type, _)| (*media_type == MediaType::Html) != (options.media_type == MediaType::Html));
    // An empty text must not hide a full one.
    let chosen = contents.iter().position(|(_, _, bytes)| !bytes.is_empty()).unwrap_or(0);
    if contents.is_empty() {
        return Err(format!("the row has neither `{}` nor `{}`", options.fields.text, options.fields.html));
    }
    let (_, media_type, bytes) = contents.remove(chosen);
    for (name, _, bytes) in contents {
        meta.insert(name.to_owned(), value(Cell::Bytes(bytes)));
    }
    let document = Document {
        id: String::new(),
        url: url.or_else(|| options.url.clone()),
        date,
        content: String::from_utf8(bytes).map_or_else(|error| Content::Bytes(error.into_bytes()), Content::Text),
        media_type: options.media_type_or(media_type),
        charset: None,
        meta,
    };
    Ok((id, document))
}

fn text(cell: Cell) -> Option<String> {
    match value(cell) {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// A cell as JSON. Bytes that are no UTF-8 are written in hexadecimal digits.
fn value(cell: Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Other(value) => value,
        Cell::Bytes(bytes) => Value::String(String::from_utf8(bytes).unwrap_or_else(|error| {
            let digits = error.into_bytes().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
            digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
        })),
    }
}
