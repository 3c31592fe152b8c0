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
