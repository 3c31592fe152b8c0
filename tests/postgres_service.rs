//! Several services on one PostgreSQL: one of many copies is new whichever service they come to, and what was acknowledged stays when one is killed.

#![cfg(all(feature = "postgres", feature = "server", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::arriving::text;
use common::database::Database;
use common::service::{Client, Service, request, until};
use serde_json::{Value, json};

const DOCUMENTS: &str = "/v1/collections/c/documents";

fn replica(database: &Database) -> Service {
    Service::with(&[], &[("TAOXI_STORE", &database.url()), ("TAOXI_LIMITS_QUEUE", "1000")])
}

fn make(service: &Service) {
    let made = service.connect().ask(&request("PUT", "/v1/collections/c", &[], b""));
    assert_eq!(made.status, 201, "{}", made.text());
}

/// Sends a document; `None` when the connection breaks before the whole answer is there.
fn send(address: SocketAddr, id: &str, text: &str) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok()?;
    let body = json!({"id": id, "text": text}).to_string();
    let headers = [("content-type", "application/json"), ("connection", "close")];
    stream.write_all(&request("POST", DOCUMENTS, &headers, body.as_bytes())).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, serde_json::from_str(body).ok()?))
}

/// Sends a document to the first service that answers.
fn send_to_any(addresses: &[SocketAddr], id: &str, text: &str) -> Value {
    let (status, answer) =
        addresses.iter().find_map(|address| send(*address, id, text)).expect("a service that answers");
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Two hundred texts that differ in a character, half to each service; one of them is killed when so many were answered.
fn race(services: &mut [Service; 2], round: u64, kill_after: Option<usize>) -> Vec<(String, String)> {
    let base: Vec<char> = text(round, 420).chars().collect();
    let (gate, answered) = (Barrier::new(201), AtomicUsize::new(0));
    let addresses = services.each_ref().map(|service| service.address);
    std::thread::scope(|scope| {
        let (gate, answered, base) = (&gate, &answered, &base);
        let one = |n: usize| {
            scope.spawn(move || {
                let mut text = base.clone();
                text[2 * n] = '变';
                let (id, text) = (format!("r{round}n{n}"), text.iter().collect::<String>());
                let order = if n.is_multiple_of(2) { addresses } else { [addresses[1], addresses[0]] };
                gate.wait();
                let answer = send_to_any(&order, &id, &text);
                answered.fetch_add(1, Ordering::Relaxed);
                (id, answer["status"].as_str().unwrap().to_owned())
            })
        };
        let threads: Vec<_> = (0..200).map(one).collect();
        gate.wait();
        if let Some(after) = kill_after {
            until(Duration::from_secs(60), || answered.load(Ordering::Relaxed) >= after);
            services[1].kill();
        }
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn of_two_hundred_texts_that_differ_in_a_character_one_is_stored_also_when_a_service_is_killed_meanwhile() {
    let Some(database) = Database::durable() else { return };
    let mut services = [replica(&database), replica(&database)];
    make(&services[0]);
    for (round, kill_after) in [(0, None), (1, Some(20)), (2, Some(90)), (3, None)] {
        let answers = race(&mut services, round, kill_after);
        // Whoever was stored by the service that was killed, and asked again, hears that nothing has changed.
        let stored: Vec<&(String, String)> = answers.iter().filter(|(_, status)| status != "copy").collect();
        assert_eq!(stored.len(), 1, "{stored:?}");
        assert!(stored[0].1 == "new" || kill_after.is_some() && stored[0].1 == "unchanged", "{stored:?}");
        if kill_after.is_some() {
            services[1].again(&[], &[("TAOXI_STORE", &database.url()), ("TAOXI_LIMITS_QUEUE", "1000")]);
        }
        for service in &services {
            assert_eq!(service.get(&format!("{DOCUMENTS}/{}", stored[0].0)).status, 200);
            assert_eq!(service.get("/v1/collections/c").json()["counts"]["documents"], round + 1);
        }
    }
    database.verify();
}

#[test]
fn what_was_acknowledged_stays_when_services_are_killed_while_streams_arrive() {
    let Some(database) = Database::durable() else { return };
    let mut services = [replica(&database), replica(&database)];
    make(&services[0]);
    let mut acknowledged: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..3_u64 {
        let said = AtomicUsize::new(0);
        let addresses = services.each_ref().map(|service| service.address);
        let heard: Vec<(String, String)> = std::thread::scope(|scope| {
            let said = &said;
            let one = |thread: u64| {
                scope.spawn(move || {
                    let lines: Vec<(String, String)> = (0..120)
                        .map(|n| {
                            // A third of the texts come on all streams.
                            let own = if n % 3 == 0 { 0 } else { thread + 1 };
                            (format!("k{round}t{thread}n{n}"), text(round << 40 | own << 20 | n, 150))
                        })
                        .collect();
                    stream(addresses[thread as usize % 2], &lines, said)
                })
            };
            let threads: Vec<_> = (0..4).map(one).collect();
            until(Duration::from_secs(60), || said.load(Ordering::Relaxed) >= 40 + 60 * round as usize);
            services[1].kill();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        acknowledged.extend(heard);
        services[1].again(&[], &[("TAOXI_STORE", &database.url()), ("TAOXI_LIMITS_QUEUE", "1000")]);
    }
    assert!(acknowledged.len() > 300);
    let exported = services[1].get(DOCUMENTS).lines();
    let stored: BTreeMap<&str, &str> =
        exported.iter().map(|it| (it["id"].as_str().unwrap(), it["text"].as_str().unwrap())).collect();
    for (id, text) in &acknowledged {
        assert_eq!(stored.get(id.as_str()), Some(&text.as_str()), "{id}");
    }
    let mut texts: Vec<&str> = stored.values().copied().collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), stored.len(), "a text is stored twice");
    println!("{} acknowledged, {} stored", acknowledged.len(), stored.len());
    database.verify();
}

/// Sends lines as one stream; gives those that were said to be new.
fn stream(address: SocketAddr, lines: &[(String, String)], said: &AtomicUsize) -> Vec<(String, String)> {
    let body: String = lines.iter().map(|(id, text)| json!({"id": id, "text": text}).to_string() + "\n").collect();
    let mut new = Vec::new();
    let mut take = |connection: TcpStream| -> Option<()> {
        let mut connection = connection;
        let headers = [("content-type", "application/x-ndjson"), ("connection", "close")];
        connection.write_all(&request("POST", DOCUMENTS, &headers, body.as_bytes())).ok()?;
        let mut seen = Vec::new();
        let mut piece = [0; 4096];
        let mut next = 0;
        loop {
            let count = connection.read(&mut piece).ok().filter(|count| *count > 0)?;
            seen.extend(&piece[..count]);
            let text = String::from_utf8_lossy(&seen);
            // The lines of the answer stand between the sizes of its chunks.
            let whole: Vec<&str> =
                text.split("\r\n").flat_map(|it| it.split('\n')).filter(|it| it.starts_with('{')).collect();
            let whole: Vec<Value> = whole.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
            for answer in &whole[next..] {
                said.fetch_add(1, Ordering::Relaxed);
                if answer["status"] == "new" {
                    new.push(lines.iter().find(|(id, _)| answer["id"] == id.as_str()).expect("a line").clone());
                }
            }
            next = whole.len();
        }
    };
    // It ends when the answer does, or the service.
    let _ = TcpStream::connect(address).ok().and_then(&mut take);
    new
}

#[test]
fn a_database_that_is_away_is_a_named_fault_that_passes() {
    let Some(mut database) = Database::durable() else { return };
    let service = replica(&database);
    make(&service);
    let text = text(1, 200);
    let (status, answer) = send(service.address, "a", &text).unwrap();
    assert_eq!((status, answer["status"].as_str()), (200, Some("new")));
    assert_eq!(service.get("/readyz").status, 200);
    database.stop();
    for (method, path) in [
        ("GET", "/readyz"),
        ("GET", "/v1/collections"),
        ("GET", "/v1/collections/c"),
        ("PUT", "/v1/collections/d"),
        ("GET", "/v1/collections/c/documents/a"),
        ("DELETE", "/v1/collections/c/documents/a"),
    ] {
        let answer = service.connect().ask(&request(method, path, &[], b""));
        assert_eq!((answer.status, answer.problem().as_str()), (503, "store_away"), "{method} {path}");
        assert_eq!(answer.header("retry-after"), Some("1"), "{method} {path}");
    }
    let (status, answer) = send(service.address, "b", &text).unwrap();
    assert_eq!((status, answer["code"].as_str()), (503, Some("store_away")));
    assert_eq!(service.get("/livez").status, 200);
    let washed = service.post_json("/v1/clean", &json!({"text": text}));
    assert_eq!(washed.status, 200);
    database.again();
    until(Duration::from_secs(20), || service.get("/readyz").status == 200);
    let (status, answer) = send(service.address, "b", &text).unwrap();
    assert_eq!((status, answer["status"].as_str()), (200, Some("copy")));
    assert_eq!(service.get("/v1/collections/c/documents/a").json()["text"].as_str(), Some(text.as_str()));
}

#[test]
fn a_connection_is_encrypted_and_only_to_a_database_whose_certificate_is_trusted() {
    let Some(database) = Database::encrypted() else { return };
    let (url, authority) = (database.encrypted_url(), database.folder().join("authority.pem").display().to_string());
    let trusting = Service::with(&[], &[("TAOXI_STORE", &url), ("SSL_CERT_FILE", &authority)]);
    make(&trusting);
    let (_, answer) = send(trusting.address, "a", &text(1, 100)).unwrap();
    assert_eq!(answer["status"], "new");
    let encrypted = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'taoxi'";
    assert_eq!(database.ask(encrypted), "t");
    // A certificate that did not sign it, none but those of the system, and no encryption.
    let other = database.folder().join("server.pem").display().to_string();
    for (url, trusted, code) in [
        (url.as_str(), other.as_str(), "store_refused"),
        (url.as_str(), "/nonexistent", "store_refused"),
        (&url.replace("sslmode=require", "sslmode=disable"), &authority, "store_refused"),
    ] {
        let data = tempfile::tempdir().unwrap();
        let env = [("TAOXI_STORE", url), ("SSL_CERT_FILE", trusted)];
        let ended = common::service::command(data.path(), &[], &env).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{said}");
        assert!(said.contains(code), "{code}: {said}");
    }
}

#[test]
fn a_service_that_is_stopped_stores_what_it_took_and_shows_no_password() {
    let Some(database) = Database::durable() else { return };
    let url = database.url().replace("taoxi@", "taoxi:hunter2@");
    let mut service = Service::with(&["--store", &url], &[]);
    make(&service);
    let body: String =
        (0..80).map(|n| json!({"id": format!("d{n}"), "text": text(n, 90)}).to_string() + "\n").collect();
    let mut client: Client = service.connect();
    client.send(&request("POST", DOCUMENTS, &[("content-type", "application/x-ndjson")], body.as_bytes()));
    assert_eq!(client.head().status, 200);
    let mut lines = Vec::new();
    while let Some(piece) = client.chunk() {
        lines.extend(piece);
    }
    service.signal("-TERM");
    assert_eq!(service.ended(Duration::from_secs(30)), Some(0));
    assert_eq!(String::from_utf8(lines).unwrap().matches("\"new\"").count(), 80);
    assert_eq!(database.ask("SELECT documents FROM taoxi_collections"), "80");
    let shown = std::process::Command::new(env!("CARGO_BIN_EXE_taoxi"))
        .args(["config", "show"])
        .env("TAOXI_STORE", &url)
        .output()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.lines().any(|line| line.starts_with("store ") && line.contains("(set)")) && !shown.contains("hunter2")
    );
}

/// Runs `taoxi collection …` on a database.
fn collection(url: &str, words: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_taoxi"))
        .arg("collection")
        .args(words)
        .env("TAOXI_STORE", url)
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let ended = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ended.status.code(), text(ended.stdout), text(ended.stderr))
}

#[test]
fn commands_list_export_and_import_what_is_in_a_database() {
    let Some(database) = Database::start() else { return };
    let url = database.url();
    let service = replica(&database);
    make(&service);
    for n in 0..20 {
        send_to_any(&[service.address], &format!("d{n}"), &text(n, 120));
    }
    let (code, exported, _) = collection(&url, &["export", "c"], b"");
    assert_eq!((code, exported.lines().count()), (Some(0), 20));
    for _ in 0..2 {
        let (code, _, said) = collection(&url, &["import", "d", "-"], exported.as_bytes());
        assert!(code == Some(0) && said.contains("20 documents stored, 0 lines failed"), "{said}");
    }
    assert_eq!(collection(&url, &["export", "d"], b"").1, exported);
    assert_eq!(service.get("/v1/collections/d").json()["counts"]["documents"], 20);
    let (code, listed, _) = collection(&url, &["list"], b"");
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!((code, names), (Some(0), vec!["c", "d"]));
    assert_eq!(collection(&url, &["compact", "c"], b"").0, Some(0));
    let (code, _, said) = collection(&url, &["verify"], b"");
    assert!(code == Some(2) && said.contains("usage") && said.contains("database"), "{said}");
}
