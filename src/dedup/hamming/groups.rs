//! Codes that are equal, put together before pairs are looked for.

/// Ids gathered by code.
///
/// A hundred thousand equal codes make five thousand million pairs, which no caller wants one by one. Pairs are
/// therefore looked for among [`EqualGroups::distinct`], and each found pair stands for all pairs of members of the two
/// groups; members of one group are at distance 0 from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EqualGroups {
    distinct: Vec<u64>,
    /// Where the members of each group start, and the end of the last group.
    starts: Vec<u32>,
    members: Vec<u32>,
}

/// Gathers ids (places in `codes`, at most 2^32 - 1 of them) by code. Takes 16 bytes a code while it sorts.
pub fn groups_of_equal(codes: &[u64]) -> EqualGroups {
    debug_assert!(u32::try_from(codes.len()).is_ok(), "ids are 32 bits");
    let mut sorted: Vec<(u64, u32)> = codes.iter().copied().zip(0..u32::MAX).collect();
    sorted.sort_unstable();
    let (mut distinct, mut starts) = (Vec::new(), vec![0]);
    let mut end = 0;
    for group in sorted.chunk_by(|one, other| one.0 == other.0) {
        distinct.push(group[0].0);
        end += group.len() as u32;
        starts.push(end);
    }
    EqualGroups { distinct, starts, members: sorted.into_iter().map(|(_, id)| id).collect() }
}

impl EqualGroups {
    /// Each code once, ascending. The place of a code is the number of its group.
    pub fn distinct(&self) -> &[u64] {
        &self.distinct
    }

    /// The ids of a group, ascending; none if there is no such group.
    pub fn members(&self, group: u32) -> &[u32] {
        match self.starts.get(group as usize..) {
            Some(&[start, end, ..]) => &self.members[start as usize..end as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_codes_come_together() {
        let groups = groups_of_equal(&[7, 1, 7, u64::MAX, 7, 1]);
        assert_eq!(groups.distinct(), [1, 7, u64::MAX]);
        assert_eq!(groups.members(0), [1, 5]);
        assert_eq!(groups.members(1), [0, 2, 4]);
        assert_eq!(groups.members(2), [3]);
        assert!(groups.members(3).is_empty());
        assert!(groups_of_equal(&[]).distinct().is_empty());
    }
}
