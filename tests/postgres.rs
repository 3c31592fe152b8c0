//! Collections in PostgreSQL: the same answers as the plain model and as collections on disk, and one of many copies is new, whoever brings it.
//!
//! Each test starts a PostgreSQL of its own; where none is installed it says so. `TAOXI_TEST_OPERATIONS` and `TAOXI_TEST_DOCUMENTS` make them longer.

#![cfg(all(feature = "postgres", feature = "server", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // what fails here fails the test

mod common;

use std::sync::{Arc, Barrier};

use common::Random;
use common::arriving::{arrival, text};
use common::database::Database;
use common::history::{History, Keeper, Plan};
use common::simulated::Simulated;
use taoxi::error::{Code, Coded as _};
use taoxi::index::postgres::Postgres;
use taoxi::index::{
    Answer, Collection, Counts, IndexError, Options, Reply, Settings, Status, Store, StoredDocument, Stores as _,
};

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn open(database: &Database) -> Postgres {
    Postgres::open(&database.url(), Options::default()).unwrap()
}

fn collection(stores: &Postgres, name: &str) -> Arc<dyn Store> {
    stores.create(name, &Settings::default()).unwrap();
    stores.get(name).unwrap()
}

fn add(store: &dyn Store, id: &str, text: &str, crawl: &str) -> Answer {
    store.add(&arrival(id, text), crawl).and_then(Reply::wait).unwrap()
}

/// A collection of a database that several histories share.
struct InDatabase<'d> {
    database: &'d Database,
    name: String,
    stores: Option<Postgres>,
}

impl Keeper for InDatabase<'_> {
    fn open(&mut self, settings: Settings, options: Options) -> Arc<dyn Store> {
        let stores = Postgres::open(&self.database.url(), options).unwrap();
        stores.create(&self.name, &settings).unwrap();
        let store = stores.get(&self.name).unwrap();
        self.stores = Some(stores);
        store
    }

    fn close(&mut self, _: &mut Random) {
        self.stores.take().unwrap().close().unwrap();
    }

    fn verify(&self) {
        self.database.verify();
    }
}

#[test]
fn random_operations_answer_as_the_model_does() {
    let Some(database) = Database::start() else { return };
    let operations = number("TAOXI_TEST_OPERATIONS").unwrap_or(2400) / 4;
    let plan = |seed, settings, stored, forms| Plan { seed, operations, settings, stored, forms };
    let plans = [
        plan(1, (3, 64), 150, (2, 12)),
        plan(2, (6, 5), 120, (2, 12)),
        plan(3, (0, 64), 120, (3, 12)),
        plan(21, (3, 64), 260, (9, 1)),
    ];
    let statuses = std::thread::scope(|scope| {
        let run = |plan: Plan| {
            let database = &database;
            scope.spawn(move || {
                let keeper = InDatabase { database, name: format!("c{}", plan.seed), stores: None };
                History::new(plan, keeper).run()
            })
        };
        let histories: Vec<_> = plans.into_iter().map(run).collect();
        let counts = histories.into_iter().map(|it| it.join().unwrap());
        counts.fold([0; 4], |sum, one| [0, 1, 2, 3].map(|at| sum[at] + one[at]))
    });
    println!("new, copies, updated, unchanged: {statuses:?}");
    assert!(statuses.iter().all(|count| *count > 0));
}

/// A text of a made-up crawl: sentences of a few sources, with notices and forms among them.
fn page(random: &mut Random, known: &mut Vec<String>) -> String {
    let sentence = |random: &mut Random| text(random.next() % 4000, 18 + random.below(20)) + "。";
    let fresh = |random: &mut Random| (0..4 + random.below(12)).map(|_| sentence(random)).collect::<String>();
    let page = match random.below(10) {
        0..5 => fresh(random),
        5 if !known.is_empty() => random.pick(known).clone().replace('。', "，"),
        6 if !known.is_empty() => {
            let whole = random.pick(known).clone();
            let most = whole.chars().count().max(2);
            whole.chars().take(most * (20 + random.below(70)) / 100).collect()
        }
        7 if known.len() > 1 => random.pick(known).clone() + "\n" + &random.pick(known).clone(),
        _ => {
            let lines = (0..9).map(|line| format!("{}{}个，", text(90_000 + line, 12), random.below(90_000)));
            lines.collect::<String>() + &if random.below(4) == 0 { fresh(random) } else { String::new() }
        }
    };
    if known.len() < 400 {
        known.push(page.clone());
    }
    page
}

#[test]
fn verdicts_are_those_of_a_collection_on_disk() {
    let Some(database) = Database::start() else { return };
    let disk = Simulated::new(1);
    let on_disk = Collection::open("c", Settings::default(), disk.disk(), Options::default()).unwrap();
    let stores = open(&database);
    let in_database = collection(&stores, "c");
    let (mut random, mut known) = (Random(77), Vec::new());
    let documents = number("TAOXI_TEST_DOCUMENTS").unwrap_or(500);
    let mut statuses = std::collections::BTreeMap::new();
    for n in 0..documents {
        let text = page(&mut random, &mut known);
        let id = if random.below(12) == 0 { format!("d{}", random.below(n + 1)) } else { format!("d{n}") };
        let arrival = arrival(&id, &text);
        let expected = on_disk.add(&arrival, "").unwrap().wait().unwrap();
        let answer = in_database.add(&arrival, "").unwrap().wait().unwrap();
        assert_eq!(answer, expected, "document {n}");
        *statuses.entry(answer.status.as_str()).or_insert(0) += 1;
    }
    let counts = |store: &dyn Store| {
        let Counts { documents, waiting, postings, .. } = store.counts().unwrap();
        (documents, waiting, postings)
    };
    assert_eq!(counts(&*in_database), counts(&on_disk));
    println!("{documents} documents: {statuses:?}, {} hot hashes", database.ask("SELECT count(*) FROM taoxi_hot"));
    database.verify();
}

#[test]
fn of_two_hundred_texts_that_differ_in_a_character_one_is_new_whichever_replica_they_come_to() {
    let Some(database) = Database::start() else { return };
    let replicas = [open(&database), open(&database)];
    collection(&replicas[0], "c");
    for round in 0..3 {
        let base: Vec<char> = text(round, 420).chars().collect();
        let stores = replicas.each_ref().map(|replica| replica.get("c").unwrap());
        let gate = Barrier::new(200);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let (stores, gate, base) = (&stores, &gate, &base);
            let one = |n: usize| {
                scope.spawn(move || {
                    let mut text = base.clone();
                    text[2 * n] = '变';
                    let text: String = text.iter().collect();
                    gate.wait();
                    add(&*stores[n % 2], &format!("r{round}n{n}"), &text, "")
                })
            };
            let threads: Vec<_> = (0..200).map(one).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let new: Vec<&Answer> = answers.iter().filter(|answer| answer.status == Status::New).collect();
        assert_eq!(new.len(), 1);
        for copy in answers.iter().filter(|answer| answer.status == Status::Copy) {
            let [relation] = &copy.relations[..] else { panic!("{copy:?}") };
            assert!(relation.a == new[0].id || relation.b == new[0].id, "{copy:?}");
        }
        let counts = stores[0].counts().unwrap();
        assert_eq!(counts.documents, round + 1);
    }
    database.verify();
}

#[test]
fn one_id_that_many_replicas_add_update_and_remove_is_there_once_or_not_at_all() {
    let Some(database) = Database::start() else { return };
    let replicas = [open(&database), open(&database)];
    collection(&replicas[0], "c");
    let balances: Vec<[i64; 3]> = std::thread::scope(|scope| {
        let one = |thread: usize| {
            let store = replicas[thread % 2].get("c").unwrap();
            scope.spawn(move || {
                let mut random = Random(thread as u64);
                let mut balance = [0; 3];
                for n in 0..40 {
                    let which = random.below(3);
                    let id = format!("d{which}");
                    if random.below(3) == 0 {
                        balance[which] -= i64::from(store.remove(&id).unwrap().is_some());
                    } else {
                        let text = text(10_000 * (thread as u64 + 1) + n, 60);
                        balance[which] += i64::from(add(&*store, &id, &text, "").status == Status::New);
                    }
                }
                balance
            })
        };
        let threads: Vec<_> = (0..6).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let store = replicas[0].get("c").unwrap();
    for which in 0..3 {
        let there = i64::from(store.get(&format!("d{which}"), "").unwrap().is_some());
        assert_eq!(balances.iter().map(|balance| balance[which]).sum::<i64>(), there);
    }
    database.verify();
}

#[test]
fn a_stream_that_does_not_wait_is_answered_as_if_it_had() {
    let Some(database) = Database::start() else { return };
    let stores = open(&database);
    let store = collection(&stores, "c");
    let texts: Vec<String> = (0..300).map(|n| text(n % 100, 200 + n as usize % 7)).collect();
    let replies: Vec<Reply> = (0..300).map(|n| store.add(&arrival(&format!("d{n}"), &texts[n]), "").unwrap()).collect();
    for (n, reply) in replies.into_iter().enumerate() {
        let answer = reply.wait().unwrap();
        let status = if n < 100 { Status::New } else { Status::Copy };
        assert_eq!((answer.status, answer.id), (status, format!("d{n}")));
    }
    let again: Vec<Reply> = (0..40).map(|n| store.add(&arrival("same", &text(5000 + n, 80)), "").unwrap()).collect();
    let statuses: Vec<Status> = again.into_iter().map(|reply| reply.wait().unwrap().status).collect();
    assert_eq!((statuses[0], statuses[1..].iter().all(|it| *it == Status::Updated)), (Status::New, true));
    assert_eq!(store.get("same", "").unwrap().unwrap().text, text(5039, 80));
    assert_eq!(store.counts().unwrap().documents, 101);
    database.verify();
}

#[test]
fn processes_that_start_together_make_the_tables_once() {
    let Some(database) = Database::start() else { return };
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6)
            .map(|n| {
                let database = &database;
                scope.spawn(move || {
                    let stores = open(database);
                    let made = stores.create("shared", &Settings::default()).unwrap();
                    stores.create(&format!("own-{n}"), &Settings::default()).unwrap();
                    made
                })
            })
            .collect();
        let made = starts.into_iter().map(|it| it.join().unwrap()).filter(|made| *made).count();
        assert_eq!(made, 1);
    });
    let stores = open(&database);
    assert_eq!(stores.list().unwrap(), ["own-0", "own-1", "own-2", "own-3", "own-4", "own-5", "shared"]);
    let other = stores.create("shared", &Settings { radius: 5, ..Settings::default() }).unwrap_err();
    assert_eq!(other.code(), Code::OtherSettings);
    database.ask("UPDATE taoxi_schema SET version = 99");
    let newer = Postgres::open(&database.url(), Options::default()).unwrap_err();
    assert_eq!(newer.code(), Code::OtherVersion);
}

#[test]
fn a_collection_that_one_replica_forgets_is_gone_for_all_and_its_name_is_free() {
    let Some(database) = Database::start() else { return };
    let replicas = [open(&database), open(&database)];
    let mine = collection(&replicas[0], "c");
    let theirs = replicas[1].get("c").unwrap();
    (0..300).for_each(|n| drop(add(&*mine, &format!("d{n}"), &text(n, 60), "")));
    assert!(replicas[0].remove("c").unwrap() && !replicas[0].remove("c").unwrap());
    for error in [
        theirs.add(&arrival("x", &text(7, 60)), "").and_then(Reply::wait).unwrap_err(),
        theirs.check(&arrival("x", &text(7, 60)), "").and_then(Reply::wait).unwrap_err(),
        theirs.counts().unwrap_err(),
        theirs.remove("d1").unwrap_err(),
        replicas[1].get("c").map(drop).unwrap_err(),
    ] {
        assert_eq!(error, IndexError::NoCollection("c".to_owned()));
    }
    let made = collection(&replicas[1], "c");
    assert_eq!(add(&*made, "d1", &text(1, 60), "").status, Status::New);
    assert_eq!(made.counts().unwrap().documents, 1);
    common::service::until(std::time::Duration::from_secs(30), || {
        database.ask("SELECT count(*) FROM taoxi_documents") == "1"
            && database.ask("SELECT count(*) FROM taoxi_forgotten") == "0"
    });
    database.verify();
}

#[test]
fn documents_that_were_given_out_are_taken_back_as_they_were() {
    let Some(database) = Database::start() else { return };
    let disk = Simulated::new(3);
    let on_disk = Collection::open("c", Settings::default(), disk.disk(), Options::default()).unwrap();
    for n in 0..60 {
        drop(on_disk.add(&arrival(&format!("d{n}"), &text(n, 100)), "").unwrap().wait().unwrap());
    }
    let stores = open(&database);
    let store = collection(&stores, "c");
    let all = |store: &dyn Store| {
        let mut all: Vec<StoredDocument> = Vec::new();
        store
            .each(&mut |document| {
                all.push(document);
                Ok(())
            })
            .unwrap();
        all
    };
    let given = all(&on_disk);
    for _ in 0..2 {
        let commits: Vec<_> = given.iter().map(|it| store.restore(it.clone()).unwrap()).collect();
        for commit in commits {
            commit.wait().unwrap();
        }
        assert_eq!(all(&*store), given);
    }
    let changed = StoredDocument { text: text(999, 90), ..given[0].clone() };
    store.restore(changed.clone()).unwrap().wait().unwrap();
    assert_eq!(store.get("d0", "").unwrap(), Some(changed));
    assert_eq!((store.counts().unwrap().documents, add(&*store, "copy", &text(7, 100), "").status), (60, Status::Copy));
    assert!(store.remove("d0").unwrap().is_some() && store.get("d0", "").unwrap().is_none());
    store.compact().unwrap();
    database.verify();
}

#[test]
fn while_the_database_is_away_that_is_said_and_afterwards_all_is_there() {
    let Some(mut database) = Database::durable() else { return };
    let stores = open(&database);
    let store = collection(&stores, "c");
    assert_eq!(stores.ready(), Ok(()));
    for n in 0..20 {
        assert_eq!(add(&*store, &format!("d{n}"), &text(n, 80), "").status, Status::New);
    }
    database.stop();
    let errors = [
        store.add(&arrival("x", &text(500, 80)), "").and_then(Reply::wait).map(drop),
        store.check(&arrival("x", &text(500, 80)), "").and_then(Reply::wait).map(drop),
        store.get("d1", "").map(drop),
        store.remove("d1").map(drop),
        stores.ready(),
        stores.list().map(drop),
    ];
    for error in errors {
        assert_eq!(error.map_err(|error| error.code()), Err(Code::StoreAway));
    }
    database.again();
    common::service::until(std::time::Duration::from_secs(20), || stores.ready().is_ok());
    assert!((0..20).all(|n| store.get(&format!("d{n}"), "").unwrap().is_some_and(|it| it.text == text(n, 80))));
    assert_eq!(add(&*store, "x", &text(500, 80), "").status, Status::New);
    database.verify();
}

#[test]
fn urls_that_are_none_and_users_that_may_not_are_named() {
    for url in ["", "mysql://localhost/x", "postgres://localhost:port/x", "postgres://?nonsense=1"] {
        let error = Postgres::open(url, Options::default()).unwrap_err();
        assert_eq!(error.code(), Code::BadConfig, "{url}: {error}");
    }
    let Some(database) = Database::start() else { return };
    database.ask("CREATE ROLE stranger LOGIN");
    let url = database.url().replace("taoxi@", "stranger:hunter2@");
    let error = Postgres::open(&url, Options::default()).unwrap_err();
    assert_eq!(error.code(), Code::StoreRefused);
    assert!(error.to_string().contains("permission denied") && !error.to_string().contains("hunter2"), "{error}");
}
