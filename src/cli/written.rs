//! What `taoxi dedupe --write` writes beside the result files.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::Failure;
use super::args::{DedupeArgs, WriteArg};
use crate::archive::write::warc::{self, Verdict};
use crate::archive::write::{self, DocumentWriter, Format, KeptDocument, WriteError};
use crate::archive::{Input, ReadOptions};
use crate::batch::{BatchError, Gone, Inputs, Taker};

/// The file that is written besides.
pub(super) enum Written {
    Nothing,
    Documents(Option<Box<dyn DocumentWriter>>),
    /// What each copy is a copy of.
    Warc(Box<Archive>),
}

pub(super) struct Archive {
    verdicts: HashMap<String, Verdict>,
    inputs: Vec<Input>,
    read: ReadOptions,
    folder: PathBuf,
}

impl Written {
    pub(super) fn new(args: &DedupeArgs, inputs: &Inputs) -> Result<Self, Failure> {
        let documents = |format| -> Result<Self, Failure> {
            let failed =
                |reason: std::io::Error| WriteError::File { path: args.out.clone(), reason: reason.to_string() };
            fs::create_dir_all(&args.out).map_err(|error| Failure::of(&failed(error)))?;
            let writer = write::create(&args.out, format).map_err(|error| Failure::of(&error))?;
            Ok(Self::Documents(Some(writer)))
        };
        match args.write {
            None => Ok(Self::Nothing),
            Some(WriteArg::Jsonl) if args.compress.is_some() => documents(Format::JsonlZst),
            Some(WriteArg::Jsonl) => documents(Format::Jsonl),
            Some(WriteArg::Parquet) => documents(Format::Parquet),
            Some(WriteArg::Warc) => {
                let mut read = inputs.read.clone();
                read.skip.push(args.out.clone());
                let (inputs, folder) = (inputs.own.clone(), args.out.clone());
                Ok(Self::Warc(Box::new(Archive { verdicts: HashMap::new(), inputs, read, folder })))
            }
        }
    }
}

impl Taker for Written {
    fn wants_records(&self) -> bool {
        matches!(self, Self::Documents(_))
    }

    fn kept(&mut self, record: &Value) -> Result<(), BatchError> {
        let Self::Documents(Some(writer)) = self else { return Ok(()) };
        let mut meta: Map<String, Value> = record["meta"].as_object().cloned().unwrap_or_default();
        let mut own = |name: &str| match meta.shift_remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (url, date) = (own("url"), own("date"));
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let document = KeptDocument {
            id: text("id"),
            url: url.as_deref(),
            date: date.as_deref(),
            text: text("text"),
            meta: &meta,
        };
        writer.write(&document).map_err(BatchError::from)
    }

    fn gone(&mut self, gone: &Gone<'_>) -> Result<(), BatchError> {
        if let Self::Warc(archive) = self {
            let (a_in_b, b_in_a) = gone.shares;
            let verdict = Verdict { kind: gone.kind.as_str().to_owned(), of: gone.of.to_owned(), a_in_b, b_in_a };
            archive.verdicts.insert(gone.id.to_owned(), verdict);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), BatchError> {
        match self {
            Self::Nothing => Ok(()),
            Self::Documents(writer) => writer.take().map_or(Ok(()), |writer| writer.finish().map_err(BatchError::from)),
            Self::Warc(archive) => archive.write(),
        }
    }
}

impl Archive {
    fn write(&self) -> Result<(), BatchError> {
        let (draft, path) = (self.folder.join(".kept.warc.gz.draft"), self.folder.join("kept.warc.gz"));
        let fault =
            |path: &Path, error: std::io::Error| BatchError::File { path: path.to_owned(), reason: error.to_string() };
        let mut out = BufWriter::new(File::create(&draft).map_err(|error| fault(&draft, error))?);
        warc::rewrite(self.inputs.clone(), &self.read, &|id| self.verdicts.get(id).cloned(), &mut out)
            .map_err(BatchError::from)?;
        out.flush().map_err(|error| fault(&draft, error))?;
        fs::rename(&draft, &path).map_err(|error| fault(&path, error))
    }
}
