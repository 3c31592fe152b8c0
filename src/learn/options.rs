//! What a run of the learner may be told.

/// Most pages of one site that are looked at, unless told otherwise.
pub const PAGES_PER_SITE: usize = 400;

/// Most of a page's letters that a file's steps may take, unless told otherwise.
pub const MAX_SHARE: f64 = 0.6;

/// How rules are learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The host of all pages, whatever their URLs say; `None` groups them.
    pub host: Option<String>,
    /// Pages that must share something before it is proposed. `None`: 3, and 2 where a site has fewer than twelve pages and what
    /// repeats stands at the edge among other lines that do.
    pub min_support: Option<usize>,
    /// The largest share of a page's letters that a step may take, 0 to 1: a step that takes more from any page is refused.
    pub max_share: f64,
    /// Most pages of a site that are looked at. Of more, those are taken whose ids have the smallest hashes, so that the choice
    /// does not depend on their order.
    pub pages_per_site: usize,
    /// Threads. What is learned does not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: None,
            min_support: None,
            max_share: MAX_SHARE,
            pages_per_site: PAGES_PER_SITE,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}
