//! The numbers of two texts side by side: do they tell of the same thing, or are the texts one form filled in twice?
//!
//! Numbers are compared where they stand between the same neighbours in both texts. The places that both have say how many can be compared,
//! the places with their values how many of them agree. Order plays no part, so neither a lost row of a table nor lines in another order
//! set numbers against each other.

use super::prepared::{Number, Prepared};
use super::thresholds::{TEMPLATE_BROKEN, TEMPLATE_CONTAINMENT, TEMPLATE_SHARE, TEMPLATE_SLOTS};

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
        let compared = common(list(a, |n| n.place), list(b, |n| n.place));
        let agreeing = common(list(a, |n| n.value), list(b, |n| n.value));
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
        // c^(3/4) by two square roots, which are exact to the last bit everywhere; powers are not.
        let whole = containment.sqrt() * containment.sqrt().sqrt();
        let broken = if containment >= TEMPLATE_CONTAINMENT { 0.0 } else { TEMPLATE_BROKEN * (1.0 - whole) };
        self.differing >= TEMPLATE_SLOTS && self.share() >= TEMPLATE_SHARE + broken
    }
}

/// How many entries two lists share, an entry counting as often as it stands in both.
fn common(mut a: Vec<u32>, mut b: Vec<u32>) -> usize {
    a.sort_unstable();
    b.sort_unstable();
    let (mut i, mut j, mut both) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        i += usize::from(x <= y);
        j += usize::from(y <= x);
        both += usize::from(x == y);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

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
