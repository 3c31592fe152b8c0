//! Numbers and punctuation against tables of cases, half of them traps.

#![allow(
    clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods,
    clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

use std::sync::Arc;

use taoxi::{Cleaner, Options};

#[derive(serde::Deserialize)]
struct Case {
    r#in: String,
    out: String,
    #[serde(default)]
    group: String,
}

/// Runs a table and gives the failures with the group of each, and the number of cases.
fn run(table: &str) -> (Vec<String>, usize) {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules load")));
    let cases: Vec<Case> = table.lines().map(|line| serde_json::from_str(line).expect("a case a line")).collect();
    let failed = cases
        .iter()
        .filter_map(|case| {
            let washed = cleaner
                .wash(&case.r#in, None, &Options::default())
                .map_or_else(|error| error.to_string(), |washed| washed.text);
            (washed != case.out)
                .then(|| format!("{}\n   in {}\n want {}\n  got {washed}", case.group, case.r#in, case.out))
        })
        .collect();
    (failed, cases.len())
}

#[test]
fn the_table_of_cases_holds_wholly() {
    let (failed, cases) = run(concat!(include_str!("sets/numbers.jsonl"), include_str!("sets/numbers-more.jsonl")));
    assert!(cases >= 400);
    assert!(failed.is_empty(), "{} of {cases} fail:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_independent_table_holds_for_all_but_a_few() {
    let (failed, cases) = run(include_str!("sets/numbers-independent.jsonl"));
    assert!(cases >= 200);
    let share = 1.0 - failed.len() as f64 / cases as f64;
    println!("independent numbers: {share:.4} of {cases} hold");
    assert!(share >= 0.97, "{share:.4}: {} of {cases} fail", failed.len());
}
