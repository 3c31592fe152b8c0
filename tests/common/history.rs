//! Random histories of a collection, wherever it is kept, beside the plain model: the same answer to each operation.

#![allow(clippy::unwrap_used, reason = "a history that cannot go on fails the test")]

use std::fmt::Write as _;
use std::sync::Arc;

use taoxi::index::{IndexError, Options, Settings, Store};

use super::Random;
use super::arriving::{arrival, text};
use super::reference::{Expected, Reference, Text};

/// Where the collection of a history is kept.
pub trait Keeper {
    /// Opens it, or makes it.
    fn open(&mut self, settings: Settings, options: Options) -> Arc<dyn Store>;

    /// Closes it in some way; nobody else has it by then.
    fn close(&mut self, random: &mut Random);

    /// Fails where what is kept contradicts itself.
    fn verify(&self);
}

const CRAWLS: [&str; 2] = ["may", "june"];

/// A history: how it goes, and what kinds of texts arrive.
#[derive(Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub operations: usize,
    /// Radius and candidates.
    pub settings: (u32, u32),
    /// Documents that are stored at a time, nearly.
    pub stored: usize,
    /// Of ten texts so many are filled-in forms, and how many forms there are.
    pub forms: (usize, u64),
}

pub struct History<K> {
    plan: Plan,
    random: Random,
    keeper: K,
    collection: Option<Arc<dyn Store>>,
    model: Reference,
    sentences: Vec<String>,
    statuses: [usize; 4],
}

/// A form filled in: the same words, other numbers.
fn form(form: u64, random: &mut Random) -> String {
    (0..9).fold(String::new(), |mut out, line| {
        let words: String = text(9000 + 20 * form + line, 12).replace('。', "");
        let _ = write!(out, "{words}{}个，", random.below(90_000));
        out
    })
}

impl<K: Keeper> History<K> {
    pub fn new(plan: Plan, keeper: K) -> Self {
        let mut random = Random(plan.seed);
        let sentences = (0..220).map(|n| text(plan.seed * 1000 + n, 10 + random.below(18))).collect();
        let model = Reference { radius: plan.settings.0, candidates: plan.settings.1 as usize, stored: Vec::new() };
        let mut history = Self { plan, random, keeper, collection: None, model, sentences, statuses: [0; 4] };
        history.open();
        history
    }

    fn open(&mut self) {
        let (radius, candidates) = self.plan.settings;
        let settings = Settings { radius, candidates, ..Settings::default() };
        let options = Options {
            segment_bytes: 20_000 + self.random.below(60_000) as u64,
            snapshot_bytes: 10_000 + self.random.below(200_000) as u64,
            cache_bytes: [0, 50_000, 1 << 20][self.random.below(3)],
        };
        self.collection = Some(self.keeper.open(settings, options));
    }

    fn collection(&self) -> &dyn Store {
        self.collection.as_deref().unwrap()
    }

    /// Closes and opens.
    fn reopen(&mut self) {
        self.collection = None;
        self.keeper.close(&mut self.random);
        self.open();
    }

    fn prose(&mut self) -> String {
        let count = 2 + self.random.below(8);
        (0..count).map(|_| self.random.pick(&self.sentences).clone() + "。").collect()
    }

    /// A text that is stored, or a new one.
    fn known(&mut self) -> String {
        if self.model.stored.is_empty() {
            return self.prose();
        }
        self.random.pick(&self.model.stored).text.text.clone()
    }

    fn text(&mut self) -> String {
        if self.random.below(10) < self.plan.forms.0 {
            let which = self.random.next() % self.plan.forms.1;
            // Some have much of their own: what they share with the crowd is set aside.
            let own = if self.random.below(3) == 0 { self.prose() } else { String::new() };
            return form(which, &mut self.random) + &own;
        }
        let known = self.known();
        let chars: Vec<char> = known.chars().take(700).collect();
        let piece =
            |from: usize, to: usize| chars[from.min(chars.len())..to.min(chars.len())].iter().collect::<String>();
        match self.random.below(14) {
            0..3 => self.prose(),
            3 => known.replace('。', "，"),
            4 => known.replace(|c: char| c.is_ascii_digit(), "*"),
            5 | 6 => piece(0, chars.len() * (30 + self.random.below(65)) / 100),
            7 => {
                let from = self.random.below(chars.len());
                piece(from, from + chars.len() / (2 + self.random.below(6)))
            }
            8 | 9 => {
                let share = 10 + self.random.below(40);
                let typo = |random: &mut Random, c| if random.below(share) == 0 { '错' } else { c };
                chars.iter().map(|&c| typo(&mut self.random, c)).collect()
            }
            10 | 11 => {
                let all = (0..2 + self.random.below(2)).map(|_| self.known()).collect::<Vec<_>>().join("\n");
                all.chars().take(900).collect()
            }
            12 => piece(0, self.random.below(40)),
            _ => ["", "12 34 56", "会议通知", "某某 ** xx", "a b"][self.random.below(5)].to_owned(),
        }
    }

    fn arrive(&mut self, stores: bool) {
        let mut text = Text::new(&self.text());
        let mut id = format!("d{}", self.random.below(self.plan.stored * 3));
        let crawl = if self.random.below(6) == 0 { *self.random.pick(&CRAWLS) } else { "" };
        if !self.model.stored.is_empty() && self.random.below(30) == 0 {
            let again = self.random.pick(&self.model.stored);
            (id, text) = (again.id.clone(), again.text.clone());
        }
        let arrival = arrival(&id, &text.text);
        let (answer, expected) = if stores {
            (self.collection().add(&arrival, crawl).unwrap(), self.model.add(&id, &text, crawl))
        } else {
            (self.collection().check(&arrival, crawl).unwrap(), self.model.check(&id, &text, crawl).0)
        };
        let answer = answer.wait().unwrap();
        self.statuses[answer.status as usize] += 1;
        assert_eq!(Expected::of(&answer), expected, "{id} in crawl `{crawl}`: {}", text.text);
    }

    fn remove(&mut self) {
        let id = if self.model.stored.is_empty() || self.random.below(8) == 0 {
            format!("d{}", self.random.below(self.plan.stored * 3))
        } else {
            self.random.pick(&self.model.stored).id.clone()
        };
        let commit = self.collection().remove(&id).unwrap();
        assert_eq!(commit.is_some(), self.model.remove(&id), "{id}");
        if let Some(commit) = commit {
            commit.wait().unwrap();
        }
    }

    fn settle(&mut self) {
        let crawl = *self.random.pick(&CRAWLS);
        let (found, expected) = if self.random.below(3) == 0 {
            (self.collection().roll_back_crawl(crawl), self.model.roll_back(crawl))
        } else {
            (self.collection().commit_crawl(crawl), self.model.commit(crawl))
        };
        let none = Err(IndexError::NoCrawl(crawl.to_owned()));
        assert_eq!(found, if expected == 0 { none } else { Ok(expected as u64) });
    }

    fn get(&mut self) {
        let id = format!("d{}", self.random.below(self.plan.stored * 3));
        let crawl = ["", "may", "june"][self.random.below(3)];
        let found = self.collection().get(&id, crawl).unwrap().map(|it| (it.text, it.crawl));
        let expected = self.model.get(&id, crawl).map(|it| (it.text.text.clone(), it.crawl.clone()));
        assert_eq!(found, expected, "{id} in crawl `{crawl}`");
    }

    fn all(&self) {
        let mut found = Vec::new();
        let mut take = |it: taoxi::index::StoredDocument| {
            found.push((it.id, it.text));
            Ok(())
        };
        self.collection().each(&mut take).unwrap();
        let stored = self.model.stored.iter().filter(|it| it.crawl.is_none());
        let expected: Vec<(String, String)> = stored.map(|it| (it.id.clone(), it.text.text.clone())).collect();
        assert_eq!(found, expected);
        let counts = self.collection().counts().unwrap();
        let waiting = (self.model.stored.len() - expected.len()) as u64;
        assert_eq!((counts.documents, counts.waiting), (expected.len() as u64, waiting));
    }

    fn step(&mut self) {
        let full = self.model.stored.len() > self.plan.stored;
        match self.random.below(1000) {
            0..3 => self.reopen(),
            3 => drop(self.collection().compact().unwrap()),
            4..8 => self.all(),
            8..18 => self.settle(),
            18..60 => self.get(),
            60..250 => self.arrive(false),
            250..350 => self.remove(),
            350..600 if full => self.remove(),
            _ => self.arrive(true),
        }
    }

    /// Goes through all of it; counts answers by status.
    pub fn run(mut self) -> [usize; 4] {
        (0..self.plan.operations).for_each(|_| self.step());
        self.reopen();
        self.all();
        self.keeper.verify();
        self.statuses
    }
}
