//! Spans of requests, sent to a collector over OTLP (HTTP with protobuf).
//!
//! A span is made when an answer begins, from what its log line says, so a request carries nothing along. It joins the trace that the client names in
//! `traceparent` (W3C Trace Context); `OTEL_TRACES_SAMPLER`, `OTEL_BSP_*`, `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` mean what they always mean.
//! Neither documents nor queries, nor the names of what is stored, are part of it.

use std::time::{Duration, SystemTime};

use actix_web::http::header::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::collector::Collector;
use super::error::ServeError;

/// What is asked again and again by machines, and tells nothing.
const UNTRACED: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Where spans go, if anywhere.
pub struct Traces(Option<Sender>);

struct Sender {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    parents: TraceContextPropagator,
}

/// An answer, as its log line has it.
pub struct Answered<'r> {
    /// The headers of the request.
    pub headers: &'r HeaderMap,
    /// The pattern of the path.
    pub route: &'static str,
    /// The method.
    pub method: &'static str,
    /// The status.
    pub status: u16,
    /// The id of the request.
    pub id: &'r str,
    /// From the head of the request to the beginning of the answer.
    pub took: Duration,
}

impl Traces {
    /// Begins to send to the collector at this address, if there is one, from a thread of its own.
    pub fn start(endpoint: Option<&str>) -> Result<Self, ServeError> {
        let Some(endpoint) = endpoint else { return Ok(Self(None)) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| ServeError::Traces { endpoint: endpoint.to_owned(), reason: error.to_string() })?;
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build();
        let tracer = provider.tracer("taoxi");
        tracing::info!(endpoint, "spans are sent");
        Ok(Self(Some(Sender { provider, tracer, parents: TraceContextPropagator::new() })))
    }

    /// Takes the span of an answer. It is sent a little later; where more come than can be sent, some are left out.
    pub fn answered(&self, answer: &Answered<'_>) {
        let Some(sender) = self.0.as_ref().filter(|_| !UNTRACED.contains(&answer.route)) else { return };
        let end = SystemTime::now();
        let begun = end.checked_sub(answer.took).unwrap_or(end);
        let parent = sender.parents.extract_with_context(&Context::new(), &Headers(answer.headers));
        let mut span = SpanBuilder::from_name(format!("{} {}", answer.method, answer.route))
            .with_kind(SpanKind::Server)
            .with_start_time(begun)
            .with_attributes([
                KeyValue::new("http.request.method", answer.method),
                KeyValue::new("http.route", answer.route),
                KeyValue::new("http.response.status_code", i64::from(answer.status)),
                KeyValue::new("taoxi.request_id", answer.id.to_owned()),
            ])
            .start_with_context(&sender.tracer, &parent);
        if answer.status >= 500 {
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(end);
    }

    /// Sends what waits, for at most so long.
    pub fn close(&self, within: Duration) {
        let Some(sender) = &self.0 else { return };
        if let Err(error) = sender.provider.shutdown_with_timeout(within) {
            tracing::warn!(error = %error, "the last spans were not sent");
        }
    }
}

/// What the spans are about: `OTEL_SERVICE_NAME` gives the service another name.
fn resource() -> Resource {
    let builder = Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if std::env::var_os("OTEL_SERVICE_NAME").is_some_and(|name| !name.is_empty()) {
        return builder.build();
    }
    builder.with_service_name("taoxi").build()
}

struct Headers<'r>(&'r HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(actix_web::http::header::HeaderName::as_str).collect()
    }
}
