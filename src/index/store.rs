//! What every kind of store does, whether documents are kept on this machine's disk or elsewhere.

use super::{Arrival, Commit, Counts, IndexError, Pending, Settings, StoredDocument};

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
    fn check(&self, arrival: &Arrival, crawl: &str) -> Result<Pending, IndexError>;

    /// Tells what an arriving document is and stores it if it is new or updated. Of copies that arrive at the same time exactly one is new.
    fn add(&self, arrival: &Arrival, crawl: &str) -> Result<Pending, IndexError>;

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
