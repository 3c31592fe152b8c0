//! /v1/jobs: archives worked on in the background.

#![allow(unused_qualifications, reason = "derived code names types in full")]

use actix_web::http::header;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{bytes_of, get, json, path};
use crate::error::Code;
use crate::jobs::{Answer, Asked, Job, JobError, JobOptions, Page, Removed, ResultFile};
use crate::keys::Grant;
use crate::server::held::Held;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::receive::{Received, receive};
use crate::server::repeat::{self, Turn};
use crate::server::state::State;

/// Jobs on a page.
const PAGE: usize = 100;
const MOST_ON_A_PAGE: usize = 1000;

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/v1/jobs").route(get(jobs)))
        .service(path("/v1/jobs/dedupe").route(web::post().to(dedupe)))
        .service(path("/v1/jobs/{job}").route(get(job)).route(web::delete().to(remove)))
        .service(path("/v1/jobs/{job}/files").route(get(files)));
}

/// Which jobs are listed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Only jobs that were made before this one: `next` of the page before.
    before: Option<String>,
    /// Most jobs on a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<usize>,
}

/// The result files of a job.
#[derive(Serialize, ToSchema)]
pub struct FilesOut {
    /// The files.
    files: Vec<ResultFile>,
}

/// An archive in a form. Options may be fields of the form as well as of the query.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the schema of what `receive` reads")]
pub struct ArchiveForm {
    /// The archive, with its file name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Options.
    #[serde(flatten)]
    options: JobOptions,
}

/// De-duplicate an archive.
///
/// The body is the archive itself, or a form with one file. What it is follows from its first bytes, then its Content-Type, then its name: JSONL, ZIP, tar, WARC
/// or Parquet; JSONL, tar and WARC also compressed with gzip or zstd. The answer comes when it is on disk; the work is done in the background. With an
/// Idempotency-Key the request may be repeated for a day and makes one job.
#[utoipa::path(
    post,
    path = "/v1/jobs/dedupe",
    tag = "jobs",
    params(
        ("name" = Option<String>, Query, description = "The archive's name", example = "crawl.jsonl.gz"),
        ("keep" = Option<crate::jobs::Keep>, Query, description = "Which of several copies is kept; longest by default"),
        ("profile" = Option<String>, Query, description = "The profile that documents are washed with"),
        ("without" = Option<String>, Query, description = "Rule files, or steps as file/step, that do not act, separated by commas"),
        ("no_clean" = Option<bool>, Query, description = "Take the texts as they are"),
        ("radius" = Option<u32>, Query, description = "Simhashes that differ in at most so many bits are compared: 0 to 6, 3 by default"),
        ("threads" = Option<usize>, Query, description = "Threads, at most those of the service"),
        ("memory" = Option<u64>, Query, description = "Memory in bytes, at most that of the service"),
        ("write" = Option<crate::jobs::Write>, Query, description = "Also write the kept documents, or the archive anew"),
        ("compress" = Option<crate::jobs::Compress>, Query, description = "Compress the result files"),
        ("copies" = Option<bool>, Query, description = "Also write copies.ndjson, so that copies can be reviewed"),
        ("passages" = Option<crate::jobs::Passages>, Query, description = "Report passages that many documents share, or leave each in the first only"),
        ("passage_min_documents" = Option<u32>, Query, minimum = 2, description = "The fewest documents that a passage stands in; 10 by default"),
        ("passage_min_length" = Option<u32>, Query, minimum = 1, description = "The least length of a passage: a Han character counts 1, a letter two fifths; 30 by default"),
        ("fields" = Option<String>, Query, description = "Names of the fields of a JSONL record: id=…,text=…"),
        ("id_dup" = Option<crate::jobs::IdDup>, Query, description = "What happens to a second document with an id; error by default"),
        ("type" = Option<crate::jobs::MediaType>, Query, description = "What every document is; auto by default"),
        ("encoding" = Option<String>, Query, description = "The encoding, whatever the bytes say"),
        ("collection" = Option<String>, Query, description = "A collection whose documents are compared with and never given out"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for a request and its repetitions")
    ),
    request_body(description = "The archive", content(
        (String = "application/octet-stream"), (String = "application/x-ndjson"), (String = "application/zip"),
        (String = "application/x-tar"), (String = "application/gzip"), (String = "application/zstd"),
        (String = "application/warc"), (String = "application/vnd.apache.parquet"), (ArchiveForm = "multipart/form-data")
    )),
    responses((status = 202, description = "The job; Location is its path", body = Job,
        headers(("Location" = String, description = "The path of the job"))), Problems)
)]
pub(in crate::server) async fn dedupe(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    accept(request, payload, state, Asked::default()).await
}

/// Receives an archive for a job of a kind, and queues it.
pub(super) async fn accept(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
    kind: Asked,
) -> Result<HttpResponse, Problem> {
    let key = repeat::key(&request)?;
    let _open = state.open_stream()?;
    let mut received = receive(&request, payload, &state, kind).await?;
    received.submission.key = request.extensions().get::<Grant>().map(|grant| grant.id.clone());
    let digest = digest(&received);
    let answer = web::block(move || submit(&state, received, key.as_deref(), &digest)).await;
    match answer.map_err(|_| Problem::new(Code::ShuttingDown, "the service is being stopped"))?? {
        Sent::Answer(answer) => Ok(repeat::response(&answer)),
        Sent::Before(answer) => Ok(repeat::replay(&answer)),
    }
}

/// What a submission gave.
enum Sent {
    Answer(Answer),
    Before(Answer),
}

fn submit(state: &State, received: Received, key: Option<&str>, digest: &str) -> Result<Sent, Problem> {
    let Received { upload, submission, .. } = received;
    if let Some(collection) = submission.asked.collection() {
        state.index.get(collection)?;
    }
    let accepted = |job: &Job| {
        let headers = [("location", format!("/v1/jobs/{}", job.job)), ("content-type", "application/json".to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
        Answer::new(202, headers, serde_json::to_vec(job).unwrap_or_default())
    };
    let claim = match repeat::begin(state, key, digest)? {
        Turn::Plain => None,
        Turn::Claimed(claim) => Some(claim),
        Turn::Done(answer) => return Ok(Sent::Before(*answer)),
    };
    let repeatable = claim.map(|claim| (claim, &accepted as &dyn Fn(&Job) -> Answer));
    let job = upload.finish(submission, repeatable)?;
    tracing::info!(job = job.job, bytes = job.bytes, key = job.key, "job queued");
    Ok(Sent::Answer(accepted(&job)))
}

/// The digest of a request: what was said and what was sent.
fn digest(received: &Received) -> String {
    let mut hasher = blake3::Hasher::new();
    let Received { upload, submission, said } = received;
    let own = [("", submission.media_type.as_deref().unwrap_or_default()), ("", &upload.digest())]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (name, value) in said.iter().chain(&own) {
        for text in [name, value] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// The jobs, the newest first.
#[utoipa::path(get, path = "/v1/jobs", tag = "jobs", params(PageQuery),
    responses((status = 200, description = "A page of jobs", body = Page), Problems))]
pub(in crate::server) async fn jobs(request: HttpRequest, state: Data<State>) -> Result<HttpResponse, Problem> {
    let query = web::Query::<PageQuery>::from_query(request.query_string());
    let query = query.map_err(|error| Problem::new(Code::BadRequest, format!("the query: {error}")))?.into_inner();
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MOST_ON_A_PAGE).contains(&limit) {
        return Err(Problem::new(Code::BadRequest, format!("`limit` must be from 1 to {MOST_ON_A_PAGE}")));
    }
    asked(state, move |state| bytes_of(&state.jobs.list(query.before.as_deref(), limit)?)).await
}

/// A job.
#[utoipa::path(get, path = "/v1/jobs/{job}", tag = "jobs",
    params(("job" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Job), Problems))]
pub(in crate::server) async fn job(id: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    asked(state, move |state| bytes_of(&state.jobs.get(&id)?)).await
}

/// The result files of a job that is done.
#[utoipa::path(get, path = "/v1/jobs/{job}/files", tag = "jobs",
    params(("job" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The files", body = FilesOut), Problems))]
pub(in crate::server) async fn files(id: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    asked(state, move |state| bytes_of(&FilesOut { files: state.jobs.files(&id)? })).await
}

/// Cancel a job, or remove it.
///
/// A job that waits or runs is cancelled: it stays listed, and its archive goes. One that is finished is removed with its result files.
#[utoipa::path(delete, path = "/v1/jobs/{job}", tag = "jobs",
    params(("job" = String, Path, description = "The job's id")),
    responses(
        (status = 200, description = "The job, cancelled", body = Job),
        (status = 204, description = "It was finished, and is gone with its results"),
        Problems
    ))]
pub(in crate::server) async fn remove(id: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    let shared = state.clone().into_inner();
    let removed = state.pool.ask(0, move || shared.jobs.remove(&id)).await?;
    match removed.map_err(|error: JobError| Problem::of(&error))? {
        Removed::Cancelled(job) => Ok(json(bytes_of(&job)?, Held::new(&state.budget))),
        Removed::Gone => Ok(HttpResponse::NoContent().insert_header((header::CACHE_CONTROL, "no-store")).finish()),
    }
}

/// Asks the jobs, which may ask the disk: off the I/O workers.
async fn asked(
    state: Data<State>,
    work: impl FnOnce(&State) -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let shared = state.clone().into_inner();
    let answer = state.pool.ask(0, move || work(&shared)).await?;
    Ok(json(answer?, Held::new(&state.budget)))
}
