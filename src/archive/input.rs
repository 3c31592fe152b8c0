//! What the command line calls INPUT.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// An input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file or a folder.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// An argument: `-` is standard input, anything else a path.
    pub fn parse(argument: &OsStr) -> Self {
        if argument == "-" { Self::Stdin } else { Self::Path(PathBuf::from(argument)) }
    }
}

/// A path as an id: its components with `/` between them. Bytes that are no UTF-8 become `%D6`, so that two names stay two.
pub(super) fn id_of(path: &Path) -> String {
    let mut id = String::new();
    for component in path.components() {
        if !id.is_empty() && !id.ends_with('/') {
            id.push('/');
        }
        for chunk in component.as_os_str().as_encoded_bytes().utf8_chunks() {
            id.push_str(chunk.valid());
            for byte in chunk.invalid() {
                id.push('%');
                id.extend([byte >> 4, byte & 15].iter().filter_map(|digit| char::from_digit(u32::from(*digit), 16)));
            }
        }
    }
    id
}

/// The id of a file that was given directly: its name.
pub(super) fn id_of_file(path: &Path) -> String {
    path.file_name().map_or_else(|| id_of(path), |name| id_of(Path::new(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_standard_input_and_only_a_dash() {
        assert_eq!(Input::parse(OsStr::new("-")), Input::Stdin);
        assert_eq!(Input::parse(OsStr::new("./-")), Input::Path(PathBuf::from("./-")));
    }

    #[test]
    fn ids_are_written_with_slashes() {
        let path: PathBuf = ["页", "a b.txt"].iter().collect();
        assert_eq!(id_of(&path), "页/a b.txt");
        assert_eq!(id_of_file(Path::new("/x/y/a.txt")), "a.txt");
    }

    #[cfg(unix)]
    #[test]
    fn names_in_other_encodings_stay_different() {
        use std::os::unix::ffi::OsStrExt;
        let id = |bytes: &[u8]| id_of(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(id(b"\xd6\xd0.txt"), "%d6%d0.txt");
        assert_ne!(id(b"\xd6\xd0.txt"), id(b"\xd3\xa2.txt"));
    }
}
