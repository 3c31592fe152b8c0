//! Collections beside a plain model: random operations, and the same answer to each of them.
//!
//! `TAOXI_TEST_OPERATIONS` raises the number of operations, `TAOXI_TEST_SEED` runs one history alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // what fails here fails the test

mod common;

use std::sync::Arc;

use common::Random;
use common::history::{History, Keeper, Plan};
use common::simulated::Simulated;
use taoxi::index::storage::Storage;
use taoxi::index::{Collection, Options, Settings, Status, Store, verify};

/// A collection on a disk that is made up.
struct OnDisk {
    disk: Simulated,
    collection: Option<Arc<Collection>>,
}

impl Keeper for OnDisk {
    fn open(&mut self, settings: Settings, options: Options) -> Arc<dyn Store> {
        let collection = Arc::new(Collection::open("c", settings, self.disk.disk(), options).unwrap());
        self.collection = Some(collection.clone());
        collection
    }

    /// The next start finds the snapshot, or has to do without.
    fn close(&mut self, random: &mut Random) {
        self.collection.take().unwrap().close().unwrap();
        if random.below(2) == 0 && self.disk.list().unwrap().iter().any(|name| name == "snapshot") {
            self.disk.remove("snapshot").unwrap();
        }
    }

    fn verify(&self) {
        assert!(verify(&self.disk).unwrap().damages.is_empty());
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs histories on a few threads.
fn run(plans: &[Plan]) {
    let next =
        std::sync::Mutex::new(plans.iter().filter(|plan| number("TAOXI_TEST_SEED").is_none_or(|it| it == plan.seed)));
    let statuses = std::sync::Mutex::new([0; 4]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(&plan) = next.lock().unwrap().next() else { break };
                    let seen = std::panic::catch_unwind(|| {
                        History::new(plan, OnDisk { disk: Simulated::new(plan.seed), collection: None }).run()
                    })
                    .unwrap_or_else(|panic| {
                        let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                        panic!("TAOXI_TEST_SEED={}: {message}", plan.seed)
                    });
                    statuses.lock().unwrap().iter_mut().zip(seen).for_each(|(sum, seen)| *sum += seen);
                }
            });
        }
    });
    let statuses = statuses.into_inner().unwrap();
    let names = [Status::New, Status::Copy, Status::Updated, Status::Unchanged].map(Status::as_str);
    println!("{:?}", names.iter().zip(statuses).collect::<Vec<_>>());
    assert!(number("TAOXI_TEST_SEED").is_some() || statuses.iter().all(|count| *count > 0));
}

#[test]
fn a_hundred_thousand_operations_answer_as_the_model_does() {
    let operations = number("TAOXI_TEST_OPERATIONS").unwrap_or(100_000) as usize / 10;
    let settings = [(3, 64), (3, 64), (0, 64), (6, 64), (3, 5), (6, 2), (3, 64), (1, 16), (3, 64), (4, 64)];
    let plan = |(seed, settings): (u64, (u32, u32))| Plan { seed, operations, settings, stored: 180, forms: (2, 12) };
    run(&(1..).zip(settings).map(plan).collect::<Vec<_>>());
}

#[test]
fn crowds_of_look_alikes_answer_as_the_model_does() {
    let operations = number("TAOXI_TEST_OPERATIONS").unwrap_or(100_000) as usize / 40;
    let plan = |seed: u64, settings| Plan { seed, operations, settings, stored: 420, forms: (8, 2) };
    run(&[plan(21, (3, 64)), plan(22, (3, 12))]);
}
