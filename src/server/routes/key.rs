//! GET /v1/key: what the key of a request allows.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::{bytes_of, get, json, path};
use crate::keys::{Grant, Scopes};
use crate::server::held::Held;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/v1/key").route(get(key)));
}

/// What a key allows.
#[derive(Serialize, ToSchema)]
pub struct KeyOut {
    /// Whether this service asks for keys.
    guarded: bool,
    /// The public id of the key; null without one.
    key: Option<String>,
    /// The scopes it was given: `admin` implies all. Without keys everybody may do everything.
    scopes: Vec<&'static str>,
}

/// What the key of the request allows, so that a program can tell beforehand.
#[utoipa::path(get, path = "/v1/key", tag = "health",
    responses((status = 200, description = "What it allows; nothing without a key where one is asked for", body = KeyOut), Problems))]
pub(in crate::server) async fn key(request: HttpRequest, state: Data<State>) -> Result<HttpResponse, Problem> {
    let scopes = |scopes: Scopes| scopes.iter().map(crate::keys::Scope::as_str).collect();
    let answer = if state.gate.keys().is_guarded() {
        let grant = state.gate.identify(request.headers()).map_err(|refusal| {
            let mut problem = Problem::of(&refusal);
            problem.refusal = Some(Box::new(refusal));
            problem
        })?;
        let (key, scopes) = grant.map(|Grant { id, scopes: given }| (id, scopes(given))).unzip();
        KeyOut { guarded: true, key, scopes: scopes.unwrap_or_default() }
    } else {
        KeyOut { guarded: false, key: None, scopes: scopes(Scopes::ALL) }
    };
    Ok(json(bytes_of(&answer)?, Held::new(&state.budget)))
}
