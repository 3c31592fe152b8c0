//! Where cleaned documents go: standard output as text, JSON or NDJSON, or a folder.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::args::Format;
use crate::document::{Cleaned, ErrorRecord};

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
        self.format != Format::Text
    }

    pub(super) fn write(&mut self, outcome: &Outcome, record: &[u8]) -> io::Result<()> {
        match self.format {
            Format::Ndjson => self.out.write_all(record)?,
            Format::Json if self.single => self.out.write_all(record)?,
            Format::Json => {
                self.out.write_all(if self.written == 0 { b"[\n" } else { b",\n" })?;
                self.out.write_all(record.strip_suffix(b"\n").unwrap_or(record))?;
            }
            Format::Text => {
                if let Ok(cleaned) = outcome {
                    if !self.single {
                        writeln!(self.out, "==> {} <==", cleaned.id)?;
                    }
                    self.out.write_all(cleaned.text.as_bytes())?;
                    if !self.single && !cleaned.text.ends_with('\n') {
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
