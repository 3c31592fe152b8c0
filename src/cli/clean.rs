//! `taoxi clean`.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::{CleanArgs, EditsArg, Format};
use super::exit::Exit;
use super::output::{Folder, Outcome, Stdout, line};
use super::progress::Progress;
use super::{Failure, complain, corpus, input, rules};
use crate::archive::{self, ReadOptions};
use crate::clean::{Cleaner, Edits, Options};
use crate::config::Config;
use crate::document::{Document, ErrorRecord};
use crate::error::{Code, Fault, fault};
use crate::parallel;

pub(super) fn run(args: &CleanArgs, config: &Config, stop: &AtomicBool) -> Result<Exit, Failure> {
    let single = is_single(&args.inputs);
    if args.url.is_some() && !single {
        return Err(Failure(Fault::new(
            Code::Usage,
            "--url belongs to one document; several carry theirs in a field (see --fields)",
        )));
    }
    let set = rules::load(None, config)?;
    let cleaner = Cleaner::new(set).with_limits(config.clean_limits());
    let options = options(args, config, single);
    corpus::check(&cleaner, &options)?;
    let read = read_options(args, config)?;
    let threads = config.thread_count();
    let mut sink = Sink::new(args, single)?;
    let documents = archive::documents(input::inputs(&args.inputs), read);
    let pretty = single && args.format == Some(Format::Json);
    let wants_record = sink.wants_record();
    let work = |document: Result<Document, ErrorRecord>| {
        let outcome: Outcome = document.and_then(|document| {
            let id = document.id.clone();
            cleaner.clean(document, &options).map_err(|error| ErrorRecord { id, error: fault(&error) })
        });
        let record = if wants_record || outcome.is_err() { line(&outcome, pretty) } else { Vec::new() };
        (outcome, record)
    };
    let weigh =
        |document: &Result<Document, ErrorRecord>| document.as_ref().map_or(64, |document| document.content.len());
    parallel::ordered(documents, threads, weigh, work, stop, |(outcome, record)| sink.take(&outcome, &record));
    let interrupted = stop.load(Ordering::Relaxed);
    sink.finish(interrupted)
}

/// One file or standard input that holds one document.
fn is_single(inputs: &[PathBuf]) -> bool {
    let [input] = inputs else { return false };
    let name = input.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !input.is_dir() && !archive::holds_many(name)
}

fn options(args: &CleanArgs, config: &Config, single: bool) -> Options {
    let edits = match args.edits {
        Some(EditsArg::Ranges) => Edits::Ranges,
        Some(EditsArg::None) => Edits::None,
        Some(EditsArg::Full) => Edits::Full,
        None => {
            if single {
                Edits::Full
            } else {
                Edits::None
            }
        }
    };
    Options { edits, markdown: args.format == Some(Format::Markdown), ..args.wash.options(config) }
}

fn read_options(args: &CleanArgs, config: &Config) -> Result<ReadOptions, Failure> {
    let mut options = args.wash.read_options(config)?;
    options.url.clone_from(&args.url);
    // A folder that is written into is not read from, should it stand inside an input.
    options.skip = args.out.iter().cloned().collect();
    Ok(options)
}

/// Where outcomes go, and what was seen of them.
struct Sink {
    stdout: Option<Stdout>,
    folder: Option<Folder>,
    json: bool,
    progress: Progress,
    failed: usize,
    error: Option<Fault>,
    closed: bool,
}

impl Sink {
    fn new(args: &CleanArgs, single: bool) -> Result<Self, Failure> {
        let json = matches!(args.format, Some(Format::Json | Format::Ndjson));
        let ending = match args.format {
            Some(Format::Markdown) => "md",
            _ if json => "json",
            _ => "txt",
        };
        let folder = match &args.out {
            Some(path) => Some(Folder::create(path, ending)?),
            None => None,
        };
        let format = args.format.unwrap_or(if single { Format::Text } else { Format::Ndjson });
        let stdout = folder.is_none().then(|| Stdout::new(format, single));
        Ok(Self { stdout, folder, json, progress: Progress::new(!single), failed: 0, error: None, closed: false })
    }

    /// Whether the records of good documents are shown at all.
    fn wants_record(&self) -> bool {
        self.json || self.stdout.as_ref().is_some_and(Stdout::shows_records)
    }

    fn take(&mut self, outcome: &Outcome, record: &[u8]) -> ControlFlow<()> {
        self.progress.step();
        if let Err(failed) = outcome {
            self.failed += 1;
            self.progress
                .hide(|| complain(&format!("{}: {}: {}", failed.id, failed.error.code.as_str(), failed.error.message)));
        }
        let written = if let Some(stdout) = &mut self.stdout {
            stdout.write(outcome, record).map_err(|error| {
                self.closed = error.kind() == io::ErrorKind::BrokenPipe;
                Fault::new(Code::Unwritable, format!("cannot write standard output: {error}"))
            })
        } else if let Some(folder) = &mut self.folder {
            folder.write(outcome, record, self.json)
        } else {
            Ok(())
        };
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                self.error = Some(fault);
                ControlFlow::Break(())
            }
        }
    }

    fn finish(self, interrupted: bool) -> Result<Exit, Failure> {
        self.progress.finish();
        // Whoever reads may stop reading: that is no error.
        if self.closed {
            return Ok(Exit::Done);
        }
        if let Some(fault) = self.error {
            return Err(Failure(fault));
        }
        if let Some(stdout) = self.stdout
            && let Err(error) = stdout.finish()
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            return Err(Failure(Fault::new(Code::Unwritable, format!("cannot write standard output: {error}"))));
        }
        Ok(match (interrupted, self.failed) {
            (true, _) => Exit::Interrupted,
            (false, 0) => Exit::Done,
            (false, _) => Exit::SomeFailed,
        })
    }
}
