//! A sieve before the automaton: units without the first two characters of any literal are not searched at all.
//!
//! An overlapping search costs about ten nanoseconds a byte; looking two characters up in a bit table costs a tenth of
//! that, and most units of honest text stop there.

/// Bits of the table: 128 KiB, which stays in the second-level cache, and sparse even with ten thousand literals.
const BITS: usize = 1 << 20;

/// The first two characters of every literal, hashed into one bit each.
pub(super) struct Prefilter {
    table: Box<[u64]>,
    /// Literals of one character can only be whole units.
    singles: bool,
}

impl std::fmt::Debug for Prefilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prefilter").finish_non_exhaustive()
    }
}

impl Prefilter {
    pub(super) fn new<'w>(literals: impl IntoIterator<Item = &'w str>) -> Self {
        let mut filter = Self { table: vec![0; BITS / 64].into_boxed_slice(), singles: false };
        for literal in literals {
            let mut chars = literal.chars();
            match (chars.next(), chars.next()) {
                (Some(first), Some(second)) => {
                    let bit = bit(first, second);
                    filter.table[bit / 64] |= 1 << (bit % 64);
                }
                _ => filter.singles = true,
            }
        }
        filter
    }

    /// Whether a literal may stand in a text; `true` may be wrong, `false` never is.
    pub(super) fn may_match(&self, text: &str) -> bool {
        let mut chars = text.chars();
        let Some(mut before) = chars.next() else { return false };
        let mut count = 1;
        for c in chars {
            let bit = bit(before, c);
            if self.table[bit / 64] >> (bit % 64) & 1 == 1 {
                return true;
            }
            before = c;
            count += 1;
        }
        count == 1 && self.singles
    }
}

#[inline]
fn bit(first: char, second: char) -> usize {
    let mixed = (first as u32).wrapping_mul(0x9e37_79b1) ^ (second as u32).wrapping_mul(0x85eb_ca6b);
    (mixed ^ (mixed >> 15)) as usize % BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_literal_is_missed_and_most_text_passes() {
        let filter = Prefilter::new(["加微信", "责任编辑", "顶"]);
        assert!(filter.may_match("请加微信") && filter.may_match("责任编辑:某某") && filter.may_match("顶"));
        assert!(!filter.may_match("人民政府应当加强管理") && !filter.may_match("") && !filter.may_match("顶层设计"));
    }
}
