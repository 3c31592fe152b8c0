//! Where values come from: the file, the environment, the flags; the later ones win.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::{ConfigFault, Warning};
use super::kind::{Raw, Read};
use super::settings::SETTINGS;
use super::{Files, Flags, file};

/// The variable that names the configuration file.
const CONFIG: &str = "TAOXI_CONFIG";
const PREFIX: &str = "TAOXI_";

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1; 0 for the file as a whole.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// An environment variable.
    Env(&'static str),
    /// A flag, as it is typed.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: 0, .. } => write!(f, "{}", path.display()),
            Self::File { path, line, .. } => write!(f, "{}:{line}", path.display()),
            Self::Env(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

impl Origin {
    pub(super) fn whole_file(path: &Path) -> Self {
        Self::File { path: path.to_owned(), line: 0, column: 0 }
    }

    /// The origin as faults name it.
    pub(super) fn place(&self) -> String {
        match self {
            Self::File { line: 1.., column, .. } => format!("{self}:{column}"),
            _ => self.to_string(),
        }
    }
}

/// A value that a source gives to a setting.
#[derive(Debug)]
pub(super) struct Given {
    pub name: &'static str,
    pub raw: Raw,
    pub origin: Origin,
}

/// All values given, the winning ones last.
#[derive(Debug, Default)]
pub(super) struct Layers {
    given: Vec<Given>,
}

impl Layers {
    pub(super) fn add_file(&mut self, path: &Path, bytes: &[u8]) -> Vec<ConfigFault> {
        let (given, faults) = file::read(path, bytes);
        self.given.extend(given);
        faults
    }

    pub(super) fn add_env(&mut self, env: &[(String, String)]) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for (variable, value) in
            env.iter().filter(|(name, value)| name.starts_with(PREFIX) && name != CONFIG && !value.is_empty())
        {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.env == variable) {
                let raw = Raw::Loose(value.clone());
                self.given.push(Given { name: setting.name, raw, origin: Origin::Env(setting.env) });
            } else {
                let suggestion = nearest(variable, SETTINGS.iter().map(|setting| setting.env).chain([CONFIG]));
                warnings.push(Warning { variable: variable.clone(), suggestion });
            }
        }
        warnings
    }

    pub(super) fn add_flags(&mut self, flags: &Flags) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        for flag in &flags.values {
            if SETTINGS.iter().any(|setting| setting.name == flag.setting) {
                let raw = Raw::Loose(flag.value.clone());
                self.given.push(Given { name: flag.setting, raw, origin: Origin::Flag(flag.spelt) });
            } else {
                faults.push(ConfigFault::unknown(
                    Origin::Flag(flag.spelt),
                    flag.setting,
                    nearest_setting(flag.setting),
                ));
            }
        }
        faults
    }

    /// The value of a setting and its origin. Values that are none become faults, the default stands in for them.
    pub(super) fn resolve<K: Read>(&self, name: &str, default: &str, faults: &mut Vec<ConfigFault>) -> (K, Origin) {
        let mut resolved = (K::read(&Raw::Loose(default.to_owned())).unwrap_or_default(), Origin::Default);
        for given in self.given.iter().filter(|given| given.name == name) {
            if let Some(value) = K::read(&given.raw) {
                resolved = (value, given.origin.clone());
            } else {
                let message = format!("`{name}` must be {}, not {}", K::wanted(), given.raw.show());
                faults.push(ConfigFault::new(given.origin.clone(), message));
            }
        }
        resolved
    }
}

/// Finds and reads the configuration file. See [`super`] for the order.
pub(super) fn find(
    named: Option<&Path>,
    env: &[(String, String)],
    files: Files<'_>,
) -> Result<Option<(PathBuf, Vec<u8>)>, ConfigFault> {
    let variable = |name: &str| {
        env.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| PathBuf::from(value))
    };
    let read = |path: &Path| files(path).map_err(|fault| ConfigFault::new(Origin::whole_file(path), fault.message));
    if let Some(path) = named.map(Path::to_owned).or_else(|| variable(CONFIG)) {
        return match read(&path)? {
            Some(bytes) => Ok(Some((path, bytes))),
            None => Err(ConfigFault::new(Origin::whole_file(&path), "the configuration file is not there")),
        };
    }
    // The XDG base directory specification: a relative path counts as not set.
    let user = variable("XDG_CONFIG_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| variable("HOME").map(|home| home.join(".config")));
    let paths = [Some(PathBuf::from("taoxi.toml")), user.map(|folder| folder.join("taoxi").join("taoxi.toml"))];
    for path in paths.into_iter().flatten() {
        if let Some(bytes) = read(&path)? {
            return Ok(Some((path, bytes)));
        }
    }
    Ok(None)
}

/// The setting that was probably meant by a name: one that is spelt alike, or the same under another table.
pub(super) fn nearest_setting(name: &str) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let names = || SETTINGS.iter().map(|setting| setting.name);
    names().find(|known| last(known) == last(name)).or_else(|| nearest(name, names()))
}

fn nearest(name: &str, known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    // A name of any length may be a typing mistake only of a name about as long.
    if name.len() > 100 {
        return None;
    }
    let scored = known.map(|known| (strsim::osa_distance(name, known), known));
    scored
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, known)| *distance <= 2.max(known.len() / 6))
        .map(|(_, known)| known)
}
