//! The data folder: one service at a time has it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::error::ServeError;

/// A data folder that nobody else uses as long as this lives.
#[derive(Debug)]
pub struct Data {
    folder: PathBuf,
    _lock: File,
}

impl Data {
    /// Makes the folder if need be and takes it.
    pub fn open(folder: &Path) -> Result<Self, ServeError> {
        let unusable = |reason| ServeError::Data { folder: folder.to_owned(), reason };
        fs::create_dir_all(folder).map_err(unusable)?;
        let path = folder.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(path).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(ServeError::DataInUse(folder.to_owned())),
            Err(TryLockError::Error(reason)) => Err(unusable(reason)),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_and_taken_by_one_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("new").join("data");
        let first = Data::open(&folder).unwrap();
        assert!(matches!(Data::open(&folder), Err(ServeError::DataInUse(_))));
        drop(first);
        assert_eq!(Data::open(&folder).unwrap().folder(), folder);
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Data::open(&file), Err(ServeError::Data { .. })));
    }
}
