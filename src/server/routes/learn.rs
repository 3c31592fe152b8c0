//! POST /v1/rules/learn: rule files proposed from pages, in the background.

#![allow(unused_qualifications, reason = "derived code names types in full")]

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::ToSchema;

use super::jobs::accept;
use super::path;
use crate::jobs::{Asked, Job, LearnOptions};
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/v1/rules/learn").route(web::post().to(learn)));
}

/// Pages in a form. Options may be fields of the form as well as of the query.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the schema of what `receive` reads")]
pub struct PagesForm {
    /// The archive of pages, with its file name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Options.
    #[serde(flatten)]
    options: LearnOptions,
}

/// Propose rules from pages.
///
/// The body is NDJSON, a page a line (`id`, `url`, and `text` or `html`), or an archive of pages as POST /v1/jobs/dedupe takes them. The answer is a job; once it is done, its file
/// `rules.ndjson` has a line for each proposed rule file with its TOML, `report.json` the evidence for each step and what was refused and why, and
/// `errors.ndjson` the pages that could not be read. Nothing is put in force. With an Idempotency-Key the request may be repeated for a day and makes one job.
#[utoipa::path(
    post,
    path = "/v1/rules/learn",
    tag = "rules",
    params(
        ("name" = Option<String>, Query, description = "The archive's name", example = "pages.jsonl.gz"),
        ("host" = Option<String>, Query, description = "The host of all pages, whatever their URLs say; otherwise they are grouped", example = "example.com"),
        ("min_support" = Option<usize>, Query, minimum = 2, description = "Pages that must share something before it is proposed"),
        ("max_share" = Option<f64>, Query, minimum = 0, maximum = 1, description = "The largest share of a page's letters that a step may take"),
        ("threads" = Option<usize>, Query, description = "Threads, at most those of the service"),
        ("fields" = Option<String>, Query, description = "Names of the fields of a JSONL record: id=…,text=…"),
        ("id_dup" = Option<crate::jobs::IdDup>, Query, description = "What happens to a second page with an id; it is renamed by default"),
        ("type" = Option<crate::jobs::MediaType>, Query, description = "What every page is; auto by default"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same for a request and its repetitions")
    ),
    request_body(description = "The pages", content(
        (String = "application/x-ndjson"), (String = "application/octet-stream"), (String = "application/zip"),
        (String = "application/x-tar"), (String = "application/gzip"), (String = "application/zstd"),
        (String = "application/warc"), (String = "application/vnd.apache.parquet"), (PagesForm = "multipart/form-data")
    )),
    responses((status = 202, description = "The job; Location is its path", body = Job,
        headers(("Location" = String, description = "The path of the job"))), Problems)
)]
pub(in crate::server) async fn learn(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    accept(request, payload, state, Asked::Learn(LearnOptions::default())).await
}
