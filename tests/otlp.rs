//! Spans of requests reach a collector: a small one listens here, on loopback.

#![cfg(feature = "otlp")]
#![allow(clippy::expect_used, clippy::panic)] // a test fails by panicking

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use common::service::{Service, request};

const DEADLINE: Duration = Duration::from_secs(60);
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What was sent: the first line of the request, its media type, its body.
struct Export {
    line: String,
    media_type: String,
    body: Vec<u8>,
}

impl Export {
    fn holds(&self, bytes: &[u8]) -> bool {
        self.body.windows(bytes.len()).any(|window| window == bytes)
    }
}

/// A collector, and what it is sent.
fn collector() -> (String, Receiver<Export>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (sent, exports) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            while let Some(export) = export(&mut stream) {
                stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("answers");
                if sent.send(export).is_err() {
                    return;
                }
            }
        }
    });
    (address, exports)
}

/// The next request of a connection; `None` at its end.
fn export(stream: &mut BufReader<std::net::TcpStream>) -> Option<Export> {
    let (mut head, mut line) = (Vec::new(), String::new());
    while stream.read_line(&mut line).ok()? > 2 {
        head.push(std::mem::take(&mut line));
    }
    let field = |name: &str| {
        let found =
            head.iter().filter_map(|line| line.split_once(':')).find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let length = field("content-length")?.parse().expect("a length");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Export { line: head.first()?.trim().to_owned(), media_type: field("content-type")?, body })
}

fn trace() -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&TRACE[at..at + 2], 16).expect("digits");
    (0..TRACE.len()).step_by(2).map(digits).collect()
}

/// Washes a document within a trace.
fn wash(service: &Service, id: &str) {
    let parent = format!("00-{TRACE}-00f067aa0c8902b7-01");
    let headers = [("content-type", "text/plain"), ("traceparent", parent.as_str()), ("x-request-id", id)];
    let answer =
        service.connect().ask(&request("POST", "/v1/clean?id=secret-id", &headers, "总投入13。7亿元".as_bytes()));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_request_becomes_a_span_of_the_clients_trace_and_holds_nothing_of_the_document() {
    let (address, exports) = collector();
    let service = Service::with(&[], &[("TAOXI_OTLP_ENDPOINT", &address), ("OTEL_BSP_SCHEDULE_DELAY", "50")]);
    service.get("/readyz");
    wash(&service, "request-7");
    let export = exports.recv_timeout(DEADLINE).expect("an export in time");
    assert_eq!(
        (export.line.as_str(), export.media_type.as_str()),
        ("POST /v1/traces HTTP/1.1", "application/x-protobuf")
    );
    assert!(export.holds(&trace()), "the span is of another trace");
    for named in ["POST /v1/clean", "http.route", "http.response.status_code", "request-7", "service.name", "taoxi"] {
        assert!(export.holds(named.as_bytes()), "{named} is not there");
    }
    for left_out in ["secret-id", "总投入", "13.7", "/readyz"] {
        assert!(!export.holds(left_out.as_bytes()), "{left_out} was sent");
    }
}

#[test]
fn what_waits_is_sent_at_the_end() {
    let (address, exports) = collector();
    // Longer than the test lasts: only the end can send it.
    let env = [("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "600000")];
    let mut service = Service::with(&[], &env);
    wash(&service, "last-words");
    service.signal("-TERM");
    assert_eq!(service.ended(DEADLINE), Some(0));
    let export = exports.recv_timeout(DEADLINE).expect("an export before the end");
    assert!(export.holds(b"last-words"));
}

#[test]
fn a_collector_that_never_answers_does_not_hold_up_the_end() {
    // It takes connections and never says a word.
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let mut service = Service::with(&[], &[("TAOXI_OTLP_ENDPOINT", &address), ("OTEL_BSP_SCHEDULE_DELAY", "600000")]);
    wash(&service, "unheard");
    let began = Instant::now();
    service.signal("-TERM");
    assert_eq!(service.ended(DEADLINE), Some(0));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[test]
fn an_address_that_cannot_be_used_is_refused_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = common::service::command(folder.path(), &[], &[("TAOXI_OTLP_ENDPOINT", "https://127.0.0.1:1")]);
    let output = command.output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("otlp.endpoint"));
}
