//! Collections: what arrives, what it is, and what is left after closing, deleting, compacting.

#![allow(clippy::unwrap_used, clippy::panic)] // what fails here fails the test

use std::sync::Arc;

use taoxi::dedup::Kind;
use taoxi::document::Document;
use taoxi::index::storage::{Disk, Storage};
use taoxi::index::{
    Arrival, Collection, IndexError, Options, Settings, Status, Store, backup, rebuild, repair, verify,
};
use taoxi::{Cleaner, Options as CleanOptions};

fn arrival(id: &str, text: &str) -> Arrival {
    static CLEANER: std::sync::LazyLock<Cleaner> =
        std::sync::LazyLock::new(|| Cleaner::new(Arc::new(taoxi::rules::load(None).unwrap())));
    let cleaned = CLEANER.read(Document::from_text(id, text), &CleanOptions::default()).unwrap();
    Arrival { cleaned, url: Some(format!("https://example.com/{id}")), date: None }
}

/// A text of its own: `n` decides every character.
fn text(n: u64, chars: usize) -> String {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..chars)
        .map(|at| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            if at % 20 == 19 { '。' } else { char::from_u32(0x4e00 + (state % 3000) as u32).unwrap() }
        })
        .collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn disk(&self) -> Arc<dyn Storage> {
        Arc::new(Disk::new(self.0.path()))
    }

    fn open(&self) -> Collection {
        let options = Options { segment_bytes: 20_000, snapshot_bytes: 1 << 40, ..Options::default() };
        Collection::open("t", Settings::default(), self.disk(), options).unwrap()
    }
}

fn add(collection: &Collection, id: &str, text: &str) -> Status {
    collection.add(&arrival(id, text), "").unwrap().wait().unwrap().status
}

#[test]
fn a_copy_is_found_after_closing_and_opening() {
    let folder = Folder::new();
    let full = text(1, 900);
    {
        let collection = folder.open();
        assert_eq!(add(&collection, "full", &full), Status::New);
        assert_eq!(add(&collection, "other", &text(2, 500)), Status::New);
        assert_eq!(add(&collection, "full", &full), Status::Unchanged);
    }
    let collection = folder.open();
    let half: String = full.chars().take(500).collect();
    let answer = collection.check(&arrival("half", &half), "").unwrap().wait().unwrap();
    assert_eq!((answer.status, answer.relations.len()), (Status::Copy, 1));
    let relation = &answer.relations[0];
    assert_eq!((relation.kind, &*relation.a, &*relation.b), (Kind::Truncated, "half", "full"));
    assert_eq!(add(&collection, "same", &full), Status::Copy);
    let stored = collection.get("full", "").unwrap().unwrap();
    assert_eq!((stored.text, stored.url.as_deref()), (full, Some("https://example.com/full")));
    assert_eq!(collection.get("same", "").unwrap(), None);
    assert_eq!(collection.counts().unwrap().documents, 2);
}

#[test]
fn a_fuller_text_supersedes_its_truncated_copy() {
    let folder = Folder::new();
    let collection = folder.open();
    let full = text(3, 900);
    let half: String = full.chars().take(500).collect();
    assert_eq!(add(&collection, "half", &half), Status::New);
    let answer = collection.add(&arrival("full", &full), "").unwrap().wait().unwrap();
    assert_eq!((answer.status, answer.supersedes), (Status::New, vec!["half".to_owned()]));
    assert_eq!(collection.get("full", "").unwrap().unwrap().supersedes, ["half"]);
}

#[test]
fn a_page_of_several_stored_texts_holds_parts() {
    let folder = Folder::new();
    let collection = folder.open();
    let (x, y, z) = (text(4, 500), text(5, 480), text(6, 520));
    assert_eq!((add(&collection, "x", &x), add(&collection, "y", &y)), (Status::New, Status::New));
    let all = format!("{x}\n{y}\n{z}");
    let answer = collection.add(&arrival("all", &all), "").unwrap().wait().unwrap();
    let kinds: Vec<Kind> = answer.relations.iter().map(|relation| relation.kind).collect();
    assert_eq!((answer.status, kinds, answer.supersedes.len()), (Status::New, vec![Kind::Part, Kind::Part], 0));
    // What else it holds is part of it too.
    assert_eq!(add(&collection, "z", &z), Status::New);
}

#[test]
fn what_is_updated_or_removed_is_no_longer_found() {
    let folder = Folder::new();
    let (old, new) = (text(7, 600), text(8, 600));
    {
        let collection = folder.open();
        assert_eq!(add(&collection, "a", &old), Status::New);
        assert_eq!(add(&collection, "a", &new), Status::Updated);
        assert_eq!(add(&collection, "b", &old), Status::New);
        assert_eq!(add(&collection, "c", &new), Status::Copy);
        collection.remove("a").unwrap().unwrap().wait().unwrap();
        assert!(collection.remove("a").unwrap().is_none());
        assert_eq!(add(&collection, "c", &new), Status::New);
    }
    let collection = folder.open();
    assert_eq!(collection.get("a", "").unwrap(), None);
    assert_eq!((add(&collection, "d", &new), add(&collection, "e", &old)), (Status::Copy, Status::Copy));
    assert_eq!(collection.counts().unwrap().documents, 2);
}

#[test]
fn compaction_takes_removed_texts_off_the_disk() {
    let folder = Folder::new();
    let collection = folder.open();
    for n in 0..60 {
        assert_eq!(add(&collection, &format!("d{n}"), &text(100 + n, 300)), Status::New);
    }
    for n in (0..60).step_by(2) {
        collection.remove(&format!("d{n}")).unwrap().unwrap().wait().unwrap();
    }
    let before = collection.counts().unwrap().disk;
    let freed = collection.compact().unwrap();
    assert!(freed > before / 3, "{freed} of {before}");
    let check = |collection: &Collection| {
        for n in 0..60 {
            let document = collection.get(&format!("d{n}"), "").unwrap();
            assert_eq!(document.map(|it| it.text), (n % 2 == 1).then(|| text(100 + n, 300)));
            let answer = collection.check(&arrival("?", &text(100 + n, 300)), "").unwrap().wait().unwrap();
            assert_eq!(answer.status == Status::Copy, n % 2 == 1);
        }
    };
    check(&collection);
    assert_eq!(collection.compact().unwrap(), 0);
    drop(collection);
    check(&folder.open());
    let report = verify(&*folder.disk()).unwrap();
    assert_eq!((report.documents, report.damages.len(), report.torn), (30, 0, 0));
    let copied = Folder::new();
    backup(&*folder.disk(), &*copied.disk()).unwrap();
    check(&copied.open());
    assert_eq!(rebuild(&*copied.disk()).unwrap(), 30);
    check(&copied.open());
}

#[test]
fn documents_of_a_crawl_wait_until_it_is_committed() {
    let folder = Folder::new();
    let (a, b, c) = (text(20, 400), text(21, 400), text(22, 400));
    {
        let collection = folder.open();
        assert_eq!(add(&collection, "a", &a), Status::New);
        let crawl = |id: &str, text: &str| collection.add(&arrival(id, text), "may").unwrap().wait().unwrap().status;
        assert_eq!((crawl("a", &b), crawl("x", &c), crawl("y", &c)), (Status::Updated, Status::New, Status::Copy));
        let other = |id: &str, text: &str| collection.add(&arrival(id, text), "june").unwrap().wait().unwrap().status;
        assert_eq!((other("z", &c), other("y", &a)), (Status::New, Status::Copy));
        assert_eq!(collection.get("a", "").unwrap().unwrap().text, a);
        assert_eq!(collection.get("a", "may").unwrap().unwrap().text, b);
        assert_eq!(collection.crawls().unwrap(), [("june".to_owned(), 1), ("may".to_owned(), 2)]);
    }
    {
        let collection = folder.open();
        assert_eq!(collection.counts().unwrap().documents, 1);
        assert_eq!(collection.commit_crawl("may").unwrap(), 2);
        assert_eq!(collection.roll_back_crawl("june").unwrap(), 1);
        assert_eq!(collection.commit_crawl("june"), Err(IndexError::NoCrawl("june".to_owned())));
    }
    let collection = folder.open();
    assert_eq!(collection.get("a", "").unwrap().unwrap().text, b);
    assert_eq!((add(&collection, "q", &a), add(&collection, "r", &c)), (Status::New, Status::Copy));
    assert_eq!(collection.counts().unwrap().documents, 3);
}

#[test]
fn of_two_hundred_copies_at_a_time_one_is_new() {
    for different in [false, true] {
        let folder = Folder::new();
        let collection = folder.open();
        let base: Vec<char> = text(30, 600).chars().collect();
        let gate = std::sync::Barrier::new(200);
        let statuses: Vec<Status> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..200)
                .map(|n: usize| {
                    let (collection, gate, mut text) = (&collection, &gate, base.clone());
                    scope.spawn(move || {
                        if different {
                            text[3 * n] = '变';
                        }
                        let arrival = arrival(&format!("n{n}"), &text.iter().collect::<String>());
                        gate.wait();
                        collection.add(&arrival, "").unwrap().wait().unwrap().status
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == Status::New).count(), 1);
        assert_eq!(collection.counts().unwrap().documents, 1);
    }
}

#[test]
fn a_torn_tail_is_cut_and_a_damaged_middle_is_refused() {
    let folder = Folder::new();
    let collection = folder.open();
    for n in 0..5 {
        add(&collection, &format!("d{n}"), &text(200 + n, 300));
    }
    drop(collection);
    let path = folder.0.path().join("log-00000001");
    let whole = std::fs::read(&path).unwrap();
    for cut in [1, 100, 900] {
        std::fs::write(&path, &whole[..whole.len() - cut]).unwrap();
        let collection = folder.open();
        assert_eq!(collection.counts().unwrap().documents, 4, "{cut} bytes cut");
        drop(collection);
    }
    let mut damaged = whole.clone();
    damaged[2000] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let error = Collection::open("t", Settings::default(), folder.disk(), Options::default()).err().unwrap();
    let IndexError::Corrupt { file, offset, .. } = &error else { panic!("{error}") };
    assert!(file.ends_with("log-00000001") && (32..2000).contains(offset), "{error}");
    let report = repair(&*folder.disk()).unwrap();
    assert_eq!(report.damages.len(), 1);
    assert_eq!(folder.open().counts().unwrap().documents, 4);
    assert!(folder.0.path().join("damaged-log-00000001-0").is_file());
}

#[test]
fn a_snapshot_gives_what_the_log_gives() {
    let folder = Folder::new();
    let collection = folder.open();
    for n in 0..3000 {
        collection.add(&arrival(&format!("d{n}"), &text(1000 + n, 500)), "").unwrap().commit.then(|_| ());
    }
    collection.remove("d5").unwrap().unwrap().wait().unwrap();
    collection.add(&arrival("w", &text(7000, 300)), "crawl").unwrap().wait().unwrap();
    collection.close().unwrap();
    assert!(folder.0.path().join("snapshot").is_file());
    let check = |collection: &Collection| {
        assert_eq!(collection.counts().unwrap().documents, 2999);
        assert_eq!(collection.crawls().unwrap(), [("crawl".to_owned(), 1)]);
        for n in [0, 5, 77, 2999] {
            let status = collection.check(&arrival("?", &text(1000 + n, 480)), "").unwrap().wait().unwrap().status;
            assert_eq!(status, if n == 5 { Status::New } else { Status::Copy });
        }
    };
    let with = folder.open();
    check(&with);
    with.add(&arrival("late", &text(9000, 500)), "").unwrap().wait().unwrap();
    with.remove("late").unwrap().unwrap().wait().unwrap();
    let memory = with.counts().unwrap();
    drop(with);
    std::fs::remove_file(folder.0.path().join("snapshot")).unwrap();
    let without = folder.open();
    check(&without);
    assert_eq!(without.counts().unwrap().postings, memory.postings);
}

#[test]
fn a_snapshot_is_not_believed_beside_files_of_another_history() {
    let (folder, other) = (Folder::new(), Folder::new());
    for (folder, first, count) in [(&folder, 1000, 2500), (&other, 5000, 3000)] {
        let collection = folder.open();
        for n in 0..count {
            collection.add(&arrival(&format!("d{n}"), &text(first + n, 500)), "").unwrap().commit.then(|_| ());
        }
        collection.close().unwrap();
        assert!(folder.0.path().join("snapshot").is_file());
    }
    for file in std::fs::read_dir(other.0.path()).unwrap().map(|file| file.unwrap()) {
        if file.file_name().to_str().unwrap().starts_with("log-") {
            std::fs::copy(file.path(), folder.0.path().join(file.file_name())).unwrap();
        }
    }
    let collection = folder.open();
    assert_eq!(collection.counts().unwrap().documents, 3000);
    let status = |n| collection.check(&arrival("?", &text(n, 480)), "").unwrap().wait().unwrap().status;
    assert_eq!([status(1007), status(5007), status(7999)], [Status::New, Status::Copy, Status::Copy]);
}
