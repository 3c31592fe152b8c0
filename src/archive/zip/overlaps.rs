//! Members whose bytes overlap: how bombs make one block of zeros into thousands of members.

use super::directory::{Directory, DirectoryFault, Entry};

/// Where overlapping members begin. Empty, and found without keeping anything, for archives whose members stand in order.
#[derive(Debug, Default)]
pub(super) struct Overlaps(Vec<u64>);

impl Overlaps {
    /// Goes through the whole directory, of at most `most` entries. A damaged directory is looked through as far as it goes.
    pub(super) fn find(directory: &mut Directory, most: u64) -> Result<Self, DirectoryFault> {
        directory.rewind()?;
        let in_order = is_in_order(directory, most)?;
        directory.rewind()?;
        if in_order {
            return Ok(Self::default());
        }
        // Sixteen bytes a member, for archives out of order only.
        let mut ranges = Vec::new();
        while let Some(entry) = next(directory, most, ranges.len() as u64)? {
            ranges.extend(range(&entry, directory.start()));
        }
        directory.rewind()?;
        ranges.sort_unstable();
        Ok(Self(overlapping(&ranges)))
    }

    /// Whether a member overlaps another.
    pub(super) fn contains(&self, entry: &Entry) -> bool {
        self.0.binary_search(&entry.start).is_ok()
    }
}

fn is_in_order(directory: &mut Directory, most: u64) -> Result<bool, DirectoryFault> {
    let (mut last, mut count) = (0, 0);
    while let Some(entry) = next(directory, most, count)? {
        count += 1;
        let Some((start, end)) = range(&entry, directory.start()) else { continue };
        if start < last {
            return Ok(false);
        }
        last = end;
    }
    Ok(true)
}

fn next(directory: &mut Directory, most: u64, count: u64) -> Result<Option<Entry>, DirectoryFault> {
    if count >= most {
        return Ok(None);
    }
    match directory.next() {
        // The reader of members will meet the damage again, and tell.
        Err(DirectoryFault::Damaged(_)) => Ok(None),
        entry => entry,
    }
}

/// At least the bytes of a member: the extra fields of its local header are not known here. None for a member that reaches into
/// the directory: it is refused anyway, and its lie must not fall on others.
fn range(entry: &Entry, directory: u64) -> Option<(u64, u64)> {
    let header = 30 + entry.name.len() as u64;
    let end = entry.start.checked_add(header)?.checked_add(entry.packed)?;
    (end <= directory).then_some((entry.start, end))
}

/// The beginnings of those sorted ranges that overlap another one.
fn overlapping(ranges: &[(u64, u64)]) -> Vec<u64> {
    let mut out = Vec::new();
    // The range reaching farthest so far, and whether it is in `out`.
    let mut widest: Option<(u64, u64)> = None;
    for (start, end) in ranges.iter().copied() {
        if let Some((first, reach)) = widest
            && start < reach
        {
            out.push(first);
            out.push(start);
        }
        if widest.is_none_or(|(_, reach)| end > reach) {
            widest = Some((start, end));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_overlap_are_found_and_others_are_not() {
        for (ranges, expected) in [
            (&[(0, 10), (10, 20), (25, 30)][..], &[][..]),
            (&[(0, 10), (5, 7), (7, 9), (20, 30)], &[0, 5, 7]),
            (&[(0, 10), (0, 10)], &[0]),
            (&[(0, 100), (10, 20), (50, 150), (140, 160), (160, 170)], &[0, 10, 50, 140]),
        ] {
            assert_eq!(overlapping(ranges), expected);
        }
    }
}
