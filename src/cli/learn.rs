//! `taoxi rules learn`.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::args::{IdDupArg, LearnArgs};
use super::exit::Exit;
use super::progress::Progress;
use super::{Failure, complain, input};
use crate::archive;
use crate::config::Config;
use crate::document::{Document, ErrorRecord};
use crate::error::{Code, Coded as _, Fault};
use crate::learn::{Learned, Learner, Options, Page, Proposal, Refusal, is_same_site, update};
use crate::parallel;
use crate::rules::load::{read, toml_files};

pub(super) fn run(args: &LearnArgs, config: &Config) -> Result<Exit, Failure> {
    let defaults = Options::default();
    let options = Options {
        host: args.host.clone(),
        min_support: args.min_support,
        max_share: args.max_share.unwrap_or(defaults.max_share),
        pages_per_site: args.pages_per_site.unwrap_or(defaults.pages_per_site),
        threads: args.threads.filter(|threads| *threads > 0).unwrap_or_else(|| config.thread_count()),
    };
    let mut learner = Learner::new(options.clone()).map_err(|error| Failure::of(&error))?;
    let failed = take_pages(args, config, options.threads, &mut learner)?;
    let learned = learner.finish().map_err(|error| Failure::of(&error))?;
    let mut out = io::stdout().lock();
    let written = match &args.out {
        Some(folder) => write_files(&mut out, folder, &learned, args)?,
        None if args.json => true,
        None => {
            for file in &learned.files {
                writeln!(out, "{}", file.toml)?;
            }
            true
        }
    };
    if args.json {
        serde_json::to_writer_pretty(&mut out, &learned).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if args.out.is_none() {
        let mut err = io::stderr().lock();
        report(&mut err, &learned, args.refused)?;
    } else {
        report(&mut out, &learned, args.refused)?;
    }
    Ok(if failed == 0 && written { Exit::Done } else { Exit::SomeFailed })
}

/// Hands every readable page to the learner; gives how many could not be read, each named on standard error.
fn take_pages(args: &LearnArgs, config: &Config, threads: usize, learner: &mut Learner) -> Result<usize, Failure> {
    let mut read = input::read_options(args.fields.as_deref(), args.media_type, IdDupArg::Suffix, config)?;
    // A folder that is written into is not learned from.
    read.skip = args.out.iter().cloned().collect();
    let documents = archive::documents(input::inputs(&args.pages), read);
    let progress = Progress::new(true);
    let (mut failed, mut fault) = (0, None);
    let work = |document: Result<Document, ErrorRecord>| {
        let document = document.map_err(|record| (record.id, record.error.code, record.error.message))?;
        let id = document.id.clone();
        Page::of(document).map_err(|error| {
            let error = crate::clean::CleanError::from(error);
            (id, error.code(), error.to_string())
        })
    };
    let weigh = |document: &Result<Document, ErrorRecord>| document.as_ref().map_or(64, |one| one.content.len());
    parallel::ordered(documents, threads, weigh, work, &AtomicBool::new(false), |page| {
        progress.step();
        match page {
            Ok(page) => {
                if let Err(error) = learner.add(&page) {
                    fault = Some(Failure::of(&error));
                    return ControlFlow::Break(());
                }
            }
            Err((id, code, message)) => {
                failed += 1;
                progress.hide(|| complain(&format!("{id}: {}: {message}", code.as_str())));
            }
        }
        ControlFlow::Continue(())
    });
    progress.finish();
    fault.map_or(Ok(failed), Err)
}

/// Writes proposals into a folder, over what stands there of the same sites; gives whether all could be.
fn write_files(out: &mut impl Write, folder: &Path, learned: &Learned, args: &LearnArgs) -> Result<bool, Failure> {
    let unwritable = |path: &Path, error: &io::Error| {
        Failure(Fault::new(Code::Unwritable, format!("cannot write {}: {error}", path.display())))
    };
    std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    let mut there: Vec<(PathBuf, String)> = Vec::new();
    for path in toml_files(folder).map_err(|error| Failure::of(&error))? {
        let source = read(&path).map_err(|error| Failure::of(&error))?;
        there.push((path, source));
    }
    let mut all = true;
    for file in &learned.files {
        let known = there.iter().find(|(_, source)| is_same_site(source, file));
        let own = folder.join(format!("{}.toml", file.id));
        let (path, toml, news) = match known {
            None if own.exists() => {
                complain(&format!("{} is the file of another site; move it, or give another --out", own.display()));
                all = false;
                continue;
            }
            None => (&own, file.toml.clone(), format!("{} steps", file.steps.len())),
            Some((path, source)) => match update(&path.display().to_string(), source, file) {
                Ok(updated) => {
                    let kept_out = if updated.left_out.is_empty() {
                        String::new()
                    } else {
                        format!(", left out for changes by hand: {}", updated.left_out.join(" "))
                    };
                    let news = format!("{} steps known, {} added{kept_out}", updated.known, updated.added.len());
                    (path, updated.toml, news)
                }
                Err(error) => {
                    complain(&format!("{}: {error}", error.code().as_str()));
                    all = false;
                    continue;
                }
            },
        };
        replace(folder, path, &toml).map_err(|error| unwritable(path, &error))?;
        if !args.json {
            writeln!(out, "{}: {news}, from {} pages", path.display(), file.learned_from)?;
        }
    }
    Ok(all)
}

/// A file as a whole or not at all.
fn replace(folder: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.persist(path)?;
    Ok(())
}

/// What was proposed and refused, in words.
fn report(out: &mut impl Write, learned: &Learned, all: bool) -> io::Result<()> {
    for file in &learned.files {
        let Proposal { id, steps, refused, .. } = file;
        writeln!(out, "{id}: {} steps, {} candidates refused", steps.len(), refused.len())?;
        refusals(out, refused, all)?;
    }
    for site in &learned.passed_over {
        let name = site.host.as_deref().unwrap_or("pages without a URL");
        writeln!(out, "{name}: no file from {} pages: {}", site.pages, site.why)?;
        refusals(out, &site.refused, all)?;
    }
    writeln!(out, "{} pages, {} files proposed", learned.pages, learned.files.len())
}

fn refusals(out: &mut impl Write, refused: &[Refusal], all: bool) -> io::Result<()> {
    const FIRST: usize = 3;
    for refusal in refused.iter().take(if all { usize::MAX } else { FIRST }) {
        let text: String = refusal.text.chars().take(48).collect();
        writeln!(out, "  refused `{text}` ({} pages): {}", refusal.pages, refusal.why)?;
    }
    if !all && refused.len() > FIRST {
        writeln!(out, "  and {} more; --refused shows them", refused.len() - FIRST)?;
    }
    Ok(())
}
