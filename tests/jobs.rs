//! Jobs of the service: received, queued, run, cancelled, kept for a while; without HTTP.

#![cfg(feature = "server")]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use common::jobs::{DEADLINE, done, open, options, read, send, settings, try_open, until, wait_for};
use common::made::{RESULTS, corpus, dedupe_into, file, jsonl, plain};
use taoxi::clock::Moment;
use taoxi::error::{Code, Coded, Fault};
use taoxi::jobs::{Answer, Begun, Export, Job, JobError, Jobs, Removed, Settings, State, Submission};
use taoxi::records::Records;

/// A few documents.
fn small() -> Vec<u8> {
    jsonl(&corpus(1, 40)).into_bytes()
}

/// An export that tells when it begins, and goes on when it is let or the job is stopped.
fn gate() -> (Export, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (began, begins) = mpsc::channel();
    let (open, opened) = mpsc::channel::<()>();
    let (began, opened) = (Mutex::new(began), Mutex::new(opened));
    let export: Export = Box::new(move |_, path, stop| {
        began.lock().expect("unshared").send(()).expect("heard");
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(Fault::new(Code::Stopped, "stopped"));
            }
            if opened.lock().expect("unshared").recv_timeout(Duration::from_millis(1)).is_ok() {
                fs::write(path, "").expect("written");
                return Ok(());
            }
        }
    });
    (export, begins, open)
}

fn folders(data: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(data.join("jobs"))
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.retain(|name| name != "jobs.redb");
    names
}

#[test]
fn a_job_gives_what_the_command_line_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = jsonl(&corpus(3, 300));
    let input = file(folder.path(), "crawl.jsonl", &bytes);
    let whole = dedupe_into(&folder.path().join("whole"), &[plain(&input), "--keep", "cleanest", "--no-clean"]);
    let jobs = open(&folder.path().join("data"));
    let sent =
        send(&jobs, "crawl.jsonl", bytes.as_bytes(), &[("keep", "cleanest"), ("no_clean", "true")]).expect("sent");
    assert_eq!((sent.state, sent.bytes, sent.name.as_str()), (State::Queued, bytes.len() as u64, "crawl.jsonl"));
    let job = done(&jobs, &sent.job);
    for name in RESULTS {
        assert!(read(&jobs, &job.job, name) == whole.bytes[name], "{name} differs");
    }
    let counts = job.counts.expect("counts");
    assert_eq!((counts.documents, counts.failed), (300, 0));
    assert_eq!(counts.kept, whole.kept().len() as u64);
    assert_eq!(counts.kept + counts.copies, 300);
    assert!(job.started >= Some(job.created) && job.finished >= job.started && job.expires > job.finished);
    until("the archive goes", || !folder.path().join("data/jobs").join(&job.job).join("input").exists());
}

#[test]
fn other_files_are_written_when_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    for (pairs, expected) in [
        (&[("compress", "zst")][..], "documents.ndjson.zst relations.ndjson.zst kept.ndjson.zst summary.json run.json"),
        (
            &[("write", "jsonl"), ("compress", "zst")],
            "documents.ndjson.zst relations.ndjson.zst kept.ndjson.zst kept.jsonl.zst summary.json run.json",
        ),
        (&[("write", "warc")], "documents.ndjson relations.ndjson kept.ndjson kept.warc.gz summary.json run.json"),
        #[cfg(feature = "parquet")]
        (&[("write", "parquet")], "documents.ndjson relations.ndjson kept.ndjson kept.parquet summary.json run.json"),
    ] {
        let job = send(&jobs, "a.jsonl", &small(), pairs).expect("sent").job;
        done(&jobs, &job);
        let files = jobs.files(&job).expect("files");
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        assert_eq!(names.join(" "), expected);
        assert!(files.iter().all(|file| file.bytes == read(&jobs, &job, file.name).len() as u64));
    }
}

#[test]
fn a_compressed_archive_without_a_name_is_read_as_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    let mut upload = jobs.upload(None).expect("begun");
    upload.write(&zstd::encode_all(&small()[..], 1).expect("packed")).expect("written");
    let job = upload.finish(Submission::default(), None).expect("sent");
    assert_eq!(job.name, "upload.jsonl.zst");
    assert_eq!(done(&jobs, &job.job).counts.expect("counts").documents, 40);
}

#[test]
fn documents_of_a_collection_are_compared_with_and_not_given_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let set = small();
    let export: Export = Box::new(move |name, path, _| {
        assert_eq!(name, "news");
        fs::write(path, &set).map_err(|error| Fault::new(Code::Unwritable, error.to_string()))
    });
    let jobs = try_open(folder.path(), settings(), Some(export)).expect("opens");
    let job = send(&jobs, "a.jsonl", &small(), &[("collection", "news")]).expect("sent").job;
    let counts = done(&jobs, &job).counts.expect("counts");
    assert_eq!((counts.kept, counts.copies), (0, counts.documents));
    let plain = open(&folder.path().join("other"));
    let error = send(&plain, "a.jsonl", &small(), &[("collection", "news")]).expect_err("no collections");
    assert_eq!(error.code(), Code::BadRequest);
}

#[test]
fn jobs_wait_in_the_order_they_came_and_no_more_than_may() {
    let folder = tempfile::tempdir().expect("a folder");
    let (export, begins, open) = gate();
    let jobs = try_open(folder.path(), Settings { queue: 3, ..settings() }, Some(export)).expect("opens");
    let send = || send(&jobs, "a.jsonl", &small(), &[("collection", "x")]);
    let first = send().expect("sent").job;
    begins.recv_timeout(DEADLINE).expect("runs");
    assert_eq!(jobs.get(&first).expect("there").state, State::Running);
    let waiting: Vec<String> = (0..2).map(|_| send().expect("sent").job).collect();
    let upload = jobs.upload(None).expect("one more place");
    assert!(matches!(send(), Err(JobError::QueueFull { queue: 3 })), "the upload keeps a place");
    drop(upload);
    let last = send().expect("a place again").job;
    assert_eq!(jobs.counts(), (3, 1));

    let Removed::Cancelled(cancelled) = jobs.remove(&waiting[0]).expect("cancelled") else { panic!("it waited") };
    assert_eq!(cancelled.state, State::Cancelled);
    (0..3).for_each(|_| open.send(()).expect("open"));
    let started: Vec<_> = [&first, &waiting[1], &last].map(|job| done(&jobs, job).started).into();
    assert!(started.is_sorted(), "{started:?}");
    assert_eq!(jobs.get(&waiting[0]).expect("there").state, State::Cancelled);
    assert!(!folders(folder.path()).contains(&waiting[0]));
}

#[test]
fn several_workers_run_as_many_jobs() {
    let folder = tempfile::tempdir().expect("a folder");
    let (export, begins, open) = gate();
    let jobs = try_open(folder.path(), Settings { workers: 3, ..settings() }, Some(export)).expect("opens");
    let sent: Vec<_> =
        (0..4).map(|_| send(&jobs, "a.jsonl", &small(), &[("collection", "x")]).expect("sent").job).collect();
    (0..3).for_each(|_| begins.recv_timeout(DEADLINE).expect("runs"));
    assert_eq!(jobs.counts(), (1, 3));
    (0..4).for_each(|_| open.send(()).expect("open"));
    for job in &sent {
        done(&jobs, job);
    }
}

#[test]
fn a_running_job_is_cancelled_and_then_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    let job = send(&jobs, "a.jsonl", jsonl(&corpus(5, 3000)).as_bytes(), &[]).expect("sent").job;
    let receiver = jobs.watch(&job).expect("there");
    wait_for(&jobs, &job, |job| job.stage.is_some());
    let Removed::Cancelled(cancelled) = jobs.remove(&job).expect("cancelled") else { panic!("it ran") };
    assert_eq!((cancelled.state, &cancelled.stage), (State::Cancelled, &None));
    assert_eq!(receiver.borrow().state, State::Cancelled);
    assert!(matches!(jobs.files(&job), Err(JobError::Unfinished { state: State::Cancelled, .. })));
    until("the folder goes", || !folders(folder.path()).contains(&job));
    assert_eq!(jobs.get(&job).expect("still listed").state, State::Cancelled);
    assert_eq!(jobs.remove(&job).expect("removed"), Removed::Gone);
    assert!(matches!(jobs.get(&job), Err(JobError::Unknown(_))));
    assert!(matches!(jobs.remove(&job), Err(JobError::Unknown(_))));
    // The worker is free for the next.
    done(&jobs, &send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job);
}

#[test]
fn a_finished_job_is_removed_with_its_results() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    let job = send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job;
    done(&jobs, &job);
    assert_eq!(jobs.remove(&job).expect("removed"), Removed::Gone);
    assert_eq!(folders(folder.path()), ["uploads"]);
    assert!(jobs.list(None, 10).expect("lists").jobs.is_empty());
}

#[test]
fn a_watcher_sees_the_last_state_and_then_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    let job = send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job;
    let mut early = jobs.watch(&job).expect("there");
    done(&jobs, &job);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for mut receiver in [early.clone(), jobs.watch(&job).expect("there")] {
        runtime.block_on(async { while receiver.changed().await.is_ok() {} });
        assert_eq!(receiver.borrow().state, State::Done);
    }
    assert_eq!(early.borrow_and_update().state, State::Done);
}

#[test]
fn finished_jobs_go_when_their_time_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Duration::from_millis(1);
    let jobs = try_open(folder.path(), Settings { keep, ..settings() }, None).expect("opens");
    let sent: Vec<_> = (0..3).map(|_| send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job).collect();
    until("jobs go", || sent.iter().all(|job| matches!(jobs.get(job), Err(JobError::Unknown(_)))));
    until("folders go", || folders(folder.path()) == ["uploads"]);
}

#[test]
fn jobs_that_ended_before_a_restart_go_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Duration::from_secs(1);
    let jobs = try_open(folder.path(), Settings { keep, ..settings() }, None).expect("opens");
    let job = send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job;
    done(&jobs, &job);
    drop(jobs);
    let jobs = open(folder.path());
    until("the job goes", || matches!(jobs.get(&job), Err(JobError::Unknown(_))));
}

#[test]
fn uploads_have_a_limit_and_nothing_is_left_of_one_that_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = try_open(folder.path(), Settings { upload_bytes: 1000, ..settings() }, None).expect("opens");
    let uploads = || fs::read_dir(folder.path().join("jobs/uploads")).expect("lists").count();
    assert!(matches!(jobs.upload(Some(1001)), Err(JobError::TooLarge { limit: 1000 })));
    let mut upload = jobs.upload(None).expect("begun");
    upload.write(&[b'a'; 1000]).expect("fits");
    assert_eq!(uploads(), 1);
    assert!(matches!(upload.write(b"a"), Err(JobError::TooLarge { limit: 1000 })));
    drop(upload);
    let empty = jobs.upload(None).expect("begun").finish(Submission::default(), None);
    assert_eq!(empty.expect_err("empty"), JobError::Empty);
    let mut unread = jobs.upload(None).expect("begun");
    unread.write(b"Rar!\x1a\x07\x01\x00").expect("written");
    let unread = unread.finish(Submission::default(), None).expect_err("not read");
    assert_eq!(unread.code(), Code::UnsupportedFormat);
    assert_eq!((uploads(), folders(folder.path())), (0, vec!["uploads".to_owned()]));
    assert!(jobs.list(None, 10).expect("lists").jobs.is_empty());
}

#[test]
fn what_a_killed_service_left_of_uploads_is_removed_at_start_and_strange_files_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()));
    file(folder.path(), "jobs/uploads/.tmpabc", "half of it");
    file(folder.path(), "jobs/0123456789abcdef0123/input/a.jsonl", "of no job");
    file(folder.path(), "jobs/mine/note.txt", "of somebody else");
    let _jobs = open(folder.path());
    assert_eq!(folders(folder.path()), ["mine", "uploads"]);
    assert_eq!(fs::read_dir(folder.path().join("jobs/uploads")).expect("lists").count(), 0);
}

#[test]
fn a_disk_with_too_little_room_is_named_before_anything_is_received() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = try_open(folder.path(), Settings { reserve: u64::MAX / 2, ..settings() }, None).expect("opens");
    let error = jobs.upload(None).expect_err("no room");
    assert_eq!((error.code(), error.code().status()), (Code::NoSpace, 507));
    let jobs = open(&folder.path().join("other"));
    let free = fs4::available_space(folder.path()).expect("told");
    let error = try_open(&folder.path().join("third"), Settings { upload_bytes: u64::MAX, ..settings() }, None)
        .expect("opens")
        .upload(Some(free.saturating_mul(2)))
        .expect_err("no room");
    assert_eq!(error.code(), Code::NoSpace);
    assert!(jobs.upload(Some(1000)).is_ok());
}

#[test]
fn options_that_cannot_be_met_are_refused_before_an_archive_is_received() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    for (name, value, code) in [
        ("profile", "none", Code::UnknownRule),
        ("without", "none", Code::UnknownRule),
        ("encoding", "klingon", Code::UnknownEncoding),
        ("fields", "txt=x", Code::BadRequest),
        ("radius", "7", Code::BadRequest),
        ("threads", "3", Code::BadRequest),
        ("memory", "99999999999", Code::BadRequest),
    ] {
        let error = jobs.check(&options(&[(name, value)])).expect_err(name);
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(jobs.check(&options(&[("radius", "0"), ("threads", "2"), ("profile", "keep")])), Ok(()));
}

#[test]
fn a_fault_of_the_program_fails_the_job_and_not_the_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let export: Export = Box::new(|_, _, _| panic!("an export that breaks"));
    let jobs = try_open(folder.path(), settings(), Some(export)).expect("opens");
    let job = send(&jobs, "a.jsonl", &small(), &[("collection", "x")]).expect("sent").job;
    let failed = wait_for(&jobs, &job, |job| job.state.is_final());
    let error = failed.error.expect("a fault");
    assert_eq!((failed.state, error.code.as_str()), (State::Failed, "internal"));
    assert!(!error.message.contains("an export that breaks"), "a panic may quote a document");
    done(&jobs, &send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job);
}

#[test]
fn an_export_that_fails_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let export: Export = Box::new(|name, _, _| Err(Fault::new(Code::BadRequest, format!("no collection {name}"))));
    let jobs = try_open(folder.path(), settings(), Some(export)).expect("opens");
    let job = send(&jobs, "a.jsonl", &small(), &[("collection", "x")]).expect("sent").job;
    let failed = wait_for(&jobs, &job, |job| job.state.is_final());
    assert_eq!(failed.error.expect("a fault").message, "no collection x");
    until("the folder goes", || folders(folder.path()) == ["uploads"]);
}

#[test]
fn only_result_files_are_opened_and_only_of_jobs_that_are_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let (export, begins, open) = gate();
    let jobs = try_open(folder.path(), settings(), Some(export)).expect("opens");
    let job = send(&jobs, "a.jsonl", &small(), &[("collection", "x")]).expect("sent").job;
    begins.recv_timeout(DEADLINE).expect("runs");
    let error = jobs.open_file(&job, "kept.ndjson").expect_err("runs still");
    assert_eq!((error.code(), error.code().status()), (Code::JobUnfinished, 409));
    open.send(()).expect("open");
    done(&jobs, &job);
    for name in [
        "", ".", "..", "../jobs.redb", "../input/a.jsonl", "/etc/passwd", "kept.ndjson/", "./kept.ndjson",
        "KEPT.NDJSON",
    ] {
        assert!(matches!(jobs.open_file(&job, name), Err(JobError::UnknownFile { .. })), "{name}");
    }
    for id in ["", "..", "uploads", "../jobs", "jobs.redb", &job[1..]] {
        assert!(matches!(jobs.files(id), Err(JobError::Unknown(_))), "{id}");
    }
}

#[test]
fn jobs_are_listed_the_newest_first_and_in_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = open(folder.path());
    let sent: Vec<_> = (0..5).map(|_| send(&jobs, "a.jsonl", &small(), &[]).expect("sent").job).collect();
    assert!(sent.is_sorted(), "later ids are greater");
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = jobs.list(before.as_deref(), 2).expect("lists");
        seen.extend(page.jobs.into_iter().map(|job| job.job));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen, sent);
}

#[test]
fn a_repeated_request_makes_no_second_job_whenever_the_service_is_restarted() {
    let folder = tempfile::tempdir().expect("a folder");
    let answer = |job: &Job| Answer::new(202, Vec::new(), job.job.clone().into_bytes());
    let send = |jobs: &Jobs, bytes: &[u8]| {
        let mut upload = jobs.upload(None).expect("begun");
        upload.write(bytes).expect("written");
        match jobs.idempotency().begin("key", &upload.digest(), Moment::now()).expect("asked") {
            Begun::New(claim) => Ok(upload.finish(Submission::default(), Some((claim, &answer))).expect("sent").job),
            Begun::Same(answer) => Ok(String::from_utf8(answer.body).expect("text")),
            other => Err(other),
        }
    };
    let jobs = open(folder.path());
    let first = send(&jobs, &small()).expect("new");
    assert_eq!(send(&jobs, &small()).expect("the same"), first);
    drop(jobs);
    let jobs = open(folder.path());
    assert_eq!(send(&jobs, &small()).expect("the same"), first);
    assert!(matches!(send(&jobs, b"another"), Err(Begun::Conflict)));
    assert_eq!(jobs.list(None, 10).expect("lists").jobs.len(), 1);
    assert_eq!(fs::read_dir(folder.path().join("jobs/uploads")).expect("lists").count(), 0);
}

#[test]
fn a_folder_that_another_service_uses_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let _jobs = open(folder.path());
    let error = try_open(folder.path(), settings(), None).expect_err("in use");
    assert_eq!(error.code(), Code::DataInUse);
    assert!(error.to_string().contains("jobs.redb"));
}

#[test]
fn damaged_records_are_named_with_the_file_and_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()));
    let path = folder.path().join("jobs/jobs.redb");
    let table = redb::TableDefinition::<&str, &[u8]>::new("jobs");
    let records = Records::open(&path, Duration::ZERO).expect("opens");
    records.write(|t| Ok(t.open_table(table)?.insert("ab", &b"{]"[..]).map(|_| ())?)).expect("written");
    drop(records);
    let error = try_open(folder.path(), settings(), None).expect_err("no job");
    assert_eq!(error.code(), Code::CorruptStore);
    assert!(error.to_string().contains("jobs.redb") && error.to_string().contains("`ab`"), "{error}");
    fs::write(&path, "no database at all, but long enough to be looked at closely").expect("written");
    let error = try_open(folder.path(), settings(), None).expect_err("no database");
    assert_eq!(error.code(), Code::CorruptStore);
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[test]
fn progress_goes_forward_and_names_its_stages() {
    let folder = tempfile::tempdir().expect("a folder");
    let jobs = Arc::new(open(folder.path()));
    let bytes = jsonl(&corpus(7, 2000));
    let job = send(&jobs, "a.jsonl", bytes.as_bytes(), &[]).expect("sent").job;
    let mut seen: Vec<Job> = Vec::new();
    wait_for(&jobs, &job, |job| {
        seen.push(job.clone());
        job.state.is_final()
    });
    let stages = ["wash", "candidates", "compare", "settle", "write"];
    let places: Vec<_> =
        seen.iter().filter_map(|job| stages.iter().position(|stage| Some(*stage) == job.stage.as_deref())).collect();
    assert!(places.is_sorted() && !places.is_empty(), "{places:?}");
    for job in seen.iter().filter(|job| job.state == State::Running && job.stage.is_some()) {
        assert!(job.unit.is_some() && job.total.is_none_or(|total| job.done <= total), "{job:?}");
    }
}
