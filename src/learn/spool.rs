//! Pages kept until all are there: compressed, in memory up to a limit and beyond it in a temporary file.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::{Mutex, PoisonError};

use tempfile::SpooledTempFile;

/// Compressed bytes that are kept in memory.
const IN_MEMORY: usize = 64 * 1024 * 1024;
/// Quick is enough: pages are read a few times and thrown away.
const LEVEL: i32 = 1;

/// Where a page lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    offset: u64,
    packed: u32,
    size: u32,
    /// HTML, not text.
    pub(super) html: bool,
}

/// The pages of a run. Any number of threads may read.
#[derive(Debug)]
pub(super) struct Spool {
    file: Mutex<SpooledTempFile>,
    end: u64,
}

impl Spool {
    pub(super) fn new() -> Self {
        Self { file: Mutex::new(SpooledTempFile::new(IN_MEMORY)), end: 0 }
    }

    /// Keeps a page. Sources of 4 GiB and more are refused.
    pub(super) fn put(&mut self, source: &str, html: bool) -> io::Result<Stored> {
        let size = u32::try_from(source.len()).map_err(|_| io::Error::other("a page of 4 GiB or more"))?;
        let packed = zstd::bulk::compress(source.as_bytes(), LEVEL)?;
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&packed)?;
        let stored = Stored { offset: self.end, packed: packed.len() as u32, size, html };
        self.end += packed.len() as u64;
        Ok(stored)
    }

    /// The source of a page.
    pub(super) fn get(&self, stored: Stored) -> io::Result<String> {
        let mut packed = vec![0; stored.packed as usize];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(stored.offset))?;
            file.read_exact(&mut packed)?;
        }
        let bytes = zstd::bulk::decompress(&packed, stored.size as usize)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_back_as_they_were_put() {
        let mut spool = Spool::new();
        let texts = ["甲", "", &"乙丙丁\n".repeat(9999)];
        let stored: Vec<Stored> = texts.iter().map(|text| spool.put(text, false).unwrap()).collect();
        for (text, stored) in texts.iter().zip(stored).rev() {
            assert_eq!(spool.get(stored).unwrap(), *text);
        }
    }
}
