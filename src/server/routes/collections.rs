//! /v1/collections: indexes made, listed, forgotten, looked after.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, CONTENT_TYPE};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::{bytes_of, get, path};
use crate::document::Document;
use crate::index::{Counts, IndexError, Settings, Store};
use crate::server::body;
use crate::server::documents::object;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/v1/collections").route(get(collections)))
        .service(
            path("/v1/collections/{collection}")
                .route(get(collection))
                .route(web::put().to(create_collection))
                .route(web::delete().to(delete_collection)),
        )
        .service(path("/v1/collections/{collection}/compact").route(web::post().to(compact)))
        .service(path("/v1/collections/{collection}/crawls").route(get(crawls)))
        .service(path("/v1/collections/{collection}/crawls/{crawl}/commit").route(web::post().to(commit_crawl)))
        .service(path("/v1/collections/{collection}/crawls/{crawl}").route(web::delete().to(roll_back_crawl)));
}

/// A collection.
#[derive(Serialize, ToSchema)]
pub struct CollectionOut {
    /// Its name.
    #[schema(pattern = "^[a-z0-9][a-z0-9._-]{0,63}$")]
    name: String,
    /// What it was made with.
    settings: Settings,
    /// How large it is.
    counts: Counts,
}

/// All collections.
#[derive(Serialize, ToSchema)]
pub struct CollectionsOut {
    /// By name.
    collections: Vec<CollectionOut>,
}

/// A crawl with documents that wait.
#[derive(Serialize, ToSchema)]
pub struct CrawlOut {
    /// Its name.
    crawl: String,
    /// How many documents wait.
    waiting: u64,
}

/// The crawls of a collection.
#[derive(Serialize, ToSchema)]
pub struct CrawlsOut {
    /// By name.
    crawls: Vec<CrawlOut>,
}

/// How many documents a call was about.
#[derive(Serialize, ToSchema)]
pub struct DocumentsOut {
    /// How many.
    documents: u64,
}

/// What compacting freed.
#[derive(Serialize, ToSchema)]
pub struct FreedOut {
    /// Bytes.
    freed: u64,
}

/// Runs what waits for disks on a thread of its own: neither I/O workers nor the threads that wash wait for it.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, Problem> {
    let outcome = web::block(work).await;
    outcome
        .map_err(|_| Problem::new(crate::error::Code::ShuttingDown, "the service is being stopped"))?
        .map_err(Problem::from)
}

pub(super) fn answer(status: StatusCode, value: &impl Serialize) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::build(status).insert_header((CONTENT_TYPE, "application/json")).body(bytes_of(value)?))
}

/// A collection. Where the network has to be asked for it, that is done on a thread of its own.
pub(super) async fn opened(state: &Data<State>, name: &str) -> Result<Arc<dyn Store>, Problem> {
    if let Some(found) = state.index.at_hand(name) {
        return Ok(found?);
    }
    let (state, name) = (state.clone(), name.to_owned());
    apart(move || state.index.get(&name)).await
}

fn described(state: &State, name: &str) -> Result<CollectionOut, IndexError> {
    let collection = state.index.get(name)?;
    Ok(CollectionOut { name: name.to_owned(), settings: collection.settings().clone(), counts: collection.counts()? })
}

/// List the collections.
#[utoipa::path(get, path = "/v1/collections", tag = "collections",
    responses((status = 200, description = "Every collection", body = CollectionsOut), Problems))]
pub(in crate::server) async fn collections(state: Data<State>) -> Result<HttpResponse, Problem> {
    let collections = apart(move || {
        let mut collections = Vec::new();
        for name in state.index.list()? {
            match described(&state, &name) {
                Ok(collection) => collections.push(collection),
                // It was deleted meanwhile.
                Err(IndexError::NoCollection(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(collections)
    });
    answer(StatusCode::OK, &CollectionsOut { collections: collections.await? })
}

/// Describe a collection.
#[utoipa::path(get, path = "/v1/collections/{collection}", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    responses((status = 200, description = "The collection", body = CollectionOut), Problems))]
pub(in crate::server) async fn collection(
    name: web::Path<String>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let out = apart(move || described(&state, &name)).await?;
    answer(StatusCode::OK, &out)
}

/// Make a collection.
///
/// Without a body, with the usual settings. Doing it again with the same settings changes nothing.
#[utoipa::path(put, path = "/v1/collections/{collection}", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    request_body(content = Option<Settings>, content_type = "application/json"),
    responses(
        (status = 200, description = "It was there", body = CollectionOut),
        (status = 201, description = "It was made", body = CollectionOut),
        Problems
    ))]
pub(in crate::server) async fn create_collection(
    request: HttpRequest,
    name: web::Path<String>,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let mut body = body::read(&request, payload, &state).await?;
    let plain = body.plain(&state.settings.body)?;
    let settings: Settings = if plain.trim_ascii().is_empty() || plain.trim_ascii() == b"null" {
        Settings { profile: state.settings.profile.clone(), ..Settings::default() }
    } else {
        object(&plain)?
    };
    let options = crate::clean::Options { profile: Some(settings.profile.clone()), ..crate::clean::Options::default() };
    state.rules.cleaner().clean(Document::from_bytes("", Vec::new()), &options)?;
    let (made, out) = apart(move || {
        let made = state.index.create(&name, &settings)?;
        Ok((made, described(&state, &name)?))
    })
    .await?;
    answer(if made { StatusCode::CREATED } else { StatusCode::OK }, &out)
}

/// Forget a collection with all its documents.
#[utoipa::path(delete, path = "/v1/collections/{collection}", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    responses((status = 204, description = "It is gone"), Problems))]
pub(in crate::server) async fn delete_collection(
    name: web::Path<String>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    apart(move || if state.index.remove(&name)? { Ok(()) } else { Err(IndexError::NoCollection(name.into_inner())) })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take what was forgotten off the disk.
#[utoipa::path(post, path = "/v1/collections/{collection}/compact", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    responses((status = 200, description = "It is off the disk", body = FreedOut), Problems))]
pub(in crate::server) async fn compact(name: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    let freed = apart(move || state.index.get(&name)?.compact()).await?;
    answer(StatusCode::OK, &FreedOut { freed })
}

/// List the crawls of a collection.
#[utoipa::path(get, path = "/v1/collections/{collection}/crawls", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    responses((status = 200, description = "Crawls with documents that wait", body = CrawlsOut), Problems))]
pub(in crate::server) async fn crawls(name: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    let crawls = apart(move || state.index.get(&name)?.crawls()).await?;
    let crawls = crawls.into_iter().map(|(crawl, waiting)| CrawlOut { crawl, waiting }).collect();
    answer(StatusCode::OK, &CrawlsOut { crawls })
}

/// Make the documents of a crawl part of the collection.
#[utoipa::path(post, path = "/v1/collections/{collection}/crawls/{crawl}/commit", tag = "collections",
    params(("collection" = String, Path, description = "The collection"), ("crawl" = String, Path, description = "The crawl")),
    responses((status = 200, description = "They are part of it", body = DocumentsOut), Problems))]
pub(in crate::server) async fn commit_crawl(
    names: web::Path<(String, String)>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let documents = apart(move || state.index.get(&names.0)?.commit_crawl(&names.1)).await?;
    answer(StatusCode::OK, &DocumentsOut { documents })
}

/// Forget the documents of a crawl.
#[utoipa::path(delete, path = "/v1/collections/{collection}/crawls/{crawl}", tag = "collections",
    params(("collection" = String, Path, description = "The collection"), ("crawl" = String, Path, description = "The crawl")),
    responses((status = 200, description = "They are forgotten", body = DocumentsOut), Problems))]
pub(in crate::server) async fn roll_back_crawl(
    names: web::Path<(String, String)>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let documents = apart(move || state.index.get(&names.0)?.roll_back_crawl(&names.1)).await?;
    answer(StatusCode::OK, &DocumentsOut { documents })
}

/// The header of answers that are streams of records.
pub(super) fn ndjson() -> (header::HeaderName, &'static str) {
    (CONTENT_TYPE, crate::server::lines::NDJSON)
}
