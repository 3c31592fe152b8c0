//! `taoxi keys …`.

use std::io::{self, Write};

use super::args::KeysCommand;
use super::exit::Exit;
use super::{Failure, complain};
use crate::clock::Moment;
use crate::config::Config;
use crate::keys::{KeyError, KeyRecord, KeyStore};

pub(super) fn run(command: &KeysCommand, config: &Config) -> Result<Exit, Failure> {
    let folder = config.data_folder(&|name| std::env::var(name).ok()).map_err(Failure)?;
    let store = KeyStore::new(&folder);
    let mut out = io::stdout().lock();
    let now = Moment::now();
    match command {
        KeysCommand::Create { scopes, expires, name, .. } => {
            let scopes = scopes.parse().map_err(|error: KeyError| Failure::of(&error))?;
            let (key, record) =
                store.create(scopes, name.clone(), expires.as_deref(), now).map_err(|error| Failure::of(&error))?;
            complain(&format!("made the key {}; it is shown this once and is not stored", describe(&record, now)));
            writeln!(out, "{}", key.secret)?;
        }
        KeysCommand::List { json, .. } => {
            for record in store.list().map_err(|error| Failure::of(&error))? {
                if *json {
                    let KeyRecord { id, name, scopes, created, expires, .. } = &record;
                    let line = serde_json::json!({"id": id, "name": name, "scopes": scopes, "created": created, "expires": expires,
                        "expired": record.is_expired(now)});
                    writeln!(out, "{line}")?;
                } else {
                    writeln!(out, "{}", describe(&record, now))?;
                }
            }
        }
        KeysCommand::Revoke { id, .. } => {
            store.revoke(id).map_err(|error| Failure::of(&error))?;
            complain(&format!("revoked the key {id}; a running service refuses it within seconds"));
        }
    }
    Ok(Exit::Done)
}

/// A key on one line.
fn describe(record: &KeyRecord, now: Moment) -> String {
    let expires = match record.expires {
        None => "never expires".to_owned(),
        Some(moment) if record.is_expired(now) => format!("expired {moment}"),
        Some(moment) => format!("expires {moment}"),
    };
    let name = record.name.as_deref().map(|name| format!("  {name}")).unwrap_or_default();
    format!("{}  {:<22}  {expires}{name}", record.id, record.scopes.to_string())
}
