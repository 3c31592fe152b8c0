//! The washed documents on disk: texts by themselves, to be read at random; the rest of each record compressed, to be read in order.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::error::BatchError;
use super::file::{Seal, Sealed};

pub(super) const TEXTS: &str = "texts";
pub(super) const HEADS: &str = "heads";

/// Writes texts and heads.
pub(super) struct StoreWriter {
    texts: Sealed,
    heads: zstd::stream::write::Encoder<'static, Sealed>,
    path: PathBuf,
}

impl StoreWriter {
    pub(super) fn create(folder: &Path) -> Result<Self, BatchError> {
        let path = folder.join(HEADS);
        let heads = Sealed::create(&path, 1 << 16)?;
        let heads = zstd::stream::write::Encoder::new(heads, 1).map_err(BatchError::of(&path))?;
        Ok(Self { texts: Sealed::create(&folder.join(TEXTS), 1 << 18)?, heads, path })
    }

    /// Adds a text; returns where it begins.
    pub(super) fn text(&mut self, text: &str) -> Result<u64, BatchError> {
        let at = self.texts.at();
        self.texts.put(text.as_bytes())?;
        Ok(at)
    }

    /// Adds the JSON of a record without its text, or of an error record.
    pub(super) fn head(&mut self, head: &[u8]) -> Result<(), BatchError> {
        let length = (head.len() as u32).to_le_bytes();
        self.heads.write_all(&length).and_then(|()| self.heads.write_all(head)).map_err(BatchError::of(&self.path))
    }

    pub(super) fn finish(self) -> Result<[Seal; 2], BatchError> {
        let heads = self.heads.finish().map_err(BatchError::of(&self.path))?;
        Ok([self.texts.finish()?, heads.finish()?])
    }
}

/// Reads texts at random, from any thread.
pub(super) struct Texts {
    file: Mutex<File>,
    path: PathBuf,
}

impl Texts {
    pub(super) fn open(folder: &Path) -> Result<Self, BatchError> {
        let path = folder.join(TEXTS);
        let file = File::open(&path).map_err(BatchError::of(&path))?;
        Ok(Self { file: Mutex::new(file), path })
    }

    /// The text at a place.
    pub(super) fn read(&self, at: u64, length: usize) -> Result<String, BatchError> {
        let mut bytes = vec![0; length];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(at))
                .and_then(|_| file.read_exact(&mut bytes))
                .map_err(BatchError::of(&self.path))?;
        }
        String::from_utf8(bytes)
            .map_err(|_| BatchError::File { path: self.path.clone(), reason: "the texts are damaged".to_owned() })
    }
}

/// Reads texts and heads in order.
pub(super) struct StoreReader {
    heads: Box<dyn Read>,
    texts: BufReader<File>,
    heads_path: PathBuf,
    texts_path: PathBuf,
}

impl StoreReader {
    #[expect(clippy::disallowed_methods, reason = "the run's own file, checked by its digest")]
    pub(super) fn open(folder: &Path) -> Result<Self, BatchError> {
        let (heads_path, texts_path) = (folder.join(HEADS), folder.join(TEXTS));
        let heads = File::open(&heads_path).map_err(BatchError::of(&heads_path))?;
        let heads = zstd::stream::read::Decoder::new(heads).map_err(BatchError::of(&heads_path))?;
        let texts = File::open(&texts_path).map_err(BatchError::of(&texts_path))?;
        let heads: Box<dyn Read> = Box::new(BufReader::with_capacity(1 << 16, heads));
        Ok(Self { heads, texts: BufReader::with_capacity(1 << 18, texts), heads_path, texts_path })
    }

    /// The next head.
    pub(super) fn head(&mut self) -> Result<Vec<u8>, BatchError> {
        let mut length = [0; 4];
        self.heads.read_exact(&mut length).map_err(BatchError::of(&self.heads_path))?;
        let mut head = vec![0; u32::from_le_bytes(length) as usize];
        self.heads.read_exact(&mut head).map_err(BatchError::of(&self.heads_path))?;
        Ok(head)
    }

    /// The next text, of so many bytes.
    pub(super) fn text(&mut self, length: usize) -> Result<Vec<u8>, BatchError> {
        let mut text = vec![0; length];
        self.texts.read_exact(&mut text).map_err(BatchError::of(&self.texts_path))?;
        Ok(text)
    }
}
