//! What the tables hold of a document's like, fetched before it is looked up: few statements at a time, however many fingerprints it has.

use std::collections::{BTreeSet, HashMap};

use deadpool_postgres::Client;
use futures_util::future::{join_all, try_join, try_join3};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::fault::Fault;
use super::link::rows;
use crate::dedup::candidate::{HOT, is_poor};
use crate::dedup::simhash::distance;
use crate::index::look::{By, Query, Shelf, half, has_code};
use crate::index::{IndexError, Settings};

/// Kinds of hashes, as the table of hot ones tells them apart.
pub(super) const TEXT: i32 = 0;
pub(super) const UNITS: i32 = 1;
pub(super) const FP: i32 = 2;
pub(super) const CODE: i32 = 3;

/// A collection as the database knows it.
#[derive(Debug)]
pub(super) struct Seat {
    pub id: i32,
    pub name: String,
    pub settings: Settings,
}

/// A hash with its kind.
pub(super) type Key = (i32, i64);

/// What a collection was like when it was looked at: the numbers that its row keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Moment {
    pub next_slot: i64,
    pub settled: i64,
    pub gone: i64,
    pub crowds: i64,
}

impl Moment {
    /// Columns of a collection's row.
    pub(super) const COLUMNS: &'static str = "next_slot, settled, gone, crowds";

    pub(super) fn of(row: &Row) -> Self {
        Self { next_slot: row.get(0), settled: row.get(1), gone: row.get(2), crowds: row.get(3) }
    }
}

/// Slots of a hash, ascending, of a crowd the first 101, and how many documents have it.
#[derive(Debug, Default)]
struct Holders {
    slots: Vec<u32>,
    all: u64,
}

/// See the module. The shelf of one document.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub moment: Moment,
    texts: Holders,
    units: Holders,
    /// Slots with the crawl they wait under.
    pub ids: Vec<(u32, String)>,
    postings: HashMap<u64, Holders>,
    /// Hot fingerprints, with how many documents have each.
    hot: HashMap<u64, u64>,
    near: Vec<(u32, u32)>,
    near_more: u64,
    hashes: HashMap<u32, u32>,
    /// Keys that the table of hot ones has.
    pub known_hot: BTreeSet<Key>,
    /// Keys of more than a hundred documents that it should have.
    pub unlisted: BTreeSet<Key>,
}

/// The number that a hash is in the database.
pub(super) const fn signed(hash: u64) -> i64 {
    hash.cast_signed()
}

/// The number that a slot is in the database; slots there have 31 bits.
pub(super) fn number(slot: u32) -> i32 {
    i32::try_from(slot).unwrap_or(i32::MAX)
}

/// A slot of a row.
pub(super) fn slot_of(row: &Row, column: usize) -> u32 {
    u32::try_from(row.get::<_, i32>(column)).unwrap_or(0)
}

/// The four blocks of a simhash.
pub(super) fn blocks(code: u64) -> [i32; 4] {
    [48, 32, 16, 0].map(|shift| i32::from((code >> shift) as u16))
}

/// Blocks that one of the four must be for two simhashes to lie within a radius: with a radius of 3 one is equal, and of 7 one differs in a bit at most.
fn near_blocks(code: u64, radius: u32) -> [Vec<i32>; 4] {
    blocks(code).map(|block| {
        let bits = (0..16).filter(|_| radius > 3).map(|bit| block ^ 1 << bit);
        std::iter::once(block).chain(bits).collect()
    })
}

const IDS: &str =
    "SELECT slot, crawl FROM taoxi_documents WHERE id_hash = $2 AND collection = $1 AND crawl = ANY($3) ORDER BY slot";
const TEXTS: &str = "SELECT slot FROM taoxi_documents WHERE h_text = $2 AND collection = $1 AND crawl = ANY($3) ORDER BY slot LIMIT 101";
const SAME_UNITS: &str = "SELECT slot FROM taoxi_documents WHERE h_units = $2 AND collection = $1 AND crawl = ANY($3) ORDER BY slot LIMIT 101";
const CODES: &str = "SELECT simhash FROM taoxi_codes WHERE block0 = ANY($2) AND collection = $1
    UNION ALL SELECT simhash FROM taoxi_codes WHERE block1 = ANY($3) AND collection = $1
    UNION ALL SELECT simhash FROM taoxi_codes WHERE block2 = ANY($4) AND collection = $1
    UNION ALL SELECT simhash FROM taoxi_codes WHERE block3 = ANY($5) AND collection = $1";
const HOT_KEYS: &str = "SELECT space, h, holders FROM taoxi_hot WHERE h = ANY($2) AND collection = $1";
const POSTINGS: &str = "SELECT q.h, p.slot FROM unnest($2::int8[]) AS q(h) CROSS JOIN LATERAL
    (SELECT f.slot FROM taoxi_fp AS f WHERE f.h = q.h AND f.collection = $1 ORDER BY f.slot LIMIT 101) AS p";
const WAITING_POSTINGS: &str =
    "SELECT f.h, f.slot FROM taoxi_fp_waiting AS f JOIN taoxi_documents AS d ON d.collection = f.collection AND d.slot = f.slot
    WHERE f.h = ANY($2) AND f.collection = $1 AND d.crawl = $3";
const OF_CODES: &str = "SELECT q.h, p.slot FROM unnest($2::int8[]) AS q(h) CROSS JOIN LATERAL
    (SELECT d.slot FROM taoxi_documents AS d WHERE d.simhash = q.h AND d.collection = $1 AND d.crawl = ANY($3)
     ORDER BY d.slot LIMIT 101) AS p";
const HASHES: &str = "SELECT slot, hashes FROM taoxi_documents WHERE slot = ANY($2) AND collection = $1";
/// How many documents of a collection have a hash, by the kind of the hash.
const COUNTS: [&str; 4] = [
    "SELECT count(*) FROM taoxi_documents WHERE h_text = $2 AND collection = $1 AND crawl = ''",
    "SELECT count(*) FROM taoxi_documents WHERE h_units = $2 AND collection = $1 AND crawl = ''",
    "SELECT count(*) FROM taoxi_fp WHERE h = $2 AND collection = $1",
    "SELECT count(*) FROM taoxi_documents WHERE simhash = $2 AND collection = $1 AND crawl = ''",
];

/// Counts the documents of a collection that have a hash.
pub(super) async fn count(db: &Client, collection: i32, (space, hash): Key) -> Result<i64, Error> {
    let sql = usize::try_from(space).ok().and_then(|space| COUNTS.get(space)).unwrap_or(&COUNTS[0]);
    Ok(rows(db, sql, &[&collection, &hash]).await?.first().map_or(0, |row| row.get(0)))
}

/// Fetches what a document is looked up by. `hot_too`: also the holders of hot fingerprints, which are otherwise fetched only for a document that has hardly
/// any others.
pub(super) async fn gather(db: &Client, seat: &Seat, query: &Query<'_>, hot_too: bool) -> Result<Gathered, Fault> {
    let mut fetch = Fetch { db, seat, collection: seat.id, crawls: vec![String::new()], out: Gathered::default() };
    if !query.crawl.is_empty() {
        fetch.crawls.push(query.crawl.to_owned());
    }
    let codes = fetch.first(query).await?;
    fetch.second(query, codes).await?;
    let cold = query.print.winnow.len() - fetch.hot_ones();
    if !fetch.out.hot.is_empty() && (hot_too || is_poor(cold as u32, query.print.winnow.len() as u32)) {
        let hot: Vec<i64> = fetch.out.hot.keys().map(|hash| signed(*hash)).collect();
        fetch.postings(&hot).await?;
    }
    fetch.crowds(query).await?;
    fetch.hashes().await?;
    Ok(fetch.out)
}

struct Fetch<'f> {
    db: &'f Client,
    seat: &'f Seat,
    collection: i32,
    /// Crawls that are seen; the first is none.
    crawls: Vec<String>,
    out: Gathered,
}

impl Fetch<'_> {
    /// What needs nothing else: the collection's row, hot hashes, equal digests and ids, simhashes that are near.
    async fn first(&mut self, query: &Query<'_>) -> Result<Vec<(u32, i64)>, Fault> {
        let (db, collection, crawls, print) = (self.db, &self.collection, &self.crawls, query.print);
        let (id, worded) = (signed(query.id), print.weight > 0);
        let digest = |digest: u128| worded.then(|| signed(half(digest)));
        let (text_key, units_key) = (digest(print.text), digest(print.units));
        let mut keys: Vec<i64> = print.winnow.iter().map(|hash| signed(*hash)).collect();
        keys.extend(text_key.into_iter().chain(units_key));
        let [a, b, c, d] = near_blocks(print.simhash, query.radius);
        let row = format!("SELECT {} FROM taoxi_collections WHERE id = $1", Moment::COLUMNS);
        let by_blocks: [&(dyn ToSql + Sync); 5] = [collection, &a, &b, &c, &d];
        let codes = async { if has_code(print) { rows(db, CODES, &by_blocks).await } else { Ok(Vec::new()) } };
        let text: [&(dyn ToSql + Sync); 3] = [collection, &text_key, crawls];
        let units: [&(dyn ToSql + Sync); 3] = [collection, &units_key, crawls];
        let id: [&(dyn ToSql + Sync); 3] = [collection, &id, crawls];
        let row_of: [&(dyn ToSql + Sync); 1] = [collection];
        let hot_of: [&(dyn ToSql + Sync); 2] = [collection, &keys];
        let digests = async {
            if worded {
                try_join(rows(db, TEXTS, &text), rows(db, SAME_UNITS, &units)).await
            } else {
                Ok((Vec::new(), Vec::new()))
            }
        };
        // The row comes first: whatever is found beyond what it says came since, and is looked at again.
        let heads = try_join3(rows(db, &row, &row_of), rows(db, HOT_KEYS, &hot_of), rows(db, IDS, &id));
        let (heads, (texts, units), codes) = try_join3(heads, digests, codes).await?;
        let (row, hot, ids) = heads;
        let row = row.first().ok_or_else(|| IndexError::NoCollection(self.seat.name.clone()))?;
        let out = &mut self.out;
        out.moment = Moment::of(row);
        for row in &hot {
            let (space, hash, holders): (i32, i64, i64) = (row.get(0), row.get(1), row.get(2));
            out.known_hot.insert((space, hash));
            if space == FP && holders.cast_unsigned() > HOT as u64 {
                out.hot.insert(hash.cast_unsigned(), holders.cast_unsigned());
            }
            for (is, digest, into) in [(TEXT, text_key, &mut out.texts), (UNITS, units_key, &mut out.units)] {
                if space == is && digest == Some(hash) {
                    into.all = holders.cast_unsigned();
                }
            }
        }
        out.ids = ids.iter().map(|row| (slot_of(row, 0), row.get(1))).collect();
        out.texts.slots = texts.iter().map(|row| slot_of(row, 0)).collect();
        out.units.slots = units.iter().map(|row| slot_of(row, 0)).collect();
        let near = |row: &Row| {
            let code: i64 = row.get(0);
            let distance = distance(code.cast_unsigned(), query.print.simhash);
            (distance <= query.radius).then_some((distance, code))
        };
        let codes: BTreeSet<(u32, i64)> = codes.iter().filter_map(near).collect();
        Ok(codes.into_iter().collect())
    }

    /// Holders of cold fingerprints and of near simhashes.
    async fn second(&mut self, query: &Query<'_>, codes: Vec<(u32, i64)>) -> Result<(), Fault> {
        let (db, collection, crawls) = (self.db, self.collection, self.crawls.clone());
        let all: Vec<i64> = query.print.winnow.iter().map(|hash| signed(*hash)).collect();
        let cold: Vec<i64> =
            all.iter().copied().filter(|hash| !self.out.hot.contains_key(&hash.cast_unsigned())).collect();
        let plain: Vec<i64> = codes.iter().map(|(_, code)| *code).collect();
        let of_codes = async {
            if plain.is_empty() {
                return Ok((Vec::new(), Vec::new()));
            }
            let (values, hot): ([&(dyn ToSql + Sync); 3], [&(dyn ToSql + Sync); 2]) =
                ([&collection, &plain, &crawls], [&collection, &plain]);
            try_join(rows(db, OF_CODES, &values), rows(db, HOT_KEYS, &hot)).await
        };
        let waiting = async {
            if query.crawl.is_empty() {
                return Ok(Vec::new());
            }
            let values: [&(dyn ToSql + Sync); 3] = [&collection, &all, &query.crawl];
            rows(db, WAITING_POSTINGS, &values).await
        };
        let postings: [&(dyn ToSql + Sync); 2] = [&collection, &cold];
        let (found, (near, hot), waiting) = try_join3(rows(db, POSTINGS, &postings), of_codes, waiting).await?;
        self.hold(&found);
        self.hold(&waiting);
        self.near(&codes, &near, &hot).await
    }

    /// Takes in rows of hashes and slots.
    fn hold(&mut self, found: &[Row]) {
        for row in found {
            let hash: i64 = row.get(0);
            self.out.postings.entry(hash.cast_unsigned()).or_default().slots.push(slot_of(row, 1));
        }
    }

    async fn postings(&mut self, hashes: &[i64]) -> Result<(), Fault> {
        let found = rows(self.db, POSTINGS, &[&self.collection, &hashes]).await?;
        self.hold(&found);
        Ok(())
    }

    /// Takes in the documents of simhashes that are near.
    async fn near(&mut self, codes: &[(u32, i64)], found: &[Row], hot: &[Row]) -> Result<(), Fault> {
        let mut by_code: HashMap<i64, Vec<u32>> = HashMap::new();
        for row in found {
            by_code.entry(row.get(0)).or_default().push(slot_of(row, 1));
        }
        let hot: HashMap<i64, i64> =
            hot.iter().filter(|row| row.get::<_, i32>(0) == CODE).map(|row| (row.get(1), row.get(2))).collect();
        for &(distance, code) in codes {
            let Some(slots) = by_code.get(&code) else { continue };
            self.out.near.extend(slots.iter().map(|slot| (distance, *slot)));
            let key = (CODE, code);
            let all = match hot.get(&code) {
                Some(all) => {
                    self.out.known_hot.insert(key);
                    *all
                }
                None if slots.len() > HOT => {
                    self.out.unlisted.insert(key);
                    count(self.db, self.collection, key).await?
                }
                None => 0,
            };
            self.out.near_more += all.cast_unsigned().saturating_sub(slots.len() as u64);
        }
        Ok(())
    }

    /// How many fingerprints more than a hundred documents have.
    fn hot_ones(&self) -> usize {
        let unlisted = self.out.postings.values().filter(|holders| holders.slots.len() > HOT).count();
        self.out.hot.len() + unlisted
    }

    /// Finds out how large crowds are that the table of hot hashes does not have.
    async fn crowds(&mut self, query: &Query<'_>) -> Result<(), Fault> {
        let print = query.print;
        let mut crowded: Vec<(Key, usize)> = Vec::new();
        for (key, holders) in
            [((TEXT, signed(half(print.text))), &self.out.texts), ((UNITS, signed(half(print.units))), &self.out.units)]
        {
            crowded.push((key, holders.slots.len()));
        }
        crowded.extend(self.out.postings.iter().map(|(hash, holders)| ((FP, signed(*hash)), holders.slots.len())));
        crowded.retain(|(key, slots)| *slots > HOT && !self.out.known_hot.contains(key));
        let large: Vec<Key> = crowded.into_iter().map(|(key, _)| key).collect();
        self.out.unlisted.extend(&large);
        let counted = join_all(large.iter().map(|key| count(self.db, self.collection, *key))).await;
        for ((space, hash), all) in large.into_iter().zip(counted) {
            let all = all?.cast_unsigned();
            match space {
                TEXT => self.out.texts.all = all,
                UNITS => self.out.units.all = all,
                _ => self.out.postings.entry(hash.cast_unsigned()).or_default().all = all,
            }
        }
        Ok(())
    }

    /// How many fingerprints each of the documents has that were found.
    async fn hashes(&mut self) -> Result<(), Fault> {
        let out = &self.out;
        let mut slots: Vec<i32> = out.postings.values().flat_map(|it| &it.slots).map(|slot| number(*slot)).collect();
        slots.extend(out.texts.slots.iter().chain(&out.units.slots).map(|slot| number(*slot)));
        slots.extend(out.near.iter().map(|(_, slot)| number(*slot)));
        slots.sort_unstable();
        slots.dedup();
        if slots.is_empty() {
            return Ok(());
        }
        let found = rows(self.db, HASHES, &[&self.collection, &slots]).await?;
        let hashes = |row: &Row| (slot_of(row, 0), u32::try_from(row.get::<_, i32>(1)).unwrap_or(0));
        self.out.hashes = found.iter().map(hashes).collect();
        Ok(())
    }
}

impl Gathered {
    /// Takes out documents that are gone since.
    pub(super) fn forget(&mut self, gone: &[u32]) {
        if gone.is_empty() {
            return;
        }
        let stays = |slot: &u32| !gone.contains(slot);
        let holders = self.postings.values_mut().chain([&mut self.texts, &mut self.units]);
        holders.for_each(|holders| holders.slots.retain(stays));
        self.ids.retain(|(slot, _)| stays(slot));
        self.near.retain(|(_, slot)| stays(slot));
    }
}

impl Shelf for Gathered {
    fn holders(&self, by: By, hash: u64, out: &mut Vec<u32>) -> u64 {
        out.clear();
        let held = match by {
            By::Id => {
                out.extend(self.ids.iter().map(|(slot, _)| *slot));
                return 0;
            }
            By::Text => Some(&self.texts),
            By::Units => Some(&self.units),
            By::Winnow => self.postings.get(&hash),
        };
        let Some(held) = held else { return 0 };
        out.extend(&held.slots);
        // Those that wait were fetched apart.
        out.sort_unstable();
        held.all.saturating_sub(held.slots.len() as u64)
    }

    fn set_aside(&self, hash: u64) -> Option<u64> {
        self.hot.get(&hash).map(|all| all.saturating_sub(HOT as u64))
    }

    fn near(&self, _: u64, _: u32, out: &mut Vec<(u32, u32)>) -> u64 {
        out.extend(&self.near);
        self.near_more
    }

    fn hashes(&self, slot: u32) -> u32 {
        self.hashes.get(&slot).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simhashes_within_a_radius_share_one_of_the_blocks_that_are_asked_for() {
        let code: u64 = 0x0123_4567_89ab_cdef;
        let mut state = 7_u64;
        for radius in [0, 3, 4, 6] {
            for _ in 0..2000 {
                let mut other = code;
                for _ in 0..radius {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    other ^= 1 << (state >> 58);
                }
                let asked = near_blocks(code, radius);
                assert!(asked.iter().zip(blocks(other)).any(|(asked, block)| asked.contains(&block)), "{other:x}");
            }
        }
        assert_eq!(blocks(code), [0x0123, 0x4567, 0x89ab, 0xcdef]);
    }
}
