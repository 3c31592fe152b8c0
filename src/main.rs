//! The `taoxi` binary: parse, run, exit status.

use clap::Parser as _;
use taoxi::cli;

fn main() -> std::process::ExitCode {
    cli::run(cli::args::Cli::parse())
}
