//! Removes jobs whose time is over, with their files, and answers that nobody will ask for again. One thread, asleep between.

use std::time::Duration;

use super::shared::Shared;
use crate::clock::Moment;

/// How often answers are looked through.
const SWEEP: Duration = Duration::from_secs(3600);

pub(super) fn run(shared: &Shared) {
    loop {
        let mut inner = shared.lock();
        let now = Moment::now();
        if inner.closing {
            return;
        }
        let next = inner.expiring.first().cloned();
        if let Some((moment, id)) = next.filter(|(moment, _)| *moment <= now) {
            let removed = shared.store.remove(&id);
            inner.expiring.remove(&(moment, id.clone()));
            inner.live.remove(&id);
            drop(inner);
            match removed {
                Ok(()) => shared.remove_folder(&id),
                // Found again at the next start.
                Err(error) => tracing::error!(job = id, %error, "an old job cannot be removed"),
            }
            continue;
        }
        let wait = inner.expiring.first().map_or(SWEEP, |(moment, _)| moment.since(now).min(SWEEP));
        let (inner, timeout) =
            shared.changed.wait_timeout(inner, wait).unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(inner);
        if timeout.timed_out()
            && let Err(error) = shared.idempotency.sweep(Moment::now())
        {
            tracing::error!(%error, "old answers cannot be removed");
        }
    }
}
