//! The service under load: a second process on one core, the generator on the other.
//!
//! `cargo bench --bench load -- SECTION...`: capacity (the default), overload, collection, templates, slow, reloads, or all.
//! `TAOXI_LOAD_DOCUMENTS` says how many documents the collection has. Other work on the machine shows in every figure: the load average is printed.

#![allow(
    missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic,
    clippy::disallowed_methods
)]

mod capacity;
mod collection;
mod generator;
mod overload;
mod reloads;
mod service;
mod slow;
mod texts;

use std::process::Command;

/// Set in the process that is pinned to the generator's core.
const PINNED: &str = "TAOXI_LOAD_PINNED";

/// Asks for every section; without any name only the first is run, as `cargo bench` does.
const ALL: &str = "all";

const SECTIONS: [(&str, fn()); 6] = [
    ("capacity", capacity::run),
    ("overload", overload::run),
    ("collection", collection::run),
    ("templates", collection::templates),
    ("slow", slow::run),
    ("reloads", reloads::run),
];

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    if asked.first().is_some_and(|arg| arg == capacity::LIBRARY) {
        return capacity::library();
    }
    if std::env::var_os(PINNED).is_none() {
        let program = std::env::current_exe().expect("has a path");
        let program = program.to_str().expect("a plain path");
        let status = service::pinned(service::GENERATOR_CORE, program).args(&asked).env(PINNED, "1").status();
        std::process::exit(status.ok().and_then(|status| status.code()).unwrap_or(1));
    }
    if let Some(unknown) = asked.iter().find(|arg| *arg != ALL && !SECTIONS.iter().any(|(name, _)| name == *arg)) {
        panic!("no section is called {unknown}");
    }
    let wanted = |name: &str| asked.iter().any(|arg| arg == name || arg == ALL);
    for (at, (name, section)) in SECTIONS.into_iter().enumerate() {
        if wanted(name) || asked.is_empty() && at == 0 {
            println!("\n== {name} ({})", machine());
            section();
        }
    }
}

/// How busy the machine is.
pub fn machine() -> String {
    let load = service::read("/proc/loadavg");
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pinned = Command::new("taskset").arg("-V").output().is_ok();
    format!("load average {}, pinned: {pinned}, {cores} core for the generator", load.join(" "))
}
