//! The blocks that a group of codes is split by, and the sort by one of them.

use super::distribute::distribute;

/// What splitting a group by one block costs for each of its codes, in comparisons of two codes.
const SPLIT: usize = 32;

/// More bits than this would make the counts of a block outgrow the second-level cache.
const MOST_BITS: u32 = 16;

/// Some of the bits of a code.
#[derive(Debug)]
pub(super) struct Block {
    /// The bits.
    pub(super) mask: u64,
    /// Bits that are neighbours, so that a key is put together with few shifts.
    runs: Vec<Run>,
    /// How many codes of the group have each key.
    counts: Vec<u32>,
}

#[derive(Debug)]
struct Run {
    /// How far down the bits move.
    down: u32,
    /// Where they then are.
    mask: u64,
}

/// One block more than `radius`, so that codes within the radius agree in one of them, made of bits that not all codes
/// have alike. None where comparing every two codes costs less than the splitting and then comparing every two codes
/// that share a block.
pub(super) fn choose(codes: &[u64], radius: u32) -> Option<Vec<Block>> {
    let blocks = radius as usize + 1;
    if codes.len() <= 2 * SPLIT * blocks {
        return None;
    }
    let mut classes = by_balance(codes);
    // A block of more bits than the number of codes has would only make more buckets than there are codes.
    let most = MOST_BITS.min(codes.len().ilog2());
    let mut left = square(codes.len()) / 2;
    let mut chosen = Vec::with_capacity(blocks);
    for to_choose in (1..=blocks as u32).rev() {
        let [telling, fair, poor] = &mut classes;
        let mut mask = take(telling, telling.count_ones().div_ceil(to_choose), most);
        // Rounded down, because the first blocks have been given the telling bits that are over.
        mask |= take(fair, fair.count_ones() / to_choose, most - mask.count_ones());
        mask |= take(poor, poor.count_ones().div_ceil(to_choose), most - mask.count_ones());
        let block = Block::new(mask, codes);
        // A block without bits leaves all to compare, and so ends the attempt here.
        let after: u64 = block.counts.iter().map(|&count| square(count as usize) / 2).sum();
        left = left.checked_sub(after + (SPLIT * codes.len()) as u64)?;
        chosen.push(block);
    }
    Some(chosen)
}

/// The bits that vary, in three classes by how often a sample of the codes has the rarer value: at least 3/8, at least
/// 1/8, less. Each block gets its share of every class, so that none is made of bits that nearly all codes have alike.
fn by_balance(codes: &[u64]) -> [u64; 3] {
    // An odd step, because codes in an array are more likely to have a pattern with an even period.
    let sample = codes.iter().step_by((codes.len() / 512).max(4) | 1);
    let size = sample.len() as u32;
    let mut ones = [0_u32; 64];
    for code in sample {
        for (bit, ones) in ones.iter_mut().enumerate() {
            *ones += (code >> bit) as u32 & 1;
        }
    }
    let mut classes = [0; 3];
    for (bit, ones) in ones.into_iter().enumerate() {
        let class = match 8 * ones.min(size - ones) / size.max(1) {
            3.. => 0,
            1.. => 1,
            0 => 2,
        };
        classes[class] |= 1 << bit;
    }
    classes.map(|class: u64| class & varying(codes))
}

/// The bits that not all codes have alike.
pub(super) fn varying(codes: &[u64]) -> u64 {
    let first = codes.first().copied().unwrap_or(0);
    codes.iter().fold(0, |bits, code| bits | (code ^ first))
}

fn square(count: usize) -> u64 {
    (count * count) as u64
}

/// Takes the lowest `share` bits out of `rest` and returns the lowest of those, at most `most`.
fn take(rest: &mut u64, share: u32, most: u32) -> u64 {
    let mut mask = 0;
    for at in 0..share {
        let low = *rest & rest.wrapping_neg();
        *rest ^= low;
        if at < most {
            mask |= low;
        }
    }
    mask
}

impl Block {
    fn new(mask: u64, codes: &[u64]) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut rest = mask;
        for at in 0..mask.count_ones() {
            let down = rest.trailing_zeros() - at;
            match runs.last_mut() {
                Some(run) if run.down == down => run.mask |= 1 << at,
                _ => runs.push(Run { down, mask: 1 << at }),
            }
            rest &= rest.wrapping_sub(1);
        }
        let mut block = Self { mask, runs, counts: vec![0; 1 << mask.count_ones()] };
        for &code in codes {
            let key = block.key(code);
            block.counts[key] += 1;
        }
        block
    }

    fn key(&self, code: u64) -> usize {
        self.runs.iter().fold(0, |key, run| key | ((code >> run.down) & run.mask)) as usize
    }

    /// Sorts the group by this block, in place. The order within a bucket depends on nothing but the order before.
    pub(super) fn sort(&self, codes: &mut [u64], ids: &mut [u32]) {
        distribute(codes, ids, &self.counts, |code| self.key(code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_bits_of_the_mask_closed_up() {
        let block = Block::new(0x8000_0600_0000_00f1, &[]);
        assert_eq!(block.key(u64::MAX), 0xff);
        assert_eq!(block.key(0x8000_0000_0000_0010), 0x82);
        assert_eq!(block.key(!block.mask), 0);
    }

    #[test]
    fn bits_that_all_codes_share_are_in_no_block() {
        let codes: Vec<u64> = (0..4096).map(|at| 0xabc0_0000_0000_0000 | (at << 20)).collect();
        let blocks = choose(&codes, 2).unwrap();
        assert_eq!(blocks.iter().map(|block| block.mask).collect::<Vec<_>>(), [0xf << 20, 0xf << 24, 0xf << 28]);
        assert!(choose(&vec![5; 4096], 2).is_none());
    }
}
