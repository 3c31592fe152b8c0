//! The collections of a data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::storage::{Disk, FolderLock};
use super::{Collection, IndexError, Options, Settings, Store, Stores, storage};

/// Most collections of a folder: each takes a thread and some memory.
pub(super) const MOST: usize = 1000;
/// The file with a collection's settings.
const SETTINGS: &str = "collection.json";
/// What the folder of a collection that is being removed is called.
const REMOVED: &str = ".removed-";

/// The collections of a data folder, all open. One process at a time.
pub struct Catalog {
    folder: PathBuf,
    options: Options,
    open: RwLock<BTreeMap<String, Arc<Collection>>>,
    /// Held while the folder is in use.
    _lock: FolderLock,
}

impl Catalog {
    /// Opens every collection of a folder, which is made if it is not there.
    pub fn open(folder: &Path, options: Options) -> Result<Self, IndexError> {
        let lock = storage::lock_folder(folder)?;
        let mut open = BTreeMap::new();
        for name in Self::names(folder)? {
            let collection = open_one(folder, &name, options)?;
            open.insert(name, Arc::new(collection));
        }
        storage::remove_folders(folder, REMOVED);
        Ok(Self { folder: folder.to_owned(), options, open: RwLock::new(open), _lock: lock })
    }

    /// Takes a folder for this process without opening what is in it.
    pub fn lock(folder: &Path) -> Result<FolderLock, IndexError> {
        storage::lock_folder(folder)
    }

    /// Makes a collection in a folder that nobody has open: its settings, and no documents yet.
    pub fn make(folder: &Path, name: &str, settings: &Settings) -> Result<(), IndexError> {
        check_name(name)?;
        check_settings(name, settings)?;
        let bytes = serde_json::to_vec_pretty(settings).unwrap_or_default();
        storage::make_folder(&folder.join(name), SETTINGS, &bytes)
    }

    /// The names of the collections in a folder, whether somebody has them open or not.
    pub fn names(folder: &Path) -> Result<Vec<String>, IndexError> {
        let mut names = storage::folders(folder)?;
        names.retain(|name| check_name(name).is_ok() && storage::is_file(&folder.join(name).join(SETTINGS)));
        Ok(names)
    }

    /// The files of a collection, for upkeep.
    pub fn files(folder: &Path, name: &str) -> Result<Disk, IndexError> {
        if Self::names(folder)?.iter().any(|other| other == name) {
            Ok(Disk::new(&folder.join(name)))
        } else {
            Err(IndexError::NoCollection(name.to_owned()))
        }
    }

    /// What a collection was made with.
    pub fn settings(folder: &Path, name: &str) -> Result<Settings, IndexError> {
        let path = folder.join(name).join(SETTINGS);
        let bytes = storage::read_small(&path)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| IndexError::corrupt(&path.display().to_string(), 0, error.to_string()))
    }

    fn held(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Collection>>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names of all collections, in order.
    pub fn list(&self) -> Vec<String> {
        self.held().keys().cloned().collect()
    }

    /// A collection.
    pub fn get(&self, name: &str) -> Result<Arc<Collection>, IndexError> {
        self.held().get(name).cloned().ok_or_else(|| IndexError::NoCollection(name.to_owned()))
    }

    /// Makes a collection; false if it was there with the same settings.
    pub fn create(&self, name: &str, settings: &Settings) -> Result<bool, IndexError> {
        check_name(name)?;
        check_settings(name, settings)?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(there) = open.get(name) {
            return same_settings(name, there.settings(), settings).map(|()| false);
        }
        if open.len() >= MOST {
            return Err(IndexError::Full(format!("there are {MOST} collections, and no more are kept")));
        }
        Self::make(&self.folder, name, settings)?;
        let collection = open_one(&self.folder, name, self.options)?;
        open.insert(name.to_owned(), Arc::new(collection));
        Ok(true)
    }

    /// Forgets a collection with all its documents; false if there is none.
    pub fn remove(&self, name: &str) -> Result<bool, IndexError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let Some(collection) = open.get(name).cloned() else { return Ok(false) };
        storage::move_away(&self.folder, name, REMOVED)?;
        open.remove(name);
        // A new one of the same name would find in its folder what this one still writes: nobody makes it before this one has ended.
        collection.abandon();
        drop(open);
        storage::remove_folders(&self.folder, REMOVED);
        Ok(true)
    }

    /// Closes every collection: all that is queued is written, and a snapshot of each that has much to say. The first fault is told.
    pub fn close(&self) -> Result<(), IndexError> {
        let all: Vec<Arc<Collection>> = self.held().values().cloned().collect();
        let outcomes: Vec<Result<(), IndexError>> = all.iter().map(|collection| collection.close()).collect();
        outcomes.into_iter().collect()
    }
}

impl Stores for Catalog {
    fn list(&self) -> Result<Vec<String>, IndexError> {
        Ok(Self::list(self))
    }

    fn get(&self, name: &str) -> Result<Arc<dyn Store>, IndexError> {
        Self::get(self, name).map(|collection| collection as Arc<dyn Store>)
    }

    fn at_hand(&self, name: &str) -> Option<Result<Arc<dyn Store>, IndexError>> {
        Some(Stores::get(self, name))
    }

    fn create(&self, name: &str, settings: &Settings) -> Result<bool, IndexError> {
        Self::create(self, name, settings)
    }

    fn remove(&self, name: &str) -> Result<bool, IndexError> {
        Self::remove(self, name)
    }

    fn ready(&self) -> Result<(), IndexError> {
        Ok(())
    }

    fn close(&self) -> Result<(), IndexError> {
        Self::close(self)
    }
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn open_one(folder: &Path, name: &str, options: Options) -> Result<Collection, IndexError> {
    let settings = Catalog::settings(folder, name)?;
    Collection::open(name, settings, Arc::new(Disk::new(&folder.join(name))), options)
}

pub(super) fn check_name(name: &str) -> Result<(), IndexError> {
    let good = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_.".contains(&c);
    let starts = name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    if starts && name.len() <= 64 && name.bytes().all(good) {
        Ok(())
    } else {
        Err(IndexError::BadName(name.to_owned()))
    }
}

pub(super) fn check_settings(name: &str, settings: &Settings) -> Result<(), IndexError> {
    let what = if settings.radius > 6 {
        "radius is 0 to 6"
    } else if !(1..=1024).contains(&settings.candidates) {
        "candidates is 1 to 1024"
    } else {
        return Ok(());
    };
    Err(IndexError::BadDocument(format!("the collection `{name}`: {what}")))
}

pub(super) fn same_settings(name: &str, there: &Settings, asked: &Settings) -> Result<(), IndexError> {
    if there == asked {
        return Ok(());
    }
    let what = format!("profile {}, radius {}, candidates {}", there.profile, there.radius, there.candidates);
    Err(IndexError::OtherSettings { name: name.to_owned(), what })
}
