//! Which blocks to take, given how likely each is content.
//!
//! Sorted by probability, the prefix that maximises the expected F1 of words: `2·Σₜₐₖₑₙ n·p / (Σₜₐₖₑₙ n + Σₐₗₗ n·p)`.

/// For each block whether it is taken. `blocks` are words and probabilities.
pub fn choose(blocks: &[(u32, f32)]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..blocks.len()).filter(|&at| blocks[at].0 > 0 && blocks[at].1 > 0.0).collect();
    order.sort_by(|&a, &b| blocks[b].1.total_cmp(&blocks[a].1));
    let all: f64 = blocks.iter().map(|&(words, p)| f64::from(words) * f64::from(p)).sum();
    let (mut taken, mut hits, mut best, mut cut) = (0.0, 0.0, 0.0, 0);
    for (count, &at) in order.iter().enumerate() {
        let (words, p) = blocks[at];
        taken += f64::from(words);
        hits += f64::from(words) * f64::from(p);
        let expected = 2.0 * hits / (taken + all);
        if expected > best {
            best = expected;
            cut = count + 1;
        }
    }
    let mut out = vec![false; blocks.len()];
    for &at in &order[..cut] {
        out[at] = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likely_blocks_are_taken_and_unlikely_ones_left() {
        assert_eq!(choose(&[(100, 0.9), (100, 0.1), (50, 0.8), (0, 1.0)]), [true, false, true, false]);
        assert_eq!(choose(&[]), Vec::<bool>::new());
    }

    #[test]
    fn a_page_of_doubtful_blocks_still_gives_something() {
        assert_eq!(choose(&[(100, 0.2), (100, 0.05)]), [true, false]);
    }
}
