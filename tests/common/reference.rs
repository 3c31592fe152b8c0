//! What a collection should answer, worked out the plain way: every stored text is looked at, and nothing is indexed.
//!
//! Written from the rules that `docs/copies.md` states for candidates and verdicts, and from those of the service for what an arriving document is.

#![allow(
    clippy::needless_for_each,
    clippy::struct_field_names,
    reason = "rules read better one a line, in their own words"
)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use taoxi::dedup::simhash::distance;
use taoxi::dedup::{Fingerprint, Kind, Prepared, Verdict, compare};
use taoxi::index::{Answer, Status};

/// A hash of more documents than this is hot.
const HOT: usize = 100;

/// A text with what is known of it.
pub struct Text {
    pub text: String,
    print: Fingerprint,
    prepared: Prepared,
}

impl Text {
    pub fn new(text: &str) -> Rc<Self> {
        Rc::new(Self { text: text.to_owned(), print: Fingerprint::of(text), prepared: Prepared::of(text) })
    }
}

/// A stored document. Documents stand in the order in which they came.
#[derive(Clone)]
pub struct Stored {
    pub id: String,
    pub text: Rc<Text>,
    /// The crawl it waits under.
    pub crawl: Option<String>,
    holds_parts: bool,
}

/// The smaller document, the larger, and what is said of them.
pub type Relation = (Kind, String, String, f64, f64);

/// What matters of an answer, in an order that is the same for all.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    pub status: Status,
    pub supersedes: BTreeSet<String>,
    pub relations: Vec<Relation>,
}

impl Expected {
    fn new(status: Status, supersedes: BTreeSet<String>, mut relations: Vec<Relation>) -> Self {
        relations.sort_by(|x, y| (x.0, &x.1, &x.2).cmp(&(y.0, &y.1, &y.2)));
        Self { status, supersedes, relations }
    }

    /// What an answer says.
    pub fn of(answer: &Answer) -> Self {
        assert!(answer.relations.is_sorted_by_key(|it| it.kind), "the strongest come first: {answer:?}");
        let relation = |it: &taoxi::dedup::Relation| (it.kind, it.a.clone(), it.b.clone(), it.a_in_b, it.b_in_a);
        let supersedes = answer.supersedes.iter().cloned().collect();
        Self::new(answer.status, supersedes, answer.relations.iter().map(relation).collect())
    }
}

/// Everything that is stored.
pub struct Reference {
    pub radius: u32,
    pub candidates: usize,
    pub stored: Vec<Stored>,
}

/// A stored document beside the arriving one.
struct Pair<'p> {
    stored: &'p Stored,
    arriving_is_a: bool,
    verdict: Verdict,
}

/// What speaks for a stored document.
#[derive(Default)]
struct Evidence {
    text: bool,
    units: bool,
    shared: usize,
    distance: Option<u32>,
}

fn judge(x: (&str, &Text), y: (&str, &Text)) -> (bool, Verdict) {
    let key = |(id, text): (&str, &Text)| (text.prepared.weight(), id.to_owned());
    let x_is_a = key(x) <= key(y);
    let (a, b) = if x_is_a { (x, y) } else { (y, x) };
    (x_is_a, compare(&a.1.prepared, &b.1.prepared))
}

impl Reference {
    fn sees(stored: &Stored, crawl: &str) -> bool {
        stored.crawl.as_ref().is_none_or(|own| own == crawl)
    }

    /// The document of an id, as it is seen with a crawl: what waits under that is the newest.
    pub fn get(&self, id: &str, crawl: &str) -> Option<&Stored> {
        let of_id = || self.stored.iter().filter(|it| it.id == id && Self::sees(it, crawl));
        of_id().find(|it| it.crawl.is_some()).or_else(|| of_id().next())
    }

    /// Places of the documents that are compared with a text, the best first.
    fn candidates(&self, id: &str, text: &Text, crawl: &str) -> Vec<usize> {
        let print = &text.print;
        let seen: Vec<usize> = (0..self.stored.len()).filter(|at| Self::sees(&self.stored[*at], crawl)).collect();
        let of = |at: usize| &self.stored[at].text.print;
        let mut found: BTreeMap<usize, Evidence> = BTreeMap::new();
        if print.weight > 0 {
            let equal = |same: &dyn Fn(&Fingerprint) -> bool| {
                let all = seen.iter().copied().filter(|at| of(*at).weight > 0 && same(of(*at)));
                all.take(HOT).collect::<Vec<usize>>()
            };
            equal(&|other| other.text == print.text)
                .into_iter()
                .for_each(|at| found.entry(at).or_default().text = true);
            equal(&|other| other.units == print.units)
                .into_iter()
                .for_each(|at| found.entry(at).or_default().units = true);
        }
        if print.weight >= 8 {
            let with_code = seen.iter().copied().filter(|at| of(*at).weight >= 8);
            let mut near: Vec<(u32, usize)> =
                with_code.map(|at| (distance(print.simhash, of(at).simhash), at)).collect();
            near.retain(|(distance, _)| *distance <= self.radius);
            near.sort_unstable();
            near.truncate(HOT);
            near.into_iter().for_each(|(distance, at)| found.entry(at).or_default().distance = Some(distance));
        }
        let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
        for &at in &seen {
            let shared = print.winnow.iter().filter(|hash| of(at).winnow.binary_search(hash).is_ok());
            shared.for_each(|hash| holders.entry(*hash).or_default().push(at));
        }
        let hot = |hash: &u64| holders.get(hash).is_some_and(|holders| holders.len() > HOT);
        let hashes = print.winnow.len();
        let cold = print.winnow.iter().filter(|hash| !hot(hash)).count();
        let uses_hot = cold < 4 || 5 * cold < 2 * hashes;
        for hash in print.winnow.iter().filter(|hash| uses_hot || !hot(hash)) {
            for &at in holders.get(hash).into_iter().flatten().take(HOT) {
                found.entry(at).or_default().shared += 1;
            }
        }
        let active = if uses_hot { hashes } else { cold };
        let mut ranked: Vec<_> = found
            .into_iter()
            .filter_map(|(at, it)| {
                let smaller = active.min(of(at).winnow.len()).max(1);
                let enough = it.shared >= smaller.min(2) && 5 * it.shared >= smaller;
                let wanted = it.text || it.units || it.distance.is_some() || enough;
                let share = 1000 * it.shared / smaller;
                wanted.then_some((!it.text, !it.units, std::cmp::Reverse(share), it.distance.unwrap_or(65), at))
            })
            .collect();
        ranked.sort_unstable();
        let others = ranked.into_iter().map(|it| it.4).filter(|at| self.stored[*at].id != id);
        others.take(self.candidates).collect()
    }

    /// Marks what stands beside something unrelated inside the arriving text as a part of it.
    fn mark_parts(pairs: &mut [Pair<'_>]) -> bool {
        let inside = |it: &Pair<'_>| {
            let kind = matches!(it.verdict.kind, Kind::Near | Kind::Truncated | Kind::Part);
            !it.arriving_is_a && kind && it.verdict.a_in_b >= 0.8
        };
        let range = |it: &Pair<'_>| {
            let passages = &it.verdict.passages;
            (passages.iter().map(|it| it.b.0).min().unwrap_or(0), passages.iter().map(|it| it.b.1).max().unwrap_or(0))
        };
        let held: Vec<usize> = (0..pairs.len()).filter(|at| inside(&pairs[*at])).collect();
        let beside = |x: usize, y: usize| {
            let (of_x, of_y) = (range(&pairs[x]), range(&pairs[y]));
            let both = of_x.1.min(of_y.1).saturating_sub(of_x.0.max(of_y.0));
            let shorter = (of_x.1 - of_x.0).min(of_y.1 - of_y.0);
            let (x, y) = (&pairs[x].stored.text, &pairs[y].stored.text);
            10 * both < shorter && judge(("", x), ("", y)).1.a_in_b < 0.2
        };
        let parts: Vec<usize> =
            held.iter().copied().filter(|x| held.iter().any(|y| x != y && beside(*x, *y))).collect();
        parts.iter().for_each(|at| pairs[*at].verdict.kind = Kind::Part);
        !parts.is_empty()
    }

    /// What an arriving document is, and whether it holds several others.
    pub fn check(&self, id: &str, text: &Text, crawl: &str) -> (Expected, bool) {
        let same = self.get(id, crawl);
        if same.is_some_and(|same| same.text.text == text.text) {
            return (Expected::new(Status::Unchanged, BTreeSet::new(), Vec::new()), false);
        }
        let pair = |at: usize| {
            let stored = &self.stored[at];
            let (arriving_is_a, verdict) = judge((id, text), (&stored.id, &stored.text));
            Pair { stored, arriving_is_a, verdict }
        };
        let mut pairs: Vec<Pair<'_>> = self.candidates(id, text, crawl).into_iter().map(pair).collect();
        let holds_parts = Self::mark_parts(&mut pairs);
        for it in &mut pairs {
            if it.stored.holds_parts && it.arriving_is_a && it.verdict.kind == Kind::Truncated {
                it.verdict.kind = Kind::Part;
            }
        }
        pairs.retain(|it| it.verdict.kind != Kind::None);
        let is_copy = pairs.iter().any(|it| match it.verdict.kind {
            Kind::Exact | Kind::Near => true,
            Kind::Truncated => it.arriving_is_a,
            _ => false,
        });
        let status = match (same, is_copy) {
            (Some(_), _) => Status::Updated,
            (None, true) => Status::Copy,
            (None, false) => Status::New,
        };
        let cut = pairs.iter().filter(|it| !is_copy && it.verdict.kind == Kind::Truncated && !it.arriving_is_a);
        let supersedes = cut.map(|it| it.stored.id.clone()).collect();
        let relation = |it: &Pair<'_>| {
            let (own, other) = (id.to_owned(), it.stored.id.clone());
            let (a, b) = if it.arriving_is_a { (own, other) } else { (other, own) };
            (it.verdict.kind, a, b, it.verdict.a_in_b, it.verdict.b_in_a)
        };
        (Expected::new(status, supersedes, pairs.iter().map(relation).collect()), holds_parts)
    }

    /// Checks a document and stores it if it is new or updated.
    pub fn add(&mut self, id: &str, text: &Rc<Text>, crawl: &str) -> Expected {
        let (expected, holds_parts) = self.check(id, text, crawl);
        if matches!(expected.status, Status::New | Status::Updated) {
            // What waits replaces what the collection holds when it is committed, and not before.
            let waits = (!crawl.is_empty()).then(|| crawl.to_owned());
            self.stored.retain(|it| it.id != id || it.crawl != waits);
            self.stored.push(Stored { id: id.to_owned(), text: text.clone(), crawl: waits, holds_parts });
        }
        expected
    }

    /// Removes a document; whether it was there.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.stored.len();
        self.stored.retain(|it| it.id != id || it.crawl.is_some());
        self.stored.len() < before
    }

    fn waits(crawl: &str) -> impl Fn(&Stored) -> bool {
        move |it| it.crawl.as_deref() == Some(crawl)
    }

    /// Makes what waits under a crawl part of the collection; how many that are.
    pub fn commit(&mut self, crawl: &str) -> usize {
        let ids: BTreeSet<String> =
            self.stored.iter().filter(|it| Self::waits(crawl)(it)).map(|it| it.id.clone()).collect();
        self.stored.retain(|it| it.crawl.is_some() || !ids.contains(&it.id));
        self.stored.iter_mut().filter(|it| Self::waits(crawl)(it)).for_each(|it| it.crawl = None);
        ids.len()
    }

    /// Forgets what waits under a crawl; how many that are.
    pub fn roll_back(&mut self, crawl: &str) -> usize {
        let before = self.stored.len();
        self.stored.retain(|it| !Self::waits(crawl)(it));
        before - self.stored.len()
    }
}
