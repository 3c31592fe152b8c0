//! Folders of collections: made, locked, listed, moved away.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use super::disk::sync_folder;
use crate::index::IndexError;

/// The file that is locked while a folder is in use.
const LOCK: &str = "lock";
/// Largest file of settings, in bytes.
const SMALL: u64 = 1 << 20;

fn fault(path: &Path) -> impl Fn(io::Error) -> IndexError {
    move |error| IndexError::io(&path.display().to_string(), &error)
}

/// A folder is this process's as long as this is held.
#[derive(Debug)]
pub struct FolderLock(#[expect(dead_code, reason = "closing the file gives the lock back")] File);

/// Makes a folder, if it is not there, and locks it for this process.
pub(in crate::index) fn lock_folder(folder: &Path) -> Result<FolderLock, IndexError> {
    fs::create_dir_all(folder).map_err(fault(folder))?;
    let path = folder.join(LOCK);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(fault(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(fs::TryLockError::WouldBlock) => Err(IndexError::InUse(folder.display().to_string())),
        Err(fs::TryLockError::Error(error)) => Err(fault(&path)(error)),
    }
}

/// The names of the folders in a folder, in order.
pub(in crate::index) fn folders(folder: &Path) -> Result<Vec<String>, IndexError> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        entries => entries.map_err(fault(folder))?,
    };
    for entry in entries {
        let entry = entry.map_err(fault(folder))?;
        if entry.file_type().map_err(fault(folder))?.is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a file is there.
pub(in crate::index) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Reads a small file.
pub(in crate::index) fn read_small(path: &Path) -> Result<Vec<u8>, IndexError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fault(path))?;
    file.take(SMALL).read_to_end(&mut bytes).map_err(fault(path))?;
    Ok(bytes)
}

/// Makes a folder with one file in it: both are there for good, or the file is not.
pub(in crate::index) fn make_folder(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), IndexError> {
    fs::create_dir_all(folder).map_err(fault(folder))?;
    let (path, unfinished) = (folder.join(name), folder.join(format!("{name}.new")));
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        sync_folder(folder)?;
        folder.parent().map_or(Ok(()), sync_folder)
    };
    write().map_err(fault(&path))
}

/// Gives a folder a name under which it is no longer found.
pub(in crate::index) fn move_away(folder: &Path, name: &str, prefix: &str) -> Result<(), IndexError> {
    let path = folder.join(name);
    let free = (0..u32::MAX).map(|n| folder.join(format!("{prefix}{n}"))).find(|path| !path.exists());
    let Some(away) = free else { return Err(IndexError::Full("no name is free".to_owned())) };
    fs::rename(&path, away).and_then(|()| sync_folder(folder)).map_err(fault(&path))
}

/// Removes the folders whose names begin so. What cannot be removed now is removed at the next start.
pub(in crate::index) fn remove_folders(folder: &Path, prefix: &str) {
    for name in folders(folder).unwrap_or_default().iter().filter(|name| name.starts_with(prefix)) {
        let _ = fs::remove_dir_all(folder.join(name));
    }
}
