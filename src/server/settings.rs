//! What the service is started with.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use super::body::BodyLimits;
use super::error::ServeError;
use super::logs::{self, LogFormat};
use super::otlp;
use crate::archive::ReadOptions;
use crate::clean;
use crate::config::Config;
use crate::jobs;
use crate::keys::FromOutside;

/// For so many threads that wash there is one that moves bytes.
const THREADS_A_WORKER: usize = 3;

/// How long answers to requests with an Idempotency-Key are kept.
const ANSWERS: Duration = Duration::from_secs(24 * 3600);

/// Bytes of the disk that archives leave free.
const RESERVE: u64 = 64 << 20;

/// What the service is started with, resolved.
#[derive(Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where it keeps its data.
    pub data: PathBuf,
    /// The URL of the database with the collections; otherwise they are in the data folder.
    pub store: Option<String>,
    /// Rule files laid over the shipped ones.
    pub rules: Option<PathBuf>,
    /// Filter lists of ad blockers.
    pub filters: Vec<PathBuf>,
    /// The profile of requests that name none.
    pub profile: String,
    /// Threads that wash.
    pub threads: usize,
    /// Threads that move bytes.
    pub workers: usize,
    /// Requests that may wait.
    pub queue: usize,
    /// Bytes of bodies and answers in memory.
    pub held: usize,
    /// Streamed bodies at a time.
    pub streams: usize,
    /// Connections at a time.
    pub connections: usize,
    /// How long the head of a request may take.
    pub head_timeout: Duration,
    /// How a body may be.
    pub body: BodyLimits,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long running requests may take when the service is stopped.
    pub shutdown: Duration,
    /// Requests a second of one client; 0 for any number.
    pub rate: u32,
    /// The gravest of what is not logged.
    pub log_level: tracing::level_filters::LevelFilter,
    /// How it is logged.
    pub log_format: LogFormat,
    /// Where spans are sent, if anywhere.
    pub otlp: Option<String>,
    /// How lines of streams are read.
    pub read: ReadOptions,
    /// What washing may cost.
    pub clean: clean::Limits,
    /// A key that stands in no file of keys.
    pub key: FromOutside,
    /// Origins of other sites whose pages may ask.
    pub origins: Vec<String>,
    /// What jobs may cost.
    pub jobs: jobs::Settings,
    /// Followers of jobs at a time.
    pub followers: usize,
}

impl Settings {
    /// The settings of a service. `env` looks up variables: it decides where data is kept when no setting says so.
    pub fn new(config: &Config, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ServeError> {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let threads = config.thread_count();
        let idle = Duration::from_secs(config.body_timeout());
        Ok(Self {
            listen: address(config.listen())?,
            data: config.data_folder(env)?,
            store: config.store().map(ToOwned::to_owned),
            rules: config.rules().map(ToOwned::to_owned),
            filters: config.filter_lists().to_vec(),
            profile: config.profile().to_owned(),
            threads,
            workers: threads.div_ceil(THREADS_A_WORKER),
            queue: size(config.queue()),
            held: size(config.held()),
            streams: size(config.streams()),
            connections: size(config.connections()),
            head_timeout: Duration::from_secs(config.head_timeout()),
            body: BodyLimits { bytes: config.body(), ratio: config.decompression_ratio(), idle },
            keep_alive: Duration::from_secs(config.keep_alive()),
            shutdown: Duration::from_secs(config.shutdown_timeout()),
            rate: u32::try_from(config.rate()).unwrap_or(u32::MAX),
            log_level: logs::level(config.log_level())?,
            log_format: LogFormat::parse(config.log_format())?,
            otlp: otlp::endpoint(config.otlp_endpoint(), env)?,
            read: ReadOptions { limits: config.archive_limits(), ..ReadOptions::default() },
            clean: config.clean_limits(),
            key: FromOutside {
                key: config.api_key().map(ToOwned::to_owned),
                file: config.api_key_file().map(ToOwned::to_owned),
            },
            origins: config
                .origins()
                .split(',')
                .map(str::trim)
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect(),
            jobs: job_settings(config, threads),
            followers: size(config.followers()),
        })
    }
}

fn job_settings(config: &Config, threads: usize) -> jobs::Settings {
    jobs::Settings {
        workers: usize::try_from(config.jobs_workers()).unwrap_or(1),
        queue: usize::try_from(config.jobs_queue()).unwrap_or(usize::MAX),
        keep: config.jobs_keep(),
        answers: ANSWERS,
        upload_bytes: config.upload(),
        reserve: RESERVE,
        threads,
        memory: config.memory(),
        profile: config.profile().to_owned(),
        limits: config.archive_limits(),
    }
}

/// The address of `listen`: an IP address with a port, or `localhost` with one.
fn address(text: &str) -> Result<SocketAddr, ServeError> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let unusable = || ServeError::Address(text.to_owned());
    // Other names would have to be asked of the network.
    let port = text.strip_prefix("localhost:").and_then(|port| port.parse::<u16>().ok()).ok_or_else(unusable)?;
    (IpAddr::from([127, 0, 0, 1]), port).to_socket_addrs().ok().and_then(|mut found| found.next()).ok_or_else(unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_port_and_names_are_not_asked_for() {
        for (text, want) in [
            ("127.0.0.1:80", Some("127.0.0.1:80")),
            ("[::1]:80", Some("[::1]:80")),
            ("localhost:80", Some("127.0.0.1:80")),
            ("example.com:80", None),
            ("127.0.0.1", None),
            (":80", None),
        ] {
            assert_eq!(address(text).ok(), want.map(|want| want.parse().unwrap()), "{text}");
        }
    }
}
