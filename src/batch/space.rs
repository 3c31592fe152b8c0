//! Whether the disk has room for the temporary files of a run, before it begins.

use std::fs;
use std::path::Path;

use super::Inputs;
use super::error::BatchError;
use crate::archive::Input;

/// Temporary bytes for each byte of input, at most: texts, hashes, relations.
const SHARE: u64 = 3;
/// Besides, where passages are looked for: their lines and sentences, sorted.
const SHARE_OF_PASSAGES: u64 = 1;
/// How much a compressed input is taken to swell.
const SWELL: u64 = 5;

/// Refuses a run that may not have room; returns the bytes to be read, compressed ones as they will be.
pub(super) fn check(inputs: &Inputs, folder: &Path, passages: bool) -> Result<u64, BatchError> {
    let paths = inputs.own.iter().chain(&inputs.against).filter_map(|input| match input {
        Input::Path(path) => Some(path),
        Input::Stdin => None,
    });
    let bytes: u64 = paths.map(|path| size(path)).sum();
    let share = if passages { SHARE + SHARE_OF_PASSAGES } else { SHARE };
    let needed = bytes.saturating_mul(share);
    // Where the system does not tell, writing will.
    if let Ok(free) = fs4::available_space(folder)
        && free < needed
    {
        return Err(BatchError::NoSpace { path: folder.to_owned(), needed, free });
    }
    Ok(bytes)
}

fn size(input: &Path) -> u64 {
    let files = walkdir::WalkDir::new(input).follow_links(true).into_iter().flatten();
    files
        .filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let name = entry.file_name().to_string_lossy().to_lowercase();
            let packed = [".gz", ".zst", ".zip", ".tgz", ".tzst", ".parquet"].iter().any(|end| name.ends_with(end));
            Some(metadata.len() * if packed { SWELL } else { 1 })
        })
        .sum()
}
