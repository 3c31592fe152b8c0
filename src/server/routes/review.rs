//! /v1/jobs/{job}/documents and …/decisions: the copies of a job looked at one by one, and what was decided about them.

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{bytes_of, get, json, path};
use crate::clock::Moment;
use crate::document::Cleaned;
use crate::error::Code;
use crate::jobs::{Choice, Decision};
use crate::keys::Grant;
use crate::server::body;
use crate::server::content;
use crate::server::documents::object;
use crate::server::held::Held;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

/// Longest id of a document, in bytes.
const LONGEST_ID: usize = 4096;

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/v1/jobs/{job}/documents/{id:.*}").route(get(washed_document)))
        .service(path("/v1/jobs/{job}/decisions").route(get(decisions)).route(web::post().to(decide)));
}

/// A decision to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionIn {
    /// The document that the run takes for a copy.
    #[schema(max_length = 4096)]
    a: String,
    /// The document that the run keeps for it.
    #[schema(max_length = 4096)]
    b: String,
    /// What was decided; null takes it back.
    decision: Option<Choice>,
}

/// The decisions of a job.
#[derive(Serialize, ToSchema)]
pub struct DecisionsOut {
    /// By the ids of the documents.
    decisions: Vec<Decision>,
}

/// The washed record of a document of a job.
///
/// Kept documents are there always, and copies when the job was sent with `copies`. The result files are read through for it.
#[utoipa::path(get, path = "/v1/jobs/{job}/documents/{id}", tag = "jobs",
    params(("job" = String, Path, description = "The job's id"), ("id" = String, Path, description = "The document's id; slashes may stand in it")),
    responses((status = 200, description = "Its record", body = Cleaned), Problems))]
pub(in crate::server) async fn washed_document(
    names: web::Path<(String, String)>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let (job, id) = names.into_inner();
    let held = Held::new(&state.budget);
    let record = apart(move || Ok(state.jobs.record(&job, &id)?)).await?;
    Ok(json(record, held))
}

/// What was decided about the copies of a job.
#[utoipa::path(get, path = "/v1/jobs/{job}/decisions", tag = "jobs",
    params(("job" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The decisions", body = DecisionsOut), Problems))]
pub(in crate::server) async fn decisions(job: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    let held = Held::new(&state.budget);
    let found = apart(move || Ok(DecisionsOut { decisions: state.jobs.decisions(&job)? })).await?;
    Ok(json(bytes_of(&found)?, held))
}

/// Decide about a copy.
///
/// The decision is kept with the job, in place of an earlier one about the same two documents. The result files stay as they are: whoever uses them applies it.
#[utoipa::path(post, path = "/v1/jobs/{job}/decisions", tag = "jobs",
    params(("job" = String, Path, description = "The job's id")),
    request_body(content = DecisionIn, description = "The two documents, and what was decided"),
    responses((status = 200, description = "All decisions of the pair: one, or none when it was taken back", body = DecisionsOut), Problems))]
pub(in crate::server) async fn decide(
    request: HttpRequest,
    job: web::Path<String>,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    content::kind(&request, &["application/json"])?;
    let mut body = body::read(&request, payload, &state).await?;
    let DecisionIn { a, b, decision } = object(&body.plain(&state.settings.body)?)?;
    if [&a, &b].iter().any(|id| id.is_empty() || id.len() > LONGEST_ID) {
        return Err(Problem::new(Code::BadRequest, format!("`a` and `b` are ids of 1 to {LONGEST_ID} bytes")));
    }
    let key = request.extensions().get::<Grant>().map(|grant| grant.id.clone());
    let held = Held::new(&state.budget);
    let kept = apart(move || {
        let Some(decision) = decision else {
            state.jobs.undecide(&job, &a, &b)?;
            return Ok(None);
        };
        let decision = Decision { a, b, decision, at: Moment::now(), key };
        state.jobs.decide(&job, &decision)?;
        Ok(Some(decision))
    });
    Ok(json(bytes_of(&DecisionsOut { decisions: kept.await?.into_iter().collect() })?, held))
}

/// Runs what waits for a disk on a thread of its own.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    let outcome = web::block(work).await;
    outcome.map_err(|_| Problem::new(Code::ShuttingDown, "the service is being stopped"))?
}
