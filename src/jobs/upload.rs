//! An archive being received: to a temporary file, within limits, and into the queue when it is whole.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::asked::Asked;
use super::error::JobError;
use super::files::sync_folder;
use super::idempotency::{Answer, Claim};
use super::job::{Job, State};
use super::shared::Shared;
use crate::archive;
use crate::clock::Moment;

/// How many bytes are written between two looks at the room that is left.
const LOOK_BYTES: u64 = 16 << 20;

/// What is known of an archive beside its bytes.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// The name that its sender gave it.
    pub name: Option<String>,
    /// Its Content-Type.
    pub media_type: Option<String>,
    /// What is to be done.
    pub asked: Asked,
    /// The id of the key that sent it.
    pub key: Option<String>,
}

/// A request that may be repeated: the claim on its key, and what makes its answer.
pub type Repeatable<'a> = (Claim, &'a dyn Fn(&Job) -> Answer);

/// An archive being received. Dropped before it is finished, nothing of it is left.
#[derive(Debug)]
pub struct Upload {
    shared: Arc<Shared>,
    file: NamedTempFile,
    bytes: u64,
    looked: u64,
    hasher: blake3::Hasher,
    _slot: Slot,
}

/// A place in the queue that is kept while an archive is received.
#[derive(Debug)]
struct Slot(Arc<Shared>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.lock().receiving -= 1;
    }
}

impl Upload {
    pub(super) fn begin(shared: &Arc<Shared>, expected: Option<u64>) -> Result<Self, JobError> {
        let expected = expected.unwrap_or(0);
        if expected > shared.settings.upload_bytes {
            return Err(JobError::TooLarge { limit: shared.settings.upload_bytes });
        }
        let slot = {
            let mut inner = shared.lock();
            if inner.closing {
                return Err(JobError::Closing);
            }
            let queue = shared.settings.queue;
            if inner.queue.len() + inner.receiving >= queue {
                return Err(JobError::QueueFull { queue });
            }
            inner.receiving += 1;
            Slot(shared.clone())
        };
        let folder = shared.uploads();
        check_room(&folder, expected, shared.settings.reserve)?;
        let file = NamedTempFile::new_in(&folder).map_err(JobError::of(&folder))?;
        Ok(Self { shared: shared.clone(), file, bytes: 0, looked: 0, hasher: blake3::Hasher::new(), _slot: slot })
    }

    /// Writes what came.
    pub fn write(&mut self, chunk: &[u8]) -> Result<(), JobError> {
        self.bytes += chunk.len() as u64;
        let limit = self.shared.settings.upload_bytes;
        if self.bytes > limit {
            return Err(JobError::TooLarge { limit });
        }
        if self.bytes - self.looked >= LOOK_BYTES {
            self.looked = self.bytes;
            check_room(self.file.path(), chunk.len() as u64, self.shared.settings.reserve)?;
        }
        self.hasher.update(chunk);
        self.file.write_all(chunk).map_err(JobError::of(self.file.path()))
    }

    /// Bytes received so far.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The BLAKE3 digest of what was received so far, for telling repeated requests.
    pub fn digest(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }

    /// Ends the archive and queues it. When this returns, the job is on disk, and so is the answer that `claim` is kept for.
    pub fn finish(self, submission: Submission, claim: Option<Repeatable<'_>>) -> Result<Job, JobError> {
        let Self { shared, file, bytes, .. } = &self;
        if *bytes == 0 {
            return Err(JobError::Empty);
        }
        shared.check(&submission.asked)?;
        let Submission { name, media_type, asked, key } = submission;
        let limits = &shared.settings.limits;
        let name = archive::received_name(file.path(), media_type.as_deref(), name.as_deref(), limits)?;
        file.as_file().sync_all().map_err(JobError::of(file.path()))?;
        let created = Moment::now();
        let id = shared.new_id(created)?;
        let job = Job {
            job: id.clone(),
            state: State::Queued,
            stage: None,
            unit: None,
            done: 0,
            total: None,
            eta: None,
            name,
            bytes: *bytes,
            asked,
            key,
            created,
            started: None,
            finished: None,
            expires: None,
            counts: None,
            error: None,
        };
        let shared = shared.clone();
        let queued = self.store(&job).and_then(|()| {
            let answer = claim.as_ref().and_then(|(claim, answer)| claim.sealed(answer(&job)));
            shared.enqueue(&job, answer.as_ref().map(|(key, answer)| (*key, answer)))
        });
        if queued.is_err() {
            shared.remove_folder(&id);
        }
        // The key is free only now that the answer is on disk.
        drop(claim);
        queued.map(|()| job)
    }

    /// Puts the file into the folder of its job.
    fn store(self, job: &Job) -> Result<(), JobError> {
        let folder = self.shared.folder_of(&job.job);
        let input = folder.join("input");
        fs::create_dir_all(&input).map_err(JobError::of(&input))?;
        let path = input.join(&job.name);
        self.file.persist(&path).map_err(|error| JobError::of(&path)(error.error))?;
        for folder in [&input, &folder, &self.shared.folder] {
            sync_folder(folder)?;
        }
        Ok(())
    }
}

/// Refuses what would leave less room than is reserved.
fn check_room(path: &Path, bytes: u64, reserve: u64) -> Result<(), JobError> {
    let needed = bytes.saturating_add(reserve);
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    // Where the system does not tell, writing will.
    match fs4::available_space(folder) {
        Ok(free) if free < needed => Err(JobError::NoSpace { path: folder.to_owned(), needed, free }),
        _ => Ok(()),
    }
}
