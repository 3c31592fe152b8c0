//! The paths of the service with their methods and scopes: what Allow lists, what keys must allow, and the names that metrics and logs use.

use actix_web::http::Method;

use crate::keys::Scope;

/// A path.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    /// As the router and the metrics write it: `{name}` stands for one segment, `{name}*` at the end for the rest.
    pub pattern: &'static str,
    /// What may be asked of it.
    pub methods: &'static [Method],
    /// The scope that a key needs to look; `None` for what everybody may see.
    look: Option<Scope>,
    /// The scope that it needs for any other method.
    act: Scope,
}

impl Path {
    const fn new(pattern: &'static str, methods: &'static [Method], look: Option<Scope>, act: Scope) -> Self {
        Self { pattern, methods, look, act }
    }

    /// A path to look at, for whoever may.
    const fn look(pattern: &'static str, scope: Option<Scope>) -> Self {
        Self::new(pattern, GET, scope, Scope::Admin)
    }

    /// A path that does something.
    const fn act(pattern: &'static str, scope: Scope) -> Self {
        Self::new(pattern, POST, Some(scope), scope)
    }

    /// The scope that a key needs for a method.
    pub fn scope(&self, method: &Method) -> Option<Scope> {
        if [Method::GET, Method::HEAD, Method::OPTIONS].contains(method) { self.look } else { Some(self.act) }
    }
}

const GET: &[Method] = &[Method::GET, Method::HEAD];
const POST: &[Method] = &[Method::POST];
const DELETE: &[Method] = &[Method::DELETE];
const GET_POST: &[Method] = &[Method::GET, Method::HEAD, Method::POST];
const GET_DELETE: &[Method] = &[Method::GET, Method::HEAD, Method::DELETE];
const GET_PUT_DELETE: &[Method] = &[Method::GET, Method::HEAD, Method::PUT, Method::DELETE];

const READ: Option<Scope> = Some(Scope::Read);

/// Every path.
pub const PATHS: &[Path] = &[
    Path::act("/v1/clean", Scope::Clean),
    Path::act("/v1/compare", Scope::Clean),
    Path::look("/v1/collections", READ),
    Path::new("/v1/collections/{collection}", GET_PUT_DELETE, READ, Scope::Admin),
    Path::act("/v1/collections/{collection}/compact", Scope::Admin),
    Path::look("/v1/collections/{collection}/crawls", READ),
    Path::look("/v1/collections/{collection}/growth", READ),
    Path::act("/v1/collections/{collection}/crawls/{crawl}/commit", Scope::Index),
    Path::new("/v1/collections/{collection}/crawls/{crawl}", DELETE, READ, Scope::Index),
    Path::new("/v1/collections/{collection}/documents", GET_POST, READ, Scope::Index),
    Path::new("/v1/collections/{collection}/documents/{id}*", GET_DELETE, READ, Scope::Index),
    Path::act("/v1/jobs/dedupe", Scope::Index),
    Path::look("/v1/jobs", READ),
    Path::new("/v1/jobs/{job}", GET_DELETE, READ, Scope::Index),
    Path::look("/v1/jobs/{job}/events", READ),
    Path::look("/v1/jobs/{job}/files", READ),
    Path::look("/v1/jobs/{job}/files/{name}", READ),
    Path::look("/v1/jobs/{job}/documents/{id}*", READ),
    Path::new("/v1/jobs/{job}/decisions", GET_POST, READ, Scope::Index),
    Path::look("/v1/rules", READ),
    Path::act("/v1/rules/test", Scope::Clean),
    Path::act("/v1/rules/reload", Scope::Admin),
    Path::act("/v1/rules/learn", Scope::Index),
    Path::look("/v1/rules/{id}", READ),
    Path::look("/livez", None),
    Path::look("/readyz", None),
    Path::look("/metrics", READ),
    Path::look("/openapi.json", None),
    Path::look("/docs", None),
    Path::look("/docs/{file}", None),
    Path::look("/v1/key", None),
    Path::look("/ui/{file}*", None),
    Path::look("/", None),
];

/// The path of a request.
pub fn find(path: &str) -> Option<&'static Path> {
    PATHS.iter().find(|known| matches(known.pattern, path))
}

fn matches(pattern: &str, path: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('{') else { return pattern == path };
    let Some(path) = path.strip_prefix(start) else { return false };
    let end = rest.split_once('}').map_or("", |(_, end)| end);
    if end == "*" {
        return true;
    }
    let (segment, behind) = path.split_at(path.find('/').unwrap_or(path.len()));
    !segment.is_empty() && matches(end, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_match_one_segment() {
        for (pattern, path, want) in [
            ("/v1/rules/{id}", "/v1/rules/a", true),
            ("/v1/rules/{id}", "/v1/rules/", false),
            ("/v1/rules/{id}", "/v1/rules/a/b", false),
            ("/v1/c/{c}/d/{id}", "/v1/c/x/d/y", true),
            ("/v1/c/{c}/d/{id}", "/v1/c/x/e/y", false),
            ("/v1/c/{c}/d/{id}*", "/v1/c/x/d/y/z", true),
            ("/", "/", true),
            ("/", "/x", false),
        ] {
            assert_eq!(matches(pattern, path), want, "{pattern} {path}");
        }
        assert_eq!(find("/v1/rules/test").unwrap().methods, POST);
    }

    #[test]
    fn looking_and_acting_need_their_own_scopes() {
        for (method, path, scope) in [
            (Method::GET, "/v1/jobs", READ),
            (Method::HEAD, "/v1/jobs/a/files/b", READ),
            (Method::DELETE, "/v1/jobs/a", Some(Scope::Index)),
            (Method::POST, "/v1/jobs/dedupe", Some(Scope::Index)),
            (Method::POST, "/v1/clean", Some(Scope::Clean)),
            (Method::POST, "/v1/rules/reload", Some(Scope::Admin)),
            (Method::GET, "/readyz", None),
            (Method::from_bytes(b"BREW").unwrap(), "/v1/rules", Some(Scope::Admin)),
        ] {
            assert_eq!(find(path).unwrap().scope(&method), scope, "{method} {path}");
        }
    }
}
