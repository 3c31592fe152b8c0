//! Faults of the configuration, all of them at once, and warnings.

use std::fmt;

use super::sources::Origin;
use crate::error::{Code, Coded};

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// Where it is.
    pub origin: Origin,
    /// What is wrong.
    pub message: String,
    /// The setting that was probably meant.
    pub suggestion: Option<String>,
}

impl ConfigFault {
    pub(super) fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self { origin, message: message.into(), suggestion: None }
    }

    pub(super) fn unknown(origin: Origin, name: &str, suggestion: Option<&str>) -> Self {
        Self { suggestion: suggestion.map(str::to_owned), ..Self::new(origin, format!("there is no setting `{name}`")) }
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin.place(), self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

/// Every fault of the configuration, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The faults: of the file in its order, then of variables, then of flags.
    pub faults: Vec<ConfigFault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Coded for ConfigError {
    fn code(&self) -> Code {
        Code::BadConfig
    }
}

/// A variable that begins like ours and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The variable.
    pub variable: String,
    /// The one that was probably meant.
    pub suggestion: Option<&'static str>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is no setting of taoxi; ", self.variable)?;
        match self.suggestion {
            Some(suggestion) => write!(f, "did you mean {suggestion}?"),
            None => f.write_str("taoxi config show lists them"),
        }
    }
}
