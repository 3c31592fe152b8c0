//! How a query shares its radius among the four blocks of 16 bits.
//!
//! Ring d of a block is the buckets whose key differs from the query's in exactly d bits. If `rings[b]` rings of each
//! block b are searched and the rings add up to radius + 1, nothing near is missed: a code outside all of them differs
//! in at least `rings[b]` bits of each block, so in more than `radius` bits in all. This is the general pigeonhole
//! principle of Qin et al. 2018; with one ring each it is the four tables of Manku et al. 2007 for radius 3.
//!
//! The rings are taken one by one, cheapest first. A block whose bucket is huge, because most texts share its bits, is
//! thereby left out, and further rings of a more telling block are searched in its place.

use std::iter;

use super::search::Buckets;

/// Blocks of a code.
pub(super) const BLOCKS: usize = 4;

/// Keys of a block: all values of 16 bits.
pub(super) const KEYS: usize = 1 << 16;

/// What opening one bucket costs, in codes scanned: about two cache misses.
const PROBE: usize = 32;

/// Buckets in a ring of each distance: 16 over d. Farther rings are never worth it.
const RING_BUCKETS: [usize; 4] = [1, 16, 120, 560];

/// The key of a block: bits 16 * block and up.
pub(super) const fn key(code: u64, block: usize) -> u16 {
    (code >> (16 * block)) as u16
}

/// All 16-bit masks with `distance` bits set, ascending.
pub(super) fn ring(distance: u32) -> impl Iterator<Item = u16> {
    let first = (1_u32 << distance) - 1;
    let masks = iter::successors(Some(first), |&mask| {
        // The next larger number with as many bits (Gosper): the lowest run of ones moves its top bit up by one, and
        // the rest of the run falls to the bottom. Zero is alone in its ring.
        let low = mask & mask.wrapping_neg();
        let up = mask + low;
        (mask != 0).then(|| ((up ^ mask) >> 2 >> low.trailing_zeros()) | up)
    });
    masks.map_while(|mask| u16::try_from(mask).ok())
}

/// The rings of each block to search, or nothing where going through all codes is cheaper.
pub(super) fn rings(index: &impl Buckets, code: u64, radius: u32) -> Option<[u32; BLOCKS]> {
    let mut rings = [0; BLOCKS];
    let mut prices: [Price; BLOCKS] = std::array::from_fn(|block| Price::exact(index, code, block, 0));
    let mut left = index.codes() + KEYS;
    for _ in 0..=radius {
        let block = cheapest(index, code, &rings, &mut prices)?;
        left = left.checked_sub(prices[block].codes)?;
        rings[block] += 1;
        prices[block] = Price::at_least(rings[block]);
    }
    Some(rings)
}

/// The block whose next ring costs least. A price is only looked up where its lower bound does not rule it out, because
/// looking up a ring touches the table at as many places as searching it.
fn cheapest(index: &impl Buckets, code: u64, rings: &[u32; BLOCKS], prices: &mut [Price; BLOCKS]) -> Option<usize> {
    loop {
        let block = (0..BLOCKS).min_by_key(|&block| prices[block].codes)?;
        match prices[block] {
            Price { codes: usize::MAX, .. } => return None,
            Price { exact: true, .. } => return Some(block),
            Price { exact: false, .. } => prices[block] = Price::exact(index, code, block, rings[block]),
        }
    }
}

/// What searching a ring costs, in codes scanned.
#[derive(Debug, Clone, Copy)]
struct Price {
    codes: usize,
    exact: bool,
}

impl Price {
    /// The price of a ring whose buckets are all empty.
    fn at_least(distance: u32) -> Self {
        let buckets = RING_BUCKETS.get(distance as usize);
        Self { codes: buckets.map_or(usize::MAX, |buckets| buckets * PROBE), exact: false }
    }

    fn exact(index: &impl Buckets, code: u64, block: usize, distance: u32) -> Self {
        let key = key(code, block);
        let codes = ring(distance).map(|mask| PROBE + index.bucket_len(block, key ^ mask)).sum();
        Self { codes, exact: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_holds_every_mask_of_its_distance_once() {
        for distance in 0..=16 {
            let masks: Vec<u16> = ring(distance).collect();
            let wanted: Vec<u16> = (0..=u16::MAX).filter(|mask| mask.count_ones() == distance).collect();
            assert_eq!(masks, wanted);
        }
        assert!((0..4).all(|distance| ring(distance as u32).count() == RING_BUCKETS[distance]));
    }
}
