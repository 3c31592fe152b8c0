//! /v1/rules: the rule set in force, rule files tried, the set loaded anew.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, ServiceConfig};
use serde::Serialize;
use utoipa::ToSchema;

use super::{bytes_of, get, json, path};
use crate::error::Code;
use crate::rules::{self, RuleFile, RuleSet};
use crate::server::held::Held;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::rules::problem;
use crate::server::state::State;

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/v1/rules").route(get(list)))
        .service(path("/v1/rules/reload").route(web::post().to(reload)))
        .service(path("/v1/rules/{id}").route(get(one)));
}

/// The rule set in force.
#[derive(Serialize, ToSchema)]
pub struct RulesOut<'r> {
    /// Digest of the set, as every record carries it.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: &'r str,
    /// The profiles.
    profiles: Vec<&'r str>,
    /// The rule files in the order they act.
    files: Vec<FileOut<'r>>,
}

/// A rule file.
#[derive(Serialize, ToSchema)]
pub struct FileOut<'r> {
    /// Its name.
    id: &'r str,
    /// For people.
    title: &'r str,
    /// Why it exists.
    why: &'r str,
    /// The pack or folder it belongs to; `local` for the overlay folder.
    group: &'r str,
    /// Domains it acts on.
    hosts: &'r [String],
    /// What marks its site in a text without a URL.
    signs: &'r [String],
    /// Whether it acts at all.
    enabled: bool,
    /// Its steps in order.
    steps: Vec<StepOut<'r>>,
    /// How many tests it carries.
    tests: usize,
    /// Where it is from.
    origin: &'r str,
}

/// A step of a rule file.
#[derive(Serialize, ToSchema)]
pub struct StepOut<'r> {
    /// Its name in the file.
    id: &'r str,
    /// What it does.
    kind: &'r str,
    /// Why, if it says more than its file.
    why: Option<&'r str>,
}

/// A rule file with its source.
#[derive(Serialize, ToSchema)]
pub struct SourceOut<'r> {
    /// What it is.
    #[serde(flatten)]
    file: FileOut<'r>,
    /// The TOML.
    source: &'r str,
}

/// What loading the rules anew changed.
#[derive(Serialize, ToSchema)]
pub struct ReloadOut {
    /// Digest of the set in force now.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// Whether it is another one than before.
    changed: bool,
    /// Rule files in it.
    files: usize,
}

impl<'r> FileOut<'r> {
    fn of(file: &'r RuleFile) -> Self {
        let step = |step: &'r rules::StepDef| StepOut { id: &step.id, kind: step.kind, why: step.why.as_deref() };
        Self {
            id: &file.id,
            title: &file.title,
            why: &file.why,
            group: &file.group,
            hosts: &file.hosts,
            signs: &file.signs,
            enabled: file.enabled,
            steps: file.steps.iter().map(step).collect(),
            tests: file.tests.len(),
            origin: &file.origin,
        }
    }
}

/// The rule set in force.
#[utoipa::path(get, path = "/v1/rules", tag = "rules",
    responses((status = 200, description = "The rule files in force", body = RulesOut<'static>), Problems))]
pub(in crate::server) async fn list(state: Data<State>) -> Result<HttpResponse, Problem> {
    of_set(state, |set| {
        bytes_of(&RulesOut {
            digest: set.digest(),
            profiles: set.profiles().iter().map(|profile| profile.id.as_str()).collect(),
            files: set.files().iter().map(FileOut::of).collect(),
        })
    })
    .await
}

/// One rule file, with its source.
#[utoipa::path(get, path = "/v1/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "The file's id", example = "zh-doc-sites")),
    responses((status = 200, description = "The rule file", body = SourceOut<'static>), Problems))]
pub(in crate::server) async fn one(state: Data<State>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    of_set(state, move |set| {
        let file = set.files().iter().find(|file| file.id == *id);
        let file = file.ok_or_else(|| Problem::new(Code::NotFound, "there is no rule file of this id"))?;
        bytes_of(&SourceOut { file: FileOut::of(file), source: &file.source })
    })
    .await
}

async fn of_set(
    state: Data<State>,
    work: impl FnOnce(&RuleSet) -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let cleaner = state.rules.cleaner();
    let answer = state.pool.ask(0, move || work(cleaner.rules())).await?;
    Ok(json(answer?, Held::new(&state.budget)))
}

/// Load the rules anew.
///
/// A set with a fault is not taken: the answer names file, line and column, and the old set stays in force.
#[utoipa::path(post, path = "/v1/rules/reload", tag = "rules",
    responses((status = 200, description = "The set that is in force now", body = ReloadOut), Problems))]
pub(in crate::server) async fn reload(state: Data<State>) -> Result<HttpResponse, Problem> {
    let shared = state.clone().into_inner();
    let reloaded = state.pool.ask(0, move || shared.reload("request")).await?;
    let taken = reloaded.map_err(|error| problem(&error))?;
    let answer = ReloadOut { digest: taken.digest, changed: taken.changed, files: taken.files };
    Ok(json(bytes_of(&answer)?, Held::new(&state.budget)))
}
