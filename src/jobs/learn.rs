//! Jobs that propose rule files: pages in, files with their evidence out.
//!
//! `rules.ndjson` has a line for each proposed file with its TOML; `report.json` says why each step is proposed, what was refused and why, and which sites were passed over;
//! `errors.ndjson` names the pages that could not be read. All are the same for the same pages and options.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::error::JobError;
use super::job::Counts;
use super::options::{IdDup, MediaType, choice, fields, number, short};
use super::settings::Settings;
use crate::archive::{self, Input, ReadOptions};
use crate::batch::Progress;
use crate::clean::CleanError;
use crate::document::{self, Document, ErrorRecord};
use crate::error::{Code, Fault, fault};
use crate::learn::{Learned, Learner, Options, Page, Proposal};

/// The stage in which pages are read, as progress names it.
pub(super) const READ: &str = "read";
/// The stage in which rules are learned.
pub(super) const LEARN: &str = "learn";

/// The options of a job that proposes rules. What is not given is as `taoxi rules learn` has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LearnOptions {
    /// The host of all pages, whatever their URLs say; otherwise they are grouped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Pages that must share something before it is proposed, 2 or more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_support: Option<usize>,
    /// The largest share of a page's letters that a step may take, above 0 and up to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_share: Option<f64>,
    /// Threads, at most those of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// Names of the fields of a JSONL record: `id=…,text=…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
    /// What happens to a second page with an id; it is renamed by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_dup: Option<IdDup>,
    /// What every page is; auto by default.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
}

/// The names that [`LearnOptions::set`] knows.
const NAMES: &str = "host, min_support, max_share, threads, fields, id_dup and type";

impl LearnOptions {
    /// Sets an option by its name, as a query or a form gives it.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), JobError> {
        match name {
            "host" => self.host = Some(value.to_owned()),
            "min_support" => self.min_support = Some(number(name, value)?),
            "max_share" => {
                let share = value.parse().ok().filter(|share: &f64| share.is_finite());
                let wanted = || format!("`max_share` must be a number such as 0.5, not `{}`", short(value));
                self.max_share = Some(share.ok_or_else(|| JobError::Option(wanted()))?);
            }
            "threads" => self.threads = Some(number(name, value)?),
            "fields" => self.fields = Some(value.to_owned()),
            "id_dup" => self.id_dup = Some(choice(name, value)?),
            "type" => self.media_type = Some(choice(name, value)?),
            _ => {
                return Err(JobError::Option(format!("there is no option `{}`; the options are {NAMES}", short(name))));
            }
        }
        Ok(())
    }

    /// Refuses what cannot be done.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), JobError> {
        if self.threads.is_some_and(|threads| threads == 0 || threads > settings.threads) {
            return Err(JobError::Option(format!("`threads` must be from 1 to {} (threads)", settings.threads)));
        }
        fields(self.fields.as_deref())?;
        Learner::new(self.learner(settings)).map(|_| ()).map_err(|error| JobError::Fault(fault(&error)))
    }

    /// How the pages are read.
    pub(super) fn read(&self, settings: &Settings) -> Result<ReadOptions, JobError> {
        Ok(ReadOptions {
            fields: fields(self.fields.as_deref())?,
            media_type: self.media_type.map_or_else(document::MediaType::default, Into::into),
            id_dup: self.id_dup.map_or(archive::IdDup::Suffix, Into::into),
            limits: settings.limits.clone(),
            ..ReadOptions::default()
        })
    }

    fn learner(&self, settings: &Settings) -> Options {
        let usual = Options::default();
        Options {
            host: self.host.clone(),
            min_support: self.min_support.or(usual.min_support),
            max_share: self.max_share.unwrap_or(usual.max_share),
            threads: self.threads.unwrap_or(settings.threads).min(settings.threads),
            ..usual
        }
    }
}

/// Learns from the pages of an archive into a folder.
pub(super) fn run(
    input: Input,
    out: &Path,
    options: &LearnOptions,
    settings: &Settings,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<Counts, Fault> {
    fs::create_dir_all(out).map_err(|error| fault(&JobError::of(out)(error)))?;
    let read = options.read(settings).map_err(|error| fault(&error))?;
    let mut learner = Learner::new(options.learner(settings)).map_err(|error| fault(&error))?;
    let mut errors = ResultLines::create(out, "errors.ndjson")?;
    let (mut pages, mut failed) = (0, 0);
    progress.stage(READ, 0);
    for document in archive::documents(vec![input], read) {
        if stop.load(Ordering::Relaxed) {
            return Err(Fault::new(Code::Stopped, "the service is being stopped"));
        }
        match document.and_then(page) {
            Ok(page) => {
                learner.add(&page).map_err(|error| fault(&error))?;
                pages += 1;
            }
            Err(record) => {
                errors.put(&record)?;
                failed += 1;
            }
        }
        progress.add(1);
    }
    errors.finish()?;
    progress.stage(LEARN, 0);
    let proposed = learner.finish_unless(stop).map_err(|error| fault(&error))?;
    let rule_files = Some(proposed.files.len() as u64);
    write(out, &proposed, failed)?;
    Ok(Counts { documents: pages, failed, rule_files, ..Counts::default() })
}

fn page(document: Document) -> Result<Page, ErrorRecord> {
    let id = document.id.clone();
    Page::of(document).map_err(|error| ErrorRecord { id, error: fault(&CleanError::from(error)) })
}

fn write(out: &Path, learned: &Learned, failed: u64) -> Result<(), Fault> {
    let mut rules = ResultLines::create(out, "rules.ndjson")?;
    for Proposal { id, host, signs, pages, learned_from, toml, .. } in &learned.files {
        rules.put(&json!({"id": id, "file": format!("{id}.toml"), "host": host, "signs": signs, "pages": pages,
            "learned_from": learned_from, "toml": toml}))?;
    }
    rules.finish()?;
    let mut report = serde_json::to_value(learned).unwrap_or_default();
    // The files themselves stand in rules.ndjson.
    for file in report["files"].as_array_mut().into_iter().flatten() {
        if let Value::Object(file) = file {
            file.shift_remove("toml");
        }
    }
    report["failed"] = failed.into();
    report["versions"] = json!({"taoxi": env!("CARGO_PKG_VERSION")});
    let path = out.join("report.json");
    let bytes = serde_json::to_vec_pretty(&report).unwrap_or_default();
    fs::write(&path, bytes).map_err(|error| fault(&JobError::of(&path)(error)))
}

/// A result file of JSON, a value a line.
struct ResultLines {
    out: BufWriter<File>,
    failed: Box<dyn Fn(std::io::Error) -> JobError>,
}

impl ResultLines {
    fn create(folder: &Path, name: &str) -> Result<Self, Fault> {
        let failed = JobError::of(&folder.join(name));
        let file = File::create(folder.join(name)).map_err(|error| fault(&failed(error)))?;
        Ok(Self { out: BufWriter::new(file), failed: Box::new(failed) })
    }

    fn put(&mut self, value: &impl Serialize) -> Result<(), Fault> {
        let mut bytes = serde_json::to_vec(value).unwrap_or_default();
        bytes.push(b'\n');
        self.out.write_all(&bytes).map_err(|error| fault(&(self.failed)(error)))
    }

    fn finish(mut self) -> Result<(), Fault> {
        self.out.flush().map_err(|error| fault(&(self.failed)(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_set_by_name_and_stored_as_given() {
        let mut options = LearnOptions::default();
        for (name, value) in [("host", "example.com"), ("min_support", "4"), ("max_share", "0.5"), ("type", "html")] {
            options.set(name, value).unwrap();
        }
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(json, r#"{"host":"example.com","min_support":4,"max_share":0.5,"type":"html"}"#);
        assert_eq!(serde_json::from_str::<LearnOptions>(&json).unwrap(), options);
        for (name, value, message) in [
            ("max_share", "NaN", "`max_share` must be a number such as 0.5, not `NaN`"),
            ("keep", "first", "there is no option `keep`; the options are host, min_support"),
        ] {
            let error = options.set(name, value).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
