//! What the page asks besides: pieces of result files, records and decisions of a job, the growth of a collection, what a key allows.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::time::Duration;

use common::made::{corpus, jsonl};
use common::service::{Answer, Service, request, until};
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(60);

/// A job over a made-up corpus, done.
fn job(service: &Service, query: &str) -> String {
    let body = jsonl(&corpus(4, 60));
    let sent = service.connect().ask(&request("POST", &format!("/v1/jobs/dedupe?{query}"), &[], body.as_bytes()));
    let id = sent.json()["job"].as_str().expect("an id").to_owned();
    until(DEADLINE, || service.get(&format!("/v1/jobs/{id}")).json()["state"] == "done");
    id
}

fn piece(service: &Service, path: &str, range: &str) -> Answer {
    service.connect().ask(&request("GET", path, &[("range", range)], b""))
}

/// The lines of an answer.
fn lines(answer: &Answer) -> Vec<Value> {
    answer.text().lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn a_piece_of_a_result_file_is_what_stands_there() {
    let service = Service::start();
    let path = format!("/v1/jobs/{}/files/relations.ndjson", job(&service, "name=a.jsonl"));
    let whole = service.get(&path);
    assert_eq!((whole.status, whole.header("accept-ranges")), (200, Some("bytes")));
    let length = whole.body.len();
    for (range, from, to) in [("bytes=0-99", 0, 100), ("bytes=100-", 100, length), ("bytes=-7", length - 7, length)] {
        let part = piece(&service, &path, range);
        assert_eq!((part.status, &part.body[..]), (206, &whole.body[from..to]), "{range}");
        let stands = format!("bytes {from}-{}/{length}", to - 1);
        assert_eq!(part.header("content-range"), Some(stands.as_str()), "{range}");
    }
    for passed_over in ["bytes=5-1", "bytes=0-1,4-5", "pages=1-2"] {
        let answer = piece(&service, &path, passed_over);
        assert_eq!((answer.status, answer.body.len()), (200, length), "{passed_over}");
    }
    let behind = piece(&service, &path, &format!("bytes={length}-"));
    assert_eq!((behind.status, behind.problem().as_str()), (416, "outside_range"));
}

#[test]
fn records_of_kept_documents_and_of_copies_are_given_out() {
    let service = Service::start();
    let (with, without) = (job(&service, "name=a.jsonl&copies=true"), job(&service, "name=a.jsonl"));
    let documents = lines(&service.get(&format!("/v1/jobs/{with}/files/documents.ndjson")));
    let copies = lines(&service.get(&format!("/v1/jobs/{with}/files/copies.ndjson")));
    let gone = documents.iter().filter(|line| line["keep"] == false);
    assert!(copies.iter().map(|record| &record["id"]).eq(gone.map(|line| &line["id"])), "in the order of the input");
    assert!(!copies.is_empty());
    for line in &documents {
        let id = line["id"].as_str().expect("an id");
        let record = service.get(&format!("/v1/jobs/{with}/documents/{id}"));
        assert_eq!((record.status, &record.json()["id"]), (200, &line["id"]));
        assert!(record.json()["text"].as_str().is_some_and(|text| !text.is_empty()));
        let other = service.get(&format!("/v1/jobs/{without}/documents/{id}"));
        assert_eq!(other.status, if line["keep"] == true { 200 } else { 404 }, "{id}");
    }
    let missing = service.get(&format!("/v1/jobs/{with}/documents/nobody"));
    assert_eq!((missing.status, missing.problem().as_str()), (404, "no_document"));
    assert_eq!(service.get("/v1/jobs/x/documents/a").problem(), "unknown_job");
}

#[test]
fn decisions_are_kept_with_their_job_replaced_taken_back_and_gone_with_it() {
    let mut service = Service::start();
    let (one, other) = (job(&service, "name=a.jsonl"), job(&service, "name=b.jsonl"));
    let path = |job: &str| format!("/v1/jobs/{job}/decisions");
    let decide = |service: &Service, job: &str, a: &str, b: &str, decision: Value| {
        let answer = service.post_json(&path(job), &json!({"a": a, "b": b, "decision": decision}));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["decisions"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(decide(&service, &one, "a/1", "b", "keep_a".into()), 1);
    assert_eq!(decide(&service, &one, "a/1", "b", "not_a_copy".into()), 1);
    assert_eq!(decide(&service, &one, "c", "b", "keep_b".into()), 1);
    assert_eq!(decide(&service, &other, "c", "b", "keep_b".into()), 1);
    assert_eq!(decide(&service, &one, "c", "b", Value::Null), 0);
    let told = |service: &Service, job: &str| -> Vec<Value> {
        let decisions = service.get(&path(job)).json()["decisions"].as_array().cloned().expect("a list");
        decisions.iter().map(|one| json!([one["a"], one["b"], one["decision"]])).collect()
    };
    assert_eq!(told(&service, &one), [json!(["a/1", "b", "not_a_copy"])]);
    let data = service.killed();
    let service = Service::on(data, &[], &[]);
    assert_eq!((told(&service, &one).len(), told(&service, &other).len()), (1, 1), "they survive a crash");
    assert_eq!(service.connect().ask(&request("DELETE", &format!("/v1/jobs/{one}"), &[], b"")).status, 204);
    assert_eq!(service.get(&path(&one)).problem(), "unknown_job");
    assert_eq!(told(&service, &other).len(), 1, "those of another job stay");
    for (body, code) in [
        (json!({"a": "x", "b": "y", "decision": "perhaps"}), "bad_request"),
        (json!({"a": "", "b": "y", "decision": null}), "bad_request"),
        (json!({"a": "x"}), "bad_request"),
    ] {
        let refused = service.post_json(&path(&other), &body);
        assert_eq!((refused.status, refused.problem().as_str()), (400, code), "{body}");
    }
}

#[test]
fn the_growth_of_a_collection_ends_with_all_that_is_stored() {
    let service = Service::start();
    let made = service.connect().ask(&request("PUT", "/v1/collections/reports", &[], b""));
    assert_eq!(made.status, 201);
    let growth = || service.get("/v1/collections/reports/growth").json();
    assert_eq!(growth()["points"], json!([]));
    for id in ["a", "b", "c"] {
        service.post_json(
            "/v1/collections/reports/documents",
            &json!({"id": id, "text": format!("只有{id}知道的一段正文，独自成篇。")}),
        );
    }
    let stored = service.get("/v1/collections/reports").json()["counts"]["documents"].clone();
    assert_eq!(
        growth()["points"].as_array().and_then(|points| points.last()).map(|point| &point["documents"]),
        Some(&stored)
    );
    assert_eq!(service.get("/v1/collections/nobody/growth").problem(), "no_collection");
}

#[test]
fn without_keys_everybody_may_do_everything() {
    let told = Service::start().get("/v1/key").json();
    assert_eq!(told, json!({"guarded": false, "key": null, "scopes": ["admin"]}));
}
