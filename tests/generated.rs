//! The generated files under `docs/` are what the program would write today. `just docs` writes them anew.

#![allow(clippy::expect_used, clippy::panic)] // a file that cannot be written fails the test

use std::path::Path;

/// Each generated file with its text, as it would be written now.
fn generated() -> Vec<(&'static str, String)> {
    let schema = serde_json::to_string_pretty(&taoxi::rules::json_schema::schema()).expect("a JSON value");
    vec![
        ("docs/rules.md", taoxi::rules::reference::markdown()),
        ("docs/rules.schema.json", schema + "\n"),
        #[cfg(feature = "server")]
        ("docs/openapi.json", taoxi::server::openapi::json()),
    ]
}

#[test]
fn generated_files_are_up_to_date() {
    let write = std::env::var_os("TAOXI_WRITE_GENERATED").is_some();
    for (name, expected) in generated() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        if write {
            std::fs::write(&path, &expected).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let found = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}; run `just docs`"));
        let found = String::from_utf8_lossy(&found).replace("\r\n", "\n");
        let line = found.lines().zip(expected.lines()).position(|(a, b)| a != b);
        let line = line.unwrap_or_else(|| found.lines().count().min(expected.lines().count())) + 1;
        assert!(found == expected, "{name} is out of date from line {line} on; run `just docs`");
    }
}
