//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::data::Data;
use super::error::ServeError;
use super::export;
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
use crate::index::{Catalog, Options, Stores};
use crate::jobs::{Hands, Jobs};
use crate::keys::KeyRing;

/// What all requests share.
pub struct State {
    /// What the service was started with.
    pub settings: Settings,
    /// The data folder, taken.
    pub data: Data,
    /// The threads that work.
    pub pool: Pool,
    /// The rules in force.
    pub rules: Arc<Rules>,
    /// Archives de-duplicated in the background.
    pub jobs: Jobs,
    /// Bytes in memory.
    pub budget: Arc<Budget>,
    /// The collections.
    pub index: Arc<dyn Stores>,
    /// The counts.
    pub metrics: Metrics,
    /// Who may ask.
    pub gate: Gate,
    /// How often.
    pub rate: Rate,
    /// Starting, ready, stopping.
    pub life: Lifecycle,
    /// Where spans go.
    #[cfg(feature = "otlp")]
    pub traces: super::traces::Traces,
    streams: Arc<AtomicUsize>,
    followers: Arc<AtomicUsize>,
}

impl State {
    /// Takes the data folder, loads the rules and starts the threads.
    pub fn open(settings: Settings) -> Result<Self, ServeError> {
        let gate = Gate::new(KeyRing::load(&settings.data, &settings.key)?, settings.origins.clone());
        gate.may_listen(settings.listen)?;
        let rules = Arc::new(Rules::open(
            settings.rules.as_deref(),
            &settings.filters,
            &settings.profile,
            settings.clean.clone(),
        )?);
        let data = Data::open(&settings.data)?;
        let in_force = rules.clone();
        let index = stores(&settings, &data)?;
        let export = Some(export::of(index.clone()));
        let hands = Hands { cleaner: Box::new(move || in_force.cleaner().as_ref().clone()), export };
        let jobs = Jobs::open(data.folder(), settings.jobs.clone(), hands)?;
        Ok(Self {
            data,
            pool: Pool::new(settings.threads, settings.queue)?,
            rules,
            jobs,
            budget: Budget::new(settings.held),
            index,
            metrics: Metrics::default(),
            gate,
            rate: Rate::new(settings.rate),
            life: Lifecycle::default(),
            #[cfg(feature = "otlp")]
            traces: super::traces::Traces::start(settings.otlp.as_deref())?,
            streams: Arc::default(),
            followers: Arc::default(),
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

    /// One follower of a job more, if there may be.
    pub fn follow(&self) -> Result<OpenStream, Problem> {
        let open = OpenStream(self.followers.clone());
        if open.0.fetch_add(1, Ordering::Relaxed) >= self.settings.followers {
            return Err(Problem::new(Code::Overloaded, "too many clients follow jobs already (limits.followers)"));
        }
        Ok(open)
    }

    /// Reads the API keys again if their file changed.
    pub fn refresh_keys(&self) {
        match self.gate.keys().refresh() {
            Ok(false) => {}
            Ok(true) => tracing::info!("API keys loaded"),
            Err(error) => tracing::error!(%error, "API keys not loaded: the old ones stay"),
        }
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

/// The collections: in the data folder, or in the database that the settings name.
fn stores(settings: &Settings, data: &Data) -> Result<Arc<dyn Stores>, ServeError> {
    match settings.store.as_deref() {
        None => Ok(Arc::new(Catalog::open(&data.folder().join("collections"), Options::default())?)),
        #[cfg(feature = "postgres")]
        Some(url) => Ok(Arc::new(crate::index::postgres::Postgres::open(url, Options::default())?)),
        #[cfg(not(feature = "postgres"))]
        Some(_) => Err(ServeError::NoDatabases),
    }
}

/// A streamed body being read, or a job being followed.
pub struct OpenStream(Arc<AtomicUsize>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
