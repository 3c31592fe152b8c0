//! Collections on a disk that fails or is full: named errors, nothing acknowledged lost, nothing half there, and all goes on afterwards.
//!
//! `TAOXI_TEST_FAULTS=all` also lets the disk go away at every call, and not at every third only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // what fails here fails the test

mod common;

use std::io::ErrorKind;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::Random;
use common::arriving::{Effect, Holding, arrival, ask, exact, text, within};
use common::simulated::{Fault, Simulated};
use taoxi::error::{Code, Coded as _};
use taoxi::index::{Collection, Commit, IndexError, Options, Settings, Status, Store, verify};

static IDS: LazyLock<Vec<String>> = LazyLock::new(|| (0..16).map(|n| format!("d{n}")).collect());
static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| (0..20).map(|n| text(500 + n, 45 + n as usize)).collect());

/// What the script does.
#[derive(Debug, Clone)]
enum Step {
    Add(usize, usize, &'static str),
    Remove(usize),
    /// Several at a time: one on its way to disk, the others behind it.
    Together(Vec<Step>),
    Commit,
    RollBack,
    Compact,
    Reopen,
}

/// About 300 operations.
static SCRIPT: LazyLock<Vec<Step>> = LazyLock::new(|| {
    let mut random = Random(4);
    let mut one = |at: usize| match at % 7 {
        3 => Step::Remove(random.below(16)),
        5 => Step::Add(random.below(16), random.below(20), "may"),
        _ => Step::Add(random.below(16), random.below(20), ""),
    };
    (0..150)
        .map(|at| match at {
            70 => Step::Reopen,
            40 | 110 => Step::Compact,
            _ if at % 25 == 24 => Step::Commit,
            _ if at % 40 == 39 => Step::RollBack,
            _ if at % 6 == 5 => Step::Together((0..8).map(&mut one).collect()),
            _ => one(at),
        })
        .collect()
});

fn open(disk: &Simulated) -> Result<Collection, IndexError> {
    let options = Options { segment_bytes: 2500, snapshot_bytes: 50_000, cache_bytes: 10_000 };
    Collection::open("c", Settings::default(), disk.disk(), options)
}

struct Run {
    disk: Simulated,
    fault: Option<Fault>,
    collection: Option<Collection>,
    held: Holding,
    /// What failed since something landed: when the disk cannot take it back, it may be there at the next opening.
    lost: Vec<Effect>,
    errors: u32,
}

impl Run {
    /// An error must be one that the fault explains.
    fn explain(&mut self, error: &IndexError) {
        self.errors += 1;
        let fault = self.fault.unwrap_or_else(|| panic!("{error}"));
        let expected = if fault.kind == ErrorKind::StorageFull { Code::NoSpace } else { Code::Storage };
        assert_eq!(error.code(), expected, "{error}");
        assert!(error.to_string().starts_with("disk") || error.to_string().contains("log-"), "{error}");
    }

    fn landed(&mut self, effect: &Effect, outcome: Result<(), IndexError>) {
        match outcome {
            Ok(()) if matches!(effect, Effect::Nothing) => {}
            Ok(()) => {
                self.held.apply(effect);
                self.lost.clear();
            }
            Err(error) => {
                self.lost.push(effect.clone());
                self.explain(&error);
            }
        }
    }

    fn begin(&mut self, step: &Step) -> Option<(Effect, Commit)> {
        let collection = self.collection.as_ref().unwrap();
        let begun = match step {
            Step::Add(id, text, crawl) => collection.add(&arrival(&IDS[*id], &TEXTS[*text]), crawl).map(|pending| {
                let stored = matches!(pending.answer.status, Status::New | Status::Updated);
                let (id, text, crawl) = (IDS[*id].clone(), TEXTS[*text].clone(), (*crawl).to_owned());
                Some((if stored { Effect::Store { id, text, crawl } } else { Effect::Nothing }, pending.commit))
            }),
            Step::Remove(id) => {
                let removed = collection.remove(&IDS[*id]);
                removed.map(|commit| commit.map(|commit| (Effect::Remove(IDS[*id].clone()), commit)))
            }
            _ => Ok(None),
        };
        begun.unwrap_or_else(|error| {
            self.explain(&error);
            None
        })
    }

    fn step(&mut self, step: &Step) {
        let collection = self.collection.as_ref().unwrap();
        match step {
            Step::Add(..) | Step::Remove(_) => {
                if let Some((effect, commit)) = self.begin(step) {
                    self.landed(&effect, commit.wait());
                }
            }
            Step::Together(steps) => {
                self.disk.hold();
                let mut begun: Vec<(Effect, Commit)> = Vec::new();
                for step in steps {
                    begun.extend(self.begin(step));
                    if begun.len() == 1 && !matches!(begun[0].0, Effect::Nothing) {
                        self.disk.until_held();
                    }
                }
                self.disk.release();
                for (effect, commit) in begun {
                    self.landed(&effect, commit.wait());
                }
            }
            Step::Commit => match collection.commit_crawl("may") {
                Err(IndexError::NoCrawl(_)) => {}
                outcome => self.landed(&Effect::Commit("may".to_owned()), outcome.map(|_| ())),
            },
            Step::RollBack => match collection.roll_back_crawl("may") {
                Err(IndexError::NoCrawl(_)) => {}
                outcome => self.landed(&Effect::RollBack("may".to_owned()), outcome.map(|_| ())),
            },
            Step::Compact => {
                let outcome = collection.compact().map(|_| ());
                self.landed(&Effect::Nothing, outcome);
            }
            Step::Reopen => self.reopen(),
        }
    }

    fn reopen(&mut self) {
        let closed = self.collection.take().unwrap().close();
        self.landed(&Effect::Nothing, closed);
        self.collection = Some(open(&self.disk).unwrap_or_else(|error| {
            self.explain(&error);
            self.disk.heal();
            open(&self.disk).unwrap()
        }));
        for effect in std::mem::take(&mut self.lost) {
            if Holding::of(self.collection.as_ref().unwrap(), &IDS) != self.held {
                self.held.apply(&effect);
            }
        }
    }

    /// What is stored is found, and nothing else, also while the disk takes nothing more.
    fn read(&self, at: usize) {
        let collection = self.collection.as_ref().unwrap();
        for text in [&TEXTS[at % 20], &TEXTS[(at + 7) % 20]] {
            let expected: Vec<&str> =
                self.held.main.iter().filter(|(_, held)| *held == text).map(|(id, _)| &**id).collect();
            let answer = ask(collection, text, "");
            let mut found = exact(&answer);
            found.sort_unstable();
            assert_eq!(found, expected);
        }
    }

    /// Runs the script; gives how many calls it made.
    fn script(fault: Option<Fault>, seed: u64) -> (u64, bool) {
        let disk = Simulated::new(seed);
        let collection = Some(open(&disk).unwrap());
        let mut run = Self { disk, fault, collection, held: Holding::default(), lost: Vec::new(), errors: 0 };
        let before = run.disk.calls();
        if let Some(fault) = fault {
            run.disk.fail(fault);
        }
        let mut left = 4;
        for (at, step) in SCRIPT.iter().enumerate() {
            run.step(step);
            if run.errors > 0 && left > 0 {
                if fault.is_some_and(|fault| fault.writes) {
                    run.read(at);
                }
                left -= 1;
                if left == 0 {
                    run.disk.heal();
                    assert_eq!(Holding::of(run.collection.as_ref().unwrap(), &IDS), run.held, "after healing");
                }
            }
        }
        let failed = run.disk.heal();
        let calls = run.disk.calls() - before;
        let errors = run.errors;
        run.step(&Step::Add(0, 0, ""));
        run.step(&Step::Add(0, 1, ""));
        assert_eq!(run.errors, errors, "what was healed fails again");
        assert_eq!(Holding::of(run.collection.as_ref().unwrap(), &IDS), run.held);
        run.reopen();
        assert_eq!(Holding::of(run.collection.as_ref().unwrap(), &IDS), run.held, "after opening again");
        (0..20).for_each(|at| run.read(at));
        let report = verify(&run.disk).unwrap();
        assert!(report.damages.is_empty() && report.torn == 0, "{report:?}");
        (calls, failed)
    }
}

/// Runs the script with a fault at every call, on a few threads.
fn at_every_call(step: u64, fault: impl Fn(u64) -> Fault + Sync) {
    let (calls, _) = Run::script(None, 0);
    let next = AtomicU64::new(1);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(step, Ordering::Relaxed);
                    if at > calls {
                        break;
                    }
                    let fault = fault(at);
                    let ran = std::panic::catch_unwind(|| Run::script(Some(fault), at));
                    let (_, failed) = ran.unwrap_or_else(|panic| {
                        next.store(u64::MAX / 2, Ordering::Relaxed);
                        let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                        panic!("{fault:?}: {message}")
                    });
                    if !failed {
                        break; // there are no more calls of this kind
                    }
                }
            });
        }
    });
}

#[test]
fn a_call_that_fails_once_is_named_and_all_goes_on() {
    let kinds = [ErrorKind::StorageFull, ErrorKind::Other, ErrorKind::Interrupted, ErrorKind::PermissionDenied];
    at_every_call(1, |at| Fault { at, kind: kinds[at as usize % kinds.len()], lasts: false, writes: false });
}

#[test]
fn a_disk_that_is_full_is_named_and_read_and_all_goes_on_when_there_is_room() {
    at_every_call(1, |at| Fault { at, kind: ErrorKind::StorageFull, lasts: true, writes: true });
}

#[test]
fn a_disk_that_is_gone_for_a_while_is_named_and_all_goes_on_when_it_is_back() {
    let step = if std::env::var_os("TAOXI_TEST_FAULTS").is_some() { 1 } else { 3 };
    at_every_call(step, |at| Fault { at, kind: ErrorKind::Other, lasts: true, writes: false });
}

#[test]
fn a_full_disk_in_the_middle_of_ingest_loses_nothing_and_answers_on() {
    within(120, || {
        for seed in 0..6 {
            let disk = Simulated::new(seed);
            let collection = open(&disk).unwrap();
            for n in 0..30 {
                collection.add(&arrival(&format!("s{n}"), &text(n, 90)), "").unwrap().wait().unwrap();
            }
            let (full, done) = (AtomicU64::new(0), AtomicBool::new(false));
            let outcomes: Vec<(String, u64, bool)> = std::thread::scope(|scope| {
                let (collection, disk, full, done) = (&collection, &disk, &full, &done);
                let reader = scope.spawn(move || {
                    let mut random = Random(seed);
                    while !done.load(Ordering::Relaxed) {
                        let n = random.below(30) as u64;
                        assert_eq!(exact(&ask(collection, &text(n, 90), "")), [format!("s{n}")]);
                        assert_eq!(ask(collection, &text(999, 90), "").status, Status::New);
                    }
                });
                let adders: Vec<_> = (0..8_u64)
                    .map(|thread| {
                        scope.spawn(move || {
                            let mut out = Vec::new();
                            for n in 0..60 {
                                let number = 1000 + thread * 100 + n;
                                let id = format!("a{number}");
                                let added = collection.add(&arrival(&id, &text(number, 80)), "");
                                let outcome = added.and_then(taoxi::index::Pending::wait);
                                match &outcome {
                                    Ok(answer) => assert_eq!(answer.status, Status::New),
                                    Err(error) => {
                                        assert_eq!(error.code(), Code::NoSpace, "{error}");
                                        if full.fetch_add(1, Ordering::Relaxed) == 40 {
                                            disk.heal();
                                        }
                                    }
                                }
                                out.push((id, number, outcome.is_ok()));
                            }
                            out
                        })
                    })
                    .collect();
                let at = 20 + 10 * seed;
                disk.fail(Fault { at, kind: ErrorKind::StorageFull, lasts: true, writes: true });
                let out = adders.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
                done.store(true, Ordering::Relaxed);
                reader.join().unwrap();
                out
            });
            assert!(full.load(Ordering::Relaxed) >= 40, "the disk was full");
            disk.heal();
            let again = |collection: &Collection| {
                for (id, number, stored) in &outcomes {
                    let expected = stored.then(|| text(*number, 80));
                    assert_eq!(collection.get(id, "").unwrap().map(|it| it.text), expected, "{id}");
                    assert_eq!(exact(&ask(collection, &text(*number, 80), "")).len(), usize::from(*stored));
                }
            };
            again(&collection);
            collection.add(&arrival("last", &text(5000, 80)), "").unwrap().wait().unwrap();
            collection.close().unwrap();
            drop(collection);
            again(&open(&disk).unwrap());
        }
    });
}
