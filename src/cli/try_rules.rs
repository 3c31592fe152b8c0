//! `taoxi rules try RULES INPUT…`: a dry run of rule files.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::args::{ReportFormat, TryArgs};
use super::exit::Exit;
use super::{Failure, corpus, rules};
use crate::clean::Cleaner;
use crate::config::Config;
use crate::document::ErrorRecord;
use crate::error::{Code, Fault};
use crate::rules::load;
use crate::trial::{Row, Seen, Tally, Trial, Tried};

pub(super) fn run(out: &mut impl Write, args: &TryArgs, config: &Config, stop: &AtomicBool) -> Result<Exit, Failure> {
    let in_force = rules::load(None, config)?;
    let sources = load::sources(&args.file).map_err(|error| Failure::of(&error))?;
    let files = load::ids(&sources).map_err(|error| Failure::of(&error))?;
    if sources.is_empty() {
        let message = format!("{}: there is no rule file (.toml) in it", args.file.display());
        return Err(Failure(Fault::new(Code::Usage, message)));
    }
    let tried = load::load_over(config.rules(), &sources).map_err(|error| Failure::of(&error))?;
    let tried = Cleaner::new(Arc::new(tried.with_filters_of(&in_force))).with_limits(config.clean_limits());
    let in_force = Cleaner::new(in_force).with_limits(config.clean_limits());
    let options = args.corpus.wash.options(config);
    corpus::check(&tried, &options)?;
    let trial = Trial::new(&in_force, &tried, &files);
    let mut report = Report { json: args.format == ReportFormat::Json, summary: args.summary, ..Report::default() };
    report.begin(out)?;
    let exit = corpus::each(
        (&args.inputs, &args.corpus),
        config,
        stop,
        |document| trial.document(document, &options).map(|(tried, seen, _)| (tried, seen)),
        |result| report.document(out, result),
    )?;
    if exit != Exit::Interrupted {
        report.end(out, &trial.steps(&report.tally), (in_force.rules().digest(), tried.rules().digest()))?;
    }
    out.flush()?;
    Ok(exit)
}

/// Writes documents as they come, and the figures at the end.
#[derive(Default)]
struct Report {
    json: bool,
    summary: bool,
    tally: Tally,
    documents: u64,
    failed: u64,
    /// Documents that come out otherwise than under the set in force.
    changed: u64,
    removed: u64,
    kept: u64,
    /// Records written.
    written: u64,
}

impl Report {
    fn begin(&self, out: &mut impl Write) -> Result<(), Failure> {
        if self.json && !self.summary {
            write!(out, "{{\"documents\":[")?;
        }
        Ok(())
    }

    fn document(&mut self, out: &mut impl Write, result: Result<(Tried, Seen), ErrorRecord>) -> Result<(), Failure> {
        self.documents += 1;
        let (tried, seen) = match result {
            Ok(found) => found,
            Err(record) => {
                self.failed += 1;
                return if self.json && !self.summary { self.record(out, &record) } else { Ok(()) };
            }
        };
        self.tally.add(&seen);
        if let Some(change) = &tried.change {
            self.changed += 1;
            self.removed += change.removed.len() as u64;
            self.kept += change.kept.len() as u64;
        }
        match (self.summary, self.json) {
            (true, _) => Ok(()),
            (false, true) => self.record(out, &tried),
            (false, false) => text(out, &tried),
        }
    }

    fn record(&mut self, out: &mut impl Write, record: &impl serde::Serialize) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(record).unwrap_or_default();
        out.write_all(if self.written == 0 { b"\n" } else { b",\n" })?;
        out.write_all(&bytes)?;
        self.written += 1;
        Ok(())
    }

    fn end(&self, out: &mut impl Write, steps: &[Row], (force, tried): (&str, &str)) -> Result<(), Failure> {
        let never: Vec<&str> = steps.iter().filter(|row| row.is_dead()).map(|row| row.rule.as_str()).collect();
        if self.json {
            let rest = json!({
                "tried": tried,
                "in_force": {"digest": force, "documents": self.changed, "removed_lines": self.removed, "kept_lines": self.kept},
                "counts": {"documents": self.documents, "failed": self.failed},
                "steps": steps,
                "never_fired": never,
            });
            let rest = rest.to_string();
            // The documents stand before it in the same object.
            let open = if self.summary { "{" } else { "\n]," };
            writeln!(out, "{open}{}", rest.strip_prefix('{').unwrap_or(&rest))?;
            return Ok(());
        }
        writeln!(out, "{:>9} {:>9} {:>11} {:>7}  step", "documents", "edits", "bytes", "share")?;
        for row in steps {
            let (documents, edits, bytes) = (row.documents, row.edits, row.removed_bytes);
            writeln!(out, "{documents:>9} {edits:>9} {bytes:>11} {:>5.1} %  {}", row.share * 100.0, row.rule)?;
            let first = row.examples.first().map(|example| format!("such as: {example}"));
            let refused = (row.cut_refused > 0)
                .then(|| format!("wanted to cut more than may go in {} documents (cut_refused)", row.cut_refused));
            let over = (row.edits == 0 && row.overlapped > 0).then(|| "what it took, later steps took too".to_owned());
            for note in [first, refused, over].into_iter().flatten() {
                writeln!(out, "{:>39}  {note}", "")?;
            }
        }
        if !never.is_empty() {
            writeln!(out, "never fired: {}", never.join(", "))?;
        }
        let (washed, changed) = (self.documents - self.failed, self.changed);
        let (removed, kept) = (self.removed, self.kept);
        writeln!(out, "{washed} documents washed, {} failed", self.failed)?;
        writeln!(
            out,
            "against the rules in force: {changed} documents differ, {removed} lines newly removed, {kept} newly kept"
        )?;
        Ok(())
    }
}

/// A document for people: its diff, its hits, and what is new.
fn text(out: &mut impl Write, tried: &Tried) -> Result<(), Failure> {
    if tried.diff.is_empty() && tried.change.is_none() && tried.hits.is_empty() {
        return Ok(());
    }
    out.write_all(tried.diff.as_bytes())?;
    writeln!(out)?;
    for hit in &tried.hits {
        let refused = if hit.cut_refused { ", cut_refused" } else { "" };
        writeln!(out, "{}: {}: {} edits, {} bytes{refused}", tried.id, hit.rule, hit.edits, hit.removed_bytes)?;
    }
    if let Some(change) = &tried.change {
        for (what, lines) in [("newly removed", &change.removed), ("newly kept", &change.kept)] {
            for line in lines {
                writeln!(out, "{}: {what}: {line}", tried.id)?;
            }
        }
    }
    if let Some(fault) = &tried.in_force {
        writeln!(out, "{}: the rules in force cannot wash it: {fault}", tried.id)?;
    }
    writeln!(out)?;
    Ok(())
}
