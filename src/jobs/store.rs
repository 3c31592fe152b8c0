//! Records of jobs, and answers to repeated requests, in one redb file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::{ReadableTable as _, ReadableTableMetadata as _, TableDefinition, WriteTransaction};

use super::error::JobError;
use super::idempotency::Answer;
use super::job::Job;
use super::review::Decision;
use crate::records::{Records, RecordsError};

/// From job ids to jobs as JSON.
const JOBS: TableDefinition<&str, &[u8]> = TableDefinition::new("jobs");
/// From keys of repeated requests to the head of the answer as JSON, and its body.
const ANSWERS: TableDefinition<&str, (&[u8], &[u8])> = TableDefinition::new("answers");
/// From a job and the ids of two of its documents to what was decided about them, as JSON.
const DECISIONS: TableDefinition<(&str, &str, &str), &[u8]> = TableDefinition::new("decisions");
/// The end of the decisions of a job: no id of a document is greater.
const BEHIND: &str = "\u{10ffff}";
/// Another service may be just ending.
const PATIENCE: Duration = Duration::from_secs(2);

/// The records.
#[derive(Debug)]
pub(super) struct Store {
    records: Records,
    path: PathBuf,
}

impl Store {
    pub(super) fn open(folder: &Path) -> Result<Self, RecordsError> {
        let path = folder.join("jobs.redb");
        let records = Records::open(&path, PATIENCE)?;
        // Reading needs the tables.
        records.write(|transaction| {
            transaction.open_table(JOBS)?;
            transaction.open_table(ANSWERS)?;
            transaction.open_table(DECISIONS)?;
            Ok(())
        })?;
        Ok(Self { records, path })
    }

    /// Writes a job, and the answer to the request that made it, both or neither.
    pub(super) fn put(&self, job: &Job, answer: Option<(&str, &Answer)>) -> Result<(), RecordsError> {
        let bytes = serde_json::to_vec(job).unwrap_or_default();
        self.records.write(|transaction| {
            transaction.open_table(JOBS)?.insert(job.job.as_str(), bytes.as_slice())?;
            answer.map_or(Ok(()), |(key, answer)| insert_answer(transaction, key, answer))
        })
    }

    pub(super) fn remove(&self, id: &str) -> Result<(), RecordsError> {
        self.records.write(|transaction| {
            transaction.open_table(DECISIONS)?.retain_in((id, "", "")..=(id, BEHIND, BEHIND), |_, _| false)?;
            Ok(transaction.open_table(JOBS)?.remove(id).map(|_| ())?)
        })
    }

    /// Writes a decision down, unless the job has `most` others; says whether it did.
    pub(super) fn decide(&self, job: &str, decision: &Decision, most: usize) -> Result<bool, RecordsError> {
        let bytes = serde_json::to_vec(decision).unwrap_or_default();
        self.records.write(|transaction| {
            let mut table = transaction.open_table(DECISIONS)?;
            let key = (job, decision.a.as_str(), decision.b.as_str());
            // Only a job that has many is counted.
            let room = table.len()? < most as u64
                || table.get(key)?.is_some()
                || table.range((job, "", "")..=(job, BEHIND, BEHIND))?.count() < most;
            if room {
                table.insert(key, bytes.as_slice())?;
            }
            Ok(room)
        })
    }

    /// Takes a decision back; says whether there was one.
    pub(super) fn undecide(&self, job: &str, a: &str, b: &str) -> Result<bool, RecordsError> {
        self.records.write(|transaction| Ok(transaction.open_table(DECISIONS)?.remove((job, a, b))?.is_some()))
    }

    /// The decisions of a job, by the ids of its documents.
    pub(super) fn decisions(&self, job: &str) -> Result<Vec<Decision>, RecordsError> {
        let found = self.records.read(|transaction| {
            let table = transaction.open_table(DECISIONS)?;
            let mut found = Vec::new();
            for entry in table.range((job, "", "")..=(job, BEHIND, BEHIND))? {
                found.push(entry?.1.value().to_vec());
            }
            Ok(found)
        })?;
        let parse = |bytes: &Vec<u8>| serde_json::from_slice(bytes);
        found
            .iter()
            .map(|bytes| parse(bytes).map_err(|error| RecordsError::bad_value(&self.path, job, &error)))
            .collect()
    }

    pub(super) fn get(&self, id: &str) -> Result<Option<Job>, RecordsError> {
        let bytes = self
            .records
            .read(|transaction| Ok(transaction.open_table(JOBS)?.get(id)?.map(|bytes| bytes.value().to_vec())))?;
        bytes.map(|bytes| self.parse(id, &bytes)).transpose()
    }

    /// At most `most` jobs with ids below `before`, the newest first.
    pub(super) fn newest(&self, before: Option<&str>, most: usize) -> Result<Vec<Job>, RecordsError> {
        let found = self.records.read(|transaction| {
            let table = transaction.open_table(JOBS)?;
            let range = match before {
                Some(before) => table.range(..before)?,
                None => table.range::<&str>(..)?,
            };
            let mut found = Vec::new();
            for entry in range.rev().take(most) {
                let (id, bytes) = entry?;
                found.push((id.value().to_owned(), bytes.value().to_vec()));
            }
            Ok(found)
        })?;
        found.iter().map(|(id, bytes)| self.parse(id, bytes)).collect()
    }

    fn parse(&self, id: &str, bytes: &[u8]) -> Result<Job, RecordsError> {
        let bad = |error: serde_json::Error| RecordsError::bad_value(&self.path, id, &error);
        let mut value: serde_json::Value = serde_json::from_slice(bytes).map_err(bad)?;
        // Jobs were of one kind at first.
        if let Some(fields) = value.as_object_mut()
            && !fields.contains_key("kind")
        {
            fields.insert("kind".to_owned(), "dedupe".into());
        }
        serde_json::from_value(value).map_err(bad)
    }

    /// The answer that a key was given.
    pub(super) fn answer(&self, key: &str) -> Result<Option<Answer>, JobError> {
        let found = self.records.read(|transaction| {
            let found = transaction.open_table(ANSWERS)?.get(key)?;
            Ok(found.map(|entry| (entry.value().0.to_vec(), entry.value().1.to_vec())))
        })?;
        let Some((head, body)) = found else { return Ok(None) };
        let mut answer: Answer =
            serde_json::from_slice(&head).map_err(|error| RecordsError::bad_value(&self.path, key, &error))?;
        answer.body = body;
        Ok(Some(answer))
    }

    pub(super) fn put_answer(&self, key: &str, answer: &Answer) -> Result<(), RecordsError> {
        self.records.write(|transaction| insert_answer(transaction, key, answer))
    }

    /// Removes answers whose head is not wanted any more; says how many.
    pub(super) fn retain_answers(&self, wanted: impl Fn(&Answer) -> bool) -> Result<usize, RecordsError> {
        self.records.write(|transaction| {
            let mut removed = 0;
            transaction.open_table(ANSWERS)?.retain(|_, (head, _)| {
                let keep = serde_json::from_slice(head).is_ok_and(|head| wanted(&head));
                removed += usize::from(!keep);
                keep
            })?;
            Ok(removed)
        })
    }
}

fn insert_answer(transaction: &WriteTransaction, key: &str, answer: &Answer) -> Result<(), redb::Error> {
    let head = serde_json::to_vec(answer).unwrap_or_default();
    transaction.open_table(ANSWERS)?.insert(key, (head.as_slice(), answer.body.as_slice()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::asked::Asked;
    use super::*;

    #[test]
    fn a_job_from_before_there_were_kinds_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let old = r#"{"job":"0123456789abcdef0123","state":"done","stage":null,"unit":null,"done":0,"total":null,"eta":null,"name":"a.jsonl",
            "bytes":3,"options":{"keep":"first"},"key":null,"created":"2026-01-02T03:04:05Z","started":null,"finished":null,"expires":null,
            "counts":{"documents":1,"kept":1,"copies":0,"failed":0},"error":null}"#;
        let job = store.parse("0123456789abcdef0123", old.as_bytes()).unwrap();
        assert!(matches!(&job.asked, Asked::Dedupe(options) if options.keep.is_some()), "{job:?}");
        store.put(&job, None).unwrap();
        assert_eq!(store.get(&job.job).unwrap(), Some(job));
    }
}
