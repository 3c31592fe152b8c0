//! The description of the service in `OpenAPI`, made from the calls and records themselves.

#![allow(unused_qualifications, reason = "derived code names types in full")]

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoResponses, Modify, OpenApi, PartialSchema, ToSchema};

use super::problem::Place;
use super::routes::calls;
use crate::dedup::{Kind, Side};
use crate::document::{ErrorRecord, Flag};
use crate::error::{Code, Fault};

/// The description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "taoxi",
        description = "Washes scraped documents and finds the copies among them.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "This service")),
    tags(
        (name = "documents", description = "Documents washed and compared"),
        (name = "collections", description = "Documents remembered, and arriving ones compared with them"),
        (name = "jobs", description = "Archives worked on in the background"),
        (name = "rules", description = "The rule set in force"),
        (name = "health", description = "Whether the service is well, and what it counts"),
        (name = "pages", description = "For people")
    ),
    paths(
        calls::clean, calls::compare, calls::list, calls::one, calls::test, calls::reload, calls::learn,
        calls::collections, calls::collection, calls::create_collection, calls::delete_collection, calls::compact, calls::crawls,
        calls::commit_crawl, calls::roll_back_crawl, calls::add_documents, calls::export, calls::stored, calls::forget,
        calls::dedupe, calls::jobs, calls::job, calls::remove, calls::files, calls::events, calls::file,
        calls::washed_document, calls::decisions, calls::decide, calls::growth, calls::key,
        calls::livez, calls::readyz, calls::metrics, calls::home, calls::docs, calls::description
    ),
    components(schemas(ErrorRecord)),
    modifiers(&Keys),
    security((), ("key" = []))
)]
struct Description;

/// Keys, for services that ask for them.
struct Keys;

impl Modify for Keys {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let mut key = Http::new(HttpAuthScheme::Bearer);
        key.description = Some("An API key of taoxi keys create, with the scope that the call needs.".to_owned());
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(key));
    }
}

/// The description as the service gives it.
pub fn json() -> String {
    // A description holds strings, numbers and maps with string keys: it always becomes JSON.
    Description::openapi().to_pretty_json().unwrap_or_default() + "\n"
}

/// RFC 9457 problem details.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "only the schema of what `problem` writes")]
pub struct ProblemOut {
    /// `urn:taoxi:error:` and the code.
    #[schema(pattern = "^urn:taoxi:error:[a-z_]+$")]
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was wrong, where, and what to do.
    detail: String,
    /// A stable code.
    code: Code,
    /// What to do about errors of this code.
    hint: String,
    /// Line of the body or rule file, from 1.
    #[schema(required = false, nullable = false)]
    line: Option<usize>,
    /// Column, from 1.
    #[schema(required = false, nullable = false)]
    column: Option<usize>,
    /// Every fault of a rule set.
    #[schema(required = false)]
    faults: Vec<Place>,
    /// The id of the request, which logs carry too.
    request_id: String,
}

/// What any call may answer.
#[derive(IntoResponses)]
pub enum Problems {
    /// The request cannot be understood.
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(ProblemOut),
    /// The key is missing, unknown or has expired. WWW-Authenticate says which.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemOut),
    /// The key lacks a scope, or the request is for another host, or from a page of another site.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
    /// There is nothing of this name.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemOut),
    /// The path does not know the method.
    #[response(status = 405, content_type = "application/problem+json")]
    MethodNotAllowed(ProblemOut),
    /// The body did not come in time.
    #[response(status = 408, content_type = "application/problem+json")]
    Timeout(ProblemOut),
    /// Something stands in the way: a job that is not done yet, a collection with other settings.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemOut),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemOut),
    /// The body is of a kind that the call does not take.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(ProblemOut),
    /// The file has no such range.
    #[response(status = 416, content_type = "application/problem+json")]
    OutsideRange(ProblemOut),
    /// The document cannot be washed.
    #[response(status = 422, content_type = "application/problem+json")]
    Unprocessable(ProblemOut),
    /// More requests than a client may make.
    #[response(status = 429, content_type = "application/problem+json")]
    RateLimited(ProblemOut),
    /// A fault in taoxi.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemOut),
    /// Too much at a time, or starting, or being stopped. Retry-After says when to try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemOut),
    /// The disk has too little room.
    #[response(status = 507, content_type = "application/problem+json")]
    NoSpace(ProblemOut),
}

/// A string that is one of several.
fn one_of<'s>(values: impl Iterator<Item = &'s str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(values.map(str::to_owned))).into()
}

macro_rules! words {
    ($($kind:ident: $values:expr;)*) => {$(
        impl PartialSchema for $kind {
            fn schema() -> RefOr<Schema> {
                one_of($values)
            }
        }

        impl ToSchema for $kind {}
    )*};
}

words! {
    Flag: Flag::ALL.iter().map(|flag| flag.as_str());
    Kind: Kind::ALL.iter().map(|kind| kind.as_str());
    Code: Code::ALL.iter().map(|code| code.as_str());
    Side: ["a", "b"].into_iter();
}

impl PartialSchema for Fault {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .property("code", Code::schema())
            .property("message", ObjectBuilder::new().schema_type(Type::String))
            .required("code")
            .required("message")
            .into()
    }
}

impl ToSchema for Fault {}
