//! Health and counts: /livez, /readyz, /metrics.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, ServiceConfig};
use serde::Serialize;
use utoipa::ToSchema;

use super::collections::apart;
use super::{bytes_of, get, json, path};
use crate::error::Code;
use crate::server::held::Held;
use crate::server::lifecycle::Stage;
use crate::server::metrics::OPEN_METRICS;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/livez").route(get(livez)))
        .service(path("/readyz").route(get(readyz)))
        .service(path("/metrics").route(get(metrics)));
}

/// The service is alive.
#[derive(Serialize, ToSchema)]
pub struct AliveOut {
    /// `alive`.
    status: &'static str,
    /// The program's version.
    version: &'static str,
}

/// The service is ready.
#[derive(Serialize, ToSchema)]
pub struct ReadyOut {
    /// `ready`.
    status: &'static str,
    /// The rules in force.
    rules: RulesState,
}

/// The rules in force.
#[derive(Serialize, ToSchema)]
pub struct RulesState {
    /// Their digest.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// What was wrong with a newer set, which was therefore not taken.
    fault: Option<String>,
}

/// Whether the process answers at all.
#[utoipa::path(get, path = "/livez", tag = "health",
    responses((status = 200, description = "It does", body = AliveOut), Problems))]
pub(in crate::server) async fn livez(state: Data<State>) -> Result<HttpResponse, Problem> {
    let answer = bytes_of(&AliveOut { status: "alive", version: env!("CARGO_PKG_VERSION") })?;
    Ok(json(answer, Held::new(&state.budget)))
}

/// Whether it takes requests, and with which rules.
///
/// Where collections are in a database that is away, it is not ready: `store_away`.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, description = "It does", body = ReadyOut), Problems))]
pub(in crate::server) async fn readyz(state: Data<State>) -> Result<HttpResponse, Problem> {
    match state.life.stage() {
        Stage::Ready => {}
        Stage::Starting => return Err(Problem::new(Code::NotReady, "the service is starting")),
        Stage::Stopping | Stage::Cut => return Err(Problem::new(Code::ShuttingDown, "the service is being stopped")),
    }
    let asked = state.clone();
    apart(move || asked.index.ready()).await?;
    let rules = RulesState { digest: state.rules.cleaner().rules().digest().to_owned(), fault: state.rules.fault() };
    let answer = bytes_of(&ReadyOut { status: Stage::Ready.as_str(), rules })?;
    Ok(json(answer, Held::new(&state.budget)))
}

/// What the service counts, as Prometheus reads it.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "The counts", body = String, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"), Problems))]
pub(in crate::server) async fn metrics(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, OPEN_METRICS)).body(state.metrics.text(&state))
}
