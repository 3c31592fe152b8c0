//! POST /v1/clean: documents washed.

use std::sync::Arc;

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use super::{bytes_of, path, worked};
use crate::archive::{self, ReadOptions};
use crate::clean::{Edits, Options};
use crate::document::{Cleaned, Document, ErrorRecord, MediaType};
use crate::error::fault;
use crate::server::body;
use crate::server::content::{self, Kind};
use crate::server::documents::{DocumentIn, DocumentQuery, object};
use crate::server::lines::{self, LineWork, Outcome, Work, json_line};
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

const TAKEN: [&str; 6] = [
    "application/json", "application/x-ndjson", "text/plain", "text/html", "application/xhtml+xml",
    "application/octet-stream",
];

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/v1/clean").route(web::post().to(clean)));
}

/// Wash a document, or a stream of them.
///
/// One document comes as a JSON object, or as the body itself with its Content-Type; the query says what the object would, or does not. As NDJSON any number come, and are answered
/// line by line, in order, while they come: read the answers while you send. A line that fails is answered with `{"id", "error"}`.
#[utoipa::path(
    post,
    path = "/v1/clean",
    tag = "documents",
    params(DocumentQuery),
    request_body(
        description = "The document, or a record a line. May be compressed (Content-Encoding: gzip, zstd or br).",
        content((DocumentIn = "application/json"), (String = "text/plain"), (String = "text/html"),
            (String = "application/octet-stream"), (String = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "The washed document, or a record a line", content((Cleaned = "application/json"), (String = "application/x-ndjson"))),
        Problems
    )
)]
pub(in crate::server) async fn clean(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let query = DocumentQuery::parse(request.query_string())?;
    match content::kind(&request, &TAKEN)? {
        Kind::Lines => stream(&request, payload, &state.into_inner(), &query),
        Kind::Raw(media_type, charset) => {
            let body = body::read(&request, payload, &state).await?;
            worked(state, body, move |state, bytes| raw(state, bytes, query, media_type, charset)).await
        }
        Kind::Json | Kind::Toml => {
            let body = body::read(&request, payload, &state).await?;
            worked(state, body, move |state, bytes| one(state, &bytes, query)).await
        }
    }
}

fn one(state: &State, bytes: &[u8], query: DocumentQuery) -> Result<Vec<u8>, Problem> {
    let (document, options) = object::<DocumentIn>(bytes)?.or(query).take(&state.settings.profile)?;
    bytes_of(&washed(state, document, &options)?)
}

fn raw(
    state: &State,
    bytes: Bytes,
    query: DocumentQuery,
    media_type: MediaType,
    charset: Option<String>,
) -> Result<Vec<u8>, Problem> {
    let options = query.options(&state.settings.profile, Edits::Full);
    bytes_of(&washed(state, query.document(Vec::from(bytes), media_type, charset), &options)?)
}

/// Washes a document with the rules in force, and counts it.
pub(super) fn washed(state: &State, document: Document, options: &Options) -> Result<Cleaned, Problem> {
    match state.rules.cleaner().clean(document, options) {
        Ok(cleaned) => {
            state.metrics.washed(&cleaned);
            Ok(cleaned)
        }
        Err(error) => {
            let problem = Problem::of(&error);
            state.metrics.failed(problem.code);
            Err(problem)
        }
    }
}

fn stream(
    request: &HttpRequest,
    payload: Payload,
    state: &Arc<State>,
    query: &DocumentQuery,
) -> Result<HttpResponse, Problem> {
    let options = query.options(&state.settings.profile, Edits::None);
    // A misspelt profile or rule is a fault of the request, not of each line.
    state.rules.cleaner().clean(Document::from_bytes("", Vec::new()), &options)?;
    let mut read = state.settings.read.clone();
    read.url.clone_from(&query.url);
    read.media_type = query.r#type.unwrap_or_default().into();
    lines::answer(request, payload, state, Arc::new(Washing { state: state.clone(), read, options }))
}

/// Washes the documents of a stream.
struct Washing {
    state: Arc<State>,
    read: ReadOptions,
    options: Options,
}

impl LineWork for Washing {
    fn answer(&self, number: u64, line: &[u8]) -> Work {
        Work::Answered(Outcome::Done(self.line(number, line)))
    }
}

impl Washing {
    fn line(&self, number: u64, line: &[u8]) -> Vec<u8> {
        let document = match archive::record_of(line, number, &self.read) {
            None => return Vec::new(),
            Some(Err(failed)) => {
                self.state.metrics.failed(failed.error.code);
                return json_line(&failed);
            }
            Some(Ok(document)) => document,
        };
        let id = document.id.clone();
        match self.state.rules.cleaner().clean(document, &self.options) {
            Ok(cleaned) => {
                self.state.metrics.washed(&cleaned);
                json_line(&cleaned)
            }
            Err(error) => {
                let error = fault(&error);
                self.state.metrics.failed(error.code);
                json_line(&ErrorRecord { id, error })
            }
        }
    }
}
