//! POST /v1/rules/test: a rule file tried, on its own tests and on documents, beside the set in force.

#![allow(unused_qualifications, reason = "derived code names types in full")]

use std::sync::Arc;

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{bytes_of, path, worked};
use crate::clean::{Cleaner, selftest};
use crate::document::{Cleaned, ErrorRecord};
use crate::error::{Code, fault};
use crate::rules::load;
use crate::server::body;
use crate::server::content::{self, Kind};
use crate::server::documents::{DocumentIn, Object, object};
use crate::server::openapi::Problems;
use crate::server::problem::{Place, Problem};
use crate::server::rules::load_problem;
use crate::server::state::State;
use crate::trial::{Row, Tally, Trial, Tried};

/// What a rule file that is tried is called.
const TRIED: &str = "rule.toml";

/// Most work that the tests of a tried file may be: steps times bytes of tests, since each step is switched off once in every test.
const MOST_TEST_WORK: usize = 64 << 20;

/// Most documents that a file is tried on.
const MOST_DOCUMENTS: usize = 100;

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/v1/rules/test").route(web::post().to(test)));
}

/// A rule file to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryIn {
    /// The TOML.
    #[schema(max_length = 1_048_576)]
    rule: String,
    /// A document to try it on; its record comes back whole.
    #[schema(value_type = Option<DocumentIn>)]
    document: Option<Object<DocumentIn>>,
    /// Documents to try it on, at most 100.
    #[serde(default)]
    #[schema(value_type = Vec<DocumentIn>, max_items = 100)]
    documents: Vec<Object<DocumentIn>>,
}

/// What trying a rule file gave.
#[derive(Serialize, ToSchema)]
pub struct TryOut {
    /// The file's id.
    id: String,
    /// Tests that were run.
    tests: usize,
    /// What they found.
    faults: Vec<Place>,
    /// The document, washed with the file laid over the rules in force.
    document: Option<Cleaned>,
    /// What the file does to the documents; null without any.
    trial: Option<TrialOut>,
}

/// What a tried file does to documents.
#[derive(Serialize, ToSchema)]
pub struct TrialOut {
    /// `document`, if it was given, then `documents`.
    documents: Vec<TriedOut>,
    /// Every step of the file, in the order they act.
    steps: Vec<Row>,
    /// The steps that did nothing, and wanted nothing.
    never_fired: Vec<String>,
    /// What comes out otherwise than under the rules in force.
    in_force: InForceOut,
}

/// A document that the file was tried on.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum TriedOut {
    /// It was washed.
    Tried(Box<Tried>),
    /// It could not be washed.
    Failed(ErrorRecord),
}

/// How the tried file compares with the rules in force.
#[derive(Serialize, ToSchema)]
pub struct InForceOut {
    /// Digest of the rules in force.
    #[schema(pattern = "^sha256:[0-9a-f]{64}$")]
    digest: String,
    /// Documents whose text differs.
    documents: usize,
    /// Lines that would go.
    removed_lines: usize,
    /// Lines that would stay.
    kept_lines: usize,
}

/// Try a rule file.
///
/// Runs the tests that the file carries. Documents are also washed, with the file laid over the rules in force: the answer has the hits of each step, a
/// unified diff of each document, the steps that never fired, and what comes out otherwise than under the rules in force. Nothing is kept.
#[utoipa::path(post, path = "/v1/rules/test", tag = "rules",
    request_body(description = "The rule file", content((TryIn = "application/json"), (String = "application/toml"))),
    responses((status = 200, description = "What the tests found, and what the file does", body = TryOut), Problems))]
pub(in crate::server) async fn test(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let kind = content::kind(&request, &["application/json", "application/toml"])?;
    let body = body::read(&request, payload, &state).await?;
    worked(state, body, move |state, bytes| {
        let asked = if kind == Kind::Toml {
            let rule = String::from_utf8(Vec::from(bytes))
                .map_err(|_| Problem::new(Code::BadRule, "the rule file is not UTF-8"))?;
            TryIn { rule, document: None, documents: Vec::new() }
        } else {
            object::<TryIn>(&bytes)?
        };
        bytes_of(&tried(state, asked)?)
    })
    .await
}

fn tried(state: &State, asked: TryIn) -> Result<TryOut, Problem> {
    if asked.rule.len() as u64 > load::MAX_FILE {
        return Err(Problem::new(Code::TooLarge, format!("a rule file has at most {} bytes", load::MAX_FILE)));
    }
    if asked.documents.len() > MOST_DOCUMENTS {
        let detail = format!("a file is tried on at most {MOST_DOCUMENTS} documents at a time");
        return Err(Problem::new(Code::TooLarge, detail));
    }
    let set = Arc::new(load::load_one(TRIED, &asked.rule).map_err(|error| load_problem(&error))?);
    let file = set.files().first().ok_or_else(|| Problem::new(Code::BadRule, "it holds no rule file"))?;
    let bytes: usize = file.tests.iter().map(|test| test.input.len()).sum();
    if bytes.saturating_mul(file.steps.len()) > MOST_TEST_WORK {
        let detail = "the tests of so many steps would take too long here; run taoxi rules test";
        return Err(Problem::new(Code::WorkExceeded, detail));
    }
    let id = file.id.clone();
    let outcome = selftest::run(&set, &[]);
    let place =
        |fault: selftest::Fault| Place { file: fault.origin, line: fault.line, column: 0, message: fault.message };
    let faults = outcome.faults.into_iter().map(place).collect();
    let (document, trial) = match (asked.document, asked.documents) {
        (None, documents) if documents.is_empty() => (None, None),
        (document, documents) => {
            let (document, trial) = on_documents(state, (&id, &asked.rule), document, documents)?;
            (document, Some(trial))
        }
    };
    Ok(TryOut { id, tests: outcome.tests, faults, document, trial })
}

/// Washes documents with the file laid over the rules in force. A fault of the single document is one of the request, others stand with
/// theirs.
fn on_documents(
    state: &State,
    (id, rule): (&str, &str),
    single: Option<Object<DocumentIn>>,
    many: Vec<Object<DocumentIn>>,
) -> Result<(Option<Cleaned>, TrialOut), Problem> {
    let in_force = state.rules.cleaner();
    let over = load::load_with(state.rules.overlay(), TRIED, rule).map_err(|error| load_problem(&error))?;
    let over = Cleaner::new(Arc::new(over.with_filters_of(in_force.rules()))).with_limits(state.settings.clean.clone());
    let files = [id.to_owned()];
    let trial = Trial::new(&in_force, &over, &files);
    let take = |document: Object<DocumentIn>| document.0.take(&state.settings.profile);
    let (mut tally, mut documents, mut record) = (Tally::default(), Vec::new(), None);
    if let Some(document) = single {
        let (document, options) = take(document)?;
        let (tried, seen, traced) = trial.document(document, &options)?;
        tally.add(&seen);
        record = Some(traced.record);
        documents.push(TriedOut::Tried(Box::new(tried)));
    }
    for document in many {
        let (document, options) = take(document)?;
        let id = document.id.clone();
        documents.push(match trial.document(document, &options) {
            Ok((tried, seen, _)) => {
                tally.add(&seen);
                TriedOut::Tried(Box::new(tried))
            }
            Err(error) => TriedOut::Failed(ErrorRecord { id, error: fault(&error) }),
        });
    }
    let steps = trial.steps(&tally);
    let changes = documents.iter().filter_map(|document| match document {
        TriedOut::Tried(tried) => tried.change.as_ref(),
        TriedOut::Failed(_) => None,
    });
    let mut differs =
        InForceOut { digest: in_force.rules().digest().to_owned(), documents: 0, removed_lines: 0, kept_lines: 0 };
    for change in changes {
        differs.documents += 1;
        differs.removed_lines += change.removed.len();
        differs.kept_lines += change.kept.len();
    }
    let never_fired = steps.iter().filter(|row| row.is_dead()).map(|row| row.rule.clone()).collect();
    Ok((record, TrialOut { documents, steps, never_fired, in_force: differs }))
}
