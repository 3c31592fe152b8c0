//! The rule files and profiles that the binary carries.

/// Group, file name and source of each file under `rules/`.
pub(super) const FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
