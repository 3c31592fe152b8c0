//! The output folder: each cleaned text in a file of its own, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::label;
use super::names::Names;
use crate::error::{Code, Coded};

/// Why a text could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutError {
    /// The folder could not be made.
    #[error("{}: the folder cannot be made: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A link inside the output folder, which could lead out of it.
    #[error("{}: is a link; taoxi does not write through links inside the output folder", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("{}: cannot be written: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl Coded for OutError {
    fn code(&self) -> Code {
        Code::Unwritable
    }
}

/// A folder that texts are written to as `<id>.<extension>`.
///
/// Files of an earlier run with the same ids are replaced; within a run no text replaces another. The names depend on the ids and
/// their order alone.
#[derive(Debug)]
pub struct OutDir {
    root: PathBuf,
    extension: &'static str,
    /// Paths given to files and to folders, in lower case: `A` and `a` are one file on Windows and macOS.
    files: Names,
    folders: Names,
    /// Folders that are there, as they are spelt: on Linux `A` and `a` are two.
    made: Names,
    written: u64,
}

impl OutDir {
    /// Makes the folder if it is not there. `extension` is without the dot: `txt` or `json`.
    pub fn create(root: impl Into<PathBuf>, extension: &'static str) -> Result<Self, OutError> {
        let root = root.into();
        fs::create_dir_all(&root)
            .map_err(|error| OutError::Folder { path: root.clone(), reason: error.to_string() })?;
        Ok(Self {
            root,
            extension,
            files: Names::default(),
            folders: Names::default(),
            made: Names::default(),
            written: 0,
        })
    }

    /// The folder, for [`super::ReadOptions::skip`].
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Writes the text of an id, and gives the path it stands at.
    pub fn write(&mut self, id: &str, bytes: &[u8]) -> Result<PathBuf, OutError> {
        let path = self.place(id)?;
        self.written += 1;
        let temporary = path.with_file_name(format!(".taoxi-{}-{}.tmp", std::process::id(), self.written));
        let written = write_new(&temporary, bytes).and_then(|()| fs::rename(&temporary, &path));
        written.map_err(|error| {
            // The first fault is the one to tell.
            let _ = fs::remove_file(&temporary);
            OutError::File { path: path.clone(), reason: error.to_string() }
        })?;
        Ok(path)
    }

    fn place(&mut self, id: &str) -> Result<PathBuf, OutError> {
        let mut parts = label::parts(id);
        let stem = parts.pop().unwrap_or_default();
        let mut inside = String::new();
        for part in parts {
            inside = self.folder(&inside, &part)?;
        }
        let extension = self.extension;
        let path_of = |suffix: Option<u64>| match suffix {
            None => format!("{inside}{stem}.{extension}"),
            Some(number) => format!("{inside}{stem}-{number}.{extension}"),
        };
        let folders = &self.folders;
        Ok(self.root.join(claim(&mut self.files, path_of, |key| !folders.has(key))))
    }

    /// A folder inside `inside`, which is empty or ends in `/`; made when it is met first. A file in its place moves it aside.
    fn folder(&mut self, inside: &str, part: &str) -> Result<String, OutError> {
        let mut path = format!("{inside}{part}");
        let mut number = 1;
        while self.files.has(&key(&path)) {
            number += 1;
            path = format!("{inside}{part}-{number}");
        }
        // A folder that could not be made is tried, and refused, anew.
        if !self.made.has(&path) {
            make_folder(&self.root.join(&path))?;
            self.made.claim(&path);
            self.folders.claim(&key(&path));
        }
        Ok(path + "/")
    }
}

/// How names are compared.
fn key(path: &str) -> String {
    path.to_lowercase()
}

/// Claims the first free name; names are kept as their keys and given back as they are spelt.
fn claim(names: &mut Names, path_of: impl Fn(Option<u64>) -> String, allowed: impl Fn(&str) -> bool) -> String {
    let suffix = names.claim_free(|suffix| key(&path_of(suffix)), allowed);
    suffix.map_or_else(|| path_of(None), |number| path_of(Some(number)))
}

fn make_folder(path: &Path) -> Result<(), OutError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Err(OutError::Link { path: path.to_owned() }),
        Ok(metadata) if metadata.is_dir() => Ok(()),
        _ => {
            fs::create_dir(path).map_err(|error| OutError::Folder { path: path.to_owned(), reason: error.to_string() })
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let mut file: File = match open() {
        // Left by a run that was killed: in containers, process numbers come again.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            open()?
        }
        opened => opened?,
    };
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Vec<String> {
        let walk = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
        walk.filter(|entry| entry.file_type().is_file())
            .map(|entry| entry.path().strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"))
            .collect()
    }

    #[test]
    fn texts_stand_under_their_ids_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut out = OutDir::create(folder.path().join("new/out"), "txt").unwrap();
        for id in ["a/b.html", "a/c", "../../up", "记录:1"] {
            out.write(id, id.as_bytes()).unwrap();
        }
        assert_eq!(
            files(folder.path()),
            ["new/out/__/__/up.txt", "new/out/a/b.html.txt", "new/out/a/c.txt", "new/out/记录_1.txt"]
        );
        assert_eq!(fs::read(folder.path().join("new/out/a/c.txt")).unwrap(), b"a/c");
    }

    #[test]
    fn ids_that_meet_in_one_name_are_parted() {
        let folder = tempfile::tempdir().unwrap();
        let mut out = OutDir::create(folder.path(), "txt").unwrap();
        for id in ["a:b", "a?b", "A_B", "a", "a.txt/x", "d.txt/x", "d"] {
            out.write(id, id.as_bytes()).unwrap();
        }
        assert_eq!(
            files(folder.path()),
            ["A_B-3.txt", "a.txt", "a.txt-2/x.txt", "a_b-2.txt", "a_b.txt", "d-2.txt", "d.txt/x.txt"]
        );
    }

    #[test]
    fn folders_that_differ_in_case_only_are_both_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut out = OutDir::create(folder.path(), "txt").unwrap();
        let paths = ["A/x", "a/x", "a/y"].map(|id| out.write(id, id.as_bytes()).unwrap());
        let texts = paths.map(|path| fs::read(path).unwrap());
        assert_eq!(texts, [b"A/x", b"a/x", b"a/y"]);
    }

    #[test]
    fn a_temporary_file_of_a_killed_run_is_no_hindrance() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(format!(".taoxi-{}-1.tmp", std::process::id())), "half").unwrap();
        OutDir::create(folder.path(), "txt").unwrap().write("a", b"whole").unwrap();
        assert_eq!(files(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_second_run_replaces_the_first() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["one", "two"] {
            let mut out = OutDir::create(folder.path(), "txt").unwrap();
            out.write("a", text.as_bytes()).unwrap();
        }
        assert_eq!(files(folder.path()), ["a.txt"]);
        assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"two");
    }

    #[cfg(unix)]
    #[test]
    fn links_in_the_output_folder_are_not_followed() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut out = OutDir::create(folder.path(), "txt").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("sub")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path().join("b"), folder.path().join("a.txt")).unwrap();
        for id in ["sub/x", "sub/y"] {
            assert!(matches!(out.write(id, b"x"), Err(OutError::Link { .. })));
        }
        out.write("a", b"x").unwrap();
        assert!(files(elsewhere.path()).is_empty());
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = OutDir::create(folder.path().join("file"), "txt").unwrap_err();
        assert_eq!(error.code(), Code::Unwritable);
        fs::create_dir(folder.path().join("a.txt")).unwrap();
        let mut out = OutDir::create(folder.path(), "txt").unwrap();
        assert!(matches!(out.write("a", b"x"), Err(OutError::File { .. })));
        assert!(files(folder.path()).iter().all(|name| name == "file"));
    }
}
