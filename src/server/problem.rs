//! Error answers: RFC 9457 problem details, every one with a stable code and a hint.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::error::{Code, Coded, Fault};
use crate::keys::Refusal;

/// The media type of problem details.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A fault in a rule file, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Place {
    /// The rule file.
    pub file: String,
    /// Line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 for the line as a whole.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Why a request was not answered as asked.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The stable code, which has the status and the hint.
    pub code: Code,
    /// What was wrong, where, and what to do.
    pub detail: String,
    /// Line of the body or rule file, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// Every fault of a rule set.
    pub faults: Vec<Place>,
    /// Methods that the path knows.
    pub allow: &'static [Method],
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
    /// Why the key of the request was refused: WWW-Authenticate says it.
    pub refusal: Option<Box<Refusal>>,
}

impl Problem {
    /// A problem with a detail made on the spot.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let retry_after = matches!(code.status(), 429 | 503).then_some(1);
        Self {
            code,
            detail: detail.into(),
            line: None,
            column: None,
            faults: Vec::new(),
            allow: &[],
            retry_after,
            refusal: None,
        }
    }

    /// The problem that an error of any area is.
    pub fn of(error: &dyn Coded) -> Self {
        Self::new(error.code(), error.to_string())
    }

    /// The same problem at a place of the body.
    #[must_use]
    pub fn at(mut self, line: usize, column: usize) -> Self {
        (self.line, self.column) = (u32::try_from(line).ok(), u32::try_from(column).ok());
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The whole answer.
    pub fn answer(&self, request_id: &str) -> HttpResponse {
        let status = self.status();
        let code = self.code.as_str();
        let details = Details {
            r#type: format!("urn:taoxi:error:{code}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &self.detail,
            code,
            hint: self.code.hint(),
            line: self.line,
            column: self.column,
            faults: &self.faults,
            request_id,
        };
        let mut answer = HttpResponse::build(status);
        answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON)));
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, u64::from(seconds)));
        }
        if let Some(refusal) = &self.refusal {
            answer.insert_header((header::WWW_AUTHENTICATE, refusal.challenge()));
        }
        if !self.allow.is_empty() {
            answer.insert_header((header::ALLOW, allowed(self.allow)));
        }
        // Strings and numbers always become JSON.
        answer.body(serde_json::to_vec(&details).unwrap_or_default())
    }
}

/// Methods as the header Allow lists them.
pub fn allowed(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

/// RFC 9457, with members of our own.
#[derive(Serialize)]
struct Details<'p> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'p str,
    code: &'static str,
    hint: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "<[Place]>::is_empty")]
    faults: &'p [Place],
    request_id: &'p str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl<E: Coded> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::new(problem.code, problem.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    /// Only the status: the request's id is known further out, where [`Problem::answer`] is called.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status())
    }
}

/// The header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
