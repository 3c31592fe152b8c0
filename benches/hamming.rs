//! Speed and memory of the Hamming index. `cargo bench --bench hamming -- 1 10` takes 1 and 10 million codes; without
//! numbers, 1. `KIND=random` takes one kind of codes, `PARTS="index online pairs"` some of the parts.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints figures, and reads its own memory"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use taoxi::dedup::hamming::{BlockTables, OnlineTables, groups_of_equal, pairs_within};

/// `SplitMix64`.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn flipped(&mut self, code: u64, flips: u32) -> u64 {
        (0..flips).fold(code, |code, _| code ^ (1 << (self.next() % 64)))
    }

    /// Bit b is set with a chance between 0.1 and 0.9 that depends on b.
    fn biased(&mut self) -> u64 {
        (0..64).fold(0, |code, bit| code | (u64::from(self.next() % 630 < 63 + 8 * (bit * 37 % 64)) << bit))
    }
}

/// The kinds of codes; the last three are what texts with a common template or many near copies give.
fn kinds(count: usize) -> [(&'static str, Vec<u64>); 5] {
    let mut numbers = Numbers(1);
    let mut make = |shape: &dyn Fn(&mut Numbers) -> u64| (0..count).map(|_| shape(&mut numbers)).collect::<Vec<u64>>();
    let clusters = count as u64 / 100;
    [
        ("random", make(&Numbers::next)),
        ("biased bits", make(&Numbers::biased)),
        (
            "100 a cluster",
            make(&|numbers| {
                let centre = Numbers(numbers.next() % clusters).next();
                numbers.flipped(centre, 8)
            }),
        ),
        ("half share a block", make(&|numbers| numbers.next() & if numbers.next() & 1 == 0 { !0xffff } else { !0 })),
        ("low 40 bits only", make(&|numbers| numbers.next() & 0xff_ffff_ffff)),
    ]
}

/// Microseconds a query, and ids found by one.
fn ask(queries: &[u64], mut within: impl FnMut(u64, &mut Vec<u32>)) -> (f64, f64) {
    let (mut found, mut sum) = (Vec::new(), 0);
    let start = Instant::now();
    for &code in queries {
        within(code, &mut found);
        sum += found.len();
    }
    (start.elapsed().as_secs_f64() * 1e6 / queries.len() as f64, sum as f64 / queries.len() as f64)
}

fn full_scan(codes: &[u64], code: u64, radius: u32, found: &mut Vec<u32>) {
    found.clear();
    let near = (0_u32..).zip(codes).filter(|&(_, &other)| (other ^ code).count_ones() <= radius);
    found.extend(near.map(|(id, _)| id));
}

fn queries(codes: &[u64], count: usize) -> [(&'static str, Vec<u64>); 2] {
    let mut numbers = Numbers(99);
    let random = (0..count).map(|_| numbers.next()).collect();
    let mut near = || {
        let (at, flips) = (numbers.next() as usize % codes.len(), (numbers.next() % 5) as u32);
        numbers.flipped(codes[at], flips)
    };
    [("random", random), ("perturbed", (0..count).map(|_| near()).collect())]
}

fn index(codes: &[u64]) {
    let start = Instant::now();
    let tables = BlockTables::build(codes);
    let build = start.elapsed().as_secs_f64();
    println!("  BlockTables: build {build:.2} s, {:.1} bytes a code", tables.bytes() as f64 / codes.len() as f64);
    for (name, queries) in queries(codes, 200_000) {
        let scan = ask(&queries[..5], |code, found| full_scan(codes, code, 3, found)).0;
        for radius in 1..=6 {
            let some = if radius <= 3 { &queries[..] } else { &queries[..10_000] };
            let (us, found) = ask(some, |code, found| tables.within(code, radius, found));
            let ratio = scan / us;
            println!(
                "    {name} r={radius}: {us:.2} us a query, {found:.3} found, full scan {scan:.0} us = x{ratio:.0}"
            );
        }
    }
}

/// How long a step takes, in all and at worst. What the machine does besides is in it too: hence the idle figure.
fn pauses(codes: &[u64], mut step: impl FnMut(u64) -> u32) -> String {
    let (mut took, mut worst, mut slow) = (Duration::ZERO, Duration::ZERO, 0);
    for &code in codes {
        let start = Instant::now();
        black_box(step(code));
        let one = start.elapsed();
        took += one;
        worst = worst.max(one);
        slow += usize::from(one > Duration::from_micros(100));
    }
    let us = took.as_secs_f64() * 1e6 / codes.len() as f64;
    format!("{us:.2} us, worst {worst:.1?}, {slow} of {} over 100 us", codes.len())
}

fn online(codes: &[u64]) {
    let before = resident();
    let mut tables = OnlineTables::new();
    let idle = pauses(codes, |code| u32::from(black_box(code) == 0));
    let inserting = pauses(codes, |code| tables.insert(code));
    println!("  OnlineTables: insert {inserting}; doing nothing {idle}");
    let bytes = |bytes: usize| bytes as f64 / codes.len() as f64;
    println!("    {:.1} bytes a code, {:.1} resident", bytes(tables.bytes()), bytes(resident().saturating_sub(before)));
    for (name, queries) in queries(codes, 200_000) {
        let (us, _) = ask(&queries, |code, found| tables.within(code, 3, found));
        let (six, _) = ask(&queries[..10_000], |code, found| tables.within(code, 6, found));
        println!("    {name}: r=3 {us:.2} us a query, r=6 {six:.2}");
    }
    let start = Instant::now();
    let removed = (0..100_000).filter(|id| tables.remove(black_box(id * 7))).count();
    println!("    remove {:.2} us", start.elapsed().as_secs_f64() * 1e6 / removed as f64);
}

/// Bytes of memory the system gives the process; 0 where it does not say.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    pages.and_then(|line| line.split(' ').nth(1)?.parse::<usize>().ok()).unwrap_or(0) * 4096
}

fn pairs(codes: &[u64]) {
    let start = Instant::now();
    let groups = groups_of_equal(codes);
    let sorting = start.elapsed().as_secs_f64();
    // Radius 6 takes half a minute for 10 million random codes, minutes for the others.
    let radii = if codes.len() > 2_000_000 { &[1, 3][..] } else { &[1, 3, 6] };
    for &radius in radii {
        let start = Instant::now();
        let mut count = 0_u64;
        pairs_within(groups.distinct(), radius, &mut |_, _| count += 1);
        let seconds = start.elapsed().as_secs_f64();
        println!("  pairs_within r={radius}: {seconds:.2} s, {count} pairs (groups_of_equal {sorting:.2} s)");
    }
}

fn main() {
    let mut sizes: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(1);
    }
    let only = std::env::var("KIND").unwrap_or_default();
    let parts = std::env::var("PARTS").unwrap_or_else(|_| "index online pairs".into());
    for size in sizes {
        for (name, codes) in kinds(size * 1_000_000) {
            if !name.contains(&only) {
                continue;
            }
            println!("{size} million codes, {name}");
            for (part, run) in [("index", index as fn(&[u64])), ("online", online), ("pairs", pairs)] {
                if parts.contains(part) {
                    run(&codes);
                }
            }
        }
    }
}
