//! POST /v1/compare: the verdict on two documents.

use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::clean::washed;
use super::{bytes_of, path, worked};
use crate::clean::Edits;
use crate::dedup::{Comparable, Keep, Relation, relate};
use crate::document::Cleaned;
use crate::server::body;
use crate::server::content;
use crate::server::documents::{DocumentIn, Object, object};
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/v1/compare").route(web::post().to(compare)));
}

/// Two documents. Without ids, or with the same, they are called `a` and `b`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PairIn {
    /// One document.
    #[schema(value_type = DocumentIn)]
    a: Object<DocumentIn>,
    /// The other.
    #[schema(value_type = DocumentIn)]
    b: Object<DocumentIn>,
}

/// Compare two documents.
///
/// Both are washed first. The smaller one is `a` in the answer, whatever the order.
#[utoipa::path(
    post,
    path = "/v1/compare",
    tag = "documents",
    request_body(content = PairIn, description = "Two documents. May be compressed."),
    responses((status = 200, description = "How the two are related, with the evidence", body = Relation), Problems)
)]
pub(in crate::server) async fn compare(
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    content::kind(&request, &["application/json"])?;
    let body = body::read(&request, payload, &state).await?;
    worked(state, body, |state, bytes| related(state, &bytes)).await
}

fn related(state: &State, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let PairIn { a, b } = object(bytes)?;
    let same = a.0.id == b.0.id;
    let wash = |document: Object<DocumentIn>, name: &str| -> Result<Cleaned, Problem> {
        let named = |mut problem: Problem| {
            problem.detail = format!("{name}: {}", problem.detail);
            problem
        };
        let nameless = document.0.id.is_none();
        let (mut document, mut options) = document.0.take(&state.settings.profile).map_err(named)?;
        if same || nameless {
            name.clone_into(&mut document.id);
        }
        options.edits = Edits::None;
        washed(state, document, &options).map_err(named)
    };
    let (a, b) = (wash(a, "a")?, wash(b, "b")?);
    let date = |cleaned: &Cleaned| cleaned.meta.get("date").and_then(|date| date.as_str()).map(str::to_owned);
    let (a_date, b_date) = (date(&a), date(&b));
    let (x, y) = (Comparable::new(&a, a_date.as_deref(), 0), Comparable::new(&b, b_date.as_deref(), 1));
    let relation = relate(&x, &y, Keep::default());
    state.metrics.related(relation.kind.as_str());
    bytes_of(&relation)
}
