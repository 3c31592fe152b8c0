//! The service as HTTP: paths and methods, headers, health, who may ask, slow clients, overload, the end.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::time::{Duration, Instant};

use common::service::{Client, Service, command, request, until};
use serde_json::json;

#[test]
fn pages_health_and_descriptions_are_there() {
    let service = Service::start();
    for (path, media_type, holds) in [
        ("/livez", "application/json", "alive"),
        ("/readyz", "application/json", "sha256:"),
        ("/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", "taoxi_build_info"),
        ("/openapi.json", "application/json", "/v1/clean"),
        ("/docs", "text/html; charset=utf-8", "swagger-ui"),
        ("/docs/docs.js", "text/javascript; charset=utf-8", "/openapi.json"),
        ("/ui/main.js", "text/javascript; charset=utf-8", "import"),
        ("/ui/style/base.css", "text/css; charset=utf-8", "body"),
        ("/ui/icon.svg", "image/svg+xml", "<svg"),
        ("/docs/swagger-ui.css", "text/css", ".swagger-ui"),
        ("/", "text/html; charset=utf-8", "淘洗"),
        ("/v1/rules", "application/json", "profiles"),
    ] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)), "{path}");
        if answer.header("content-encoding").is_none() {
            assert!(answer.text().contains(holds), "{path}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let security = answer.header("content-security-policy").unwrap();
        assert!(security.starts_with("default-src 'none'") && security.contains("frame-ancestors 'none'"), "{path}");
        let head = service.connect().ask(&request("HEAD", path, &[], b""));
        assert_eq!(head.status, 200);
        if path != "/metrics" {
            assert_eq!(head.header("content-length"), answer.header("content-length"), "{path}");
        }
    }
}

#[test]
fn the_page_may_run_its_own_files_alone_and_what_a_browser_has_is_not_sent_again() {
    let service = Service::start();
    let page = service.get("/");
    let security = page.header("content-security-policy").unwrap();
    assert!(security.contains("script-src 'self'; style-src 'self'") && !security.contains("unsafe"), "{security}");
    assert!(security.contains("require-trusted-types-for 'script'"), "{security}");
    for path in ["/", "/ui/main.js"] {
        let first = service.get(path);
        assert_eq!(first.header("cache-control"), Some("no-cache"), "{path}");
        let tag = first.header("etag").unwrap();
        let ask = |tag: &str| service.connect().ask(&request("GET", path, &[("if-none-match", tag)], b""));
        let again = ask(&format!("\"other\", W/{tag}"));
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)), "{path}");
        assert_eq!(ask("\"other\"").status, 200, "{path}");
    }
    let missing = service.get("/ui/nope.js");
    assert_eq!((missing.status, missing.problem().as_str()), (404, "not_found"));
}

#[test]
fn wrong_paths_and_methods_are_problems() {
    let service = Service::start();
    for path in ["/nope", "/v1", "/v1/clean/", "/docs/../x", "/docs/nope.js", "/v1/rules/nope", "//", "/%00"] {
        let answer = service.get(path);
        assert_eq!((answer.status, answer.problem().as_str()), (404, "not_found"), "{path}");
    }
    for (method, path, allow) in [
        ("GET", "/v1/clean", "POST"),
        ("PUT", "/v1/compare", "POST"),
        ("DELETE", "/v1/rules", "GET, HEAD"),
        ("POST", "/readyz", "GET, HEAD"),
        ("GET", "/v1/rules/test", "POST"),
        ("OPTIONS", "/v1/clean", "POST"),
    ] {
        let answer = service.connect().ask(&request(method, path, &[], b""));
        assert_eq!((answer.status, answer.problem().as_str()), (405, "method_not_allowed"), "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow));
    }
}

#[test]
fn the_id_of_a_request_comes_back() {
    let service = Service::start();
    let mut client = service.connect();
    let answer = client.ask(&request("GET", "/livez", &[("x-request-id", "abc-1")], b""));
    assert_eq!(answer.header("x-request-id"), Some("abc-1"));
    let given: Vec<_> = ["", "a b", &"x".repeat(65)]
        .into_iter()
        .map(|id| client.ask(&request("GET", "/nope", &[("x-request-id", id)], b"")))
        .map(|answer| (answer.problem(), answer.header("x-request-id").unwrap().to_owned()).1)
        .collect();
    assert!(given.iter().all(|id| (1..=64).contains(&id.len()) && !id.contains(' ')));
    assert!(given[0] != given[1] && given[1] != given[2]);
}

#[test]
fn only_requests_for_this_machine_from_no_other_site_are_let_in() {
    let service = Service::start();
    let ask = |path: &str, headers: &[(&str, &str)]| service.connect().ask(&request("GET", path, headers, b""));
    for host in ["localhost:8077", "127.0.0.1", "[::1]:80"] {
        assert_eq!(ask("/v1/rules", &[("host", host)]).status, 200, "{host}");
    }
    for host in ["example.com", "127.0.0.1.example.com", "10.0.0.1:8077"] {
        for path in ["/v1/rules", "/readyz", "/nope"] {
            let answer = ask(path, &[("host", host)]);
            assert_eq!((answer.status, answer.problem().as_str()), (403, "forbidden"), "{host}");
        }
    }
    for foreign in [("origin", "https://example.com"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(ask("/v1/rules", &[foreign]).problem(), "forbidden");
        assert_eq!(ask("/readyz", &[foreign]).status, 200);
    }
    assert_eq!(ask("/v1/rules", &[("host", "localhost:1"), ("origin", "http://localhost:1")]).status, 200);
    assert_eq!(ask("http://example.com/v1/rules", &[]).status, 403);
}

#[test]
fn the_service_listens_only_on_this_machine_and_has_its_data_alone() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |data: &std::path::Path, flags: &[&str]| {
        let output = command(data, flags, &[]).stderr(std::process::Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(folder.path(), &["--listen", "0.0.0.0:0"]).contains("without API keys"));
    assert!(refused(folder.path(), &["--listen", "nonsense"]).contains("usage"));
    assert!(refused(folder.path(), &["--rules", "/nonexistent/rules"]).contains("no such folder"));
    let service = Service::start();
    let message = refused(service.data.path(), &[]);
    assert!(message.contains("data_in_use") && message.contains("in use by another"), "{message}");
    let taken = service.address.to_string();
    assert!(refused(folder.path(), &["--listen", &taken]).contains("unlistenable"));
}

#[test]
fn health_asks_a_running_service() {
    let mut service = Service::start();
    let url = format!("http://{}", service.address);
    let health = |url: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_taoxi"));
        command.args(["health", "--url", url]).env("XDG_CONFIG_HOME", "/nonexistent").output().unwrap().status.code()
    };
    assert_eq!(health(&url), Some(0));
    assert_eq!(health("ftp://x"), Some(2));
    service.signal("-TERM");
    assert_eq!(service.ended(Duration::from_secs(10)), Some(0));
    assert_eq!(health(&url), Some(1));
}

#[test]
fn a_client_over_its_rate_is_told_to_wait() {
    let service = Service::with(&[], &[("TAOXI_RATE_PER_SECOND", "5")]);
    let mut client = service.connect();
    let ask = request("POST", "/v1/clean", &[("content-type", "text/plain")], b"x");
    let refused = (0..20).map(|_| client.ask(&ask)).find(|answer| answer.status != 200).expect("one is refused");
    assert_eq!((refused.status, refused.problem().as_str()), (429, "rate_limited"));
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
fn slow_heads_and_bodies_are_cut() {
    let service = Service::with(&[], &[("TAOXI_TIMEOUTS_HEAD", "1"), ("TAOXI_TIMEOUTS_BODY", "1")]);
    let mut head = service.connect();
    head.send(b"POST /v1/clean HTTP/1.1\r\nhost: 127.0.0.1\r\n");
    assert!(head.is_closed());
    let headers = [("content-type", "text/plain"), ("content-length", "100")];
    let mut silent = service.connect();
    silent.send(&request("POST", "/v1/clean", &headers, b"")[..]);
    let answer = silent.answer(false);
    assert_eq!((answer.status, answer.problem().as_str()), (408, "timeout"));
    // A byte now and then is no body either.
    let mut drip = service.connect();
    drip.send(&request("POST", "/v1/clean", &headers, b""));
    let mut writer = drip.stream.get_ref().try_clone().unwrap();
    let begun = Instant::now();
    std::thread::spawn(move || {
        let (_never, wait) = std::sync::mpsc::channel::<()>();
        while std::io::Write::write_all(&mut writer, b"x").is_ok() {
            let _ = wait.recv_timeout(Duration::from_millis(200));
        }
    });
    assert_eq!(drip.answer(false).status, 408);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_reader_that_takes_nothing_is_given_up_and_its_memory_freed() {
    let service = Service::with(&[], &[("TAOXI_TIMEOUTS_BODY", "2")]);
    let text = "一行正文，写得长一些。\n".repeat(300_000);
    let ask = request("POST", "/v1/clean", &[("content-type", "text/plain")], text.as_bytes());
    let mut clients: Vec<Client> = (0..8).map(|_| service.connect()).collect();
    for client in &mut clients {
        client.send(&ask);
    }
    let count = |name: &str| {
        let text = service.get("/metrics").text();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        line.parse::<u64>().unwrap()
    };
    until(Duration::from_secs(60), || count("taoxi_held_bytes ") > 10 << 20);
    // All are gone but the one that asks.
    until(Duration::from_secs(60), || count("taoxi_http_connections ") == 1 && count("taoxi_held_bytes ") == 0);
}

#[test]
fn more_work_than_can_wait_is_refused_at_once_and_the_rest_is_done() {
    let service = Service::with(&["--threads", "1"], &[("TAOXI_LIMITS_QUEUE", "2")]);
    let text = "这一行是正文，写得长一些，好让清洗它要一点时间。13。7亿元,增长4。6%。\n".repeat(20_000);
    let body = json!({ "text": text, "edits": "none" }).to_string();
    let ask = request("POST", "/v1/clean", &[("content-type", "application/json")], body.as_bytes());
    let mut clients: Vec<Client> = (0..16).map(|_| service.connect()).collect();
    let threads: Vec<_> = clients
        .drain(..)
        .map(|mut client| {
            let ask = ask.clone();
            std::thread::spawn(move || client.ask(&ask))
        })
        .collect();
    let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!refused.is_empty() && refused.len() < answers.len(), "{} refused", refused.len());
    assert!(refused.iter().all(|answer| answer.problem() == "overloaded" && answer.header("retry-after").is_some()));
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 503)));
    assert!(service.get("/metrics").text().contains("taoxi_http_refused_total{code=\"overloaded\"}"));
}

#[test]
fn what_runs_may_finish_and_streams_are_told() {
    let mut service = Service::with(&[], &[("TAOXI_TIMEOUTS_SHUTDOWN", "2")]);
    let mut idle = service.connect();
    assert_eq!(idle.ask(&request("GET", "/readyz", &[], b"")).status, 200);
    let mut stream = service.connect();
    stream.send(&request(
        "POST",
        "/v1/clean",
        &[("content-type", "application/x-ndjson"), ("transfer-encoding", "chunked")],
        b"",
    ));
    stream.send(b"d\r\n{\"text\":\"a\"}\n\r\n");
    assert_eq!(stream.head().status, 200);
    assert!(stream.chunk().is_some());
    let begun = Instant::now();
    service.signal("-TERM");
    let last: serde_json::Value = serde_json::from_slice(&stream.chunk().unwrap()).unwrap();
    assert_eq!((last["id"].as_str(), last["error"]["code"].as_str()), (Some("body"), Some("shutting_down")));
    assert_eq!(stream.chunk(), None);
    assert_eq!(service.ended(Duration::from_secs(10)), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert!(idle.is_closed());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut service = Service::with(&[], &[("TAOXI_TIMEOUTS_SHUTDOWN", "600")]);
    let mut stream = service.connect();
    stream.send(&request(
        "POST",
        "/v1/clean",
        &[("content-type", "application/x-ndjson"), ("transfer-encoding", "chunked")],
        b"",
    ));
    stream.send(b"d\r\n{\"text\":\"a\"}\n\r\n");
    assert_eq!(stream.head().status, 200);
    service.signal("-INT");
    let address = service.address;
    // New connections are refused once the first signal was taken.
    until(Duration::from_secs(10), || std::net::TcpStream::connect(address).is_err());
    assert!(!service.has_ended());
    service.signal("-INT");
    assert_eq!(service.ended(Duration::from_secs(5)), Some(130));
}
