//! Who may ask: the one place where that is decided.
//!
//! Without API keys the service is for this machine only. It listens on a loopback address, and as any page in a browser on this machine can send
//! requests to loopback too, it looks at two more things: the Host header, which a page that had its own name rebound to 127.0.0.1 cannot forge; and
//! the Origin and Sec-Fetch-Site headers, which say that another site's page is asking.

use std::net::{IpAddr, SocketAddr};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap};

use super::error::ServeError;
use super::problem::Problem;
use crate::error::Code;

/// Who may ask.
#[derive(Debug, Clone, Default)]
pub struct Gate {}

#[expect(clippy::unused_self, reason = "who may ask is asked of the gate, whatever it knows")]
impl Gate {
    /// Whether the service may listen on an address.
    pub fn may_listen(&self, address: SocketAddr) -> Result<(), ServeError> {
        if address.ip().is_loopback() { Ok(()) } else { Err(ServeError::Open(address)) }
    }

    /// Whether a request is let in. Health is told to whoever has the right host.
    pub fn admit(&self, request: &ServiceRequest, is_health: bool) -> Result<(), Problem> {
        let headers = request.headers();
        let target = request.uri().authority().map(actix_web::http::uri::Authority::as_str);
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        if !host.is_some_and(is_loopback_host) || target.is_some_and(|target| !is_loopback_host(target)) {
            let detail = "the Host header names no loopback host (localhost, 127.0.0.1 or [::1])";
            return Err(Problem::new(Code::Forbidden, detail));
        }
        if !is_health && is_foreign(headers, host.unwrap_or_default()) {
            return Err(Problem::new(Code::Forbidden, "the request comes from a page of another site"));
        }
        Ok(())
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

    #[test]
    fn pages_of_other_sites_are_refused_but_may_know_the_health() {
        let gate = Gate::default();
        let ask = |headers: &[(&str, &str)], is_health| {
            let mut request = TestRequest::default().insert_header(("host", "localhost:8077"));
            for (name, value) in headers {
                request = request.insert_header((*name, *value));
            }
            gate.admit(&request.to_srv_request(), is_health).is_ok()
        };
        assert!(ask(&[], false));
        assert!(ask(&[("origin", "http://localhost:8077"), ("sec-fetch-site", "same-origin")], false));
        for foreign in [
            ("origin", "https://example.com"),
            ("origin", "null"),
            ("origin", "http://localhost:9000"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(!ask(&[foreign], false), "{foreign:?}");
            assert!(ask(&[foreign], true), "{foreign:?}");
        }
        assert!(!ask(&[("host", "example.com")], true));
    }

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        let gate = Gate::default();
        assert!(gate.may_listen("127.0.0.1:80".parse().unwrap()).is_ok());
        assert!(gate.may_listen("[::1]:80".parse().unwrap()).is_ok());
        assert!(gate.may_listen("0.0.0.0:80".parse().unwrap()).is_err());
    }
}
