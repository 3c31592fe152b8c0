//! Pages of other sites that the setting `origins` names: what their browsers want to hear (the Fetch standard, section 3.3).

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::gate::Gate;
use super::problem::allowed;
use super::routes::table::Path;

/// Headers that pages may send.
const TAKEN: &str = "authorization, content-type, idempotency-key, last-event-id, x-request-id";
/// Headers of answers that pages may read.
const SHOWN: &str = "location, retry-after, www-authenticate, x-request-id, idempotency-replayed";
/// Seconds that a browser need not ask again.
const REMEMBERED: u32 = 600;

/// Whether a browser asks in advance what a page may do.
pub fn is_preflight(request: &ServiceRequest, gate: &Gate) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && gate.origin(request.headers()).is_some()
}

/// What it is answered.
pub fn preflight(path: Option<&Path>) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, allowed(path.map_or(&[], |path| path.methods))))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, TAKEN))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBERED))
        .finish()
}

/// Lets a page of this origin read the answer. Cookies play no part.
pub fn allow(headers: &mut HeaderMap, origin: &str) {
    let Ok(origin) = HeaderValue::from_str(origin) else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    for (name, value) in [(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN), (header::VARY, "origin")] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
