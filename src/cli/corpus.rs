//! The documents of `rules try` and `rules stats`: read, worked on by all threads, and taken in the order of the input.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::CorpusArgs;
use super::exit::Exit;
use super::progress::Progress;
use super::{Failure, complain, input};
use crate::archive;
use crate::clean::{CleanError, Cleaner, Options};
use crate::config::Config;
use crate::document::{Document, ErrorRecord};
use crate::error::fault;
use crate::parallel;

/// A misspelt profile, rule or encoding is an unusable argument, not a fault of each document.
pub(super) fn check(cleaner: &Cleaner, options: &Options) -> Result<(), Failure> {
    let empty = Document::from_bytes("", Vec::new());
    cleaner.clean(empty, options).map(|_| ()).map_err(|error| Failure::of(&error))
}

/// Gives every document to `work`, and what comes of it to `sink`, which is also told of inputs that failed.
pub(super) fn each<R: Send>(
    (inputs, args): (&[PathBuf], &CorpusArgs),
    config: &Config,
    stop: &AtomicBool,
    work: impl Fn(Document) -> Result<R, CleanError> + Sync,
    mut sink: impl FnMut(Result<R, ErrorRecord>) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut read = args.wash.read_options(config)?;
    read.url.clone_from(&args.url);
    let documents = archive::documents(input::inputs(inputs), read);
    let weigh = |document: &Result<Document, ErrorRecord>| document.as_ref().map_or(64, |it| it.content.len());
    let washed = |document: Result<Document, ErrorRecord>| {
        document.and_then(|document| {
            let id = document.id.clone();
            work(document).map_err(|error| ErrorRecord { id, error: fault(&error) })
        })
    };
    let progress = Progress::new(true);
    let (mut failed, mut outcome) = (0, Ok(()));
    parallel::ordered(documents, config.thread_count(), weigh, washed, stop, |result| {
        progress.step();
        if let Err(record) = &result {
            failed += 1;
            let (code, message) = (record.error.code.as_str(), &record.error.message);
            progress.hide(|| complain(&format!("{}: {code}: {message}", record.id)));
        }
        outcome = sink(result);
        if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    progress.finish();
    outcome?;
    Ok(match (stop.load(Ordering::Relaxed), failed) {
        (true, _) => Exit::Interrupted,
        (false, 0) => Exit::Done,
        (false, _) => Exit::SomeFailed,
    })
}
