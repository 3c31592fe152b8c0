//! What every kind of store does, whether documents are kept on this machine's disk or elsewhere.

use std::sync::Arc;

use super::{Arrival, Commit, Counts, IndexError, Reply, Settings, StoredDocument};

/// A collection of documents that arriving ones are compared with.
///
/// Every call may come from any thread at any time. Documents of the crawl that is named are seen besides those of the collection; an
/// empty name is no crawl.
pub trait Store: Send + Sync {
    /// What it was made with.
    fn settings(&self) -> &Settings;

    /// How large it is.
    fn counts(&self) -> Result<Counts, IndexError>;

    /// Tells what an arriving document is, and stores nothing.
    fn check(&self, arrival: &Arrival, crawl: &str) -> Result<Reply, IndexError>;

    /// Tells what an arriving document is and stores it if it is new or updated. Of copies that arrive at the same time exactly one is new.
    fn add(&self, arrival: &Arrival, crawl: &str) -> Result<Reply, IndexError>;

    /// Stores a document as it was given out before, whatever it is a copy of. One of the same id and text stays as it is, one with another
    /// text is replaced.
    fn restore(&self, document: StoredDocument) -> Result<Commit, IndexError>;

    /// What is stored under an id.
    fn get(&self, id: &str, crawl: &str) -> Result<Option<StoredDocument>, IndexError>;

    /// Forgets the document of an id; `None` when there is none. Its text leaves the disk when the collection is compacted.
    fn remove(&self, id: &str) -> Result<Option<Commit>, IndexError>;

    /// Names of the crawls with documents that wait, and how many.
    fn crawls(&self) -> Result<Vec<(String, u64)>, IndexError>;

    /// Makes the documents that wait under a crawl part of the collection; they replace older ones of the same ids. Returns how many.
    fn commit_crawl(&self, crawl: &str) -> Result<u64, IndexError>;

    /// Forgets the documents that wait under a crawl. Returns how many.
    fn roll_back_crawl(&self, crawl: &str) -> Result<u64, IndexError>;

    /// Calls `each` with every document, in the order they came; those that wait are left out. Stops at the first error.
    fn each(&self, each: &mut dyn FnMut(StoredDocument) -> Result<(), IndexError>) -> Result<(), IndexError>;

    /// Takes what is gone from the disk. Returns how many bytes that freed.
    fn compact(&self) -> Result<u64, IndexError>;
}

/// The collections of a place, by name.
///
/// Calls may wait for a disk or a network, but for [`Stores::at_hand`].
pub trait Stores: Send + Sync {
    /// The names of all collections, in order.
    fn list(&self) -> Result<Vec<String>, IndexError>;

    /// A collection.
    fn get(&self, name: &str) -> Result<Arc<dyn Store>, IndexError>;

    /// The same, where nothing has to be waited for; `None` where something has.
    fn at_hand(&self, name: &str) -> Option<Result<Arc<dyn Store>, IndexError>>;

    /// Makes a collection; false if it was there with the same settings.
    fn create(&self, name: &str, settings: &Settings) -> Result<bool, IndexError>;

    /// Forgets a collection with all its documents; false if there is none.
    fn remove(&self, name: &str) -> Result<bool, IndexError>;

    /// Whether documents can be stored now, as far as that can be seen without trying.
    fn ready(&self) -> Result<(), IndexError>;

    /// Ends: all that is on its way is stored before.
    fn close(&self) -> Result<(), IndexError>;
}
