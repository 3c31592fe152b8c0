//! Kept documents as JSONL, plain or compressed.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::file::NewFile;
use super::{DocumentWriter, KeptDocument, WriteError};

/// zstd's own default.
const LEVEL: i32 = 3;
const NAMES: [&str; 4] = ["id", "url", "date", "text"];

/// A line: the document's own fields, then the others. One that has the name of an own field is renamed, for of two equal names
/// one would be lost.
struct Line<'a>(&'a KeptDocument<'a>);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let KeptDocument { id, url, date, text, meta } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(NAMES[0], id)?;
        map.serialize_entry(NAMES[1], url)?;
        map.serialize_entry(NAMES[2], date)?;
        map.serialize_entry(NAMES[3], text)?;
        for (name, value) in *meta {
            if NAMES.contains(&name.as_str()) {
                let mut other = format!("meta_{name}");
                while meta.contains_key(&other) {
                    other.insert_str(0, "meta_");
                }
                map.serialize_entry(&other, value)?;
            } else {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

fn write_line(out: &mut impl Write, document: &KeptDocument<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line(document))?;
    out.write_all(b"\n")
}

/// `kept.jsonl`.
pub(super) struct Jsonl(NewFile);

impl Jsonl {
    pub(super) fn create(path: PathBuf) -> Result<Self, WriteError> {
        NewFile::create(path).map(Self)
    }
}

impl DocumentWriter for Jsonl {
    fn write(&mut self, document: &KeptDocument<'_>) -> Result<(), WriteError> {
        write_line(&mut self.0, document).map_err(|error| self.0.error(&error))
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.0.finish()
    }
}

/// `kept.jsonl.zst`.
pub(super) struct JsonlZst(zstd::stream::write::Encoder<'static, NewFile>);

impl JsonlZst {
    pub(super) fn create(path: PathBuf) -> Result<Self, WriteError> {
        let failed = |error: io::Error| WriteError::Output { reason: error.to_string() };
        let mut encoder = zstd::stream::write::Encoder::new(NewFile::create(path)?, LEVEL).map_err(failed)?;
        encoder.include_checksum(true).map_err(failed)?;
        Ok(Self(encoder))
    }
}

impl DocumentWriter for JsonlZst {
    fn write(&mut self, document: &KeptDocument<'_>) -> Result<(), WriteError> {
        write_line(&mut self.0, document).map_err(|error| self.0.get_ref().error(&error))
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let file = self.0.finish().map_err(|error| WriteError::Output { reason: error.to_string() })?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_fields_come_first_and_no_name_stands_twice() {
        let meta = serde_json::from_str(r#"{"z":1,"text":"t","meta_text":"u","id":null}"#).unwrap();
        let document = KeptDocument { id: "a\"", url: None, date: Some("d"), text: "正\n", meta: &meta };
        let mut out = Vec::new();
        write_line(&mut out, &document).unwrap();
        let expected = "{\"id\":\"a\\\"\",\"url\":null,\"date\":\"d\",\"text\":\"正\\n\",\"z\":1,\"meta_meta_text\":\"t\",\"meta_text\":\"u\",\"meta_id\":null}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
