//! A file that appears whole or not at all: written beside its place under another name, and renamed at the end.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use super::WriteError;

/// A file being written.
#[derive(Debug)]
pub(super) struct NewFile {
    writer: BufWriter<File>,
    path: PathBuf,
    temporary: PathBuf,
    finished: bool,
}

impl NewFile {
    pub(super) fn create(path: PathBuf) -> Result<Self, WriteError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = path.with_file_name(format!(".taoxi-{}-{name}.tmp", std::process::id()));
        match File::create(&temporary) {
            Ok(file) => {
                let writer = BufWriter::with_capacity(256 << 10, file);
                Ok(Self { writer, path, temporary, finished: false })
            }
            Err(error) => Err(WriteError::File { path, reason: error.to_string() }),
        }
    }

    pub(super) fn error(&self, reason: &dyn std::fmt::Display) -> WriteError {
        WriteError::File { path: self.path.clone(), reason: reason.to_string() }
    }

    /// Puts the file in its place.
    pub(super) fn finish(mut self) -> Result<(), WriteError> {
        let put = self.writer.flush().and_then(|()| fs::rename(&self.temporary, &self.path));
        put.map_err(|error| self.error(&error))?;
        self.finished = true;
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.finished {
            // There is nobody left to tell.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
