//! Runs of numbers in delta encoding (`DELTA_BINARY_PACKED` in Parquet's Encodings.md): whether they are as many as they say.
//!
//! Two encodings of strings begin with such runs, and decoders make room for as many numbers as the run says.

/// Whether a page begins with `runs` runs of at most `most` numbers, all of them there.
pub(super) fn are_plausible(page: &[u8], runs: usize, most: u64) -> bool {
    let mut rest = page;
    (0..runs).all(|_| match skip(rest, most) {
        Some(behind) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// What stands behind a run.
fn skip(page: &[u8], most: u64) -> Option<&[u8]> {
    let mut rest = page;
    let (block, minis, count) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
    number(&mut rest)?;
    if count > most || minis == 0 || minis > block || block > most || block % minis != 0 || (block / minis) % 32 != 0 {
        return None;
    }
    let per_mini = block / minis;
    let mut left = count.saturating_sub(1);
    while left > 0 {
        number(&mut rest)?;
        let (widths, packed) = rest.split_at_checked(usize::try_from(minis).ok()?)?;
        rest = packed;
        for width in widths {
            if left == 0 {
                break;
            }
            let bytes = u64::from(*width).checked_mul(per_mini)? / 8;
            // Writers may cut the last block off behind its last number.
            rest = rest
                .get(usize::try_from(bytes).ok()?..)
                .or_else(|| (left <= per_mini).then_some(&rest[rest.len()..]))?;
            left = left.saturating_sub(per_mini);
        }
    }
    Some(rest)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, behind) = rest.split_first()?;
        *rest = behind;
        number |= u64::from(first & 127) << shift;
        if *first < 128 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of five numbers in one block of 128, four minis of 32, the first of 2 bits; one byte stands behind.
    const RUN: &[u8] = &[0x80, 1, 4, 5, 0, 2, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 99];

    #[test]
    fn a_run_is_passed_over() {
        assert_eq!(skip(RUN, 100), None, "blocks count too");
        assert_eq!(skip(RUN, 1000), Some(&[99][..]));
        assert!(are_plausible(&[&RUN[..18], &RUN[..18]].concat(), 2, 1000));
    }

    #[test]
    fn lies_are_found() {
        for run in [
            &[][..],
            &[0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0x7f, 0],
            &[0x80, 1, 0, 5, 0],
            &[0x80, 1, 4, 200, 1, 0, 2, 2],
        ] {
            assert!(!are_plausible(run, 1, 1 << 20));
        }
    }
}
