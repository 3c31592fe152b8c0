//! API keys of a running service: scopes, addresses and hosts, keys made and revoked meanwhile.

#![cfg(feature = "server")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::path::Path;
use std::time::Duration;

use common::made::{plain, taoxi};
use common::service::{Answer, Service, command, request, until};

const OUTSIDE: &str = "0123456789abcdef0123456789abcdef";
/// Longer than a service takes to look at the keys again.
const SOON: Duration = Duration::from_secs(20);

fn create(data: &Path, scopes: &str) -> String {
    let output = taoxi(&["keys", "create", "--scopes", scopes, "--data", plain(data)]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn ask(service: &Service, method: &str, path: &str, key: Option<&str>, headers: &[(&str, &str)]) -> Answer {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let mut all: Vec<(&str, &str)> = headers.to_vec();
    all.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let body: &[u8] = if method == "POST" { b"{\"text\": \"a\"}" } else { b"" };
    if method == "POST" {
        all.push(("content-type", "application/json"));
    }
    service.connect().ask(&request(method, path, &all, body))
}

/// Each call with the scope it needs.
const CALLS: [(&str, &str, &str); 17] = [
    ("GET", "/v1/rules", "read"),
    ("GET", "/v1/rules/nope", "read"),
    ("GET", "/v1/jobs", "read"),
    ("GET", "/v1/jobs/x", "read"),
    ("GET", "/v1/jobs/x/events", "read"),
    ("GET", "/v1/jobs/x/files", "read"),
    ("GET", "/v1/jobs/x/documents/a/b", "read"),
    ("GET", "/v1/jobs/x/decisions", "read"),
    ("GET", "/metrics", "read"),
    ("POST", "/v1/clean", "clean"),
    ("POST", "/v1/compare", "clean"),
    ("POST", "/v1/rules/test", "clean"),
    ("POST", "/v1/jobs/dedupe", "index"),
    ("POST", "/v1/rules/learn", "index"),
    ("DELETE", "/v1/jobs/x", "index"),
    ("POST", "/v1/jobs/x/decisions", "index"),
    ("POST", "/v1/rules/reload", "admin"),
];

#[test]
fn a_key_is_told_what_it_allows() {
    let data = tempfile::tempdir().unwrap();
    let key = create(data.path(), "read,clean");
    let service = Service::on(data, &[], &[]);
    let told = ask(&service, "GET", "/v1/key", Some(&key), &[]).json();
    assert_eq!((&told["guarded"], &told["scopes"]), (&true.into(), &serde_json::json!(["read", "clean"])));
    assert!(told["key"].as_str().is_some_and(|id| key.contains(id) && id.len() == 12), "{told}");
    let nobody = ask(&service, "GET", "/v1/key", None, &[]).json();
    assert_eq!(nobody, serde_json::json!({"guarded": true, "key": null, "scopes": []}));
    let wrong = ask(&service, "GET", "/v1/key", Some("taoxi_nobody"), &[]);
    assert_eq!((wrong.status, wrong.problem().as_str()), (401, "unknown_key"));
}

#[test]
fn each_call_asks_for_its_scope() {
    let data = tempfile::tempdir().unwrap();
    let keys = ["read", "clean", "index", "admin"].map(|scope| (scope, create(data.path(), scope)));
    let service = Service::on(data, &[], &[]);
    for (method, path, needs) in CALLS {
        for (scope, key) in &keys {
            let answer = ask(&service, method, path, Some(key), &[]);
            if *scope == needs || *scope == "admin" {
                assert!(![401, 403].contains(&answer.status), "{method} {path} with {scope}: {}", answer.text());
            } else {
                assert_eq!(
                    (answer.status, answer.problem().as_str()),
                    (403, "missing_scope"),
                    "{method} {path} {scope}"
                );
                let challenge = format!("Bearer realm=\"taoxi\", error=\"insufficient_scope\", scope=\"{needs}\"");
                assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
            }
        }
        let answer = ask(&service, method, path, None, &[]);
        assert_eq!((answer.status, answer.problem().as_str()), (401, "missing_key"), "{method} {path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"taoxi\""));
    }
    for path in ["/livez", "/readyz", "/", "/ui/main.js", "/docs", "/openapi.json", "/v1/key"] {
        assert_eq!(ask(&service, "GET", path, None, &[]).status, 200, "{path}");
    }
}

#[test]
fn wrong_keys_get_one_and_the_same_answer() {
    let data = tempfile::tempdir().unwrap();
    let key = create(data.path(), "admin");
    let service = Service::on(data, &[], &[]);
    let id = key.split('_').nth(1).unwrap();
    let mut bodies = Vec::new();
    let almost = format!("{}{}", &key[..key.len() - 1], if key.ends_with('0') { '1' } else { '0' });
    let other_secret = format!("taoxi_{id}_{}", "0".repeat(64));
    for wrong in [almost.as_str(), &other_secret, "x", &"x".repeat(5000), "taoxi__"] {
        let answer = ask(&service, "GET", "/v1/jobs", Some(wrong), &[("x-request-id", "same")]);
        assert_eq!((answer.status, answer.problem().as_str()), (401, "unknown_key"));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"taoxi\", error=\"invalid_token\""));
        bodies.push(answer.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    for scheme in ["Basic", "Token"] {
        let header = format!("{scheme} {key}");
        let answer = ask(&service, "GET", "/v1/jobs", None, &[("authorization", &header)]);
        assert_eq!(answer.problem(), "missing_key");
    }
    assert_eq!(ask(&service, "GET", "/v1/jobs", None, &[("authorization", &format!("bearer {key}"))]).status, 200);
}

#[test]
fn keys_made_and_revoked_while_it_runs_count_within_seconds() {
    let service = Service::start();
    assert_eq!(service.get("/v1/jobs").status, 200, "without keys nobody is asked for one");
    let key = create(service.data.path(), "read");
    until(SOON, || service.get("/v1/jobs").status == 401);
    assert_eq!(ask(&service, "GET", "/v1/jobs", Some(&key), &[]).status, 200);
    let id = key.split('_').nth(1).unwrap();
    let revoke = taoxi(&["keys", "revoke", id, "--data", plain(service.data.path())]).output().unwrap();
    assert!(revoke.status.success());
    until(SOON, || ask(&service, "GET", "/v1/jobs", Some(&key), &[]).status == 401);
    assert_eq!(service.get("/v1/jobs").status, 401, "the door stays shut");
    assert_eq!(service.get("/readyz").status, 200);
}

#[test]
fn with_a_key_from_outside_any_address_and_host_is_well() {
    for (address, key) in [("0.0.0.0:0", None), ("127.0.0.1:0", Some("short"))] {
        let data = tempfile::tempdir().unwrap();
        let env: Vec<_> = key.map(|key| ("TAOXI_API_KEY", key)).into_iter().collect();
        let output = command(data.path(), &["--listen", address], &env).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{address}");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("keys create") || message.contains("24 to 512"), "{message}");
    }
    let service = Service::with(&["--listen", "0.0.0.0:0"], &[("TAOXI_API_KEY", OUTSIDE)]);
    let host = [("host", "taoxi.example")];
    assert_eq!(ask(&service, "GET", "/v1/jobs", Some(OUTSIDE), &host).status, 200);
    assert_eq!(ask(&service, "GET", "/v1/jobs", None, &host).status, 401);
    assert_eq!(ask(&service, "GET", "/readyz", None, &host).status, 200);
    let foreign = [("host", "taoxi.example"), ("origin", "https://other.example")];
    let answer = ask(&service, "GET", "/v1/jobs", Some(OUTSIDE), &foreign);
    assert_eq!((answer.status, answer.problem().as_str()), (403, "forbidden"));
}

#[test]
fn a_file_with_a_key_serves_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let env = [("TAOXI_API_KEY_FILE", path.to_str().unwrap())];
    let output = command(folder.path(), &[], &env).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the API key cannot be read"));
    std::fs::write(&path, format!("{OUTSIDE}\n")).unwrap();
    let service = Service::with(&[], &env);
    assert_eq!(ask(&service, "GET", "/v1/jobs", Some(OUTSIDE), &[]).status, 200);
}

#[test]
fn pages_of_a_site_that_the_settings_name_may_ask() {
    let env = [("TAOXI_API_KEY", OUTSIDE), ("TAOXI_ORIGINS", "https://desk.example, https://other.example")];
    let service = Service::with(&[], &env);
    let page = [("origin", "https://desk.example"), ("sec-fetch-site", "cross-site")];
    let preflight = [page[0], page[1], ("access-control-request-method", "DELETE")];
    let answer = ask(&service, "OPTIONS", "/v1/jobs/x", None, &preflight);
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, HEAD, DELETE"));
    assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
    for (answer, status) in [
        (ask(&service, "GET", "/v1/jobs", Some(OUTSIDE), &page), 200),
        (ask(&service, "GET", "/v1/jobs", None, &page), 401),
    ] {
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (status, Some("https://desk.example"))
        );
        assert_eq!(answer.header("vary"), Some("origin"));
    }
    let strange = [("origin", "https://desk.example.evil.example")];
    let answer = ask(&service, "GET", "/v1/jobs", Some(OUTSIDE), &strange);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None));
}

#[test]
fn each_key_has_its_own_rate() {
    let data = tempfile::tempdir().unwrap();
    let (one, two) = (create(data.path(), "read"), create(data.path(), "read"));
    let service = Service::on(data, &[], &[("TAOXI_RATE_PER_SECOND", "2")]);
    let status = |key: &str| ask(&service, "GET", "/v1/jobs", Some(key), &[]).status;
    until(SOON, || status(&one) == 429);
    assert_eq!(status(&two), 200);
}

#[test]
fn the_key_of_a_job_is_noted_and_keys_do_not_share_answers() {
    let data = tempfile::tempdir().unwrap();
    let (one, two) = (create(data.path(), "index,read"), create(data.path(), "index,read"));
    let service = Service::on(data, &[], &[]);
    let same = [("idempotency-key", "same")];
    let jobs = [&one, &two].map(|key| ask(&service, "POST", "/v1/jobs/dedupe", Some(key), &same).json());
    assert_ne!(jobs[0]["job"], jobs[1]["job"]);
    for (job, key) in jobs.iter().zip([&one, &two]) {
        assert_eq!(job["key"].as_str(), key.split('_').nth(1));
    }
}
