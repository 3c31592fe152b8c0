//! What the service counts, in the text format of Prometheus. Labels have few values, all known here or from the rule set.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::state::State;
use crate::document::Cleaned;
use crate::error::Code;

/// The media type of the metrics.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the histogram, in seconds.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    method: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabel {
    route: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct FlagLabel {
    flag: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RuleLabel {
    rule: String,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct DigestLabel {
    digest: String,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct JobLabel {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

type Latencies = Family<RouteLabel, Histogram, fn() -> Histogram>;

/// The counts.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latency: Latencies,
    /// Requests being answered.
    pub in_flight: Gauge,
    /// Connections open.
    pub connections: Gauge,
    refused: Family<CodeLabel, Counter>,
    documents: Family<ResultLabel, Counter>,
    relations: Family<ResultLabel, Counter>,
    arrivals: Family<ResultLabel, Counter>,
    flags: Family<FlagLabel, Counter>,
    rules: Family<RuleLabel, Counter>,
    received: Counter,
    sent: Counter,
    reloads: Family<ResultLabel, Counter>,
    digest: Family<DigestLabel, Gauge>,
    queue: Gauge,
    jobs: Family<JobLabel, Gauge>,
    held: Gauge,
    streams: Gauge,
    resident: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("taoxi"),
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            refused: Family::default(),
            documents: Family::default(),
            relations: Family::default(),
            arrivals: Family::default(),
            flags: Family::default(),
            rules: Family::default(),
            received: Counter::default(),
            sent: Counter::default(),
            reloads: Family::default(),
            digest: Family::default(),
            queue: Gauge::default(),
            jobs: Family::default(),
            held: Gauge::default(),
            streams: Gauge::default(),
            resident: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("http_requests", "Requests answered", self.requests.clone());
        let latency = self.latency.clone();
        to.register_with_unit("http_request_duration", "From the head to the answer", Unit::Seconds, latency);
        to.register("http_requests_in_flight", "Requests being answered", self.in_flight.clone());
        to.register("http_connections", "Connections open", self.connections.clone());
        to.register("http_refused", "Requests refused, by error code", self.refused.clone());
        to.register_with_unit("http_received", "Bytes of bodies, as they came", Unit::Bytes, self.received.clone());
        to.register_with_unit("http_sent", "Bytes of answers", Unit::Bytes, self.sent.clone());
        to.register("documents", "Documents washed, by outcome", self.documents.clone());
        to.register("document_flags", "Documents by flag", self.flags.clone());
        to.register("relations", "Documents compared, by kind of relation", self.relations.clone());
        to.register("arrivals", "Documents that came to collections, by status", self.arrivals.clone());
        to.register("rule_hits", "Documents that a rule file changed", self.rules.clone());
        to.register("rules_reloads", "Rule sets loaded, by outcome", self.reloads.clone());
        to.register("rules_info", "The digest of the rule set in force", self.digest.clone());
        to.register("jobs", "Archives that wait or are being de-duplicated", self.jobs.clone());
        to.register("queue_length", "Pieces of work that wait for a thread", self.queue.clone());
        to.register_with_unit("held", "Bodies and answers in memory", Unit::Bytes, self.held.clone());
        to.register("streams", "Streamed bodies being read", self.streams.clone());
        to.register_with_unit("process_resident_memory", "Memory in use", Unit::Bytes, self.resident.clone());
        let build = Family::<Vec<(&'static str, &'static str)>, Gauge>::default();
        build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION"))]).set(1);
        to.register("build_info", "The program", build);
    }

    /// Counts an answer.
    pub fn answered(&self, route: &'static str, method: &'static str, status: u16, took: Duration, bytes: u64) {
        let status = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.requests.get_or_create(&RequestLabels { route, method, status }).inc();
        self.latency.get_or_create(&RouteLabel { route }).observe(took.as_secs_f64());
        self.sent.inc_by(bytes);
    }

    /// Counts a request that was not answered as asked.
    pub fn refused(&self, code: Code) {
        self.refused.get_or_create(&CodeLabel { code: code.as_str() }).inc();
    }

    /// Counts bytes of a body.
    pub fn received(&self, bytes: usize) {
        self.received.inc_by(bytes as u64);
    }

    /// Counts bytes of a streamed answer.
    pub fn sent(&self, bytes: usize) {
        self.sent.inc_by(bytes as u64);
    }

    /// Counts a washed document.
    pub fn washed(&self, cleaned: &Cleaned) {
        self.documents.get_or_create(&ResultLabel { result: "clean" }).inc();
        for flag in &cleaned.flags {
            self.flags.get_or_create(&FlagLabel { flag: flag.as_str() }).inc();
        }
        for rule in &cleaned.rules {
            self.rules.get_or_create(&RuleLabel { rule: rule.clone() }).inc();
        }
    }

    /// Counts a document that could not be washed.
    pub fn failed(&self, code: Code) {
        self.documents.get_or_create(&ResultLabel { result: code.as_str() }).inc();
    }

    /// Counts a comparison.
    pub fn related(&self, kind: &'static str) {
        self.relations.get_or_create(&ResultLabel { result: kind }).inc();
    }

    /// Counts a document that came to a collection.
    pub fn arrived(&self, status: &'static str) {
        self.arrivals.get_or_create(&ResultLabel { result: status }).inc();
    }

    /// Counts a rule set that was loaded anew, or refused.
    pub fn reloaded(&self, taken: bool) {
        self.reloads.get_or_create(&ResultLabel { result: if taken { "ok" } else { "failed" } }).inc();
    }

    /// All counts as text.
    pub fn text(&self, state: &State) -> String {
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.queue.set(whole(state.pool.waiting()));
        let (queued, running) = state.jobs.counts();
        for (state, count) in [("queued", queued), ("running", running)] {
            self.jobs.get_or_create(&JobLabel { state }).set(whole(count));
        }
        self.held.set(whole(state.budget.held()));
        self.streams.set(whole(state.streams()));
        self.resident.set(whole(resident_bytes().unwrap_or(0)));
        self.digest.clear();
        self.digest.get_or_create(&DigestLabel { digest: state.rules.cleaner().rules().digest().to_owned() }).set(1);
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Memory of this process that is in RAM, where the system says so.
fn resident_bytes() -> Option<usize> {
    let bytes = crate::archive::read_capped(std::path::Path::new("/proc/self/status"), 1 << 16).ok()?;
    let status = String::from_utf8_lossy(&bytes);
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse::<usize>().ok()?.checked_mul(1024)
}
