//! Small records in a redb file: opened with patience, checked, and every fault of it named with the file and what to do.
//!
//! Keys are strings, values JSON. redb keeps a file to one process at a time and a commit is on disk when it returns.

mod error;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, WriteTransaction};

pub use error::RecordsError;

/// Memory that redb may use for pages of one file, in bytes.
const CACHE_BYTES: usize = 8 << 20;
/// How long to wait between two tries to open a file that another process holds.
const PAUSE: Duration = Duration::from_millis(20);

/// A file of records, held open.
#[derive(Debug)]
pub struct Records {
    database: Database,
    path: PathBuf,
}

impl Records {
    /// Opens a file, made if it is not there (readable by its owner alone), and checks every page of it. While another process holds
    /// it, it is tried again for as long as `patience`.
    pub fn open(path: &Path, patience: Duration) -> Result<Self, RecordsError> {
        let builder = || {
            let mut builder = Builder::new();
            builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
            builder
        };
        let open = || builder().create_with_backend(FileBackend::new(file(path)?)?);
        let database = patiently(path, patience, open)?;
        Ok(Self { database, path: path.to_owned() })
    }

    /// Reads.
    pub fn read<T>(&self, act: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>) -> Result<T, RecordsError> {
        guarded(&self.path, || act(&self.database.begin_read()?))
    }

    /// Writes, and returns when it is on disk. On an error nothing was written.
    pub fn write<T>(&self, act: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>) -> Result<T, RecordsError> {
        guarded(&self.path, || {
            let transaction = self.database.begin_write()?;
            let done = act(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }
}

/// Reads from a file that is not held open; `None` when it is not there. The file is not changed, unless a process that was killed left
/// it to be put in order.
pub fn read_once<T>(
    path: &Path,
    patience: Duration,
    act: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
) -> Result<Option<T>, RecordsError> {
    if !path.try_exists().map_err(|error| RecordsError::io(path, &error))? {
        return Ok(None);
    }
    let opened = patiently(path, patience, || Builder::new().set_cache_size(CACHE_BYTES).open_read_only(path));
    match opened {
        Ok(database) => guarded(path, || act(&database.begin_read()?)).map(Some),
        Err(RecordsError::Unfinished { .. }) => Records::open(path, patience)?.read(act).map(Some),
        Err(error) => Err(error),
    }
}

fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    options.open(path)
}

fn patiently<T>(
    path: &Path,
    patience: Duration,
    open: impl Fn() -> Result<T, DatabaseError>,
) -> Result<T, RecordsError> {
    let began = Instant::now();
    loop {
        match guarded(path, || open().map_err(redb::Error::from)) {
            Err(RecordsError::InUse { .. }) if began.elapsed() < patience => thread::sleep(PAUSE),
            other => return other,
        }
    }
}

/// A file that was altered behind redb's back may make it panic: that is a damaged file too.
fn guarded<T>(path: &Path, act: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, RecordsError> {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(outcome) => outcome.map_err(|error| RecordsError::of(path, &error)),
        Err(_) => {
            Err(RecordsError::Corrupt { path: path.to_owned(), reason: "its pages contradict each other".to_owned() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::{ReadableTableMetadata as _, TableDefinition};

    const TABLE: TableDefinition<&str, &[u8]> = TableDefinition::new("t");

    fn put(records: &Records, key: &str, value: &[u8]) {
        records.write(|t| Ok(t.open_table(TABLE)?.insert(key, value).map(|_| ())?)).unwrap();
    }

    #[test]
    fn what_was_written_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.redb");
        assert!(read_once(&path, Duration::ZERO, |_| Ok(())).unwrap().is_none());
        put(&Records::open(&path, Duration::ZERO).unwrap(), "k", b"v");
        let read = read_once(&path, Duration::ZERO, |t| Ok(t.open_table(TABLE)?.get("k")?.map(|v| v.value().to_vec())));
        assert_eq!(read.unwrap().unwrap().unwrap(), b"v");
    }

    #[test]
    fn reading_once_leaves_the_file_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.redb");
        put(&Records::open(&path, Duration::ZERO).unwrap(), "k", b"v");
        let changed = || fs::metadata(&path).unwrap().modified().unwrap();
        let before = changed();
        assert_eq!(read_once(&path, Duration::ZERO, |t| Ok(t.open_table(TABLE)?.len()?)).unwrap(), Some(1));
        assert_eq!(changed(), before);
    }

    #[test]
    fn a_file_that_is_held_is_named_and_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.redb");
        let held = Records::open(&path, Duration::ZERO).unwrap();
        assert!(matches!(Records::open(&path, Duration::ZERO), Err(RecordsError::InUse { .. })));
        let waiting = thread::spawn({
            let path = path.clone();
            move || Records::open(&path, Duration::from_secs(30)).is_ok()
        });
        drop(held);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn a_damaged_file_is_an_error_that_names_it_wherever_the_damage_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.redb");
        {
            let records = Records::open(&path, Duration::ZERO).unwrap();
            for n in 0..200 {
                put(&records, &format!("key{n}"), &[7; 300]);
            }
        }
        let whole = fs::read(&path).unwrap();
        let all = |t: &ReadTransaction| {
            let table = t.open_table(TABLE)?;
            let whole = |n| Ok(table.get(format!("key{n}").as_str())?.is_some_and(|value| value.value() == [7; 300]));
            (0..200).map(whole).collect::<Result<Vec<bool>, redb::Error>>()
        };
        let mut named = 0;
        for step in 0..64 {
            let mut bytes = whole.clone();
            let at = whole.len() * step / 64;
            bytes[at..at + 16].fill(0x5a);
            fs::write(&path, &bytes).unwrap();
            match Records::open(&path, Duration::ZERO).and_then(|records| records.read(all)) {
                // The damage stands where nothing is stored.
                Ok(found) => assert!(found.iter().all(|whole| *whole), "damage at {at} is not noticed"),
                Err(error @ RecordsError::Corrupt { .. }) => {
                    assert!(error.to_string().contains("b.redb"));
                    named += 1;
                }
                Err(error) => panic!("damage at {at}: {error:?}"),
            }
        }
        assert!(named >= 4, "{named} of 64 damages were found");
        fs::write(&path, "this is no database at all, and it is long enough for a header").unwrap();
        assert!(matches!(Records::open(&path, Duration::ZERO), Err(RecordsError::Corrupt { .. })));
    }
}
