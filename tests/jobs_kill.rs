//! Jobs of a service that is stopped or killed: nothing that was acknowledged is lost, and what was finished is not done again.

#![cfg(all(feature = "server", unix))]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Instant, SystemTime};

use common::jobs::{DEADLINE, done, learn, open, read, send, until, wait_for};
use common::made::{RESULTS, corpus, dedupe_into, file, jsonl, plain};
use taoxi::jobs::{Jobs, State};

/// Where the service of the child process keeps its data, and the archive that it sends itself.
const DATA: &str = "JOBS_KILL_DATA";
const ARCHIVE: &str = "JOBS_KILL_ARCHIVE";

/// The service in a process of its own: sends itself an archive, says which job it became, and works until it is killed.
#[test]
#[ignore = "started by the other tests, to be killed"]
fn child() {
    let [data, archive] = [DATA, ARCHIVE].map(|name| PathBuf::from(std::env::var_os(name).expect("given")));
    let jobs = open(&data);
    let job = send(&jobs, "a.jsonl", &fs::read(archive).expect("reads"), &[("no_clean", "true")]).expect("sent");
    println!("\njob {}", job.job);
    done(&jobs, &job.job);
    println!("\ndone");
    // Killed here at the latest, when the other end is closed.
    let _ = std::io::stdin().lines().count();
}

struct Service {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Service {
    fn start(data: &Path, archive: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this test"));
        command.args(["--exact", "child", "--ignored", "--nocapture"]).env(DATA, data).env(ARCHIVE, archive);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("starts");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, said }
    }

    /// The id of the job that it acknowledged.
    fn job(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.said.read_line(&mut line).expect("reads") > 0, "the child ended");
            if let Some(id) = line.trim().strip_prefix("job ") {
                return id.to_owned();
            }
        }
    }

    /// SIGKILL.
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

/// An archive, and what an undisturbed run gives.
fn archive(folder: &Path, documents: usize) -> (PathBuf, BTreeMap<&'static str, Vec<u8>>) {
    let path = file(folder, "a.jsonl", jsonl(&corpus(9, documents)));
    let whole = dedupe_into(&folder.join("whole"), &[plain(&path), "--no-clean"]).bytes;
    (path, whole)
}

fn changed(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a time")
}

#[test]
fn a_job_that_runs_when_the_process_is_killed_goes_on_from_the_finished_stage() {
    let folder = tempfile::tempdir().expect("a folder");
    let (archive, whole) = archive(folder.path(), 3000);
    for attempt in 0..20 {
        let data = folder.path().join(format!("data-{attempt}"));
        let mut service = Service::start(&data, &archive);
        let id = service.job();
        let scratch = data.join("jobs").join(&id).join("files/.taoxi-dedupe");
        until("the first stage ends", || {
            scratch.join("wash.finished").exists() || scratch.with_file_name("summary.json").exists()
        });
        service.kill();
        let (texts, witness) = (scratch.join("texts"), folder.path().join("witness"));
        // Killed too late, there is nothing to go on from.
        if !scratch.join("wash.finished").exists() {
            continue;
        }
        fs::hard_link(&texts, &witness).expect("linked");
        let before = changed(&witness);
        let jobs = open(&data);
        let job = done(&jobs, &id);
        assert_eq!(changed(&witness), before, "the texts were washed again");
        for name in RESULTS {
            assert!(read(&jobs, &id, name) == whole[name], "{name} differs");
        }
        assert_eq!(job.counts.expect("counts").documents, 3000);
        assert!(!scratch.exists());
        return;
    }
    panic!("never killed in time");
}

#[test]
fn a_job_that_was_acknowledged_survives_a_kill_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (archive, whole) = archive(folder.path(), 300);
    let data = folder.path().join("data");
    let ids: Vec<String> = (0..8)
        .map(|_| {
            let mut service = Service::start(&data, &archive);
            let id = service.job();
            service.kill();
            id
        })
        .collect();
    let jobs = open(&data);
    for id in &ids {
        done(&jobs, id);
        assert!(read(&jobs, id, "kept.ndjson") == whole["kept.ndjson"], "{id}");
    }
    assert_eq!(jobs.list(None, 100).expect("lists").jobs.len(), 8);
}

#[test]
fn a_service_that_closes_stops_its_jobs_within_seconds_and_the_next_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (archive, whole) = archive(folder.path(), 3000);
    let bytes = fs::read(&archive).expect("reads");
    let data = folder.path().join("data");
    let mut jobs = open(&data);
    let ids: Vec<String> =
        (0..3).map(|_| send(&jobs, "a.jsonl", &bytes, &[("no_clean", "true")]).expect("sent").job).collect();
    for stage in ["wash", "compare"] {
        wait_for(&jobs, &ids[0], |job| job.stage.as_deref() == Some(stage) || job.state.is_final());
        let began = Instant::now();
        jobs.close();
        let took = began.elapsed();
        println!("closed in {took:?} in the stage {stage}");
        assert!(took.as_secs() < 5, "closing took {took:?}");
        assert!(took < DEADLINE);
        drop(jobs);
        jobs = open(&data);
        let states: Vec<State> = ids.iter().map(|id| jobs.get(id).expect("there").state).collect();
        assert!(states[1..].iter().all(|state| *state == State::Queued), "{states:?}");
    }
    for id in &ids {
        done(&jobs, id);
        for name in RESULTS {
            assert!(read(&jobs, id, name) == whole[name], "{name} differs");
        }
    }
}

#[test]
fn a_learning_job_whose_service_closes_is_run_again_from_what_was_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes: Vec<u8> = (0..600)
        .flat_map(|n| {
            let text =
                format!("首页 > 第{n}条\n这一篇说的是第{n}件事，第{}回里没有说过。\n浏览次数：{}\n", n * 7, n * 31);
            let line = serde_json::json!({"id": n.to_string(), "url": "https://www.example.com/a", "text": text});
            format!("{line}\n").into_bytes()
        })
        .collect();
    let data = folder.path().join("data");
    let send = |jobs: &Jobs| learn(jobs, "pages.jsonl", &bytes).expect("sent").job;
    let jobs = open(&data);
    let whole = send(&jobs);
    done(&jobs, &whole);
    let again = send(&jobs);
    wait_for(&jobs, &again, |job| job.state != State::Queued);
    jobs.close();
    drop(jobs);
    let jobs = open(&data);
    done(&jobs, &again);
    let rules = read(&jobs, &again, "rules.ndjson");
    assert!(!rules.is_empty() && rules == read(&jobs, &whole, "rules.ndjson"));
}
