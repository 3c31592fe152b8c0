//! Collections in PostgreSQL, or in a database that speaks like it: for more documents than one machine's memory holds, and for several processes that
//! use the same collections.
//!
//! A document that arrives is looked up and compared without a lock; then, with the row of its collection locked, what came since is looked at, and it is stored
//! in the same transaction. So of copies that arrive at the same time, wherever, one is new. What candidates are and what is made of them is the same code as on
//! one machine.
//!
//! | file | what it does |
//! |---|---|
//! | `link`, `tls`, `fault` | connections, encryption, patience with a database that is away |
//! | `schema` | the tables |
//! | `gather` | what is fetched to look a document up |
//! | `case`, `log` | one arriving document; what came since it was looked up |
//! | `batch` | many of them stored in one transaction |
//! | `rows`, `crawls` | rows that come and go; crawls; collections that are forgotten |
//! | `collection` | a collection |

mod batch;
mod case;
mod collection;
mod crawls;
mod fault;
mod gather;
mod link;
mod log;
mod rows;
mod schema;
mod tls;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_postgres::Client;

use collection::PgCollection;
use fault::Fault;
use gather::Seat;
use link::{Link, Shared, Transaction, execute};

use super::catalog::{MOST, check_name, check_settings, same_settings};
use super::{IndexError, Options, Settings, Store, Stores};

/// How long a start waits for a database that is not there yet.
const START: Duration = Duration::from_secs(20);
/// How long an end waits for what is queued.
const END: Duration = Duration::from_secs(20);
/// How long it may take to say whether the database is there.
const READY: Duration = Duration::from_secs(4);

/// The collections of a database.
pub struct Postgres {
    link: Shared,
    options: Options,
    /// Those that somebody asked for.
    open: Mutex<BTreeMap<String, Arc<PgCollection>>>,
}

impl Postgres {
    /// Connects, and makes the tables or brings them up to date. `url`: `postgres://user:password@host:port/database`, with `?sslmode=disable` or `require`
    /// where it matters.
    pub fn open(url: &str, options: Options) -> Result<Self, IndexError> {
        let link = Arc::new(Link::new(url)?);
        link.run(async {
            let begun = std::time::Instant::now();
            loop {
                match schema::migrate(&link).await {
                    Err(IndexError::Away { .. }) if begun.elapsed() < START => {
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                    outcome => return outcome,
                }
            }
        })?;
        let sweeping = link.clone();
        drop(link.spawn(async move { sweep(&sweeping).await }));
        Ok(Self { link, options, open: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Arc<PgCollection>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number and settings of a collection.
    fn find(&self, name: &str) -> Result<Option<(i32, Settings)>, IndexError> {
        self.link.read(&async |db| {
            let sql = "SELECT id, settings FROM taoxi_collections WHERE name = $1";
            link::rows(db, sql, &[&name]).await?.first().map(|row| seat_of(row, name)).transpose()
        })
    }

    /// Runs a transaction in which nobody else makes or forgets collections.
    fn locked<T>(&self, work: &impl AsyncFn(&Client, i32) -> Result<T, Fault>) -> Result<T, IndexError> {
        self.link.repeat(&async || {
            let (transaction, row) = Transaction::begin(self.link.writer().await?, schema::LOCK_SCHEMA, &[]).await?;
            let next = row.map_or(1, |row| row.get(1));
            let value = work(transaction.db()?, next).await?;
            transaction.commit().await.map(|()| value)
        })
    }
}

fn seat_of(row: &tokio_postgres::Row, name: &str) -> Result<(i32, Settings), Fault> {
    let settings = serde_json::from_str(row.get(1))
        .map_err(|error| IndexError::corrupt(name, 0, format!("its settings in the database: {error}")))?;
    Ok((row.get(0), settings))
}

/// Deletes the documents of collections that were forgotten.
async fn sweep(link: &Shared) {
    let mut patience = link.patience();
    loop {
        let fault = match sweep_some(link).await {
            Ok(true) => continue,
            Ok(false) => return,
            Err(fault) => fault,
        };
        // Where it cannot be done now it is done after the next start.
        if let Err(error) = patience.after(fault).await {
            tracing::warn!(error = %error, "documents of a collection that was forgotten are still in the database");
            return;
        }
    }
}

async fn sweep_some(link: &Shared) -> Result<bool, Fault> {
    let (transaction, row) =
        Transaction::begin(link.writer().await?, "SELECT id FROM taoxi_forgotten ORDER BY id LIMIT 1", &[]).await?;
    let Some(row) = row else {
        transaction.commit().await?;
        return Ok(false);
    };
    crawls::sweep(transaction.db()?, row.get(0)).await?;
    transaction.commit().await.map(|()| true)
}

impl Stores for Postgres {
    fn list(&self) -> Result<Vec<String>, IndexError> {
        self.link.read(&async |db| {
            let found = link::rows(db, "SELECT name FROM taoxi_collections", &[]).await?;
            let mut names: Vec<String> = found.iter().map(|row| row.get(0)).collect();
            names.sort_unstable();
            Ok(names)
        })
    }

    fn get(&self, name: &str) -> Result<Arc<dyn Store>, IndexError> {
        let found = if check_name(name).is_ok() { self.find(name)? } else { None };
        let mut held = self.held();
        let Some((id, settings)) = found else {
            held.remove(name).map(|gone| gone.end());
            return Err(IndexError::NoCollection(name.to_owned()));
        };
        // Another process may have forgotten it and made one of the same name.
        if let Some(there) = held.get(name).filter(|there| there.id() == id) {
            return Ok(there.clone());
        }
        let seat = Seat { id, name: name.to_owned(), settings };
        let collection = Arc::new(PgCollection::new(self.link.clone(), seat, self.options.cache_bytes));
        held.insert(name.to_owned(), collection.clone()).map(|gone| gone.end());
        Ok(collection)
    }

    fn at_hand(&self, _: &str) -> Option<Result<Arc<dyn Store>, IndexError>> {
        None
    }

    fn create(&self, name: &str, settings: &Settings) -> Result<bool, IndexError> {
        check_name(name)?;
        check_settings(name, settings)?;
        let text = serde_json::to_string(settings).unwrap_or_default();
        self.locked(&async |db, next| {
            let sql = "SELECT id, settings FROM taoxi_collections WHERE name = $1";
            if let Some(row) = link::rows(db, sql, &[&name]).await?.first() {
                return Ok(same_settings(name, &seat_of(row, name)?.1, settings).map(|()| false)?);
            }
            let found = link::rows(db, "SELECT count(*) FROM taoxi_collections", &[]).await?;
            if found.first().map_or(0, |row| row.get::<_, i64>(0)).cast_unsigned() >= MOST as u64 {
                return Err(IndexError::Full(format!("there are {MOST} collections, and no more are kept")).into());
            }
            let sql = "INSERT INTO taoxi_collections VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0, 0)";
            execute(db, sql, &[&next, &name, &text]).await?;
            execute(db, "UPDATE taoxi_schema SET next_collection = $1 WHERE one = 1", &[&(next + 1)]).await?;
            Ok(true)
        })
    }

    fn remove(&self, name: &str) -> Result<bool, IndexError> {
        let removed = self.locked(&async |db, _| {
            let sql = "DELETE FROM taoxi_collections WHERE name = $1 RETURNING id";
            let Some(id) = link::rows(db, sql, &[&name]).await?.first().map(|row| row.get::<_, i32>(0)) else {
                return Ok(false);
            };
            execute(db, "INSERT INTO taoxi_forgotten VALUES ($1)", &[&id]).await?;
            Ok(true)
        })?;
        self.held().remove(name).map(|gone| gone.end());
        let link = self.link.clone();
        drop(self.link.spawn(async move { sweep(&link).await }));
        Ok(removed)
    }

    fn ready(&self) -> Result<(), IndexError> {
        self.link.run(async {
            let asked = async {
                let client = self.link.reader().await?;
                client.batch_execute("SELECT 1").await.map_err(Fault::from)
            };
            match tokio::time::timeout(READY, asked).await {
                Ok(answer) => answer.map_err(|fault| fault.told(self.link.place())),
                Err(_) => Err(IndexError::Away {
                    place: self.link.place().to_owned(),
                    reason: format!("no answer within {READY:?}"),
                }),
            }
        })
    }

    fn close(&self) -> Result<(), IndexError> {
        let ended: Vec<_> = std::mem::take(&mut *self.held()).into_values().filter_map(|it| it.end()).collect();
        self.link.run(async {
            let all = futures_util::future::join_all(ended);
            tokio::time::timeout(END, all).await.map(drop).map_err(|_| IndexError::Away {
                place: self.link.place().to_owned(),
                reason: "what was queued could not be stored before the end; nobody was told that it was".to_owned(),
            })
        })
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("place", &self.link.place()).finish_non_exhaustive()
    }
}
