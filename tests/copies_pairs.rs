//! The labelled pairs of `tests/sets/pairs.jsonl`: forms filled in twice are never copies; masked, mistyped and updated documents are.

#![allow(clippy::expect_used, clippy::panic)] // a set that cannot be read fails the test

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use taoxi::dedup::{Kind, Prepared, compare};
use taoxi::{Document, Options};

#[derive(serde::Deserialize)]
struct Pair {
    id: String,
    kind: String,
    a: String,
    b: String,
}

/// What came out for the pairs of a kind.
fn verdicts() -> BTreeMap<String, Vec<(String, Kind, f64)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sets/pairs.jsonl");
    let bytes = std::fs::read(path).expect("the set");
    let cleaner = common::cleaner();
    let prepared = |text: &str| {
        let washed = cleaner.clean(Document::from_text("", text), &Options::default()).expect("a text");
        Prepared::of(&washed.text)
    };
    let mut out: BTreeMap<String, Vec<(String, Kind, f64)>> = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let pair: Pair = serde_json::from_slice(line).expect("a pair");
        let (a, b) = (prepared(&pair.a), prepared(&pair.b));
        let verdict = if a.weight() <= b.weight() { compare(&a, &b) } else { compare(&b, &a) };
        out.entry(pair.kind).or_default().push((pair.id, verdict.kind, verdict.a_in_b));
    }
    out
}

#[test]
fn labelled_pairs_are_told_apart() {
    let verdicts = verdicts();
    let mut report = String::new();
    let mut share = |kind: &str, copies: bool| {
        let pairs = &verdicts[kind];
        let wrong: Vec<_> = pairs.iter().filter(|(_, verdict, _)| verdict.is_copy() != copies).collect();
        writeln!(report, "{kind}: {} of {} wrong: {wrong:?}", wrong.len(), pairs.len()).expect("a string");
        wrong.len() as f64 / pairs.len() as f64
    };
    let shares = [
        share("template", false),
        share("masked", true),
        share("typo", true),
        share("update", true),
        share("unrelated", false),
    ];
    println!("{report}");
    assert!(shares.iter().all(|share| *share <= 0.01), "{report}");
}
