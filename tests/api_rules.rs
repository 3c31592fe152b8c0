//! /v1/rules: the set in force, rule files tried, the set replaced while requests run.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use common::service::{Service, request, until};
use serde_json::json;

/// A rule file that drops the line 第N种 and so tells which version acted.
fn version(n: usize) -> String {
    format!(
        "id = \"demo\"\ntitle = \"A file for tests\"\nwhy = \"A test needs it.\"\n\n[[step]]\nid = \"line\"\nkind = \"drop-line\"\n\
         line = {{ equals = \"要删的第{n}种行\" }}\n\n[[test]]\nname = \"it goes\"\ninput = \"正文。\\n要删的第{n}种行\\n\"\nexpect = \"正文。\\n\"\n\n\
         [[test]]\nname = \"others stay\"\ninput = \"正文。\\n\"\nunchanged = true\n"
    )
}

fn put(folder: &Path, text: &str) {
    // Written beside and renamed, as tools do that do not want half a file to be read.
    let draft = folder.join("demo.draft");
    std::fs::write(&draft, text).unwrap();
    std::fs::rename(draft, folder.join("demo.toml")).unwrap();
}

fn digest(service: &Service) -> String {
    service.get("/readyz").json()["rules"]["digest"].as_str().unwrap().to_owned()
}

#[test]
fn the_set_and_its_files_are_shown() {
    let service = Service::start();
    let set = service.get("/v1/rules").json();
    assert!(set["digest"].as_str().unwrap().starts_with("sha256:"));
    assert!(set["profiles"].as_array().unwrap().contains(&json!("zh")));
    let first = &set["files"][0];
    let one = service.get(&format!("/v1/rules/{}", first["id"].as_str().unwrap())).json();
    assert_eq!((&one["id"], &one["steps"]), (&first["id"], &first["steps"]));
    assert!(one["source"].as_str().unwrap().contains("[[step]]"));
}

#[test]
fn a_rule_file_is_tried_and_not_kept() {
    let service = Service::start();
    let before = digest(&service);
    let body = json!({"rule": version(1), "document": {"text": "正文。\n要删的第1种行\n"}});
    let tried = service.post_json("/v1/rules/test", &body).json();
    assert_eq!((tried["id"].as_str(), tried["tests"].as_u64(), &tried["faults"]), (Some("demo"), Some(2), &json!([])));
    assert_eq!(tried["document"]["text"], "正文。\n");
    let raw = service.post(
        "/v1/rules/test",
        "application/toml",
        version(2).replace("\"正文。\\n\"\n\n", "\"别的\"\n\n").as_bytes(),
    );
    assert_eq!((raw.status, raw.json()["document"].is_null()), (200, true));
    assert!(raw.json()["faults"][0]["message"].as_str().unwrap().contains("expected"));
    let broken = service.post_json("/v1/rules/test", &json!({"rule": "id = \"x\"\nnope = 1\n"}));
    assert_eq!((broken.status, broken.problem().as_str()), (400, "bad_rule"));
    let problem = broken.json();
    assert_eq!((problem["line"].as_u64(), problem["faults"][0]["file"].as_str()), (Some(1), Some("rule.toml")));
    assert!(problem["faults"].as_array().unwrap().iter().any(|fault| fault["line"] == 2 && fault["column"] == 1));
    let missing = service.post_json("/v1/rules/test", &json!({"document": {"text": "x"}}));
    assert_eq!((missing.status, missing.problem().as_str()), (400, "bad_request"));
    assert_eq!(digest(&service), before);
}

#[test]
fn a_rule_file_is_tried_on_documents_beside_the_set_in_force() {
    let service = Service::start();
    let documents = json!([
        {"id": "a", "text": "正文。\n要删的第1种行\n投入13。7亿元\n"},
        {"id": "b", "text": "正文。\n"},
        {"id": "c", "text": "正文。", "profile": "nope"},
        {"id": "d", "text": "要删的第1种行\n", "rules": {"without": ["demo"]}},
    ]);
    let two = version(1).replace("[[test]]\nname = \"it goes\"", "[[step]]\nid = \"idle\"\nkind = \"drop-line\"\nline = { equals = \"没有的行\" }\n\n[[test]]\nname = \"it goes\"");
    let tried = service.post_json("/v1/rules/test", &json!({"rule": two, "documents": documents}));
    assert_eq!(tried.status, 200, "{}", tried.text());
    let tried = tried.json();
    assert!(tried["document"].is_null() && tried["tests"] == 2);
    let trial = &tried["trial"];
    let a = &trial["documents"][0];
    assert_eq!(
        a["diff"],
        "--- a\tsource\n+++ a\twashed\n@@ -1,3 +1,2 @@\n 正文。\n-要删的第1种行\n-投入13。7亿元\n+投入13.7亿元\n"
    );
    assert_eq!((&a["hits"][0]["rule"], &a["hits"][0]["edits"]), (&json!("demo/line"), &json!(1)));
    assert_eq!(a["change"], json!({"removed": ["要删的第1种行"], "kept": []}));
    assert_eq!((&trial["documents"][1]["diff"], &trial["documents"][1]["change"]), (&json!(""), &json!(null)));
    assert_eq!(
        (&trial["documents"][2]["id"], &trial["documents"][2]["error"]["code"]),
        (&json!("c"), &json!("unknown_rule"))
    );
    assert_eq!((&trial["documents"][3]["hits"], &trial["documents"][3]["change"]), (&json!([]), &json!(null)));
    assert_eq!((&trial["steps"][0]["rule"], &trial["steps"][0]["documents"]), (&json!("demo/line"), &json!(1)));
    assert_eq!((&trial["never_fired"], &trial["in_force"]["documents"]), (&json!(["demo/idle"]), &json!(1)));
    assert_eq!(trial["in_force"]["digest"].as_str(), Some(digest(&service).as_str()));
    let single = service.post_json("/v1/rules/test", &json!({"rule": two, "document": documents[0]})).json();
    assert_eq!((&single["document"]["id"], &single["trial"]["documents"][0]), (&json!("a"), a));
    let alone = service.post_json("/v1/rules/test", &json!({"rule": two})).json();
    assert!(alone["trial"].is_null());
    let many = vec![json!({"text": "x"}); 101];
    let refused = service.post_json("/v1/rules/test", &json!({"rule": two, "documents": many}));
    assert_eq!((refused.status, refused.problem().as_str()), (413, "too_large"));
    let odd = service.post_json("/v1/rules/test", &json!({"rule": two, "documents": [{"id": "x"}]}));
    assert_eq!((odd.status, odd.problem().as_str()), (400, "bad_request"));
}

#[test]
fn a_changed_folder_is_loaded_and_a_broken_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::with(&["--rules", folder.path().to_str().unwrap()], &[]);
    let first = digest(&service);
    put(folder.path(), &version(1));
    until(Duration::from_secs(10), || digest(&service) != first);
    let second = digest(&service);
    put(folder.path(), &format!("{}\nnope = 1\n", version(2)));
    until(Duration::from_secs(10), || !service.get("/readyz").json()["rules"]["fault"].is_null());
    assert_eq!(digest(&service), second);
    let fault = service.get("/readyz").json()["rules"]["fault"].as_str().unwrap().to_owned();
    assert!(fault.contains("demo.toml:"), "{fault}");
    let answer = service.post("/v1/rules/reload", "application/json", b"");
    assert_eq!((answer.status, answer.problem().as_str()), (400, "bad_rule"));
    assert!(answer.json()["line"].as_u64().unwrap() > 10);
    assert!(service.get("/metrics").text().contains("taoxi_rules_reloads_total{result=\"failed\"}"));
    put(folder.path(), &version(3));
    until(Duration::from_secs(10), || service.get("/readyz").json()["rules"]["fault"].is_null());
    let third = digest(&service);
    assert!(third != second && third != first);
    let reloaded = service.post("/v1/rules/reload", "application/json", b"").json();
    assert_eq!((reloaded["digest"].as_str(), reloaded["changed"].as_bool()), (Some(third.as_str()), Some(false)));
    service.signal("-HUP");
    assert_eq!(service.get("/livez").status, 200);
}

#[test]
fn no_answer_is_mixed_or_fails_while_rules_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &version(0));
    let service = Service::with(&["--rules", folder.path().to_str().unwrap()], &[]);
    let text = ["0", "1", "2"].map(|n| format!("要删的第{n}种行\n正文第{n}句。\n")).concat();
    let ask = request("POST", "/v1/clean", &[("content-type", "text/plain")], text.as_bytes());
    let (stop, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
    let seen: Mutex<HashMap<String, String>> = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut client = service.connect();
                while !stop.load(Ordering::Relaxed) {
                    let answer = client.ask(&ask);
                    assert_eq!(answer.status, 200);
                    let record = answer.json();
                    let (digest, text) = (record["versions"]["rules"].to_string(), record["text"].to_string());
                    // One digest, one text: an answer that mixed two sets would be a second text of a digest.
                    let mut seen = seen.lock().unwrap();
                    assert_eq!(seen.entry(digest).or_insert_with(|| text.clone()), &text);
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut client = service.connect();
        for n in 0..150 {
            let broken = n % 3 == 2;
            put(folder.path(), &if broken { "id = 3\n".to_owned() } else { version(n % 3) });
            let reload = client.ask(&request("POST", "/v1/rules/reload", &[], b""));
            assert_eq!(reload.status, if broken { 400 } else { 200 });
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answers.load(Ordering::Relaxed) > 100);
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen.values().all(|text| (0..2).filter(|n| !text.contains(&format!("第{n}种"))).count() == 1));
}
