//! Speed of fingerprints: `cargo bench --bench fingerprint [FILE.jsonl]`.
//!
//! Without a file the texts are made up: 20 MB of random Han sentences with seed 7.

#![allow(clippy::print_stdout)] // a bench prints its figures

use std::hint::black_box;
use std::time::Instant;

use taoxi::dedup::units::Units;
use taoxi::dedup::{Fingerprinter, simhash};

fn texts() -> Vec<String> {
    let file = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if let Some(bytes) = file.and_then(|path| std::fs::read(path).ok()) {
        return bytes
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok())
            .filter_map(|record| record.get("text")?.as_str().map(str::to_owned))
            .collect();
    }
    let mut state = 7_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut text = || {
        let mut text = String::new();
        while text.len() < 3_000 {
            for _ in 0..8 + next(20) {
                text.extend(char::from_u32(0x4e00 + (next(3_000) * next(3_000) / 3_000) as u32));
            }
            text.push(if next(3) == 0 { '。' } else { '，' });
        }
        text
    };
    (0..6_000).map(|_| text()).collect()
}

/// The best of five runs in MB/s.
fn speed(bytes: usize, mut run: impl FnMut()) -> f64 {
    let best = (0..5).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    bytes as f64 / 1e6 / best.fold(f64::INFINITY, f64::min)
}

fn main() {
    let texts = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{} texts, {:.1} MB, one thread, best of five", texts.len(), bytes as f64 / 1e6);
    let mut fingerprinter = Fingerprinter::default();
    let whole = speed(bytes, || {
        for text in &texts {
            black_box(fingerprinter.read(text));
        }
    });
    println!("fingerprint, both sketches and hashes {whole:8.1} MB/s");
    let units: Vec<Units> = texts.iter().map(|text| Units::of(text)).collect();
    let ours = speed(bytes, || {
        for units in &units {
            black_box(simhash::of(units));
        }
    });
    let theirs = speed(bytes, || {
        for units in &units {
            black_box(::simhash::simhash_stream(simhash::grams(units)));
        }
    });
    println!("simhash of the 3-grams, ours          {ours:8.1} MB/s");
    println!("simhash of the 3-grams, the crate     {theirs:8.1} MB/s, ours {:.2} times as fast", ours / theirs);
}
