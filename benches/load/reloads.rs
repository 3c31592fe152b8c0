//! A thousand rule sets, one after the other, a third of them broken, while documents are washed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use super::capacity::measured;
use super::generator::{Plan, post};
use super::service::Service;

const RELOADS: usize = 1000;
const MARKS: [&str; 2] = ["甲站的一行标记", "乙站的一行标记"];

/// Puts a rule file in place that drops the mark of a site; every third one is broken.
fn write(folder: &Path, number: usize) {
    let rule = if number % 3 == 2 {
        "id = \"mark\"\n[[stepp]]\n".to_owned()
    } else {
        let mark = MARKS[number % 3];
        format!(
            "id = \"mark\"\ntitle = \"t\"\nwhy = \"{number}\"\n[[step]]\nid = \"s\"\nkind = \"drop-line\"\nline = {{ equals = \"{mark}\" }}\n"
        )
    };
    let draft = folder.join("draft");
    std::fs::write(&draft, rule).expect("written");
    std::fs::rename(&draft, folder.join("mark.toml")).expect("in place");
}

/// Loads rules again and again; which mark is left with each digest.
fn reload(service: &Service, folder: &Path) -> BTreeMap<String, &'static str> {
    let mut left = BTreeMap::new();
    for number in 0..RELOADS {
        write(folder, number);
        let (status, answer) = loop {
            let (status, answer) = service.ask("POST", "/v1/rules/reload", "");
            if status != 503 {
                break (status, answer);
            }
        };
        if number % 3 == 2 {
            assert_eq!((status, answer["code"].as_str()), (400, Some("bad_rule")), "{answer}");
        } else {
            assert_eq!(status, 200, "{answer}");
            left.insert(answer["digest"].as_str().expect("a digest").to_owned(), MARKS[1 - number % 3]);
        }
    }
    left
}

pub fn run() {
    let (folder, rules) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(rules.path(), 0);
    let service = Service::start(folder.path(), &["--rules", rules.path().to_str().expect("a plain path")]);
    let (_, first) = service.ask("GET", "/v1/rules", "");
    let rate = measured(&service) * 0.3;
    let text = format!("正文的第一行，这里没有别的。\n{}\n{}\n正文的最后一行。\n", MARKS[0], MARKS[1]);
    let asked = post("/v1/clean", "application/json", json!({"id": "d", "text": text}).to_string().as_bytes());
    let done = AtomicBool::new(false);
    let begun = Instant::now();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let (mut answers, mut refused, mut faults) = (0, 0, 0);
    let mut left = std::thread::scope(|scope| {
        let reloading = scope.spawn(|| {
            let left = reload(&service, rules.path());
            done.store(true, Ordering::Relaxed);
            left
        });
        while !done.load(Ordering::Relaxed) && !reloading.is_finished() {
            let mut look = |body: &[u8]| {
                let answer: Value = serde_json::from_slice(body).expect("JSON");
                let word = |value: &Value| value.as_str().expect("a string").to_owned();
                let (digest, text) = (word(&answer["versions"]["rules"]), word(&answer["text"]));
                let known = seen.entry(digest).or_insert_with(|| text.clone());
                assert_eq!(*known, text, "one digest, two texts");
            };
            let mut request = |_| asked.clone();
            let plan = Plan {
                address: service.address,
                rate: Some(rate),
                seconds: 1.0,
                connections: 256,
                request: &mut request,
                look: &mut look,
            };
            let run = plan.run();
            answers += run.well.count();
            refused += run.refused.count();
            faults += run.lost + run.odd.len();
        }
        reloading.join().expect("reloaded")
    });
    left.insert(first["digest"].as_str().expect("a digest").to_owned(), MARKS[1]);
    for (digest, text) in &seen {
        let mark = left.get(digest).expect("a set that was loaded");
        let other = if *mark == MARKS[0] { MARKS[1] } else { MARKS[0] };
        assert!(text.contains(mark) && !text.contains(other), "{digest}: {text}");
    }
    println!(
        "{RELOADS} reloads in {:.1} s, a third of them refused; {answers} answers at {rate:.0}/s under {} rule sets, each with its own text; {refused} answers of 503, {faults} failed",
        begun.elapsed().as_secs_f64(),
        seen.len()
    );
}
