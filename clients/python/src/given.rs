//! Documents and options as Python gives them.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use serde_json::{Map, Value};
use taoxi::archive::{Fields, IdDup, Input, ReadOptions};
use taoxi::clean::{Edits, Options};
use taoxi::dedup::Keep;
use taoxi::document::{Content, Document, MediaType};
use taoxi::error::{Code, Fault};

use crate::faults::{OrRaise, raised, usage};

/// Text or bytes.
#[derive(FromPyObject)]
pub enum Body {
    /// A `str`.
    Text(PyBackedStr),
    /// A `bytes`.
    Bytes(PyBackedBytes),
}

/// A `taoxi.Document`, by its attributes.
#[derive(FromPyObject)]
pub struct Given {
    content: Body,
    id: String,
    url: Option<String>,
    date: Option<String>,
    media_type: String,
    charset: Option<String>,
    meta_json: Option<String>,
}

impl Given {
    /// The document.
    pub fn document(self) -> PyResult<Document> {
        let media_type = media_type(&self.media_type)?;
        let meta: Map<String, Value> = match self.meta_json {
            None => Map::new(),
            Some(json) => serde_json::from_str(&json).map_err(|error| {
                raised(&Fault::new(Code::BadRecord, format!("`meta` of `{}` is no JSON object: {error}", self.id)))
            })?,
        };
        let content = match self.content {
            Body::Text(text) => Content::Text(text.to_string()),
            Body::Bytes(bytes) => Content::Bytes(bytes.to_vec()),
        };
        Ok(Document { id: self.id, url: self.url, date: self.date, content, media_type, charset: self.charset, meta })
    }
}

/// The media type of a name.
pub fn media_type(name: &str) -> PyResult<MediaType> {
    match name {
        "auto" => Ok(MediaType::Auto),
        "text" => Ok(MediaType::Text),
        "html" => Ok(MediaType::Html),
        other => Err(usage(format!("media_type is auto, text or html, not `{other}`"))),
    }
}

/// The edits of a name.
pub fn edits(name: &str) -> PyResult<Edits> {
    match name {
        "full" => Ok(Edits::Full),
        "ranges" => Ok(Edits::Ranges),
        "none" => Ok(Edits::None),
        other => Err(usage(format!("edits is full, ranges or none, not `{other}`"))),
    }
}

/// The policy of a name.
pub fn keep(name: &str) -> PyResult<Keep> {
    [Keep::Longest, Keep::Cleanest, Keep::Earliest, Keep::First]
        .into_iter()
        .find(|keep| keep.as_str() == name)
        .ok_or_else(|| usage(format!("keep is longest, cleanest, earliest or first, not `{name}`")))
}

/// How documents are washed: a `taoxi.Options`, by its attributes.
#[derive(FromPyObject)]
pub struct GivenOptions {
    profile: String,
    without: Vec<String>,
    only: Vec<String>,
    encoding: Option<String>,
    edits: String,
    markdown: bool,
}

impl GivenOptions {
    /// The options.
    pub fn options(self) -> PyResult<Options> {
        Ok(Options {
            edits: edits(&self.edits)?,
            profile: Some(self.profile),
            without: self.without,
            only: self.only,
            encoding: self.encoding,
            markdown: self.markdown,
        })
    }
}

/// How files are read: a `taoxi.Reading`, by its attributes.
#[derive(FromPyObject)]
pub struct GivenReading {
    fields: Option<String>,
    media_type: String,
    id_dup: String,
}

impl GivenReading {
    /// The options of reading.
    pub fn options(self) -> PyResult<ReadOptions> {
        let fields = match &self.fields {
            Some(text) => Fields::parse(text).or_raise()?,
            None => Fields::default(),
        };
        let id_dup = match self.id_dup.as_str() {
            "error" => IdDup::Error,
            "suffix" => IdDup::Suffix,
            other => return Err(usage(format!("id_dup is error or suffix, not `{other}`"))),
        };
        Ok(ReadOptions { fields, media_type: media_type(&self.media_type)?, id_dup, ..ReadOptions::default() })
    }
}

/// Paths as inputs.
pub fn inputs(paths: Vec<PathBuf>) -> Vec<Input> {
    paths.into_iter().map(Input::Path).collect()
}

/// A number of threads; 0 for one on each core.
pub fn threads(asked: usize) -> usize {
    if asked > 0 { asked } else { std::thread::available_parallelism().map_or(1, std::num::NonZero::get) }
}
