//! How documents are read and washed: the arguments that `clean`, `dedupe`, `rules try` and `rules stats` have in common.

use std::path::PathBuf;

use clap::Args;

use super::args::{IdDupArg, TypeArg};
use super::{Failure, input};
use crate::archive::ReadOptions;
use crate::clean::{Edits, Options};
use crate::config::Config;

/// How documents are read and washed.
#[derive(Debug, Args)]
pub struct WashArgs {
    /// What the inputs are.
    #[arg(long = "type", value_enum, default_value_t = TypeArg::Auto)]
    pub media_type: TypeArg,
    /// The encoding, whatever the bytes or headers say: gb18030, big5, utf-16le, `shift_jis`, …
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
    /// zh repairs, keep only strips, unify makes one form of placeholders and signs, corpus adds simplified Han.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// A folder of rule files laid over the shipped ones.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// A filter list of an ad blocker: what it hides is left out of HTML pages; may be given again.
    #[arg(long, value_name = "FILE")]
    pub filter_list: Vec<PathBuf>,
    /// A rule file, or one step as file/step, that does not act; may be given again.
    #[arg(long, value_name = "RULE")]
    pub without: Vec<String>,
    /// Names of the fields of a JSONL record.
    #[arg(long, value_name = "id=…,text=…,html=…,url=…,date=…")]
    pub fields: Option<String>,
    /// What happens to a second document with the same id.
    #[arg(long, value_enum, default_value_t = IdDupArg::Error)]
    pub id_dup: IdDupArg,
    /// Threads; 0 for all cores. The output does not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

impl WashArgs {
    /// How inputs are read.
    pub(super) fn read_options(&self, config: &Config) -> Result<ReadOptions, Failure> {
        input::read_options(self.fields.as_deref(), self.media_type, self.id_dup, config)
    }

    /// How documents are washed; records show no edits.
    pub(super) fn options(&self, config: &Config) -> Options {
        Options {
            profile: Some(config.profile().to_owned()),
            without: self.without.clone(),
            only: Vec::new(),
            encoding: self.encoding.clone(),
            edits: Edits::None,
            markdown: false,
        }
    }
}
