//! Requests that may be repeated: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use super::problem::Problem;
use super::state::State;
use crate::clock::Moment;
use crate::error::Code;
use crate::jobs::{Answer, Begun, Claim};
use crate::keys::Grant;

/// The header.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key, in bytes.
const LONGEST: usize = 255;

/// What is to be done with a request.
pub enum Turn {
    /// It has no key: do it.
    Plain,
    /// Do it, and keep the answer.
    Claimed(Claim),
    /// It was done: this was the answer.
    Done(Box<Answer>),
}

/// The key of a request, made one of its sender and call.
pub fn key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let is_sane =
        |key: &&str| (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let key = value.to_str().ok().filter(is_sane).ok_or_else(|| {
        Problem::new(Code::BadRequest, format!("Idempotency-Key has 1 to {LONGEST} visible characters of ASCII"))
    })?;
    let sender = request.extensions().get::<Grant>().map_or_else(String::new, |grant| grant.id.clone());
    Ok(Some(format!("{sender} {} {} {key}", request.method(), request.path())))
}

/// Whose turn it is: asks the disk, so it belongs off the I/O workers. `digest` is that of the whole request.
pub fn begin(state: &State, key: Option<&str>, digest: &str) -> Result<Turn, Problem> {
    let Some(key) = key else { return Ok(Turn::Plain) };
    match state.jobs.idempotency().begin(key, digest, Moment::now())? {
        Begun::New(claim) => Ok(Turn::Claimed(claim)),
        Begun::Same(answer) => Ok(Turn::Done(answer)),
        Begun::Conflict => {
            Err(Problem::new(Code::IdempotencyConflict, "another request came with this Idempotency-Key before"))
        }
        Begun::Busy => {
            Err(Problem::new(Code::IdempotencyBusy, "a request with this Idempotency-Key is being answered right now"))
        }
    }
}

/// An answer as it is sent.
pub fn response(answer: &Answer) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(answer.status);
    let mut response = HttpResponse::build(status.unwrap_or(actix_web::http::StatusCode::OK));
    for (name, value) in &answer.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    response.body(answer.body.clone())
}

/// An answer that was given before.
pub fn replay(answer: &Answer) -> HttpResponse {
    let mut response = response(answer);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
