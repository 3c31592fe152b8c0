//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::data::Data;
use super::error::ServeError;
use super::gate::Gate;
use super::held::Budget;
use super::lifecycle::Lifecycle;
use super::metrics::Metrics;
use super::pool::Pool;
use super::problem::Problem;
use super::rate::Rate;
use super::rules::{Reloaded, Rules};
use super::settings::Settings;
use crate::error::Code;
use crate::index::{Catalog, Options};

/// What all requests share.
pub struct State {
    /// What the service was started with.
    pub settings: Settings,
    /// The data folder, taken.
    pub data: Data,
    /// The threads that work.
    pub pool: Pool,
    /// The rules in force.
    pub rules: Rules,
    /// Bytes in memory.
    pub budget: Arc<Budget>,
    /// The collections.
    pub index: Catalog,
    /// The counts.
    pub metrics: Metrics,
    /// Who may ask.
    pub gate: Gate,
    /// How often.
    pub rate: Rate,
    /// Starting, ready, stopping.
    pub life: Lifecycle,
    streams: Arc<AtomicUsize>,
}

impl State {
    /// Takes the data folder, loads the rules and starts the threads.
    pub fn open(settings: Settings) -> Result<Self, ServeError> {
        let gate = Gate::default();
        gate.may_listen(settings.listen)?;
        let rules = Rules::open(settings.rules.as_deref(), &settings.profile, settings.clean.clone())?;
        let data = Data::open(&settings.data)?;
        Ok(Self {
            data,
            pool: Pool::new(settings.threads, settings.queue)?,
            rules,
            budget: Budget::new(settings.held),
            index: Catalog::open(&settings.data.join("collections"), Options::default())?,
            metrics: Metrics::default(),
            gate,
            rate: Rate::new(settings.rate),
            life: Lifecycle::default(),
            streams: Arc::new(AtomicUsize::new(0)),
            settings,
        })
    }

    /// Streamed bodies being read.
    pub fn streams(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    /// One streamed body more, if there may be.
    pub fn open_stream(&self) -> Result<OpenStream, Problem> {
        let open = OpenStream(self.streams.clone());
        if open.0.fetch_add(1, Ordering::Relaxed) >= self.settings.streams {
            return Err(Problem::new(Code::Overloaded, "too many streamed bodies are being read (limits.streams)"));
        }
        Ok(open)
    }

    /// Loads the rules anew, counts and logs it.
    pub fn reload(&self, cause: &'static str) -> Result<Reloaded, ServeError> {
        let reloaded = self.rules.reload();
        self.metrics.reloaded(reloaded.is_ok());
        match &reloaded {
            Ok(taken) => {
                tracing::info!(cause, digest = taken.digest, changed = taken.changed, "rules loaded");
            }
            Err(error) => tracing::error!(cause, error = %error, "rules not loaded: the old ones stay"),
        }
        reloaded
    }
}

/// A streamed body being read.
pub struct OpenStream(Arc<AtomicUsize>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
