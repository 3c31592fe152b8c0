//! The calls, one file for each group; `table` lists their paths.

mod clean;
mod collections;
mod compare;
mod growth;
mod health;
mod jobs;
mod key;
mod learn;
mod pages;
mod results;
mod review;
mod rules;
mod stored;
pub mod table;
mod try_rules;
mod ui;

use actix_web::dev::Handler;
use actix_web::guard;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Resource, Responder, Route};
use bytes::Bytes;

use super::body::Body;
use super::held::{Held, Pieces};
use super::problem::Problem;
use super::state::State;
use crate::error::Code;

/// The calls by name, for the description of the service: each brings its own along, under names that `utoipa` derives.
pub(super) mod calls {
    pub use super::clean::*;
    pub use super::collections::*;
    pub use super::compare::*;
    pub use super::growth::*;
    pub use super::health::*;
    pub use super::jobs::*;
    pub use super::key::*;
    pub use super::learn::*;
    pub use super::pages::*;
    pub use super::results::*;
    pub use super::review::*;
    pub use super::rules::*;
    pub use super::stored::*;
    pub use super::try_rules::*;
    pub use super::ui::*;
}

/// Answers larger than this count as memory held until they are sent.
const COUNTED_BYTES: usize = 64 << 10;

/// Adds every call.
pub fn all(config: &mut ServiceConfig) {
    clean::add(config);
    compare::add(config);
    try_rules::add(config);
    learn::add(config);
    rules::add(config);
    collections::add(config);
    stored::add(config);
    growth::add(config);
    jobs::add(config);
    results::add(config);
    review::add(config);
    health::add(config);
    key::add(config);
    pages::add(config);
    ui::add(config);
}

/// A path; a method that it does not know is answered with those that it does.
fn path(pattern: &str) -> Resource {
    web::resource(pattern).default_service(web::to(wrong_method))
}

/// A call with GET, or with HEAD for its headers alone.
fn get<F, Args>(handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler)
}

async fn wrong_method(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut problem = Problem::new(Code::MethodNotAllowed, format!("{} cannot be used here", request.method()));
    problem.allow = table::find(request.path()).map_or(&[], |path| path.methods);
    Err(problem)
}

/// What is answered for a path that is not there.
pub async fn unknown_path() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound, "there is nothing at this path"))
}

/// Does work on a body on the pool, and answers with the JSON that it gives.
async fn worked(
    state: Data<State>,
    mut body: Body,
    work: impl FnOnce(&State, Bytes) -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let shared = state.clone().into_inner();
    let weight = body.bytes.len();
    let asked = state.pool.ask(weight, move || {
        let answer = body.plain(&shared.settings.body).and_then(|bytes| work(&shared, bytes));
        (answer, body.held)
    });
    let (answer, held) = asked.await?;
    Ok(json(answer?, held))
}

/// An answer of JSON.
fn json(bytes: Vec<u8>, held: Held) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")));
    if bytes.len() > COUNTED_BYTES { answer.body(Pieces::held(bytes.into(), held)) } else { answer.body(bytes) }
}

/// A value as JSON.
fn bytes_of(value: &impl serde::Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|error| Problem::new(Code::Internal, error.to_string()))
}
