//! `taoxi rules explain FILE`: a washed document, edit by edit.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use super::exit::Exit;
use crate::archive::{self, Input};
use crate::clean::{Cleaner, Options, restored};
use crate::config::Config;
use crate::document::{Content, Document};
use crate::rules::RuleSet;

/// Longest excerpt of an edit, in characters.
const EXCERPT: usize = 60;

pub(super) fn run(
    out: &mut impl Write,
    file: &Path,
    url: Option<String>,
    profile: Option<String>,
    rules: &Arc<RuleSet>,
    config: &Config,
) -> Result<Exit, Failure> {
    let input = if file == Path::new("-") { Input::Stdin } else { Input::Path(PathBuf::from(file)) };
    let read = archive::ReadOptions { url, limits: config.archive_limits(), ..archive::ReadOptions::default() };
    let cleaner = Cleaner::new(rules.clone()).with_limits(config.clean_limits());
    let options = Options { profile, ..Options::default() };
    let mut exit = Exit::Done;
    for document in archive::documents(vec![input], read) {
        let outcome = document.map_err(|record| record.error).and_then(|document| {
            let source = document.clone();
            cleaner
                .clean(document, &options)
                .map(|washed| (source, washed))
                .map_err(|error| crate::error::fault(&error))
        });
        match outcome {
            Ok((source, washed)) => explain(out, rules, &source, &washed)?,
            Err(fault) => {
                super::complain(&format!("{}: {}", fault.code.as_str(), fault.message));
                exit = Exit::SomeFailed;
            }
        }
    }
    Ok(exit)
}

fn explain(
    out: &mut impl Write,
    rules: &RuleSet,
    source: &Document,
    cleaned: &crate::document::Cleaned,
) -> Result<(), Failure> {
    let edits = cleaned.edits.as_deref().unwrap_or_default();
    let mut newlines = LineCounter::new(source, cleaned);
    for edit in edits {
        let why = rules.names().iter().find(|name| name.name == edit.rule).map_or("", |name| name.why.as_str());
        writeln!(out, "line {}: {}", newlines.line_of(edit.start), edit.rule)?;
        writeln!(out, "  why: {why}")?;
        if !edit.also.is_empty() {
            writeln!(out, "  also: {}", edit.also.join(", "))?;
        }
        writeln!(out, "  - {}", excerpt(edit.before.as_deref()))?;
        if edit.after.as_deref().is_some_and(|after| !after.is_empty()) {
            writeln!(out, "  + {}", excerpt(edit.after.as_deref()))?;
        }
    }
    let flags: Vec<&str> = cleaned.flags.iter().map(|flag| flag.as_str()).collect();
    let flags = if flags.is_empty() { "none".to_owned() } else { flags.join(", ") };
    writeln!(
        out,
        "{}: {} edits, {:.1} % of the letters removed, flags: {flags}",
        cleaned.id,
        edits.len(),
        cleaned.stats.removed_share * 100.0
    )?;
    Ok(())
}

/// What an edit took or gave, on one line.
fn excerpt(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let count = text.chars().count();
    let shown: String =
        text.chars().take(EXCERPT).map(|c| if c == '\n' { '⏎' } else { c }).filter(|c| !c.is_control()).collect();
    if count > EXCERPT { format!("{shown}… ({count} characters)") } else { shown }
}

/// Counts lines as edits come in order.
struct LineCounter {
    text: String,
    at: usize,
    line: usize,
}

impl LineCounter {
    /// Over the source that the edits refer to: put back from the cleaned text, which also holds for HTML and any encoding.
    fn new(source: &Document, cleaned: &crate::document::Cleaned) -> Self {
        let text = match (&source.content, cleaned.source.media_type) {
            (Content::Text(text), "text/plain") => text.clone(),
            _ => restored(&cleaned.text, cleaned.edits.as_deref().unwrap_or_default()),
        };
        Self { text, at: 0, line: 1 }
    }

    fn line_of(&mut self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        self.line += memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at.min(offset)..offset]).count();
        self.at = self.at.max(offset);
        self.line
    }
}
