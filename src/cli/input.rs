//! From arguments to inputs and how they are read: what `clean` and `dedupe` share.

use std::path::{Path, PathBuf};

use super::Failure;
use super::args::{IdDupArg, TypeArg};
use crate::archive::{Fields, IdDup, Input, ReadOptions};
use crate::config::Config;
use crate::document::MediaType;
use crate::error::{Code, Fault};

/// The inputs that paths name; `-` is standard input.
pub(super) fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    paths.iter().map(|path| if path == Path::new("-") { Input::Stdin } else { Input::Path(path.clone()) }).collect()
}

/// How inputs are read.
pub(super) fn read_options(
    fields: Option<&str>,
    media_type: TypeArg,
    id_dup: IdDupArg,
    config: &Config,
) -> Result<ReadOptions, Failure> {
    let fields = match fields {
        Some(text) => Fields::parse(text).map_err(|error| Failure(Fault::new(Code::Usage, error.to_string())))?,
        None => Fields::default(),
    };
    let media_type = match media_type {
        TypeArg::Auto => MediaType::Auto,
        TypeArg::Text => MediaType::Text,
        TypeArg::Html => MediaType::Html,
    };
    let id_dup = match id_dup {
        IdDupArg::Error => IdDup::Error,
        IdDupArg::Suffix => IdDup::Suffix,
    };
    let limits = config.archive_limits();
    Ok(ReadOptions { fields, media_type, id_dup, limits, ..ReadOptions::default() })
}
