//! What a run writes beside the result files: the kept documents in another format, or the archives anew.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};

use super::output::remove_stale;
use super::{BatchError, Gone, Inputs, Taker};
use crate::archive::write::warc::{self, Verdict};
use crate::archive::write::{self, DocumentWriter, Format, KeptDocument};
use crate::archive::{Input, ReadOptions};

/// The format of the file that is written besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteFormat {
    /// `kept.jsonl`, or `kept.jsonl.zst` in a compressed run.
    Jsonl,
    /// `kept.parquet`.
    Parquet,
    /// `kept.warc.gz`.
    Warc,
}

/// Writes that file, and removes those that an earlier run wrote in other formats; a [`Taker`].
pub struct Written<'s> {
    kind: Kind<'s>,
    stale: Vec<PathBuf>,
}

/// All that may be written.
const NAMES: [&str; 4] = ["kept.jsonl", "kept.jsonl.zst", "kept.parquet", "kept.warc.gz"];

enum Kind<'s> {
    Nothing,
    Documents(Option<Box<dyn DocumentWriter>>),
    Warc(Box<Archive<'s>>),
}

/// What a WARC file is written anew from.
struct Archive<'s> {
    /// What each copy is a copy of.
    verdicts: HashMap<String, Verdict>,
    inputs: Vec<Input>,
    read: ReadOptions,
    folder: PathBuf,
    stop: &'s AtomicBool,
}

impl<'s> Written<'s> {
    /// Prepares the file in the output folder of a run over these inputs.
    pub fn new(
        format: Option<WriteFormat>,
        compress: bool,
        inputs: &Inputs,
        out: &Path,
        stop: &'s AtomicBool,
    ) -> Result<Self, BatchError> {
        let documents = |format| -> Result<Kind<'s>, BatchError> {
            fs::create_dir_all(out).map_err(BatchError::of(out))?;
            Ok(Kind::Documents(Some(write::create(out, format)?)))
        };
        let name = match format {
            None => "",
            Some(WriteFormat::Jsonl) if compress => "kept.jsonl.zst",
            Some(WriteFormat::Jsonl) => "kept.jsonl",
            Some(WriteFormat::Parquet) => "kept.parquet",
            Some(WriteFormat::Warc) => "kept.warc.gz",
        };
        let stale = NAMES.iter().filter(|other| **other != name).map(|other| out.join(other)).collect();
        let kind = match format {
            None => Kind::Nothing,
            Some(WriteFormat::Jsonl) if compress => documents(Format::JsonlZst)?,
            Some(WriteFormat::Jsonl) => documents(Format::Jsonl)?,
            Some(WriteFormat::Parquet) => documents(Format::Parquet)?,
            Some(WriteFormat::Warc) => {
                let mut read = inputs.read.clone();
                read.skip.push(out.to_owned());
                let (inputs, folder) = (inputs.own.clone(), out.to_owned());
                Kind::Warc(Box::new(Archive { verdicts: HashMap::new(), inputs, read, folder, stop }))
            }
        };
        Ok(Self { kind, stale })
    }
}

impl Taker for Written<'_> {
    fn wants_records(&self) -> bool {
        matches!(self.kind, Kind::Documents(_))
    }

    fn kept(&mut self, record: &Value) -> Result<(), BatchError> {
        let Kind::Documents(Some(writer)) = &mut self.kind else { return Ok(()) };
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
        if let Kind::Warc(archive) = &mut self.kind {
            let (a_in_b, b_in_a) = gone.shares;
            let verdict = Verdict { kind: gone.kind.as_str().to_owned(), of: gone.of.to_owned(), a_in_b, b_in_a };
            archive.verdicts.insert(gone.id.to_owned(), verdict);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), BatchError> {
        match &mut self.kind {
            Kind::Nothing => {}
            Kind::Documents(writer) => {
                writer.take().map_or(Ok(()), |writer| writer.finish().map_err(BatchError::from))?;
            }
            Kind::Warc(archive) => archive.write()?,
        }
        self.stale.iter().try_for_each(|path| remove_stale(path))
    }
}

impl Archive<'_> {
    fn write(&self) -> Result<(), BatchError> {
        let (draft, path) = (self.folder.join(".kept.warc.gz.draft"), self.folder.join("kept.warc.gz"));
        let file = File::create(&draft).map_err(BatchError::of(&draft))?;
        let mut out = Stoppable { out: BufWriter::new(file), stop: self.stop };
        let written = warc::rewrite(self.inputs.clone(), &self.read, &|id| self.verdicts.get(id).cloned(), &mut out);
        if self.stop.load(Ordering::Relaxed) {
            return Err(BatchError::Stopped);
        }
        written?;
        out.flush().map_err(BatchError::of(&draft))?;
        fs::rename(&draft, &path).map_err(BatchError::of(&path))
    }
}

/// A writer that fails once the run is stopped: reading archives again may take long, and its writer is asked all the time.
struct Stoppable<'s, W> {
    out: W,
    stop: &'s AtomicBool,
}

impl<W: Write> Write for Stoppable<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
