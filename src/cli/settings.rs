//! The settings of this process, and `taoxi config …`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[cfg(feature = "server")]
use super::args::KeysCommand;
use super::args::{CompareArgs, ConfigCommand, DedupeArgs, RulesCommand, WashArgs};
use super::exit::Exit;
use super::{Failure, complain};
use crate::archive;
use crate::config::{Config, ConfigError, Flag, Flags, MAX_FILE_BYTES};
use crate::error::fault;

/// Loads the settings and prints what looks like a mistake.
pub(super) fn load(file: Option<PathBuf>, flags: Vec<Flag>) -> Result<Config, Failure> {
    let config = resolve(file, flags).map_err(|error| Failure::of(&error))?;
    for warning in config.warnings() {
        complain(&warning.to_string());
    }
    Ok(config)
}

fn resolve(file: Option<PathBuf>, values: Vec<Flag>) -> Result<Config, ConfigError> {
    let env: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let read = |path: &Path| archive::read_if_there(path, MAX_FILE_BYTES).map_err(|error| fault(&error));
    Config::load(&Flags { config: file, values }, &env, &read)
}

/// Arguments that set settings.
pub(super) trait SettingArgs {
    /// The settings that were given.
    fn flags(&self) -> Vec<Flag>;
}

fn given<const N: usize>(flags: [(&'static str, &'static str, Option<String>); N]) -> Vec<Flag> {
    flags.into_iter().filter_map(|(setting, spelt, value)| Some(Flag { setting, spelt, value: value? })).collect()
}

fn path(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

fn paths(paths: &[PathBuf]) -> Option<String> {
    let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    (!shown.is_empty()).then(|| shown.join(","))
}

/// `--data` and `--store`.
pub(super) fn place_flags(data: Option<&Path>, store: Option<String>) -> Vec<Flag> {
    given([("data", "--data", data.map(|data| data.display().to_string())), ("store", "--store", store)])
}

fn number(number: Option<usize>) -> Option<String> {
    number.map(|number| number.to_string())
}

impl SettingArgs for WashArgs {
    fn flags(&self) -> Vec<Flag> {
        given([
            ("profile", "--profile", self.profile.clone()),
            ("rules", "--rules", path(self.rules.as_ref())),
            ("filter_lists", "--filter-list", paths(&self.filter_list)),
            ("threads", "--threads", number(self.threads)),
        ])
    }
}

impl SettingArgs for CompareArgs {
    fn flags(&self) -> Vec<Flag> {
        given([("profile", "--profile", self.profile.clone()), ("rules", "--rules", path(self.rules.as_ref()))])
    }
}

impl SettingArgs for DedupeArgs {
    fn flags(&self) -> Vec<Flag> {
        let mut flags = self.wash.flags();
        flags.extend(given([("memory", "--memory", self.memory.clone())]));
        flags
    }
}

impl SettingArgs for RulesCommand {
    fn flags(&self) -> Vec<Flag> {
        match self {
            Self::Try(args) => args.corpus.wash.flags(),
            Self::Stats(args) => args.corpus.wash.flags(),
            _ => Vec::new(),
        }
    }
}

#[cfg(feature = "server")]
impl SettingArgs for KeysCommand {
    fn flags(&self) -> Vec<Flag> {
        let (Self::Create { data, .. } | Self::List { data, .. } | Self::Revoke { data, .. }) = self;
        given([("data", "--data", path(data.as_ref()))])
    }
}

#[cfg(feature = "server")]
impl SettingArgs for super::args::ServeArgs {
    fn flags(&self) -> Vec<Flag> {
        given([
            ("listen", "--listen", self.listen.clone()),
            ("data", "--data", path(self.data.as_ref())),
            ("store", "--store", self.store.clone()),
            ("rules", "--rules", path(self.rules.as_ref())),
            ("filter_lists", "--filter-list", paths(&self.filter_list)),
            ("profile", "--profile", self.profile.clone()),
            ("threads", "--threads", number(self.threads)),
        ])
    }
}

pub(super) fn run(command: &ConfigCommand, file: Option<PathBuf>) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let config = match resolve(file, Vec::new()) {
        Ok(config) => config,
        Err(error) => {
            writeln!(out, "{error}")?;
            return Ok(Exit::SomeFailed);
        }
    };
    match command {
        ConfigCommand::Show => {
            for entry in config.entries() {
                writeln!(
                    out,
                    "{:<28} {:<12} {:<32} {}",
                    entry.setting.name,
                    entry.value,
                    entry.origin.to_string(),
                    entry.setting.doc
                )?;
            }
        }
        ConfigCommand::Check => {
            for warning in config.warnings() {
                writeln!(out, "{warning}")?;
            }
            let file = config.file().map_or_else(|| "no settings file".to_owned(), |path| path.display().to_string());
            writeln!(out, "{file}: no faults, {} warnings", config.warnings().len())?;
        }
    }
    Ok(Exit::Done)
}
