//! Collections: a durable index of documents that arriving ones are compared with.
//!
//! The truth is a log of documents on disk, checksummed, one file after the other; a document is acknowledged once it is synced, many with
//! one sync. Tables in memory lead from a text to the stored texts that may be related: digests, simhashes within a radius, shared
//! winnowing fingerprints. The texts themselves decide. A snapshot of the tables makes a start quick; without it the log says everything.
//!
//! | file | holds |
//! |---|---|
//! | `log-00000001` … | the log, and its end that is written to |
//! | `snapshot` | the tables at some moment |
//! | `collection.json` | the settings |

mod answer;
mod body;
mod bytes;
mod case;
mod catalog;
mod collection;
mod commit;
mod compact;
mod entry;
mod error;
mod flush;
mod judge;
mod known;
mod look;
mod near;
mod operation;
#[cfg(feature = "postgres")]
pub mod postgres;
mod recover;
mod rewrite;
mod same;
mod segment;
mod settings;
mod shared;
mod slots;
mod snapshot;
pub mod storage;
mod store;
mod stored;
mod tables;
mod upkeep;
mod view;
mod writer;

pub use answer::{Answer, Arrival, Status, StoredDocument};
pub use catalog::Catalog;
pub use collection::Collection;
pub use commit::{Commit, Pending, Reply};
pub use error::IndexError;
pub use settings::{Counts, Options, Settings};
pub use store::{Store, Stores};
pub use upkeep::{Damage, Report, backup, rebuild, repair, size, verify};
