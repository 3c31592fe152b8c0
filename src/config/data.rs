//! Where the service and its tools keep data.

use std::path::PathBuf;

use super::Config;
use crate::error::{Code, Fault};

impl Config {
    /// The data folder: the setting, else `$XDG_DATA_HOME/taoxi`, else `~/.local/share/taoxi`. `env` looks
    /// up variables.
    pub fn data_folder(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf, Fault> {
        let missing = "there is no folder for data: neither --data nor XDG_DATA_HOME nor HOME is set";
        self.data().map(ToOwned::to_owned).or_else(|| usual(env)).ok_or_else(|| Fault::new(Code::Usage, missing))
    }
}

/// The XDG base directory specification: a relative path counts as not set.
fn usual(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")))
        .map(|folder| folder.join("taoxi"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_lies_where_the_user_keeps_data() {
        let found = |xdg: Option<&str>, home: Option<&str>| {
            let (xdg, home) = (xdg.map(str::to_owned), home.map(str::to_owned));
            usual(&move |name| if name == "HOME" { home.clone() } else { xdg.clone() })
        };
        assert_eq!(found(Some("/x"), Some("/h")), Some(PathBuf::from("/x/taoxi")));
        assert_eq!(found(Some("x"), Some("/h")), Some(PathBuf::from("/h/.local/share/taoxi")));
        assert_eq!(found(None, None), None);
    }
}
