//! Watches the overlay folder: when its files have changed, and are quiet again, the rules are loaded anew.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::state::State;

/// Files that change together are loaded together: so long nothing must change.
const QUIET: Duration = Duration::from_millis(150);
/// But no change waits longer than this.
const LONGEST: Duration = Duration::from_secs(2);

/// Begins to watch, as long as what it gives lives. Where the system cannot watch, SIGHUP and the call for it are left.
pub fn start(state: &Data<State>) -> Option<RecommendedWatcher> {
    let folder = state.rules.overlay()?;
    let (told, changes) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Loading the files is a change of none.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            // Nobody listens when the service ends.
            let _ = told.send(());
        }
    });
    let watching = watcher.and_then(|mut watcher| {
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    let failed = |error: &dyn std::fmt::Display| {
        tracing::warn!(error = %error, "the rules folder cannot be watched; send SIGHUP when it has changed");
    };
    let watcher = watching.inspect_err(|error| failed(error)).ok()?;
    let state = state.clone();
    let thread = std::thread::Builder::new().name("rules".to_owned()).spawn(move || obey(&state, &changes));
    thread.inspect_err(|error| failed(error)).ok()?;
    Some(watcher)
}

fn obey(state: &State, changes: &Receiver<()>) {
    while changes.recv().is_ok() {
        settle(changes);
        // The outcome is logged and counted where it is done.
        let _ = state.reload("file change");
    }
}

/// Waits until nothing has changed for a while.
fn settle(changes: &Receiver<()>) {
    let until = Instant::now() + LONGEST;
    while Instant::now() < until {
        match changes.recv_timeout(QUIET) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}
