//! /v1/collections/{collection}/documents: documents that arrive, and those that are stored.

#![allow(unused_qualifications, reason = "derived code names types in full")]

use std::sync::Arc;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use utoipa::{IntoParams, ToSchema};

use super::clean::washed;
use super::collections::{apart, ndjson, opened};
use super::{bytes_of, get, json, path};
use crate::archive::{self, ReadOptions};
use crate::clean::{Edits, Options};
use crate::document::{Document, ErrorRecord, MediaType};
use crate::error::{Code, fault};
use crate::index::{Answer, Arrival, IndexError, Reply, Store, StoredDocument};
use crate::jobs::Answer as KeptAnswer;
use crate::server::body::{self, Body};
use crate::server::content::{self, Kind};
use crate::server::documents::{DocumentIn, DocumentQuery, object};
use crate::server::held::Held;
use crate::server::lines::{self, LineWork, Outcome, Work, error_line, json_line};
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::repeat::{self, Turn};
use crate::server::state::State;

const TAKEN: [&str; 6] = [
    "application/json", "application/x-ndjson", "text/plain", "text/html", "application/xhtml+xml",
    "application/octet-stream",
];
/// The name of a document that has none: nothing is stored under it.
const NAMELESS: &str = "-";
/// Documents of an export that are read ahead.
const AHEAD: usize = 16;

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/v1/collections/{collection}/documents").route(get(export)).route(web::post().to(add_documents)))
        .service(
            path("/v1/collections/{collection}/documents/{id:.*}").route(get(stored)).route(web::delete().to(forget)),
        );
}

/// What is done with documents that arrive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Those that are new are stored.
    #[default]
    Add,
    /// Nothing is stored.
    Check,
}

/// What a query says besides what [`DocumentQuery`] knows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArrivalQuery {
    /// Whether documents are stored, or only checked.
    #[param(inline)]
    #[serde(default)]
    pub mode: Mode,
    /// The crawl under which documents wait until it is committed.
    #[serde(default)]
    #[param(required = false)]
    pub crawl: String,
}

/// Which view of a collection is asked.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ViewQuery {
    /// The crawl whose waiting documents are seen too.
    #[serde(default)]
    #[param(required = false)]
    pub crawl: String,
}

fn parse<T: serde::de::DeserializeOwned>(query: &str) -> Result<T, Problem> {
    web::Query::<T>::from_query(query)
        .map(web::Query::into_inner)
        .map_err(|error| Problem::new(Code::BadRequest, format!("the query: {error}")))
}

/// The two halves of a query.
fn split(query: &str) -> Result<(ArrivalQuery, DocumentQuery), Problem> {
    let ours = |pair: &&str| matches!(pair.split('=').next(), Some("mode" | "crawl"));
    let (arrival, document): (Vec<&str>, Vec<&str>) = query.split('&').partition(ours);
    Ok((parse(&arrival.join("&"))?, DocumentQuery::parse(&document.join("&"))?))
}

/// Documents on their way into a collection.
#[derive(Clone)]
struct Arriving {
    state: Arc<State>,
    collection: Arc<dyn Store>,
    query: ArrivalQuery,
}

impl Arriving {
    /// Washes a document.
    fn wash(&self, mut document: Document, options: &Options) -> Result<Arrival, Problem> {
        if document.id == NAMELESS {
            if let Some(url) = &document.url {
                document.id.clone_from(url);
            } else if self.query.mode == Mode::Add {
                return Err(Problem::new(Code::BadRecord, "a document that is to be stored needs an `id` or a `url`"));
            }
        }
        let (url, date) = (document.url.clone(), document.date.clone());
        Ok(Arrival { cleaned: washed(&self.state, document, options)?, url, date })
    }

    /// Asks the collection.
    fn ask(&self, arrival: &Arrival) -> Result<Reply, Problem> {
        Ok(match self.query.mode {
            Mode::Add => self.collection.add(arrival, &self.query.crawl)?,
            Mode::Check => self.collection.check(arrival, &self.query.crawl)?,
        })
    }

    /// Writes the answer as soon as it is known, and gives it to `done` when it may be given.
    fn tell<T: Send + 'static>(
        &self,
        reply: Reply,
        write: impl FnOnce(&Answer) -> T + Send + 'static,
        done: impl FnOnce(Result<T, IndexError>) + Send + 'static,
    ) {
        let state = self.state.clone();
        let count_and_write = move |answer: Answer| {
            state.metrics.arrived(answer.status.as_str());
            write(&answer)
        };
        reply.then(count_and_write, done);
    }
}

/// Add documents to a collection, or check them.
///
/// Each is washed and compared with what is stored. What is new is stored, and answered once it is on disk. One document comes as JSON or as the body
/// itself; as NDJSON any number come and are answered line by line, in order.
#[utoipa::path(
    post,
    path = "/v1/collections/{collection}/documents",
    tag = "collections",
    params(("collection" = String, Path, description = "Its name"), ArrivalQuery, DocumentQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same document gives the same answer again")),
    request_body(
        description = "The document, or a record a line. May be compressed (Content-Encoding: gzip, zstd or br).",
        content((DocumentIn = "application/json"), (String = "text/plain"), (String = "text/html"),
            (String = "application/octet-stream"), (String = "application/x-ndjson"))
    ),
    responses(
        (status = 200, description = "What the document is, or a record a line", content((Answer = "application/json"), (String = "application/x-ndjson"))),
        Problems
    )
)]
pub(in crate::server) async fn add_documents(
    request: HttpRequest,
    name: web::Path<String>,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let (arrival, query) = split(request.query_string())?;
    let collection = opened(&state, &name).await?;
    let profile = collection.settings().profile.clone();
    let arriving = Arriving { state: state.clone().into_inner(), collection, query: arrival };
    match content::kind(&request, &TAKEN)? {
        Kind::Lines => stream(&request, payload, arriving, &query, &profile),
        Kind::Raw(media_type, charset) => {
            let body = body::read(&request, payload, &state).await?;
            let read = move |bytes| Ok(raw(bytes, query, &profile, media_type, charset));
            once(&request, state, body, arriving, read).await
        }
        Kind::Json | Kind::Toml => {
            let body = body::read(&request, payload, &state).await?;
            let read = move |bytes: Bytes| object::<DocumentIn>(&bytes)?.or(query).take(&profile);
            once(&request, state, body, arriving, read).await
        }
    }
}

fn raw(
    bytes: Bytes,
    query: DocumentQuery,
    profile: &str,
    media_type: MediaType,
    charset: Option<String>,
) -> (Document, Options) {
    let options = query.options(profile, Edits::None);
    (query.document(Vec::from(bytes), media_type, charset), options)
}

/// Asks for one document; a request that is repeated under an Idempotency-Key is answered as before.
async fn once(
    request: &HttpRequest,
    state: Data<State>,
    body: Body,
    arriving: Arriving,
    read: impl FnOnce(Bytes) -> Result<(Document, Options), Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let Some(key) = repeat::key(request)? else {
        let (bytes, held) = one(&state, body, arriving, read).await?;
        return Ok(json(bytes, held));
    };
    let digest = digest(request, &body);
    let asked = state.clone();
    let claim = match off(move || repeat::begin(&asked, Some(&key), &digest)).await? {
        Turn::Done(answer) => return Ok(repeat::replay(&answer)),
        Turn::Claimed(claim) => Some(claim),
        Turn::Plain => None,
    };
    let (bytes, held) = one(&state, body, arriving, read).await?;
    if let Some(claim) = claim {
        let kept = bytes.clone();
        off(move || {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            claim.finish(KeptAnswer::new(200, headers, kept)).map_err(Problem::from)
        })
        .await?;
    }
    Ok(json(bytes, held))
}

/// The digest of a request: what was said and what was sent.
fn digest(request: &HttpRequest, body: &Body) -> String {
    let mut hasher = blake3::Hasher::new();
    let header = |name| request.headers().get(name).map_or(&b""[..], |value| value.as_bytes());
    let (kind, coding) = (header(CONTENT_TYPE), header(CONTENT_ENCODING));
    for part in [request.query_string().as_bytes(), kind, coding, &body.bytes] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

/// Runs what waits for a disk on a thread of its own.
async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let outcome = web::block(work).await;
    outcome.map_err(|_| Problem::new(Code::ShuttingDown, "the service is being stopped"))?
}

/// Asks for one document, and answers when all that the answer rests on is on disk.
async fn one(
    state: &Data<State>,
    mut body: Body,
    arriving: Arriving,
    read: impl FnOnce(Bytes) -> Result<(Document, Options), Problem> + Send + 'static,
) -> Result<(Vec<u8>, Held), Problem> {
    let limits = state.settings.body;
    let asked = state.pool.ask(body.bytes.len(), move || {
        let asked = body.plain(&limits).and_then(|bytes| {
            let (document, options) = read(bytes)?;
            let arrival = arriving.wash(document, &Options { edits: Edits::None, ..options })?;
            let reply = arriving.ask(&arrival)?;
            let (sender, written) = oneshot::channel();
            // Whoever asked may be gone by then.
            arriving.tell(reply, bytes_of, move |outcome| drop(sender.send(outcome)));
            Ok(written)
        });
        (asked, body.held)
    });
    let (asked, held) = asked.await?;
    let bytes = asked?.await.unwrap_or(Err(IndexError::Closed))??;
    Ok((bytes, held))
}

fn stream(
    request: &HttpRequest,
    payload: Payload,
    arriving: Arriving,
    query: &DocumentQuery,
    profile: &str,
) -> Result<HttpResponse, Problem> {
    let state = arriving.state.clone();
    let options = Options { edits: Edits::None, ..query.options(profile, Edits::None) };
    // A misspelt profile or rule is a fault of the request, not of each line.
    state.rules.cleaner().clean(Document::from_bytes("", Vec::new()), &options)?;
    let mut read = state.settings.read.clone();
    read.url.clone_from(&query.url);
    read.media_type = query.r#type.unwrap_or_default().into();
    lines::answer(request, payload, &state, Arc::new(Lines { arriving, read, options }))
}

/// The documents of a stream.
struct Lines {
    arriving: Arriving,
    read: ReadOptions,
    options: Options,
}

impl LineWork for Lines {
    /// Documents are washed on all threads, and asked for in the order of the lines: a line may be a copy of one before it.
    fn answer(&self, number: u64, line: &[u8]) -> Work {
        let answered = |bytes| Work::Answered(Outcome::Done(bytes));
        let mut document = match archive::record_of(line, number, &self.read) {
            None => return answered(Vec::new()),
            Some(Err(failed)) => {
                self.arriving.state.metrics.failed(failed.error.code);
                return answered(json_line(&failed));
            }
            Some(Ok(document)) => document,
        };
        let id = document.id.clone();
        if id == archive::line_id(number) {
            NAMELESS.clone_into(&mut document.id);
        }
        match self.arriving.wash(document, &self.options) {
            Err(problem) => answered(json_line(&ErrorRecord { id, error: problem.into() })),
            Ok(arrival) => {
                let arriving = self.arriving.clone();
                Work::InTurn(Box::new(move || in_turn(&arriving, &arrival, id)))
            }
        }
    }
}

/// Asks for a document of a line, and answers when all that the answer rests on is on disk.
fn in_turn(arriving: &Arriving, arrival: &Arrival, id: String) -> Outcome {
    let failed = |id: String, error| json_line(&ErrorRecord { id, error });
    match arriving.ask(arrival) {
        Err(problem) => Outcome::Done(failed(id, problem.into())),
        Ok(reply) => {
            let (sender, later) = oneshot::channel();
            arriving.tell(reply, json_line, move |outcome| {
                let line = outcome.unwrap_or_else(|error| failed(id, fault(&error)));
                // Whoever asked may be gone by now.
                let _ = sender.send(line);
            });
            Outcome::Later(later)
        }
    }
}

/// Give out every document of a collection.
///
/// One a line, in the order they came, as `taoxi collection import` reads them. Documents that wait under a crawl are left out.
#[utoipa::path(get, path = "/v1/collections/{collection}/documents", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    responses((status = 200, description = "A document a line", body = String, content_type = "application/x-ndjson"), Problems))]
pub(in crate::server) async fn export(name: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    let collection = opened(&state, &name).await?;
    let open = state.open_stream()?;
    let (sender, receiver) = mpsc::channel::<Bytes>(AHEAD);
    // It ends by itself when nobody reads any more.
    let _reading = web::block(move || {
        let _open = open;
        let outcome = collection
            .each(&mut |document| sender.blocking_send(json_line(&document).into()).map_err(|_| IndexError::Closed));
        if let Err(error) = outcome.filter_closed() {
            let _ = sender.blocking_send(error_line("export", fault(&error)).into());
        }
    });
    let lines = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|line| (Ok::<Bytes, std::convert::Infallible>(line), receiver))
    });
    Ok(HttpResponse::Ok().insert_header(ndjson()).streaming(lines))
}

/// A reader that went away is no fault.
trait FilterClosed {
    fn filter_closed(self) -> Self;
}

impl FilterClosed for Result<(), IndexError> {
    fn filter_closed(self) -> Self {
        if self == Err(IndexError::Closed) { Ok(()) } else { self }
    }
}

/// What is stored of a document.
#[utoipa::path(get, path = "/v1/collections/{collection}/documents/{id}", tag = "collections",
    params(("collection" = String, Path, description = "The collection"), ("id" = String, Path, description = "The document's id; slashes may stand in it"), ViewQuery),
    responses((status = 200, description = "The document", body = StoredDocument), Problems))]
pub(in crate::server) async fn stored(
    request: HttpRequest,
    names: web::Path<(String, String)>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let view: ViewQuery = parse(request.query_string())?;
    let (name, id) = names.into_inner();
    let held = Held::new(&state.budget);
    let found = apart(move || state.index.get(&name)?.get(&id, &view.crawl).map(|found| found.ok_or(id))).await?;
    let document = found.map_err(|id| unknown(&id))?;
    Ok(json(bytes_of(&document)?, held))
}

/// Forget a document. Its text leaves the disk when the collection is compacted.
#[utoipa::path(delete, path = "/v1/collections/{collection}/documents/{id}", tag = "collections",
    params(("collection" = String, Path, description = "The collection"), ("id" = String, Path, description = "The document's id; slashes may stand in it")),
    responses((status = 204, description = "It is forgotten"), Problems))]
pub(in crate::server) async fn forget(
    names: web::Path<(String, String)>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let (name, id) = names.into_inner();
    let forgotten = apart(move || match state.index.get(&name)?.remove(&id)? {
        Some(commit) => commit.wait().map(Ok),
        None => Ok(Err(id)),
    });
    forgotten.await?.map_err(|id| unknown(&id))?;
    Ok(HttpResponse::NoContent().finish())
}

fn unknown(id: &str) -> Problem {
    let short: String = id.chars().take(100).collect();
    Problem::new(Code::NoDocument, format!("no document is stored under `{short}`"))
}
