//! The files of a folder, in the order of their names.
//!
//! Hidden files belong to it. What version control and file managers keep for themselves does not: see [`HOUSEKEEPING`]. Links
//! are followed; a folder that several links lead to is walked once, so neither loops nor links to links multiply the work.
//! Sorting keeps the names of one folder in memory at a time.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::error::ArchiveError;
use super::input;
use crate::document::ErrorRecord;

/// Names that are passed over inside a folder; given directly, they are read.
pub(super) const HOUSEKEEPING: &[&str] =
    &[".git", ".hg", ".svn", ".bzr", ".jj", "_darcs", "CVS", ".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"];

/// A file that was found.
#[derive(Debug)]
pub struct Found {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path relative to its input.
    pub id: String,
}

/// A folder being walked.
#[derive(Debug)]
pub(super) struct Walk {
    entries: walkdir::IntoIter,
    root: PathBuf,
    linked: HashSet<PathBuf>,
    skip: Vec<PathBuf>,
}

impl Walk {
    /// `skip` names folders, as [`fs::canonicalize`] gives them, that are passed over.
    pub(super) fn new(root: PathBuf, skip: Vec<PathBuf>) -> Self {
        let entries = WalkDir::new(&root).follow_links(true).min_depth(1).sort_by_file_name().into_iter();
        Self { entries, root, linked: HashSet::new(), skip }
    }

    /// The next file, or a place that cannot be read.
    pub(super) fn next(&mut self) -> Option<Result<Found, ErrorRecord>> {
        loop {
            let entry = match self.entries.next()? {
                Ok(entry) => entry,
                // A loop leads to what is being walked already: nothing is lost by not entering it.
                Err(error) if error.loop_ancestor().is_some() => continue,
                Err(error) => return Some(Err(self.unreadable(&error))),
            };
            let kind = entry.file_type();
            if self.is_passed_over(&entry) {
                if kind.is_dir() {
                    self.entries.skip_current_dir();
                }
            } else if kind.is_file() {
                let id = self.id(entry.path());
                return Some(Ok(Found { path: entry.into_path(), id }));
            } else if !kind.is_dir() {
                // Opening a pipe would wait for ever.
                let place = entry.path().display().to_string();
                let error = ArchiveError::Unreadable { place, reason: "it is neither a file nor a folder".to_owned() };
                return Some(Err(error.record(self.id(entry.path()))));
            }
        }
    }

    fn is_passed_over(&mut self, entry: &DirEntry) -> bool {
        if HOUSEKEEPING.iter().any(|name| entry.file_name() == *name) {
            return true;
        }
        let linked = entry.path_is_symlink();
        if !entry.file_type().is_dir() || (self.skip.is_empty() && !linked) {
            return false;
        }
        let Ok(path) = fs::canonicalize(entry.path()) else { return false };
        self.skip.contains(&path) || (linked && !self.linked.insert(path))
    }

    fn unreadable(&self, error: &walkdir::Error) -> ErrorRecord {
        let path = error.path().unwrap_or(&self.root);
        let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        ArchiveError::Unreadable { place: path.display().to_string(), reason }.record(self.id(path))
    }

    fn id(&self, path: &Path) -> String {
        match path.strip_prefix(&self.root) {
            Ok(inside) if !inside.as_os_str().is_empty() => input::id_of(inside),
            _ => input::id_of_file(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
    }

    fn ids(folder: &Path, skip: Vec<PathBuf>) -> Vec<String> {
        let mut walk = Walk::new(folder.to_owned(), skip);
        std::iter::from_fn(|| walk.next())
            .map(|it| it.map_or_else(|error| format!("!{}", error.id), |it| it.id))
            .collect()
    }

    #[test]
    fn files_come_in_order_with_ids_relative_to_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        make(
            folder.path(),
            &["b.txt", "a/2.txt", "a/10.txt", "a/.hidden", ".git/config", "a/.DS_Store", ".github/x.md"],
        );
        let expected = [".github/x.md", "a/.hidden", "a/10.txt", "a/2.txt", "b.txt"];
        assert_eq!(ids(folder.path(), Vec::new()), expected);
        assert_eq!(ids(&folder.path().join("."), Vec::new()), expected);
    }

    #[test]
    fn the_output_folder_can_be_left_out() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), &["a.txt", "out/a.txt.txt"]);
        assert_eq!(ids(folder.path(), vec![fs::canonicalize(folder.path().join("out")).unwrap()]), ["a.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn loops_end_and_links_to_links_do_not_multiply() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), &["0/file.txt"]);
        symlink("..", folder.path().join("0/loop")).unwrap();
        for level in 1..20 {
            let dir = folder.path().join(level.to_string());
            fs::create_dir(&dir).unwrap();
            symlink(format!("../{}", level - 1), dir.join("x")).unwrap();
            symlink(format!("../{}", level - 1), dir.join("y")).unwrap();
        }
        let ids = ids(folder.path(), Vec::new());
        assert!(ids.contains(&"0/file.txt".to_owned()) && ids.len() <= 3, "{ids:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_dangling_link_and_a_socket_are_errors_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), &["c.txt"]);
        std::os::unix::fs::symlink("nowhere", folder.path().join("a")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("b")).unwrap();
        assert_eq!(ids(folder.path(), Vec::new()), ["!a", "!b", "c.txt"]);
    }
}
