//! Answers to repeated requests: a client that heard no answer sends the same request with the same key, and nothing is done twice.
//!
//! The caller makes the key one of its own (with the API key, method and path) and gives a digest of the whole request.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::JobError;
use super::store::Store;
use crate::clock::Moment;

/// Largest body that is kept, in bytes. A request with a longer answer is done again when it is repeated.
const MAX_BODY: usize = 1 << 20;

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its HTTP status.
    pub status: u16,
    /// Headers that belong to it: names and values.
    pub headers: Vec<(String, String)>,
    /// Its body.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// The digest of the request; filled in by [`Claim`].
    #[serde(default)]
    digest: String,
    /// When it is forgotten.
    #[serde(default)]
    expires: Option<Moment>,
}

impl Answer {
    /// An answer.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, digest: String::new(), expires: None }
    }
}

/// What is known of a request.
#[derive(Debug)]
pub enum Begun {
    /// Nothing: do it, and give the answer to the claim.
    New(Claim),
    /// It was done before, and this was the answer.
    Same(Box<Answer>),
    /// Another request had this key.
    Conflict,
    /// It is being done right now.
    Busy,
}

/// Answers on disk, and requests being done.
#[derive(Debug, Clone)]
pub struct Idempotency {
    store: Arc<Store>,
    busy: Arc<Mutex<HashSet<String>>>,
    keep: Duration,
}

impl Idempotency {
    pub(super) fn new(store: Arc<Store>, keep: Duration) -> Self {
        Self { store, busy: Arc::default(), keep }
    }

    /// Begins a request with a key and the digest of all of it.
    pub fn begin(&self, key: &str, digest: &str, now: Moment) -> Result<Begun, JobError> {
        // Held while the disk is asked: a request that ends meanwhile is seen as busy or as done, never as new.
        let mut busy = locked(&self.busy);
        if busy.contains(key) {
            return Ok(Begun::Busy);
        }
        let known = self.store.answer(key)?.filter(|answer| answer.expires.is_some_and(|expires| expires > now));
        Ok(match known {
            Some(answer) if answer.digest == digest => Begun::Same(Box::new(answer)),
            Some(_) => Begun::Conflict,
            None => {
                busy.insert(key.to_owned());
                let (digest, expires) = (digest.to_owned(), now.after(self.keep));
                Begun::New(Claim { of: self.clone(), key: key.to_owned(), digest, expires })
            }
        })
    }

    /// Forgets answers whose time is over; says how many.
    pub(super) fn sweep(&self, now: Moment) -> Result<usize, JobError> {
        Ok(self.store.retain_answers(|answer| answer.expires.is_some_and(|expires| expires > now))?)
    }
}

/// A request that is being done. Dropped without an answer, as when it fails, the key is free again.
#[derive(Debug)]
pub struct Claim {
    of: Idempotency,
    key: String,
    digest: String,
    expires: Moment,
}

impl Claim {
    /// Keeps the answer; it is on disk when this returns. One that is too long is not kept.
    pub fn finish(self, answer: Answer) -> Result<(), JobError> {
        let Some((key, answer)) = self.sealed(answer) else { return Ok(()) };
        Ok(self.of.store.put_answer(key, &answer)?)
    }

    /// The answer as it is stored.
    pub(super) fn sealed(&self, answer: Answer) -> Option<(&str, Answer)> {
        let answer = Answer { digest: self.digest.clone(), expires: Some(self.expires), ..answer };
        (answer.body.len() <= MAX_BODY).then_some((self.key.as_str(), answer))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        locked(&self.of.busy).remove(&self.key);
    }
}

fn locked(busy: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment::from_millis(1_000_000);

    fn open(folder: &tempfile::TempDir) -> Idempotency {
        Idempotency::new(Arc::new(Store::open(folder.path()).unwrap()), Duration::from_secs(60))
    }

    fn answer() -> Answer {
        Answer::new(202, vec![("Location".to_owned(), "/x".to_owned())], b"{\"a\":1}\xff".to_vec())
    }

    #[test]
    fn a_repeated_request_gets_the_same_answer_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(&folder);
        let Begun::New(claim) = first.begin("k", "d", NOW).unwrap() else { panic!("new") };
        assert!(matches!(first.begin("k", "d", NOW).unwrap(), Begun::Busy));
        claim.finish(answer()).unwrap();
        drop(first);
        let again = open(&folder);
        let Begun::Same(found) = again.begin("k", "d", NOW).unwrap() else { panic!("same") };
        assert_eq!((found.status, &found.headers, &found.body), (202, &answer().headers, &answer().body));
        assert!(matches!(again.begin("k", "other", NOW).unwrap(), Begun::Conflict));
        assert!(matches!(again.begin("other", "d", NOW).unwrap(), Begun::New(_)));
    }

    #[test]
    fn a_request_that_failed_may_be_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder);
        drop(store.begin("k", "d", NOW).unwrap());
        assert!(matches!(store.begin("k", "another", NOW).unwrap(), Begun::New(_)));
    }

    #[test]
    fn answers_are_forgotten_in_time_and_long_ones_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder);
        let begin = |key: &str, now| store.begin(key, "d", now).unwrap();
        let Begun::New(claim) = begin("k", NOW) else { panic!("new") };
        claim.finish(answer()).unwrap();
        let Begun::New(claim) = begin("long", NOW) else { panic!("new") };
        claim.finish(Answer::new(200, Vec::new(), vec![b'x'; MAX_BODY + 1])).unwrap();
        assert!(matches!(begin("long", NOW), Begun::New(_)));
        let (before, after) = (NOW.after(Duration::from_secs(59)), NOW.after(Duration::from_secs(60)));
        assert_eq!(store.sweep(before).unwrap(), 0);
        assert!(matches!(begin("k", before), Begun::Same(_)));
        assert!(matches!(begin("k", after), Begun::New(_)));
        assert_eq!(store.sweep(after).unwrap(), 1);
    }
}
