//! A document that arrives at a collection, without washing.

use taoxi::document::{Cleaned, Source, Stats, Versions};
use taoxi::index::Arrival;

/// A document whose text is taken as it is.
pub fn arrival(id: &str, text: &str) -> Arrival {
    let stats =
        Stats { chars: text.chars().count(), han: 0, removed_share: 0.0, placeholder_share: 0.0, script: "hans" };
    let source =
        Source { encoding: "UTF-8".to_owned(), media_type: "text/plain", bytes: text.len(), sha256: String::new() };
    let cleaned = Cleaned {
        id: id.to_owned(),
        title: None,
        text: text.to_owned(),
        flags: Vec::new(),
        rules: Vec::new(),
        edits: None,
        removed: Vec::new(),
        page: None,
        markdown: None,
        parts: Vec::new(),
        stats,
        source,
        meta: serde_json::Map::new(),
        versions: Versions { taoxi: "0", rules: String::new(), normaliser: 1 },
    };
    Arrival { cleaned, url: None, date: None }
}
