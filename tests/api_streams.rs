//! NDJSON through POST /v1/clean: answered in order while it comes, in bounded memory, whatever is wrong with it.

#![cfg(feature = "server")]
#![allow(
    clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods,
    clippy::format_collect, clippy::cmp_owned, clippy::naive_bytecount
)] // a test fails by panicking

mod common;

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::service::{Service, request, until};
use serde_json::Value;

const NDJSON: &str = "application/x-ndjson";

fn streamed(path: &str) -> Vec<u8> {
    request("POST", path, &[("content-type", NDJSON), ("transfer-encoding", "chunked")], b"")
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn ids(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["id"].as_str().unwrap()).collect()
}

#[test]
fn lines_are_answered_in_order_and_a_bad_one_by_its_error() {
    let service = Service::start();
    let body = "\u{feff}{\"id\":\"a\",\"text\":\"总投入13。7亿元，增长4.6%。\"}\r\n\n{no}\n{\"text\":\"b\",\"k\":1}\n{\"id\":\"c\"}\n{\"id\":\"d\",\"html\":\"<p>d\"}";
    let answer = service.post("/v1/clean", NDJSON, body.as_bytes());
    assert_eq!(answer.header("content-type"), Some(NDJSON));
    let lines = answer.lines();
    assert_eq!(ids(&lines), ["a", "body:3", "body:4", "c", "d"]);
    assert_eq!(lines[0]["text"], "总投入13.7亿元，增长4.6%。");
    assert_eq!(lines[1]["error"]["code"], "bad_record");
    assert_eq!(lines[2]["meta"]["k"], 1);
    assert_eq!(lines[3]["error"]["code"], "bad_record");
    assert!(lines[0].get("edits").is_none());
    let answer = service.post("/v1/clean?edits=full&profile=keep", "application/jsonl", body.as_bytes());
    assert!(answer.lines()[0]["edits"].is_array());
    let many: String =
        (0..5000).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"{}\"}}\n", "文".repeat(n % 300))).collect();
    let lines = service.post("/v1/clean", NDJSON, many.as_bytes()).lines();
    assert!(lines.iter().enumerate().all(|(n, line)| line["id"] == n.to_string()) && lines.len() == 5000);
    assert!(service.post("/v1/clean", NDJSON, b"").body.is_empty());
}

#[test]
fn a_line_is_answered_before_the_next_is_sent() {
    let service = Service::start();
    let mut client = service.connect();
    client.send(&streamed("/v1/clean"));
    for n in 0..5 {
        client.send(&chunk(format!("{{\"id\":\"{n}\",\"text\":\"x\"}}\n").as_bytes()));
        if n == 0 {
            assert_eq!(client.head().status, 200);
        }
        let line: Value = serde_json::from_slice(&client.chunk().unwrap()).unwrap();
        assert_eq!(line["id"], n.to_string());
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.chunk(), None);
}

#[test]
fn compressed_streams_are_read_and_a_damaged_one_ends_with_its_error() {
    let service = Service::start();
    let text: String = (0..2000).map(|n| format!("{{\"id\":\"{n}\",\"text\":\"第{n}号\"}}\n")).collect();
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for (coding, body) in [("gzip", &gzip), ("zstd", &zstd)] {
        let headers = [("content-type", NDJSON), ("content-encoding", coding)];
        let lines = service.connect().ask(&request("POST", "/v1/clean", &headers, body)).lines();
        assert_eq!((lines.len(), lines[1999]["text"].as_str()), (2000, Some("第1999号")), "{coding}");
        let cut = &body[..body.len() / 2];
        let lines = service.connect().ask(&request("POST", "/v1/clean", &headers, cut)).lines();
        let (last, rest) = lines.split_last().unwrap();
        assert_eq!((last["id"].as_str(), last["error"]["code"].as_str()), (Some("body"), Some("corrupt_archive")));
        assert!(rest.iter().enumerate().all(|(n, line)| line["id"] == n.to_string()));
    }
}

#[test]
fn a_line_over_the_limit_is_named_and_the_rest_goes_on() {
    let service = Service::with(&[], &[("TAOXI_LIMITS_BODY", "64KiB")]);
    let body = format!("{{\"text\":\"a\"}}\n{{\"text\":\"{}\"}}\n{{\"text\":\"c\"}}\n", "b".repeat(1 << 20));
    let lines = service.post("/v1/clean", NDJSON, body.as_bytes()).lines();
    assert_eq!(ids(&lines), ["body:1", "body:2", "body:3"]);
    assert_eq!(lines[1]["error"]["code"], "too_large");
}

#[test]
fn a_body_of_any_size_is_answered_in_bounded_memory() {
    let service = Service::start();
    let line = format!("{{\"text\":\"{}\"}}\n", "这一行是正文，写得长一些。".repeat(200));
    let lines_of_a_chunk = 64;
    let piece = chunk(line.repeat(lines_of_a_chunk).as_bytes());
    let before = service.resident();
    let mut client = service.connect();
    client.send(&streamed("/v1/clean"));
    let mut writer = client.stream.get_ref().try_clone().unwrap();
    // Ten times more than may grow.
    let pieces = (400 << 20) / piece.len();
    let sender = std::thread::spawn(move || {
        for _ in 0..pieces {
            writer.write_all(&piece).unwrap();
        }
        writer.write_all(b"0\r\n\r\n").unwrap();
    });
    assert_eq!(client.head().status, 200);
    let (mut answered, mut most) = (0, 0);
    while let Some(bytes) = client.chunk() {
        answered += bytes.iter().filter(|byte| **byte == b'\n').count();
        most = most.max(service.resident());
    }
    sender.join().unwrap();
    assert_eq!(answered, pieces * lines_of_a_chunk);
    assert!(most - before < 40 << 20, "grew by {} MiB", (most - before) >> 20);
}

#[test]
fn a_client_that_does_not_read_stops_us_reading() {
    let service = Service::with(&[], &[("TAOXI_TIMEOUTS_BODY", "600")]);
    let piece = chunk("{\"text\":\"这一行是正文，写得长一些。\"}\n".repeat(1000).as_bytes());
    let mut client = service.connect();
    client.send(&streamed("/v1/clean"));
    let mut writer = client.stream.get_ref().try_clone().unwrap();
    let (sent, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (counted, stopped) = (sent.clone(), stop.clone());
    writer.set_write_timeout(Some(Duration::from_millis(50))).unwrap();
    let sender = std::thread::spawn(move || {
        let mut rest = &piece[..];
        while !stopped.load(Ordering::Relaxed) {
            match writer.write(rest) {
                Ok(written) => {
                    counted.fetch_add(written as u64, Ordering::Relaxed);
                    rest = &rest[written..];
                    if rest.is_empty() {
                        rest = &piece[..];
                    }
                }
                Err(error) => assert!(
                    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
                    "{error}"
                ),
            }
        }
    });
    // Nothing more is taken for a while: what fits into the buffers of both ends, and not more.
    let (mut last, mut since) = (0, Instant::now());
    until(Duration::from_secs(60), || {
        let now = sent.load(Ordering::Relaxed);
        if now != last {
            (last, since) = (now, Instant::now());
        }
        last > 0 && since.elapsed() > Duration::from_secs(1)
    });
    assert!(last < 64 << 20, "{} MiB were taken", last >> 20);
    assert!(service.resident() < 120 << 20);
    stop.store(true, Ordering::Relaxed);
    sender.join().unwrap();
    // Once it reads, the stream goes on.
    let mut bytes = vec![0; 1 << 20];
    client.stream.read_exact(&mut bytes).unwrap();
}

#[test]
fn only_so_many_streams_are_read_at_a_time() {
    let service = Service::with(&[], &[("TAOXI_LIMITS_STREAMS", "1")]);
    let mut first = service.connect();
    first.send(&streamed("/v1/clean"));
    first.send(&chunk(b"{\"text\":\"a\"}\n"));
    assert_eq!(first.head().status, 200);
    let second = service.post("/v1/clean", NDJSON, b"{\"text\":\"a\"}\n");
    assert_eq!((second.status, second.problem().as_str()), (503, "overloaded"));
    assert_eq!(second.header("retry-after"), Some("1"));
    drop(first);
    until(Duration::from_secs(10), || service.post("/v1/clean", NDJSON, b"{\"text\":\"a\"}\n").status == 200);
}
