//! A stream of lines answered line by line, in order, while it still comes in.
//!
//! Lines go to the pool in batches, a window of them at a time; what is done is sent before more is read. So a client that does not read stops us
//! reading, and a body of any size is answered in bounded memory. A line's work may leave its answer for later, when something is durable; the window
//! goes on meanwhile, so that many lines share one write to disk.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::http::header;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use tokio::sync::oneshot;

use super::body;
use super::held::Held;
use super::incoming::Incoming;
use super::pool::{PoolError, Ticket};
use super::problem::Problem;
use super::split::{Line, Splitter};
use super::state::{OpenStream, State};
use super::turn::{Place, Turns};
use crate::archive::ArchiveError;
use crate::document::ErrorRecord;
use crate::error::{Code, Fault, fault};

/// The media type of the answer.
pub const NDJSON: &str = "application/x-ndjson";

/// Lines of a batch.
const BATCH_LINES: usize = 32;
/// A batch is full at so many bytes.
const BATCH_BYTES: usize = 128 << 10;
/// Batches in flight.
const WINDOW: usize = 8;
/// Answers are sent in pieces of about this size.
const PIECE: usize = 32 << 10;
/// A line longer than this takes its share of the memory that all requests have in common.
const FREE_BYTES: usize = 256 << 10;

/// What work on a line gives.
pub enum Outcome {
    /// The answer: a line with its end, or nothing for a blank line.
    Done(Vec<u8>),
    /// The answer comes by itself.
    Later(oneshot::Receiver<Vec<u8>>),
}

/// What has become of a line.
pub enum Work {
    /// It is answered.
    Answered(Outcome),
    /// The rest of the work must come after that on all lines before it.
    InTurn(Box<dyn FnOnce() -> Outcome + Send>),
}

/// Work on the lines of a stream. It runs on the pool, on several lines at a time.
pub trait LineWork: Send + Sync + 'static {
    /// Answers a line, given with its number and its end.
    fn answer(&self, number: u64, line: &[u8]) -> Work;
}

/// The answer to a stream of lines.
pub fn answer(
    request: &HttpRequest,
    payload: Payload,
    state: &Arc<State>,
    work: Arc<dyn LineWork>,
) -> Result<HttpResponse, Problem> {
    let open = state.open_stream()?;
    let incoming = Incoming::new(payload, body::coding(request)?, state.clone())?;
    let lines = Lines::new(incoming, work, state.clone(), open);
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, NDJSON)).streaming(lines))
}

/// A line for a failure.
pub fn error_line(id: impl Into<String>, error: Fault) -> Vec<u8> {
    json_line(&ErrorRecord { id: id.into(), error })
}

/// A record as a line.
pub fn json_line(record: &impl serde::Serialize) -> Vec<u8> {
    // Records hold strings, numbers and maps with string keys: they always become JSON.
    let mut line = serde_json::to_vec(record).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Batches on their way, in order.
enum Batch {
    Working(Ticket<Vec<Outcome>>),
    Answering(VecDeque<Outcome>),
}

/// The answers as a stream of bytes.
struct Lines {
    incoming: Incoming,
    splitter: Splitter,
    held: Held,
    batch: Vec<Line>,
    batch_bytes: usize,
    window: VecDeque<Batch>,
    out: BytesMut,
    /// The body has ended, or failed.
    ended: bool,
    /// Behind the answers to what came before, this is the last line.
    last_words: Option<Vec<u8>>,
    work: Arc<dyn LineWork>,
    turns: Turns,
    state: Arc<State>,
    cut: Pin<Box<dyn Future<Output = ()> + Send>>,
    _open: OpenStream,
}

impl Lines {
    fn new(incoming: Incoming, work: Arc<dyn LineWork>, state: Arc<State>, open: OpenStream) -> Self {
        let limit = usize::try_from(state.settings.body.bytes.min(state.settings.read.limits.record_bytes));
        let life = state.clone();
        Self {
            incoming,
            splitter: Splitter::new(limit.unwrap_or(usize::MAX)),
            held: Held::new(&state.budget),
            batch: Vec::new(),
            batch_bytes: 0,
            window: VecDeque::new(),
            out: BytesMut::new(),
            ended: false,
            last_words: None,
            work,
            turns: Turns::default(),
            state,
            cut: Box::pin(async move { life.life.cut().await }),
            _open: open,
        }
    }

    /// Reads lines until the window is full, or nothing more has come.
    fn fill(&mut self, context: &mut Context<'_>) {
        while !self.ended {
            if self.window.len() >= WINDOW {
                self.incoming.pause();
                return;
            }
            if let Some(line) = self.splitter.next() {
                self.take(line);
                continue;
            }
            match self.incoming.poll_piece(context) {
                Poll::Pending => {
                    self.send_batch();
                    return;
                }
                Poll::Ready(Some(Ok(piece))) => {
                    self.splitter.push(&piece);
                    self.hold();
                }
                Poll::Ready(Some(Err(problem))) => self.end(problem.into()),
                Poll::Ready(None) => {
                    if let Some(line) = self.splitter.last() {
                        self.take(line);
                    }
                    self.send_batch();
                    self.ended = true;
                }
            }
        }
    }

    /// Counts a long line's bytes.
    fn hold(&mut self) {
        let waiting = self.splitter.waiting();
        let before = self.held.bytes();
        if waiting <= FREE_BYTES {
            self.held.set(0);
        } else if waiting > before
            && let Err(problem) = self.held.grow(waiting - before)
        {
            self.end(problem.into());
        }
    }

    fn take(&mut self, line: Line) {
        self.batch_bytes += line.bytes.as_ref().map_or(0, Bytes::len);
        self.batch.push(line);
        if self.batch.len() >= BATCH_LINES || self.batch_bytes >= BATCH_BYTES {
            self.send_batch();
        }
    }

    fn send_batch(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.batch_bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        let (work, limit) = (self.work.clone(), self.splitter.limit());
        let place = self.turns.next();
        let ask = self.state.pool.stream(move || answer_all(&*work, &batch, limit, &place));
        match ask {
            Ok(ticket) => self.window.push_back(Batch::Working(ticket)),
            Err(error) => self.end(fault(&error)),
        }
    }

    /// Nothing more is read; what is in flight is still answered, and then the failure is named.
    fn end(&mut self, error: Fault) {
        if !self.ended {
            self.ended = true;
            self.send_batch();
            self.last_words = Some(error_line("body", error));
        }
    }

    /// Takes answers that are done, in order, until a piece is full.
    fn drain(&mut self, context: &mut Context<'_>) {
        while self.out.len() < PIECE {
            match self.window.front_mut() {
                None => {
                    if let Some(line) = self.last_words.take() {
                        self.out.extend_from_slice(&line);
                    }
                    return;
                }
                Some(Batch::Working(ticket)) => {
                    let Poll::Ready(done) = Pin::new(ticket).poll(context) else { return };
                    match done.unwrap_or(Err(PoolError::Stopped)) {
                        Ok(outcomes) => self.window[0] = Batch::Answering(outcomes.into()),
                        Err(error) => {
                            self.window.clear();
                            self.ended = true;
                            self.last_words = Some(error_line("body", fault(&error)));
                        }
                    }
                }
                Some(Batch::Answering(outcomes)) => match outcomes.front_mut() {
                    None => {
                        self.window.pop_front();
                    }
                    Some(Outcome::Done(line)) => {
                        self.out.extend_from_slice(line);
                        outcomes.pop_front();
                    }
                    Some(Outcome::Later(answer)) => {
                        let Poll::Ready(line) = Pin::new(answer).poll(context) else { return };
                        let lost = || error_line("body", Fault::new(Code::Internal, "an answer was lost"));
                        self.out.extend_from_slice(&line.unwrap_or_else(|_| lost()));
                        outcomes.pop_front();
                    }
                },
            }
        }
    }
}

/// Answers a batch: what must be in turn is done in turn, when all else is done.
fn answer_all(work: &dyn LineWork, batch: &[Line], limit: usize, place: &Place) -> Vec<Outcome> {
    let begun: Vec<Work> = batch.iter().map(|line| answer_one(work, line, limit)).collect();
    if begun.iter().any(|work| matches!(work, Work::InTurn(_))) {
        place.wait();
    }
    let finish = |(line, work): (&Line, Work)| match work {
        Work::Answered(outcome) => outcome,
        Work::InTurn(rest) => catch_unwind(AssertUnwindSafe(rest)).unwrap_or_else(|_| panicked(line.number)),
    };
    batch.iter().zip(begun).map(finish).collect()
}

fn panicked(number: u64) -> Outcome {
    Outcome::Done(error_line(format!("body:{number}"), fault(&PoolError::Panicked)))
}

/// Answers one line; a panic is an error of this line alone.
fn answer_one(work: &dyn LineWork, line: &Line, limit: usize) -> Work {
    let number = line.number;
    let Some(bytes) = &line.bytes else {
        let place = format!("body:{number}");
        let error =
            ArchiveError::TooLarge { place: place.clone(), limit: limit as u64, what: "one line (limits.body)" };
        return Work::Answered(Outcome::Done(error_line(place, fault(&error))));
    };
    catch_unwind(AssertUnwindSafe(|| work.answer(number, bytes))).unwrap_or_else(|_| Work::Answered(panicked(number)))
}

impl Stream for Lines {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.ended && self.cut.as_mut().poll(context).is_ready() {
            self.end(fault(&PoolError::Stopped));
        }
        loop {
            self.fill(context);
            let before = self.window.len();
            self.drain(context);
            // Draining makes room in the window: more may be read, and somebody must wait for it.
            if self.ended || self.out.len() >= PIECE || self.window.len() == before {
                break;
            }
        }
        if !self.out.is_empty() {
            let piece = self.out.split().freeze();
            self.state.metrics.sent(piece.len());
            return Poll::Ready(Some(Ok(piece)));
        }
        if self.ended && self.window.is_empty() && self.last_words.is_none() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    use futures_util::StreamExt as _;
    use futures_util::future::poll_immediate;

    use crate::config::{Config, Flag, Flags};
    use crate::server::Settings;

    fn state(folder: &std::path::Path) -> Arc<State> {
        let flags = [("data", folder.display().to_string()), ("threads", "1".to_owned())];
        let values = flags.map(|(setting, value)| Flag { setting, spelt: "a test", value }).to_vec();
        let config = Config::load(&Flags { config: None, values }, &[], &|_| Ok(None)).unwrap();
        Arc::new(State::open(Settings::new(&config, &|_| None).unwrap()).unwrap())
    }

    /// Answers each line later, in whatever order the test says; a line `panic` panics, and one `now` is answered at once.
    #[derive(Default)]
    struct Later(Mutex<Vec<oneshot::Sender<Vec<u8>>>>);

    impl LineWork for Later {
        fn answer(&self, number: u64, line: &[u8]) -> Work {
            match line.trim_ascii() {
                b"panic" => panic!("a fault"),
                b"now" => Work::Answered(Outcome::Done(format!("now {number}\n").into_bytes())),
                _ => {
                    let (sender, receiver) = oneshot::channel();
                    self.0.lock().unwrap().push(sender);
                    Work::Answered(Outcome::Later(receiver))
                }
            }
        }
    }

    async fn stream(state: &Arc<State>, work: Arc<dyn LineWork>, body: Vec<u8>) -> Lines {
        let (request, mut payload) = actix_web::test::TestRequest::default().set_payload(body).to_http_parts();
        let payload = <Payload as actix_web::FromRequest>::from_request(&request, &mut payload).await.unwrap();
        let incoming = Incoming::new(payload, None, state.clone()).unwrap();
        Lines::new(incoming, work, state.clone(), state.open_stream().unwrap())
    }

    #[actix_web::test]
    async fn answers_that_come_later_keep_their_places_and_a_panic_is_of_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let (state, work) = (state(folder.path()), Arc::new(Later::default()));
        let lines = stream(&state, work.clone(), b"later\nnow\npanic\nlater\nnow".to_vec()).await;
        let reading = actix_web::rt::spawn(lines.map(Result::unwrap).collect::<Vec<Bytes>>());
        while work.0.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        let mut senders = std::mem::take(&mut *work.0.lock().unwrap());
        senders.pop().unwrap().send(b"later 4\n".to_vec()).unwrap();
        senders.pop().unwrap().send(b"later 1\n".to_vec()).unwrap();
        let text = String::from_utf8(reading.await.unwrap().concat()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!([lines[0], lines[1], lines[3], lines[4]], ["later 1", "now 2", "later 4", "now 5"]);
        assert!(lines[2].starts_with(r#"{"id":"body:3","error":{"code":"internal""#), "{}", lines[2]);
        assert_eq!(state.streams(), 0);
    }

    #[actix_web::test]
    async fn lines_in_flight_are_bounded_while_the_first_is_not_answered() {
        let folder = tempfile::tempdir().unwrap();
        let (state, work) = (state(folder.path()), Arc::new(Later::default()));
        let mut lines = stream(&state, work.clone(), b"later\n".repeat(10_000)).await;
        let most = WINDOW * BATCH_LINES;
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while work.0.lock().unwrap().len() < most {
            assert!(poll_immediate(lines.next()).await.is_none());
            tokio::task::yield_now().await;
            assert!(std::time::Instant::now() < end);
        }
        for _ in 0..1000 {
            assert!(poll_immediate(lines.next()).await.is_none());
            tokio::task::yield_now().await;
        }
        assert_eq!(work.0.lock().unwrap().len(), most);
    }
}
