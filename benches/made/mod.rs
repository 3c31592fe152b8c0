//! Texts made up for benches of collections, and what those benches share.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

pub use arrival::arrival;

#[path = "../../tests/common/arrival.rs"]
mod arrival;

/// A text of its own for every number.
pub fn text(n: u64, chars: usize) -> String {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut han = || char::from_u32(0x4e00 + (next(3_000) * next(3_000) / 3_000) as u32).unwrap();
    (0..chars).map(|at| if at % 17 == 16 { '。' } else { han() }).collect()
}

/// A form with its numbers filled in: the same words each time.
pub fn form(n: u64) -> String {
    (0..40).fold(String::new(), |mut out, line| {
        let number = (n * 7919 + line * 104_729) % 99_991;
        write!(out, "{}{number}，", text(line, 11)).unwrap();
        out
    })
}

/// A number that the environment gives.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

/// Runs something, and notes how long it took.
pub fn timed<T>(times: &mut Vec<Duration>, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = run();
    times.push(start.elapsed());
    out
}
