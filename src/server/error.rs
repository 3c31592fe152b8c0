//! Why the service could not start, or had to end.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::error::{Code, Coded, Fault};
use crate::index::IndexError;
use crate::jobs::JobError;
use crate::keys::KeyError;
use crate::rules::LoadError;

/// Why the service could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// `listen` is no address.
    #[error("cannot listen on `{0}`: give an IP address with a port, such as 127.0.0.1:8077 or [::1]:8077")]
    Address(String),
    /// An address that others can reach.
    #[error(
        "will not listen on {0}: without API keys the service only listens on this machine (127.0.0.1 or [::1]); create a key with taoxi keys create"
    )]
    Open(SocketAddr),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Nobody said where data is to be kept.
    #[error(transparent)]
    NoData(#[from] Fault),
    /// The data folder cannot be used.
    #[error("cannot use the data folder {}: {reason}", folder.display())]
    Data {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// Another process uses the data folder.
    #[error("the data folder {} is in use by another taoxi serve", .0.display())]
    DataInUse(PathBuf),
    /// The rules cannot be loaded.
    #[error(transparent)]
    Rules(#[from] LoadError),
    /// The collections cannot be opened.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The keys cannot be loaded.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The jobs cannot be opened.
    #[error(transparent)]
    Jobs(#[from] JobError),
    /// The profile of the settings is not there.
    #[error("there is no profile `{0}`")]
    Profile(String),
    /// A setting with a value that is none.
    #[error("`{setting}` must be {wanted}, not \"{given}\"")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it may be.
        wanted: &'static str,
        /// What it was.
        given: String,
    },
    /// A database is named, and this program knows none.
    #[cfg(not(feature = "postgres"))]
    #[error("`store` names a database, and this taoxi was built without the feature postgres")]
    NoDatabases,
    /// Spans cannot be sent.
    #[error("cannot send spans to {endpoint}: {reason}")]
    Traces {
        /// Where to.
        endpoint: String,
        /// Why not.
        reason: String,
    },
    /// The system refused something that every service needs.
    #[error("the service cannot run: {0}")]
    System(#[from] std::io::Error),
}

impl Coded for ServeError {
    fn code(&self) -> Code {
        match self {
            Self::Address(_) | Self::Open(_) => Code::Usage,
            Self::NoData(fault) => fault.code,
            Self::Listen { .. } => Code::Unlistenable,
            Self::Data { .. } => Code::Unwritable,
            Self::DataInUse(_) => Code::DataInUse,
            Self::Rules(error) => error.code(),
            Self::Index(error) => error.code(),
            Self::Keys(error) => error.code(),
            Self::Jobs(error) => error.code(),
            Self::Profile(_) => Code::UnknownRule,
            Self::Setting { .. } | Self::Traces { .. } => Code::BadConfig,
            #[cfg(not(feature = "postgres"))]
            Self::NoDatabases => Code::BadConfig,
            Self::System(_) => Code::Internal,
        }
    }
}
