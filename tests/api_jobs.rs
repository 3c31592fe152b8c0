//! /v1/jobs of a running service: archives sent in every way, followed, fetched, cancelled, repeated.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::io::Write as _;
use std::time::Duration;

use common::made::{RESULTS, corpus, dedupe_into, file, jsonl, plain};
use common::service::{Answer, Service, chunked, request, until};
use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(60);

fn small() -> Vec<u8> {
    jsonl(&corpus(1, 40)).into_bytes()
}

fn send(service: &Service, query: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    service.connect().ask(&request("POST", &format!("/v1/jobs/dedupe{query}"), headers, body))
}

fn delete(service: &Service, path: &str) -> Answer {
    service.connect().ask(&request("DELETE", path, &[], b""))
}

/// The id of a job that was accepted.
fn accepted(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.text());
    let job = answer.json();
    let id = job["job"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("location"), Some(format!("/v1/jobs/{id}").as_str()));
    assert_eq!((&job["state"], answer.header("content-type")), (&"queued".into(), Some("application/json")));
    id
}

fn ended(service: &Service, id: &str) -> Value {
    let mut job = Value::Null;
    until(DEADLINE, || {
        job = service.get(&format!("/v1/jobs/{id}")).json();
        ["done", "failed", "cancelled"].iter().any(|state| job["state"] == *state)
    });
    job
}

fn done(service: &Service, id: &str) -> Value {
    let job = ended(service, id);
    assert_eq!(job["state"], "done", "{job}");
    job
}

/// A form with one part for each name, file name and value.
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, file_name, value) in parts {
        let file_name = file_name.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        write!(body, "--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n").unwrap();
        body.extend(*value);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    ("multipart/form-data; boundary=edge".to_owned(), body)
}

#[test]
fn an_archive_comes_back_as_the_command_line_gives_it() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = jsonl(&corpus(3, 300));
    let input = file(folder.path(), "crawl.jsonl", &bytes);
    let whole = dedupe_into(&folder.path().join("whole"), &[plain(&input), "--keep", "first"]);
    let service = Service::start();
    let id = accepted(&send(&service, "?name=crawl.jsonl&keep=first", &[], bytes.as_bytes()));
    let job = done(&service, &id);
    assert_eq!((&job["name"], &job["counts"]["documents"]), (&"crawl.jsonl".into(), &300.into()));
    assert_eq!(job["options"], serde_json::json!({"keep": "first"}));
    let files = service.get(&format!("/v1/jobs/{id}/files")).json();
    for listed in files["files"].as_array().expect("files") {
        let name = listed["name"].as_str().expect("a name");
        let path = format!("/v1/jobs/{id}/files/{name}");
        let answer = service.get(&path);
        assert_eq!((answer.status, answer.header("content-type")), (200, listed["type"].as_str()), "{name}");
        assert_eq!(listed["bytes"], answer.body.len(), "{name}");
        if RESULTS.contains(&name) {
            assert!(answer.body == whole.bytes[name], "{name} differs");
        }
        let head = service.connect().ask(&request("HEAD", &path, &[], b""));
        assert_eq!((head.status, head.header("content-length")), (200, answer.header("content-length")), "{name}");
    }
    assert_eq!(files["files"].as_array().map(Vec::len), Some(5));
}

#[test]
fn passages_are_reported_and_dropped_as_the_command_line_does() {
    let folder = tempfile::tempdir().unwrap();
    // No rule takes this: what is washed away is no passage.
    let note = "小城的每一条街道都有自己的故事，春天的槐花和秋天的桂花一样香，老人们坐在门前慢慢说着从前的日子。";
    let mut documents = corpus(5, 120);
    documents.iter_mut().step_by(4).for_each(|(_, text)| *text = format!("{note}\n{text}"));
    let input = file(folder.path(), "crawl.jsonl", jsonl(&documents));
    let out = folder.path().join("whole");
    let whole = dedupe_into(&out, &[plain(&input), "--drop-passages", "--passage-min-documents", "5"]);
    let service = Service::start();
    let body = std::fs::read(&input).unwrap();
    let query = "?name=crawl.jsonl&passages=drop&passage_min_documents=5";
    let id = accepted(&send(&service, query, &[], &body));
    assert_eq!(done(&service, &id)["options"], serde_json::json!({"passages": "drop", "passage_min_documents": 5}));
    let get = |name: &str| service.get(&format!("/v1/jobs/{id}/files/{name}")).body;
    assert!(get("kept.ndjson") == whole.bytes["kept.ndjson"]);
    let passages = std::fs::read(out.join("passages.ndjson")).unwrap();
    assert!(!passages.is_empty() && get("passages.ndjson") == passages);
    let refused = send(&service, "?passages=drop&passage_min_documents=1", &[], &body);
    assert_eq!((refused.status, refused.problem().as_str()), (400, "bad_request"));
}

#[test]
fn archives_are_taken_in_chunks_compressed_and_in_forms() {
    let service = Service::start();
    let packed = zstd::encode_all(&small()[..], 3).unwrap();
    let pieces: Vec<&[u8]> = packed.chunks(100).collect();
    let chunks = [("transfer-encoding", "chunked"), ("content-encoding", "zstd")];
    let (form_type, as_form) =
        form(&[("keep", None, b"earliest"), ("archive", Some("crawl.jsonl.zst"), &packed), ("without", None, b"")]);
    for (answer, name) in [
        (send(&service, "", &[], &packed), "upload.jsonl.zst"),
        (send(&service, "?name=a/b%20c.jsonl", &chunks, &chunked(&pieces)), "b_c.jsonl.zst"),
        (send(&service, "", &[("content-type", &form_type)], &as_form), "crawl.jsonl.zst"),
        (send(&service, "", &[("content-type", "application/x-ndjson")], &small()), "upload.jsonl"),
    ] {
        let job = done(&service, &accepted(&answer));
        assert_eq!((&job["name"], &job["counts"]["documents"]), (&name.into(), &40.into()));
    }
    let listed = service.get("/v1/jobs").json();
    assert_eq!(listed["jobs"][1]["options"]["keep"], "earliest", "the newest first: {listed}");
}

#[test]
fn what_cannot_be_done_is_refused_with_a_reason() {
    let service = Service::with(&[], &[("TAOXI_LIMITS_UPLOAD", "100KB")]);
    let (form_type, two) = form(&[("a", Some("a.jsonl"), b"{}"), ("b", Some("b.jsonl"), b"{}")]);
    let (_, none) = form(&[("keep", None, b"first")]);
    let (_, odd) = form(&[("keep", None, b"best"), ("file", None, b"{}")]);
    let in_form = [("content-type", form_type.as_str())];
    let large = vec![b'a'; 100_001];
    for (answer, status, code, holds) in [
        (send(&service, "", &[], b""), 400, "bad_request", "the body is empty"),
        (send(&service, "?kep=first", &[], b"{}"), 400, "bad_request", "there is no option `kep`"),
        (send(&service, "?keep=best", &[], b"{}"), 400, "bad_request", "expected one of `longest`"),
        (send(&service, "?profile=none", &[], b"{}"), 400, "unknown_rule", "there is no profile `none`"),
        (send(&service, "?collection=c", &[], b"{}"), 404, "no_collection", "`c`"),
        (send(&service, "?name=a.rar", &[], b"Rar!\x1a\x07\x01"), 415, "unsupported_format", "a.rar"),
        (
            send(&service, "", &[("content-encoding", "compress")], b"{}"),
            415,
            "unsupported_media_type",
            "Content-Encoding",
        ),
        (send(&service, "", &in_form, &two), 400, "bad_request", "more than one file"),
        (send(&service, "", &in_form, &none), 400, "bad_request", "no file"),
        (send(&service, "", &in_form, &odd), 400, "bad_request", "expected one of `longest`"),
        (send(&service, "", &in_form, b"no form"), 400, "bad_request", "the form"),
        (send(&service, "", &[("idempotency-key", "")], b"{}"), 400, "bad_request", "Idempotency-Key"),
        (send(&service, "", &[], &large), 413, "too_large", "limits.upload"),
        (
            send(&service, "", &[("transfer-encoding", "chunked")], &chunked(&[&large])),
            413,
            "too_large",
            "limits.upload",
        ),
        (service.get("/v1/jobs/none"), 404, "unknown_job", "`none`"),
        (service.get("/v1/jobs/none/events"), 404, "unknown_job", "`none`"),
        (service.get("/v1/jobs/..%2f..%2fetc/files/passwd"), 404, "unknown_job", "no job"),
        (delete(&service, "/v1/jobs/none"), 404, "unknown_job", "`none`"),
        (service.get("/v1/jobs?limit=0"), 400, "bad_request", "`limit`"),
        (service.get("/v1/jobs/dedupe"), 405, "method_not_allowed", "GET"),
    ] {
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{}", answer.text());
        assert!(answer.text().contains(holds), "{holds}: {}", answer.text());
    }
    assert_eq!(service.get("/v1/jobs").json()["jobs"], serde_json::json!([]));
    let uploads = std::fs::read_dir(service.data.path().join("jobs/uploads")).unwrap();
    assert_eq!(uploads.count(), 0, "nothing is left of them");
}

#[test]
fn files_of_a_job_are_those_of_the_list_and_only_of_one_that_is_done() {
    let service = Service::start();
    let id = accepted(&send(&service, "?write=warc&compress=zst", &[], &small()));
    done(&service, &id);
    for name in ["kept.warc.gz", "relations.ndjson.zst", "summary.json"] {
        assert_eq!(service.get(&format!("/v1/jobs/{id}/files/{name}")).status, 200, "{name}");
    }
    for name in ["relations.ndjson", "kept.parquet", "..%2F..%2Fjobs.redb", "%2e%2e", "input", "a.jsonl", "%00"] {
        let answer = service.get(&format!("/v1/jobs/{id}/files/{name}"));
        assert_eq!((answer.status, answer.problem().as_str()), (404, "unknown_file"), "{name}");
    }
    let running = accepted(&send(&service, "", &[], jsonl(&corpus(5, 4000)).as_bytes()));
    let answer = service.get(&format!("/v1/jobs/{running}/files"));
    assert_eq!((answer.status, answer.problem().as_str()), (409, "job_unfinished"));
}

#[test]
fn events_tell_the_progress_and_end_with_the_job() {
    let service = Service::start();
    let id = accepted(&send(&service, "", &[], jsonl(&corpus(7, 2000)).as_bytes()));
    let events = service.get(&format!("/v1/jobs/{id}/events"));
    assert_eq!((events.status, events.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(events.header("x-accel-buffering"), Some("no"));
    let text = events.text();
    let jobs: Vec<Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).expect("JSON"))
        .collect();
    assert!(jobs.len() > 1 && jobs.iter().all(|job| job["job"] == id.as_str()), "{text}");
    assert_eq!(jobs.last().expect("an event")["state"], "done");
    assert!(jobs[..jobs.len() - 1].iter().all(|job| job["state"] == "queued" || job["state"] == "running"));
    assert!(text.trim_end().rsplit("\n\n").next().expect("a block").contains("id: final"));
    // A browser that comes again is told that there is no more.
    let path = format!("/v1/jobs/{id}/events");
    let again = service.connect().ask(&request("GET", &path, &[("last-event-id", "final")], b""));
    assert_eq!(again.status, 204);
    assert!(service.get(&path).text().contains("\"state\":\"done\""));
}

#[test]
fn followers_are_bounded_and_a_follower_that_leaves_makes_room() {
    let service = Service::with(&[], &[("TAOXI_LIMITS_FOLLOWERS", "1")]);
    let id = accepted(&send(&service, "", &[], jsonl(&corpus(8, 20_000)).as_bytes()));
    let path = format!("/v1/jobs/{id}/events");
    let mut first = service.connect();
    first.send(&request("GET", &path, &[], b""));
    assert_eq!(first.head().status, 200);
    let refused = service.get(&path);
    assert_eq!((refused.status, refused.problem().as_str()), (503, "overloaded"));
    assert!(refused.header("retry-after").is_some());
    drop(first);
    assert_eq!(delete(&service, &format!("/v1/jobs/{id}")).json()["state"], "cancelled");
    until(DEADLINE, || service.get(&path).status == 200);
}

#[test]
fn a_job_is_cancelled_listed_and_removed() {
    let service = Service::start();
    let id = accepted(&send(&service, "", &[], jsonl(&corpus(5, 20_000)).as_bytes()));
    let path = format!("/v1/jobs/{id}");
    let cancelled = delete(&service, &path);
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &"cancelled".into()));
    assert_eq!(service.get(&path).json()["state"], "cancelled");
    assert_eq!(service.get("/v1/jobs?limit=1").json()["jobs"][0]["job"], id.as_str());
    assert_eq!(delete(&service, &path).status, 204);
    assert_eq!(service.get(&path).status, 404);
    until(DEADLINE, || !service.data.path().join("jobs").join(&id).exists());
}

#[test]
fn a_repeated_request_makes_one_job() {
    let service = Service::start();
    let key = [("idempotency-key", "2031-crawl-7")];
    let first = send(&service, "?name=a.jsonl", &key, &small());
    let id = accepted(&first);
    let again = send(&service, "?name=a.jsonl", &key, &small());
    assert_eq!(accepted(&again), id);
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
    assert_eq!(first.body, again.body);
    for (query, body) in [("?name=b.jsonl", small()), ("?name=a.jsonl", jsonl(&corpus(2, 5)).into_bytes())] {
        let other = send(&service, query, &key, &body);
        assert_eq!((other.status, other.problem().as_str()), (422, "idempotency_conflict"), "{query}");
    }
    assert_ne!(accepted(&send(&service, "?name=a.jsonl", &[("idempotency-key", "8")], &small())), id);
    assert_eq!(service.get("/v1/jobs").json()["jobs"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_killed_service_goes_on_with_its_jobs_and_answers_as_before() {
    let mut service = Service::start();
    let key = [("idempotency-key", "k")];
    let bytes = jsonl(&corpus(9, 3000)).into_bytes();
    let id = accepted(&send(&service, "", &key, &bytes));
    let data = service.killed();
    let service = Service::on(data, &[], &[]);
    assert_eq!(accepted(&send(&service, "", &key, &bytes)), id);
    assert_eq!(done(&service, &id)["counts"]["documents"], 3000);
}

#[test]
fn the_service_stops_within_seconds_while_a_job_runs_and_is_followed() {
    let mut service = Service::start();
    let id = accepted(&send(&service, "", &[], jsonl(&corpus(11, 20_000)).as_bytes()));
    let mut follower = service.connect();
    follower.send(&request("GET", &format!("/v1/jobs/{id}/events"), &[], b""));
    assert_eq!(follower.head().status, 200);
    service.signal("-TERM");
    assert_eq!(service.ended(Duration::from_secs(8)), Some(0));
    let data = std::mem::replace(&mut service.data, tempfile::tempdir().unwrap());
    let again = Service::on(data, &[], &[]);
    assert_eq!(done(&again, &id)["counts"]["documents"], 20_000);
}

#[test]
fn jobs_are_counted() {
    let service = Service::start();
    done(&service, &accepted(&send(&service, "", &[], &small())));
    let metrics = service.get("/metrics").text();
    assert!(metrics.contains("taoxi_jobs{state=\"queued\"} 0"), "{metrics}");
    assert!(metrics.contains("route=\"/v1/jobs/{job}\""));
}
