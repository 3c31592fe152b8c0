//! What can go wrong on the way to the database, and what to make of it.

use std::error::Error as _;
use std::io::ErrorKind;

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::index::IndexError;

/// Why a piece of work came to nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database said no, or said nothing.
    Sql(Error),
    /// No connection came about.
    Pool(PoolError),
    /// The database was asked to keep it, and the connection broke before it said whether it did.
    Unknown(Error),
    /// It was no matter of the database.
    Index(IndexError),
}

/// What to do about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Two got in each other's way: again, at once.
    Again,
    /// The database is away: again, a little later.
    Wait,
    /// Nothing.
    Nothing,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        Self::Pool(error)
    }
}

impl From<IndexError> for Fault {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl Fault {
    pub(super) fn remedy(&self) -> Remedy {
        match self {
            Self::Sql(error) | Self::Pool(PoolError::Backend(error)) => of(error),
            Self::Pool(PoolError::Timeout(_)) => Remedy::Wait,
            Self::Pool(_) | Self::Unknown(_) | Self::Index(_) => Remedy::Nothing,
        }
    }

    /// The error that is told. `place` names the database.
    pub(super) fn told(self, place: &str) -> IndexError {
        let away = self.remedy() != Remedy::Nothing;
        let place = place.to_owned();
        match self {
            Self::Index(error) => error,
            Self::Unknown(error) => IndexError::Away {
                place,
                reason: format!("{}; whether it was stored is not known: send it again", spelt(&error)),
            },
            Self::Pool(PoolError::Backend(error)) | Self::Sql(error) if away => {
                IndexError::Away { place, reason: spelt(&error) }
            }
            Self::Pool(PoolError::Backend(error)) | Self::Sql(error) => match error.code().map(SqlState::code) {
                Some("53100") => IndexError::NoSpace { file: place, reason: spelt(&error) },
                _ => IndexError::Refused { place, reason: spelt(&error) },
            },
            Self::Pool(error) => IndexError::Away { place, reason: error.to_string() },
        }
    }
}

fn of(error: &Error) -> Remedy {
    let Some(code) = error.code().map(SqlState::code) else {
        // Without a word from the database it is the connection, if the system says something of it.
        // Words that cannot be understood, or a certificate that is not trusted, will be no others a moment later.
        let system = error.source().and_then(<dyn std::error::Error>::downcast_ref::<std::io::Error>);
        let broken = error.is_closed() || system.is_some_and(|it| it.kind() != ErrorKind::InvalidData);
        return if broken { Remedy::Wait } else { Remedy::Nothing };
    };
    match code {
        // A lost race, a deadlock, or a lock that was held for long.
        "40001" | "40P01" | "55P03" => Remedy::Again,
        // Shutting down, starting, too many connections, or idle for too long within a transaction; a broken connection; read only after a
        // failover.
        "53300" | "25P03" | "25006" => Remedy::Wait,
        code if code.starts_with("57P") || code.starts_with("08") => Remedy::Wait,
        _ => Remedy::Nothing,
    }
}

/// What the database or the system says, without what is only said by the way.
fn spelt(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", said.message(), said.code().code());
    }
    let mut text = error.to_string();
    if let Some(source) = error.source() {
        text = format!("{text}: {source}");
    }
    text
}
