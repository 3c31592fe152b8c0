//! The body of a request, whole: within its size, its pace and the memory that all requests share.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;

use super::held::Held;
use super::pace::Pace;
use super::problem::Problem;
use super::state::State;
use crate::archive::{ArchiveError, Coding, Decoded};
use crate::error::Code;

/// What `limits.body` is the limit of, in messages.
pub const BODY: &str = "one body (limits.body)";

/// Bodies longer than this come in several pieces.
const LONG_BYTES: u64 = 64 << 10;

/// A body as it came, with what is needed to read it.
pub struct Body {
    /// The bytes, compressed if `coding` says so.
    pub bytes: Bytes,
    /// What they are compressed with.
    pub coding: Option<Coding>,
    /// Their share of the memory.
    pub held: Held,
}

/// How a body may be.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Most bytes, before and after decompression.
    pub bytes: u64,
    /// Most bytes out for each byte in.
    pub ratio: u64,
    /// How long it may pause.
    pub idle: Duration,
}

/// The compression that a request names.
pub fn coding(request: &HttpRequest) -> Result<Option<Coding>, Problem> {
    let Some(value) = request.headers().get(header::CONTENT_ENCODING) else { return Ok(None) };
    let name = value.to_str().unwrap_or_default().trim();
    if name.is_empty() || name.eq_ignore_ascii_case("identity") {
        return Ok(None);
    }
    Coding::of_http(name).map(Some).ok_or_else(|| {
        let detail = format!("Content-Encoding must be one of {}, once", Coding::OF_HTTP.join(", "));
        Problem::new(Code::UnsupportedMediaType, detail)
    })
}

/// Reads a body whole.
pub async fn read(request: &HttpRequest, payload: Payload, state: &State) -> Result<Body, Problem> {
    let limits = state.settings.body;
    let coding = coding(request)?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limits.bytes) {
        return Err(too_large(&limits));
    }
    // A long body is refused before it is read; a short one has come already.
    if let Some(length) = announced.filter(|length| *length > LONG_BYTES) {
        state.pool.room(usize::try_from(length).unwrap_or(usize::MAX)).await?;
    }
    let mut held = Held::new(&state.budget);
    let bytes = gather(payload, announced, &limits, &mut held).await?;
    state.metrics.received(bytes.len());
    Ok(Body { bytes, coding, held })
}

fn too_large(limits: &BodyLimits) -> Problem {
    Problem::of(&ArchiveError::TooLarge { place: "body".to_owned(), limit: limits.bytes, what: BODY })
}

async fn gather(
    payload: Payload,
    announced: Option<u64>,
    limits: &BodyLimits,
    held: &mut Held,
) -> Result<Bytes, Problem> {
    let mut payload = payload;
    let mut pace = Pace::new(limits.idle);
    let Some(first) = next(&mut payload, &mut pace, limits, held).await? else { return Ok(Bytes::new()) };
    let Some(second) = next(&mut payload, &mut pace, limits, held).await? else { return Ok(first) };
    let expected = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    // A length that is only announced must not cost its memory.
    let mut whole = BytesMut::with_capacity(expected.min(1 << 20).max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(piece) = next(&mut payload, &mut pace, limits, held).await? {
        if (whole.len() + piece.len()) as u64 > limits.bytes {
            return Err(too_large(limits));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

/// The next piece of a body, within its pace and share.
async fn next(
    payload: &mut Payload,
    pace: &mut Pace,
    limits: &BodyLimits,
    held: &mut Held,
) -> Result<Option<Bytes>, Problem> {
    // Most bodies have come whole with their heads: only one that has not costs a timer.
    let ready = poll_fn(|context| Poll::Ready(Pin::new(&mut *payload).poll_next(context))).await;
    let piece = match ready {
        Poll::Ready(piece) => piece,
        Poll::Pending => {
            let more = poll_fn(|context| Pin::new(&mut *payload).poll_next(context));
            tokio::time::timeout_at(pace.wait().into(), more).await.map_err(|_| pace.late())?
        }
    };
    let Some(piece) = piece else { return Ok(None) };
    let piece = piece.map_err(|error| broken(&error))?;
    pace.got(piece.len());
    held.grow(piece.len())?;
    if piece.len() as u64 > limits.bytes {
        return Err(too_large(limits));
    }
    Ok(Some(piece))
}

/// A body that ended before its end, or that HTTP itself cannot read.
pub fn broken(error: &PayloadError) -> Problem {
    Problem::new(Code::BadRequest, format!("the body did not come whole: {error}"))
}

impl Body {
    /// The bytes, decompressed. This is work: it belongs on the pool.
    pub fn plain(&mut self, limits: &BodyLimits) -> Result<Bytes, Problem> {
        let bytes = std::mem::take(&mut self.bytes);
        let Some(coding) = self.coding else { return Ok(bytes) };
        let mut decoded = Decoded::new(coding, limits.bytes, BODY, limits.ratio)?;
        decoded.feed(Vec::from(bytes));
        let mut out = Vec::new();
        decoded.rest(&mut out)?;
        self.held.set(out.len());
        Ok(out.into())
    }
}
