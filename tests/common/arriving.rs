//! Documents that arrive at a collection, without washing, and what a collection is known to hold.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use taoxi::dedup::Kind;
use taoxi::index::{Answer, Collection, Store};

use super::Random;
pub use super::arrival::arrival;

/// A text of its own: `n` decides every character.
pub fn text(n: u64, chars: usize) -> String {
    let mut random = Random(n);
    let han = |random: &mut Random| char::from_u32(0x4e00 + random.below(3000) as u32).unwrap_or('文');
    (0..chars).map(|at| if at % 20 == 19 { '。' } else { han(&mut random) }).collect()
}

/// What a collection holds: texts by id, and those that wait by crawl and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holding {
    pub main: BTreeMap<String, String>,
    pub waiting: BTreeMap<String, BTreeMap<String, String>>,
}

/// What an operation changes.
#[derive(Debug, Clone)]
pub enum Effect {
    Nothing,
    Store { id: String, text: String, crawl: String },
    Remove(String),
    Commit(String),
    RollBack(String),
}

impl Holding {
    pub fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Nothing => {}
            Effect::Store { id, text, crawl } => {
                let held =
                    if crawl.is_empty() { &mut self.main } else { self.waiting.entry(crawl.clone()).or_default() };
                held.insert(id.clone(), text.clone());
            }
            Effect::Remove(id) => {
                self.main.remove(id);
            }
            Effect::Commit(crawl) => self.main.extend(self.waiting.remove(crawl).unwrap_or_default()),
            Effect::RollBack(crawl) => {
                self.waiting.remove(crawl);
            }
        }
    }

    /// What a collection says that it holds, asked for these ids.
    pub fn of(collection: &Collection, ids: &[String]) -> Self {
        let mut held = Self::default();
        let mut take = |document: taoxi::index::StoredDocument| {
            assert!(held.main.insert(document.id.clone(), document.text).is_none(), "{} is there twice", document.id);
            Ok(())
        };
        collection.each(&mut take).expect("reads");
        for (crawl, count) in collection.crawls().expect("reads") {
            let waiting: BTreeMap<String, String> = ids
                .iter()
                .filter_map(|id| collection.get(id, &crawl).expect("reads"))
                .filter(|document| document.crawl.as_deref() == Some(&*crawl))
                .map(|document| (document.id, document.text))
                .collect();
            assert_eq!(waiting.len() as u64, count, "documents that wait under {crawl}");
            held.waiting.insert(crawl, waiting);
        }
        let counts = collection.counts().expect("reads");
        let waiting: usize = held.waiting.values().map(BTreeMap::len).sum();
        assert_eq!((counts.documents, counts.waiting), (held.main.len() as u64, waiting as u64));
        for id in ids {
            let stored = collection.get(id, "").expect("reads").map(|document| document.text);
            assert_eq!(stored.as_ref(), held.main.get(id), "{id}");
        }
        held
    }
}

/// What a text is to a collection under an id that nobody has.
pub fn ask(collection: &Collection, text: &str, crawl: &str) -> Answer {
    collection.check(&arrival("?", text), crawl).expect("reads").wait().expect("is on disk")
}

/// The ids under which exactly this text is found.
pub fn exact(answer: &Answer) -> Vec<&str> {
    let exact = answer.relations.iter().filter(|relation| relation.kind == Kind::Exact);
    exact.map(|relation| if relation.a == "?" { &*relation.b } else { &*relation.a }).collect()
}

/// Runs something that must come to an end.
pub fn within<T: Send + 'static>(seconds: u64, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let _ = sender.send(run());
    });
    match receiver.recv_timeout(Duration::from_secs(seconds)) {
        Ok(value) => value,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => panic!("it sent nothing"),
        },
    }
}
