//! `taoxi rules …`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::args::RulesCommand;
use super::exit::Exit;
use super::{Failure, complain, explain, learn, stats, try_rules};
use crate::clean::selftest;
use crate::config::Config;
use crate::error::{Code, Fault};
use crate::html::cosmetic::FilterSet;
use crate::rules::{self, RuleSet, json_schema, reference, skeleton};
use crate::steps::Action;

pub(super) fn run(command: &RulesCommand, config: &Config, stop: &AtomicBool) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    match command {
        RulesCommand::List { rules, json } => list(&mut out, load(rules.as_deref(), config)?.as_ref(), *json),
        RulesCommand::Check { dir } => check(&mut out, dir.as_deref()),
        RulesCommand::Test { dir, only } => test(&mut out, dir.as_deref(), only),
        RulesCommand::Schema => {
            writeln!(out, "{:#}", json_schema::schema())?;
            Ok(Exit::Done)
        }
        RulesCommand::New { id, dir } => new(&mut out, id, dir),
        RulesCommand::Explain { file, url, profile, rules } => {
            let set = load(rules.as_deref(), config)?;
            let profile = profile.clone().or_else(|| Some(config.profile().to_owned()));
            explain::run(&mut out, file, url.clone(), profile, &set, config)
        }
        RulesCommand::Try(args) => try_rules::run(&mut io::BufWriter::new(out), args, config, stop),
        RulesCommand::Stats(args) => stats::run(&mut io::BufWriter::new(out), args, config, stop),
        RulesCommand::Learn(args) => {
            drop(out);
            learn::run(args, config)
        }
        RulesCommand::Reference => {
            out.write_all(reference::markdown().as_bytes())?;
            Ok(Exit::Done)
        }
    }
}

/// The rule set with an overlay from the arguments or the settings.
pub(super) fn load(dir: Option<&Path>, config: &Config) -> Result<Arc<RuleSet>, Failure> {
    let overlay: Option<PathBuf> = dir.map(Path::to_path_buf).or_else(|| config.rules().map(Path::to_path_buf));
    let set = rules::load(overlay.as_deref()).map_err(|error| Failure::of(&error))?;
    let set = rules::load::with_filters(set, config.filter_lists()).map_err(|error| Failure::of(&error))?;
    if let Some(report) = set.filters().map(FilterSet::report).filter(|report| !report.refused.is_empty()) {
        complain(&format!("filter lists: {report}"));
    }
    Ok(Arc::new(set))
}

fn list(out: &mut impl Write, set: &RuleSet, as_json: bool) -> Result<Exit, Failure> {
    for file in set.files() {
        if as_json {
            let steps: Vec<_> = file.steps.iter().map(|step| json!({"id": step.id, "kind": step.kind})).collect();
            let record = json!({"id": file.id, "title": file.title, "why": file.why, "group": file.group, "hosts": file.hosts, "signs": file.signs,
                "enabled": file.enabled, "steps": steps, "tests": file.tests.len(), "origin": file.origin});
            writeln!(out, "{record}")?;
        } else {
            let scope = if file.is_pack() { file.group.clone() } else { file.hosts.join(" ") };
            let state = if file.enabled { "" } else { " (off)" };
            writeln!(
                out,
                "{:<24} {:<28} {:>3} steps {:>3} tests  {}{state}",
                file.id,
                scope,
                file.steps.len(),
                file.tests.len(),
                file.title
            )?;
        }
    }
    if !as_json {
        let steps: usize = set.files().iter().map(|file| file.steps.len()).sum();
        let profiles: Vec<&str> = set.profiles().iter().map(|profile| profile.id.as_str()).collect();
        writeln!(
            out,
            "{} rule files, {steps} steps; profiles {}; {}",
            set.files().len(),
            profiles.join(", "),
            set.digest()
        )?;
    }
    Ok(Exit::Done)
}

fn check(out: &mut impl Write, dir: Option<&Path>) -> Result<Exit, Failure> {
    let set = match rules::load(dir) {
        Ok(set) => set,
        Err(rules::LoadError::Faults(faults)) => {
            for fault in &faults {
                writeln!(out, "{fault}\n")?;
            }
            writeln!(out, "{} faults", faults.len())?;
            return Ok(Exit::SomeFailed);
        }
        Err(error) => return Err(Failure::of(&error)),
    };
    let mut faults = 0;
    for file in set.files() {
        for step in &file.steps {
            let Action::Rule(rule) = &step.action else { continue };
            for error in rule.patterns().into_iter().filter_map(|pattern| pattern.check().err()) {
                writeln!(out, "{}: step `{}`: {error}", file.origin, step.id)?;
                faults += 1;
            }
        }
    }
    writeln!(out, "{} rule files, {} profiles, {faults} faults", set.files().len(), set.profiles().len())?;
    Ok(if faults == 0 { Exit::Done } else { Exit::SomeFailed })
}

fn test(out: &mut impl Write, dir: Option<&Path>, only: &[String]) -> Result<Exit, Failure> {
    let set = Arc::new(rules::load(dir).map_err(|error| Failure::of(&error))?);
    if let Some(unknown) = only.iter().find(|id| !set.files().iter().any(|file| file.id == **id)) {
        return Err(Failure(Fault::new(Code::UnknownRule, format!("there is no rule file `{unknown}`"))));
    }
    let outcome = selftest::run(&set, only);
    for fault in &outcome.faults {
        writeln!(out, "{fault}")?;
    }
    writeln!(out, "{} rule files, {} tests, {} faults", outcome.files, outcome.tests, outcome.faults.len())?;
    Ok(if outcome.faults.is_empty() { Exit::Done } else { Exit::SomeFailed })
}

fn new(out: &mut impl Write, id: &str, dir: &Path) -> Result<Exit, Failure> {
    let Some(text) = skeleton::skeleton(id) else {
        return Err(Failure(Fault::new(
            Code::Usage,
            format!("`{id}` is no id: use lower-case letters, digits and single hyphens"),
        )));
    };
    let path = dir.join(format!("{id}.toml"));
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = made {
        complain(&format!("cannot write {}: {error}", path.display()));
        return Ok(Exit::Unusable);
    }
    writeln!(out, "{}", path.display())?;
    Ok(Exit::Done)
}
