//! The 32-bit fold of a code, and the scan that finds the folds near a given one.
//!
//! Fold(a) XOR fold(b) is fold(a XOR b), and folding never adds set bits. So folds are never farther apart than their
//! codes, and a scan over folds misses nothing. Of random codes about one in a million passes at radius 3 without being
//! near, which makes 4 bytes of a code enough for nearly every comparison.

/// Folds that are tested together. Four SSE2 registers: baseline x86-64 has no wider ones.
const LANES: usize = 16;

/// The XOR of the two halves of a code.
pub(super) const fn fold(code: u64) -> u32 {
    (code ^ (code >> 32)) as u32
}

/// A fold of codes that differ only in `varying` bits: one half turned against the other so that as few as possible of
/// these share a place of the fold with another while other places stay empty. Returns the fold.
pub(super) fn fold_of(varying: u64) -> impl Fn(u64) -> u32 {
    let turned = |code: u64, turn: u32| ((code >> 32) as u32).rotate_left(turn);
    let places = |turn: u32| (varying as u32 | turned(varying, turn)).count_ones();
    // The first of the best, so that the usual fold is used where it is as good.
    let turn = (0..32).step_by(4).rev().max_by_key(|&turn| places(turn)).unwrap_or(0);
    move |code| code as u32 ^ turned(code, turn)
}

/// Calls `hit` with the position of every fold that differs from `want` in at most `radius` bits, in order.
pub(super) fn near(folds: &[u32], want: u32, radius: u32, hit: &mut impl FnMut(usize)) {
    match radius {
        0 => scan(folds, want, hit, few::<0>),
        1 => scan(folds, want, hit, few::<1>),
        2 => scan(folds, want, hit, few::<2>),
        3 => scan(folds, want, hit, few::<3>),
        4 => scan(folds, want, hit, few::<4>),
        5 => scan(folds, want, hit, few::<5>),
        6 => scan(folds, want, hit, few::<6>),
        _ => scan(folds, want, hit, |bits| bits.count_ones() <= radius),
    }
}

/// Whether at most `RADIUS` bits are set. Clearing the lowest bit so many times is two vector instructions each, less
/// than a count of bits where the processor may have no instruction for that.
#[inline]
fn few<const RADIUS: usize>(mut bits: u32) -> bool {
    for _ in 0..RADIUS {
        bits &= bits.wrapping_sub(1);
    }
    bits == 0
}

#[inline]
fn scan(folds: &[u32], want: u32, hit: &mut impl FnMut(usize), close: impl Fn(u32) -> bool) {
    // No branch within a chunk, so that the compiler can test its folds side by side.
    let any = |chunk: &[u32; LANES]| chunk.iter().fold(false, |any, &fold| any | close(fold ^ want));
    let (chunks, rest) = folds.as_chunks::<LANES>();
    for (at, chunk) in chunks.iter().enumerate() {
        if any(chunk) {
            single(chunk, want, at * LANES, hit, &close);
        }
    }
    // The rest is first tested together with the folds before it, which is quicker than one by one.
    if folds.last_chunk().is_none_or(any) {
        single(rest, want, chunks.len() * LANES, hit, &close);
    }
}

#[inline]
fn single(folds: &[u32], want: u32, first: usize, hit: &mut impl FnMut(usize), close: &impl Fn(u32) -> bool) {
    for (at, &fold) in folds.iter().enumerate() {
        if close(fold ^ want) {
            hit(first + at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scan_finds_what_a_count_of_bits_finds() {
        let folds: Vec<u32> = (0..77_u32).map(|at| at.wrapping_mul(0x0101_0101) & 0x0f3f_0107).collect();
        for radius in 0..=9 {
            for want in [0, u32::MAX, folds[40]] {
                let mut found = Vec::new();
                near(&folds, want, radius, &mut |at| found.push(at));
                let wanted: Vec<usize> =
                    (0..folds.len()).filter(|&at| (folds[at] ^ want).count_ones() <= radius).collect();
                assert_eq!(found, wanted);
            }
        }
    }

    #[test]
    fn bits_that_vary_are_spread_over_the_fold() {
        let fold = fold_of(0x00ff_00ff_00ff_00ff);
        assert_eq!(fold(0x00ff_00ff_0000_0000) & fold(0x00ff_00ff), 0);
        assert_eq!(fold_of(u64::MAX)(0x1234_5678_0000_ffff), super::fold(0x1234_5678_0000_ffff));
    }

    #[test]
    fn folds_are_never_farther_apart_than_codes() {
        for (one, other) in [(0, u64::MAX), (0x8000_0001_0000_0000, 1), (7, 0x7_0000_0000)] {
            assert!((fold(one) ^ fold(other)).count_ones() <= (one ^ other).count_ones());
            assert_eq!(fold(one) ^ fold(other), fold(one ^ other));
        }
    }
}
