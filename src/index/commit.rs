//! Waiting until what was decided is on disk.

use std::sync::mpsc;

use super::IndexError;
use super::answer::Answer;

/// What is called when a change is on disk, or will never be.
pub(super) type Callback = Box<dyn FnOnce(Result<(), IndexError>) + Send>;

/// An answer that may be given once all that it rests on is on disk.
#[must_use = "an answer holds only once it is on disk"]
pub struct Pending {
    /// The answer.
    pub answer: Answer,
    /// When it may be given.
    pub commit: Commit,
}

/// Tells when something is on disk.
#[must_use = "nothing is certain before it is on disk"]
pub struct Commit(pub(super) Registration);

/// Takes a callback; `None` when all is on disk already.
pub(super) type Registration = Option<Box<dyn FnOnce(Callback) + Send>>;

impl Commit {
    /// Waits.
    pub fn wait(self) -> Result<(), IndexError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.then(move |result| {
            // The receiver waits below.
            let _ = sender.send(result);
        });
        receiver.recv().unwrap_or(Err(IndexError::Closed))
    }

    /// Calls `done` when it is on disk or will never be: from another thread, or at once.
    pub fn then(self, done: impl FnOnce(Result<(), IndexError>) + Send + 'static) {
        match self.0 {
            Some(register) => register(Box::new(done)),
            None => done(Ok(())),
        }
    }
}

impl Pending {
    /// Waits for the answer.
    pub fn wait(self) -> Result<Answer, IndexError> {
        self.commit.wait().map(|()| self.answer)
    }
}

/// What is called with an answer when it may be given, or with the reason why there is none.
#[cfg(feature = "postgres")]
pub(super) type Receiver = Box<dyn FnOnce(Result<Answer, IndexError>) + Send>;

/// An answer on its way: where others write to the same store, too, it is known only when all that it rests on is on disk.
#[must_use = "an answer holds only once it is given"]
pub struct Reply(Told);

enum Told {
    Decided(Box<Pending>),
    #[cfg(feature = "postgres")]
    Later(Box<dyn FnOnce(Receiver) + Send>),
}

impl From<Pending> for Reply {
    fn from(pending: Pending) -> Self {
        Self(Told::Decided(Box::new(pending)))
    }
}

impl Reply {
    /// A reply whose answer somebody else makes: `register` takes what is to be called with it.
    #[cfg(feature = "postgres")]
    pub(super) fn later(register: impl FnOnce(Receiver) + Send + 'static) -> Self {
        Self(Told::Later(Box::new(register)))
    }

    /// Turns the answer into something as soon as it is known, and calls `done` with that when it may be given: from another thread, or at once.
    pub fn then<T: Send + 'static>(
        self,
        turn: impl FnOnce(Answer) -> T + Send + 'static,
        done: impl FnOnce(Result<T, IndexError>) + Send + 'static,
    ) {
        match self.0 {
            Told::Decided(pending) => {
                let Pending { answer, commit } = *pending;
                let turned = turn(answer);
                commit.then(|outcome| done(outcome.map(|()| turned)));
            }
            #[cfg(feature = "postgres")]
            Told::Later(register) => register(Box::new(|answer| done(answer.map(turn)))),
        }
    }

    /// Waits for the answer.
    pub fn wait(self) -> Result<Answer, IndexError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let done = move |answer| {
            // The receiver waits below.
            let _ = sender.send(answer);
        };
        self.then(|answer| answer, done);
        receiver.recv().unwrap_or(Err(IndexError::Closed))
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Told::Decided(pending) => f.debug_tuple("Reply").field(pending).finish(),
            #[cfg(feature = "postgres")]
            Told::Later(_) => f.write_str("Reply(..)"),
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("answer", &self.answer).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Commit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Commit").field(&self.0.is_some()).finish()
    }
}
