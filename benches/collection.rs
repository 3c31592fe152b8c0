//! Collections: how long an arriving document takes, and what each one costs in memory, on disk and at a start: `cargo bench --bench collection`.
//!
//! `TAOXI_BENCH_DOCUMENTS` says how many documents are stored (100,000), `TAOXI_BENCH_FORMS` how many filled-in forms (5,000). All texts are made up:
//! about 500 Han characters each. `TMPDIR` is where the files go.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // a bench prints its figures, and ends when something fails

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use taoxi::index::storage::Disk;
use taoxi::index::{Collection, Options, Settings, Status, Store};

use made::{arrival, form, number, text, timed};

mod made;

fn open(folder: &Path) -> (Collection, Duration) {
    let start = Instant::now();
    let collection =
        Collection::open("bench", Settings::default(), Arc::new(Disk::new(folder)), Options::default()).unwrap();
    (collection, start.elapsed())
}

/// Bytes of memory the process holds; 0 where the system does not say.
fn resident() -> u64 {
    let statm = std::fs::read("/proc/self/statm").unwrap_or_default();
    let pages = String::from_utf8_lossy(&statm).split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

/// Prints percentiles in microseconds; returns the median.
fn print(what: &str, mut times: Vec<Duration>, beside: Option<f64>) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    let ratio = beside.map_or(String::new(), |other| format!(", {:.2} times the first", at(0.5) / other));
    println!("{what:<58} p50 {:9.0} µs   p99 {:9.0} µs   most {:9.0} µs{ratio}", at(0.5), at(0.99), at(1.0));
    at(0.5)
}

/// Stores documents from two threads without waiting for each; returns how long that took.
fn fill(collection: &Collection, count: u64) -> Duration {
    let (next, start) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    let pending = collection.add(&arrival(&format!("d{n}"), &text(n, 500)), "").unwrap();
                    assert_eq!(pending.answer.status, Status::New);
                    pending.commit.then(|outcome| outcome.unwrap());
                }
            });
        }
    });
    collection.add(&arrival("last", &text(u64::MAX, 500)), "").unwrap().wait().unwrap();
    start.elapsed()
}

/// Adds from many threads, each waiting for its own.
fn together(collection: &Collection, threads: u64, each: u64) -> (Vec<Duration>, Duration) {
    let start = Instant::now();
    let times = std::thread::scope(|scope| {
        let one = |thread: u64| {
            scope.spawn(move || {
                let mut times = Vec::new();
                for n in 0..each {
                    let number = threads << 40 | thread << 20 | n;
                    let arrival = arrival(&format!("t{number}"), &text(number, 500));
                    timed(&mut times, || collection.add(&arrival, "").unwrap().wait().unwrap());
                }
                times
            })
        };
        let threads: Vec<_> = (0..threads).map(one).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    (times, start.elapsed())
}

fn documents(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let before = resident();
    let (collection, _) = open(folder.path());
    let took = fill(&collection, count);
    let counts = collection.counts().unwrap();
    assert_eq!(counts.documents, count + 1);
    let documents = counts.documents as f64;
    println!(
        "{count} documents of 500 characters stored in {:.1} s: {:.0} a second",
        took.as_secs_f64(),
        documents / took.as_secs_f64()
    );
    println!("memory of the process {:8.0} bytes a document", resident().saturating_sub(before) as f64 / documents);
    println!(
        "disk                  {:8.0} bytes a document, {:.2} of the text",
        counts.disk as f64 / documents,
        counts.disk as f64 / documents / 1500.0
    );
    let mut times = Vec::new();
    for n in 0..2_000 {
        let arrival = arrival("?", &text((1 << 50) + n, 500));
        timed(&mut times, || collection.check(&arrival, "").unwrap().wait().unwrap());
    }
    let first = print("check, nothing like it is stored", times, None);
    let mut times = Vec::new();
    for n in 0..2_000 {
        let cut: String = text(n * 7919 % count, 500).chars().take(400).collect();
        let arrival = arrival("?", &cut);
        let answer = timed(&mut times, || collection.check(&arrival, "").unwrap().wait().unwrap());
        assert_eq!(answer.status, Status::Copy);
    }
    print("check, a truncated copy is found", times, Some(first));
    let (times, _) = together(&collection, 1, 400);
    print("check and add, one after the other, each waited for", times, Some(first));
    let (times, took) = together(&collection, 64, 50);
    let rate = times.len() as f64 / took.as_secs_f64();
    print(&format!("check and add, 64 threads ({rate:.0} a second)"), times, Some(first));
    let start = Instant::now();
    collection.close().unwrap();
    drop(collection);
    println!("closing with a snapshot {:.2} s", start.elapsed().as_secs_f64());
    let (collection, with) = open(folder.path());
    let counts = collection.counts().unwrap();
    let all = counts.documents as f64;
    let (memory, postings) = (counts.memory as f64 / all, counts.postings as f64 / all);
    println!(
        "memory of the tables  {memory:8.0} bytes a document, which has {postings:.1} postings; the cache is empty"
    );
    drop(collection);
    let snapshot = folder.path().join("snapshot");
    let size = std::fs::metadata(&snapshot).map_or(0, |metadata| metadata.len());
    let _ = std::fs::remove_file(snapshot);
    let (collection, without) = open(folder.path());
    let ratio = without.as_secs_f64() / with.as_secs_f64();
    println!(
        "opening with the snapshot ({:.0} bytes a document) {:.2} s, without {:.2} s: {ratio:.1} times",
        size as f64 / documents,
        with.as_secs_f64(),
        without.as_secs_f64()
    );
    assert_eq!(collection.counts().unwrap().documents, count + 1 + 400 + 3200);
}

fn forms(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (collection, _) = open(folder.path());
    let mut times = Vec::new();
    for n in 0..count {
        let arrival = arrival(&format!("f{n}"), &form(n));
        let pending = timed(&mut times, || collection.add(&arrival, "").unwrap());
        assert_eq!(pending.answer.status, Status::New, "{n}");
        pending.commit.then(|outcome| outcome.unwrap());
    }
    let tail = times.split_off(times.len() / 10 * 9);
    println!("{count} filled-in forms, all of them new");
    let first = print("check and add, the first nine tenths", times, None);
    print("check and add, the last tenth", tail, Some(first));
    let start = Instant::now();
    let next = AtomicU64::new(count);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let answer = collection.add(&arrival(&format!("f{n}"), &form(n)), "").unwrap().wait().unwrap();
                    assert_eq!(answer.status, Status::New);
                }
            });
        }
    });
    println!("64 threads: {:.0} a second", 64.0 * 20.0 / start.elapsed().as_secs_f64());
}

fn main() {
    documents(number("TAOXI_BENCH_DOCUMENTS", 100_000));
    forms(number("TAOXI_BENCH_FORMS", 5_000));
}
