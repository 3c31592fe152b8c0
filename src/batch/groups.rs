//! Pieces that share a winnow hash, by rank; hashes that too many share are hot.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::error::BatchError;
use super::file::Sealed;

/// Writes groups: a count, then so many ranks in ascending order.
pub(super) struct GroupWriter {
    out: Sealed,
    /// Ranks in all groups.
    pub members: u64,
}

impl GroupWriter {
    pub(super) fn create(path: &Path) -> Result<Self, BatchError> {
        Ok(Self { out: Sealed::create(path, 1 << 18)?, members: 0 })
    }

    pub(super) fn put(&mut self, ranks: &[u32]) -> Result<(), BatchError> {
        self.members += ranks.len() as u64;
        self.out.put(&(ranks.len() as u32).to_le_bytes())?;
        for rank in ranks {
            self.out.put(&rank.to_le_bytes())?;
        }
        Ok(())
    }

    /// Groups that were encoded elsewhere with `encode`.
    pub(super) fn put_encoded(&mut self, bytes: &[u8], members: u64) -> Result<(), BatchError> {
        self.members += members;
        self.out.put(bytes)
    }

    pub(super) fn finish(self) -> Result<(), BatchError> {
        self.out.finish().map(|_| ())
    }
}

/// Appends a group to a buffer in the form of [`GroupWriter`].
pub(super) fn encode(ranks: &[u32], out: &mut Vec<u8>) {
    out.extend((ranks.len() as u32).to_le_bytes());
    out.extend(ranks.iter().flat_map(|rank| rank.to_le_bytes()));
}

/// Calls `each` with every group of a file.
pub(super) fn read(path: &Path, mut each: impl FnMut(&[u32])) -> Result<(), BatchError> {
    let mut source = BufReader::with_capacity(1 << 18, File::open(path).map_err(BatchError::of(path))?);
    let mut bytes = Vec::new();
    let mut ranks = Vec::new();
    let mut length = [0; 4];
    while source.read_exact(&mut length).is_ok() {
        bytes.resize(u32::from_le_bytes(length) as usize * 4, 0);
        source.read_exact(&mut bytes).map_err(BatchError::of(path))?;
        ranks.clear();
        ranks.extend(bytes.chunks_exact(4).map(|rank| u32::from_le_bytes([rank[0], rank[1], rank[2], rank[3]])));
        each(&ranks);
    }
    Ok(())
}
