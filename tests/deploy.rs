//! What `deploy/` holds fits the program: files parse and name each other rightly, settings and variables exist, and what dashboard and alerts
//! ask for is counted under that name and with those labels.

#![cfg(feature = "server")]
#![allow(clippy::expect_used, clippy::panic)] // a file of deploy/ that cannot be read fails the test

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Map, Value, json};

use common::service::{Service, request};
use taoxi::config::SETTINGS;
use taoxi::error::Code;

const YAML: [&str; 6] = [
    "compose.yaml", "compose.postgres.yaml", "prometheus.yml", "alerts.yml", "grafana/datasources.yml",
    "grafana/dashboards.yml",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn read(name: &str) -> String {
    let bytes = std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8(bytes).expect("UTF-8")
}

fn yaml(name: &str) -> Value {
    let source = read(name);
    let documents = Yaml::load_from_str(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(documents.len(), 1, "{name}");
    plain(&documents[0])
}

/// A YAML node as JSON: nothing here needs more.
fn plain(node: &Yaml<'_>) -> Value {
    if let Some(mapping) = node.as_mapping() {
        let name = |key: &Yaml<'_>| key.as_str().expect("a key is a string").to_owned();
        return Value::Object(mapping.iter().map(|(key, value)| (name(key), plain(value))).collect::<Map<_, _>>());
    }
    if let Some(sequence) = node.as_sequence() {
        return sequence.iter().map(plain).collect();
    }
    let scalar = node.as_bool().map(Value::from).or_else(|| node.as_integer().map(Value::from));
    let scalar = scalar.or_else(|| node.as_floating_point().map(Value::from));
    scalar.or_else(|| node.as_str().map(Value::from)).unwrap_or(Value::Null)
}

fn strings<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, out)),
        _ => {}
    }
}

fn is_setting(variable: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.env == variable)
}

fn dashboard() -> Value {
    serde_json::from_str(&read("grafana.json")).expect("grafana.json is JSON")
}

/// Every query of the dashboard and the alerts.
fn queries() -> Vec<String> {
    let alerts = yaml("alerts.yml");
    let rules = alerts.pointer("/groups/0/rules").and_then(Value::as_array).expect("rules").iter();
    let rules = rules.map(|rule| rule["expr"].as_str().expect("an expression").to_owned());
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().expect("targets").clone());
    let targets = targets.map(|target| target["expr"].as_str().expect("an expression").to_owned());
    let variables = dashboard.pointer("/templating/list").and_then(Value::as_array).expect("variables").iter();
    let variables = variables.filter_map(|variable| variable["query"].as_str()).map(str::to_owned);
    rules.chain(targets).chain(variables).collect()
}

/// The metrics that a query names, each with the labels it is asked for by and the values of those.
fn asked(query: &str) -> Vec<(String, Vec<(String, String)>)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = query.match_indices("taoxi_").map(|(at, _)| at);
    let starts = starts.filter(|at| !query[..*at].ends_with(is_name));
    let found = starts.map(|at| {
        let rest = &query[at..];
        let (name, rest) = rest.split_at(rest.find(|c| !is_name(c)).unwrap_or(rest.len()));
        (name.to_owned(), rest.strip_prefix('{').map(matchers).unwrap_or_default())
    });
    found.collect()
}

/// `label="value"` and `label=~"value"`, up to the closing brace outside quotes.
fn matchers(mut rest: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    while let Some((label, after)) = rest.split_once('=').filter(|(label, _)| !label.contains('}')) {
        let (value, after) =
            after.trim_start_matches('~').strip_prefix('"').and_then(|it| it.split_once('"')).expect("a value");
        out.push((label.trim_start_matches(',').trim().to_owned(), value.to_owned()));
        rest = after;
    }
    out
}

/// Names of samples, with their labels, with the values of those.
type Samples = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// The samples of a service that was asked for some of everything.
static COUNTED: LazyLock<Samples> = LazyLock::new(counted);

fn counted() -> Samples {
    let service = Service::start();
    let text = |name| {
        let path = folder().join("../tests/fixtures/pair").join(name);
        String::from_utf8(std::fs::read(path).expect("a fixture")).expect("UTF-8")
    };
    let (a, b) = (json!({"id": "a", "text": text("a.txt")}), json!({"id": "b", "text": text("b.txt")}));
    service.post_json("/v1/clean", &b);
    service.post_json("/v1/clean", &json!({}));
    service.post_json("/v1/compare", &json!({"a": a, "b": b}));
    service.connect().ask(&request("PUT", "/v1/collections/c", &[("content-type", "application/json")], b"{}"));
    service.post_json("/v1/collections/c/documents", &a);
    service.post("/v1/rules/reload", "application/json", b"");
    let mut out = Samples::new();
    for line in service.get("/metrics").text().lines().filter(|line| !line.starts_with('#')) {
        let (name, labels) = line.split_at(line.find(['{', ' ']).expect("a value"));
        let known = out.entry(name.to_owned()).or_default();
        for (label, value) in labels.strip_prefix('{').map(matchers).unwrap_or_default() {
            known.entry(label).or_default().insert(value);
        }
    }
    out
}

#[test]
fn every_file_parses() {
    for name in YAML {
        assert!(yaml(name).as_object().is_some_and(|fields| !fields.is_empty()), "{name}");
    }
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert!(ids.len() == panels.len() && panels.len() >= 10, "panels need ids of their own");
}

#[test]
fn dashboard_and_alerts_ask_for_what_is_counted() {
    let queries = queries();
    let asked: Vec<_> = queries.iter().flat_map(|query| asked(query).into_iter().map(move |it| (query, it))).collect();
    assert!(asked.len() >= 30, "{asked:?}");
    for (query, (name, matchers)) in asked {
        let labels = COUNTED.get(&name).unwrap_or_else(|| panic!("nothing is counted as {name}: {query}"));
        for (label, value) in matchers {
            // Prometheus itself adds these.
            if matches!(label.as_str(), "instance" | "job") {
                continue;
            }
            let known = labels.get(&label).unwrap_or_else(|| panic!("{name} has no label {label}: {query}"));
            for value in value.split('|') {
                let is_code = label == "code" && Code::ALL.iter().any(|code| code.as_str() == value);
                let is_other = matches!((label.as_str(), value), ("status", "5xx") | ("result", "failed"));
                assert!(is_code || is_other || known.contains(value), "{name} never has {label}=\"{value}\": {query}");
            }
        }
    }
}

#[test]
fn every_metric_has_a_panel_or_an_alert() {
    let queries = queries().join("\n");
    for name in COUNTED.keys() {
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(queries.contains(family), "{name} is counted and shown nowhere");
    }
}

#[test]
fn grouping_is_by_labels_that_are_there() {
    let labels: BTreeSet<&str> = COUNTED.values().flat_map(BTreeMap::keys).map(String::as_str).collect();
    for query in queries() {
        for group in query.split("by (").skip(1) {
            for label in group.split_once(')').expect("a bracket").0.split(',').map(str::trim) {
                assert!(labels.contains(label) || label == "instance", "no label {label}: {query}");
            }
        }
    }
}

#[test]
fn compose_gives_settings_that_exist_and_keeps_the_service_shut_in() {
    let compose = yaml("compose.yaml");
    let service = &compose["services"]["taoxi"];
    let environment = service["environment"].as_object().expect("an environment");
    assert!(environment.keys().all(|name| is_setting(name)), "{environment:?}");
    assert_eq!((&service["read_only"], &service["cap_drop"]), (&json!(true), &json!(["ALL"])));
    assert!(service["mem_limit"].is_string() && service["healthcheck"]["test"][2] == "health");
    for (name, service) in compose["services"].as_object().expect("services") {
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().is_some_and(|port| port.starts_with("127.0.0.1:")), "{name} is open to all: {port}");
        }
        for secret in service["secrets"].as_array().into_iter().flatten() {
            assert!(compose["secrets"][secret.as_str().expect("a name")]["file"].is_string(), "{name}: {secret}");
        }
    }
}

#[test]
fn what_is_laid_over_compose_names_its_services_and_settings_that_exist() {
    let (below, above) = (yaml("compose.yaml"), yaml("compose.postgres.yaml"));
    let service = &above["services"]["taoxi"];
    assert!(below["services"]["taoxi"].is_object());
    let variables = service["environment"].as_object().expect("variables");
    assert!(variables.keys().all(|variable| is_setting(variable)), "{variables:?}");
    let store = variables["TAOXI_STORE"].as_str().expect("a string");
    for name in service["depends_on"].as_object().expect("services").keys() {
        let database = &above["services"][name.as_str()];
        assert!(database["healthcheck"].is_object() && store.contains(&format!("@{name}/")), "{name}: {store}");
    }
}

#[test]
fn files_that_compose_mounts_are_here_and_name_each_other() {
    let compose = yaml("compose.yaml");
    let mut found = Vec::new();
    strings(&compose["services"], &mut found);
    let mounted: Vec<&str> = found.into_iter().filter(|text| text.starts_with("./")).collect();
    assert!(mounted.len() >= 5, "{mounted:?}");
    for mount in &mounted {
        let file = mount.split(':').next().unwrap_or_default();
        assert!(folder().join(file).is_file(), "{file} is not here");
    }
    let at = |file: &str| mounted.iter().find(|mount| mount.contains(file)).and_then(|mount| mount.split(':').nth(1));
    let provider = yaml("grafana/dashboards.yml");
    let path = provider.pointer("/providers/0/options/path").and_then(Value::as_str).expect("a path");
    assert!(at("grafana.json").is_some_and(|target| target.starts_with(path)));
    let prometheus = yaml("prometheus.yml");
    assert_eq!(prometheus["rule_files"], json!(["alerts.yml"]));
    assert_eq!(at("alerts.yml"), Some("/etc/prometheus/alerts.yml"));
    let scrape = &prometheus["scrape_configs"][0];
    assert_eq!(scrape["authorization"]["credentials_file"], "/run/secrets/metrics_key");
    assert_eq!(scrape["static_configs"][0]["targets"], json!(["taoxi:8077"]));
    assert_eq!(yaml("grafana/datasources.yml").pointer("/datasources/0/url"), Some(&json!("http://prometheus:9090")));
}

/// The directives of a unit with their values.
fn unit() -> Vec<(String, String)> {
    let source = read("taoxi.service");
    let lines = source.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '[']));
    let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    lines.map(|line| pair(line).unwrap_or_else(|| panic!("no directive: {line}"))).collect()
}

#[test]
fn the_unit_gives_settings_that_exist_and_shuts_the_service_in() {
    let unit = unit();
    let values = |name: &str| {
        unit.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    for (variable, _) in
        values("Environment").iter().flat_map(|it| it.split_whitespace()).filter_map(|it| it.split_once('='))
    {
        assert!(is_setting(variable), "{variable} is no setting");
    }
    for (name, wanted) in [
        ("DynamicUser", "yes"),
        ("StateDirectory", "taoxi"),
        ("ProtectSystem", "strict"),
        ("NoNewPrivileges", "yes"),
        ("ExecReload", "/bin/kill -HUP $MAINPID"),
    ] {
        assert_eq!(values(name), [wanted], "{name}");
    }
    for name in ["SystemCallFilter", "LimitNOFILE", "MemoryMax", "TimeoutStopSec"] {
        assert!(!values(name).is_empty(), "{name} is not there");
    }
    let shutdown = SETTINGS.iter().find(|setting| setting.name == "timeouts.shutdown").expect("a setting");
    let stop: u32 = values("TimeoutStopSec")[0].trim_end_matches('s').parse().expect("seconds");
    assert!(stop > 2 * shutdown.default.parse::<u32>().expect("seconds"), "systemd would kill what still closes");
}
