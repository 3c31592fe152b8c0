//! /v1/collections as clients use it, against a running service: every call, every fault of one, copies that arrive at the same time.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::sync::Barrier;

use common::Random;
use common::made::{prose, taoxi};
use common::service::{Answer, Client, Service, chunked, request};
use serde_json::{Value, json};

const DOCUMENTS: &str = "/v1/collections/c/documents";

/// A service with an empty collection `c`.
fn service() -> Service {
    let service = Service::start();
    assert_eq!(put(&service, "c", "").status, 201);
    service
}

fn put(service: &Service, name: &str, settings: &str) -> Answer {
    let headers = [("content-type", "application/json")];
    service.connect().ask(&request("PUT", &format!("/v1/collections/{name}"), &headers, settings.as_bytes()))
}

fn delete(service: &Service, path: &str) -> Answer {
    service.connect().ask(&request("DELETE", path, &[], b""))
}

fn add(service: &Service, id: &str, text: &str) -> Value {
    let answer = service.post_json(DOCUMENTS, &json!({"id": id, "text": text}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn status(service: &Service, id: &str, text: &str) -> String {
    add(service, id, text)["status"].as_str().unwrap().to_owned()
}

fn text(seed: u64, characters: usize) -> String {
    prose(&mut Random(seed), characters)
}

/// An id as one segment of a path: everything but letters and digits is percent-encoded.
fn encoded(id: &str) -> String {
    let byte = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    id.bytes().map(byte).collect()
}

#[test]
fn collections_are_made_listed_described_and_deleted() {
    let service = Service::start();
    assert_eq!(service.get("/v1/collections").json(), json!({"collections": []}));
    for (name, body, profile) in
        [("b", "", "zh"), ("a.2_x-y", "null", "zh"), ("0", "{}", "zh"), ("k", r#"{"profile":"keep"}"#, "keep")]
    {
        let made = put(&service, name, body);
        assert_eq!((made.status, made.header("content-type")), (201, Some("application/json")), "{}", made.text());
        let made = made.json();
        assert_eq!(made["settings"], json!({"profile": profile, "radius": 3, "candidates": 64}));
        assert_eq!((made["name"].as_str(), made["counts"]["documents"].as_u64()), (Some(name), Some(0)));
        assert_eq!(put(&service, name, body).status, 200);
    }
    let list = service.get("/v1/collections").json();
    let names: Vec<&str> =
        list["collections"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["0", "a.2_x-y", "b", "k"]);
    assert_eq!(service.get("/v1/collections/k").json()["settings"]["profile"], "keep");
    let head = service.connect().ask(&request("HEAD", "/v1/collections/k", &[], b""));
    assert_eq!(head.status, 200);
    assert_eq!(delete(&service, "/v1/collections/k").status, 204);
    for answer in [delete(&service, "/v1/collections/k"), service.get("/v1/collections/k")] {
        assert_eq!((answer.status, answer.problem().as_str()), (404, "no_collection"));
    }
    assert_eq!(put(&service, "k", "").status, 201);
}

#[test]
fn names_and_settings_that_no_collection_can_have_are_refused() {
    let service = service();
    let long = "a".repeat(65);
    for name in ["A", "-a", "_", ".", "..", "a%20b", "%E6%B7%98", "a%2Fb", "a%00", &long] {
        let answer = put(&service, name, "");
        assert_eq!((answer.status, answer.problem().as_str()), (400, "bad_name"), "{name}");
        assert_eq!(service.get(&format!("/v1/collections/{name}")).status / 100, 4, "{name}");
    }
    for (settings, status, code) in [
        (r#"{"radius":4}"#, 409, "other_settings"),
        (r#"{"profile":"keep"}"#, 409, "other_settings"),
        (r#"{"radius":7}"#, 422, "bad_record"),
        (r#"{"candidates":0}"#, 422, "bad_record"),
        (r#"{"radius":-1}"#, 400, "bad_request"),
        (r#"{"raduis":3}"#, 400, "bad_request"),
        (r#"{"profile":"nope"}"#, 400, "unknown_rule"),
        ("[]", 400, "bad_request"),
        ("{", 400, "bad_request"),
    ] {
        let answer = put(&service, "c", settings);
        assert_eq!((answer.status, answer.problem().as_str()), (status, code), "{settings}: {}", answer.text());
    }
    assert_eq!(put(&service, "c", r#"{"radius":3}"#).status, 200);
}

#[test]
fn wrong_methods_and_unknown_collections_are_problems() {
    let service = service();
    for (method, path, allow) in [
        ("POST", "/v1/collections", "GET, HEAD"),
        ("POST", "/v1/collections/c", "GET, HEAD, PUT, DELETE"),
        ("GET", "/v1/collections/c/compact", "POST"),
        ("PUT", DOCUMENTS, "GET, HEAD, POST"),
        ("POST", "/v1/collections/c/documents/x", "GET, HEAD, DELETE"),
        ("DELETE", "/v1/collections/c/crawls", "GET, HEAD"),
        ("GET", "/v1/collections/c/crawls/w", "DELETE"),
        ("GET", "/v1/collections/c/crawls/w/commit", "POST"),
    ] {
        let answer = service.connect().ask(&request(method, path, &[], b""));
        assert_eq!((answer.status, answer.problem().as_str()), (405, "method_not_allowed"), "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    for (method, path) in [
        ("GET", "/v1/collections/n"),
        ("GET", "/v1/collections/n/documents"),
        ("GET", "/v1/collections/n/documents/x"),
        ("DELETE", "/v1/collections/n/documents/x"),
        ("POST", "/v1/collections/n/compact"),
        ("GET", "/v1/collections/n/crawls"),
        ("POST", "/v1/collections/n/crawls/w/commit"),
        ("DELETE", "/v1/collections/n/crawls/w"),
    ] {
        let answer = service.connect().ask(&request(method, path, &[], b""));
        assert_eq!((answer.status, answer.problem().as_str()), (404, "no_collection"), "{method} {path}");
    }
    for body in [r#"{"text":"x"}"#, "{", ""] {
        let answer = service.post("/v1/collections/n/documents", "application/json", body.as_bytes());
        assert_eq!((answer.status, answer.problem().as_str()), (404, "no_collection"), "{body}");
    }
}

#[test]
fn a_document_is_new_then_unchanged_updated_or_a_copy_and_can_be_forgotten() {
    let service = service();
    let full = text(1, 900);
    let half: String = full.chars().take(500).collect();
    let check = |id: &str, text: &str| {
        let answer = service.post_json(&format!("{DOCUMENTS}?mode=check"), &json!({"id": id, "text": text}));
        answer.json()["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(check("full", &full), "new");
    let answer = add(&service, "full", &full);
    let want = json!({"id": "full", "status": "new", "supersedes": [], "candidates_skipped": 0, "relations": []});
    assert_eq!(answer, want);
    assert_eq!(status(&service, "full", &full), "unchanged");
    let copy = add(&service, "half", &half);
    assert_eq!(copy["status"], "copy");
    let relation = &copy["relations"][0];
    assert_eq!(
        (&relation["kind"], &relation["a"], &relation["b"]),
        (&json!("truncated"), &json!("half"), &json!("full"))
    );
    assert_eq!((check("half", &half), check("full", &full)), ("copy".to_owned(), "unchanged".to_owned()));
    assert_eq!(status(&service, "full", &text(2, 700)), "updated");
    assert_eq!(status(&service, "half", &half), "new");
    let fuller = add(&service, "fuller", &full);
    assert_eq!((&fuller["status"], &fuller["supersedes"]), (&json!("new"), &json!(["half"])));
    let path = format!("{DOCUMENTS}/fuller");
    let stored = service.get(&path).json();
    assert_eq!((&stored["text"], &stored["supersedes"]), (&json!(full), &json!(["half"])));
    assert_eq!(delete(&service, &path).status, 204);
    for answer in [delete(&service, &path), service.get(&path)] {
        assert_eq!((answer.status, answer.problem().as_str()), (404, "no_document"));
    }
    assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], 2);
    let freed = service.connect().ask(&request("POST", "/v1/collections/c/compact", &[], b"")).json();
    assert!(freed["freed"].as_u64().unwrap() > 0, "{freed}");
    assert_eq!(service.get(&format!("{DOCUMENTS}/half")).json()["text"], json!(half));
}

#[test]
fn faults_of_a_document_or_its_query_are_named() {
    let service = service();
    let post = |query: &str, media_type: &str, body: &[u8]| {
        let answer = service.post(&format!("{DOCUMENTS}{query}"), media_type, body);
        (answer.status, answer.problem())
    };
    let json = "application/json";
    let long = format!(r#"{{"id":"{}","text":"正文"}}"#, "x".repeat(70_000));
    let binary = "\u{0}\u{1}\u{2}PK\u{3}\u{4}\u{0}\u{0}\u{0}".repeat(20);
    for (query, media_type, body, status, code) in [
        ("", json, r#"{"text":"正文"}"#, 422, "bad_record"),
        ("", "text/plain", "正文", 422, "bad_record"),
        ("", json, r#"{"id":"","text":"正文"}"#, 422, "bad_record"),
        ("", json, &long, 422, "bad_record"),
        ("", json, r#"{"id":"a"}"#, 400, "bad_request"),
        ("", json, r#"{"id":"a","text":"b","txet":1}"#, 400, "bad_request"),
        ("", json, "[]", 400, "bad_request"),
        ("", json, "{", 400, "bad_request"),
        ("?mode=chekc", json, r#"{"id":"a","text":"b"}"#, 400, "bad_request"),
        ("?mdoe=check", json, r#"{"id":"a","text":"b"}"#, 400, "bad_request"),
        ("?profile=nope", json, r#"{"id":"a","text":"b"}"#, 400, "unknown_rule"),
        ("?encoding=nope&id=a", "text/plain", "b", 400, "unknown_encoding"),
        ("?id=a", "application/pdf", "b", 415, "unsupported_media_type"),
        ("?id=a", "application/octet-stream", &binary, 415, "binary_input"),
    ] {
        let given = post(query, media_type, body.as_bytes());
        let body: String = body.chars().take(60).collect();
        assert_eq!(given, (status, code.to_owned()), "{query} {media_type} {body}");
    }
    // To be checked only, a document needs no name.
    let answer = service.post_json(&format!("{DOCUMENTS}?mode=check"), &json!({"text": text(3, 100)}));
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("new")));
    assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], 0);
    let odd = service.get(&format!("{DOCUMENTS}/x?crwal=w"));
    assert_eq!((odd.status, odd.problem().as_str()), (400, "bad_request"));
}

#[test]
fn a_url_names_a_document_that_has_no_id() {
    let service = service();
    let url = "https://example.com/报告?page=1&x=%20#top";
    let answer = service.post_json(DOCUMENTS, &json!({"url": url, "text": text(4, 200), "date": "2024-05-01"}));
    assert_eq!((&answer.json()["id"], &answer.json()["status"]), (&json!(url), &json!("new")));
    let stored = service.get(&format!("{DOCUMENTS}/{}", encoded(url))).json();
    assert_eq!((&stored["id"], &stored["url"], &stored["date"]), (&json!(url), &json!(url), &json!("2024-05-01")));
}

#[test]
fn a_body_is_a_document_in_the_charset_it_names() {
    let service = service();
    let body =
        "本县今年新修道路三条，投入资金13。7亿元。沿线村庄的出行时间缩短一半，农产品当天可以运到市里。".repeat(3);
    let (bytes, _, _) = encoding_rs::GB18030.encode(&body);
    let answer = service.post(&format!("{DOCUMENTS}?id=gb"), "text/plain; charset=gb18030", &bytes);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("new")), "{}", answer.text());
    let stored = service.get(&format!("{DOCUMENTS}/gb")).json();
    assert_eq!(stored["text"], body.replace("13。7", "13.7"));
    let page = format!("<html><head><title>题</title></head><body><p>{body}</p></body></html>");
    let answer = service.post(&format!("{DOCUMENTS}?id=page"), "text/html; charset=utf-8", page.as_bytes());
    assert_eq!((&answer.json()["status"], &answer.json()["relations"][0]["a"]), (&json!("copy"), &json!("gb")));
}

#[test]
fn ids_of_every_kind_come_back_as_they_were_given() {
    let service = service();
    let ids = [
        "a/b", "/a", "a//b", "a/", "../x", ".", "..", "100%", "a%2Fb", "%00", "%", "淘洗/第一章", "a b", "a+b",
        "a?b=c", "a#b", "\"q\"", "\\", "é", "e\u{301}", "\u{1f600}", "-x", "\t", "\u{7f}", "a;b=c", "documents",
        "{id}",
    ];
    for (seed, id) in (100..).zip(ids) {
        assert_eq!(status(&service, id, &text(seed, 150)), "new", "{id:?}");
    }
    for (seed, id) in (100..).zip(ids) {
        let answer = service.get(&format!("{DOCUMENTS}/{}", encoded(id)));
        assert_eq!(answer.status, 200, "{id:?}: {}", answer.text());
        let stored = answer.json();
        assert_eq!((stored["id"].as_str(), stored["text"].as_str()), (Some(id), Some(text(seed, 150).trim_end())));
    }
    // Slashes and whatever else a path may hold need no escape.
    for id in ["a/b", "a//b", "a/", "a+b", "-x", "a;b=c"] {
        assert_eq!(service.get(&format!("{DOCUMENTS}/{id}")).json()["id"], *id);
    }
    for id in ids {
        let path = format!("{DOCUMENTS}/{}", encoded(id));
        let head = service.connect().ask(&request("HEAD", &path, &[], b""));
        assert_eq!((head.status, head.header("content-type")), (200, Some("application/json")));
        assert_eq!(delete(&service, &path).status, 204, "{id:?}");
        assert_eq!(service.get(&path).status, 404, "{id:?}");
    }
    assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], 0);
}

#[test]
fn lines_are_answered_in_order_and_a_failing_one_stops_nothing() {
    let service = service();
    let mut body = String::new();
    let record = |id: &str, text: &str| format!("{}\n", json!({"id": id, "text": text}));
    for n in 0..40 {
        body += &record(&format!("d{n}"), &text(200 + n, 120));
    }
    body += "{\"id\": \"bad\", \"text\": 7}\n\n";
    body += "{\"text\": \"没有名字的一行正文\"}\n";
    body += "no JSON\n";
    body += &record("again", &text(200, 120));
    body += &record("d1", &text(201, 120));
    body += record("last", &text(300, 120)).trim_end();
    let headers = [("content-type", "application/x-ndjson"), ("transfer-encoding", "chunked")];
    let pieces: Vec<&[u8]> = body.as_bytes().chunks(777).collect();
    let answer = service.connect().ask(&request("POST", DOCUMENTS, &headers, &chunked(&pieces)));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    let lines = answer.lines();
    let ids: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    let mut want: Vec<String> = (0..40).map(|n| format!("d{n}")).collect();
    want.extend(["bad", "body:43", "body:44", "again", "d1", "last"].map(str::to_owned));
    assert_eq!(ids, want);
    let said: Vec<&str> =
        lines[38..].iter().map(|line| line["status"].as_str().or(line["error"]["code"].as_str()).unwrap()).collect();
    assert_eq!(said, ["new", "new", "bad_record", "bad_record", "bad_record", "copy", "unchanged", "new"]);
    assert_eq!(lines[43]["relations"][0]["b"], "d0");
    assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], 41);
    let check =
        service.post(&format!("{DOCUMENTS}?mode=check"), "application/x-ndjson", "{\"text\":\"无名\"}".as_bytes());
    assert_eq!(check.lines()[0]["status"], "new");
}

#[test]
fn documents_of_a_crawl_wait_until_it_is_committed_or_rolled_back() {
    let service = service();
    let post = |query: &str, id: &str, text: &str| {
        let answer = service.post_json(&format!("{DOCUMENTS}{query}"), &json!({"id": id, "text": text}));
        answer.json()["status"].as_str().map(str::to_owned)
    };
    let act = |method: &str, path: &str| service.connect().ask(&request(method, path, &[], b""));
    let (kept, dropped) = (text(400, 300), text(401, 300));
    let name = encoded("第 1/2 轮");
    assert_eq!(post(&format!("?crawl={name}"), "a", &kept).as_deref(), Some("new"));
    assert_eq!(post("?crawl=other", "b", &dropped).as_deref(), Some("new"));
    assert_eq!(post("?crawl=other&mode=check", "x", &kept).as_deref(), Some("new"));
    assert_eq!(post(&format!("?mode=check&crawl={name}"), "x", &kept).as_deref(), Some("copy"));
    let waiting = service.get("/v1/collections/c/crawls").json();
    assert_eq!(waiting, json!({"crawls": [{"crawl": "other", "waiting": 1}, {"crawl": "第 1/2 轮", "waiting": 1}]}));
    assert_eq!(service.get(&format!("{DOCUMENTS}/a")).status, 404);
    assert_eq!(service.get(&format!("{DOCUMENTS}/a?crawl={name}")).json()["crawl"], "第 1/2 轮");
    let commit = format!("/v1/collections/c/crawls/{name}/commit");
    assert_eq!(act("POST", &commit).json(), json!({"documents": 1}));
    let again = act("POST", &commit);
    assert_eq!((again.status, again.problem().as_str()), (404, "no_crawl"));
    assert_eq!(act("DELETE", "/v1/collections/c/crawls/other").json(), json!({"documents": 1}));
    assert_eq!(act("DELETE", "/v1/collections/c/crawls/other").problem(), "no_crawl");
    assert_eq!(service.get(&format!("{DOCUMENTS}/a")).json()["text"], json!(kept.trim_end()));
    assert_eq!(post("?mode=check", "x", &kept).as_deref(), Some("copy"));
    assert_eq!(post("?mode=check", "x", &dropped).as_deref(), Some("new"));
}

#[test]
fn an_export_imported_elsewhere_gives_the_same_answers() {
    let service = service();
    for n in 0..60 {
        add(&service, &format!("d{n}"), &text(500 + n, 300));
    }
    delete(&service, &format!("{DOCUMENTS}/d7"));
    add(&service, "d8", &text(599, 200));
    let export = service.get(DOCUMENTS);
    assert_eq!((export.status, export.header("content-type")), (200, Some("application/x-ndjson")));
    assert_eq!(export.lines().len(), 59);
    let head = service.connect().ask(&request("HEAD", DOCUMENTS, &[], b""));
    assert_eq!((head.status, head.header("content-type")), (200, Some("application/x-ndjson")));
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("export.ndjson");
    std::fs::write(&file, &export.body).unwrap();
    let mut import = taoxi(&["collection", "import", "c", file.to_str().unwrap()]);
    let output = import.env("TAOXI_DATA", elsewhere.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let other = Service::on(elsewhere, &[], &[]);
    for n in 0..60 {
        let half: String = text(500 + n, 300).chars().take(220).collect();
        for asked in [text(500 + n, 300), half, text(700 + n, 200)] {
            let ask = |service: &Service| {
                let body = json!({"id": "x", "text": asked});
                service.post_json(&format!("{DOCUMENTS}?mode=check"), &body).json()
            };
            assert_eq!(ask(&service), ask(&other));
        }
        let path = format!("{DOCUMENTS}/d{n}");
        assert_eq!(service.get(&path).json()["text"], other.get(&path).json()["text"]);
    }
    assert_eq!(other.get(DOCUMENTS).body, export.body);
}

#[test]
fn a_request_repeated_under_its_key_is_answered_as_before() {
    let service = service();
    let ask = |key: &str, path: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        service.connect().ask(&request("POST", path, &headers, body.to_string().as_bytes()))
    };
    let body = json!({"id": "a", "text": text(800, 200)});
    let first = ask("k1", DOCUMENTS, &body);
    assert_eq!((first.status, &first.json()["status"]), (200, &json!("new")));
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = ask("k1", DOCUMENTS, &body);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    assert_eq!(ask("k2", DOCUMENTS, &body).json()["status"], "unchanged");
    let other = ask("k1", DOCUMENTS, &json!({"id": "b", "text": text(801, 200)}));
    assert_eq!((other.status, other.problem().as_str()), (422, "idempotency_conflict"));
    assert_eq!(ask("k1", &format!("{DOCUMENTS}?mode=check"), &body).problem(), "idempotency_conflict");
    assert_eq!(ask(&"k".repeat(256), DOCUMENTS, &body).problem(), "bad_request");
    // What failed is not kept: the key may be used for the request that is meant.
    assert_eq!(ask("k3", DOCUMENTS, &json!({"text": "x"})).problem(), "bad_record");
    assert_eq!(ask("k3", DOCUMENTS, &json!({"id": "c", "text": text(802, 200)})).status, 200);
}

/// Adds documents, each on a connection of its own, all at the same time.
fn at_once(service: &Service, documents: &[Value]) -> Vec<Value> {
    let barrier = Barrier::new(documents.len());
    let one = |document: &Value| {
        let mut client = Client::to(service.address);
        let headers = [("content-type", "application/json")];
        let asked = request("POST", DOCUMENTS, &headers, document.to_string().as_bytes());
        barrier.wait();
        let mut answer = client.ask(&asked);
        // More than the queue holds are refused, and ask again.
        while answer.status == 503 {
            std::thread::yield_now();
            answer = client.ask(&asked);
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = documents.iter().map(|document| scope.spawn(|| one(document))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn counted(answers: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer["status"].as_str().unwrap()).or_default() += 1;
    }
    counts
}

#[test]
fn of_two_hundred_copies_at_the_same_time_exactly_one_is_new() {
    let service = service();
    let same = text(900, 400);
    let documents: Vec<Value> = (0..200).map(|n| json!({"id": format!("same{n}"), "text": same})).collect();
    assert_eq!(counted(&at_once(&service, &documents)), BTreeMap::from([("copy", 199), ("new", 1)]));
    let changed = |n: usize| {
        let mut characters: Vec<char> = text(901, 400).chars().collect();
        characters[n] = '鹤';
        characters.into_iter().collect::<String>()
    };
    let documents: Vec<Value> = (0..200).map(|n| json!({"id": format!("near{n}"), "text": changed(n)})).collect();
    assert_eq!(counted(&at_once(&service, &documents)), BTreeMap::from([("copy", 199), ("new", 1)]));
    let documents: Vec<Value> = (0..200).map(|_| json!({"id": "one", "text": text(902, 400)})).collect();
    assert_eq!(counted(&at_once(&service, &documents)), BTreeMap::from([("new", 1), ("unchanged", 199)]));
    assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], 3);
}

#[test]
fn a_restart_keeps_everything() {
    let mut service = service();
    for n in 0..30 {
        add(&service, &format!("d{n}"), &text(1000 + n, 250));
    }
    delete(&service, &format!("{DOCUMENTS}/d3"));
    add(&service, "d4", &text(1100, 250));
    service.post_json(&format!("{DOCUMENTS}?crawl=w"), &json!({"id": "waits", "text": text(1101, 250)}));
    let look = |service: &Service| {
        let mut seen = vec![service.get("/v1/collections/c/crawls").text(), service.get(DOCUMENTS).text()];
        for n in 0..30 {
            let body = json!({"id": "x", "text": text(1000 + n, 250)});
            seen.push(service.post_json(&format!("{DOCUMENTS}?mode=check"), &body).text());
        }
        let mut described = service.get("/v1/collections/c").json();
        described["counts"]["memory"].take();
        described["counts"]["disk"].take();
        seen.push(described.to_string());
        seen
    };
    let before = look(&service);
    service.kill();
    service.again(&[], &[]);
    assert_eq!(look(&service), before);
    service.signal("-TERM");
    assert_eq!(service.ended(std::time::Duration::from_secs(20)), Some(0));
    service.again(&[], &[]);
    assert_eq!(look(&service), before);
}
