//! Jobs over a folder of a test, and waiting for them.

use std::path::Path;
use std::time::{Duration, Instant};

use taoxi::jobs::{Asked, Export, Hands, Job, JobError, JobOptions, Jobs, LearnOptions, Settings, State, Submission};

/// Longer than anything here takes, for machines that are busy.
pub const DEADLINE: Duration = Duration::from_secs(60);

pub fn settings() -> Settings {
    Settings {
        workers: 1,
        queue: 100,
        keep: Duration::from_secs(3600),
        answers: Duration::from_secs(3600),
        upload_bytes: 1 << 30,
        reserve: 1 << 20,
        threads: 2,
        memory: 1 << 30,
        profile: "zh".to_owned(),
        limits: taoxi::archive::Limits::default(),
    }
}

pub fn try_open(data: &Path, settings: Settings, export: Option<Export>) -> Result<Jobs, JobError> {
    let cleaner = super::cleaner();
    Jobs::open(data, settings, Hands { cleaner: Box::new(move || cleaner.clone()), export })
}

pub fn open(data: &Path) -> Jobs {
    try_open(data, settings(), None).expect("opens")
}

pub fn options(pairs: &[(&str, &str)]) -> Asked {
    let mut options = JobOptions::default();
    for (name, value) in pairs {
        options.set(name, value).expect("an option");
    }
    Asked::Dedupe(options)
}

/// Sends an archive.
pub fn send(jobs: &Jobs, name: &str, bytes: &[u8], pairs: &[(&str, &str)]) -> Result<Job, JobError> {
    submit(jobs, name, bytes, options(pairs))
}

/// Sends pages to learn from.
pub fn learn(jobs: &Jobs, name: &str, bytes: &[u8]) -> Result<Job, JobError> {
    submit(jobs, name, bytes, Asked::Learn(LearnOptions::default()))
}

fn submit(jobs: &Jobs, name: &str, bytes: &[u8], asked: Asked) -> Result<Job, JobError> {
    let mut upload = jobs.upload(Some(bytes.len() as u64))?;
    for chunk in bytes.chunks(1000) {
        upload.write(chunk)?;
    }
    let submission = Submission { name: Some(name.to_owned()), asked, ..Submission::default() };
    upload.finish(submission, None)
}

/// Waits until a job is as wanted.
pub fn wait_for(jobs: &Jobs, id: &str, wanted: impl FnMut(&Job) -> bool) -> Job {
    let mut receiver = jobs.watch(id).expect("the job is there");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let found = tokio::time::timeout(DEADLINE, receiver.wait_for(wanted)).await.expect("in time");
        found.expect("before its end").clone()
    })
}

/// Waits until a job is done.
pub fn done(jobs: &Jobs, id: &str) -> Job {
    let job = wait_for(jobs, id, |job| job.state.is_final());
    assert_eq!(job.state, State::Done, "{:?}", job.error);
    job
}

/// Asks again and again until it is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < DEADLINE, "{what}: not in time");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// A result file.
pub fn read(jobs: &Jobs, id: &str, name: &str) -> Vec<u8> {
    use std::io::Read as _;
    let (_, mut file) = jobs.open_file(id, name).expect("a file");
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).expect("reads");
    bytes
}
