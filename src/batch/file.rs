//! Files of a run: written through a digest, so that a later run can tell whole ones from torn ones.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::error::BatchError;

/// What a finished file is known by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Seal {
    /// Its name in the folder of the run.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// The BLAKE3 digest of its bytes.
    pub digest: String,
}

/// A file being written.
pub(super) struct Sealed {
    out: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
    path: PathBuf,
}

impl Sealed {
    pub(super) fn create(path: &Path, buffer: usize) -> Result<Self, BatchError> {
        let file = File::create(path).map_err(BatchError::of(path))?;
        Ok(Self {
            out: BufWriter::with_capacity(buffer, file),
            hasher: blake3::Hasher::new(),
            bytes: 0,
            path: path.to_owned(),
        })
    }

    /// Where the next byte goes.
    pub(super) fn at(&self) -> u64 {
        self.bytes
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), BatchError> {
        self.write_all(bytes).map_err(BatchError::of(&self.path))
    }

    /// Ends the file. It is not forced to disk: what a power cut took is told by the digest, and made again.
    pub(super) fn finish(self) -> Result<Seal, BatchError> {
        let Self { out, hasher, bytes, path } = self;
        out.into_inner().map_err(|error| BatchError::of(&path)(error.into_error()))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Seal { name, bytes, digest: hasher.finalize().to_hex().to_string() })
    }
}

impl Write for Sealed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether a file is what its seal says.
pub(super) fn is_whole(folder: &Path, seal: &Seal) -> bool {
    let check = || -> io::Result<bool> {
        let mut file = File::open(folder.join(&seal.name))?;
        if file.metadata()?.len() != seal.bytes {
            return Ok(false);
        }
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(&buffer[..read]);
        }
        Ok(hasher.finalize().to_hex().as_str() == seal.digest)
    };
    check().unwrap_or(false)
}

/// The records of a file of fixed-size records, one after the other.
pub(super) struct Records<const N: usize> {
    source: BufReader<File>,
    path: PathBuf,
}

impl<const N: usize> Records<N> {
    pub(super) fn open(path: &Path) -> Result<Self, BatchError> {
        let file = File::open(path).map_err(BatchError::of(path))?;
        Ok(Self { source: BufReader::with_capacity(1 << 16, file), path: path.to_owned() })
    }
}

impl<const N: usize> Iterator for Records<N> {
    type Item = Result<[u8; N], BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = [0; N];
        match self.source.read_exact(&mut record) {
            Ok(()) => Some(Ok(record)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => Some(Err(BatchError::of(&self.path)(error))),
        }
    }
}

/// A whole small file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, BatchError> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(BatchError::of(path))?;
    Ok(bytes)
}
