//! The service killed at any moment while documents arrive, change and go: what was acknowledged is there afterwards, and nothing else is.

#![cfg(all(unix, feature = "server"))]
#![allow(
    clippy::option_option, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout,
    clippy::disallowed_methods
)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;

use common::Random;
use common::made::{cut, prose, taoxi};
use common::service::{Service, request};
use serde_json::{Value, json};
use taoxi::{Cleaner, Document, Options};

/// Kills, unless `TAOXI_TEST_KILLS` says how many.
const KILLS: usize = 40;
/// The service is killed within so many milliseconds after the first documents were sent.
const LONGEST: usize = 250;
const DOCUMENTS: &str = "/v1/collections/c/documents";

/// What may be stored under an id: of several texts one, where the last request was not answered.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The one that was acknowledged last, or what is now known to be there; `None` for nothing.
    sure: Option<String>,
    /// What the request that was not answered would have stored.
    asked: Option<Option<String>>,
}

type Model = BTreeMap<String, Known>;

/// Asks on a connection of its own. An error when no whole answer came.
fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<(u16, Value)> {
    let mut stream = connected(address)?;
    let headers = [("content-type", "application/json"), ("connection", "close")];
    stream.write_all(&request(method, path, &headers, body.as_bytes()))?;
    let mut stream = BufReader::new(stream);
    let (status, length) = head(&mut stream)?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

fn connected(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    Ok(stream)
}

/// The status of an answer, and how long its body is; 0 for one in chunks.
fn head(stream: &mut impl BufRead) -> io::Result<(u16, usize)> {
    let (mut status, mut length) = (0, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            return Ok((status, length));
        } else if let Some(rest) = line.strip_prefix("http/1.1 ") {
            status = rest[..3].parse().expect("a status");
        } else if let Some(number) = line.strip_prefix("content-length: ") {
            length = number.parse().expect("a number");
        }
    }
}

/// A text that washing leaves as it is: among so many made-up lines some read like bait.
fn washed(text: String) -> String {
    static CLEANER: LazyLock<Cleaner> =
        LazyLock::new(|| Cleaner::new(Arc::new(taoxi::rules::load(None).expect("loads"))));
    let cleaned = CLEANER.clean(Document::from_text("d", text), &Options::default()).expect("washes");
    cleaned.text.trim_end().to_owned()
}

/// One client: it alone uses the ids that begin with its name, one after the other.
struct Sender {
    name: &'static str,
    address: SocketAddr,
    random: Random,
    model: Model,
    number: usize,
}

impl Sender {
    fn prose(&mut self) -> String {
        let characters = 150 + self.random.below(200);
        washed(prose(&mut self.random, characters))
    }

    fn new_id(&mut self) -> String {
        self.number += 1;
        format!("{}{}", self.name, self.number)
    }

    fn any_id(&mut self) -> Option<String> {
        let at = self.random.below(self.model.len());
        self.model.keys().nth(at).cloned()
    }

    /// Stores a text under an id; whether it was acknowledged.
    fn store(&mut self, id: String) -> bool {
        let text = self.prose();
        let body = json!({"id": id, "text": text}).to_string();
        let known = self.model.entry(id).or_default();
        known.asked = Some(Some(text.clone()));
        let Ok((status, answer)) = ask(self.address, "POST", DOCUMENTS, &body) else { return false };
        let want = if known.sure.is_some() { "updated" } else { "new" };
        assert_eq!((status, answer["status"].as_str()), (200, Some(want)), "{answer}");
        *known = Known { sure: Some(text), asked: None };
        true
    }

    fn remove(&mut self, id: &str) -> bool {
        let known = self.model.get_mut(id).expect("known");
        known.asked = Some(None);
        let Ok((status, _)) = ask(self.address, "DELETE", &format!("{DOCUMENTS}/{id}"), "") else { return false };
        assert_eq!(status, if known.sure.is_some() { 204 } else { 404 });
        *known = Known::default();
        true
    }

    /// A copy of a stored text is one, right after it was acknowledged.
    fn copy(&mut self, id: &str) -> bool {
        let Some(text) = self.model[id].sure.clone() else { return true };
        let body = json!({"id": "copy", "text": cut(&text, 80)}).to_string();
        let Ok((status, answer)) = ask(self.address, "POST", &format!("{DOCUMENTS}?mode=check"), &body) else {
            return false;
        };
        assert_eq!((status, answer["status"].as_str()), (200, Some("copy")), "{id}: {answer}");
        true
    }

    /// Stores, changes and removes single documents until the service is gone.
    fn singly(mut self) -> Self {
        loop {
            let well = match (self.random.below(6), self.any_id()) {
                (0, Some(id)) => self.remove(&id),
                (1, Some(id)) => self.store(id),
                (2, Some(id)) => self.copy(&id),
                _ => {
                    let id = self.new_id();
                    self.store(id)
                }
            };
            if !well {
                return self;
            }
        }
    }

    /// Sends lines, and reads the answers meanwhile, until the service is gone.
    fn in_streams(mut self) -> Self {
        while self.stream().is_ok() {}
        self
    }

    fn stream(&mut self) -> io::Result<()> {
        let stream = connected(self.address)?;
        let mut sending = stream.try_clone()?;
        let headers = [("content-type", "application/x-ndjson"), ("transfer-encoding", "chunked")];
        sending.write_all(&request("POST", DOCUMENTS, &headers, b""))?;
        let mut lines = Vec::new();
        for _ in 0..100 {
            let (id, text) = (self.new_id(), self.prose());
            lines.push(format!("{}\n", json!({"id": id, "text": text})));
            self.model.insert(id, Known { sure: None, asked: Some(Some(text)) });
        }
        let feed = std::thread::spawn(move || {
            let sent = lines.iter().try_for_each(|line| write!(sending, "{:x}\r\n{line}\r\n", line.len()));
            sent.and_then(|()| sending.write_all(b"0\r\n\r\n"))
        });
        let outcome = self.acknowledged(BufReader::new(stream));
        feed.join().expect("sent").and(outcome)
    }

    fn acknowledged(&mut self, mut stream: impl BufRead) -> io::Result<()> {
        let (status, _) = head(&mut stream)?;
        assert_eq!(status, 200);
        let mut whole = Vec::new();
        loop {
            let mut size = String::new();
            stream.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim_end(), 16).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            let mut piece = vec![0; size + 2];
            stream.read_exact(&mut piece)?;
            whole.extend_from_slice(&piece[..size]);
            while let Some(end) = whole.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = whole.drain(..=end).collect();
                let answer: Value = serde_json::from_slice(&line).expect("JSON");
                assert_eq!(answer["status"], "new", "{answer}");
                let known = self.model.get_mut(answer["id"].as_str().expect("an id")).expect("sent");
                known.sure = known.asked.take().flatten();
            }
            if size == 0 {
                return Ok(());
            }
        }
    }
}

/// What the service has: every id is as it was acknowledged, or as the request that was not answered would have it.
fn compare(service: &Service, model: &mut Model, ids: &[String]) {
    let mut client = service.connect();
    for id in ids {
        let known = model.get_mut(id).expect("known");
        let answer = client.ask(&request("GET", &format!("{DOCUMENTS}/{id}"), &[], b""));
        let there = (answer.status == 200).then(|| answer.json()["text"].as_str().expect("a text").to_owned());
        let is_right = there == known.sure || known.asked.as_ref() == Some(&there);
        assert!(is_right, "{id}: {there:?} is there instead of {known:?}");
        let before = std::mem::replace(known, Known { sure: there, asked: None });
        let gone =
            [before.sure, before.asked.flatten()].into_iter().flatten().find(|it| known.sure.as_ref() != Some(it));
        let check = |text: &str| {
            let body = json!({"id": "asked", "text": text});
            service.post_json(&format!("{DOCUMENTS}?mode=check"), &body).json()
        };
        if let Some(text) = &known.sure {
            let answer = check(text);
            assert_eq!((&answer["status"], &answer["relations"][0]["kind"]), (&json!("copy"), &json!("exact")), "{id}");
        }
        if let Some(text) = gone {
            assert_eq!(check(&text)["status"], "new", "{id}: its text is gone");
        }
    }
}

fn verify(service: &Service) {
    let output = taoxi(&["collection", "verify"]).env("TAOXI_DATA", service.data.path()).output().expect("runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("0 damaged places"), "{said}{output:?}");
}

/// Lets clients at the service, and kills it while they are at it.
fn disturb(service: &mut Service, senders: Vec<Sender>, random: &mut Random) -> Vec<Sender> {
    let (begun, begins) = mpsc::channel::<()>();
    let threads: Vec<_> = senders
        .into_iter()
        .map(|mut sender| {
            sender.address = service.address;
            let begun = begun.clone();
            std::thread::spawn(move || {
                begun.send(()).expect("waited for");
                if sender.name == "stream" { sender.in_streams() } else { sender.singly() }
            })
        })
        .collect();
    for _ in &threads {
        begins.recv().expect("begun");
    }
    // Nothing is waited for: the moment is to be any.
    std::thread::park_timeout(Duration::from_micros(random.below(LONGEST * 1000) as u64));
    service.kill();
    threads.into_iter().map(|thread| thread.join().expect("ended well")).collect()
}

#[test]
fn what_was_acknowledged_survives_kills_at_any_moment() {
    let kills = std::env::var("TAOXI_TEST_KILLS").map_or(KILLS, |count| count.parse().expect("a number"));
    let mut random = Random(7);
    let mut service = Service::start();
    assert_eq!(service.connect().ask(&request("PUT", "/v1/collections/c", &[], b"")).status, 201);
    let sender = |(seed, name): (u64, &'static str)| Sender {
        name,
        address: service.address,
        random: Random(seed),
        model: Model::new(),
        number: 0,
    };
    let mut senders: Vec<Sender> = (1..).zip(["stream", "x", "y", "z"]).map(sender).collect();
    let mut acknowledged = 0;
    for kill in 0..kills {
        let before: Vec<usize> = senders.iter().map(|sender| sender.number).collect();
        senders = disturb(&mut service, senders, &mut random);
        verify(&service);
        service.again(&[], &[]);
        for (sender, before) in senders.iter_mut().zip(before) {
            let open = |(_, known): &(&String, &Known)| known.asked.is_some();
            let mut ids: Vec<String> = sender.model.iter().filter(open).map(|(id, _)| id.clone()).collect();
            ids.extend((before..sender.number).map(|number| format!("{}{}", sender.name, number + 1)));
            ids.extend((0..5).filter_map(|_| sender.any_id()));
            compare(&service, &mut sender.model, &ids);
        }
        let fresh = prose(&mut random, 200);
        let answer = service.post_json(&format!("{DOCUMENTS}?mode=check"), &json!({"text": fresh})).json();
        assert_eq!((&answer["status"], &answer["relations"]), (&json!("new"), &json!([])));
        match kill % 10 {
            // With a snapshot, recovery goes another way.
            3 => {
                service.signal("-TERM");
                assert_eq!(service.ended(Duration::from_secs(30)), Some(0));
                service.again(&[], &[]);
            }
            7 => assert_eq!(service.post("/v1/collections/c/compact", "application/json", b"").status, 200),
            _ => {}
        }
    }
    for sender in &mut senders {
        let ids: Vec<String> = sender.model.keys().cloned().collect();
        acknowledged += sender.model.values().filter(|known| known.sure.is_some()).count();
        compare(&service, &mut sender.model, &ids);
    }
    verify(&service);
    let stored = service.get("/v1/collections/c").json()["counts"]["documents"].as_u64();
    assert_eq!(stored, Some(acknowledged as u64));
    println!("{kills} kills, {acknowledged} documents stored in the end");
}
