//! The folder that the service and the commands beside it keep their data in.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::config::Config;
use crate::error::{Code, Fault};

/// The folder of the settings, else the one of the XDG base directory specification.
pub(super) fn folder(config: &Config) -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let users = || {
        let shared = variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")));
        shared.map(|folder| folder.join("taoxi"))
    };
    config.data().map(Path::to_path_buf).or_else(users).ok_or_else(|| {
        let message = "there is no folder for data: neither --data nor $XDG_DATA_HOME nor $HOME is set";
        Failure(Fault::new(Code::Usage, message))
    })
}
