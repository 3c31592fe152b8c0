//! The sort by a small key that takes no memory for a second copy.

/// Buckets that codes are moved to at a time.
const FEW_BUCKETS: usize = 1 << 8;

/// Puts codes and their ids into the order of `key`, of which `counts` tells how often it has each value.
///
/// Where there are many buckets, codes first move to a run of buckets and then to their own: with all buckets at once
/// nearly every move would miss the cache.
pub(super) fn distribute(codes: &mut [u64], ids: &mut [u32], counts: &[u32], key: impl Fn(u64) -> usize) {
    if counts.len() <= FEW_BUCKETS {
        flag_sort(codes, ids, counts, key);
        return;
    }
    let runs: Vec<u32> = counts.chunks(FEW_BUCKETS).map(|counts| counts.iter().sum()).collect();
    flag_sort(codes, ids, &runs, |code| key(code) / FEW_BUCKETS);
    let mut start = 0;
    for (&size, counts) in runs.iter().zip(counts.chunks(FEW_BUCKETS)) {
        let run = start..start + size as usize;
        start = run.end;
        flag_sort(&mut codes[run.clone()], &mut ids[run], counts, |code| key(code) % FEW_BUCKETS);
    }
}

/// American flag sort (`McIlroy` and others 1993): each swap brings one code to its bucket.
fn flag_sort(codes: &mut [u64], ids: &mut [u32], counts: &[u32], key: impl Fn(u64) -> usize) {
    let mut next = Vec::with_capacity(counts.len());
    let mut sum = 0;
    for &count in counts {
        next.push(sum);
        sum += count as usize;
    }
    let mut end = 0;
    for (bucket, &count) in counts.iter().enumerate() {
        end += count as usize;
        while next[bucket] < end {
            let at = next[bucket];
            let home = key(codes[at]);
            if home != bucket {
                codes.swap(at, next[home]);
                ids.swap(at, next[home]);
            }
            next[home] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_keeps_codes_with_their_ids() {
        let before: Vec<u64> = (0..500_u64).map(|at| at.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        for bits in [1, 8, 11] {
            let key = |code: u64| (code >> (64 - bits)) as usize;
            let (mut codes, mut ids): (Vec<u64>, Vec<u32>) = (before.clone(), (0..500).collect());
            let mut counts = vec![0; 1 << bits];
            for &code in &codes {
                counts[key(code)] += 1;
            }
            distribute(&mut codes, &mut ids, &counts, key);
            assert!(codes.is_sorted_by_key(|&code| key(code)));
            assert!(codes.iter().zip(&ids).all(|(&code, &id)| before[id as usize] == code));
        }
    }
}
