//! What every request passes through: its id, who may ask, the headers of the answer, the log line and the counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};

use super::cors;
use super::problem::{PROBLEM_JSON, Problem, REQUEST_ID};
use super::rate::Client;
use super::routes::table;
use super::state::State;
use crate::error::Code;
use crate::keys::Grant;

/// Longest request id that is taken from a client.
const LONGEST_ID: usize = 64;

/// How soon a refusal is answered. Whoever is refused at once asks again at once, and so takes a core with being refused.
const PAUSE: Duration = Duration::from_millis(35);

/// The name of what is no path, in metrics and logs.
const UNKNOWN: &str = "other";

const CONTENT_SECURITY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Headers of every answer, unless it has its own.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Wraps the answering of a request.
pub async fn around(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = request.app_data::<web::Data<State>>().cloned() else { return next.call(request).await };
    let begun = Instant::now();
    let _flying = Flying::new(&state);
    let path = table::find(request.path());
    let route = path.map_or(UNKNOWN, |path| path.pattern);
    let method = method_name(request.method());
    let id = request_id(request.headers());
    let origin = state.gate.origin(request.headers()).map(str::to_owned);
    let admitted = admit(&request, &state, path);
    let mut key = None;
    let response = match admitted {
        Ok(_) if cors::is_preflight(&request, &state.gate) => request.into_response(cors::preflight(path)),
        Ok(grant) => {
            if let Some(grant) = grant {
                key = Some(grant.id.clone());
                request.extensions_mut().insert(grant);
            }
            next.call(request).await?
        }
        Err(problem) => request.error_response(problem),
    };
    let mut response = rendered(response, &state, &id);
    if let Some(rest) = pause(response.status(), begun) {
        tokio::time::sleep(rest).await;
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Some(origin) = origin {
        cors::allow(headers, &origin);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let bytes = match response.response().body().size() {
        BodySize::Sized(bytes) => bytes,
        BodySize::None | BodySize::Stream => 0,
    };
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    state.metrics.answered(route, method, status, took, bytes);
    let ms = took.as_micros() as f64 / 1000.0;
    if matches!(status, 429 | 503) {
        // Those that a limit or an overload refuses come in masses, and are cheap only if they are merely counted.
        tracing::debug!(id, method, route, status, key, ms, bytes, "refused");
    } else {
        tracing::info!(id, method, route, status, key, ms, bytes, "request");
    }
    #[cfg(feature = "otlp")]
    state.traces.answered(&super::traces::Answered {
        headers: response.request().headers(),
        route,
        method,
        status,
        id: &id,
        took,
    });
    Ok(response)
}

/// How long a refusal is still held back.
fn pause(status: StatusCode, begun: Instant) -> Option<Duration> {
    let is_refused = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    if is_refused { PAUSE.checked_sub(begun.elapsed()).filter(|rest| !rest.is_zero()) } else { None }
}

/// Lets a request in, and says what its key allows. A refused key counts as a request of its address.
fn admit(request: &ServiceRequest, state: &State, path: Option<&table::Path>) -> Result<Option<Grant>, Problem> {
    let is_health = path.is_some_and(|path| matches!(path.pattern, "/livez" | "/readyz"));
    state.gate.admit(request, is_health)?;
    if is_health || cors::is_preflight(request, &state.gate) {
        return Ok(None);
    }
    let grant = state.gate.grant(request.headers(), path.and_then(|path| path.scope(request.method())));
    let address = || request.peer_addr().map(|peer| Client::Address(peer.ip()));
    let client = grant.as_ref().ok().and_then(Option::as_ref).map(|grant| Client::Key(grant.id.clone()));
    state.rate.admit(client.or_else(address))?;
    grant.map_err(|refusal| {
        let mut problem = Problem::of(&refusal);
        problem.refusal = Some(Box::new(refusal));
        problem
    })
}

/// The answer, with every error as a problem that carries the request's id.
fn rendered(response: ServiceResponse<BoxBody>, state: &State, id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let is_problem = |value: &HeaderValue| value.as_bytes() == PROBLEM_JSON.as_bytes();
    if response.headers().get(header::CONTENT_TYPE).is_some_and(is_problem) {
        return response;
    }
    let own = response.response().error().and_then(|error| error.as_error::<Problem>()).cloned();
    let problem = own.unwrap_or_else(|| Problem::new(code_of(status), status.canonical_reason().unwrap_or("error")));
    state.metrics.refused(problem.code);
    if problem.code == Code::Internal {
        tracing::error!(id, detail = problem.detail, "a request failed");
    }
    let answer = problem.answer(id);
    ServiceResponse::new(response.into_parts().0, answer)
}

/// The code of an error that the HTTP library itself answered with.
fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::Timeout,
        413 => Code::TooLarge,
        415 => Code::UnsupportedMediaType,
        400..=499 => Code::BadRequest,
        _ => Code::Internal,
    }
}

/// The method as metrics name it: clients may make up others without end.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The id that the client gave, if it is a sane one; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let is_sane = |id: &&str| {
        (1..=LONGEST_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(is_sane);
    given.map_or_else(new_id, str::to_owned)
}

/// An id that no other request of this machine has: the time of the start, and a number.
fn new_id() -> String {
    static START: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        since.as_micros() as u64
    });
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:x}-{:x}", *START, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A request being answered; also one whose client went away is counted down.
struct Flying(web::Data<State>);

impl Flying {
    fn new(state: &web::Data<State>) -> Self {
        state.metrics.in_flight.inc();
        Self(state.clone())
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.metrics.in_flight.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sane_ids_are_kept_and_others_replaced() {
        let id = |given: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_static(given));
            request_id(&headers)
        };
        assert_eq!(id("Ab-3_x.9"), "Ab-3_x.9");
        for odd in ["", "a b", "a\"b", "<x>"] {
            assert_ne!(id(odd), odd);
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }
}
