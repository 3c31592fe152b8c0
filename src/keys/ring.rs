//! The keys in force: those of the file and the one given from outside, read again when the file changes.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use subtle::{Choice, ConditionallySelectable as _};

use super::error::{KeyError, Refusal};
use super::scope::{Scope, Scopes};
use super::secret::{KeyDigest, MAX_SECRET, MIN_SECRET};
use super::store::{KeyRecord, KeyStore};
use crate::clock::Moment;

/// The id of the key that is given from outside.
const OUTSIDE: &str = "env";
/// Largest file with a key, in bytes.
const MAX_FILE: u64 = 4096;
/// A file that changed so recently may change again within the same tick of its clock.
const SETTLED: Duration = Duration::from_secs(2);

/// A key that stands in no file of keys: how containers are started.
#[derive(Clone, Default)]
pub struct FromOutside {
    /// The key itself (`TAOXI_API_KEY`).
    pub key: Option<String>,
    /// A file that holds it (`TAOXI_API_KEY_FILE`).
    pub file: Option<PathBuf>,
}

impl fmt::Debug for FromOutside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromOutside").field("key", &self.key.is_some()).field("file", &self.file).finish()
    }
}

impl FromOutside {
    /// The digest of the key, if there is one. The variable wins over the file.
    fn digest(&self) -> Result<Option<KeyDigest>, KeyError> {
        let (place, secret) = match (&self.key, &self.file) {
            (Some(key), _) => ("TAOXI_API_KEY".to_owned(), key.clone()),
            (None, Some(path)) => (path.display().to_string(), read_key(path)?),
            (None, None) => return Ok(None),
        };
        let secret = secret.trim();
        if secret.len() < MIN_SECRET || secret.len() > MAX_SECRET {
            return Err(KeyError::Length { place, length: secret.chars().count() });
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(KeyError::Characters(place));
        }
        Ok(Some(KeyDigest::of(secret)))
    }
}

fn read_key(path: &Path) -> Result<String, KeyError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes));
    let unreadable = |reason: String| KeyError::Unreadable { path: path.to_owned(), reason };
    read.map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))
}

/// What a key allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The public id of the key.
    pub id: String,
    /// What it may do.
    pub scopes: Scopes,
}

impl Grant {
    /// Refuses what the key may not do.
    pub fn demand(&self, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.allow(scope) { Ok(()) } else { Err(Refusal::LacksScope { id: self.id.clone(), scope }) }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    grant: Grant,
    expires: Option<Moment>,
    sha256: KeyDigest,
}

impl From<KeyRecord> for Entry {
    fn from(record: KeyRecord) -> Self {
        let KeyRecord { id, scopes, expires, sha256, .. } = record;
        Self { grant: Grant { id, scopes }, expires, sha256 }
    }
}

/// What tells that the file was not changed.
type Stamp = Option<(SystemTime, u64)>;

/// The keys in force.
#[derive(Debug)]
pub struct KeyRing {
    store: KeyStore,
    outside: Option<KeyDigest>,
    entries: ArcSwap<Vec<Entry>>,
    /// Whether there was ever a key.
    guarded: AtomicBool,
    /// The state of the file that was read; `None` when it has to be read again anyway.
    seen: Mutex<Option<Stamp>>,
}

impl KeyRing {
    /// Reads the keys of a data folder, and the one from outside.
    pub fn load(data: &Path, outside: &FromOutside) -> Result<Self, KeyError> {
        let ring = Self {
            store: KeyStore::new(data),
            outside: outside.digest()?,
            entries: ArcSwap::default(),
            guarded: AtomicBool::new(false),
            seen: Mutex::new(None),
        };
        ring.refresh()?;
        Ok(ring)
    }

    /// Whether keys are asked for: as soon as there is one, if only an expired one. It stays so until the next start, even when all are
    /// revoked: a door does not open because the last key was thrown away.
    pub fn is_guarded(&self) -> bool {
        self.guarded.load(Ordering::Relaxed)
    }

    /// Reads the file again if it changed; says whether it did. On an error the keys stay as they were. Looking costs a system call, so
    /// a second between two looks is plenty.
    pub fn refresh(&self) -> Result<bool, KeyError> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let stamp = stamp(self.store.path());
        if *seen == Some(stamp) {
            return Ok(false);
        }
        let outside = self.outside.iter().map(|sha256| Entry {
            grant: Grant { id: OUTSIDE.to_owned(), scopes: Scopes::ALL },
            expires: None,
            sha256: sha256.clone(),
        });
        let entries: Vec<Entry> = self.store.list()?.into_iter().map(Entry::from).chain(outside).collect();
        self.guarded.fetch_or(!entries.is_empty(), Ordering::Relaxed);
        self.entries.store(std::sync::Arc::new(entries));
        *seen = Some(stamp).filter(is_settled);
        Ok(true)
    }

    /// What the key of a request allows. Takes the same time for keys that are unknown, wrong in one digit, or right: the digest is
    /// compared with every digest there is, in constant time.
    pub fn check(&self, bearer: Option<&str>, now: Moment) -> Result<Grant, Refusal> {
        let secret = bearer.ok_or(Refusal::Missing)?;
        if secret.len() > MAX_SECRET {
            return Err(Refusal::Unknown);
        }
        let digest = KeyDigest::of(secret);
        let entries = self.entries.load();
        let (mut found, mut at) = (Choice::from(0), 0_u64);
        for (place, entry) in (0_u64..).zip(entries.iter()) {
            let matches = entry.sha256.matches(&digest);
            at.conditional_assign(&place, matches);
            found |= matches;
        }
        let entry = usize::try_from(at).ok().and_then(|at| entries.get(at));
        let entry = entry.filter(|_| found.into()).ok_or(Refusal::Unknown)?;
        if entry.expires.is_some_and(|expires| expires <= now) {
            return Err(Refusal::Expired { id: entry.grant.id.clone() });
        }
        Ok(entry.grant.clone())
    }

    /// The key in a header `Authorization: Bearer …` (RFC 6750, section 2.1).
    pub fn bearer(header: &str) -> Option<&str> {
        let (scheme, key) = header.trim().split_once(' ')?;
        let key = key.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
    }
}

fn stamp(path: &Path) -> Stamp {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Whether a later change would show in the stamp.
fn is_settled(stamp: &Stamp) -> bool {
    stamp.is_none_or(|(changed, _)| SystemTime::now().duration_since(changed).is_ok_and(|age| age > SETTLED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(folder: &Path) -> KeyRing {
        KeyRing::load(folder, &FromOutside::default()).unwrap()
    }

    #[test]
    fn a_key_is_known_by_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::new(folder.path());
        let now = Moment::now();
        let keys: Vec<_> = (0..5).map(|_| store.create("clean".parse().unwrap(), None, None, now).unwrap().0).collect();
        let ring = ring(folder.path());
        for key in &keys {
            assert_eq!(ring.check(Some(&key.secret), now).unwrap().id, key.id);
            for wrong in [
                &key.secret[..key.secret.len() - 1],
                &key.id,
                &format!("{}0", key.secret),
                &format!("{}\0", key.secret),
            ] {
                assert_eq!(ring.check(Some(wrong), now), Err(Refusal::Unknown));
            }
            let mut wrong = key.secret.clone().into_bytes();
            let last = wrong.last_mut().unwrap();
            *last = if *last == b'0' { b'1' } else { b'0' };
            assert_eq!(ring.check(Some(std::str::from_utf8(&wrong).unwrap()), now), Err(Refusal::Unknown));
        }
        assert_eq!(ring.check(None, now), Err(Refusal::Missing));
        assert_eq!(ring.check(Some(""), now), Err(Refusal::Unknown));
        assert_eq!(ring.check(Some(&"x".repeat(100_000)), now), Err(Refusal::Unknown));
    }

    #[test]
    fn a_key_ends_at_its_expiry() {
        let folder = tempfile::tempdir().unwrap();
        let now: Moment = "2030-01-01".parse().unwrap();
        let (key, record) = KeyStore::new(folder.path()).create(Scopes::ALL, None, Some("1h"), now).unwrap();
        let ring = ring(folder.path());
        let expires = record.expires.unwrap();
        assert!(ring.check(Some(&key.secret), Moment::from_millis(expires.millis() - 1)).is_ok());
        assert_eq!(ring.check(Some(&key.secret), expires), Err(Refusal::Expired { id: key.id }));
        assert!(ring.is_guarded(), "an expired key still shuts the door");
    }

    #[test]
    fn a_grant_names_what_it_lacks() {
        let grant = Grant { id: "ab".to_owned(), scopes: "read,clean".parse().unwrap() };
        assert_eq!(grant.demand(Scope::Clean), Ok(()));
        let refusal = grant.demand(Scope::Index).unwrap_err();
        assert_eq!(refusal.to_string(), "the API key ab lacks the scope index");
        assert_eq!(refusal.challenge(), "Bearer realm=\"taoxi\", error=\"insufficient_scope\", scope=\"index\"");
    }

    #[test]
    fn keys_made_and_revoked_elsewhere_are_seen_at_the_next_look() {
        let folder = tempfile::tempdir().unwrap();
        let (store, now) = (KeyStore::new(folder.path()), Moment::now());
        let ring = ring(folder.path());
        assert!(!ring.is_guarded() && !ring.refresh().unwrap());
        for _ in 0..5 {
            let (key, _) = store.create(Scopes::ALL, None, None, now).unwrap();
            assert_eq!(ring.check(Some(&key.secret), now), Err(Refusal::Unknown));
            assert!(ring.refresh().unwrap());
            assert!(ring.check(Some(&key.secret), now).is_ok());
            store.revoke(&key.id).unwrap();
            assert!(ring.refresh().unwrap());
            assert_eq!(ring.check(Some(&key.secret), now), Err(Refusal::Unknown));
            assert!(ring.is_guarded(), "and no key opens the door");
        }
    }

    #[test]
    fn a_damaged_file_leaves_the_keys_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let (store, now) = (KeyStore::new(folder.path()), Moment::now());
        let (key, _) = store.create(Scopes::ALL, None, None, now).unwrap();
        let ring = ring(folder.path());
        fs::write(store.path(), "rubbish, and more of it than a header has").unwrap();
        let error = ring.refresh().unwrap_err();
        assert!(error.to_string().contains("keys.redb"), "{error}");
        assert!(ring.check(Some(&key.secret), now).is_ok());
        assert!(KeyRing::load(folder.path(), &FromOutside::default()).is_err());
    }

    #[test]
    fn a_key_from_outside_grants_everything() {
        let folder = tempfile::tempdir().unwrap();
        let secret = "0123456789abcdef01234567";
        let file = folder.path().join("key");
        fs::write(&file, format!("{secret}\n")).unwrap();
        let now = Moment::now();
        for outside in [
            FromOutside { key: Some(secret.to_owned()), file: None },
            FromOutside { key: None, file: Some(file.clone()) },
        ] {
            let ring = KeyRing::load(folder.path(), &outside).unwrap();
            let grant = ring.check(Some(secret), now).unwrap();
            assert_eq!((grant.id.as_str(), grant.scopes), ("env", Scopes::ALL));
            assert_eq!(ring.check(Some("0123456789abcdef01234568"), now), Err(Refusal::Unknown));
        }
        assert!(!folder.path().join("keys.redb").exists());
    }

    #[test]
    fn keys_from_outside_that_cannot_serve_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let load = |key: Option<&str>, file: Option<&str>| {
            let outside = FromOutside { key: key.map(str::to_owned), file: file.map(|name| folder.path().join(name)) };
            KeyRing::load(folder.path(), &outside).unwrap_err()
        };
        fs::write(folder.path().join("short"), "secret\n").unwrap();
        fs::write(folder.path().join("binary"), [0xff; 40]).unwrap();
        assert!(matches!(load(Some("short"), None), KeyError::Length { length: 5, .. }));
        assert!(load(None, Some("short")).to_string().contains("short: the API key has 6 characters"));
        assert!(matches!(load(None, Some("none")), KeyError::Unreadable { .. }));
        assert!(matches!(load(None, Some("binary")), KeyError::Unreadable { .. }));
        assert!(matches!(load(Some(&"空".repeat(30)), None), KeyError::Characters(_)));
        assert!(!load(Some("hunter2"), None).to_string().contains("hunter2"));
    }

    #[test]
    fn the_header_is_read_as_rfc_6750_writes_it() {
        for (header, key) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
            ("Bearer ", None),
            ("", None),
        ] {
            assert_eq!(KeyRing::bearer(header), key, "{header:?}");
        }
    }
}
