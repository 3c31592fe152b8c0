//! `taoxi rules stats INPUT…`: what each step of the rules in force does to documents.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::AtomicBool;

use super::args::{ReportFormat, StatsArgs};
use super::exit::Exit;
use super::{Failure, corpus, rules};
use crate::clean::{Cleaner, host};
use crate::config::Config;
use crate::rules::RuleSet;
use crate::trial::{Row, Seen, Statistics, Tally};

pub(super) fn run(out: &mut impl Write, args: &StatsArgs, config: &Config, stop: &AtomicBool) -> Result<Exit, Failure> {
    let cleaner = Cleaner::new(rules::load(None, config)?).with_limits(config.clean_limits());
    let options = args.corpus.wash.options(config);
    corpus::check(&cleaner, &options)?;
    let mut tally = Tally::default();
    let exit = corpus::each(
        (&args.inputs, &args.corpus),
        config,
        stop,
        |document| {
            let host = document.url.as_deref().and_then(host);
            Ok(Seen::of(&cleaner.trace(document, &options)?, host.as_deref()))
        },
        |seen| {
            if let Ok(seen) = seen {
                tally.add(&seen);
            }
            Ok(())
        },
    )?;
    if exit == Exit::Interrupted {
        return Ok(exit);
    }
    let statistics = tally.statistics(cleaner.rules(), config.profile());
    match args.format {
        ReportFormat::Json => writeln!(out, "{}", serde_json::to_string_pretty(&statistics).unwrap_or_default())?,
        ReportFormat::Text => table(out, &statistics, cleaner.rules())?,
    }
    out.flush()?;
    Ok(exit)
}

fn table(out: &mut impl Write, all: &Statistics, rules: &RuleSet) -> Result<(), Failure> {
    writeln!(
        out,
        "{:>9} {:>7} {:>9} {:>11} {:>8} {:>8} {:>8} {:>6}  step",
        "documents", "share", "edits", "bytes", "head", "middle", "tail", "hosts"
    )?;
    for row in all.steps.iter().filter(|row| !row.is_dead()) {
        writeln!(
            out,
            "{:>9} {:>5.1} % {:>9} {:>11} {:>8} {:>8} {:>8} {:>6}  {}",
            row.documents,
            row.share * 100.0,
            row.edits,
            row.removed_bytes,
            row.head,
            row.middle,
            row.tail,
            row.hosts,
            row.rule
        )?;
    }
    let greedy: Vec<&Row> = all.steps.iter().filter(|row| !row.greedy.is_empty()).collect();
    if !greedy.is_empty() {
        writeln!(out, "\ngreedy, to be looked at:")?;
    }
    for row in greedy {
        let reasons: Vec<&str> = row.greedy.iter().map(|reason| reason.as_str()).collect();
        writeln!(
            out,
            "  {}: {}; takes {:.1} % of a document in the mean and {:.1} % at most; refused in {}, most gone in {}",
            row.rule,
            reasons.join(", "),
            row.mean_removed * 100.0,
            row.most_removed * 100.0,
            row.cut_refused,
            row.mostly_removed
        )?;
        for example in &row.examples {
            writeln!(out, "    {example}")?;
        }
    }
    dead(out, all, rules)?;
    let shrunk = all.source_bytes.saturating_sub(all.text_bytes) as f64 / all.source_bytes.max(1) as f64;
    writeln!(
        out,
        "\n{} documents of {} hosts, {} changed; {} bytes, {:.1} % less after washing; {}",
        all.documents,
        all.hosts,
        all.changed,
        all.source_bytes,
        shrunk * 100.0,
        all.rules
    )?;
    Ok(())
}

/// Steps that never acted: by their files, and whole files where none of the steps did.
fn dead(out: &mut impl Write, all: &Statistics, rules: &RuleSet) -> Result<(), Failure> {
    let mut by_file: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, step) in all.dead.iter().filter_map(|rule| rule.split_once('/')) {
        by_file.entry(file).or_default().push(step);
    }
    let steps = |id: &str| rules.files().iter().find(|file| file.id == id).map(|file| file.steps.len());
    let (whole, some): (Vec<_>, Vec<_>) = by_file.into_iter().partition(|(file, dead)| steps(file) == Some(dead.len()));
    if !some.is_empty() {
        writeln!(out, "\ndead steps:")?;
        for (file, dead) in some {
            writeln!(out, "  {file}: {}", dead.join(", "))?;
        }
    }
    if !whole.is_empty() {
        let names: Vec<&str> = whole.iter().map(|(file, _)| *file).collect();
        writeln!(out, "\ndead files: {}", names.join(", "))?;
    }
    Ok(())
}
