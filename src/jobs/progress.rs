//! What a run tells of itself: to watchers several times a second, to disk only when a stage begins.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::job::{Job, State};
use crate::batch::Progress;

/// How often watchers are told, at most.
const PACE: Duration = Duration::from_millis(200);
/// A rate over less time than this says little.
const MEASURED: Duration = Duration::from_secs(2);

/// Follows a run.
pub(super) struct Tracker<'t> {
    shown: &'t watch::Sender<Job>,
    /// Whether the archive is compressed: how much comes out of it is then a guess, and not told.
    packed: bool,
    /// Writes the job down.
    store: &'t (dyn Fn(&Job) + Sync),
    stage: Mutex<Stage>,
}

struct Stage {
    name: &'static str,
    began: Instant,
    total: Option<u64>,
    done: u64,
    told: Instant,
}

impl<'t> Tracker<'t> {
    pub(super) fn new(shown: &'t watch::Sender<Job>, packed: bool, store: &'t (dyn Fn(&Job) + Sync)) -> Self {
        let now = Instant::now();
        let stage = Stage { name: "", began: now, total: None, done: 0, told: now };
        Self { shown, packed, store, stage: Mutex::new(stage) }
    }

    fn stage(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn show(&self, stage: &Stage) {
        self.shown.send_if_modified(|job| {
            // Somebody may have cancelled it meanwhile.
            if job.state != State::Running {
                return false;
            }
            let total = stage.total.filter(|total| *total >= stage.done);
            job.stage = Some(stage.name.to_owned());
            job.unit = unit(stage.name).map(str::to_owned);
            (job.done, job.total) = (stage.done, total);
            job.eta = total.and_then(|total| eta(stage.done, total, stage.began.elapsed()));
            true
        });
    }
}

impl Progress for Tracker<'_> {
    fn stage(&self, name: &'static str, total: u64) {
        let now = Instant::now();
        let total = Some(total).filter(|total| *total > 0 && !(self.packed && name == "wash"));
        let stage = Stage { name, began: now, total, done: 0, told: now };
        self.show(&stage);
        *self.stage() = stage;
        // Not in one expression: storing must not wait for others while this holds what they show.
        let job = self.shown.borrow().clone();
        (self.store)(&job);
    }

    fn add(&self, done: u64) {
        let mut stage = self.stage();
        stage.done += done;
        let now = Instant::now();
        if now.duration_since(stage.told) >= PACE {
            stage.told = now;
            self.show(&stage);
        }
    }
}

/// What a stage counts.
fn unit(stage: &str) -> Option<&'static str> {
    Some(match stage {
        "wash" => "bytes",
        "candidates" => "parts",
        "compare" => "pairs",
        "settle" | "passages" | "write" | "read" => "documents",
        _ => return None,
    })
}

/// Seconds until a stage ends when it goes on as it went so far.
fn eta(done: u64, total: u64, elapsed: Duration) -> Option<u64> {
    if done == 0 || elapsed < MEASURED {
        return None;
    }
    let seconds = elapsed.as_secs_f64() * (total - done) as f64 / done as f64;
    // Longer than a year is no estimate.
    (seconds < 31_536_000.0).then(|| Duration::from_secs_f64(seconds.ceil()).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eta_is_given_only_where_a_rate_is_known() {
        let second = Duration::from_secs(1);
        assert_eq!(eta(0, 100, 10 * second), None);
        assert_eq!(eta(50, 100, second), None);
        assert_eq!(eta(25, 100, 10 * second), Some(30));
        assert_eq!(eta(100, 100, 10 * second), Some(0));
        assert_eq!(eta(1, u64::MAX, 10 * second), None);
    }
}
