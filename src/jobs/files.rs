//! Result files: from a fixed list of names, so that no name of a client ever becomes a path.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serialize;
use utoipa::ToSchema;

use super::error::JobError;

const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";
const ZSTD: &str = "application/zstd";

/// Every file that a run may write, with its media type.
const RESULTS: &[(&str, &str)] = &[
    ("documents.ndjson", NDJSON),
    ("documents.ndjson.zst", ZSTD),
    ("relations.ndjson", NDJSON),
    ("relations.ndjson.zst", ZSTD),
    ("passages.ndjson", NDJSON),
    ("passages.ndjson.zst", ZSTD),
    ("kept.ndjson", NDJSON),
    ("kept.ndjson.zst", ZSTD),
    ("copies.ndjson", NDJSON),
    ("copies.ndjson.zst", ZSTD),
    ("kept.jsonl", NDJSON),
    ("kept.jsonl.zst", ZSTD),
    ("kept.parquet", "application/vnd.apache.parquet"),
    ("kept.warc.gz", "application/gzip"),
    ("rules.ndjson", NDJSON),
    ("report.json", JSON),
    ("errors.ndjson", NDJSON),
    ("summary.json", JSON),
    ("run.json", JSON),
];

/// A result file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResultFile {
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it is.
    #[serde(rename = "type")]
    pub media_type: &'static str,
}

/// The files of a folder, in the order of the list.
pub(super) fn list(folder: &Path) -> Result<Vec<ResultFile>, JobError> {
    let mut files = Vec::new();
    for (name, media_type) in RESULTS.iter().copied() {
        let path = folder.join(name);
        match path.metadata() {
            Ok(metadata) => files.push(ResultFile { name, bytes: metadata.len(), media_type }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(JobError::of(&path)(error)),
        }
    }
    Ok(files)
}

/// Opens a file of a folder; `None` when it is not one of the list, or was not written.
pub(super) fn open(folder: &Path, name: &str) -> Result<Option<(ResultFile, File)>, JobError> {
    let Some((name, media_type)) = RESULTS.iter().copied().find(|(known, _)| *known == name) else { return Ok(None) };
    let path = folder.join(name);
    match File::open(&path) {
        Ok(file) => {
            let bytes = file.metadata().map_err(JobError::of(&path))?.len();
            Ok(Some((ResultFile { name, bytes, media_type }, file)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(JobError::of(&path)(error)),
    }
}

/// Forces the files of a folder to disk.
pub(super) fn sync(folder: &Path) -> Result<(), JobError> {
    for file in list(folder)? {
        let path = folder.join(file.name);
        File::open(&path).and_then(|file| file.sync_all()).map_err(JobError::of(&path))?;
    }
    sync_folder(folder)
}

/// Forces the names in a folder to disk, where the system has such a thing.
pub(super) fn sync_folder(folder: &Path) -> Result<(), JobError> {
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(JobError::of(folder))?;
    }
    Ok(())
}
