//! Web addresses: a reference resolved against the address of its page (RFC 3986, section 5.2).

/// Longest address kept, in bytes.
const MAX_BYTES: usize = 2048;

/// An absolute http or https address without its fragment. `None` when there is none to be had: another scheme, no host,
/// a relative reference without `base`, white space or controls inside, or too long.
pub(super) fn resolve(reference: &str, base: Option<&str>) -> Option<String> {
    let reference = reference.trim();
    if reference.is_empty() || reference.len() > MAX_BYTES || reference.contains(is_forbidden) {
        return None;
    }
    let reference = reference.split('#').next().unwrap_or_default();
    let resolved = match split(reference) {
        Some(parts) => parts.whole(parts.path),
        None => join(reference, &split(base?.trim())?)?,
    };
    (resolved.len() <= MAX_BYTES).then_some(resolved)
}

fn is_forbidden(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\\' | '`' | '{' | '}')
}

/// An address taken apart.
struct Parts<'u> {
    scheme: &'static str,
    authority: &'u str,
    path: &'u str,
    /// With its question mark.
    query: &'u str,
}

impl Parts<'_> {
    fn whole(&self, path: &str) -> String {
        let path = if path.is_empty() { "/" } else { path };
        format!("{}://{}{}{}", self.scheme, self.authority, path, self.query)
    }
}

/// `None` unless it is absolute and of the web.
fn split(url: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = ["http", "https"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme))?;
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() || host.starts_with(':') || authority.contains(is_forbidden) {
        return None;
    }
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    Some(Parts { scheme, authority, path, query })
}

/// A relative reference with its base.
fn join(reference: &str, base: &Parts<'_>) -> Option<String> {
    let Parts { scheme, authority, path, query } = base;
    if let Some(rest) = reference.strip_prefix("//") {
        let whole = format!("{scheme}://{rest}");
        return split(&whole).map(|parts| parts.whole(parts.path));
    }
    let colon = reference.find(':');
    let is_schemed = colon.is_some_and(|at| reference.find(['/', '?']).is_none_or(|slash| at < slash));
    if is_schemed {
        return None;
    }
    let (own_path, own_query) = reference.split_at(reference.find('?').unwrap_or(reference.len()));
    let (path, query) = if own_path.is_empty() {
        ((*path).to_owned(), if own_query.is_empty() { query } else { own_query })
    } else if own_path.starts_with('/') {
        (without_dots(own_path), own_query)
    } else {
        let folder = &path[..path.rfind('/').map_or(0, |at| at + 1)];
        (without_dots(&format!("/{}{own_path}", folder.trim_start_matches('/'))), own_query)
    };
    let path = if path.is_empty() { "/" } else { &path };
    Some(format!("{scheme}://{authority}{path}{query}"))
}

/// A path without `.` and `..` (5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    for (i, segment) in segments.iter().enumerate() {
        let is_last = i + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_as_the_standard_shows() {
        // RFC 3986, 5.4, as far as they are of the web; fragments go.
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("https://x.example/?q", "https://x.example/?q"),
            ("HTTP://x.example", "http://x.example/"),
        ] {
            assert_eq!(resolve(reference, Some("http://a/b/c/d;p?q")).as_deref(), Some(expected), "{reference}");
        }
    }

    #[test]
    fn what_is_no_address_of_the_web_is_none() {
        let long = "x".repeat(3000);
        for reference in [
            "", "javascript:alert(1)", "mailto:a@b.example", "data:text/html,x", "http://", "http:///a", "file:///a",
            "a b", "http://a/<b>", "ftp://a/b", "http://:80/", "http://a\n/b", &long,
        ] {
            assert_eq!(resolve(reference, Some("http://a/b")), None, "{reference}");
        }
        assert_eq!(resolve("a", None), None);
        assert_eq!(resolve("a", Some("not an address")), None);
        assert_eq!(resolve("a", Some("http://h")).as_deref(), Some("http://h/a"));
    }
}
