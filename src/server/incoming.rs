//! A streamed body: piece by piece, decompressed on the pool, never faster than it is asked for.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::web::Payload;
use bytes::Bytes;
use futures_util::Stream;
use tokio::time::Sleep;

use super::body::broken;
use super::pace::Pace;
use super::pool::{PoolError, Ticket};
use super::problem::Problem;
use super::state::State;
use crate::archive::{ArchiveError, Coding, Decoded};

/// Bytes that are decompressed at a time.
const PIECE: usize = 128 << 10;
/// What `limits.total_bytes` is the limit of, in messages.
const TOTAL: &str = "one streamed body (limits.total_bytes)";

/// What a step of decompression gives: what came out, and whether there may be more.
type Stepped = (Box<Decoded>, Result<(Vec<u8>, bool), ArchiveError>);
/// A step of decompression on the pool.
type Step = Ticket<Stepped>;

enum Decoding {
    /// The body is not compressed.
    None,
    /// More must be fed.
    Hungry(Box<Decoded>),
    /// There may be more in what was fed.
    Full(Box<Decoded>),
    /// A step is under way.
    Busy(Step),
    /// All is out, or a fault was given.
    Done,
}

/// The pieces of a body.
pub struct Incoming {
    payload: Payload,
    ended: bool,
    decoding: Decoding,
    pace: Pace,
    timer: Pin<Box<Sleep>>,
    state: Arc<State>,
}

impl Incoming {
    /// The body of a request, in a coding if it has one.
    pub fn new(payload: Payload, coding: Option<Coding>, state: Arc<State>) -> Result<Self, Problem> {
        let limits = &state.settings.read.limits;
        let decoding = match coding {
            None => Decoding::None,
            Some(coding) => Decoding::Hungry(Box::new(Decoded::new(coding, limits.total_bytes, TOTAL, limits.ratio)?)),
        };
        let mut pace = Pace::new(state.settings.body.idle);
        let timer = Box::pin(tokio::time::sleep_until(pace.wait().into()));
        Ok(Self { payload, ended: false, decoding, pace, timer, state })
    }

    /// The next piece, decompressed; `None` at the end. Behind an error there is nothing.
    pub fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Problem>>> {
        loop {
            match std::mem::replace(&mut self.decoding, Decoding::Done) {
                Decoding::None => {
                    self.decoding = Decoding::None;
                    return self.poll_raw(context);
                }
                Decoding::Done => return Poll::Ready(None),
                Decoding::Hungry(mut decoded) => match self.poll_raw(context) {
                    Poll::Pending => {
                        self.decoding = Decoding::Hungry(decoded);
                        return Poll::Pending;
                    }
                    Poll::Ready(Some(Ok(bytes))) => {
                        decoded.feed(Vec::from(bytes));
                        self.decoding = Decoding::Full(decoded);
                    }
                    Poll::Ready(Some(Err(problem))) => return Poll::Ready(Some(Err(problem))),
                    Poll::Ready(None) => {
                        decoded.end();
                        self.decoding = Decoding::Full(decoded);
                    }
                },
                Decoding::Full(decoded) => match self.step(decoded) {
                    Ok(step) => self.decoding = Decoding::Busy(step),
                    Err(error) => return Poll::Ready(Some(Err(error.into()))),
                },
                Decoding::Busy(mut step) => {
                    let Poll::Ready(done) = Pin::new(&mut step).poll(context) else {
                        self.decoding = Decoding::Busy(step);
                        return Poll::Pending;
                    };
                    match self.stepped(done.unwrap_or(Err(PoolError::Stopped))) {
                        Ok(bytes) if bytes.is_empty() => {}
                        other => return Poll::Ready(Some(other)),
                    }
                }
            }
        }
    }

    /// Nobody asks for more for a while: the sender is not to blame.
    pub fn pause(&mut self) {
        self.pace.pause();
    }

    fn step(&self, mut decoded: Box<Decoded>) -> Result<Step, PoolError> {
        self.state.pool.stream(move || {
            let mut out = Vec::new();
            let given = decoded.give(&mut out, PIECE);
            (decoded, given.map(|more| (out, more)))
        })
    }

    fn stepped(&mut self, done: Result<Stepped, PoolError>) -> Result<Bytes, Problem> {
        let (decoded, given) = done?;
        let (out, more) = given?;
        self.decoding = match (more, self.ended) {
            (true, _) => Decoding::Full(decoded),
            (false, false) => Decoding::Hungry(decoded),
            (false, true) => Decoding::Done,
        };
        Ok(out.into())
    }

    fn poll_raw(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Problem>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(piece) = Pin::new(&mut self.payload).poll_next(context) else {
            let until = self.pace.wait().into();
            if self.timer.deadline() != until {
                self.timer.as_mut().reset(until);
            }
            ready!(self.timer.as_mut().poll(context));
            self.ended = true;
            return Poll::Ready(Some(Err(self.pace.late())));
        };
        self.ended = !matches!(piece, Some(Ok(_)));
        Poll::Ready(piece.map(|piece| {
            let piece = piece.map_err(|error| broken(&error))?;
            self.pace.got(piece.len());
            self.state.metrics.received(piece.len());
            Ok(piece)
        }))
    }
}
