//! Speed and memory of learning: 20,000 made-up pages of 200 sites, beside merely washing the same pages.
//!
//! `cargo bench --bench learn`. Seed 1. Peak memory is read from /proc and is that of the whole process.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use taoxi::learn::{Learner, Options, Page};
use taoxi::{Cleaner, Options as Wash, rules};

const SITES: usize = 200;
const PAGES: usize = 100;
const THREADS: usize = 2;

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn word(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from_u32(0x4e00 + self.below(3000) as u32).unwrap()).collect()
    }
}

fn page(site: usize, n: usize) -> String {
    let mut fixed = Random(site as u64 + 1);
    let name = fixed.word(3);
    let mut random = Random((site * PAGES + n) as u64 + 1_000_003);
    let mut text = format!(
        "{name}网 > {}\n发布时间：2022-{:02}-{:02} 浏览：{}\n",
        random.word(8),
        1 + n % 12,
        1 + n % 28,
        random.below(9999)
    );
    for line in 0..18 {
        for _ in 0..3 + random.below(4) {
            let count = 6 + random.below(14);
            text.push_str(&random.word(count));
            text.push('，');
        }
        text.push_str(&random.word(5));
        text.push_str(if line % 7 == 3 { "（来自" } else { "。\n" });
        if line % 7 == 3 {
            let _ = writeln!(text, "{name}网）。");
        }
    }
    let _ = writeln!(text, "上一篇：{}\n下一篇：{}\n相关推荐", random.word(9), random.word(11));
    for _ in 0..6 {
        let _ = writeln!(text, "{}", random.word(12));
    }
    let _ = writeln!(text, "{}\n{name}网版权所有 某ICP备{:08}号", fixed.word(20), site * 7919);
    text
}

/// Peak memory in MiB, where the system says it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

fn main() {
    let mut student = Learner::new(Options { threads: THREADS, ..Options::default() }).unwrap();
    let (mut bytes, start) = (0, Instant::now());
    let mut making = std::time::Duration::ZERO;
    for n in 0..PAGES {
        for site in 0..SITES {
            let before = Instant::now();
            let text = page(site, n);
            making += before.elapsed();
            bytes += text.len();
            student
                .add(&Page::text(format!("{site}/{n}"), text).with_url(format!("https://www.site{site}.com/{n}")))
                .unwrap();
        }
    }
    let learned = student.finish().unwrap();
    let seconds = start.elapsed().saturating_sub(making).as_secs_f64();
    let steps: usize = learned.files.iter().map(|file| file.steps.len()).sum();
    println!(
        "{} pages of {SITES} sites, {:.1} MB: learned in {seconds:.1} s on {THREADS} threads, {} files, {steps} steps, peak {} MiB",
        learned.pages,
        bytes as f64 / 1e6,
        learned.files.len(),
        peak().map_or_else(|| "?".to_owned(), |mib| mib.to_string())
    );
    let cleaner = Cleaner::new(Arc::new(rules::load(None).unwrap()));
    let start = Instant::now();
    let mut making = std::time::Duration::ZERO;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS)
            .map(|part| {
                let cleaner = &cleaner;
                scope.spawn(move || {
                    let mut making = std::time::Duration::ZERO;
                    for n in (part..PAGES).step_by(THREADS) {
                        for site in 0..SITES {
                            let before = Instant::now();
                            let text = page(site, n);
                            making += before.elapsed();
                            std::hint::black_box(cleaner.wash(&text, None, &Wash::default()).unwrap());
                        }
                    }
                    making
                })
            })
            .collect();
        making = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    });
    let washing = start.elapsed().as_secs_f64() - making.as_secs_f64() / THREADS as f64;
    println!(
        "washed with the shipped rules in {washing:.1} s on {THREADS} threads; learning takes {:.1} times as long",
        seconds / washing
    );
}
