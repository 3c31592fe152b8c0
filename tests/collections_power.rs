//! Collections and power cuts: what was acknowledged is there, the rest is there wholly or not at all, whenever the power goes.
//!
//! `TAOXI_TEST_SEEDS` raises the number of histories, `TAOXI_TEST_SEED` runs one alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // what fails here fails the test

mod common;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use common::Random;
use common::arriving::{Effect, Holding, arrival, ask, exact, text};
use common::simulated::Simulated;
use taoxi::index::{Collection, Commit, IndexError, Options, Settings, Status, Store, verify};

const CRAWLS: [&str; 2] = ["may", "june"];

static IDS: LazyLock<Vec<String>> = LazyLock::new(|| (0..9).map(|n| format!("d{n}")).collect());

/// Texts, their copies, their beginnings.
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let cut = |text: &str, share: usize| text.chars().take(text.chars().count() * share / 10).collect::<String>();
    (0..7)
        .flat_map(|n| {
            let whole = text(n, 60 + 10 * n as usize);
            let other = whole.replacen(whole.chars().nth(30).unwrap(), "变", 1);
            [cut(&whole, 7), other, whole]
        })
        .collect()
});

fn open(disk: &Simulated, random: &mut Random) -> Result<Collection, IndexError> {
    let options = Options {
        segment_bytes: 600 + random.below(4000) as u64,
        snapshot_bytes: [1500 + random.below(7000) as u64, u64::MAX, u64::MAX][random.below(3)],
        cache_bytes: random.below(2) << 16,
    };
    Collection::open("c", Settings::default(), disk.disk(), options)
}

/// One collection from opening to closing or to the end of the power.
struct Life<'l> {
    disk: &'l Simulated,
    collection: &'l Collection,
    random: &'l mut Random,
    held: Holding,
    /// What was begun and not acknowledged, in order.
    unsure: Vec<Effect>,
}

impl Life<'_> {
    /// Takes in how waiting ended.
    fn landed(&mut self, effect: Effect, outcome: Result<(), IndexError>) {
        match outcome {
            Ok(()) => {
                let changes = !matches!(effect, Effect::Nothing);
                assert!(!changes || self.unsure.is_empty(), "what came later was acknowledged first");
                self.held.apply(&effect);
            }
            Err(error) => {
                assert!(self.disk.is_off(), "{error}");
                self.unsure.push(effect);
            }
        }
    }

    /// Adds or removes, and leaves it open when that is on disk.
    fn begin(&mut self) -> Option<(Effect, Commit)> {
        let id = self.random.pick(&IDS).clone();
        let begun = if self.random.below(4) == 0 {
            let commit = self.collection.remove(&id);
            commit.map(|commit| commit.map(|commit| (Effect::Remove(id), commit)))
        } else {
            let text = self.random.pick(&TEXTS).clone();
            let crawl = if self.random.below(4) == 0 { *self.random.pick(&CRAWLS) } else { "" };
            self.collection.add(&arrival(&id, &text), crawl).map(|pending| {
                let stored = matches!(pending.answer.status, Status::New | Status::Updated);
                let effect = Effect::Store { id, text, crawl: crawl.to_owned() };
                Some((if stored { effect } else { Effect::Nothing }, pending.commit))
            })
        };
        begun.unwrap_or_else(|error| {
            assert!(self.disk.is_off(), "{error}");
            None
        })
    }

    /// Several at a time: one on its way to disk, the others behind it.
    fn together(&mut self, closes: bool) {
        self.disk.hold();
        let mut begun = Vec::new();
        for _ in 0..2 + self.random.below(5) {
            begun.extend(self.begin());
            if begun.len() == 1 && matches!(&begun[0].0, Effect::Store { .. } | Effect::Remove(_)) {
                self.disk.until_held();
            }
        }
        self.disk.release();
        if closes {
            let _ = self.collection.close();
        }
        for (effect, commit) in begun {
            let outcome = commit.wait();
            self.landed(effect, outcome);
        }
    }

    fn settle(&mut self) {
        let crawl = *self.random.pick(&CRAWLS);
        let (effect, outcome) = if self.random.below(3) == 0 {
            (Effect::RollBack(crawl.to_owned()), self.collection.roll_back_crawl(crawl))
        } else {
            (Effect::Commit(crawl.to_owned()), self.collection.commit_crawl(crawl))
        };
        if outcome != Err(IndexError::NoCrawl(crawl.to_owned())) {
            self.landed(effect, outcome.map(|_| ()));
        }
    }

    fn step(&mut self) {
        match self.random.below(20) {
            0..12 => {
                if let Some((effect, commit)) = self.begin() {
                    let outcome = commit.wait();
                    self.landed(effect, outcome);
                }
            }
            12..15 => self.together(false),
            15..18 => self.settle(),
            18 => {
                let outcome = self.collection.compact();
                assert!(outcome.is_ok() || self.disk.is_off(), "{outcome:?}");
            }
            _ => {
                let text = self.random.pick(&TEXTS).clone();
                let outcome = self.collection.check(&arrival("?", &text), "");
                assert!(outcome.is_ok() || self.disk.is_off(), "{outcome:?}");
            }
        }
    }

    /// Lives to the end; gives what may be there afterwards.
    fn run(mut self) -> Vec<Holding> {
        for _ in 0..3 + self.random.below(18) {
            if self.disk.is_off() {
                break;
            }
            self.step();
        }
        if !self.disk.is_off() && self.random.below(3) == 0 {
            self.together(true);
        }
        let closed = self.collection.close();
        assert!(closed.is_ok() || self.disk.is_off(), "{closed:?}");
        let mut states = vec![self.held];
        for effect in self.unsure {
            let mut next = states[states.len() - 1].clone();
            next.apply(&effect);
            states.push(next);
        }
        states
    }
}

/// The texts that are there are found, and those that are not are not.
fn check_texts(collection: &Collection, held: &Holding, random: &mut Random) {
    for _ in 0..4 {
        let text = random.pick(&TEXTS);
        let crawl = if random.below(4) == 0 { *random.pick(&CRAWLS) } else { "" };
        let waiting = held.waiting.get(crawl).into_iter().flatten();
        let mut expected: Vec<&str> =
            held.main.iter().chain(waiting).filter(|(_, held)| *held == text).map(|(id, _)| &**id).collect();
        let answer = ask(collection, text, crawl);
        let mut found = exact(&answer);
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{text}");
        assert!(expected.is_empty() || answer.status == Status::Copy);
    }
}

fn history(seed: u64) {
    let mut random = Random(seed);
    let mut disk = Simulated::new(seed);
    let mut states = vec![Holding::default()];
    let lives = 1 + random.below(3);
    for life in 0..=lives {
        // The power may go while a collection is opened, too.
        for _ in 0..2 {
            if random.below(6) == 0 {
                disk.cut_at(1 + random.below(30) as u64);
                let opened = open(&disk, &mut random);
                assert!(opened.is_ok() || disk.is_off(), "{:?}", opened.err());
                drop(opened);
                disk = disk.power_cut(random.next());
            }
        }
        let report = verify(&disk).unwrap();
        assert!(report.damages.is_empty(), "{report:?}");
        let collection = open(&disk, &mut random).unwrap();
        let held = Holding::of(&collection, &IDS);
        assert!(states.contains(&held), "there is {held:#?}\nthere should be one of {states:#?}");
        check_texts(&collection, &held, &mut random);
        if life == lives {
            break;
        }
        if random.below(4) > 0 {
            disk.cut_at(1 + random.below(150) as u64);
        }
        states = Life { disk: &disk, collection: &collection, random: &mut random, held, unsure: Vec::new() }.run();
        if disk.is_off() || random.below(3) == 0 {
            disk = disk.power_cut(random.next());
        }
        disk.cut_never();
    }
}

#[test]
fn what_was_acknowledged_survives_every_power_cut() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    if let Some(seed) = number("TAOXI_TEST_SEED") {
        return history(seed);
    }
    let seeds = number("TAOXI_TEST_SEEDS").unwrap_or(10_000);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        break;
                    }
                    if let Err(panic) = std::panic::catch_unwind(|| history(seed)) {
                        next.store(seeds, Ordering::Relaxed);
                        let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                        panic!("TAOXI_TEST_SEED={seed}: {message}");
                    }
                }
            });
        }
    });
}
