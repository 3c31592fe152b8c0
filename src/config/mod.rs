//! Every setting with its origin: flag, else environment, else `taoxi.toml`, else default.
//!
//! The table of settings is in `settings`. Nothing here touches the process or the disk: flags, environment and a way to read
//! files are passed in. The configuration file is the one of `--config` or `TAOXI_CONFIG`, else `./taoxi.toml`, else
//! `$XDG_CONFIG_HOME/taoxi/taoxi.toml` (`~/.config` when that is not set); the first that is there is the only one read.

mod data;
mod error;
mod file;
mod kind;
mod limits;
mod settings;
mod size;
mod sources;

use std::path::{Path, PathBuf};

use crate::error::Fault;

pub use error::{ConfigError, ConfigFault, Warning};
pub use settings::{Config, Entry, SETTINGS, Setting};
pub use sources::Origin;

/// Largest configuration file, in bytes: for whoever reads it.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// A flag of the command line that sets something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The setting's name, such as `limits.html_depth`.
    pub setting: &'static str,
    /// The flag as it is typed, such as `--threads`.
    pub spelt: &'static str,
    /// The value as it was typed.
    pub value: String,
}

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config FILE`: it must be there, and no other file is looked for.
    pub config: Option<PathBuf>,
    /// Flags that were given.
    pub values: Vec<Flag>,
}

/// Reads a file whole; `None` when it is not there.
pub type Files<'a> = &'a dyn Fn(&Path) -> Result<Option<Vec<u8>>, Fault>;

impl Config {
    /// Resolves every setting. Every fault of every source is in the error, also of values that another source overrides;
    /// unknown `TAOXI_*` variables are warnings, since they may be meant for another version.
    ///
    /// A relative path in a file is relative to the folder of that file, elsewhere to the current folder. An empty variable is as
    /// good as none.
    pub fn load(flags: &Flags, env: &[(String, String)], files: Files<'_>) -> Result<Self, ConfigError> {
        let mut faults = Vec::new();
        let mut layers = sources::Layers::default();
        let found = sources::find(flags.config.as_deref(), env, files).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        if let Some((path, bytes)) = &found {
            faults.extend(layers.add_file(path, bytes));
        }
        let warnings = layers.add_env(env);
        faults.extend(layers.add_flags(flags));
        let config = Self::resolve(&layers, found.map(|(path, _)| path), warnings, &mut faults);
        faults.sort_by(|a, b| a.origin.cmp(&b.origin));
        if faults.is_empty() { Ok(config) } else { Err(ConfigError { faults }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(flags: &Flags, env: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let env: Vec<_> = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let read = |path: &Path| {
            Ok(files.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| text.as_bytes().to_vec()))
        };
        Config::load(flags, &env, &read)
    }

    fn message(env: &[(&str, &str)], file: &str) -> String {
        load(&Flags::default(), env, &[("taoxi.toml", file)]).unwrap_err().to_string()
    }

    fn threads(value: &str) -> Flags {
        Flags { config: None, values: vec![Flag { setting: "threads", spelt: "--threads", value: value.to_owned() }] }
    }

    fn origin(config: &Config, name: &str) -> String {
        config.entries().into_iter().find(|entry| entry.setting.name == name).unwrap().origin.to_string()
    }

    #[test]
    fn without_any_source_there_are_the_defaults() {
        let config = load(&Flags::default(), &[], &[]).unwrap();
        assert_eq!((config.profile(), config.rules(), config.threads()), ("zh", None, 0));
        assert_eq!((config.document_bytes(), config.record_bytes()), (512 << 20, 64 << 20));
        assert_eq!((config.decompression_ratio(), config.work_per_byte(), config.html_depth()), (200, 2048, 512));
        assert!(
            config
                .entries()
                .iter()
                .all(|entry| entry.origin == Origin::Default && entry.value == entry.setting.default)
        );
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
        let env = [("TAOXI_THREADS", "2"), ("TAOXI_PROFILE", "keep")];
        let file = "threads = 1\nprofile = \"zh\"\n[limits]\nhtml_depth = 64\n";
        let config = load(&threads("3"), &env, &[("taoxi.toml", file)]).unwrap();
        assert_eq!(
            (config.threads(), config.profile(), config.html_depth(), config.work_per_byte()),
            (3, "keep", 64, 2048)
        );
        assert_eq!(origin(&config, "threads"), "--threads");
        assert_eq!(origin(&config, "profile"), "TAOXI_PROFILE");
        assert_eq!(origin(&config, "limits.html_depth"), "taoxi.toml:4");
        assert_eq!(origin(&config, "limits.work_per_byte"), "default");
    }

    #[test]
    fn the_first_file_that_is_there_is_the_only_one_read() {
        let files = [
            ("taoxi.toml", "threads = 1"),
            ("/x/taoxi/taoxi.toml", "threads = 2"),
            ("/h/.config/taoxi/taoxi.toml", "threads = 3"),
        ];
        let env = [("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")];
        let threads =
            |flags: &Flags, env: &[(&str, &str)], files: &[(&str, &str)]| load(flags, env, files).unwrap().threads();
        let named = Flags { config: Some(PathBuf::from("/x/taoxi/taoxi.toml")), values: Vec::new() };
        assert_eq!(threads(&Flags::default(), &env, &files), 1);
        assert_eq!(threads(&Flags::default(), &env, &files[1..]), 2);
        assert_eq!(threads(&Flags::default(), &env[1..], &files[1..]), 3);
        assert_eq!(threads(&named, &env, &files), 2);
        assert_eq!(threads(&Flags::default(), &[("TAOXI_CONFIG", "/x/taoxi/taoxi.toml")], &files), 2);
    }

    #[test]
    fn a_named_file_that_is_not_there_is_an_error() {
        let flags = Flags { config: Some(PathBuf::from("none.toml")), values: Vec::new() };
        let error = load(&flags, &[], &[("taoxi.toml", "")]).unwrap_err();
        assert_eq!(error.to_string(), "none.toml: the configuration file is not there");
    }

    #[test]
    fn faults_name_file_line_and_column_and_what_was_meant() {
        assert_eq!(
            message(&[], "[limits]\n  html_dept = 1\n"),
            "taoxi.toml:2:3: there is no setting `limits.html_dept`; did you mean `limits.html_depth`?"
        );
        assert_eq!(
            message(&[], "html_depth = 1"),
            "taoxi.toml:1:1: there is no setting `html_depth`; did you mean `limits.html_depth`?"
        );
        assert_eq!(
            message(&[], "[limit]\nhtml_depth = 1\n[colour]\n"),
            "taoxi.toml:2:1: there is no setting `limit.html_depth`; did you mean `limits.html_depth`?\n\
             taoxi.toml:3:2: there is no setting `colour`"
        );
        assert_eq!(
            message(&[], "# 注\nprofile = 3\nthreads = -1\nlimits.record_bytes = \"64 MiBs\""),
            "taoxi.toml:2:11: `profile` must be a string, not 3\n\
             taoxi.toml:3:11: `threads` must be a whole number from 0 to 1024, not -1\n\
             taoxi.toml:4:23: `limits.record_bytes` must be a size such as 64MiB, 512 MB or 1048576, not \"64 MiBs\""
        );
        assert_eq!(
            message(&[], "[threads]\nx = 1"),
            "taoxi.toml:1:2: `threads` must be a whole number from 0 to 1024, not a table"
        );
        assert_eq!(message(&[], "limits = 3"), "taoxi.toml:1:10: `limits` must be a table, not 3");
    }

    #[test]
    fn faults_come_in_the_order_of_the_file_then_variables_then_flags() {
        let file = "threads = -1\nhtml_dept = 1\nprofile = 3\n";
        let error = load(&threads("x"), &[("TAOXI_THREADS", "y")], &[("taoxi.toml", file)]).unwrap_err();
        let places: Vec<_> = error.faults.iter().map(|fault| fault.origin.place()).collect();
        assert_eq!(places, ["taoxi.toml:1:11", "taoxi.toml:2:1", "taoxi.toml:3:11", "TAOXI_THREADS", "--threads"]);
    }

    #[test]
    fn a_file_that_is_no_toml_says_where() {
        assert!(message(&[], "threads = 1\nprofile =\n").starts_with("taoxi.toml:2:10: not TOML: "));
        let flags = Flags::default();
        let error = Config::load(&flags, &[], &|_| Ok(Some(b"a = 1\nb = \"\xd6\"".to_vec()))).unwrap_err();
        assert_eq!(error.to_string(), "taoxi.toml:2:6: not UTF-8: the byte 0xd6 is wrong here");
    }

    #[test]
    fn bad_values_of_variables_and_flags_are_named() {
        assert_eq!(
            message(&[("TAOXI_LIMITS_HTML_DEPTH", "deep")], ""),
            "TAOXI_LIMITS_HTML_DEPTH: `limits.html_depth` must be a whole number from 1 to 1000000, not \"deep\""
        );
        let error = load(&threads("many"), &[], &[]).unwrap_err();
        assert_eq!(error.to_string(), "--threads: `threads` must be a whole number from 0 to 1024, not \"many\"");
    }

    #[test]
    fn an_unknown_variable_is_a_warning_with_what_was_meant() {
        let env = [("TAOXI_THREAD", "1"), ("TAOXI_SOMETHING_ELSE", "1"), ("OTHER", "1"), ("TAOXI_PROFILE", "")];
        let config = load(&Flags::default(), &env, &[]).unwrap();
        assert_eq!(config.profile(), "zh");
        let warnings: Vec<String> = config.warnings().iter().map(ToString::to_string).collect();
        assert_eq!(
            warnings,
            [
                "TAOXI_THREAD is no setting of taoxi; did you mean TAOXI_THREADS?",
                "TAOXI_SOMETHING_ELSE is no setting of taoxi; taoxi config show lists them",
            ]
        );
    }

    #[test]
    fn a_path_in_a_file_is_relative_to_it() {
        let files = [("conf/t.toml", "rules = \"my\"")];
        let flags = Flags { config: Some(PathBuf::from("conf/t.toml")), values: Vec::new() };
        assert_eq!(load(&flags, &[], &files).unwrap().rules(), Some(Path::new("conf/my")));
        assert_eq!(load(&flags, &[("TAOXI_RULES", "my")], &files).unwrap().rules(), Some(Path::new("my")));
    }

    #[test]
    fn sizes_may_be_numbers_or_have_units() {
        let file = "limits.document_bytes = 1_000\nlimits.record_bytes = \"2 MiB\"";
        let config = load(&Flags::default(), &[("TAOXI_LIMITS_TOTAL_BYTES", "3 GB")], &[("taoxi.toml", file)]).unwrap();
        assert_eq!(
            (config.document_bytes(), config.record_bytes(), config.total_bytes()),
            (1000, 2 << 20, 3_000_000_000)
        );
    }

    #[test]
    fn a_file_that_lists_every_default_loads() {
        let line = |setting: &Setting| match setting.default.parse::<u64>() {
            Ok(number) => format!("{} = {number}\n", setting.name),
            Err(_) => format!("{} = \"{}\"\n", setting.name, setting.default),
        };
        let file: String = SETTINGS.iter().filter(|setting| !setting.default.is_empty()).map(line).collect();
        let config = load(&Flags::default(), &[], &[("taoxi.toml", &file)]).unwrap();
        assert!(config.entries().iter().all(|entry| entry.value == entry.setting.default));
        assert_eq!(config.file(), Some(Path::new("taoxi.toml")));
    }
}
