//! Collections after things that are not a power cut alone: what was written anew, lost, damaged, or replaced in between.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // what fails here fails the test

mod common;

use std::io::ErrorKind;

use common::arriving::{arrival, ask, exact, text, within};
use common::simulated::{Fault, Simulated};
use taoxi::error::{Code, Coded as _};
use taoxi::index::storage::Storage;
use taoxi::index::{Catalog, Collection, IndexError, Options, Pending, Settings, Status, Store, repair, verify};

fn try_open(disk: &Simulated, snapshot_bytes: u64) -> Result<Collection, IndexError> {
    let options = Options { segment_bytes: 4000, snapshot_bytes, cache_bytes: 1 << 16 };
    Collection::open("c", Settings::default(), disk.disk(), options)
}

/// Opens a collection that takes no snapshots of its own.
fn open(disk: &Simulated) -> Collection {
    try_open(disk, u64::MAX).unwrap()
}

fn add(collection: &Collection, n: u64) -> Result<Status, IndexError> {
    let added = collection.add(&arrival(&format!("d{n}"), &text(n, 90)), "");
    added.and_then(Pending::wait).map(|answer| answer.status)
}

fn assert_there(collection: &Collection, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        assert_eq!(exact(&ask(collection, &text(n, 90), "")), [format!("d{n}")]);
    }
}

fn names(disk: &Simulated) -> Vec<String> {
    disk.list().unwrap()
}

/// Opens with snapshots until there is one of what is stored now.
fn with_snapshot(disk: &Simulated) {
    let collection = try_open(disk, 1).unwrap();
    add(&collection, 999).unwrap();
    while !names(disk).iter().any(|name| name == "snapshot") {
        std::thread::yield_now();
    }
    collection.close().unwrap();
}

#[test]
fn what_comes_after_a_compaction_is_there_though_a_snapshot_of_before_is() {
    let disk = Simulated::new(1);
    with_snapshot(&disk);
    let collection = open(&disk);
    (0..4).for_each(|n| assert_eq!(add(&collection, n).unwrap(), Status::New));
    collection.remove("d1").unwrap().unwrap().wait().unwrap();
    collection.compact().unwrap();
    drop(collection);
    // The old end of the log is written on, and files come after it.
    let collection = open(&disk);
    (10..40).for_each(|n| assert_eq!(add(&collection, n).unwrap(), Status::New));
    drop(collection);
    assert_there(&open(&disk), 10..40);
}

#[test]
fn a_write_over_two_files_that_failed_leaves_nothing_behind() {
    // The sync of the second file fails: the first one is on disk, and most of the second.
    for at in 1..14 {
        for seed in 0..6 {
            let disk = Simulated::new(seed);
            let collection = open(&disk);
            add(&collection, 0).unwrap();
            disk.hold();
            let begin = |n: u64| collection.add(&arrival(&format!("d{n}"), &text(n, 90)), "").unwrap();
            let mut pending = vec![begin(1)];
            disk.until_held();
            pending.extend((2..24).map(begin));
            disk.fail(Fault { at: at + 2, kind: ErrorKind::Other, lasts: false, writes: true });
            disk.release();
            let landed: Vec<bool> = pending.into_iter().map(|pending| pending.wait().is_ok()).collect();
            assert_eq!(add(&collection, 50).unwrap(), Status::New);
            let again = collection.add(&arrival("d51", &text(51, 90)), "").unwrap();
            let (disk, kept) = if seed % 2 == 0 {
                again.wait().unwrap();
                collection.close().unwrap();
                (disk, true)
            } else {
                (disk.power_cut(at), false)
            };
            drop(collection);
            let collection = open(&disk);
            for (n, landed) in (1..).zip(landed) {
                let found = collection.get(&format!("d{n}"), "").unwrap().map(|it| it.text);
                assert_eq!(found, landed.then(|| text(n, 90)), "d{n} at {at}, seed {seed}");
            }
            assert_there(&collection, [0, 50].into_iter().chain(kept.then_some(51)));
            assert!(verify(&disk).unwrap().damages.is_empty());
        }
    }
}

#[test]
fn damage_in_the_last_file_is_damage_after_a_compaction_too() {
    let disk = Simulated::new(1);
    let collection = open(&disk);
    (0..6).for_each(|n| assert_eq!(add(&collection, n).unwrap(), Status::New));
    collection.remove("d5").unwrap().unwrap().wait().unwrap();
    collection.compact().unwrap();
    drop(collection);
    let last = "log-00000001";
    disk.damage(last, |bytes| bytes[200] ^= 1);
    assert_eq!(try_open(&disk, u64::MAX).err().unwrap().code(), Code::CorruptIndex);
    assert_eq!(verify(&disk).unwrap().damages.len(), 1);
    repair(&disk).unwrap();
    assert_eq!(open(&disk).counts().unwrap().documents, 4);
}

#[test]
fn a_missing_file_is_damage_whichever_it_is() {
    for missing in [1, 2, 3] {
        let disk = Simulated::new(1);
        let collection = open(&disk);
        (0..40).for_each(|n| assert_eq!(add(&collection, n).unwrap(), Status::New));
        drop(collection);
        let name = format!("log-{missing:08}");
        disk.remove(&name).unwrap();
        let error = try_open(&disk, u64::MAX).err().unwrap();
        assert!(error.code() == Code::CorruptIndex && error.to_string().contains(&name), "{error}");
        let report = verify(&disk).unwrap();
        assert!(report.damages.len() == 1 && report.damages[0].file.contains(&name), "{report:?}");
        repair(&disk).unwrap();
        let left = open(&disk).counts().unwrap().documents;
        assert!((20..40).contains(&left), "{left}");
    }
}

#[test]
fn files_that_hold_all_they_should_are_not_written_anew() {
    let disk = Simulated::new(1);
    let collection = open(&disk);
    (0..40).for_each(|n| assert_eq!(add(&collection, n).unwrap(), Status::New));
    let before = disk.bytes("log-00000001").unwrap();
    collection.remove("d39").unwrap().unwrap().wait().unwrap();
    assert!(collection.compact().unwrap() > 0);
    assert_eq!(disk.bytes("log-00000001").unwrap(), before);
    assert_there(&collection, 0..39);
}

#[test]
fn what_was_lost_is_never_said_to_be_on_disk_however_late_one_asks() {
    let disk = Simulated::new(1);
    let collection = open(&disk);
    let mut late = Vec::new();
    for n in 0..150 {
        disk.fail(Fault { at: 1, kind: ErrorKind::StorageFull, lasts: false, writes: true });
        let lost = collection.add(&arrival(&format!("lost{n}"), &text(1000 + n, 60)), "").unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        // Another one that waits for it, so that it is known to be lost before one asks.
        let same = collection.check(&arrival("?", &text(1000 + n, 60)), "").unwrap();
        same.commit.then(move |outcome| drop(sender.send(outcome)));
        let _ = receiver.recv().unwrap();
        late.push(lost);
        disk.heal();
        add(&collection, n).unwrap();
    }
    for (n, lost) in late.into_iter().enumerate() {
        assert_eq!(lost.wait().unwrap_err().code(), Code::NoSpace);
        assert!(collection.get(&format!("lost{n}"), "").unwrap().is_none());
    }
}

#[test]
fn a_collection_made_anew_holds_nothing_of_the_one_that_was_removed() {
    within(60, || {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes: 3000, snapshot_bytes: 2000, cache_bytes: 0 };
        let catalog = Catalog::open(folder.path(), options).unwrap();
        for round in 0..20 {
            assert!(catalog.create("c", &Settings::default()).unwrap());
            let collection = catalog.get("c").unwrap();
            for n in 0..40 {
                let pending = collection.add(&arrival(&format!("d{n}"), &text(n, 90)), "").unwrap();
                pending.commit.then(|_| ());
            }
            std::thread::scope(|scope| {
                let compacting = scope.spawn(|| collection.compact());
                assert!(catalog.remove("c").unwrap());
                assert!(catalog.create("c", &Settings::default()).unwrap(), "round {round}");
                let _ = compacting.join().unwrap();
            });
            let files: Vec<_> =
                std::fs::read_dir(folder.path().join("c")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert_eq!(files.len(), 2, "{files:?}");
            assert_eq!(catalog.get("c").unwrap().counts().unwrap().documents, 0);
            assert!(catalog.remove("c").unwrap());
        }
    });
}
