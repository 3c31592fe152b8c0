//! What the driver asks: the files of inputs, the records of repeated ids, the summary of counts.

use std::collections::HashMap;
use std::path::PathBuf;

use pyo3::prelude::*;
use serde_json::Value;
use taoxi::archive;
use taoxi::batch::{Counts, versions};
use taoxi::dedup::Kind;

use crate::cleaner::Cleaner;
use crate::given::{inputs, keep};

/// The path and the id of a file, or the id and the error record of one that cannot be read.
type Listed = (Option<String>, String, Option<String>);

/// The files of inputs, in the order in which a run on one machine reads them.
#[pyfunction]
pub fn files(py: Python<'_>, paths: Vec<PathBuf>, skip: Vec<PathBuf>) -> Vec<Listed> {
    py.detach(|| {
        let listed = |file: Result<archive::Found, taoxi::document::ErrorRecord>| match file {
            Ok(file) => (Some(file.path.to_string_lossy().into_owned()), file.id, None),
            Err(record) => {
                let line = serde_json::to_string(&record).unwrap_or_default();
                (None, record.id, Some(line))
            }
        };
        archive::files(inputs(paths), &skip).map(listed).collect()
    })
}

/// The error record of a document whose id was there before.
#[pyfunction]
pub fn repeated(place: String, id: String) -> String {
    serde_json::to_string(&archive::repeated(place, id)).unwrap_or_default()
}

/// `summary.json` of counts by name, of documents and relations by kind.
#[pyfunction]
#[pyo3(name = "summary")]
pub fn summary(
    cleaner: PyRef<'_, Cleaner>,
    counts: HashMap<String, u64>,
    copies: HashMap<String, u64>,
    relations: HashMap<String, u64>,
    keep: &str,
) -> PyResult<String> {
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    let by_kind = |counts: &HashMap<String, u64>| {
        counts.iter().filter_map(|(name, count)| Some((Kind::parse(name)?.as_str(), *count))).collect()
    };
    let mut made = Counts::default();
    (made.documents, made.failed, made.kept) = (count("documents"), count("failed"), count("kept"));
    (made.compilations, made.spun) = (count("compilations"), count("spun"));
    (made.clusters, made.largest) = (count("clusters"), count("largest"));
    (made.source_bytes, made.text_bytes, made.kept_text_bytes) =
        (count("source_bytes"), count("text_bytes"), count("kept_text_bytes"));
    (made.copies, made.relations) = (by_kind(&copies), by_kind(&relations));
    let mut value: Value = made.to_json();
    value["keep"] = self::keep(keep)?.as_str().into();
    value["versions"] = versions(&cleaner.cleaner);
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    Ok(text)
}
