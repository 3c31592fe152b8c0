//! The command line: one file per command.

pub mod args;
mod clean;
mod collection;
mod compare;
mod corpus;
mod dedupe;
mod dedupe_args;
mod exit;
mod explain;
pub mod import;
mod input;
#[cfg(feature = "server")]
mod keys;
mod learn;
mod output;
mod progress;
mod rules;
mod rules_args;
#[cfg(feature = "server")]
mod serve;
mod settings;
mod side_by_side;
mod stats;
mod try_rules;
mod wash_args;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::CommandFactory as _;

use args::{Cli, Command};
use exit::Exit;
use settings::SettingArgs as _;

use crate::error::{Code, Coded, Fault, fault};

/// Why a command could not do its work at all.
#[derive(Debug)]
struct Failure(Fault);

impl Failure {
    fn of(error: &dyn Coded) -> Self {
        Self(fault(error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(Fault::new(Code::Unwritable, format!("cannot write: {error}")))
    }
}

/// Runs a parsed command line and gives the exit status.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let stop = Arc::new(AtomicBool::new(false));
    if takes_signals(&cli.command) {
        stop_on_signals(&stop);
    }
    match command(cli, &stop) {
        Ok(exit) => exit.into(),
        Err(Failure(fault)) => {
            complain(&format!("{}: {}\n{}", fault.code.as_str(), fault.message, fault.code.hint()));
            Exit::Unusable.into()
        }
    }
}

/// The service has its own way with signals.
fn takes_signals(command: &Command) -> bool {
    #[cfg(feature = "server")]
    if matches!(command, Command::Serve(_)) {
        return false;
    }
    let _ = command;
    true
}

fn stop_on_signals(stop: &Arc<AtomicBool>) {
    let signal = stop.clone();
    // A second Ctrl-C ends the process at once, for a reader that blocks.
    let handler = ctrlc::set_handler(move || {
        if signal.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    if let Err(error) = handler {
        complain(&format!("Ctrl-C will not be handled: {error}"));
    }
}

fn command(cli: Cli, stop: &AtomicBool) -> Result<Exit, Failure> {
    let config = cli.config;
    match cli.command {
        Command::Clean(args) => clean::run(&args, &settings::load(config, args.wash.flags())?, stop),
        Command::Compare(args) => piped(compare::run(&args, &settings::load(config, args.flags())?)),
        Command::Dedupe(args) => dedupe::run(&args, &settings::load(config, args.flags())?, stop),
        #[cfg(feature = "server")]
        Command::Serve(args) => serve::serve(&settings::load(config, args.flags())?),
        #[cfg(feature = "server")]
        Command::Health(args) => serve::health(&args, &settings::load(config, Vec::new())?),
        Command::Collection { data, store, command } => {
            piped(collection::run(command, &settings::load(config, settings::place_flags(data.as_deref(), store))?))
        }
        Command::Rules { command } => piped(rules::run(&command, &settings::load(config, command.flags())?, stop)),
        #[cfg(feature = "server")]
        Command::Keys { command } => piped(keys::run(&command, &settings::load(config, command.flags())?)),
        Command::Config { command } => piped(settings::run(&command, config)),
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "taoxi", &mut bytes);
            piped(print(&bytes))
        }
        Command::Man => {
            let mut bytes = Vec::new();
            man(&mut bytes)?;
            piped(print(&bytes))
        }
    }
}

/// The manual page with every command's own section.
fn man(out: &mut Vec<u8>) -> io::Result<()> {
    let root = Cli::command();
    clap_mangen::Man::new(root.clone()).render(out)?;
    for sub in root.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        writeln!(out, ".SH \"TAOXI {}\"", sub.get_name().to_uppercase())?;
        let page = clap_mangen::Man::new(sub.clone());
        page.render_description_section(out)?;
        page.render_options_section(out)?;
        if sub.has_subcommands() {
            page.render_subcommands_section(out)?;
        }
    }
    Ok(())
}

fn print(bytes: &[u8]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(Exit::Done)
}

/// A closed pipe is no error.
fn piped(result: Result<Exit, Failure>) -> Result<Exit, Failure> {
    match result {
        Err(Failure(fault)) if fault.code == Code::Unwritable && fault.message.contains("Broken pipe") => {
            Ok(Exit::Done)
        }
        other => other,
    }
}

/// A line on standard error.
fn complain(message: &str) {
    let mut err = io::stderr().lock();
    // Nobody is left to be told when standard error is closed.
    let _ = writeln!(err, "taoxi: {message}");
}
