//! What the trainer of the main content needs from the program: features, labels, choices and times.
//!
//! `tests/bench/content/README.md` says how they are used. Pages are lines of JSON: `id`, `html`, `text` (the truth).

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a tool for developers

mod extract;
mod labels;
mod run;

use std::fs::File;
use std::io::{BufRead, BufReader};

/// A line of the pages.
#[derive(serde::Deserialize)]
struct Sample {
    id: String,
    html: String,
    #[serde(default)]
    text: String,
}

/// Reads the pages one by one.
fn samples(path: &str) -> impl Iterator<Item = Sample> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    BufReader::with_capacity(1 << 20, file)
        .lines()
        .map(|line| serde_json::from_str(&line.expect("a line")).expect("a page"))
}

/// The text of a small file.
fn read_text(path: &str) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    String::from_utf8(bytes).expect("UTF-8")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["extract", pages, out] => extract::extract(pages, out),
        ["odds", pages, tables, out] => extract::odds(pages, tables, out),
        ["second", pages, p, out] => extract::second(pages, p, out),
        ["run", pages, folds, models, out] => run::run(pages, folds, models, out),
        ["oracle", pages, labels, out] => run::oracle(pages, labels, out),
        ["hostile"] => run::hostile(),
        ["speed", pages] => run::speed(pages, None),
        ["speed", pages, model] => run::speed(pages, Some(model)),
        _ => {
            eprintln!(
                "extract PAGES OUT | odds PAGES TABLES OUT | second PAGES P OUT | run PAGES FOLDS MODELS OUT | oracle PAGES LABELS OUT | speed PAGES [MODEL] | hostile"
            );
            std::process::exit(2);
        }
    }
}
