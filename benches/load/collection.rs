//! A collection with many documents: how fast they come in, what they take, how long an arriving one waits, how soon a restart is ready.

use std::io::{BufRead as _, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::generator::{Plan, Run, post};
use super::machine;
use super::service::Service;
use super::texts::{Random, document, template};

const DOCUMENTS: &str = "/v1/collections/c/documents";
const DEFAULT: u64 = 50_000;
/// About 500 characters.
const BYTES: usize = 1450;
/// Arriving documents a second while latency is measured.
const ARRIVING: f64 = 100.0;
const LOOK_ALIKES: u64 = 5000;

fn record(seed: u64) -> String {
    json!({"id": format!("d{seed}"), "text": document(seed, BYTES)}).to_string()
}

/// Sends documents as one stream; how many were new, and the seconds it took.
fn ingest(service: &Service, from: u64, to: u64) -> (u64, f64) {
    let stream = TcpStream::connect(service.address).expect("connects");
    let mut sending = stream.try_clone().expect("a second handle");
    let begun = Instant::now();
    let feed = std::thread::spawn(move || {
        let head = format!(
            "POST {DOCUMENTS} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        sending.write_all(head.as_bytes()).expect("sends");
        let mut piece = String::new();
        for seed in from..to {
            piece.push_str(&record(seed));
            piece.push('\n');
            if piece.len() > 60_000 || seed + 1 == to {
                write!(sending, "{:x}\r\n{piece}\r\n", piece.len()).expect("sends");
                piece.clear();
            }
        }
        sending.write_all(b"0\r\n\r\n").expect("sends");
    });
    let (mut new, mut answered) = (0, 0);
    for line in BufReader::new(stream).lines() {
        let line = line.expect("a line");
        if line.starts_with("{\"id\"") {
            answered += 1;
            new += u64::from(line.contains("\"status\":\"new\""));
        }
        // Chunks hold whole lines; their sizes are lines of their own.
        if answered == to - from {
            break;
        }
    }
    let took = begun.elapsed().as_secs_f64();
    feed.join().expect("sent");
    (new, took)
}

fn count(service: &Service, name: &str) -> u64 {
    service.ask("GET", "/v1/collections/c", "").1["counts"][name].as_u64().expect("a number")
}

/// Documents that arrive one by one: two of three are new, the third is the half of one that is stored.
fn arriving(service: &Service, stored: u64, from: u64, query: &str, seconds: f64) -> Run {
    let mut random = Random(from);
    let path = format!("{DOCUMENTS}{query}");
    let mut request = |number: u64| {
        let body = if number % 3 == 2 {
            let whole = document(random.below(stored as usize) as u64, BYTES);
            let half: String = whole.chars().take(300).collect();
            json!({"id": format!("half{from}-{number}"), "text": half}).to_string()
        } else {
            record(from + number)
        };
        post(&path, "application/json", body.as_bytes())
    };
    let rate = Some(ARRIVING);
    Plan { address: service.address, rate, seconds, connections: 64, request: &mut request, look: &mut |_| {} }.run()
}

fn started(data: &Path) -> Service {
    let service = Service::start(data, &[]);
    let (status, _) = service.ask("PUT", "/v1/collections/c", "");
    assert!(status == 200 || status == 201, "{status}");
    service
}

pub fn run() {
    let documents: u64 =
        std::env::var("TAOXI_LOAD_DOCUMENTS").map_or(DEFAULT, |count| count.parse().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let service = started(folder.path());
    let resident = service.resident();
    let steps = 5.min(documents.div_ceil(10_000));
    for step in 0..steps {
        let (from, to) = (documents * step / steps, documents * (step + 1) / steps);
        let (new, took) = ingest(&service, from, to);
        println!("documents {from} to {to}: {:.0}/s, {new} new ({})", (to - from) as f64 / took, machine());
    }
    let taken = service.resident() - resident;
    println!(
        "for each document: {:.0} bytes of RAM ({:.0} in tables), {:.0} bytes on disk, {:.1} fingerprints",
        taken as f64 / documents as f64,
        count(&service, "memory") as f64 / documents as f64,
        count(&service, "disk") as f64 / documents as f64,
        count(&service, "postings") as f64 / documents as f64
    );
    for round in 0..2 {
        let run = arriving(&service, documents, 10_000_000 + round * 100_000, "", 20.0);
        println!(
            "check and add at {ARRIVING}/s, {documents} stored: {}{} (asked at 1 M: p50 2 ms, p99 15 ms) ({})",
            run.well.show(),
            run.faults(),
            machine()
        );
        let run = arriving(&service, documents, 20_000_000 + round * 100_000, "?mode=check", 10.0);
        println!("check alone: {}{}", run.well.show(), run.faults());
    }
    service.kill();
    let service = started(folder.path());
    println!("ready after kill -9: {:.2} s (asked at 1 M: 10 s) ({})", service.start.as_secs_f64(), machine());
    let resident = service.resident();
    let took = service.stop().as_secs_f64();
    let service = started(folder.path());
    println!(
        "stopped in {took:.2} s; ready after that: {:.2} s; RAM {:.0} MB, before {:.0} MB",
        service.start.as_secs_f64(),
        service.resident() as f64 / 1e6,
        resident as f64 / 1e6
    );
    let (status, answer) = service.ask("POST", &format!("{DOCUMENTS}?mode=check"), &record(documents / 2));
    assert_eq!((status, answer["status"].as_str()), (200, Some("unchanged")), "{answer}");
}

/// Filled-in forms that share all but their numbers: each may be compared with many of those before.
pub fn templates() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = started(folder.path());
    for from in (0..LOOK_ALIKES).step_by(1000) {
        let mut statuses = std::collections::BTreeMap::<String, usize>::new();
        let mut request = |number: u64| {
            let seed = from + number;
            let body = json!({"id": format!("t{seed}"), "text": template(seed)}).to_string();
            post(DOCUMENTS, "application/json", body.as_bytes())
        };
        let mut look = |body: &[u8]| {
            let answer: serde_json::Value = serde_json::from_slice(body).expect("JSON");
            *statuses.entry(answer["status"].as_str().expect("a status").to_owned()).or_default() += 1;
        };
        let rate = Some(100.0);
        let plan = Plan {
            address: service.address,
            rate,
            seconds: 10.0,
            connections: 64,
            request: &mut request,
            look: &mut look,
        };
        let run = plan.run();
        println!("look-alikes {from} to {}: {}{}, {statuses:?}", from + 1000, run.well.show(), run.faults());
    }
}
