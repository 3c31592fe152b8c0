//! Collections in PostgreSQL: how long an arriving document takes, and what each one costs: `TAOXI_BENCH_STORE=postgres://… cargo bench --bench postgres`.
//!
//! The database is filled with a collection `bench`, which is made anew unless `TAOXI_BENCH_KEEP` is set. `TAOXI_BENCH_DOCUMENTS` says how many documents are
//! stored (200,000): all made up, about 500 Han characters each; one in ten has a tail of 300 characters that all of those share, and one in forty is a form with
//! other numbers.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic)] // a bench prints its figures, and ends when something fails

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use taoxi::index::postgres::Postgres;
use taoxi::index::{Options, Reply, Settings, Status, Store, StoredDocument, Stores as _};

use made::{arrival, form, number, text, timed};

mod made;

/// What all texts with a tail end with.
fn tailed(n: u64) -> String {
    text(n, 500) + &text(u64::MAX, 300)
}

/// The document of a number.
fn stored_text(n: u64) -> String {
    match n {
        _ if n.is_multiple_of(40) => form(n),
        _ if n % 10 == 3 => tailed(n),
        _ => text(n, 500),
    }
}

/// Prints percentiles in milliseconds.
fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    #[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let (half, most, rare) = (at(0.5), at(0.95), at(0.99));
    println!("{what:<58} p50 {half:7.2} ms   p95 {most:7.2} ms   p99 {rare:7.2} ms   most {:7.2} ms", at(1.0));
}

/// Stores documents without looking for copies, from two threads.
fn fill(store: &dyn Store, count: u64) {
    let (next, start) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        break;
                    }
                    let document = StoredDocument {
                        id: format!("d{n}"),
                        url: None,
                        date: None,
                        title: None,
                        text: stored_text(n),
                        flags: Vec::new(),
                        meta: serde_json::Map::new(),
                        supersedes: Vec::new(),
                        compilation: false,
                        crawl: None,
                        stored_at: 1_700_000_000_000,
                        rules: String::new(),
                        normaliser: 1,
                    };
                    store.restore(document).unwrap().then(|outcome| outcome.unwrap());
                }
            });
        }
    });
    let last = arrival("last", &text(u64::MAX - 1, 500));
    store.add(&last, "").unwrap().wait().unwrap();
    let took = start.elapsed().as_secs_f64();
    println!("{count} documents imported in {took:.0} s: {:.0} a second", count as f64 / took);
}

fn checks(store: &dyn Store, count: u64) {
    let check = |text: String| store.check(&arrival("?", &text), "").unwrap().wait().unwrap();
    let sample = 2000;
    // The first ones find cold caches and statements that were not planned yet.
    (0..200).for_each(|n| drop(check(text((1 << 51) + n, 500))));
    let kinds: [(&str, &dyn Fn(u64) -> String); 5] = [
        ("check, nothing like it is stored", &|n| text((1 << 50) + n, 500)),
        ("check, a copy cut off at 400 characters", &|n| text(n * 7919 % count, 500).chars().take(400).collect()),
        ("check, the tail of a tenth of all, nothing else like it", &|n| tailed((1 << 50) + n)),
        ("check, a form of which one in forty is one", &|n| form((1 << 40) + n)),
        ("check, all of these in turn", &|n| match n % 40 {
            0 => form((1 << 41) + n),
            3 | 13 | 23 | 33 => tailed((1 << 52) + n),
            1..10 => text(n * 7919 % count, 500).chars().take(400).collect(),
            _ => text((1 << 52) + n, 500),
        }),
    ];
    for (what, make) in kinds {
        let mut times = Vec::new();
        for n in 0..sample {
            let text = make(n);
            timed(&mut times, || check(text));
        }
        print(what, times);
    }
}

/// Checks and adds from several threads at a time.
fn together(store: &dyn Store, threads: u64, each: u64, adds: bool) {
    let start = Instant::now();
    let times: Vec<Duration> = std::thread::scope(|scope| {
        let one = |thread: u64| {
            scope.spawn(move || {
                let mut times = Vec::new();
                for n in 0..each {
                    let number = u64::from(adds) << 60 | threads << 40 | thread << 20 | n;
                    let arrival = arrival(&format!("t{number}"), &text(number, 500));
                    timed(&mut times, || {
                        let reply = if adds { store.add(&arrival, "") } else { store.check(&arrival, "") };
                        reply.unwrap().wait().unwrap()
                    });
                }
                times
            })
        };
        let threads: Vec<_> = (0..threads).map(one).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    let what = if adds { "add" } else { "check" };
    print(&format!("{what}, {threads} at a time: {rate:.0} a second"), times);
}

/// Adds one after the other as a stream does, without waiting for each.
fn streamed(store: &dyn Store, count: u64) {
    let start = Instant::now();
    let replies: Vec<Reply> =
        (0..count).map(|n| store.add(&arrival(&format!("s{n}"), &text((1 << 61) + n, 500)), "").unwrap()).collect();
    for reply in replies {
        assert_eq!(reply.wait().unwrap().status, Status::New);
    }
    println!("add, one stream: {:.0} a second", count as f64 / start.elapsed().as_secs_f64());
}

/// What the tables take, by `pg_total_relation_size`.
fn sizes(url: &str, documents: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let talking = tokio::spawn(connection);
        let sql = "SELECT relname::text, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
            WHERE relname LIKE 'taoxi_%' AND relkind = 'r' ORDER BY 2 DESC";
        let mut sum = 0;
        for row in client.query(sql, &[]).await.unwrap() {
            let (table, rows, indexes): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
            sum += rows + indexes;
            if rows + indexes > 1 << 20 {
                let each = |bytes: i64| bytes as f64 / documents as f64;
                println!("{table:<20} {:7.0} bytes a document, and its indexes {:7.0}", each(rows), each(indexes));
            }
        }
        println!("disk                 {:7.0} bytes a document", sum as f64 / documents as f64);
        drop(client);
        let _ = talking.await;
    });
}

fn main() {
    let Ok(url) = std::env::var("TAOXI_BENCH_STORE") else {
        println!("SKIPPED: TAOXI_BENCH_STORE names no database");
        return;
    };
    let count = number("TAOXI_BENCH_DOCUMENTS", 200_000);
    let stores = Postgres::open(&url, Options::default()).unwrap();
    if std::env::var_os("TAOXI_BENCH_KEEP").is_none() {
        stores.remove("bench").unwrap();
        stores.create("bench", &Settings::default()).unwrap();
        fill(&*stores.get("bench").unwrap(), count);
    }
    let store = stores.get("bench").unwrap();
    let counts = store.counts().unwrap();
    println!("{} documents, {} fingerprints each", counts.documents, counts.postings / counts.documents.max(1));
    sizes(&url, counts.documents);
    checks(&*store, count);
    for threads in [2, 8] {
        together(&*store, threads, 2000 / threads, false);
    }
    for threads in [1, 8] {
        together(&*store, threads, 800 / threads, true);
    }
    streamed(&*store, 3000);
    stores.close().unwrap();
}
