//! Documents that are several documents: which of those found inside are parts, whatever their size.

use super::thresholds::INSIDE_OVERLAP;

/// Most pairs of one document whose texts are compared.
const MOST_PAIRS: usize = 4096;
/// Most others that are looked at for each.
const MOST_OTHERS: usize = 512;

/// Given the byte ranges that documents fill in a larger one, tells which are parts of it: those for which there is another, unrelated
/// one elsewhere in it. `unrelated` compares two of them by their places in `ranges`.
pub fn parts<E>(
    ranges: &[(u32, u32)],
    mut unrelated: impl FnMut(usize, usize) -> Result<bool, E>,
) -> Result<Vec<bool>, E> {
    let mut is_part = vec![false; ranges.len()];
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(ranges[at].1.saturating_sub(ranges[at].0)), at));
    let mut known: Vec<usize> = Vec::new();
    let mut asked = 0;
    for &one in &order {
        // A part that is known vouches for another at once.
        let others = known.iter().chain(&order).take(MOST_OTHERS).copied();
        let mut witness = None;
        for other in others.filter(|&other| !is_part[one] && apart(ranges[one], ranges[other])) {
            asked += 1;
            if asked > MOST_PAIRS {
                return Ok(is_part);
            }
            if unrelated(one, other)? {
                witness = Some(other);
                break;
            }
        }
        for part in witness.into_iter().flat_map(|other| [one, other]) {
            if !std::mem::replace(&mut is_part[part], true) {
                known.push(part);
            }
        }
    }
    Ok(is_part)
}

/// Whether two ranges overlap by less than a tenth of the shorter.
fn apart(a: (u32, u32), b: (u32, u32)) -> bool {
    let shared = a.1.min(b.1).saturating_sub(a.0.max(b.0));
    let shorter = (a.1 - a.0).min(b.1 - b.0);
    f64::from(shared) < INSIDE_OVERLAP * f64::from(shorter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ranges: &[(u32, u32)], related: &[(usize, usize)]) -> Vec<bool> {
        parts(ranges, |a, b| Ok::<bool, ()>(!related.contains(&(a.min(b), a.max(b))))).unwrap()
    }

    #[test]
    fn two_unrelated_documents_side_by_side_are_parts() {
        assert_eq!(of(&[(0, 480), (500, 1000)], &[]), [true, true]);
        assert_eq!(of(&[(0, 600), (0, 590)], &[]), [false, false]);
        assert_eq!(of(&[(0, 480), (500, 1000)], &[(0, 1)]), [false, false]);
    }

    #[test]
    fn a_copy_of_the_whole_is_no_part() {
        assert_eq!(of(&[(0, 1000), (0, 480), (500, 1000)], &[]), [false, true, true]);
        assert_eq!(of(&[(0, 1000), (0, 480), (10, 470)], &[]), [false, false, false]);
    }

    #[test]
    fn every_part_of_many_is_found() {
        let ranges: Vec<(u32, u32)> = (0..30).map(|n| (n * 100, n * 100 + 95)).collect();
        assert!(of(&ranges, &[]).iter().all(|part| *part));
        assert_eq!(of(&[], &[]), [false; 0]);
    }
}
