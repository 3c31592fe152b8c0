//! What is found at start: jobs that were not finished are queued again, and what belongs to no job is removed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

use super::error::JobError;
use super::job::{Job, State};
use super::settings::Settings;
use super::shared::{Inner, Live};
use super::store::Store;

/// The folder of archives being received.
pub(super) const UPLOADS: &str = "uploads";

/// Reads the records and puts the folder in order.
pub(super) fn recover(folder: &Path, store: &Store, settings: &Settings) -> Result<Inner, JobError> {
    let uploads = folder.join(UPLOADS);
    remove_all(&uploads);
    fs::create_dir_all(&uploads).map_err(JobError::of(&uploads))?;
    let mut inner = Inner::default();
    let mut jobs = store.newest(None, usize::MAX)?;
    jobs.reverse();
    let known: HashSet<String> = jobs.iter().map(|job| job.job.clone()).collect();
    for entry in fs::read_dir(folder).map_err(JobError::of(folder))? {
        let entry = entry.map_err(JobError::of(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Only what looks like the folder of a job is ours to remove.
        if is_id(&name) && !known.contains(&name) {
            remove_all(&entry.path());
        }
    }
    for job in jobs {
        inner.last = inner.last.max(time_of(&job.job));
        if job.state.is_final() {
            let expires = job.expires.unwrap_or_else(|| job.created.after(settings.keep));
            if job.state != State::Done {
                remove_all(&folder.join(&job.job));
            }
            inner.expiring.insert((expires, job.job));
            continue;
        }
        let mut again = Job { state: State::Queued, started: None, ..job.clone() };
        again.clear_progress();
        if again != job {
            store.put(&again, None)?;
        }
        inner.queue.push_back(again.job.clone());
        inner.live.insert(again.job.clone(), Live::new(again));
    }
    Ok(inner)
}

/// The milliseconds that an id begins with.
fn time_of(id: &str) -> u64 {
    id.get(..12).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

/// Whether a name has the form of a job's id.
fn is_id(name: &str) -> bool {
    name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Removes a file or folder, which may be gone already. What cannot be removed is told in the log: nobody waits for it.
pub(super) fn remove_all(path: &Path) {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "cannot be removed");
        }
        _ => {}
    }
}
