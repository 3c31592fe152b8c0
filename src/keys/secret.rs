//! Keys made from randomness of the system, and digests compared in constant time.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::error::KeyError;

/// What every key begins with, so that scanners of repositories can tell it.
const PREFIX: &str = "taoxi_";
/// Random bytes of a key.
const SECRET_BYTES: usize = 32;
/// Random bytes of an id.
const ID_BYTES: usize = 6;
/// Fewest characters of a key that is given from outside.
pub const MIN_SECRET: usize = 24;
/// Most characters of any key; hashing a longer one would be work for nothing.
pub(super) const MAX_SECRET: usize = 512;

/// A key as it was just made: the only time that it is seen.
pub struct NewKey {
    /// The public id.
    pub id: String,
    /// The key itself.
    pub secret: String,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl NewKey {
    /// Makes a key.
    pub(super) fn make() -> Result<Self, KeyError> {
        let id = random::<ID_BYTES>()?;
        let secret = format!("{PREFIX}{id}_{}", random::<SECRET_BYTES>()?);
        Ok(Self { id, secret })
    }
}

fn random<const N: usize>() -> Result<String, KeyError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| KeyError::Random(error.to_string()))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct KeyDigest([u8; 32]);

impl KeyDigest {
    pub(super) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Compares in a time that does not depend on where digests differ.
    pub(super) fn matches(&self, other: &Self) -> subtle::Choice {
        self.0.ct_eq(&other.0)
    }
}

impl From<KeyDigest> for String {
    fn from(digest: KeyDigest) -> Self {
        hex(&digest.0)
    }
}

impl TryFrom<String> for KeyDigest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
        let bytes: Vec<u8> = digits.unwrap_or_default().chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        bytes.try_into().ok().filter(|_| text.len() == 64).map(Self).ok_or("not 64 hexadecimal digits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_name_their_ids() {
        let (one, two) = (NewKey::make().unwrap(), NewKey::make().unwrap());
        assert_ne!(one.secret, two.secret);
        assert_ne!(one.id, two.id);
        assert!(one.secret.starts_with(&format!("taoxi_{}_", one.id)));
        assert_eq!(one.secret.len(), 6 + 12 + 1 + 64);
        assert!(!format!("{one:?}").contains(&one.secret));
    }

    #[test]
    fn digests_are_written_in_hexadecimal_and_read_back() {
        let digest = KeyDigest::of("abc");
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(text, r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#);
        let read: KeyDigest = serde_json::from_str(&text).unwrap();
        assert!(bool::from(read.matches(&digest)) && !bool::from(read.matches(&KeyDigest::of("abd"))));
        for wrong in [&text[..60], "\"\"", &text.replace('b', "x"), &text.replace("ba", "")] {
            assert!(serde_json::from_str::<KeyDigest>(&format!("\"{}\"", wrong.trim_matches('"'))).is_err());
        }
    }
}
