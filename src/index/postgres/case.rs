//! One arriving document on its way to an answer: looked up and compared without a lock, then brought up to date under it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use deadpool_postgres::Client;

use super::fault::Fault;
use super::gather::{Key, Moment, Seat, gather, number, slot_of};
use super::link::rows;
use super::log::{Log, Since};
use crate::cache::Cache;
use crate::dedup::Fingerprint;
use crate::index::entry::{Entry, Record};
use crate::index::judge::{Compared, Decision, SameId, decide};
use crate::index::known::Known;
use crate::index::look::{Fresh, Query, look, speaks_for};
use crate::index::same::{NOT_STORED, Same};
use crate::index::tables::id_hash;
use crate::index::{Arrival, IndexError, stored};

/// Records of documents by their slots.
const RECORDS: &str = "SELECT slot, record FROM taoxi_documents WHERE slot = ANY($2) AND collection = $1";

/// What is being stored in a transaction and is not on the tables yet.
#[derive(Debug, Default)]
pub(super) struct Local {
    pub added: Vec<Arc<Since>>,
    /// Slots that were replaced.
    pub gone: Vec<u32>,
}

/// What was found out under the lock, for all that wait at once.
#[derive(Debug, Default)]
pub(super) struct Now {
    pub moment: Moment,
    /// By hashes of ids: slots with the crawls they wait under.
    pub ids: HashMap<u64, Vec<(u32, String)>>,
    /// Of the documents that somebody was compared with, those that are still there; where none is gone, nothing.
    pub alive: Option<HashSet<u32>>,
}

/// An arriving document with all that was found out about it.
pub(super) struct Case {
    arrival: Arrival,
    pub crawl: String,
    /// The hash of its id.
    pub id: u64,
    pub print: Fingerprint,
    pub known: Arc<Known>,
    pub moment: Moment,
    pub known_hot: BTreeSet<Key>,
    pub unlisted: BTreeSet<Key>,
    same_ids: Vec<u32>,
    compared: Vec<Compared>,
    skipped: u64,
    same: Same,
    packed: Option<Vec<u8>>,
    /// What was found no longer counts.
    pub stale: bool,
}

impl Case {
    pub(super) fn new(arrival: Arrival, crawl: &str) -> Self {
        let (print, known) = Known::of(&arrival);
        Self {
            crawl: crawl.to_owned(),
            id: id_hash(&arrival.cleaned.id),
            arrival,
            print,
            known,
            moment: Moment::default(),
            known_hot: BTreeSet::new(),
            unlisted: BTreeSet::new(),
            same_ids: Vec::new(),
            compared: Vec::new(),
            skipped: 0,
            same: NOT_STORED,
            packed: None,
            stale: true,
        }
    }

    /// Looks the document up, beside those that a transaction is storing, and compares it with what was found.
    pub(super) async fn look(
        &mut self,
        db: &Client,
        seat: &Seat,
        cache: &Cache<Known>,
        local: &Local,
    ) -> Result<(), Fault> {
        let query = Query { print: &self.print, id: self.id, crawl: &self.crawl, radius: seat.settings.radius };
        let mut found = gather(db, seat, &query, !local.added.is_empty()).await?;
        found.forget(&local.gone);
        let seen = |it: &&Arc<Since>| (it.crawl.is_empty() || it.crawl == self.crawl) && !local.gone.contains(&it.slot);
        let own: Vec<&Arc<Since>> = local.added.iter().filter(seen).collect();
        let fresh: Vec<Fresh<'_>> = own.iter().map(|it| it.fresh()).collect();
        let sight = look(&found, &fresh, &query);
        let waits: HashMap<u32, bool> = found.ids.iter().map(|(slot, crawl)| (*slot, !crawl.is_empty())).collect();
        (self.moment, self.known_hot, self.unlisted) = (found.moment, found.known_hot, found.unlisted);
        self.same_ids.clone_from(&sight.same_id);
        // More than are compared, since some may be the document's own older versions.
        let most = seat.settings.candidates as usize;
        let best = sight.candidates.iter().map(|candidate| candidate.slot).take(most + sight.same_id.len());
        let mut ready: HashMap<u32, Arc<Known>> = own.iter().map(|it| (it.slot, it.known.clone())).collect();
        let mut wanted: Vec<i32> = Vec::new();
        for slot in best {
            // What is cached now may not be a moment later: it is held on to.
            match ready.get(&slot).cloned().or_else(|| cache.get(slot)) {
                Some(known) => drop(ready.insert(slot, known)),
                None => wanted.push(number(slot)),
            }
        }
        let older = sight.same_id.iter().filter(|slot| !own.iter().any(|it| it.slot == **slot));
        wanted.extend(older.map(|slot| number(*slot)));
        let records = records(db, seat, &wanted).await?;
        let record = |slot: u32| {
            let mine = own.iter().find(|it| it.slot == slot).map(|it| &it.record);
            mine.or_else(|| records.get(&slot))
        };
        let mut same_id = Vec::new();
        self.same = NOT_STORED;
        for &slot in &sight.same_id {
            let Some(record) = record(slot).filter(|record| record.id == self.arrival.cleaned.id) else { continue };
            let waits = waits.get(&slot).copied().unwrap_or(!record.crawl.is_empty());
            same_id.push(slot);
            self.same.take(Same::new(slot, record, waits, (&self.print, &self.arrival.cleaned.text), &self.crawl));
        }
        self.compared.clear();
        (self.skipped, self.stale) = (0, false);
        if self.same.what == SameId::SameText {
            return Ok(());
        }
        self.skipped = sight.more;
        for slot in sight.candidates.iter().map(|it| it.slot).filter(|slot| !same_id.contains(slot)) {
            if self.compared.len() >= most {
                self.skipped += 1;
            } else if let Some(known) = known(slot, &ready, cache, &records, seat)? {
                self.compared.push(Compared::new(slot, &self.known, known));
            }
        }
        if self.seems_new() && self.packed.is_none() {
            // It takes its time, and is done before the lock is taken.
            self.packed = Some(stored::pack(&self.arrival)?);
        }
        Ok(())
    }

    /// Under the lock: takes in what came since the document was looked up. False where it must be looked up again.
    pub(super) fn catch_up(&mut self, seat: &Seat, now: &Now, log: &Log, local: &Local) -> bool {
        let visible = |crawl: &str| crawl.is_empty() || crawl == self.crawl;
        let ids = now.ids.get(&self.id).into_iter().flatten();
        let ids = ids.filter(|(_, crawl)| visible(crawl)).map(|(slot, _)| *slot);
        let unsettled = self.stale
            || self.moment.settled != now.moment.settled
            || !ids.eq(self.same_ids.iter().copied())
            || local.added.iter().any(|it| it.id == self.id)
            || local.gone.iter().any(|slot| self.same_ids.contains(slot));
        let Some(since) = log.since(self.moment.next_slot, now.moment.next_slot).filter(|_| !unsettled) else {
            return false;
        };
        if self.same.what == SameId::SameText {
            return true;
        }
        let is_there =
            |slot: u32| !local.gone.contains(&slot) && now.alive.as_ref().is_none_or(|alive| alive.contains(&slot));
        self.compared.retain(|it| is_there(it.slot));
        let mut came = 0;
        let since = since.filter(|it| is_there(it.slot));
        for it in since.chain(local.added.iter().filter(|it| !local.gone.contains(&it.slot))) {
            if !visible(&it.crawl)
                || self.compared.iter().any(|compared| compared.slot == it.slot)
                || !speaks_for(&self.print, &it.record.print, seat.settings.radius)
            {
                continue;
            }
            came += 1;
            if came > seat.settings.candidates {
                // Of a crowd only the best are compared: which ones, the tables tell.
                return false;
            }
            self.compared.push(Compared::new(it.slot, &self.known, it.known.clone()));
        }
        true
    }

    /// Slots of documents that it was compared with.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.compared.iter().map(|it| it.slot)
    }

    fn seems_new(&self) -> bool {
        self.same.seems_new(&self.compared)
    }

    /// Decides. What it was compared with is used up.
    pub(super) fn decide(&mut self) -> Decision {
        self.stale = true;
        decide(&self.known, std::mem::take(&mut self.compared), self.same.what, self.skipped)
    }

    /// The slot that the document would replace, or [`NONE`].
    pub(super) fn replaces(&self) -> u32 {
        self.same.replaces
    }

    /// The document as it is stored after a decision.
    pub(super) fn store(&mut self, seat: &Seat, slot: u32, decision: &Decision) -> Result<Arc<Since>, IndexError> {
        let body = match self.packed.take() {
            Some(body) => body,
            None => stored::pack(&self.arrival)?,
        };
        // The transaction may have to be begun again.
        self.packed = Some(body.clone());
        let record = Record {
            slot,
            replaces: self.same.replaces,
            crawl: self.crawl.clone(),
            compilation: decision.compilation,
            id: self.arrival.cleaned.id.clone(),
            print: self.print.clone(),
            supersedes: decision.answer.supersedes.clone(),
            flags: self.arrival.cleaned.flags.clone(),
            body,
        };
        let known = if decision.compilation { Arc::new(unpacked(&record, seat)?) } else { self.known.clone() };
        Ok(Arc::new(Since { slot, id: self.id, crawl: self.crawl.clone(), known, record }))
    }
}

/// Fetches records.
pub(super) async fn records(db: &Client, seat: &Seat, slots: &[i32]) -> Result<HashMap<u32, Record>, Fault> {
    let mut records = HashMap::new();
    if !slots.is_empty() {
        for row in rows(db, RECORDS, &[&seat.id, &slots]).await? {
            records.insert(slot_of(&row, 0), decoded(row.get(1), seat)?);
        }
    }
    Ok(records)
}

/// A record as the database holds it.
pub(super) fn decoded(bytes: &[u8], seat: &Seat) -> Result<Record, IndexError> {
    match Entry::decode(bytes) {
        Some(Entry::Document(record)) => Ok(*record),
        _ => Err(IndexError::corrupt(&seat.name, 0, "a record that is no document")),
    }
}

/// A stored document ready to be compared; `None` when it is gone.
fn known(
    slot: u32,
    ready: &HashMap<u32, Arc<Known>>,
    cache: &Cache<Known>,
    records: &HashMap<u32, Record>,
    seat: &Seat,
) -> Result<Option<Arc<Known>>, IndexError> {
    if let Some(known) = ready.get(&slot) {
        return Ok(Some(known.clone()));
    }
    let Some(record) = records.get(&slot) else { return Ok(None) };
    let known = Arc::new(unpacked(record, seat)?);
    cache.put(slot, known.clone(), known.bytes());
    Ok(Some(known))
}

/// The same of a record in hand.
pub(super) fn unpacked(record: &Record, seat: &Seat) -> Result<Known, IndexError> {
    Known::stored(record)
        .ok_or_else(|| IndexError::corrupt(&seat.name, 0, format!("the text of `{}` cannot be unpacked", record.id)))
}
