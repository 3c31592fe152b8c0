//! Any bytes as an HTML page, through everything that `taoxi clean` does with one.
//!
//! What must hold: no panic, no page that takes long (libFuzzer's `-timeout`), no memory out of proportion (`-rss_limit_mb`), the same
//! record twice, edits that lead from the text that was read to the text that is given.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use taoxi::document::MediaType;
use taoxi::{Cleaner, Document, Options};

static CLEANER: LazyLock<Cleaner> =
    LazyLock::new(|| Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules are sound"))));

fuzz_target!(|bytes: &[u8]| {
    let wash = || {
        let mut document = Document::from_bytes("page", bytes.to_vec());
        document.media_type = MediaType::Html;
        document.url = Some("https://www.example.com/a/1".to_owned());
        CLEANER.clean(document, &Options::default())
    };
    // Bytes that are no text at all are refused by name.
    let Ok(record) = wash() else { return };
    let again = wash().expect("what was washed once can be washed again");
    assert_eq!(record.text, again.text);
    assert_eq!(record.flags, again.flags);
    // A stretch of a script's data may be rendered, but nothing makes text grow beyond what an entity can stand for.
    assert!(record.text.len() <= 8 * bytes.len() + 64, "{} bytes of {}", record.text.len(), bytes.len());
});
