//! For each line and sentence the longest run from there on that stands in enough documents.

use std::iter::Peekable;
use std::path::{Path, PathBuf};

use super::super::error::BatchError;
use super::super::file::{Records, Sealed};
use super::super::progress::Progress;
use super::super::spill::{Merge, Sorter};
use super::super::threads::in_order;
use super::{Order, Room};
use crate::dedup::segments;

/// Bytes of a [`Held`] on disk.
pub(super) const HELD: usize = 36;
/// A key and where it stands: what is sorted to be counted.
const KEYED: usize = 24;
/// Where something stands, the number of its group, and the first document that has it.
const ANSWER: usize = 16;

/// What is known of a line or sentence that stands in enough documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// Its document, in the order in which documents come first.
    pub order: u32,
    /// Its number in that document.
    pub at: u32,
    pub key: [u8; 16],
    /// Lines and sentences of the longest run from here on that is known to stand in enough documents.
    pub length: u32,
    /// The number of that run's group: where its count stands in [`COUNTS`].
    pub group: u32,
    /// The first document that has that run.
    pub first: u32,
}

/// How many documents each group has, 4 bytes each.
pub(super) const COUNTS: &str = "passage-counts";
const STATES: [&str; 2] = ["passage-runs-a", "passage-runs-b"];

pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Held {
    fn to_bytes(self) -> [u8; HELD] {
        let mut out = [0; HELD];
        out[..4].copy_from_slice(&self.order.to_be_bytes());
        out[4..8].copy_from_slice(&self.at.to_be_bytes());
        out[8..24].copy_from_slice(&self.key);
        out[24..28].copy_from_slice(&self.length.to_be_bytes());
        out[28..32].copy_from_slice(&self.group.to_be_bytes());
        out[32..].copy_from_slice(&self.first.to_be_bytes());
        out
    }

    pub(super) fn from_bytes(bytes: &[u8; HELD]) -> Self {
        let mut key = [0; 16];
        key.copy_from_slice(&bytes[8..24]);
        Self {
            order: word(bytes, 0),
            at: word(bytes, 4),
            key,
            length: word(bytes, 24),
            group: word(bytes, 28),
            first: word(bytes, 32),
        }
    }
}

/// The next longer run that is looked at.
#[derive(Debug, Clone, Copy)]
enum Grow {
    /// From half of this to this.
    Double(u32),
    /// By this, for runs that doubled beyond it.
    Add(u32),
}

impl Grow {
    /// The length to be looked at, if any.
    fn of(self, held: &Held) -> Option<u32> {
        match self {
            Self::Double(to) => (held.length == to / 2).then_some(to),
            Self::Add(by) => (held.length >= by * 2).then_some(held.length + by),
        }
    }
}

/// Finds the runs; gives the file that holds them, by document and place.
pub(super) fn run(room: &Room<'_>, order: Order, progress: &dyn Progress) -> Result<PathBuf, BatchError> {
    let mut counts = Counts { out: Sealed::create(&room.scratch.path(COUNTS), 1 << 16)?, groups: 0 };
    let mut state = room.scratch.path(STATES[0]);
    singles(room, order, &state, &mut counts, progress)?;
    let hasher = Hasher::of(&state)?;
    let mut turn = 1;
    let mut next = |state: &mut PathBuf, grow| -> Result<u64, BatchError> {
        let target = room.scratch.path(STATES[turn]);
        let grown = round(room, state, &target, &hasher, grow, &mut counts)?;
        (*state, turn) = (target, 1 - turn);
        Ok(grown)
    };
    let mut length = 2_u32;
    while length < u32::MAX / 4 && next(&mut state, Grow::Double(length))? > 0 {
        length *= 2;
    }
    // The last doubling failed everywhere: half of it is the longest power, and smaller steps may be added to it.
    let mut by = length / 4;
    while by > 0 {
        next(&mut state, Grow::Add(by))?;
        by /= 2;
    }
    counts.out.finish()?;
    Ok(state)
}

/// Writes down how many documents each group has.
struct Counts {
    out: Sealed,
    groups: u32,
}

impl Counts {
    /// Ends a group, which counts if it has enough documents.
    fn close(&mut self, documents: u32, enough: u32) -> Result<(), BatchError> {
        if documents >= enough {
            self.out.put(&documents.to_be_bytes())?;
            self.groups += 1;
        }
        Ok(())
    }
}

/// The lines and sentences that stand in enough documents.
fn singles(
    room: &Room<'_>,
    order: Order,
    state: &Path,
    counts: &mut Counts,
    progress: &dyn Progress,
) -> Result<(), BatchError> {
    let memory = room.limits.memory / 8;
    let mut keys = Sorter::<KEYED>::new(&room.scratch.folder, "sort-passages", memory);
    let texts = room.documents().map(|number| (number, room.directory.docs[number as usize].text.1 as usize));
    let cut = |(number, _): (u32, usize)| -> Result<_, BatchError> { Ok((number, segments(&room.text(number)?))) };
    in_order(
        texts,
        room.limits.threads,
        |(_, bytes)| *bytes,
        cut,
        room.stop,
        |found| {
            let (number, found) = found?;
            progress.add(1);
            for (at, segment) in found.iter().enumerate() {
                keys.push(keyed(&segment.key, order.of(number), at as u32))?;
            }
            Ok(())
        },
    )?;
    let mut held = Sorter::<HELD>::new(&room.scratch.folder, "sort-held", memory);
    groups(keys.sorted()?, room.wanted.documents, counts, |key, order, at, group, first| {
        held.push(Held { order, at, key, length: 1, group, first }.to_bytes())
    })?;
    let mut out = Sealed::create(state, 1 << 17)?;
    for record in held.sorted()? {
        out.put(&record?)?;
    }
    out.finish().map(|_| ())
}

/// Looks at one longer run of each place; says how many stand in enough documents.
fn round(
    room: &Room<'_>,
    state: &Path,
    target: &Path,
    hasher: &Hasher,
    grow: Grow,
    counts: &mut Counts,
) -> Result<u64, BatchError> {
    let memory = room.limits.memory / 8;
    let mut keys = Sorter::<KEYED>::new(&room.scratch.folder, "sort-passages", memory);
    for run in Neighbours::open(state)? {
        let run = run?;
        if room.stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(BatchError::Stopped);
        }
        let sums = hasher.sums(&run);
        for (from, held) in run.iter().enumerate() {
            let Some(length) = grow.of(held).filter(|length| from + *length as usize <= run.len()) else { continue };
            let key = hasher.run(&sums, from, length as usize);
            keys.push(keyed(&key, held.order, held.at))?;
        }
    }
    let mut answers = Sorter::<ANSWER>::new(&room.scratch.folder, "sort-answers", memory);
    groups(keys.sorted()?, room.wanted.documents, counts, |_, order, at, group, first| {
        let mut answer = [0; ANSWER];
        for (place, word) in [order, at, group, first].iter().enumerate() {
            answer[place * 4..place * 4 + 4].copy_from_slice(&word.to_be_bytes());
        }
        answers.push(answer)
    })?;
    let mut answers = answers.sorted()?.peekable();
    let mut out = Sealed::create(target, 1 << 17)?;
    let mut grown = 0;
    for record in Records::<HELD>::open(state)? {
        let mut held = Held::from_bytes(&record?);
        if let Some(answer) = answer(&mut answers, &held)?
            && let Some(length) = grow.of(&held)
        {
            (held.length, held.group, held.first) = (length, word(&answer, 8), word(&answer, 12));
            grown += 1;
        }
        out.put(&held.to_bytes())?;
    }
    out.finish()?;
    Ok(grown)
}

/// The answer for a place, which come in the same order.
fn answer(answers: &mut Peekable<Merge<ANSWER>>, held: &Held) -> Result<Option<[u8; ANSWER]>, BatchError> {
    let is_his = |answer: &Result<[u8; ANSWER], BatchError>| {
        answer.as_ref().map_or(true, |answer| (word(answer, 0), word(answer, 4)) == (held.order, held.at))
    };
    answers.next_if(is_his).transpose()
}

fn keyed(key: &[u8; 16], order: u32, at: u32) -> [u8; KEYED] {
    let mut out = [0; KEYED];
    out[..16].copy_from_slice(key);
    out[16..20].copy_from_slice(&order.to_be_bytes());
    out[20..].copy_from_slice(&at.to_be_bytes());
    out
}

/// Calls `each` with every place of the keys that stand in enough documents: key, document, place, the number of the group, the first document.
fn groups(
    keys: Merge<KEYED>,
    enough: u32,
    counts: &mut Counts,
    mut each: impl FnMut([u8; 16], u32, u32, u32, u32) -> Result<(), BatchError>,
) -> Result<(), BatchError> {
    let mut key = [0; 16];
    // Places that wait until enough documents were seen.
    let mut waiting: Vec<(u32, u32)> = Vec::new();
    let (mut documents, mut first, mut last) = (0_u32, 0, 0);
    for record in keys {
        let record = record?;
        let (order, at) = (word(&record, 16), word(&record, 20));
        if record[..16] != key || documents == 0 {
            counts.close(documents, enough)?;
            key.copy_from_slice(&record[..16]);
            waiting.clear();
            (documents, first, last) = (1, order, order);
        } else if order != last {
            documents += 1;
            last = order;
        }
        if documents < enough {
            waiting.push((order, at));
            continue;
        }
        for (order, at) in waiting.drain(..).chain([(order, at)]) {
            each(key, order, at, counts.groups, first)?;
        }
    }
    counts.close(documents, enough)
}

/// Runs of neighbouring places of a document, from the file of a round.
struct Neighbours(Peekable<Records<HELD>>);

impl Neighbours {
    fn open(path: &Path) -> Result<Self, BatchError> {
        Ok(Self(Records::open(path)?.peekable()))
    }
}

impl Iterator for Neighbours {
    type Item = Result<Vec<Held>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut last = match self.0.next()? {
            Ok(record) => Held::from_bytes(&record),
            Err(error) => return Some(Err(error)),
        };
        let mut run = vec![last];
        let follows = |record: &Result<[u8; HELD], BatchError>, last: &Held| {
            record.as_ref().map_or(true, |record| {
                let next = Held::from_bytes(record);
                (next.order, next.at) == (last.order, last.at + 1)
            })
        };
        while let Some(record) = self.0.next_if(|record| follows(record, &last)) {
            match record {
                Ok(record) => last = Held::from_bytes(&record),
                Err(error) => return Some(Err(error)),
            }
            run.push(last);
        }
        Some(Ok(run))
    }
}

/// The places of each document, one document after the other.
pub(super) struct ByDocument(Peekable<Records<HELD>>);

impl ByDocument {
    pub(super) fn open(path: &Path) -> Result<Self, BatchError> {
        Ok(Self(Records::open(path)?.peekable()))
    }
}

impl Iterator for ByDocument {
    type Item = Result<Vec<Held>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = match self.0.next()? {
            Ok(record) => Held::from_bytes(&record),
            Err(error) => return Some(Err(error)),
        };
        let mut out = vec![first];
        let is_same = |record: &Result<[u8; HELD], BatchError>| {
            record.as_ref().map_or(true, |record| word(record, 0) == first.order)
        };
        while let Some(record) = self.0.next_if(is_same) {
            match record {
                Ok(record) => out.push(Held::from_bytes(&record)),
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(out))
    }
}

/// Hashes of runs: polynomials over the keys, modulo 2⁶¹ − 1, twice. Any run of a document is hashed from two sums, so long runs cost no more than short ones.
/// The points are drawn from all the keys there are: who chooses texts cannot choose them so that two runs have one hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hasher {
    points: [u64; 2],
}

const PRIME: u64 = (1 << 61) - 1;

/// Sums from the beginning, and powers of the points.
pub(super) struct Sums {
    sums: Vec<[u64; 2]>,
    powers: Vec<[u64; 2]>,
}

const fn times(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    let sum = (product & PRIME as u128) as u64 + (product >> 61) as u64;
    if sum >= PRIME { sum - PRIME } else { sum }
}

const fn plus(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

impl Hasher {
    /// The hasher for the keys of a file.
    pub(super) fn of(state: &Path) -> Result<Self, BatchError> {
        let mut all = blake3::Hasher::new();
        for record in Records::<HELD>::open(state)? {
            all.update(&record?[..24]);
        }
        let digest = all.finalize();
        let point = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&digest.as_bytes()[at..at + 8]);
            // Neither 0 nor 1 tells runs apart.
            2 + u64::from_be_bytes(word) % (PRIME - 2)
        };
        Ok(Self { points: [point(0), point(8)] })
    }

    pub(super) fn sums(&self, run: &[Held]) -> Sums {
        let (mut sums, mut powers) = (vec![[0; 2]], vec![[1; 2]]);
        let (mut sum, mut power) = ([0; 2], [1; 2]);
        for held in run {
            for (side, point) in self.points.iter().enumerate() {
                let mut half = [0; 8];
                half.copy_from_slice(&held.key[side * 8..side * 8 + 8]);
                let value = u64::from_be_bytes(half) % PRIME;
                sum[side] = plus(times(sum[side], *point), value);
                power[side] = times(power[side], *point);
            }
            sums.push(sum);
            powers.push(power);
        }
        Sums { sums, powers }
    }

    /// The hash of so many from a place on.
    pub(super) fn run(&self, of: &Sums, from: usize, length: usize) -> [u8; 16] {
        let mut out = [0; 16];
        for side in 0..2 {
            let head = times(of.sums[from][side], of.powers[length][side]);
            let hash = plus(of.sums[from + length][side], PRIME - head);
            out[side * 8..side * 8 + 8].copy_from_slice(&hash.to_be_bytes());
        }
        out
    }
}
