//! The numbers of two texts side by side: do they tell of the same thing, or are the texts one form filled in twice?
//!
//! Numbers are compared where they stand between the same neighbours in both texts. Which number stands for which is the longest common
//! subsequence: over the places alone it says how many can be compared, over places and values how many of them agree. So a row that one text
//! lost does not set all the rows below it against their neighbours.

use super::prepared::{Number, Prepared};
use super::thresholds::{TEMPLATE_CONTAINMENT, TEMPLATE_SHARE, TEMPLATE_SLOPE, TEMPLATE_SLOTS};

/// Numbers of two texts that stand between the same neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Numbers that can be compared: neither is masked.
    pub compared: usize,
    /// Of these, those with different values.
    pub differing: usize,
}

impl Agreement {
    pub(super) fn of(a: &Prepared, b: &Prepared) -> Self {
        let list = |text: &Prepared, key: fn(&Number) -> u32| text.numbers.iter().map(key).collect::<Vec<u32>>();
        let compared = common(&list(a, |n| n.place), &list(b, |n| n.place));
        let agreeing = common(&list(a, |n| n.value), &list(b, |n| n.value));
        Self { compared, differing: compared.saturating_sub(agreeing) }
    }

    /// The share of the compared numbers that differ.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.compared == 0 { 0.0 } else { self.differing as f64 / self.compared as f64 }
    }

    /// Whether texts with this containment are one form filled in twice.
    #[must_use]
    pub fn is_template(self, containment: f64) -> bool {
        let broken = if containment >= TEMPLATE_CONTAINMENT { 0.0 } else { TEMPLATE_SLOPE * (1.0 - containment) };
        self.differing >= TEMPLATE_SLOTS && self.share() >= TEMPLATE_SHARE + broken
    }
}

/// The length of the longest common subsequence, 64 cells at a time (Hyyrö, "Bit-parallel LCS-length computation revisited", 2004).
fn common(a: &[u32], b: &[u32]) -> usize {
    if a.is_empty() || b.is_empty() {
        return 0;
    }
    let mut places: Vec<(u32, u32)> = a.iter().enumerate().map(|(at, &key)| (key, at as u32)).collect();
    places.sort_unstable();
    let words = a.len().div_ceil(64);
    let mut row = vec![u64::MAX; words];
    let mut matches = vec![0_u64; words];
    for key in b {
        let from = places.partition_point(|(other, _)| other < key);
        let same = places[from..].iter().take_while(|(other, _)| other == key);
        let mut any = false;
        for (_, at) in same.clone() {
            matches[*at as usize / 64] |= 1 << (at % 64);
            any = true;
        }
        if !any {
            continue;
        }
        let mut carry = false;
        for (cells, matched) in row.iter_mut().zip(&matches) {
            let chosen = *cells & matched;
            let (sum, over) = cells.overflowing_add(chosen);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            carry = over || again;
            *cells = sum | (*cells - chosen);
        }
        for (_, at) in same {
            matches[*at as usize / 64] = 0;
        }
    }
    let last = a.len() - 64 * (words - 1);
    let mask = |word: usize| if word + 1 < words || last == 64 { u64::MAX } else { (1 << last) - 1 };
    row.iter().enumerate().map(|(word, cells)| (!cells & mask(word)).count_ones() as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(a: &[u32], b: &[u32]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut before = 0;
            for (at, y) in b.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if x == y { before + 1 } else { above.max(row[at]) };
                before = above;
            }
        }
        row[b.len()]
    }

    proptest! {
        #[test]
        fn the_length_is_that_of_the_plain_table(a in proptest::collection::vec(0_u32..6, 0..200), b in proptest::collection::vec(0_u32..6, 0..200)) {
            prop_assert_eq!(common(&a, &b), plain(&a, &b));
        }
    }

    fn agreement(a: &str, b: &str) -> (usize, usize) {
        let agreement = Agreement::of(&Prepared::of(a), &Prepared::of(b));
        (agreement.compared, agreement.differing)
    }

    #[test]
    fn numbers_between_the_same_neighbours_are_compared() {
        assert_eq!(agreement("今日最高气温12度，最低3度", "今日最高气温15度，最低3度"), (2, 1));
        assert_eq!(agreement("今日最高气温**度，最低3度", "今日最高气温15度，最低4度"), (1, 1));
        assert_eq!(agreement("今日最高气温12度", "昨夜降水为12毫米"), (0, 0));
    }

    #[test]
    fn a_lost_row_does_not_set_the_others_against_each_other() {
        let rows: Vec<String> = (0..9).map(|n| format!("单价为{n}7元整")).collect();
        let mut fewer = rows.clone();
        fewer.remove(2);
        assert_eq!(agreement(&rows.join("\n"), &fewer.join("\n")).1, 0);
    }
}
