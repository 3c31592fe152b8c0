//! The tables, and how those of an older version become those of this one.
//!
//! Only what databases that speak like PostgreSQL know, too: no extensions, no sequences, no advisory locks. Numbers that documents are known by stand in
//! the row of their collection, which is also the lock that whoever stores takes for a moment.

use tokio_postgres::error::SqlState;

use super::fault::Fault;
use super::link::{Shared, Transaction, execute};
use crate::index::IndexError;

/// The row of this table is locked by whoever changes tables, or makes a collection.
pub(super) const LOCK_SCHEMA: &str = "SELECT version, next_collection FROM taoxi_schema WHERE one = 1 FOR UPDATE";

const FIRST: &str = "CREATE TABLE IF NOT EXISTS taoxi_schema (one int4 PRIMARY KEY, version int4 NOT NULL, next_collection int4 NOT NULL)";

/// From version 0 to 1, from 1 to 2, and so on.
const MIGRATIONS: [&[&str]; 1] = [&[
    // A collection. `next_slot` numbers documents as they come; `settled` counts crawls that were committed or rolled back, `gone` documents that were
    // removed or replaced, and `crowds` changes of which hashes are hot: whoever looked before sees by them whether that still holds.
    "CREATE TABLE taoxi_collections (id int4 PRIMARY KEY, name text NOT NULL UNIQUE, settings text NOT NULL,
        next_slot int8 NOT NULL, settled int8 NOT NULL, gone int8 NOT NULL, crowds int8 NOT NULL,
        documents int8 NOT NULL, waiting int8 NOT NULL, postings int8 NOT NULL, bytes int8 NOT NULL)",
    // Collections that were forgotten and whose documents are being deleted.
    "CREATE TABLE taoxi_forgotten (id int4 PRIMARY KEY)",
    // A document. `record` is what the log of a collection on one machine holds of it: fingerprint, metadata and text, packed. `crawl` is empty for what is
    // part of the collection. Of digests the upper half; NULL where a document is not found by it.
    "CREATE TABLE taoxi_documents (collection int4 NOT NULL, slot int4 NOT NULL, id text NOT NULL, id_hash int8 NOT NULL,
        crawl text NOT NULL, h_text int8, h_units int8, simhash int8, weight int8 NOT NULL, hashes int4 NOT NULL,
        fingerprint int4 NOT NULL, record bytea NOT NULL, PRIMARY KEY (collection, slot))",
    "CREATE INDEX taoxi_documents_id ON taoxi_documents (id_hash, collection, slot)",
    "CREATE INDEX taoxi_documents_text ON taoxi_documents (h_text, collection, slot)",
    "CREATE INDEX taoxi_documents_units ON taoxi_documents (h_units, collection, slot)",
    "CREATE INDEX taoxi_documents_simhash ON taoxi_documents (simhash, collection, slot)",
    "CREATE INDEX taoxi_documents_crawl ON taoxi_documents (collection, crawl, slot) WHERE crawl <> ''",
    // Winnowing fingerprints of what is part of a collection, and of what waits under a crawl.
    "CREATE TABLE taoxi_fp (h int8 NOT NULL, collection int4 NOT NULL, slot int4 NOT NULL, PRIMARY KEY (h, collection, slot))",
    "CREATE TABLE taoxi_fp_waiting (h int8 NOT NULL, collection int4 NOT NULL, slot int4 NOT NULL,
        PRIMARY KEY (h, collection, slot))",
    // Every simhash once, however many documents have it, by its four blocks. One that no document has any more does no harm.
    "CREATE TABLE taoxi_codes (simhash int8 NOT NULL, collection int4 NOT NULL, block0 int4 NOT NULL, block1 int4 NOT NULL,
        block2 int4 NOT NULL, block3 int4 NOT NULL, PRIMARY KEY (simhash, collection))",
    "CREATE INDEX taoxi_codes_block0 ON taoxi_codes (block0, collection, simhash)",
    "CREATE INDEX taoxi_codes_block1 ON taoxi_codes (block1, collection, simhash)",
    "CREATE INDEX taoxi_codes_block2 ON taoxi_codes (block2, collection, simhash)",
    "CREATE INDEX taoxi_codes_block3 ON taoxi_codes (block3, collection, simhash)",
    // Hashes of crowds, with how many documents of the collection have each: always right where there is a row, and more than a hundred. `space` tells
    // digests of texts (0) and of units (1), winnowing fingerprints (2) and simhashes (3) apart.
    "CREATE TABLE taoxi_hot (h int8 NOT NULL, collection int4 NOT NULL, space int4 NOT NULL, holders int8 NOT NULL,
        PRIMARY KEY (h, collection, space))",
]];

/// The version of the tables.
const VERSION: i32 = 1;

/// Makes the tables, or brings them up to date. Any number of processes may do that at the same time.
pub(super) async fn migrate(link: &Shared) -> Result<(), IndexError> {
    let mut patience = link.patience();
    loop {
        match migrate_once(link).await {
            Ok(()) => return Ok(()),
            // Two that make the first table at the same time meet in the database's own tables.
            Err(Fault::Sql(error)) if matches!(error.code().map(SqlState::code), Some("23505" | "42P07" | "42710")) => {
            }
            Err(fault) => patience.after(fault).await?,
        }
    }
}

async fn migrate_once(link: &Shared) -> Result<(), Fault> {
    let client = link.writer().await?;
    // Read first: who only uses the tables need not be allowed to make any, and does not wait for those who store.
    match client.query_opt("SELECT version FROM taoxi_schema WHERE one = 1", &[]).await {
        Ok(Some(row)) if row.get::<_, i32>(0) == VERSION => return Ok(()),
        Ok(_) => {}
        Err(error) if error.code().is_some_and(|code| code.code() == "42P01") => {
            client.batch_execute(FIRST).await?;
            execute(&client, "INSERT INTO taoxi_schema VALUES (1, 0, 1) ON CONFLICT DO NOTHING", &[]).await?;
        }
        Err(error) => return Err(error.into()),
    }
    let (transaction, row) = Transaction::begin(client, LOCK_SCHEMA, &[]).await?;
    let from: i32 = row.map_or(0, |row| row.get(0));
    let known = usize::try_from(from).ok().filter(|_| from <= VERSION);
    let Some(known) = known else {
        let what = format!("its tables are of version {from}, and this taoxi knows {VERSION}: use a newer taoxi");
        return Err(IndexError::OtherVersion { file: link.place().to_owned(), what }.into());
    };
    for statement in MIGRATIONS.iter().skip(known).copied().flatten() {
        transaction.db()?.batch_execute(statement).await?;
    }
    let db = transaction.db()?;
    execute(db, "UPDATE taoxi_schema SET version = $1 WHERE one = 1", &[&VERSION]).await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_the_statements_that_lead_to_it() {
        assert_eq!(usize::try_from(VERSION), Ok(MIGRATIONS.len()));
    }
}
