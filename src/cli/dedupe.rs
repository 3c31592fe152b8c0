//! `taoxi dedupe`.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::args::{DedupeArgs, KeepArg, WriteArg};
use super::exit::Exit;
use super::{Failure, complain, input, rules};
use crate::batch::{self, BatchError, Inputs, Options, Passages, Progress, WriteFormat, Written};
use crate::clean::Cleaner;
use crate::config::Config;
use crate::dedup::Keep;
use crate::document::Document;

pub(super) fn run(args: &DedupeArgs, config: &Config, stop: &AtomicBool) -> Result<Exit, Failure> {
    let set = rules::load(None, config)?;
    let cleaner = Cleaner::new(set).with_limits(config.clean_limits());
    let options = options(args, config);
    // A misspelt profile, rule or encoding is an unusable argument, not a fault of each document.
    cleaner.clean(Document::from_bytes("", Vec::new()), &options.clean).map_err(|error| Failure::of(&error))?;
    let inputs = Inputs {
        own: input::inputs(&args.inputs),
        against: input::inputs(&args.against),
        read: args.wash.read_options(config)?,
    };
    let progress = Bars::new();
    let format = args.write.map(|write| match write {
        WriteArg::Jsonl => WriteFormat::Jsonl,
        WriteArg::Parquet => WriteFormat::Parquet,
        WriteArg::Warc => WriteFormat::Warc,
    });
    let written = Written::new(format, options.compress, &inputs, &args.out, stop);
    let mut taker = written.map_err(|error| Failure::of(&error))?;
    let outcome = batch::dedupe(&inputs, &args.out, &cleaner, &options, &progress, stop, &mut taker);
    progress.finish();
    match outcome {
        Ok(outcome) => {
            let copies = outcome.documents - outcome.kept;
            complain(&format!(
                "{} documents: {} kept, {copies} copies, {} failed",
                outcome.documents, outcome.kept, outcome.failed
            ));
            Ok(if outcome.failed > 0 { Exit::SomeFailed } else { Exit::Done })
        }
        Err(BatchError::Stopped) if stop.load(Ordering::Relaxed) => Ok(Exit::Interrupted),
        Err(error) => Err(Failure::of(&error)),
    }
}

fn options(args: &DedupeArgs, config: &Config) -> Options {
    Options {
        clean: args.wash.options(config),
        wash: !args.no_clean,
        keep: match args.keep {
            KeepArg::Longest => Keep::Longest,
            KeepArg::Cleanest => Keep::Cleanest,
            KeepArg::Earliest => Keep::Earliest,
            KeepArg::First => Keep::First,
        },
        radius: args.radius,
        threads: config.thread_count(),
        memory: config.memory(),
        tmp: args.tmp.clone(),
        compress: args.compress.is_some(),
        copies: args.copies,
        passages: (args.passages || args.drop_passages).then_some(Passages {
            drop: args.drop_passages,
            documents: args.passage_min_documents,
            length: args.passage_min_length,
        }),
    }
}

/// A bar for each stage, on a terminal.
struct Bars {
    bar: Mutex<ProgressBar>,
    shown: bool,
}

impl Bars {
    fn new() -> Self {
        Self { bar: Mutex::new(ProgressBar::hidden()), shown: std::io::stderr().is_terminal() }
    }

    fn with(&self, act: impl FnOnce(&mut ProgressBar)) {
        act(&mut self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    fn finish(&self) {
        self.with(|bar| bar.finish_and_clear());
    }
}

impl Progress for Bars {
    fn stage(&self, name: &'static str, total: u64) {
        if !self.shown {
            return;
        }
        self.with(|bar| {
            bar.finish_and_clear();
            *bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
            let template = match (total > 0, name == "wash") {
                (true, true) => "{msg:>10} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
                (true, false) => "{msg:>10} {wide_bar} {pos}/{len} {eta}",
                _ => "{msg:>10} {spinner} {pos} {elapsed}",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_message(name);
            bar.enable_steady_tick(Duration::from_millis(200));
        });
    }

    fn add(&self, done: u64) {
        if self.shown {
            self.with(|bar| bar.inc(done));
        }
    }

    fn failed(&self, id: &str, message: &str) {
        self.with(|bar| bar.suspend(|| complain(&format!("{id}: {message}"))));
    }
}
