//! Where two texts share their words: runs of shared grams, small gaps bridged, as byte ranges of both.

use serde::Serialize;

use super::prepared::Prepared;
use super::thresholds::{BRIDGE, PASSAGE_GRAMS, PASSAGES};

/// A passage that two texts share, as byte ranges of the two cleaned texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Passage {
    /// First byte and one past the last in `a`.
    #[cfg_attr(feature = "server", schema(value_type = [usize; 2]))]
    pub a: (usize, usize),
    /// The same in `b`.
    #[cfg_attr(feature = "server", schema(value_type = [usize; 2]))]
    pub b: (usize, usize),
}

/// For each gram of one text, the grams of another with the same hash.
pub(super) struct Matches {
    /// For each gram of `a` where its equals begin among `b`'s sorted grams, and how many there are.
    of_a: Vec<(u32, u32)>,
    /// Grams of `a` that stand in `b`, and of `b` that stand in `a`.
    pub a: u32,
    pub b: u32,
}

/// What a shared gram takes from a stretch of own ones.
const SHARED_COSTS: u32 = 2;

const LOWER: u64 = 0xffff_ffff;

impl Matches {
    /// One pass over both sorted lists.
    pub(super) fn of(a: &Prepared, b: &Prepared) -> Self {
        let mut of_a = vec![(0, 0); a.places.len()];
        let (mut in_a, mut in_b) = (0, 0);
        let (mut i, mut j) = (0, 0);
        let (left, right) = (a.sorted.as_slice(), b.sorted.as_slice());
        while let (Some(&x), Some(&y)) = (left.get(i), right.get(j)) {
            let (x_hash, y_hash) = (x >> 32, y >> 32);
            if x_hash != y_hash {
                i += usize::from(x_hash < y_hash);
                j += usize::from(y_hash < x_hash);
                continue;
            }
            let count = right[j..].iter().take_while(|&&other| other >> 32 == x_hash).count();
            while let Some(&x) = left.get(i)
                && x >> 32 == x_hash
            {
                of_a[(x & LOWER) as usize] = (j as u32, count as u32);
                in_a += 1;
                i += 1;
            }
            in_b += count as u32;
            j += count;
        }
        Self { of_a, a: in_a, b: in_b }
    }

    /// Whether all these grams of `a` stand in `b`.
    pub(super) fn hold(&self, grams: std::ops::Range<usize>) -> bool {
        self.of_a.get(grams).is_some_and(|grams| grams.iter().all(|(_, count)| *count > 0))
    }

    /// The largest stretch of `a` that is its own: grams that do not stand in `b`, less two for each that does, so that a set phrase here and
    /// there does not end it and scattered edits do not add up.
    pub(super) fn own_stretch(&self) -> u32 {
        let (mut largest, mut stretch) = (0, 0_u32);
        for (_, count) in &self.of_a {
            stretch = if *count == 0 { stretch + 1 } else { stretch.saturating_sub(SHARED_COSTS) };
            largest = largest.max(stretch);
        }
        largest
    }

    /// The places in `b` of a gram of `a`, ascending.
    fn places<'b>(&self, b: &'b Prepared, gram: usize) -> &'b [u64] {
        let (from, count) = self.of_a[gram];
        &b.sorted[from as usize..(from + count) as usize]
    }
}

/// A run of shared grams: its first gram and one past its last in both texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub a: (u32, u32),
    pub b: (u32, u32),
}

/// The runs, in order of `a`, gaps bridged.
pub(super) fn runs(matches: &Matches, a: &Prepared, b: &Prepared) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    // Where the next gram of b would stand if the run went on.
    let mut next = 0;
    for gram in 0..a.grams() {
        let places = matches.places(b, gram as usize);
        let Some(&first) = places.first() else {
            next += 1;
            continue;
        };
        // On from where the last one stood, else from the beginning.
        let at = places.partition_point(|place| (place & LOWER) < next);
        let place = (places.get(at).copied().unwrap_or(first) & LOWER) as u32;
        next = u64::from(place) + 1;
        match runs.last_mut() {
            Some(run)
                if gram <= run.a.1 + BRIDGE
                    && place >= run.b.0
                    && place + BRIDGE >= run.b.1
                    && place <= run.b.1 + BRIDGE =>
            {
                run.a.1 = gram + 1;
                run.b.1 = run.b.1.max(place + 1);
            }
            _ => runs.push(Run { a: (gram, gram + 1), b: (place, place + 1) }),
        }
    }
    runs
}

/// The longest runs, at most 64, as byte ranges in order of `a`.
pub(super) fn passages(runs: &[Run], a: &Prepared, b: &Prepared) -> Vec<Passage> {
    let length = |run: &Run| run.a.1 - run.a.0;
    let mut kept: Vec<Run> = runs.iter().copied().filter(|run| length(run) >= PASSAGE_GRAMS).collect();
    if kept.is_empty() {
        kept = runs.to_vec();
    }
    if kept.len() > PASSAGES {
        kept.sort_by_key(|run| (std::cmp::Reverse(length(run)), run.a.0));
        kept.truncate(PASSAGES);
        kept.sort_by_key(|run| run.a.0);
    }
    let mut out: Vec<Passage> = Vec::with_capacity(kept.len());
    for run in &kept {
        let (mut a, b) = (bytes(a, run.a), bytes(b, run.b));
        // The grams of neighbouring runs reach into each other.
        a.0 = out.last().map_or(a.0, |before| a.0.max(before.a.1).min(a.1));
        out.push(Passage { a, b });
    }
    out
}

/// The bytes from a run's first gram to its last.
fn bytes(text: &Prepared, (start, end): (u32, u32)) -> (usize, usize) {
    let places = text.places.get(start as usize..end as usize).unwrap_or_default();
    let first = places.first().map_or(0, |place| place.0);
    let last = places.last().map_or(0, |place| place.1);
    (first as usize, last as usize)
}
