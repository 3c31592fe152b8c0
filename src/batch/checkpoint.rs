//! What an interrupted run has finished, so that the same command goes on from there.
//!
//! Each stage ends by writing a small file that names the stage's files with their digests and the run they belong to. A stage whose
//! file is there, of the same run, and whose files are whole is not done again.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::BatchError;
use super::file::{self, Seal};

/// The folder of temporary files of a run.
#[derive(Debug)]
pub(super) struct Scratch {
    pub folder: PathBuf,
    /// Digest of all that the outcome depends on: inputs, options, versions.
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Finished {
    key: String,
    files: Vec<Seal>,
}

impl Scratch {
    /// A folder that is there.
    pub(super) const fn open(folder: PathBuf, key: String) -> Self {
        Self { folder, key }
    }

    /// Whether an earlier run has finished a stage.
    pub(super) fn has(&self, stage: &str) -> bool {
        let Ok(bytes) = file::read(&self.mark(stage)) else { return false };
        serde_json::from_slice::<Finished>(&bytes).is_ok_and(|finished| {
            finished.key == self.key && finished.files.iter().all(|seal| file::is_whole(&self.folder, seal))
        })
    }

    /// Notes that a stage is finished.
    pub(super) fn finish(&self, stage: &str, files: Vec<Seal>) -> Result<(), BatchError> {
        let finished = Finished { key: self.key.clone(), files };
        let bytes = serde_json::to_vec(&finished).unwrap_or_default();
        let (path, draft) = (self.mark(stage), self.folder.join(format!("{stage}.draft")));
        fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, &path)).map_err(BatchError::of(&path))
    }

    /// Removes everything.
    pub(super) fn remove(self) -> Result<(), BatchError> {
        fs::remove_dir_all(&self.folder).map_err(BatchError::of(&self.folder))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn mark(&self, stage: &str) -> PathBuf {
        self.folder.join(format!("{stage}.finished"))
    }
}

/// The digest of what a run depends on.
pub(super) fn key_of(inputs: &[PathBuf], skip: &[PathBuf], rest: &str) -> Option<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(rest.as_bytes());
    for input in inputs {
        hasher.update(b"\0input\0");
        list(input, skip, &mut hasher)?;
    }
    Some(hasher.finalize().to_hex().to_string())
}

/// Names, sizes and times of the files of an input. `None` when they cannot be told, as for a pipe.
fn list(input: &Path, skip: &[PathBuf], hasher: &mut blake3::Hasher) -> Option<()> {
    let wanted = |entry: &walkdir::DirEntry| {
        !entry.file_type().is_dir() || fs::canonicalize(entry.path()).map_or(true, |path| !skip.contains(&path))
    };
    for entry in walkdir::WalkDir::new(input).follow_links(true).sort_by_file_name().into_iter().filter_entry(wanted) {
        let Ok(entry) = entry else { continue };
        let metadata = entry.metadata().ok()?;
        if !metadata.is_file() {
            continue;
        }
        let time = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
        hasher.update(format!("{}\0{}\0{time}\0", entry.path().display(), metadata.len()).as_bytes());
    }
    Some(())
}
