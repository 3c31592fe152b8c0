//! Rows of documents that come and go, many with one statement, and what they change of the counts and of the hot hashes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deadpool_postgres::Client;

use super::case::decoded;
use super::fault::Fault;
use super::gather::{CODE, FP, Key, Seat, TEXT, UNITS, blocks, count, number, signed};
use super::link::{execute, rows};
use super::log::Since;
use crate::dedup::candidate::HOT;
use crate::dedup::{FINGERPRINT_VERSION, Fingerprint};
use crate::index::entry::{Entry, Record};
use crate::index::look::{half, has_code};
use crate::index::tables::id_hash;

const ADD_DOCUMENTS: &str = "INSERT INTO taoxi_documents (collection, slot, id, id_hash, crawl, h_text, h_units, simhash,
    weight, hashes, fingerprint, record)
    SELECT $1, t.slot, t.id, t.id_hash, t.crawl, t.h_text, t.h_units, t.simhash, t.weight, t.hashes, $2, t.record
    FROM unnest($3::int4[], $4::text[], $5::int8[], $6::text[], $7::int8[], $8::int8[], $9::int8[], $10::int8[], $11::int4[],
    $12::bytea[]) AS t(slot, id, id_hash, crawl, h_text, h_units, simhash, weight, hashes, record)";
const ADD_FP: &str = "INSERT INTO taoxi_fp (h, collection, slot)
    SELECT t.h, $1, t.slot FROM unnest($2::int8[], $3::int4[]) AS t(h, slot)";
const ADD_FP_WAITING: &str = "INSERT INTO taoxi_fp_waiting (h, collection, slot)
    SELECT t.h, $1, t.slot FROM unnest($2::int8[], $3::int4[]) AS t(h, slot)";
const ADD_CODES: &str = "INSERT INTO taoxi_codes (simhash, collection, block0, block1, block2, block3)
    SELECT t.simhash, $1, t.a, t.b, t.c, t.d FROM unnest($2::int8[], $3::int4[], $4::int4[], $5::int4[], $6::int4[])
    AS t(simhash, a, b, c, d) ON CONFLICT DO NOTHING";
const TAKE_DOCUMENTS: &str =
    "DELETE FROM taoxi_documents WHERE slot = ANY($2) AND collection = $1 RETURNING slot, crawl, record";
const TAKE_FP: &str = "DELETE FROM taoxi_fp WHERE (h, collection, slot) IN
    (SELECT t.h, $1::int4, t.slot FROM unnest($2::int8[], $3::int4[]) AS t(h, slot))";
const TAKE_FP_WAITING: &str = "DELETE FROM taoxi_fp_waiting WHERE (h, collection, slot) IN
    (SELECT t.h, $1::int4, t.slot FROM unnest($2::int8[], $3::int4[]) AS t(h, slot))";
const FIND_HOT: &str = "SELECT space, h FROM taoxi_hot WHERE h = ANY($2) AND collection = $1";
const CHANGE_HOT: &str = "UPDATE taoxi_hot SET holders = taoxi_hot.holders + t.n
    FROM unnest($2::int8[], $3::int4[], $4::int8[]) AS t(h, space, n)
    WHERE taoxi_hot.h = t.h AND taoxi_hot.collection = $1 AND taoxi_hot.space = t.space";
const COOL: &str = "DELETE FROM taoxi_hot WHERE h = ANY($2) AND collection = $1 AND holders <= 100";
const HEAT: &str = "INSERT INTO taoxi_hot (h, collection, space, holders) VALUES ($2, $1, $3, $4)
    ON CONFLICT (h, collection, space) DO NOTHING";
const CHANGE_COUNTS: &str = "UPDATE taoxi_collections SET next_slot = $2, settled = settled + $3, gone = gone + $4,
    crowds = crowds + $5, documents = documents + $6, waiting = waiting + $7, postings = postings + $8, bytes = bytes + $9
    WHERE id = $1";

/// What a transaction changes of a collection's row.
#[derive(Debug, Default)]
pub(super) struct Delta {
    pub settled: i64,
    pub gone: i64,
    pub crowds: i64,
    pub documents: i64,
    pub waiting: i64,
    pub postings: i64,
    pub bytes: i64,
    /// By how many documents the crowds of hashes grow.
    holders: BTreeMap<Key, i64>,
}

/// The hashes that the crowds of a collection are counted by.
fn keys(print: &Fingerprint) -> impl Iterator<Item = Key> {
    let worded = print.weight > 0;
    let text = worded.then(|| (TEXT, signed(half(print.text))));
    let units = worded.then(|| (UNITS, signed(half(print.units))));
    let code = has_code(print).then(|| (CODE, signed(print.simhash)));
    print.winnow.iter().map(|hash| (FP, signed(*hash))).chain(text).chain(units).chain(code)
}

impl Delta {
    /// Counts a document that comes (1) or goes (-1).
    fn count(&mut self, record: &Record, waits: bool, bytes: usize, by: i64) {
        let postings = record.print.winnow.len() as u64;
        self.postings += by * postings.cast_signed();
        self.bytes += by * (bytes as u64).cast_signed();
        if waits {
            self.waiting += by;
            return;
        }
        self.documents += by;
        for key in keys(&record.print) {
            *self.holders.entry(key).or_default() += by;
        }
    }

    /// Writes the collection's row.
    pub(super) async fn write(&self, db: &Client, seat: &Seat, next_slot: i64) -> Result<(), Fault> {
        execute(
            db,
            CHANGE_COUNTS,
            &[
                &seat.id, &next_slot, &self.settled, &self.gone, &self.crowds, &self.documents, &self.waiting,
                &self.postings, &self.bytes,
            ],
        )
        .await?;
        Ok(())
    }

    /// Brings the counts of hot hashes up to date. `hot`: all that are hot of those that changed, where that is known.
    pub(super) async fn heat(&mut self, db: &Client, seat: &Seat, hot: Option<&BTreeSet<Key>>) -> Result<(), Fault> {
        let holders = std::mem::take(&mut self.holders);
        if holders.is_empty() {
            return Ok(());
        }
        let found;
        let hot = if let Some(hot) = hot {
            hot
        } else {
            let all: Vec<i64> = holders.keys().map(|(_, hash)| *hash).collect();
            let held = rows(db, FIND_HOT, &[&seat.id, &all]).await?;
            found = held.iter().map(|row| (row.get(0), row.get(1))).collect();
            &found
        };
        let changed = holders.iter().filter(|(key, by)| **by != 0 && hot.contains(key));
        let (mut hashes, mut spaces, mut by) = (Vec::new(), Vec::new(), Vec::new());
        for (key, n) in changed {
            hashes.push(key.1);
            spaces.push(key.0);
            by.push(*n);
        }
        if !hashes.is_empty() {
            execute(db, CHANGE_HOT, &[&seat.id, &hashes, &spaces, &by]).await?;
            if by.iter().any(|n| *n < 0) {
                self.crowds += execute(db, COOL, &[&seat.id, &hashes]).await?.cast_signed();
            }
        }
        Ok(())
    }
}

/// Puts hashes among the hot ones that more than a hundred documents have. The collection is locked.
pub(super) async fn list_hot(db: &Client, seat: &Seat, keys: &[Key], delta: &mut Delta) -> Result<(), Fault> {
    for key in keys {
        let holders = count(db, seat.id, *key).await?;
        if holders.cast_unsigned() > HOT as u64 {
            delta.crowds += execute(db, HEAT, &[&seat.id, &key.1, &key.0, &holders]).await?.cast_signed();
        }
    }
    Ok(())
}

/// Columns of fingerprints.
#[derive(Default)]
struct Pairs {
    hashes: Vec<i64>,
    slots: Vec<i32>,
}

impl Pairs {
    /// In the order of the index: neighbours are written together.
    fn of<'r>(records: impl Iterator<Item = (u32, &'r Record)>) -> Self {
        let mut pairs: Vec<(i64, i32)> = records
            .flat_map(|(slot, record)| record.print.winnow.iter().map(move |hash| (signed(*hash), number(slot))))
            .collect();
        pairs.sort_unstable();
        let (hashes, slots) = pairs.into_iter().unzip();
        Self { hashes, slots }
    }
}

/// Adds documents.
pub(super) async fn add(db: &Client, seat: &Seat, added: &[Arc<Since>], delta: &mut Delta) -> Result<(), Fault> {
    if added.is_empty() {
        return Ok(());
    }
    let column = |of: &dyn Fn(&Fingerprint) -> Option<u64>| -> Vec<Option<i64>> {
        added.iter().map(|it| of(&it.record.print).map(signed)).collect()
    };
    let slots: Vec<i32> = added.iter().map(|it| number(it.slot)).collect();
    let ids: Vec<&str> = added.iter().map(|it| it.record.id.as_str()).collect();
    let id_hashes: Vec<i64> = added.iter().map(|it| signed(it.id)).collect();
    let crawls: Vec<&str> = added.iter().map(|it| it.crawl.as_str()).collect();
    let texts = column(&|print| (print.weight > 0).then(|| half(print.text)));
    let units = column(&|print| (print.weight > 0).then(|| half(print.units)));
    let codes = column(&|print| has_code(print).then_some(print.simhash));
    let weights: Vec<i64> = added.iter().map(|it| it.record.print.weight.cast_signed()).collect();
    let hashes: Vec<i32> = added.iter().map(|it| number(it.record.print.winnow.len() as u32)).collect();
    let records: Vec<Vec<u8>> = added.iter().map(|it| Entry::Document(Box::new(it.record.clone())).encode()).collect();
    let version = number(FINGERPRINT_VERSION);
    execute(
        db,
        ADD_DOCUMENTS,
        &[&seat.id, &version, &slots, &ids, &id_hashes, &crawls, &texts, &units, &codes, &weights, &hashes, &records],
    )
    .await?;
    for (sql, waits) in [(ADD_FP, false), (ADD_FP_WAITING, true)] {
        let of = added.iter().filter(|it| it.crawl.is_empty() != waits).map(|it| (it.slot, &it.record));
        let pairs = Pairs::of(of);
        if !pairs.hashes.is_empty() {
            execute(db, sql, &[&seat.id, &pairs.hashes, &pairs.slots]).await?;
        }
    }
    let codes: BTreeSet<i64> = codes.into_iter().flatten().collect();
    let codes: Vec<i64> = codes.into_iter().collect();
    let blocks: Vec<[i32; 4]> = codes.iter().map(|code| blocks(code.cast_unsigned())).collect();
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| blocks.iter().map(|blocks| blocks[at]).collect::<Vec<i32>>());
    execute(db, ADD_CODES, &[&seat.id, &codes, &a, &b, &c, &d]).await?;
    for (it, bytes) in added.iter().zip(&records) {
        delta.count(&it.record, !it.crawl.is_empty(), bytes.len(), 1);
    }
    Ok(())
}

/// Makes documents that waited part of the collection.
pub(super) async fn admit(db: &Client, seat: &Seat, records: &[Record], delta: &mut Delta) -> Result<(), Fault> {
    let pairs = Pairs::of(records.iter().map(|record| (record.slot, record)));
    if !pairs.hashes.is_empty() {
        execute(db, TAKE_FP_WAITING, &[&seat.id, &pairs.hashes, &pairs.slots]).await?;
        execute(db, ADD_FP, &[&seat.id, &pairs.hashes, &pairs.slots]).await?;
    }
    for record in records {
        delta.count(record, true, 0, -1);
        delta.count(record, false, 0, 1);
    }
    Ok(())
}

/// Takes documents away; returns how many were there.
pub(super) async fn take(db: &Client, seat: &Seat, slots: &[u32], delta: &mut Delta) -> Result<u64, Fault> {
    if slots.is_empty() {
        return Ok(0);
    }
    let slots: Vec<i32> = slots.iter().map(|slot| number(*slot)).collect();
    let mut taken: Vec<(Record, bool)> = Vec::new();
    for row in rows(db, TAKE_DOCUMENTS, &[&seat.id, &slots]).await? {
        let (crawl, bytes): (&str, &[u8]) = (row.get(1), row.get(2));
        let record = decoded(bytes, seat)?;
        delta.count(&record, !crawl.is_empty(), bytes.len(), -1);
        taken.push((record, !crawl.is_empty()));
    }
    for (sql, waits) in [(TAKE_FP, false), (TAKE_FP_WAITING, true)] {
        let of = taken.iter().filter(|it| it.1 == waits).map(|(record, _)| (record.slot, record));
        let pairs = Pairs::of(of);
        if !pairs.hashes.is_empty() {
            execute(db, sql, &[&seat.id, &pairs.hashes, &pairs.slots]).await?;
        }
    }
    delta.gone += (taken.len() as u64).cast_signed();
    Ok(taken.len() as u64)
}

/// The hash of an id, as the database holds it.
pub(super) fn id_number(id: &str) -> i64 {
    signed(id_hash(id))
}
