//! The kinds of value a setting can have: how each is read, and how it is shown.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::size;
use crate::clock::span;
use crate::html::Main;

/// A value as a source gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    /// A string of a TOML file, with the folder of the file.
    Text(String, PathBuf),
    /// A whole number of a TOML file, as written and if it fits.
    Whole(String, Option<u64>),
    /// Anything else of a TOML file, as messages call it.
    Other(&'static str),
    /// A variable, a flag or a default: they have no types.
    Loose(String),
}

impl Raw {
    /// The value in a message.
    pub(super) fn show(&self) -> String {
        match self {
            Self::Text(text, _) | Self::Loose(text) => {
                let short: String = text.chars().take(60).collect();
                format!("\"{short}{}\"", if short.len() < text.len() { "…" } else { "" })
            }
            Self::Whole(text, _) => text.clone(),
            Self::Other(kind) => (*kind).to_owned(),
        }
    }
}

/// A kind of value. `Default` is only what stands in while faults are gathered.
pub trait Kind: Sized + Default {
    /// What the program asks for.
    type Get<'a>
    where
        Self: 'a;

    /// The value, for the program.
    fn get(&self) -> Self::Get<'_>;

    /// The value as it would be written.
    fn show(&self) -> String;
}

/// Reading a kind of value; apart from [`Kind`] since [`Raw`] is nobody's business outside.
pub(super) trait Read: Kind {
    /// What is wanted, in a message.
    fn wanted() -> String;

    /// The value, if it is one.
    fn read(raw: &Raw) -> Option<Self>;
}

/// A size in bytes, at least 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size(u64);

impl Kind for Size {
    type Get<'a> = u64;

    fn get(&self) -> u64 {
        self.0
    }

    fn show(&self) -> String {
        size::show(self.0)
    }
}

impl Read for Size {
    fn wanted() -> String {
        "a size such as 64MiB, 512 MB or 1048576".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        let bytes = match raw {
            Raw::Text(text, _) | Raw::Loose(text) => size::parse(text),
            Raw::Whole(_, number) => *number,
            Raw::Other(_) => None,
        };
        bytes.filter(|bytes| *bytes > 0).map(Self)
    }
}

/// A whole number in a range.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count<const LEAST: u64, const MOST: u64>(u64);

impl<const LEAST: u64, const MOST: u64> Kind for Count<LEAST, MOST> {
    type Get<'a> = u64;

    fn get(&self) -> u64 {
        self.0
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl<const LEAST: u64, const MOST: u64> Read for Count<LEAST, MOST> {
    fn wanted() -> String {
        format!("a whole number from {LEAST} to {MOST}")
    }

    fn read(raw: &Raw) -> Option<Self> {
        let number = match raw {
            Raw::Loose(text) => text.trim().parse().ok(),
            Raw::Whole(_, number) => *number,
            Raw::Text(..) | Raw::Other(_) => None,
        };
        number.filter(|number| (LEAST..=MOST).contains(number)).map(Self)
    }
}

/// A name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word(String);

impl Kind for Word {
    type Get<'a> = &'a str;

    fn get(&self) -> &str {
        &self.0
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Read for Word {
    fn wanted() -> String {
        "a string".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Text(text, _) | Raw::Loose(text) => {
                Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Self(text.to_owned()))
            }
            _ => None,
        }
    }
}

/// Whether the main content of pages is chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MainContent(Main);

impl Kind for MainContent {
    type Get<'a> = Main;

    fn get(&self) -> Main {
        self.0
    }

    fn show(&self) -> String {
        match self.0 {
            Main::Auto => "auto".to_owned(),
            Main::Off => "off".to_owned(),
        }
    }
}

impl Read for MainContent {
    fn wanted() -> String {
        "auto or off".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Text(text, _) | Raw::Loose(text) => match text.trim() {
                "auto" => Some(Self(Main::Auto)),
                "off" => Some(Self(Main::Off)),
                _ => None,
            },
            Raw::Whole(..) | Raw::Other(_) => None,
        }
    }
}

/// A folder or a file, or none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder(Option<PathBuf>);

impl Kind for Folder {
    type Get<'a> = Option<&'a Path>;

    fn get(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |path| path.display().to_string())
    }
}

impl Read for Folder {
    fn wanted() -> String {
        "a path".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        let path = match raw {
            Raw::Text(text, _) | Raw::Loose(text) if text.is_empty() => None,
            Raw::Text(text, folder) => Some(folder.join(text)),
            Raw::Loose(text) => Some(PathBuf::from(text)),
            _ => return None,
        };
        Some(Self(path))
    }
}

/// Paths of files, with commas between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths(Vec<PathBuf>);

impl Kind for Paths {
    type Get<'a> = &'a [PathBuf];

    fn get(&self) -> &[PathBuf] {
        &self.0
    }

    fn show(&self) -> String {
        self.0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(",")
    }
}

impl Read for Paths {
    fn wanted() -> String {
        "paths with commas between them".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        let (text, folder) = match raw {
            Raw::Text(text, folder) => (text, folder.as_path()),
            Raw::Loose(text) => (text, Path::new("")),
            _ => return None,
        };
        let paths = text.split(',').map(str::trim).filter(|path| !path.is_empty());
        Some(Self(paths.map(|path| folder.join(path)).collect()))
    }
}

/// A span of time, at least a second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span(Duration);

impl Kind for Span {
    type Get<'a> = Duration;

    fn get(&self) -> Duration {
        self.0
    }

    fn show(&self) -> String {
        span::show(self.0)
    }
}

impl Read for Span {
    fn wanted() -> String {
        "a span of time such as 30s, 15min, 12h or 7d".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            Raw::Text(text, _) | Raw::Loose(text) => span::parse(text).filter(|span| !span.is_zero()).map(Self),
            Raw::Whole(..) | Raw::Other(_) => None,
        }
    }
}

/// Something that is never shown: only whether it is set.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Option<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Kind for Secret {
    type Get<'a> = Option<&'a str>;

    fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }

    fn show(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |_| "(set)".to_owned())
    }
}

impl Read for Secret {
    fn wanted() -> String {
        "a string".to_owned()
    }

    fn read(raw: &Raw) -> Option<Self> {
        match raw {
            // A number is taken too: refusing it would print it.
            Raw::Text(text, _) | Raw::Loose(text) | Raw::Whole(text, _) => {
                Some(Self(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)))
            }
            Raw::Other(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_keeps_its_range_and_in_files_its_type() {
        let read = |raw: Raw| Count::<1, 10>::read(&raw).map(|count| count.get());
        assert_eq!(read(Raw::Loose(" 10 ".to_owned())), Some(10));
        assert_eq!(read(Raw::Whole("1".to_owned(), Some(1))), Some(1));
        for raw in [
            Raw::Loose("11".to_owned()),
            Raw::Loose("0".to_owned()),
            Raw::Text("5".to_owned(), PathBuf::new()),
            Raw::Other("a table"),
        ] {
            assert_eq!(read(raw), None);
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        for raw in [
            Raw::Loose("hunter2".to_owned()),
            Raw::Whole("hunter2".to_owned(), None),
            Raw::Text("hunter2".to_owned(), PathBuf::new()),
        ] {
            let secret = Secret::read(&raw).unwrap();
            assert_eq!((secret.get(), secret.show()), (Some("hunter2"), "(set)".to_owned()));
            assert!(!format!("{secret:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_long_value_is_cut_in_messages() {
        assert_eq!(Raw::Loose("长".repeat(61)).show(), format!("\"{}…\"", "长".repeat(60)));
        assert_eq!(Raw::Loose("a".to_owned()).show(), "\"a\"");
    }
}
