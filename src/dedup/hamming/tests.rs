//! The index and the pairs against going through all codes, for codes of several kinds.

use super::*;

/// `SplitMix64`: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// `code` with up to `flips` bits turned.
    fn flipped(&mut self, code: u64, flips: u64) -> u64 {
        (0..self.next() % (flips + 1)).fold(code, |code, _| code ^ (1 << (self.next() % 64)))
    }
}

/// Arrays of codes: spread, clustered, and shaped so that blocks are alike.
fn kinds(count: usize) -> Vec<(&'static str, Vec<u64>)> {
    let mut numbers = Numbers(7);
    let mut make = |shape: &dyn Fn(&mut Numbers) -> u64| (0..count).map(|_| shape(&mut numbers)).collect::<Vec<u64>>();
    vec![
        ("random", make(&Numbers::next)),
        ("zero", vec![0; count / 4]),
        (
            "clustered",
            make(&|numbers| {
                let centre = Numbers(numbers.next() % 20).next();
                numbers.flipped(centre, 9)
            }),
        ),
        ("one cluster", make(&|numbers| numbers.flipped(u64::MAX, 12))),
        ("low block only", make(&|numbers| numbers.next() & 0xffff)),
        ("three blocks equal", make(&|numbers| (numbers.next() & (0xffff << 32)) | 0xabcd_0000_1234_5678)),
        ("every fourth bit", make(&|numbers| numbers.next() & 0x1111_1111_1111_1111)),
        (
            "folds all equal",
            make(&|numbers| {
                let half = numbers.next() & 0xffff_ffff;
                (half << 32) | half
            }),
        ),
        ("biased", make(&|numbers| numbers.next() & numbers.next() & numbers.next())),
    ]
}

fn scan(codes: &[u64], code: u64, radius: u32) -> Vec<u32> {
    (0_u32..).zip(codes).filter(|&(_, &other)| (other ^ code).count_ones() <= radius).map(|(id, _)| id).collect()
}

#[test]
fn both_indexes_find_what_a_scan_finds() {
    for (kind, codes) in kinds(1500) {
        let tables = BlockTables::build(&codes);
        let mut online = OnlineTables::new();
        assert!(codes.iter().enumerate().all(|(id, &code)| online.insert(code) as usize == id));
        let mut numbers = Numbers(1);
        let mut found = vec![99];
        for round in 0..24_usize {
            let near = numbers.flipped(codes[round * 13 % codes.len()], 8);
            let code = [near, near, numbers.next(), 0][round % 4];
            // The last four go through all codes, which is slow here for the empty buckets.
            let far = if round < 4 { &[15, 16, 40, 1000][..] } else { &[] };
            for radius in (0..=8).chain(far.iter().copied()) {
                let wanted = scan(&codes, code, radius);
                tables.within(code, radius, &mut found);
                assert_eq!(found, wanted, "{kind}, radius {radius}");
                online.within(code, radius, &mut found);
                assert_eq!(found, wanted, "online, {kind}, radius {radius}");
            }
        }
    }
}

#[test]
fn removed_codes_are_not_found() {
    let (_, codes) = kinds(2000).swap_remove(3);
    let mut online: OnlineTables = OnlineTables::default();
    for &code in &codes {
        online.insert(code);
    }
    for id in (0..2000).filter(|id| id % 3 != 0) {
        assert!(online.remove(id));
        assert!(!online.remove(id));
    }
    assert!(!online.remove(2000));
    assert_eq!(online.len(), 667);
    let mut found = Vec::new();
    for radius in [0, 3, 6, 64] {
        online.within(codes[6], radius, &mut found);
        let wanted: Vec<u32> = scan(&codes, codes[6], radius).into_iter().filter(|id| id % 3 == 0).collect();
        assert_eq!(found, wanted);
    }
    assert_eq!(online.insert(codes[1]), 2000);
    online.within(codes[1], 0, &mut found);
    assert!(found.contains(&2000) && !found.contains(&1));
}

#[test]
fn an_empty_index_finds_nothing() {
    let mut found = vec![1];
    BlockTables::build(&[]).within(0, 64, &mut found);
    assert!(found.is_empty());
    assert!(OnlineTables::new().is_empty());
    pairs_within(&[], 3, &mut |_, _| unreachable!());
    pairs_within(&[5], 64, &mut |_, _| unreachable!());
}

fn pairs(codes: &[u64], radius: u32) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    pairs_within(codes, radius, &mut |one, other| pairs.push((one, other)));
    pairs
}

#[test]
fn every_near_pair_comes_once() {
    for (kind, codes) in kinds(1200) {
        for radius in [0, 1, 2, 3, 4, 6, 20] {
            let mut found = pairs(&codes, radius);
            assert_eq!(found, pairs(&codes, radius), "the order is the same in every run");
            found.sort_unstable();
            let near = |one: usize| {
                scan(&codes[one + 1..], codes[one], radius).into_iter().map(move |at| (one as u32, at + one as u32 + 1))
            };
            let wanted: Vec<(u32, u32)> = (0..codes.len()).flat_map(near).collect();
            assert!(found == wanted, "{kind}, radius {radius}: {} for {}", found.len(), wanted.len());
        }
    }
}

#[test]
fn groups_of_equal_codes_stand_for_their_pairs() {
    let mut numbers = Numbers(3);
    let codes: Vec<u64> = (0..600).map(|at| numbers.flipped(at % 3, 2)).collect();
    let groups = groups_of_equal(&codes);
    let mut count = 0;
    for group in 0..groups.distinct().len() as u32 {
        let size = groups.members(group).len();
        count += size * (size - 1) / 2;
    }
    for (one, other) in pairs(groups.distinct(), 3) {
        count += groups.members(one).len() * groups.members(other).len();
    }
    assert_eq!(count, pairs(&codes, 3).len());
}

#[test]
fn memory_is_what_is_said() {
    let codes: Vec<u64> = (0..100_000).map(|at| Numbers(at).next()).collect();
    let fixed = 4 * 4 * (1 << 16);
    let bytes = BlockTables::build(&codes).bytes();
    assert!((40 * codes.len() + fixed..41 * codes.len() + fixed).contains(&bytes), "{bytes}");
}
