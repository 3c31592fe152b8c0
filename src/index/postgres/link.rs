//! The way to the database: connections that are kept, threads of their own for what waits for it, and patience while it is away.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::{Client, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use tokio::runtime;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;
use tokio_postgres::{Config, Row};

use super::fault::{Fault, Remedy};
use super::tls;
use crate::index::IndexError;

/// Connections for looking up. Each also needs memory of the database's machine.
const READERS: usize = 8;
/// Connections for storing: those who store must not queue behind those who look.
const WRITERS: usize = 4;
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);
/// How long the other side may say nothing before the connection is given up.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a piece of work waits for a database that is away.
const PATIENCE: Duration = Duration::from_secs(3);
/// For so long after that nobody else waits.
const IMPATIENCE: Duration = Duration::from_secs(1);
/// How often work is done again that got in the way of other work.
const RETRIES: u32 = 30;

/// Said once on every connection. Databases that only speak like PostgreSQL may not know each of them, and do without: plans are never made for tables as
/// small as they were before the first documents came, and whoever holds a lock and is gone does not keep it.
const MANNERS: [&str; 4] = [
    "SET enable_seqscan = off",
    "SET jit = off",
    "SET lock_timeout = '20s'",
    "SET idle_in_transaction_session_timeout = '20s'",
];

/// See the module.
pub(super) struct Link {
    runtime: Option<runtime::Runtime>,
    readers: Pool,
    writers: Pool,
    /// The database as messages name it, without a password.
    place: String,
    /// When it was last found to be away.
    away: Mutex<Option<Instant>>,
}

impl Link {
    /// Reads a URL and gets ready. Nothing is asked of the database yet.
    pub(super) fn new(url: &str) -> Result<Self, IndexError> {
        let bad = |reason: String| IndexError::BadStore(reason);
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            bad(reason)
        })?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(bad("no host is named".to_owned()));
        }
        tls::settle(&mut config);
        if config.get_application_name().is_none() {
            config.application_name("taoxi");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.keepalives_idle(SILENCE).keepalives_interval(Duration::from_secs(5)).keepalives_retries(3);
        config.tcp_user_timeout(SILENCE);
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 16)))
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| bad(error.to_string()))?;
        let place = place(&config);
        let (readers, writers) = (pool(&config, READERS).map_err(bad)?, pool(&config, WRITERS).map_err(bad)?);
        Ok(Self { runtime: Some(runtime), readers, writers, place, away: Mutex::new(None) })
    }

    /// The database as messages name it.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Runs to its end what waits for the database. Not to be called from a thread of a runtime.
    pub(super) fn run<T>(&self, work: impl Future<Output = Result<T, IndexError>>) -> Result<T, IndexError> {
        self.runtime.as_ref().map_or(Err(IndexError::Closed), |runtime| runtime.block_on(work))
    }

    /// Runs something by the way.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        self.runtime.as_ref().map(|runtime| runtime.spawn(work))
    }

    /// A connection for looking up.
    pub(super) async fn reader(&self) -> Result<Client, PoolError> {
        self.readers.get().await
    }

    /// A connection for storing.
    pub(super) async fn writer(&self) -> Result<Client, PoolError> {
        self.writers.get().await
    }

    /// Runs work on a connection for looking up, again where that helps.
    pub(super) fn read<T>(&self, work: &impl AsyncFn(&Client) -> Result<T, Fault>) -> Result<T, IndexError> {
        self.repeat(&async || work(&self.reader().await?).await)
    }

    /// Runs work, again where that helps.
    pub(super) fn repeat<T>(&self, work: &impl AsyncFn() -> Result<T, Fault>) -> Result<T, IndexError> {
        self.run(async {
            let mut patience = self.patience();
            loop {
                match work().await {
                    Ok(value) => return Ok(value),
                    Err(fault) => patience.after(fault).await?,
                }
            }
        })
    }

    /// Patience for one piece of work.
    pub(super) fn patience(&self) -> Patience<'_> {
        Patience { link: self, begun: Instant::now(), tries: 0 }
    }

    fn away(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // The last to let go may be one of its own threads, which must not wait for itself.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// How long one piece of work goes on trying.
pub(super) struct Patience<'l> {
    link: &'l Link,
    begun: Instant,
    tries: u32,
}

impl Patience<'_> {
    /// Comes back when the work is to be tried again; an error when it is given up.
    pub(super) async fn after(&mut self, fault: Fault) -> Result<(), IndexError> {
        self.tries += 1;
        match fault.remedy() {
            Remedy::Again if self.tries <= RETRIES => {
                // Those that met before should not meet again.
                let spread = u64::from(self.begun.elapsed().subsec_nanos()) % 20;
                tokio::time::sleep(Duration::from_millis(spread + u64::from(self.tries))).await;
                Ok(())
            }
            Remedy::Wait => {
                let given_up = self.link.away().is_some_and(|at| at.elapsed() < IMPATIENCE);
                if given_up || self.begun.elapsed() > PATIENCE {
                    if !given_up {
                        *self.link.away() = Some(Instant::now());
                    }
                    return Err(fault.told(&self.link.place));
                }
                tokio::time::sleep(Duration::from_millis(25 << self.tries.min(5))).await;
                Ok(())
            }
            _ => Err(fault.told(&self.link.place)),
        }
    }
}

fn pool(config: &Config, size: usize) -> Result<Pool, String> {
    let connector = tls::connector(config)?;
    let manner = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config.clone(), connector, manner);
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(2 * CONNECT))
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(async move {
                for words in MANNERS {
                    match client.batch_execute(words).await {
                        Err(error) if error.code().is_none() => return Err(HookError::Backend(error)),
                        _ => {}
                    }
                }
                Ok(())
            })
        }))
        .build()
        .map_err(|error| error.to_string())
}

fn place(config: &Config) -> String {
    let host = config.get_hosts().first().map_or_else(
        || config.get_hostaddrs().first().map(ToString::to_string).unwrap_or_default(),
        |host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        },
    );
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("the database {} at {host}:{port}", config.get_dbname().or_else(|| config.get_user()).unwrap_or("postgres"))
}

/// Runs a statement that is prepared once on each connection.
pub(super) async fn rows(
    db: &Client,
    sql: &str,
    values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let statement = db.prepare_cached(sql).await?;
    db.query(&statement, values).await
}

/// Runs a statement that gives nothing back but how many rows it changed.
pub(super) async fn execute(
    db: &Client,
    sql: &str,
    values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<u64, tokio_postgres::Error> {
    let statement = db.prepare_cached(sql).await?;
    db.execute(&statement, values).await
}

/// A transaction. If it is not brought to its end, its connection is closed, and the database forgets it.
pub(super) struct Transaction(Option<Client>);

impl Transaction {
    /// Begins one, and locks the row that a statement gives: whoever locks the same row waits. `None` where there is no such row.
    pub(super) async fn begin(
        client: Client,
        sql: &str,
        values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<(Self, Option<Row>), Fault> {
        let statement = client.prepare_cached(sql).await?;
        let transaction = Self(Some(client));
        let db = transaction.db()?;
        let (begun, locked) = (db.batch_execute("BEGIN"), db.query_opt(&statement, values));
        let ((), row) = futures_util::future::try_join(begun, locked).await?;
        Ok((transaction, row))
    }

    /// Its connection.
    pub(super) fn db(&self) -> Result<&Client, Fault> {
        self.0.as_ref().ok_or(Fault::Index(IndexError::Closed))
    }

    /// Ends it: from now on all that was done is certain.
    pub(super) async fn commit(mut self) -> Result<(), Fault> {
        let committed = match &self.0 {
            Some(client) => client.batch_execute("COMMIT").await,
            None => return Err(Fault::Index(IndexError::Closed)),
        };
        match committed {
            Ok(()) => {
                self.0.take();
                Ok(())
            }
            // A word from the database is certain; silence is not.
            Err(error) if error.code().is_some() => Err(Fault::Sql(error)),
            Err(error) => Err(Fault::Unknown(error)),
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        drop(self.0.take().map(Client::take));
    }
}

/// Shared by all that use it.
pub(super) type Shared = Arc<Link>;
