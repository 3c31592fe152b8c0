//! A disk that is really full: reading goes on, writing says so, and goes on when there is room again.

#![cfg(all(target_os = "linux", feature = "server"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::Random;
use common::made::{prose, taoxi};
use common::service::{Answer, Service, request};
use serde_json::json;
use tempfile::TempDir;

const DOCUMENTS: &str = "/v1/collections/c/documents";

/// A small disk of its own, if this machine lets us make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("SKIPPED: no small disk can be mounted here (that takes root)");
        None
    }

    /// Takes all room that is left.
    fn fill(&self) {
        let mut file = File::options().create(true).append(true).open(self.0.join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: files of the service may still be open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn text(seed: u64) -> String {
    prose(&mut Random(seed), 400).trim_end().to_owned()
}

fn add(service: &Service, id: &str, text: &str) -> Answer {
    service.post_json(DOCUMENTS, &json!({"id": id, "text": text}))
}

/// The answer to a check, by which nothing is stored.
fn check(service: &Service, text: &str) -> String {
    let answer = service.post_json(&format!("{DOCUMENTS}?mode=check"), &json!({"text": text}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["status"].as_str().unwrap().to_owned()
}

fn is_full(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (507, "no_space"), "{what}: {}", answer.text());
}

/// Adds documents until one is refused; how many were acknowledged.
fn until_full(service: &Service, from: u64) -> u64 {
    for seed in from..from + 100 {
        let answer = add(service, &format!("d{seed}"), &text(seed));
        if answer.status != 200 {
            is_full(&answer, "adding");
            return seed;
        }
    }
    panic!("the disk is full and a hundred documents were stored");
}

fn all_there(service: &Service, documents: u64) {
    for seed in 0..documents {
        let stored = service.get(&format!("{DOCUMENTS}/d{seed}"));
        assert_eq!((stored.status, &stored.json()["text"]), (200, &json!(text(seed))), "d{seed}");
        assert_eq!(check(service, &text(seed)), "copy", "d{seed}");
    }
    assert_eq!(service.get(DOCUMENTS).lines().len() as u64, documents);
    assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], documents);
}

#[test]
fn a_full_disk_refuses_what_is_written_and_nothing_else() {
    let data: TempDir = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(data.path()) else { return };
    let mut service = Service::on(data, &[], &[]);
    let ask = |service: &Service, method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        service.connect().ask(&request(method, path, headers, body.as_bytes()))
    };
    assert_eq!(ask(&service, "PUT", "/v1/collections/c", &[], "").status, 201);
    for seed in 0..20 {
        assert_eq!(add(&service, &format!("d{seed}"), &text(seed)).status, 200);
    }
    let mut stored = 20;
    for round in 0..3 {
        disk.fill();
        stored = until_full(&service, stored);
        disk.fill();
        all_there(&service, stored);
        // What was refused is not there, and refuses nothing else.
        assert_eq!(check(&service, &text(stored)), "new");
        is_full(&add(&service, "again", &text(stored)), "adding");
        is_full(&add(&service, "d1", &text(9000)), "updating");
        is_full(&ask(&service, "PUT", &format!("/v1/collections/n{round}"), &[], ""), "making a collection");
        let line = |n: u64| json!({"id": format!("s{n}"), "text": text(5000 + n)}).to_string();
        let lines = (0..40).map(line).collect::<Vec<_>>().join("\n");
        let answers = service.post(DOCUMENTS, "application/x-ndjson", lines.as_bytes()).lines();
        assert_eq!(answers.len(), 40);
        assert!(answers.iter().all(|answer| answer["error"]["code"] == "no_space"), "{}", answers[0]);
        let archive = ask(&service, "POST", "/v1/jobs/dedupe", &[("content-type", "application/x-ndjson")], &lines);
        is_full(&archive, "sending an archive");
        all_there(&service, stored);
        assert_eq!(service.post_json("/v1/clean", &json!({"text": "正文。"})).status, 200);
        for path in ["/readyz", "/metrics", "/v1/jobs", "/v1/collections"] {
            assert_eq!(service.get(path).status, 200, "{path}");
        }
        if round == 1 {
            service.kill();
            service.again(&[], &[]);
            all_there(&service, stored);
        }
        disk.free();
        for seed in stored..stored + 5 {
            let answer = add(&service, &format!("d{seed}"), &text(seed));
            assert_eq!(
                (answer.status, &answer.json()["status"]),
                (200, &json!("new")),
                "room again: {}",
                answer.text()
            );
        }
        stored += 5;
        all_there(&service, stored);
    }
    service.kill();
    let output = taoxi(&["collection", "verify"]).env("TAOXI_DATA", service.data.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    service.again(&[], &[]);
    all_there(&service, stored);
    service.kill();
}
