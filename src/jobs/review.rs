//! What people decide about the copies of a job, and the records they look at for it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::JobError;
use super::files;
use super::job::{Job, State};
use super::service::Jobs;
use crate::clock::Moment;

/// Most decisions of a job: people make them, so more are a mistake.
pub(super) const MOST_DECISIONS: usize = 100_000;

/// Result files that hold records of documents.
const RECORDS: [&str; 2] = ["kept.ndjson", "copies.ndjson"];

/// What somebody decided about two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// `a` is to be kept, and `b` goes.
    KeepA,
    /// `b` is to be kept, and `a` goes.
    KeepB,
    /// Neither is a copy: both are to be kept.
    NotACopy,
}

/// A decision about two documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// The document that the run takes for a copy.
    pub a: String,
    /// The document that the run keeps for it.
    pub b: String,
    /// What was decided.
    pub decision: Choice,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// The id of the key with which it was decided.
    pub key: Option<String>,
}

impl Jobs {
    /// Writes a decision down in place of an earlier one about the same two documents.
    pub fn decide(&self, id: &str, decision: &Decision) -> Result<(), JobError> {
        let job = self.reviewed(id)?;
        if self.store().decide(&job, decision, MOST_DECISIONS)? {
            Ok(())
        } else {
            Err(JobError::Decisions(MOST_DECISIONS))
        }
    }

    /// Takes a decision back; says whether there was one.
    pub fn undecide(&self, id: &str, a: &str, b: &str) -> Result<bool, JobError> {
        let job = self.reviewed(id)?;
        Ok(self.store().undecide(&job, a, b)?)
    }

    /// The decisions about the documents of a job, by their ids.
    pub fn decisions(&self, id: &str) -> Result<Vec<Decision>, JobError> {
        let job = self.reviewed(id)?;
        Ok(self.store().decisions(&job)?)
    }

    /// The record of a document of a job as a line of JSON: of a kept one, or of a copy where the job wrote those.
    pub fn record(&self, id: &str, document: &str) -> Result<Vec<u8>, JobError> {
        let folder = self.results(id)?;
        for name in RECORDS {
            let Some((_, file)) = files::open(&folder, name)? else { continue };
            if let Some(record) = find(file, &folder.join(name), document)? {
                return Ok(record);
            }
        }
        Err(JobError::UnknownDocument { job: id.to_owned(), document: document.chars().take(100).collect() })
    }

    fn reviewed(&self, id: &str) -> Result<String, JobError> {
        let Job { job, state, .. } = self.get(id)?;
        if state == State::Done { Ok(job) } else { Err(JobError::Unfinished { job, state }) }
    }
}

/// The line of a document: records begin with their ids, and no line is longer than a record may be.
fn find(file: File, path: &Path, document: &str) -> Result<Option<Vec<u8>>, JobError> {
    let start = format!("{{\"id\":{},", serde_json::Value::from(document));
    let (mut reader, mut line) = (BufReader::with_capacity(1 << 20, file), Vec::new());
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).map_err(JobError::of(path))? == 0 {
            return Ok(None);
        }
        if line.starts_with(start.as_bytes()) {
            return Ok(Some(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    #[test]
    fn a_record_is_found_by_its_whole_id_and_by_nothing_in_its_text() {
        let mut file = tempfile::tempfile().unwrap();
        let lines = [
            r#"{"id":"a","text":"{\"id\":\"b\",\n{\"id\":\"b\","}"#,
            r#"{"id":"a\"b","text":"二"}"#,
            r#"{"id":"b","text":"三"}"#,
        ];
        file.write_all(lines.join("\n").as_bytes()).unwrap();
        let mut at = |id: &str| {
            file.rewind().unwrap();
            let line = find(file.try_clone().unwrap(), Path::new("kept.ndjson"), id).unwrap()?;
            lines.iter().position(|known| known.as_bytes() == line.trim_ascii_end())
        };
        assert_eq!([at("a"), at("a\"b"), at("b"), at("")], [Some(0), Some(1), Some(2), None]);
    }
}
