//! The paths of the service with their methods: what Allow lists, and the names that metrics and logs use.

use actix_web::http::Method;

/// A path.
#[derive(Debug, Clone, Copy)]
pub struct Path {
    /// As the router and the metrics write it: `{name}` stands for one segment, `{name}*` at the end for the rest.
    pub pattern: &'static str,
    /// What may be asked of it.
    pub methods: &'static [Method],
}

const GET: &[Method] = &[Method::GET, Method::HEAD];
const POST: &[Method] = &[Method::POST];
const DELETE: &[Method] = &[Method::DELETE];

/// Every path.
pub const PATHS: &[Path] = &[
    Path { pattern: "/v1/clean", methods: POST },
    Path { pattern: "/v1/compare", methods: POST },
    Path { pattern: "/v1/rules", methods: GET },
    Path { pattern: "/v1/rules/test", methods: POST },
    Path { pattern: "/v1/rules/reload", methods: POST },
    Path { pattern: "/v1/rules/learn", methods: POST },
    Path { pattern: "/v1/rules/{id}", methods: GET },
    Path { pattern: "/v1/collections", methods: GET },
    Path {
        pattern: "/v1/collections/{collection}",
        methods: &[Method::GET, Method::HEAD, Method::PUT, Method::DELETE],
    },
    Path { pattern: "/v1/collections/{collection}/compact", methods: POST },
    Path { pattern: "/v1/collections/{collection}/crawls", methods: GET },
    Path { pattern: "/v1/collections/{collection}/crawls/{crawl}/commit", methods: POST },
    Path { pattern: "/v1/collections/{collection}/crawls/{crawl}", methods: DELETE },
    Path { pattern: "/v1/collections/{collection}/documents", methods: &[Method::GET, Method::HEAD, Method::POST] },
    Path {
        pattern: "/v1/collections/{collection}/documents/{id}*",
        methods: &[Method::GET, Method::HEAD, Method::DELETE],
    },
    Path { pattern: "/livez", methods: GET },
    Path { pattern: "/readyz", methods: GET },
    Path { pattern: "/metrics", methods: GET },
    Path { pattern: "/openapi.json", methods: GET },
    Path { pattern: "/docs", methods: GET },
    Path { pattern: "/docs/{file}", methods: GET },
    Path { pattern: "/", methods: GET },
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
}
