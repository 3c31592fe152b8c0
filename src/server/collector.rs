//! The way to a collector: plain HTTP, from the thread that sends spans.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Largest answer that is looked at.
const ANSWER_BYTES: u64 = 64 << 10;

/// A collector.
#[derive(Debug)]
pub struct Collector {
    agent: Agent,
    failing: AtomicBool,
}

impl Collector {
    /// A client that follows no redirects and knows no proxy: spans go where the settings say.
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None);
        Self { agent: config.build().new_agent(), failing: AtomicBool::new(false) }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let sent = self.agent.run(Request::from_parts(head, &body[..])).and_then(|answer| {
            let (head, mut body) = answer.into_parts();
            let bytes = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
            Ok(Response::from_parts(head, Bytes::from(bytes)))
        });
        match &sent {
            Ok(answer) if answer.status().is_success() => self.works(),
            Ok(answer) => self.fails(&answer.status()),
            Err(error) => self.fails(error),
        }
        sent.map_err(Into::into)
    }

    /// A collector that is away is told of once, not every few seconds.
    fn fails(&self, reason: &dyn Display) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %reason, "the collector does not take spans");
        }
    }

    fn works(&self) {
        if self.failing.swap(false, Ordering::Relaxed) {
            tracing::info!("the collector takes spans again");
        }
    }
}

impl HttpClient for Collector {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        // The thread that asks does nothing else, so it may wait.
        Box::pin(std::future::ready(self.send(request)))
    }
}
