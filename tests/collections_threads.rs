//! Collections and many threads at a time: one of many copies is new, nothing is lost, and everything comes to an end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // what fails here fails the test

mod common;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use common::Random;
use common::arriving::{Holding, arrival, ask, exact, text, within};
use common::simulated::{Fault, Simulated};
use taoxi::error::{Code, Coded as _};
use taoxi::index::{Answer, Collection, Commit, IndexError, Options, Pending, Settings, Status, Store, verify};

fn open(disk: &Simulated) -> Collection {
    let options = Options { segment_bytes: 30_000, snapshot_bytes: 20_000, cache_bytes: 30_000 };
    Collection::open("c", Settings::default(), disk.disk(), options).unwrap()
}

fn add(collection: &Collection, id: &str, text: &str, crawl: &str) -> Result<Answer, IndexError> {
    collection.add(&arrival(id, text), crawl).and_then(Pending::wait)
}

#[test]
fn of_two_hundred_texts_that_differ_in_a_character_one_is_new() {
    within(120, || {
        for round in 0..12 {
            let disk = Simulated::new(round);
            let collection = open(&disk);
            let base: Vec<char> = text(round, 420).chars().collect();
            let variant = |n: usize| {
                let mut text = base.clone();
                text[2 * n] = '变';
                text.iter().collect::<String>()
            };
            let gate = Barrier::new(200);
            let answers: Vec<Answer> = std::thread::scope(|scope| {
                let (collection, gate, variant) = (&collection, &gate, &variant);
                let one = |n: usize| {
                    scope.spawn(move || {
                        let text = variant(n);
                        gate.wait();
                        add(collection, &format!("n{n}"), &text, "").unwrap()
                    })
                };
                let threads: Vec<_> = (0..200).map(one).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let new: Vec<&Answer> = answers.iter().filter(|answer| answer.status == Status::New).collect();
            assert_eq!(new.len(), 1);
            let copies = answers.iter().filter(|answer| answer.status == Status::Copy);
            for copy in copies {
                let [relation] = &copy.relations[..] else { panic!("{copy:?}") };
                assert!(relation.a == new[0].id || relation.b == new[0].id, "{copy:?}");
            }
            drop(collection);
            let collection = open(&disk);
            assert_eq!(collection.counts().unwrap().documents, 1);
            assert!((0..200).all(|n| ask(&collection, &variant(n), "").status == Status::Copy));
        }
    });
}

#[test]
fn one_id_that_is_added_updated_and_removed_by_many_is_there_once_or_not_at_all() {
    within(120, || {
        for seed in 0..8 {
            let disk = Simulated::new(seed);
            let collection = open(&disk);
            // For each id: how often it came, less how often it went.
            let balance: Vec<Vec<i64>> = std::thread::scope(|scope| {
                let collection = &collection;
                let one = |thread: u64| {
                    scope.spawn(move || {
                        let mut random = Random(seed * 100 + thread);
                        let mut balance = vec![0; 3];
                        for n in 0..150 {
                            let which = random.below(3);
                            let id = format!("d{which}");
                            if random.below(3) == 0 {
                                if let Some(commit) = collection.remove(&id).unwrap() {
                                    commit.wait().unwrap();
                                    balance[which] -= 1;
                                }
                            } else {
                                let text = text(10_000 * (thread + 1) + n, 60);
                                let status = add(collection, &id, &text, "").unwrap().status;
                                assert!(matches!(status, Status::New | Status::Updated), "{status:?}");
                                balance[which] += i64::from(status == Status::New);
                            }
                        }
                        balance
                    })
                };
                let threads: Vec<_> = (0..8).map(one).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let ids: Vec<String> = (0..3).map(|which| format!("d{which}")).collect();
            let held = Holding::of(&collection, &ids);
            for (which, id) in ids.iter().enumerate() {
                let there: i64 = balance.iter().map(|of| of[which]).sum();
                assert_eq!(there, i64::from(held.main.contains_key(id)), "{id}");
            }
            drop(collection);
            let collection = open(&disk);
            assert_eq!(Holding::of(&collection, &ids), held);
            for n in 0..150 {
                for thread in 0..8 {
                    let text = text(10_000 * (thread + 1) + n, 60);
                    let expected: Vec<&String> =
                        held.main.iter().filter(|(_, held)| **held == text).map(|(id, _)| id).collect();
                    assert_eq!(exact(&ask(&collection, &text, "")), expected);
                }
            }
        }
    });
}

#[test]
fn answers_stay_right_while_files_are_written_anew_and_snapshots_are_taken() {
    within(120, || {
        let disk = Simulated::new(1);
        let collection = open(&disk);
        for n in 0..60 {
            add(&collection, &format!("stays{n}"), &text(n, 120), "").unwrap();
            add(&collection, &format!("goes{n}"), &text(100 + n, 120), "").unwrap();
        }
        for n in 0..60 {
            collection.remove(&format!("goes{n}")).unwrap().unwrap().wait().unwrap();
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (collection, done) = (&collection, &done);
            let compacting = scope.spawn(move || {
                for _ in 0..40 {
                    collection.compact().unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            for thread in 0..2_u64 {
                scope.spawn(move || {
                    let mut n = 0;
                    while !done.load(Ordering::Relaxed) {
                        let id = format!("t{thread}-{n}");
                        let text = text(10_000 * (thread + 1) + n, 100);
                        assert_eq!(add(collection, &id, &text, "").unwrap().status, Status::New);
                        assert_eq!(collection.get(&id, "").unwrap().unwrap().text, text);
                        collection.remove(&id).unwrap().unwrap().wait().unwrap();
                        n += 1;
                    }
                });
            }
            for thread in 0..2 {
                scope.spawn(move || {
                    let mut random = Random(thread);
                    while !done.load(Ordering::Relaxed) {
                        let n = random.below(60) as u64;
                        assert_eq!(exact(&ask(collection, &text(n, 120), "")), [format!("stays{n}")]);
                        assert_eq!(ask(collection, &text(100 + n, 120), "").status, Status::New);
                        assert_eq!(collection.get(&format!("stays{n}"), "").unwrap().unwrap().text, text(n, 120));
                    }
                });
            }
            compacting.join().unwrap();
        });
        let ids: Vec<String> = (0..60).flat_map(|n| [format!("stays{n}"), format!("goes{n}")]).collect();
        let held = Holding::of(&collection, &ids);
        assert_eq!(held.main.len(), 60);
        drop(collection);
        assert_eq!(Holding::of(&open(&disk), &ids), held);
        assert!(verify(&disk).unwrap().damages.is_empty());
    });
}

#[test]
fn every_document_of_a_crawl_is_committed_once_or_rolled_back_once() {
    within(120, || {
        for seed in 0..6 {
            let disk = Simulated::new(seed);
            let collection = open(&disk);
            let (committed, rolled_back) = (AtomicU64::new(0), AtomicU64::new(0));
            let done = AtomicBool::new(false);
            std::thread::scope(|scope| {
                let (collection, done) = (&collection, &done);
                let adders: Vec<_> = (0..4_u64)
                    .map(|thread| {
                        scope.spawn(move || {
                            for n in 0..120 {
                                let (id, number) = (format!("c{thread}-{n}"), 1000 * (thread + 1) + n);
                                assert_eq!(add(collection, &id, &text(number, 60), "may").unwrap().status, Status::New);
                                let (id, number) = (format!("m{thread}-{n}"), 10_000 * (thread + 1) + n);
                                assert_eq!(add(collection, &id, &text(number, 60), "").unwrap().status, Status::New);
                            }
                        })
                    })
                    .collect();
                let settled = |outcome: Result<u64, IndexError>| match outcome {
                    Ok(count) => count,
                    Err(error) => {
                        assert_eq!(error.code(), Code::NoCrawl, "{error}");
                        0
                    }
                };
                let (committed, rolled_back) = (&committed, &rolled_back);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        committed.fetch_add(settled(collection.commit_crawl("may")), Ordering::Relaxed);
                    }
                });
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        rolled_back.fetch_add(settled(collection.roll_back_crawl("may")), Ordering::Relaxed);
                    }
                });
                for thread in adders {
                    thread.join().unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            let counts = collection.counts().unwrap();
            let (committed, rolled_back) = (committed.into_inner(), rolled_back.into_inner());
            assert_eq!(counts.documents, 480 + committed);
            assert_eq!(committed + rolled_back + counts.waiting, 480);
            let count = |collection: &Collection| {
                let mut ids = BTreeMap::new();
                let mut take = |it: taoxi::index::StoredDocument| {
                    assert!(ids.insert(it.id, it.text).is_none());
                    Ok(())
                };
                collection.each(&mut take).unwrap();
                ids
            };
            let before = count(&collection);
            assert_eq!(before.len() as u64, counts.documents);
            drop(collection);
            let collection = open(&disk);
            assert_eq!(count(&collection), before);
            assert!(before.iter().all(|(id, text)| exact(&ask(&collection, text, "")) == [id]));
        }
    });
}

#[test]
fn closing_while_many_wait_for_room_answers_all_of_them() {
    within(120, || {
        let disk = Simulated::new(1);
        let collection = Arc::new(open(&disk));
        disk.hold();
        let (sender, receiver) = mpsc::channel();
        let taken = Arc::new(AtomicU64::new(0));
        for n in 0..600_u64 {
            let (collection, sender, taken) = (collection.clone(), sender.clone(), taken.clone());
            std::thread::spawn(move || {
                let pending = collection.add(&arrival(&format!("d{n}"), &text(n, 40)), "");
                taken.fetch_add(1, Ordering::Relaxed);
                let _ = sender.send((n, pending.and_then(Pending::wait)));
            });
        }
        // No more may be on their way at a time: the others wait.
        while taken.load(Ordering::Relaxed) < 513 {
            std::thread::yield_now();
        }
        let closing = {
            let collection = collection.clone();
            std::thread::spawn(move || collection.close())
        };
        // Whoever waits for room is sent away, though the disk does not answer.
        let (first, outcome) = receiver.recv().unwrap();
        assert_eq!(outcome.unwrap_err(), IndexError::Closed, "{first}");
        disk.release();
        closing.join().unwrap().unwrap();
        drop(sender);
        let mut outcomes: Vec<(u64, Result<Answer, IndexError>)> = receiver.iter().take(599).collect();
        outcomes.push((first, Err(IndexError::Closed)));
        assert!(matches!(collection.add(&arrival("x", "x"), ""), Err(IndexError::Closed)));
        assert_eq!(collection.commit_crawl("may"), Err(IndexError::Closed));
        assert_eq!(collection.compact(), Err(IndexError::Closed));
        drop(collection);
        let collection = open(&disk);
        for (n, outcome) in outcomes {
            let there = collection.get(&format!("d{n}"), "").unwrap().is_some();
            assert_eq!(there, outcome.is_ok(), "{n}: {outcome:?}");
        }
    });
}

#[test]
fn a_crawl_is_not_settled_on_a_full_disk_and_everyone_goes_on() {
    within(60, || {
        let disk = Simulated::new(1);
        let collection = open(&disk);
        for n in 0..5 {
            add(&collection, &format!("c{n}"), &text(n, 60), "may").unwrap();
        }
        disk.fail(Fault { at: 1, kind: ErrorKind::StorageFull, lasts: true, writes: true });
        for _ in 0..3 {
            assert_eq!(collection.commit_crawl("may").unwrap_err().code(), Code::NoSpace);
            assert_eq!(collection.roll_back_crawl("may").unwrap_err().code(), Code::NoSpace);
            assert_eq!(add(&collection, "x", &text(9, 60), "").unwrap_err().code(), Code::NoSpace);
            assert_eq!(collection.crawls().unwrap(), [("may".to_owned(), 5)]);
        }
        disk.heal();
        assert_eq!(add(&collection, "x", &text(9, 60), "").unwrap().status, Status::New);
        assert_eq!(collection.commit_crawl("may"), Ok(5));
        collection.close().unwrap();
        drop(collection);
        assert_eq!(open(&disk).counts().unwrap().documents, 6);
    });
}

#[test]
fn dropping_a_collection_calls_everyone_who_waits() {
    within(60, || {
        for full in [false, true] {
            let disk = Simulated::new(1);
            let collection = open(&disk);
            disk.hold();
            let (sender, receiver) = mpsc::channel();
            for n in 0..20 {
                let sender = sender.clone();
                let pending = collection.add(&arrival(&format!("d{n}"), &text(n, 60)), "").unwrap();
                pending.commit.then(move |outcome| drop(sender.send(outcome)));
            }
            let left = collection.add(&arrival("left", &text(99, 60)), "").unwrap();
            if full {
                disk.fail(Fault { at: 1, kind: ErrorKind::StorageFull, lasts: true, writes: true });
            }
            let dropping = std::thread::spawn(move || drop(collection));
            disk.release();
            dropping.join().unwrap();
            drop(sender);
            let outcomes: Vec<Result<(), IndexError>> = receiver.iter().collect();
            assert_eq!(outcomes.len(), 20);
            assert!(outcomes.iter().all(|outcome| outcome.is_ok() != full));
            // Who asks only now is told, too.
            assert_eq!(left.wait().is_ok(), !full);
        }
    });
}

#[test]
fn whoever_is_called_may_drop_the_collection_or_fail() {
    within(60, || {
        let disk = Simulated::new(1);
        let collection = Arc::new(open(&disk));
        disk.hold();
        let (sender, receiver) = mpsc::channel();
        let last = collection.clone();
        collection.add(&arrival("a", &text(1, 60)), "").unwrap().commit.then(move |outcome| {
            drop(last);
            let _ = sender.send(outcome);
        });
        drop(collection);
        disk.release();
        assert_eq!(receiver.recv().unwrap(), Ok(()));
        let disk = Simulated::new(2);
        let collection = open(&disk);
        disk.hold();
        collection.add(&arrival("a", &text(1, 60)), "").unwrap().commit.then(|_| panic!("not this one's fault"));
        let second = collection.add(&arrival("b", &text(2, 60)), "").unwrap();
        disk.release();
        assert_eq!(second.wait().unwrap().status, Status::New);
        assert_eq!(add(&collection, "c", &text(3, 60), "").unwrap().status, Status::New);
        collection.close().unwrap();
    });
}

#[test]
fn a_removal_that_waited_through_a_loss_takes_nobody_elses_document() {
    within(60, || {
        for seed in 0..5 {
            let disk = Simulated::new(seed);
            let collection = open(&disk);
            disk.hold();
            let fill = |n: u64| collection.add(&arrival(&format!("lost{n}"), &text(n, 30)), "").unwrap();
            // One more than may be on their way: whoever comes now waits for room.
            let lost: Vec<Pending> = (0..513).map(fill).collect();
            std::thread::scope(|scope| {
                let collection = &collection;
                let adders: Vec<_> = (0..24_u64)
                    .map(|n| scope.spawn(move || add(collection, &format!("b{n}"), &text(2000 + n, 60), "").unwrap()))
                    .collect();
                let removers: Vec<_> = (0..12)
                    .map(|n| {
                        scope.spawn(move || {
                            let commit = collection.remove(&format!("lost{n}")).unwrap();
                            commit.map(Commit::wait)
                        })
                    })
                    .collect();
                disk.fail(Fault { at: 1, kind: ErrorKind::StorageFull, lasts: false, writes: true });
                disk.release();
                for pending in lost {
                    assert_eq!(pending.wait().unwrap_err().code(), Code::NoSpace);
                }
                // What they wanted to remove has never been there.
                for thread in removers {
                    assert!(thread.join().unwrap().is_none());
                }
                assert!(adders.into_iter().all(|thread| thread.join().unwrap().status == Status::New));
            });
            for n in 0..24_u64 {
                assert!(collection.get(&format!("b{n}"), "").unwrap().is_some(), "b{n} was acknowledged");
            }
        }
    });
}
