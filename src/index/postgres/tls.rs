//! Whether a connection is encrypted, and whom it trusts.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Settles whether the connection is encrypted. On this machine it is only where `sslmode=require` says so; to others it is unless `sslmode=disable`
/// says no: an answer in plain text is never taken for want of a better one.
pub(super) fn settle(config: &mut Config) {
    let near = |host: &Host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    };
    let all_near =
        config.get_hosts().iter().all(near) && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
    let mode = match config.get_ssl_mode() {
        SslMode::Prefer if all_near => SslMode::Disable,
        SslMode::Prefer => SslMode::Require,
        said => said,
    };
    config.ssl_mode(mode);
}

/// Makes connections that trust the certificates that the system trusts; `SSL_CERT_FILE` names others.
pub(super) fn connector(config: &Config) -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    if config.get_ssl_mode() != SslMode::Disable {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let why = found.errors.first().map_or_else(String::new, |error| format!(": {error}"));
            return Err(format!("no certificate is trusted{why}; SSL_CERT_FILE names a file with one"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_somebody_says_no() {
        for (url, want) in [
            ("postgres://taoxi@localhost/taoxi", SslMode::Disable),
            ("postgres://taoxi@127.0.0.1/taoxi", SslMode::Disable),
            ("postgres://taoxi@[::1]/taoxi", SslMode::Disable),
            ("postgres://taoxi@/taoxi?host=/run/postgresql", SslMode::Disable),
            ("postgres://taoxi@localhost/taoxi?sslmode=require", SslMode::Require),
            ("postgres://taoxi@db.example/taoxi", SslMode::Require),
            ("postgres://taoxi@localhost,db.example/taoxi", SslMode::Require),
            ("postgres://taoxi@10.0.0.7/taoxi?sslmode=prefer", SslMode::Require),
            ("postgres://taoxi@10.0.0.7/taoxi?sslmode=disable", SslMode::Disable),
        ] {
            let mut config: Config = url.parse().unwrap();
            settle(&mut config);
            assert_eq!(config.get_ssl_mode(), want, "{url}");
        }
    }
}
