//! Where cleaned documents go: standard output as text, JSON or NDJSON, or a folder.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::Failure;
use super::args::Format;
use crate::archive::OutDir;
use crate::document::{Cleaned, ErrorRecord};
use crate::error::{Code, Fault, fault};

/// What became of one document.
pub(super) type Outcome = Result<Cleaned, ErrorRecord>;

/// A record as bytes: made on the worker, so that serialising is shared out as well.
pub(super) fn line(outcome: &Outcome, pretty: bool) -> Vec<u8> {
    fn bytes<T: Serialize>(value: &T, pretty: bool) -> Vec<u8> {
        let made = if pretty { serde_json::to_vec_pretty(value) } else { serde_json::to_vec(value) };
        made.unwrap_or_default()
    }
    let mut out = match outcome {
        Ok(cleaned) => bytes(cleaned, pretty),
        Err(record) => bytes(record, pretty),
    };
    out.push(b'\n');
    out
}

/// Standard output in one of the formats.
pub(super) struct Stdout {
    out: BufWriter<io::Stdout>,
    format: Format,
    single: bool,
    written: usize,
}

impl Stdout {
    pub(super) fn new(format: Format, single: bool) -> Self {
        Self { out: BufWriter::with_capacity(64 * 1024, io::stdout()), format, single, written: 0 }
    }

    /// Whether records of good documents are printed, and not only their text.
    pub(super) fn shows_records(&self) -> bool {
        matches!(self.format, Format::Json | Format::Ndjson)
    }

    pub(super) fn write(&mut self, outcome: &Outcome, record: &[u8]) -> io::Result<()> {
        match self.format {
            Format::Ndjson => self.out.write_all(record)?,
            Format::Json if self.single => self.out.write_all(record)?,
            Format::Json => {
                self.out.write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
                self.out.write_all(record.strip_suffix(b"\n").unwrap_or(record))?;
            }
            Format::Text | Format::Markdown => {
                if let Ok(cleaned) = outcome {
                    if !self.single {
                        writeln!(self.out, "==> {} <==", cleaned.id)?;
                    }
                    let text = shown(cleaned);
                    self.out.write_all(text.as_bytes())?;
                    if !self.single && !text.ends_with('\n') {
                        self.out.write_all(b"\n")?;
                    }
                }
            }
        }
        self.written += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.format == Format::Json && !self.single {
            self.out.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}

/// The text as Markdown if that was asked for.
fn shown(cleaned: &Cleaned) -> &str {
    cleaned.markdown.as_deref().unwrap_or(&cleaned.text)
}

/// A folder with a file for each document, and `errors.ndjson` when some failed.
pub(super) struct Folder {
    dir: OutDir,
    errors: Option<File>,
}

impl Folder {
    /// A folder of files whose names end in `.ending`.
    pub(super) fn create(path: &Path, ending: &'static str) -> Result<Self, Failure> {
        let dir = OutDir::create(path, ending).map_err(|error| Failure::of(&error))?;
        Ok(Self { dir, errors: None })
    }

    pub(super) fn write(&mut self, outcome: &Outcome, record: &[u8], json: bool) -> Result<(), Fault> {
        match outcome {
            Ok(cleaned) => {
                let bytes = if json { record } else { shown(cleaned).as_bytes() };
                self.dir.write(&cleaned.id, bytes).map(|_| ()).map_err(|error| fault(&error))
            }
            Err(_) => self
                .error(record)
                .map_err(|error| Fault::new(Code::Unwritable, format!("cannot write errors.ndjson: {error}"))),
        }
    }

    fn error(&mut self, record: &[u8]) -> io::Result<()> {
        let file = match &mut self.errors {
            Some(file) => file,
            none => none.insert(File::create(self.dir.path().join("errors.ndjson"))?),
        };
        file.write_all(record)
    }
}
