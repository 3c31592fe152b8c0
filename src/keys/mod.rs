//! API keys: made, stored as digests only, checked in constant time.
//!
//! A key is `taoxi_` with a public id of 12 hexadecimal digits, `_`, and 64 more that carry 32 random bytes. The id names the key in
//! logs and lists; the key itself is shown once, when it is made. On disk stands its SHA-256, which is enough for a secret of 256
//! random bits: there is nothing to guess.
//!
//! | file | what it does |
//! |---|---|
//! | `secret` | keys made, and their digests compared |
//! | `scope` | what a key may do |
//! | `store` | the file of keys, opened for a moment at a time so that the command line works while the service runs |
//! | `ring` | the keys in force, and the check of a request |

mod error;
mod ring;
mod scope;
mod secret;
mod store;

pub use error::{KeyError, Refusal};
pub use ring::{FromOutside, Grant, KeyRing};
pub use scope::{Scope, Scopes};
pub use secret::{MIN_SECRET, NewKey};
pub use store::{KeyRecord, KeyStore};
