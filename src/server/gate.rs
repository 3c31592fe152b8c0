//! Who may ask: the one place where that is decided.
//!
//! Without API keys the service is for this machine only. It listens on a loopback address, and as any page in a browser on this machine can send
//! requests to loopback too, it looks at two more things: the Host header, which a page that had its own name rebound to 127.0.0.1 cannot forge; and
//! the Origin and Sec-Fetch-Site headers, which say that another site's page is asking.
//!
//! With keys any address and host is well, and each call asks for a key with the scope that `routes::table` names. Pages of other sites are
//! still refused, unless the setting `origins` names their site.

use std::net::{IpAddr, SocketAddr};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap};

use super::error::ServeError;
use super::problem::Problem;
use crate::clock::Moment;
use crate::error::Code;
use crate::keys::{Grant, KeyRing, Refusal, Scope};

/// Who may ask.
#[derive(Debug)]
pub struct Gate {
    keys: KeyRing,
    origins: Vec<String>,
}

impl Gate {
    /// A gate with these keys, for pages of this service and of these origins.
    pub fn new(keys: KeyRing, origins: Vec<String>) -> Self {
        Self { keys, origins }
    }

    /// The keys.
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Whether the service may listen on an address.
    pub fn may_listen(&self, address: SocketAddr) -> Result<(), ServeError> {
        let well = address.ip().is_loopback() || self.keys.is_guarded();
        if well { Ok(()) } else { Err(ServeError::Open(address)) }
    }

    /// Whether a request is let in, by its host and origin. Health is told to whoever has the right host.
    pub fn admit(&self, request: &ServiceRequest, is_health: bool) -> Result<(), Problem> {
        let headers = request.headers();
        let target = request.uri().authority().map(actix_web::http::uri::Authority::as_str);
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let is_own = host.is_some_and(is_loopback_host) && target.is_none_or(is_loopback_host);
        if !is_own && !self.keys.is_guarded() {
            let detail = "the Host header names no loopback host (localhost, 127.0.0.1 or [::1])";
            return Err(Problem::new(Code::Forbidden, detail));
        }
        if !is_health && self.origin(headers).is_none() && is_foreign(headers, host.unwrap_or_default()) {
            return Err(Problem::new(Code::Forbidden, "the request comes from a page of another site"));
        }
        Ok(())
    }

    /// What the key of a request allows; `None` where no key is asked for: without keys, or for a call that needs no scope.
    pub fn grant(&self, headers: &HeaderMap, scope: Option<Scope>) -> Result<Option<Grant>, Refusal> {
        let Some(scope) = scope.filter(|_| self.keys.is_guarded()) else { return Ok(None) };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let grant = self.keys.check(given.and_then(KeyRing::bearer), Moment::now())?;
        grant.demand(scope)?;
        Ok(Some(grant))
    }

    /// Whose key a request carries; `None` where it carries none.
    pub fn identify(&self, headers: &HeaderMap) -> Result<Option<Grant>, Refusal> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        given.map(|given| self.keys.check(KeyRing::bearer(given), Moment::now())).transpose()
    }

    /// The origin of a request, if the settings name it.
    pub fn origin<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
        self.origins.iter().any(|known| known.eq_ignore_ascii_case(origin)).then_some(origin)
    }
}

/// Whether the host of a Host header, with any port, is this machine's own.
fn is_loopback_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, "")) => (name, None),
        Some((name, rest)) => match rest.strip_prefix(':') {
            Some(port) => (name, Some(port)),
            None => return false,
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    if port.is_some_and(|port| port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit())) {
        return false;
    }
    if host.starts_with('[') {
        return name.parse().is_ok_and(|ip: std::net::Ipv6Addr| ip.is_loopback());
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback() && ip.is_ipv4())
}

/// Whether a browser says that another site's page is asking.
fn is_foreign(headers: &HeaderMap, host: &str) -> bool {
    let text = |value: Option<&header::HeaderValue>| value.map(|value| value.to_str().unwrap_or("?").to_owned());
    if let Some(site) = text(headers.get("sec-fetch-site"))
        && !matches!(site.as_str(), "same-origin" | "none")
    {
        return true;
    }
    // A page of this service has its own host as origin; another port of this machine is another site.
    text(headers.get(header::ORIGIN)).is_some_and(|origin| {
        let own = origin.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host));
        !own
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::FromOutside;
    use actix_web::test::TestRequest;

    #[test]
    fn only_loopback_hosts_are_let_in() {
        for host in ["localhost", "LOCALHOST:8077", "localhost.", "127.0.0.1:1", "127.8.9.1", "[::1]", "[::1]:8077"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "", "example.com", "localhost.example.com", "127.0.0.1.example.com", "localhost:80:80", "localhost:x",
            "[::1", "[::1]x", "[::2]", "::1", "10.0.0.1", "0.0.0.0", "localhost@example.com", "127.1",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }

    fn gate(secret: Option<&str>, origins: &[&str]) -> Gate {
        let folder = tempfile::tempdir().unwrap();
        let outside = FromOutside { key: secret.map(str::to_owned), file: None };
        let keys = KeyRing::load(folder.path(), &outside).unwrap();
        Gate::new(keys, origins.iter().map(|origin| (*origin).to_owned()).collect())
    }

    fn request(headers: &[(&'static str, &'static str)]) -> ServiceRequest {
        let mut request = TestRequest::default().insert_header(("host", "localhost:8077"));
        for header in headers {
            request = request.insert_header(*header);
        }
        request.to_srv_request()
    }

    const KEY: &str = "a-key-of-more-than-24-characters";
    const FOREIGN: [(&str, &str); 5] = [
        ("origin", "https://example.com"),
        ("origin", "null"),
        ("origin", "http://localhost:9000"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];

    #[test]
    fn pages_of_other_sites_are_refused_but_may_know_the_health() {
        for gate in [gate(None, &[]), gate(Some(KEY), &[])] {
            let ask = |headers: &[_], is_health| gate.admit(&request(headers), is_health).is_ok();
            assert!(ask(&[], false));
            assert!(ask(&[("origin", "http://localhost:8077"), ("sec-fetch-site", "same-origin")], false));
            for foreign in FOREIGN {
                assert!(!ask(&[foreign], false), "{foreign:?}");
                assert!(ask(&[foreign], true), "{foreign:?}");
            }
        }
    }

    #[test]
    fn pages_of_sites_that_the_settings_name_are_let_in() {
        let gate = gate(Some(KEY), &["https://example.com"]);
        let ask = |headers: &[_]| gate.admit(&request(headers), false).is_ok();
        assert!(ask(&[("origin", "https://example.com"), ("sec-fetch-site", "cross-site")]));
        assert!(!ask(&[("origin", "https://example.com.evil.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!ask(&[("origin", "http://example.com")]));
    }

    #[test]
    fn without_keys_only_loopback_addresses_and_hosts_are_well_and_with_keys_any() {
        let (open, guarded) = (gate(None, &[]), gate(Some(KEY), &[]));
        for (address, own) in [("127.0.0.1:80", true), ("[::1]:80", true), ("0.0.0.0:80", false), ("[::]:80", false)] {
            let address = address.parse().unwrap();
            assert_eq!((open.may_listen(address).is_ok(), guarded.may_listen(address).is_ok()), (own, true));
        }
        for health in [true, false] {
            assert!(open.admit(&request(&[("host", "example.com")]), health).is_err());
            assert!(guarded.admit(&request(&[("host", "example.com")]), health).is_ok());
        }
    }

    #[test]
    fn a_key_is_asked_for_where_a_scope_is_needed() {
        let (open, guarded) = (gate(None, &[]), gate(Some(KEY), &[]));
        let grant = |gate: &Gate, headers: &[_], scope| gate.grant(request(headers).headers(), scope);
        assert_eq!(grant(&open, &[], Some(Scope::Admin)), Ok(None));
        assert_eq!(grant(&guarded, &[], None), Ok(None));
        assert_eq!(grant(&guarded, &[], Some(Scope::Read)), Err(Refusal::Missing));
        assert_eq!(grant(&guarded, &[("authorization", "Bearer x")], Some(Scope::Read)), Err(Refusal::Unknown));
        let key = ("authorization", "Bearer a-key-of-more-than-24-characters");
        assert_eq!(grant(&guarded, &[key], Some(Scope::Admin)).unwrap().unwrap().id, "env");
    }
}
