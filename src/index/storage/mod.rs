//! What a collection asks of a disk, small enough that power cuts, torn writes and full disks can be simulated.

mod disk;
mod folders;

use std::io;
use std::sync::Arc;

pub use disk::Disk;
pub use folders::FolderLock;
pub(super) use folders::{folders, is_file, lock_folder, make_folder, move_away, read_small, remove_folders};

/// A folder of files without subfolders.
pub trait Storage: Send + Sync {
    /// Opens a file for reading and writing; makes it where `create` says so and it is not there.
    fn open(&self, name: &str, create: bool) -> io::Result<Arc<dyn Stored>>;
    /// The names of all files.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Gives a file another name, in place of a file that has it: all or nothing.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Makes what was created, removed and renamed survive a power cut.
    fn sync_names(&self) -> io::Result<()>;
    /// The folder, for messages.
    fn place(&self) -> String;
}

/// An open file.
pub trait Stored: Send + Sync {
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Whether it has none.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|length| length == 0)
    }
    /// Fills `bytes` from a place on; returns how many there were before the end of the file.
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<usize>;
    /// Writes all of `bytes` at a place.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;
    /// Makes what was written survive a power cut.
    fn sync(&self) -> io::Result<()>;
    /// Shortens or lengthens it.
    fn set_len(&self, length: u64) -> io::Result<()>;
}

/// Reads exactly as many bytes as `bytes` holds.
pub(super) fn read_exact(file: &dyn Stored, bytes: &mut [u8], at: u64) -> io::Result<()> {
    if file.read_at(bytes, at)? == bytes.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
