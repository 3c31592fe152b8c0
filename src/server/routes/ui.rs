//! The page for people: / and the files that it loads, all carried by the program.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::{get, path};
use crate::error::Code;
use crate::server::held::Pieces;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;

/// The page loads its own files and asks this service; nothing else, from anywhere, and no text ever becomes a script or an element.
const SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The page itself, among the files.
const HOME: &str = "index.html";

/// The files of `src/server/ui` by their paths.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/ui.rs"));

/// For each file the header that tells whether a browser has it already.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tag = |bytes: &[u8]| format!("\"{}\"", &blake3::hash(bytes).to_hex()[..20]);
    FILES.iter().map(|(_, bytes)| tag(bytes)).collect()
});

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/").route(get(home))).service(path("/ui/{file:.*}").route(get(file)));
}

/// The page: washing, comparing, archives, collections, rules and the state of the service.
#[utoipa::path(get, path = "/", tag = "pages",
    responses((status = 200, description = "A page", body = String, content_type = "text/html; charset=utf-8"), Problems))]
pub(in crate::server) async fn home(request: HttpRequest) -> Result<HttpResponse, Problem> {
    answer(&request, HOME)
}

async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    answer(&request, &name)
}

fn answer(request: &HttpRequest, name: &str) -> Result<HttpResponse, Problem> {
    let at = FILES.binary_search_by_key(&name, |(name, _)| *name);
    let at = at.map_err(|_| Problem::new(Code::NotFound, "there is nothing at this path"))?;
    let (bytes, tag) = (FILES[at].1, TAGS[at].as_str());
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let fresh = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut answer = if fresh { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, tag));
    // Kept, and asked for again each time: a new version of the program is seen at once.
    answer.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
    answer.insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SECURITY)));
    if fresh {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header((header::CONTENT_TYPE, media_type(name))).body(Pieces::shared(bytes)))
}

fn media_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_and_has_its_media_type() {
        assert!(FILES.is_sorted_by_key(|(name, _)| *name), "the files are searched by halving");
        assert!(FILES.iter().any(|(name, _)| *name == HOME));
        for (name, bytes) in FILES {
            assert!(!bytes.is_empty(), "{name}");
            assert_ne!(media_type(name), "application/octet-stream", "{name}");
        }
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere_and_nothing_stands_in_the_page_that_the_policy_forbids() {
        for (name, bytes) in FILES {
            let text = String::from_utf8_lossy(bytes);
            let inline = ["<style", " style=\"", "onclick=", "innerHTML", "eval("];
            assert!(!inline.iter().any(|word| text.contains(word)), "{name}");
            let elsewhere = text.replace("http://www.w3.org/", "").replace("https://example.com/", "");
            assert!(!elsewhere.contains("http://") && !elsewhere.contains("https://"), "{name}");
        }
    }
}
