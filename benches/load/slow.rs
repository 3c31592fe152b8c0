//! Two thousand clients that are as slow as they may be, and what the others notice of it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::capacity::{measured, median, wash};
use super::service::Service;

const SOCKETS: usize = 2000;
const ROUNDS: usize = 7;
/// Slow clients that take their turn at once. They share a core with the generator: it would count a longer turn of theirs as the service's time.
const AT_ONCE: usize = 4;
/// From when all slow clients are there until the others are timed.
const SETTLED: Duration = Duration::from_secs(2);

/// How a client is slow.
#[derive(Clone, Copy)]
enum Slow {
    /// A byte of the head each second.
    Head,
    /// A byte of the body each second.
    Body,
    /// Takes no answer.
    Reader,
}

struct Client {
    slow: Slow,
    stream: TcpStream,
}

impl Client {
    fn open(address: SocketAddr, slow: Slow) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        let begin = match slow {
            Slow::Head => "POST /v1/clean HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ".to_owned(),
            Slow::Body => {
                let length = 5000;
                format!(
                    "POST /v1/clean HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n"
                )
            }
            Slow::Reader => "GET /openapi.json HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".repeat(4),
        };
        stream.write_all(begin.as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Self { slow, stream })
    }

    /// Whether the connection is still there, after the next byte.
    fn go_on(&mut self) -> bool {
        if matches!(self.slow, Slow::Reader) {
            let mut byte = [0];
            return self
                .stream
                .peek(&mut byte)
                .map_or_else(|error| error.kind() == std::io::ErrorKind::WouldBlock, |count| count > 0);
        }
        let mut rest = [0; 4096];
        let closed = matches!(self.stream.read(&mut rest), Ok(0));
        !closed && self.stream.write(b"a").is_ok()
    }
}

/// Keeps the slow clients there until told to stop.
fn keep(address: SocketAddr, stop: &AtomicBool, open: &AtomicUsize, renewed: &AtomicUsize) {
    let kinds = [Slow::Head, Slow::Body, Slow::Reader];
    let connect = |at: usize| Client::open(address, kinds[at % kinds.len()]);
    let mut clients: Vec<Client> = Vec::new();
    while clients.len() < SOCKETS {
        clients.extend(connect(clients.len()));
        open.store(clients.len(), Ordering::Relaxed);
    }
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        for (at, client) in clients.iter_mut().enumerate() {
            if !client.go_on()
                && let Ok(new) = connect(at)
            {
                *client = new;
                renewed.fetch_add(1, Ordering::Relaxed);
            }
            // Spread over the second.
            let share = Duration::from_secs_f64((at + 1) as f64 / SOCKETS as f64);
            if at % AT_ONCE == 0 {
                std::thread::sleep(share.saturating_sub(begun.elapsed()));
            }
        }
    }
}

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path(), &[]);
    let rate = measured(&service) * 0.5;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let before = wash(&service, Some(rate), 10.0, 256);
        let resident = service.resident();
        let (stop, open, renewed) =
            (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let keeper = {
            let (stop, open, renewed, address) = (stop.clone(), open.clone(), renewed.clone(), service.address);
            std::thread::spawn(move || keep(address, &stop, &open, &renewed))
        };
        while open.load(Ordering::Relaxed) < SOCKETS {
            std::thread::sleep(Duration::from_millis(10));
        }
        // What two thousand clients ask for when they come is work like any other; here it is about what they cost while they are slow.
        std::thread::sleep(SETTLED);
        let during = wash(&service, Some(rate), 10.0, 256);
        let held = service.resident();
        stop.store(true, Ordering::Relaxed);
        keeper.join().expect("stopped");
        ratios.push(during.well.at(0.99) / before.well.at(0.99));
        println!(
            "{rate:.0}/s, before: {}{}; with {SOCKETS} slow clients ({} came again): {}{}; p99 x {:.2}; RAM {:.0} -> {:.0} MB",
            before.well.show(),
            before.faults(),
            renewed.load(Ordering::Relaxed),
            during.well.show(),
            during.faults(),
            during.well.at(0.99) / before.well.at(0.99),
            resident as f64 / 1e6,
            held as f64 / 1e6
        );
    }
    println!("median of {ROUNDS}: p99 x {:.2} (asked: 1.5)", median(ratios));
}
