//! Putting a rule set together: shipped files, then the overlay directory.

use std::path::{Path, PathBuf};

use super::reader::RuleError;
use super::set::{RuleSet, SetError};
use super::{RuleFile, parse, profile, shipped};
use crate::error::{Code, Coded};

/// Largest rule file.
pub const MAX_FILE: u64 = 1024 * 1024;

/// Largest filter list.
pub const MAX_LIST: u64 = 64 * 1024 * 1024;

/// Why a rule set could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Faults in files, all of them.
    #[error("{}", list(.0))]
    Faults(Vec<RuleError>),
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The files do not fit together.
    #[error(transparent)]
    Set(#[from] SetError),
}

fn list(errors: &[RuleError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Coded for LoadError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => Code::Unreadable,
            Self::Faults(_) | Self::Set(_) => Code::BadRule,
        }
    }
}

/// The shipped rules with the files of an overlay directory over them: there, a file with the id of a shipped one replaces it,
/// `enabled = false` switches it off, and a file in a folder `profiles` is a profile.
pub fn load(overlay: Option<&Path>) -> Result<RuleSet, LoadError> {
    Builder::read(overlay)?.finish()
}

/// The same set with one file more, which takes the place of any file with its id: to try a rule file.
pub fn load_with(overlay: Option<&Path>, origin: &str, source: &str) -> Result<RuleSet, LoadError> {
    let source = Source { origin: origin.to_owned(), group: "local", text: source.to_owned() };
    load_over(overlay, &[source])
}

/// A file that is laid over a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it is from, as faults name it.
    pub origin: String,
    /// `profiles` for a profile, else `local`.
    group: &'static str,
    /// The TOML.
    pub text: String,
}

/// A rule file, or the files of a folder laid out like an overlay: what `rules try` tries.
pub fn sources(path: &Path) -> Result<Vec<Source>, LoadError> {
    let paths = if path.is_dir() { toml_files(path)? } else { vec![path.to_owned()] };
    paths
        .into_iter()
        .map(|path| Ok(Source { group: group(&path), text: read(&path)?, origin: path.display().to_string() }))
        .collect()
}

/// The ids of the rule files among these.
pub fn ids(sources: &[Source]) -> Result<Vec<String>, LoadError> {
    let mut builder = Builder::default();
    sources.iter().for_each(|source| builder.add(&source.origin, source.group, &source.text, false));
    if !builder.errors.is_empty() {
        return Err(LoadError::Faults(builder.errors));
    }
    Ok(builder.files.into_iter().map(|file| file.id).collect())
}

/// The same set with more files, each of which takes the place of any file with its id.
pub fn load_over(overlay: Option<&Path>, sources: &[Source]) -> Result<RuleSet, LoadError> {
    let mut builder = Builder::read(overlay)?;
    let mut tried = Builder::default();
    sources.iter().for_each(|source| tried.add(&source.origin, source.group, &source.text, true));
    for file in &tried.files {
        // A shipped file keeps its place in the order; one of the overlay gives way.
        builder.files.retain(|other| other.id != file.id || other.group != "local");
    }
    sources.iter().for_each(|source| builder.add(&source.origin, source.group, &source.text, true));
    builder.finish()
}

/// What a file is by the folder it lies in.
fn group(path: &Path) -> &'static str {
    let parent = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if parent == "profiles" { "profiles" } else { "local" }
}

/// The same set with the filter lists of these files.
pub fn with_filters(set: RuleSet, lists: &[PathBuf]) -> Result<RuleSet, LoadError> {
    if lists.is_empty() {
        return Ok(set);
    }
    let lists: Result<Vec<String>, LoadError> = lists.iter().map(|path| read_up_to(path, MAX_LIST)).collect();
    Ok(set.with_filter_lists(&lists?))
}

/// One file alone, as `rules try` and the tests of a file want it.
pub fn load_one(origin: &str, source: &str) -> Result<RuleSet, LoadError> {
    let mut builder = Builder::default();
    for (group, name, source) in shipped::FILES.iter().filter(|(group, ..)| *group == "profiles") {
        builder.add(&format!("{group}/{name}"), group, source, false);
    }
    builder.add(origin, "local", source, true);
    builder.finish()
}

/// The shipped sources by group and name, for tests and the reference.
pub fn shipped_sources() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    shipped::FILES.iter().copied()
}

#[derive(Default)]
struct Builder {
    files: Vec<RuleFile>,
    profiles: Vec<profile::Profile>,
    errors: Vec<RuleError>,
    sources: Vec<(String, String)>,
}

impl Builder {
    fn read(overlay: Option<&Path>) -> Result<Self, LoadError> {
        let mut builder = Self::default();
        for (group, name, source) in shipped::FILES {
            builder.add(&format!("{group}/{name}"), group, source, false);
        }
        for path in overlay.map_or_else(|| Ok(Vec::new()), toml_files)? {
            let source = read(&path)?;
            builder.add(&path.display().to_string(), group(&path), &source, true);
        }
        Ok(builder)
    }

    fn add(&mut self, origin: &str, group: &str, source: &str, replaces: bool) {
        // Only the file's own name: where the overlay directory lies does not change what the rules do.
        let name =
            Path::new(origin).file_name().map_or_else(|| origin.into(), |name| name.to_string_lossy().into_owned());
        self.sources.push((name, source.to_owned()));
        if group == "profiles" {
            match profile::parse(origin, source) {
                Ok(profile) => {
                    if replaces {
                        self.profiles.retain(|other| other.id != profile.id);
                    }
                    self.profiles.push(profile);
                }
                Err(errors) => self.errors.extend(errors),
            }
            return;
        }
        match parse::parse(origin, group, source) {
            Ok(mut file) => {
                if replaces
                    && let Some(at) = self.files.iter().position(|other| other.id == file.id && other.group != "local")
                {
                    // The replacement keeps the place of what it replaces, so that profiles still find it.
                    file.group = self.files.remove(at).group;
                }
                self.files.push(file);
            }
            Err(errors) => self.errors.extend(errors),
        }
    }

    fn finish(self) -> Result<RuleSet, LoadError> {
        if !self.errors.is_empty() {
            return Err(LoadError::Faults(self.errors));
        }
        Ok(RuleSet::new(self.files, self.profiles, &self.sources)?)
    }
}

/// The `.toml` files under a folder, by path.
pub fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    if !folder.is_dir() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "no such folder");
        return Err(LoadError::Unreadable { path: folder.to_owned(), source });
    }
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).follow_links(true).max_depth(8).sort_by_file_name() {
        let entry = entry.map_err(|error| LoadError::Unreadable { path: folder.to_owned(), source: error.into() })?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "toml") {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// A rule file's source.
pub fn read(path: &Path) -> Result<String, LoadError> {
    read_up_to(path, MAX_FILE)
}

fn read_up_to(path: &Path, most: u64) -> Result<String, LoadError> {
    use std::io::Read as _;
    let unreadable = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let mut source = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(most + 1).read_to_string(&mut source).map_err(unreadable)?;
    if source.len() as u64 > most {
        return Err(unreadable(std::io::Error::other(format!(
            "larger than {most} bytes, too large for a file of rules"
        ))));
    }
    Ok(source)
}
