//! The file of keys, opened for a moment at a time: redb keeps a file to one process, and keys are made while the service runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::{ReadableTable as _, TableDefinition, TableError};
use serde::{Deserialize, Serialize};

use super::error::KeyError;
use super::scope::Scopes;
use super::secret::{KeyDigest, NewKey};
use crate::clock::{Moment, span};
use crate::records::{self, Records, RecordsError};

/// From ids to records as JSON.
const KEYS: TableDefinition<&str, &[u8]> = TableDefinition::new("keys");
/// How long to wait for another process to close the file.
const PATIENCE: Duration = Duration::from_secs(5);
const MAX_NAME: usize = 100;

/// What is known of a key. The key itself is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// The public id.
    pub id: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created: Moment,
    /// When it ends, if ever.
    pub expires: Option<Moment>,
    pub(super) sha256: KeyDigest,
}

impl KeyRecord {
    /// Whether its time is over.
    pub fn is_expired(&self, now: Moment) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

/// The file `keys.redb` of a data folder.
#[derive(Debug, Clone)]
pub struct KeyStore {
    path: PathBuf,
}

impl KeyStore {
    /// The keys of a data folder. Nothing is opened yet.
    pub fn new(data: &Path) -> Self {
        Self { path: data.join("keys.redb") }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All keys, in the order of their making. Does not change the file.
    pub fn list(&self) -> Result<Vec<KeyRecord>, KeyError> {
        let read = records::read_once(&self.path, PATIENCE, |transaction| {
            let table = match transaction.open_table(KEYS) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                table => table?,
            };
            let mut found = Vec::new();
            for entry in table.iter()? {
                let (id, bytes) = entry?;
                found.push((id.value().to_owned(), bytes.value().to_vec()));
            }
            Ok(found)
        })?;
        let parse = |(id, bytes): (String, Vec<u8>)| {
            serde_json::from_slice(&bytes).map_err(|error| RecordsError::bad_value(&self.path, &id, &error))
        };
        let mut keys: Vec<KeyRecord> = read.unwrap_or_default().into_iter().map(parse).collect::<Result<_, _>>()?;
        keys.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        Ok(keys)
    }

    /// Makes a key. `expires` is a span such as `90d` or a date.
    pub fn create(
        &self,
        scopes: Scopes,
        name: Option<String>,
        expires: Option<&str>,
        now: Moment,
    ) -> Result<(NewKey, KeyRecord), KeyError> {
        if name.as_deref().is_some_and(|name| name.chars().count() > MAX_NAME || name.chars().any(char::is_control)) {
            return Err(KeyError::Name);
        }
        let expires = expires.map(|text| expiry(text, now)).transpose()?;
        let key = NewKey::make()?;
        let sha256 = KeyDigest::of(&key.secret);
        let record = KeyRecord { id: key.id.clone(), name, scopes, created: now, expires, sha256 };
        let bytes = serde_json::to_vec(&record).unwrap_or_default();
        self.open()?.write(|transaction| {
            transaction.open_table(KEYS)?.insert(record.id.as_str(), bytes.as_slice())?;
            Ok(())
        })?;
        Ok((key, record))
    }

    /// Removes a key for good.
    pub fn revoke(&self, id: &str) -> Result<(), KeyError> {
        let removed = self.open()?.write(|transaction| Ok(transaction.open_table(KEYS)?.remove(id)?.is_some()))?;
        if removed { Ok(()) } else { Err(KeyError::UnknownId(id.chars().take(40).collect())) }
    }

    fn open(&self) -> Result<Records, RecordsError> {
        Records::open(&self.path, PATIENCE)
    }
}

/// The moment that `90d` or `2031-05-01` stands for.
fn expiry(text: &str, now: Moment) -> Result<Moment, KeyError> {
    let moment = span::parse(text).map(|span| now.after(span)).or_else(|| text.parse().ok());
    moment.filter(|moment| *moment > now).ok_or_else(|| KeyError::Expiry(text.chars().take(40).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_a_span_or_a_date_to_come() {
        let now: Moment = "2030-01-01".parse().unwrap();
        assert_eq!(expiry("90d", now).unwrap().to_string(), "2030-04-01T00:00:00.000Z");
        assert_eq!(expiry("2031-05-01", now).unwrap().to_string(), "2031-05-01T00:00:00.000Z");
        for wrong in ["0d", "2029-12-31", "soon", "", "90", "2030-01-01"] {
            assert!(matches!(expiry(wrong, now), Err(KeyError::Expiry(_))), "{wrong}");
        }
    }
}
