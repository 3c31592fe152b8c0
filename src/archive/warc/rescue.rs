//! Records swallowed by a block whose length lies: found in the block, kept within bounds, and read again.

use super::super::format;

/// Most bytes kept of a block that is passed over, from the first thing in it that looks like a record.
const KEPT_BYTES: usize = 16 << 20;
/// Enough to see a line end, `WARC/`, a version and a line end.
const MARK_BYTES: usize = 16;

/// Where the first thing that looks like a record begins in a block.
pub(super) fn find(block: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(block, b"\nWARC/").map(|at| at + 1).find(|at| format::is_warc(&block[*at..]))
}

/// Watches a block that is passed over.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The last bytes seen, while nothing was found; what was found, after.
    kept: Vec<u8>,
    found: bool,
    /// Bytes behind those kept that were lost.
    lost: u64,
}

impl Watch {
    /// Looks at the next bytes.
    pub(super) fn look(&mut self, bytes: &[u8]) {
        if !self.found {
            self.kept.extend_from_slice(bytes);
            let from = find(&self.kept);
            self.found = from.is_some();
            let from = from.unwrap_or_else(|| self.kept.len().saturating_sub(MARK_BYTES));
            self.kept.drain(..from);
            return;
        }
        let room = bytes.len().min(KEPT_BYTES.saturating_sub(self.kept.len()));
        self.kept.extend_from_slice(&bytes[..room]);
        self.lost += (bytes.len() - room) as u64;
    }

    /// Whether something was found.
    pub(super) const fn found(&self) -> bool {
        self.found
    }

    /// What was found, up to the bytes seen last, and how many of those bytes were lost.
    pub(super) fn take(self) -> Option<(Vec<u8>, u64)> {
        self.found.then_some((self.kept, self.lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_wherever_the_pieces_part() {
        let block = b"text about WARC/1.1\nWARC/1.1 is a format\r\n\r\nWARC/1.1\r\nWARC-Type: response\r\n";
        assert_eq!(find(block), Some(44));
        for size in 1..block.len() {
            let mut watch = Watch::default();
            block.chunks(size).for_each(|piece| watch.look(piece));
            assert_eq!(watch.take(), Some((block[44..].to_vec(), 0)), "{size}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut watch = Watch::default();
        watch.look(b"\nWARC/1.0\r\n");
        for _ in 0..20 {
            watch.look(&vec![b'x'; 1 << 20]);
        }
        let (kept, lost) = watch.take().unwrap();
        assert_eq!(kept.len(), KEPT_BYTES);
        assert_eq!(lost, (4 << 20) + 10);
    }
}
