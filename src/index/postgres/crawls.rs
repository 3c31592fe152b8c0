//! Crawls: documents that wait until all of them are wanted; and what is done for all documents of a collection.

use deadpool_postgres::Client;

use super::case::decoded;
use super::fault::Fault;
use super::gather::{Seat, slot_of};
use super::link::{execute, rows};
use super::rows::{self as table, Delta};
use crate::index::IndexError;

/// Documents that are moved or taken away with one statement.
const PAGE: usize = 256;

const LIST: &str =
    "SELECT crawl, count(*) FROM taoxi_documents WHERE collection = $1 AND crawl <> '' GROUP BY crawl ORDER BY crawl";
const SLOTS: &str =
    "SELECT slot FROM taoxi_documents WHERE collection = $1 AND crawl = $2 AND crawl <> '' ORDER BY slot";
const REPLACED: &str = "SELECT d.slot FROM taoxi_documents AS w JOIN taoxi_documents AS d
    ON d.id_hash = w.id_hash AND d.collection = w.collection AND d.id = w.id
    WHERE w.collection = $1 AND w.crawl = $2 AND w.crawl <> '' AND d.crawl = ''";
const ADMIT: &str = "UPDATE taoxi_documents SET crawl = '' WHERE slot = ANY($2) AND collection = $1 RETURNING record";
const ANY: &str = "SELECT slot, record FROM taoxi_documents WHERE collection = $1 ORDER BY slot LIMIT 256";

/// The crawls with documents that wait, and how many.
pub(super) async fn list(db: &Client, seat: &Seat) -> Result<Vec<(String, u64)>, Fault> {
    let found = rows(db, LIST, &[&seat.id]).await?;
    let mut crawls: Vec<(String, u64)> =
        found.iter().map(|row| (row.get(0), row.get::<_, i64>(1).cast_unsigned())).collect();
    // Databases have orders of their own.
    crawls.sort_unstable();
    Ok(crawls)
}

async fn waiting(db: &Client, seat: &Seat, crawl: &str) -> Result<Vec<u32>, Fault> {
    let slots: Vec<u32> = rows(db, SLOTS, &[&seat.id, &crawl]).await?.iter().map(|row| slot_of(row, 0)).collect();
    if slots.is_empty() { Err(IndexError::NoCrawl(crawl.to_owned()).into()) } else { Ok(slots) }
}

async fn take(db: &Client, seat: &Seat, slots: &[u32], delta: &mut Delta) -> Result<(), Fault> {
    for page in slots.chunks(PAGE) {
        table::take(db, seat, page, delta).await?;
        delta.heat(db, seat, None).await?;
    }
    Ok(())
}

/// Makes what waits under a crawl part of the collection.
pub(super) async fn commit(db: &Client, seat: &Seat, crawl: &str, delta: &mut Delta) -> Result<u64, Fault> {
    let slots = waiting(db, seat, crawl).await?;
    let replaced: Vec<u32> = rows(db, REPLACED, &[&seat.id, &crawl]).await?.iter().map(|row| slot_of(row, 0)).collect();
    take(db, seat, &replaced, delta).await?;
    for page in slots.chunks(PAGE) {
        let page: Vec<i32> = page.iter().map(|slot| super::gather::number(*slot)).collect();
        let mut records = Vec::with_capacity(page.len());
        for row in rows(db, ADMIT, &[&seat.id, &page]).await? {
            records.push(decoded(row.get(0), seat)?);
        }
        table::admit(db, seat, &records, delta).await?;
        delta.heat(db, seat, None).await?;
    }
    delta.settled += 1;
    Ok(slots.len() as u64)
}

/// Forgets what waits under a crawl.
pub(super) async fn roll_back(db: &Client, seat: &Seat, crawl: &str, delta: &mut Delta) -> Result<u64, Fault> {
    let slots = waiting(db, seat, crawl).await?;
    take(db, seat, &slots, delta).await?;
    delta.settled += 1;
    Ok(slots.len() as u64)
}

/// Deletes some documents of a collection that nobody can find any more; false when there are none left.
pub(super) async fn sweep(db: &Client, id: i32) -> Result<bool, Fault> {
    let seat = Seat { id, name: String::new(), settings: crate::index::Settings::default() };
    let slots: Vec<u32> = rows(db, ANY, &[&id]).await?.iter().map(|row| slot_of(row, 0)).collect();
    if !slots.is_empty() {
        table::take(db, &seat, &slots, &mut Delta::default()).await?;
        return Ok(true);
    }
    execute(db, "DELETE FROM taoxi_codes WHERE collection = $1", &[&id]).await?;
    execute(db, "DELETE FROM taoxi_hot WHERE collection = $1", &[&id]).await?;
    execute(db, "DELETE FROM taoxi_forgotten WHERE id = $1", &[&id]).await?;
    Ok(false)
}

/// Lets the database use the room of what was deleted; returns how many bytes it gave back to the system.
pub(super) async fn compact(db: &Client) -> Result<u64, Fault> {
    let tables = ["taoxi_documents", "taoxi_fp", "taoxi_fp_waiting", "taoxi_codes", "taoxi_hot"];
    let size = async || -> Result<i64, tokio_postgres::Error> {
        let mut bytes = 0;
        for table in tables {
            let row = db.query_one(&format!("SELECT pg_total_relation_size('{table}')"), &[]).await?;
            bytes += row.get::<_, i64>(0);
        }
        Ok(bytes)
    };
    // Databases that tidy up by themselves know neither of the two.
    let Some(before) = known(size().await)? else { return Ok(0) };
    for table in tables {
        if known(db.batch_execute(&format!("VACUUM {table}")).await)?.is_none() {
            return Ok(0);
        }
    }
    Ok(known(size().await)?.map_or(0, |after| before.saturating_sub(after).max(0).cast_unsigned()))
}

/// `None` where the database does not know what was asked.
fn known<T>(outcome: Result<T, tokio_postgres::Error>) -> Result<Option<T>, Fault> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code().is_some_and(|code| matches!(code.code(), "0A000" | "42601" | "42883")) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
