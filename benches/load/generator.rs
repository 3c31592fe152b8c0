//! Requests over connections that are kept, without waiting for any one of them.
//!
//! In an open loop requests are due at fixed times, whatever becomes of those before them; what a request waits for a connection counts.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Between looks at connections when nothing happened.
const NAP: Duration = Duration::from_micros(30);
/// A turn of the loop that took longer than this was not of this program's making: the machine stood still.
const STALL: Duration = Duration::from_millis(5);
/// Requests that are still unanswered so long after the last one was due are lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request as bytes.
pub fn post(path: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend(body);
    bytes
}

struct Asked {
    due: Instant,
    sent: Instant,
}

struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    sent: usize,
    answer: Vec<u8>,
    asked: Option<Asked>,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        stream.set_nodelay(true).expect("no delay");
        stream.set_nonblocking(true).expect("non-blocking");
        Self { stream, out: Vec::new(), sent: 0, answer: Vec::with_capacity(32 << 10), asked: None }
    }

    fn ask(&mut self, request: &[u8], due: Instant) {
        self.out.clear();
        self.out.extend_from_slice(request);
        (self.sent, self.asked) = (0, Some(Asked { due, sent: Instant::now() }));
        self.answer.clear();
        self.push();
    }

    /// Sends what can be sent; whether the connection is still well.
    fn push(&mut self) -> bool {
        while self.sent < self.out.len() {
            match self.stream.write(&self.out[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) => return error.kind() == ErrorKind::WouldBlock,
            }
        }
        true
    }

    /// Reads what has come: whether the answer is whole, or the connection broken.
    fn poll(&mut self) -> Result<bool, ()> {
        if !self.push() {
            return Err(());
        }
        let mut piece = [0; 16 << 10];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(()),
                Ok(count) => {
                    self.answer.extend_from_slice(&piece[..count]);
                    if whole(&self.answer).is_some() {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(_) => return Err(()),
            }
        }
    }
}

/// The status and the body of an answer that is whole.
fn whole(answer: &[u8]) -> Option<(u16, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let body = &answer[end..];
    (body.len() >= length.unwrap_or(0)).then_some((status, body))
}

/// Times in microseconds.
#[derive(Default)]
pub struct Times(Vec<u64>);

impl Times {
    fn add(&mut self, time: Duration) {
        self.0.push(time.as_micros() as u64);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time in milliseconds that such a share of requests took at most.
    pub fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        #[expect(clippy::cast_sign_loss, reason = "a share is not negative")]
        let at = (sorted.len() as f64 * share) as usize;
        sorted.get(at.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |time| *time as f64 / 1e3)
    }

    pub fn show(&self) -> String {
        format!("p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms", self.at(0.5), self.at(0.99), self.at(1.0))
    }
}

/// What a run gave.
#[derive(Default)]
pub struct Run {
    /// Answers of 200, from when they were due.
    pub well: Times,
    /// Answers of 503, from when they were sent.
    pub refused: Times,
    /// Other answers, with the last status.
    pub odd: Vec<u16>,
    /// Connections that broke, and requests without an answer.
    pub lost: usize,
    pub took: f64,
    /// Milliseconds in which the machine stood still, as seen from the generator's core.
    pub stalled: f64,
    /// Requests that were sent.
    pub sent: usize,
}

impl Run {
    pub fn rate(&self) -> f64 {
        self.well.count() as f64 / self.took
    }

    pub fn faults(&self) -> String {
        if self.lost == 0 && self.odd.is_empty() {
            String::new()
        } else {
            format!("; LOST {}, ODD {:?}", self.lost, self.odd)
        }
    }
}

/// How a run goes.
pub struct Plan<'p> {
    pub address: SocketAddr,
    /// Requests a second; `None` for a closed loop.
    pub rate: Option<f64>,
    pub seconds: f64,
    pub connections: usize,
    /// The request of a number.
    pub request: &'p mut dyn FnMut(u64) -> Vec<u8>,
    /// Looks at an answer of 200.
    pub look: &'p mut dyn FnMut(&[u8]),
}

impl Plan<'_> {
    pub fn run(self) -> Run {
        let begun = Instant::now();
        let end = begun + Duration::from_secs_f64(self.seconds);
        let mut connections: Vec<Connection> = Vec::new();
        let (mut idle, mut busy): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
        let mut waiting: VecDeque<Instant> = VecDeque::new();
        let (mut run, mut number) = (Run::default(), 0_u64);
        let mut turn = begun;
        loop {
            let now = Instant::now();
            let gap = now - std::mem::replace(&mut turn, now);
            if gap > STALL {
                run.stalled += gap.as_secs_f64() * 1e3;
            }
            if let Some(rate) = self.rate {
                loop {
                    let due = begun + Duration::from_secs_f64(number as f64 / rate);
                    if due > now || due >= end {
                        break;
                    }
                    waiting.push_back(due);
                    number += 1;
                }
            } else if now < end {
                while waiting.len() + busy.len() < self.connections {
                    waiting.push_back(now);
                }
            }
            let mut moved = false;
            while !waiting.is_empty() && (!idle.is_empty() || connections.len() < self.connections) {
                let at = idle.pop().unwrap_or_else(|| {
                    connections.push(Connection::open(self.address));
                    connections.len() - 1
                });
                let due = waiting.pop_front().unwrap_or(now);
                connections[at].ask(&(self.request)(run.sent as u64), due);
                run.sent += 1;
                busy.push(at);
                moved = true;
            }
            busy.retain(|at| {
                let connection = &mut connections[*at];
                match connection.poll() {
                    Ok(false) => return true,
                    Ok(true) => take(connection, &mut run, &mut *self.look),
                    Err(()) => {
                        run.lost += 1;
                        *connection = Connection::open(self.address);
                    }
                }
                idle.push(*at);
                moved = true;
                false
            });
            if now >= end && (busy.is_empty() && (waiting.is_empty() || self.rate.is_none()) || now > end + PATIENCE) {
                break;
            }
            // What could not even be sent in time is of no use to anybody.
            if now >= end && self.rate.is_some() && connections.len() >= self.connections {
                waiting.clear();
            }
            if !moved {
                std::thread::sleep(NAP);
            }
        }
        run.lost += busy.len();
        run.took = self.seconds;
        run
    }
}

fn take(connection: &mut Connection, run: &mut Run, look: &mut dyn FnMut(&[u8])) {
    let (Some(asked), Some((status, body))) = (connection.asked.take(), whole(&connection.answer)) else { return };
    match status {
        200 => {
            run.well.add(asked.due.elapsed());
            look(body);
        }
        503 => run.refused.add(asked.sent.elapsed()),
        other if run.odd.len() < 5 => run.odd.push(other),
        _ => {}
    }
}
