//! The calls as a page and as a description for programs: /docs, /openapi.json.

use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, ServiceConfig};

use super::{get, path};
use crate::error::Code;
use crate::server::held::Pieces;
use crate::server::openapi::{self, Problems};
use crate::server::problem::Problem;

/// Swagger UI sets styles on elements, shows images that stand in its style sheet, and asks this service.
const DOCS_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const DOCS: &str = include_str!("pages/docs.html");

/// What the pages load, from here; everything else that Swagger UI brings stays unread.
const FILES: [(&str, &str, &str); 1] = [("docs.js", "text/javascript; charset=utf-8", include_str!("pages/docs.js"))];
const SWAGGER_FILES: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

static DESCRIPTION: LazyLock<String> = LazyLock::new(openapi::json);

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/docs").route(get(docs)))
        .service(path("/docs/{file}").route(get(file)))
        .service(path("/openapi.json").route(get(description)));
}

/// This description as a page.
#[utoipa::path(get, path = "/docs", tag = "pages",
    responses((status = 200, description = "A page", body = String, content_type = "text/html; charset=utf-8"), Problems))]
pub(in crate::server) async fn docs() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")))
        .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_SECURITY)))
        .body(DOCS)
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "pages",
    responses((status = 200, description = "An OpenAPI description", body = Object, content_type = "application/json"), Problems))]
pub(in crate::server) async fn description() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .body(Pieces::shared(DESCRIPTION.as_bytes()))
}

async fn file(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let missing = || Problem::new(Code::NotFound, "there is nothing at this path");
    if let Some((_, media_type, text)) = FILES.iter().find(|(known, ..)| *known == *name) {
        return Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, *media_type)).body(Pieces::shared(*text)));
    }
    if !SWAGGER_FILES.contains(&name.as_str()) {
        return Err(missing());
    }
    let found = utoipa_swagger_ui::serve(&name, Arc::new(utoipa_swagger_ui::Config::default()));
    let found = found.ok().flatten().ok_or_else(missing)?;
    let mut answer = HttpResponse::Ok();
    if found.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer.insert_header((header::CONTENT_TYPE, found.content_type)).body(Pieces::shared(found.bytes.into_owned())))
}
