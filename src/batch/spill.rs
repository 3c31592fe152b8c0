//! More records than memory holds: sorted, or parted by their first byte.
//!
//! A record is a fixed number of bytes, and its order is that of its bytes, so numbers are written with the highest byte first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::BatchError;
use super::file::{Records, Seal, Sealed};

/// Parts of [`Parts`]: by the first byte.
pub(super) const PARTS: usize = 256;
/// Most runs that are merged at a time.
const FAN: usize = 64;

/// Sorts records within a bounded memory: sorted runs go to disk and are merged.
pub(super) struct Sorter<const N: usize> {
    folder: PathBuf,
    name: &'static str,
    most: usize,
    held: Vec<[u8; N]>,
    runs: Vec<PathBuf>,
    made: usize,
}

impl<const N: usize> Sorter<N> {
    /// `memory` in bytes; run files are called `name-number` in the folder.
    pub(super) fn new(folder: &Path, name: &'static str, memory: u64) -> Self {
        let most = usize::try_from(memory / N as u64).unwrap_or(usize::MAX).max(1024);
        Self { folder: folder.to_owned(), name, most, held: Vec::new(), runs: Vec::new(), made: 0 }
    }

    pub(super) fn push(&mut self, record: [u8; N]) -> Result<(), BatchError> {
        if self.held.len() == self.most {
            self.spill()?;
        }
        self.held.push(record);
        Ok(())
    }

    fn spill(&mut self) -> Result<(), BatchError> {
        self.held.sort_unstable();
        self.held.dedup();
        let path = self.next_path();
        let mut out = Sealed::create(&path, 1 << 18)?;
        for record in self.held.drain(..) {
            out.put(&record)?;
        }
        out.finish()?;
        self.runs.push(path);
        if self.runs.len() == FAN {
            let merged = self.next_path();
            let mut out = Sealed::create(&merged, 1 << 18)?;
            let runs = std::mem::take(&mut self.runs);
            for record in Merge::<N>::open(Vec::new(), runs)? {
                out.put(&record?)?;
            }
            out.finish()?;
            self.runs.push(merged);
        }
        Ok(())
    }

    fn next_path(&mut self) -> PathBuf {
        self.made += 1;
        self.folder.join(format!("{}-{}", self.name, self.made))
    }

    /// The records in order, equal ones once.
    pub(super) fn sorted(mut self) -> Result<Merge<N>, BatchError> {
        self.held.sort_unstable();
        self.held.dedup();
        Merge::open(self.held, self.runs)
    }
}

/// Merges sorted runs; removes their files at the end.
pub(super) struct Merge<const N: usize> {
    held: std::vec::IntoIter<[u8; N]>,
    runs: Vec<Records<N>>,
    heap: BinaryHeap<Reverse<([u8; N], usize)>>,
    last: Option<[u8; N]>,
    paths: Vec<PathBuf>,
}

impl<const N: usize> Merge<N> {
    fn open(held: Vec<[u8; N]>, paths: Vec<PathBuf>) -> Result<Self, BatchError> {
        let runs = paths.iter().map(|path| Records::open(path)).collect::<Result<Vec<_>, _>>()?;
        let mut merge = Self { held: held.into_iter(), runs, heap: BinaryHeap::new(), last: None, paths };
        for source in 0..=merge.runs.len() {
            merge.pull(source)?;
        }
        Ok(merge)
    }

    fn pull(&mut self, source: usize) -> Result<(), BatchError> {
        let next = match self.runs.get_mut(source) {
            Some(run) => run.next().transpose()?,
            None => self.held.next(),
        };
        if let Some(record) = next {
            self.heap.push(Reverse((record, source)));
        }
        Ok(())
    }
}

impl<const N: usize> Iterator for Merge<N> {
    type Item = Result<[u8; N], BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Reverse((record, source)) = self.heap.pop()?;
            if let Err(error) = self.pull(source) {
                return Some(Err(error));
            }
            if self.last != Some(record) {
                self.last = Some(record);
                return Some(Ok(record));
            }
        }
    }
}

impl<const N: usize> Drop for Merge<N> {
    fn drop(&mut self) {
        for path in &self.paths {
            // What cannot be removed now goes with the folder.
            let _ = fs::remove_file(path);
        }
    }
}

/// Records parted by their first byte into files, each small enough to be sorted in memory.
pub(super) struct Parts<const N: usize> {
    files: Vec<Sealed>,
}

/// The file of a part.
pub(super) fn part_path(folder: &Path, name: &str, part: usize) -> PathBuf {
    folder.join(format!("{name}.{part:02x}"))
}

impl<const N: usize> Parts<N> {
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, BatchError> {
        let files = (0..PARTS).map(|part| Sealed::create(&part_path(folder, name, part), 1 << 14));
        Ok(Self { files: files.collect::<Result<_, _>>()? })
    }

    pub(super) fn push(&mut self, record: &[u8; N]) -> Result<(), BatchError> {
        match self.files.get_mut(usize::from(record[0])) {
            Some(file) => file.put(record),
            None => Ok(()),
        }
    }

    pub(super) fn finish(self) -> Result<Vec<Seal>, BatchError> {
        self.files.into_iter().map(Sealed::finish).collect()
    }
}

/// The records of a part, sorted.
pub(super) fn sorted_part<const N: usize>(folder: &Path, name: &str, part: usize) -> Result<Vec<[u8; N]>, BatchError> {
    let mut records = Records::open(&part_path(folder, name, part))?.collect::<Result<Vec<[u8; N]>, _>>()?;
    records.sort_unstable();
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spilled_runs_come_back_in_order_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::<4>::new(folder.path(), "t", 0);
        let numbers: Vec<u32> = (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761) % 150_000).collect();
        for n in &numbers {
            sorter.push(n.to_be_bytes()).unwrap();
        }
        let back: Vec<u32> = sorter.sorted().unwrap().map(|record| u32::from_be_bytes(record.unwrap())).collect();
        let mut expected = numbers;
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(back, expected);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn parts_hold_what_begins_with_their_byte() {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = Parts::<2>::create(folder.path(), "p").unwrap();
        for record in [[9, 3], [9, 1], [8, 7]] {
            parts.push(&record).unwrap();
        }
        assert_eq!(parts.finish().unwrap().len(), PARTS);
        assert_eq!(sorted_part::<2>(folder.path(), "p", 9).unwrap(), [[9, 1], [9, 3]]);
        assert!(sorted_part::<2>(folder.path(), "p", 7).unwrap().is_empty());
    }
}
