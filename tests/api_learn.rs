//! POST /v1/rules/learn of a running service: pages sent, rule files fetched.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use common::Random;
use common::made::prose;
use common::service::{Answer, Service, request, until};
use serde_json::{Value, json};
use taoxi::clean::selftest;
use taoxi::rules::load;

const DEADLINE: Duration = Duration::from_secs(60);

/// Pages of a made-up site: a head, a text of their own, a counter and a tail.
fn pages(count: usize) -> String {
    let mut random = Random(21);
    (0..count).fold(String::new(), |mut out, n| {
        let text = format!(
            "示范文库首页 > 范文大全\n第{n}篇\n{}\n浏览次数：{}\n示范文库收集整理，更多范文请关注本站\n",
            prose(&mut random, 300).trim(),
            17 + n * 31
        );
        let _ = writeln!(
            out,
            "{}",
            json!({"id": format!("p{n}"), "url": format!("https://www.example.com/{n}"), "text": text})
        );
        out
    })
}

fn send(service: &Service, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    service.connect().ask(&request("POST", &format!("/v1/rules/learn{query}"), headers, body))
}

fn ended(service: &Service, answer: &Answer) -> Value {
    assert_eq!(answer.status, 202, "{}", answer.text());
    let path = answer.header("location").expect("a path").to_owned();
    let mut job = Value::Null;
    until(DEADLINE, || {
        job = service.get(&path).json();
        ["done", "failed", "cancelled"].iter().any(|state| job["state"] == *state)
    });
    job
}

fn lines(answer: &Answer) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect()
}

#[test]
fn rules_are_proposed_from_pages_and_are_whole() {
    let service = Service::start();
    let before = service.get("/readyz").json()["rules"]["digest"].clone();
    let body = format!("{}no page\n", pages(20));
    let headers = [("content-type", "application/x-ndjson"), ("idempotency-key", "once")];
    let first = send(&service, "?min_support=3&max_share=0.5", &headers, body.as_bytes());
    let job = ended(&service, &first);
    assert_eq!((&job["state"], &job["kind"]), (&json!("done"), &json!("learn")), "{job}");
    assert_eq!(job["options"], json!({"min_support": 3, "max_share": 0.5}));
    assert_eq!((&job["counts"]["documents"], &job["counts"]["failed"]), (&json!(20), &json!(1)));
    let again = send(&service, "?min_support=3&max_share=0.5", &headers, body.as_bytes());
    assert_eq!((again.status, again.json()["job"].as_str()), (202, job["job"].as_str()));
    let path = |name: &str| format!("/v1/jobs/{}/files/{name}", job["job"].as_str().expect("an id"));
    let listed = service.get(path("").trim_end_matches('/')).json();
    let names: Vec<&str> =
        listed["files"].as_array().expect("files").iter().filter_map(|file| file["name"].as_str()).collect();
    assert_eq!(names, ["rules.ndjson", "report.json", "errors.ndjson"]);
    let errors = lines(&service.get(&path("errors.ndjson")));
    assert_eq!((errors.len(), &errors[0]["error"]["code"]), (1, &json!("bad_record")));
    let report = service.get(&path("report.json")).json();
    assert_eq!((&report["pages"], &report["failed"]), (&json!(20), &json!(1)));
    let rules = lines(&service.get(&path("rules.ndjson")));
    assert_eq!(job["counts"]["rule_files"], rules.len());
    assert_eq!(report["files"].as_array().map(Vec::len), Some(rules.len()));
    assert!(!rules.is_empty(), "{report}");
    for rule in &rules {
        let toml = rule["toml"].as_str().expect("TOML");
        let set = Arc::new(load::load_one("learned.toml", toml).unwrap_or_else(|error| panic!("{error}: {toml}")));
        assert_eq!(selftest::run(&set, &[]).faults, Vec::new(), "{toml}");
        assert_eq!(
            (&rule["host"], rule["file"].as_str()),
            (&json!("example.com"), Some(format!("{}.toml", rule["id"].as_str().expect("an id")).as_str()))
        );
        let tried = service.post_json("/v1/rules/test", &json!({"rule": toml})).json();
        assert_eq!(tried["faults"], json!([]));
    }
    assert_eq!(service.get("/readyz").json()["rules"]["digest"], before, "nothing is put in force");
}

#[test]
fn the_same_pages_give_the_same_files() {
    let service = Service::start();
    let run = |query: &str| {
        let job = ended(&service, &send(&service, query, &[], pages(12).as_bytes()));
        let path = format!("/v1/jobs/{}/files", job["job"].as_str().expect("an id"));
        ["rules.ndjson", "report.json"].map(|name| service.get(&format!("{path}/{name}")).body)
    };
    assert!(run("?threads=1") == run(""));
}

#[test]
fn what_cannot_be_learned_is_refused_with_a_reason() {
    let service = Service::start();
    for (query, body, code, holds) in [
        ("", &b""[..], "bad_request", "the body is empty"),
        ("?keep=first", b"{}", "bad_request", "there is no option `keep`; the options are host"),
        ("?min_support=1", b"{}", "bad_request", "min_support is 1"),
        ("?max_share=2", b"{}", "bad_request", "max_share is 2"),
        ("?host=no%20host", b"{}", "bad_request", "is no host"),
        ("?threads=0", b"{}", "bad_request", "`threads` must be from 1"),
        ("?fields=id", b"{}", "bad_request", "fields"),
    ] {
        let answer = send(&service, query, &[], body);
        assert_eq!((answer.status, answer.problem().as_str()), (400, code), "{query}: {}", answer.text());
        assert!(answer.text().contains(holds), "{query}: {}", answer.text());
    }
    let get = service.get("/v1/rules/learn");
    assert_eq!((get.status, get.problem().as_str()), (405, "method_not_allowed"));
    assert_eq!(service.get("/v1/jobs").json()["jobs"], json!([]));
}

#[test]
fn a_job_that_learns_can_be_followed_and_removed() {
    let service = Service::start();
    let job = ended(&service, &send(&service, "?name=pages.jsonl", &[], pages(4).as_bytes()));
    let path = format!("/v1/jobs/{}", job["job"].as_str().expect("an id"));
    assert!(service.get(&format!("{path}/events")).text().contains("\"kind\":\"learn\""));
    assert_eq!(service.get("/v1/jobs").json()["jobs"][0]["name"], "pages.jsonl");
    assert_eq!(service.connect().ask(&request("DELETE", &path, &[], b"")).status, 204);
    assert_eq!(service.get(&path).status, 404);
}
