//! From hashes to the documents that have them: eight bytes an entry, nothing ever rebuilt as a whole.
//!
//! A hash picks one of 4,096 small tables by its upper bits; in it an entry is the next 32 bits of the hash and the slot, in open
//! addressing. A table grows by a quarter when it is nearly full, which moves some thousands of entries at most. What 44 bits of a hash
//! cannot tell apart is taken for equal: whoever asks compares texts afterwards.
//!
//! A hash of more documents than [`CROWD`] has a list of its own: four bytes an entry, and asking for it costs no more than for another.

use std::collections::HashMap;

use super::bytes::{Reader, to_words};

/// How many small tables.
const SHARDS: usize = 1 << 12;
/// A hash with more slots than this has a list of its own.
const CROWD: usize = 100;
/// The slot of an entry that stands for a crowd.
const MARKER: u32 = u32::MAX;
/// An entry that is free: tags have 31 bits, so no other entry looks like it.
const FREE: u64 = u64::MAX - 1;

/// A multimap from hashes to slots.
#[derive(Debug, Clone)]
pub(super) struct SlotTable {
    shards: Vec<Shard>,
    crowds: HashMap<u64, Vec<u32>>,
    len: usize,
}

#[derive(Debug, Clone, Default)]
struct Shard {
    /// Tag in the upper half, slot in the lower; [`FREE`] where nothing stands.
    entries: Vec<u64>,
    used: usize,
}

/// The slots of a hash.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Slots<'s> {
    /// So many were appended to the list that was given.
    Few(usize),
    /// A crowd, ascending.
    Crowd(&'s [u32]),
}

/// A shard and the tag in it.
#[derive(Debug, Clone, Copy)]
struct Place {
    shard: usize,
    tag: u32,
}

/// Spreads a hash: those of winnowing are the least of their windows, so their upper bits are mostly zero.
fn spread(hash: u64) -> u64 {
    let mut x = hash ^ hash >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

impl Place {
    fn of(hash: u64) -> Self {
        let spread = spread(hash);
        Self { shard: (spread >> 52) as usize, tag: (spread >> 20) as u32 & 0x7fff_ffff }
    }

    const fn entry(self, slot: u32) -> u64 {
        (self.tag as u64) << 32 | slot as u64
    }

    /// What tells a crowd from others.
    const fn key(self) -> u64 {
        (self.shard as u64) << 32 | self.tag as u64
    }
}

impl Default for SlotTable {
    fn default() -> Self {
        Self { shards: vec![Shard::default(); SHARDS], crowds: HashMap::new(), len: 0 }
    }
}

impl SlotTable {
    /// Adds a slot to a hash; nothing happens where it has it already.
    pub(super) fn insert(&mut self, hash: u64, slot: u32) {
        let place = Place::of(hash);
        let shard = &mut self.shards[place.shard];
        let mut same = 0;
        for entry in shard.run(place.tag) {
            if entry as u32 == MARKER {
                let crowd = self.crowds.entry(place.key()).or_default();
                if let Err(at) = crowd.binary_search(&slot) {
                    crowd.insert(at, slot);
                    self.len += 1;
                }
                return;
            }
            if entry as u32 == slot {
                return;
            }
            same += 1;
        }
        self.len += 1;
        if same < CROWD {
            shard.push(place.entry(slot));
            return;
        }
        let mut crowd: Vec<u32> = shard.run(place.tag).map(|entry| entry as u32).chain([slot]).collect();
        crowd.sort_unstable();
        for &slot in &crowd {
            shard.remove(place.entry(slot));
        }
        shard.push(place.entry(MARKER));
        self.crowds.insert(place.key(), crowd);
    }

    /// Takes a slot from a hash; nothing happens where it has it not.
    pub(super) fn remove(&mut self, hash: u64, slot: u32) {
        let place = Place::of(hash);
        let shard = &mut self.shards[place.shard];
        if shard.remove(place.entry(slot)) {
            self.len -= 1;
        } else if let Some(crowd) = self.crowds.get_mut(&place.key())
            && let Ok(at) = crowd.binary_search(&slot)
        {
            crowd.remove(at);
            self.len -= 1;
            if crowd.is_empty() {
                self.crowds.remove(&place.key());
                shard.remove(place.entry(MARKER));
            }
        }
    }

    /// The slots of a hash: a few are appended to `out`, in no order; of many the list is given.
    pub(super) fn get(&self, hash: u64, out: &mut Vec<u32>) -> Slots<'_> {
        let place = Place::of(hash);
        let before = out.len();
        for entry in self.shards[place.shard].run(place.tag) {
            if entry as u32 == MARKER {
                return Slots::Crowd(self.crowds.get(&place.key()).map_or(&[], Vec::as_slice));
            }
            out.push(entry as u32);
        }
        Slots::Few(out.len() - before)
    }

    /// Entries.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Memory held, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let shards: usize = self.shards.iter().map(|shard| shard.entries.capacity() * 8).sum();
        let crowds: usize = self.crowds.values().map(|crowd| crowd.capacity() * 4 + 48).sum();
        SHARDS * size_of::<Shard>() + shards + crowds
    }

    /// How many pieces [`Self::piece`] gives.
    pub(super) const PIECES: usize = SHARDS;

    /// Appends one of the small tables with its crowds, as bytes with their length.
    pub(super) fn piece(&self, at: usize, out: &mut Vec<u8>) {
        let shard = &self.shards[at];
        let start = out.len();
        out.extend([0; 4]);
        let crowds: Vec<(&u64, &Vec<u32>)> = if self.crowds.is_empty() {
            Vec::new()
        } else {
            let markers = shard.entries.iter().filter(|entry| **entry != FREE && **entry as u32 == MARKER);
            markers.filter_map(|entry| self.crowds.get_key_value(&((at as u64) << 32 | entry >> 32))).collect()
        };
        out.extend((shard.entries.len() as u64).to_le_bytes());
        out.extend((crowds.len() as u32).to_le_bytes());
        out.extend(shard.entries.iter().flat_map(|entry| entry.to_le_bytes()));
        for (key, crowd) in crowds {
            out.extend(key.to_le_bytes());
            out.extend((crowd.len() as u32).to_le_bytes());
            out.extend(crowd.iter().flat_map(|slot| slot.to_le_bytes()));
        }
        let length = (out.len() - start - 4) as u32;
        out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// Takes what [`Self::piece`] gave, without its length.
    pub(super) fn put_piece(&mut self, at: usize, bytes: &[u8]) -> Option<()> {
        let mut reader = Reader(bytes);
        let (entries, crowds) = (reader.u64()? as usize, reader.u32()?);
        let entries = to_words(reader.raw(entries.checked_mul(8)?)?);
        let used = entries.iter().filter(|entry| **entry != FREE).count();
        self.len += used;
        *self.shards.get_mut(at)? = Shard { entries, used };
        for _ in 0..crowds {
            let key = reader.u64()?;
            let crowd = reader.u32s()?;
            // The marker is no entry.
            self.len = (self.len + crowd.len()).checked_sub(1)?;
            self.crowds.insert(key, crowd);
        }
        reader.0.is_empty().then_some(())
    }
}

impl Shard {
    /// Where the entries of a tag begin: tags are in order but for what others pushed on.
    fn home(&self, tag: u32) -> usize {
        ((u64::from(tag) * self.entries.len() as u64) >> 31) as usize
    }

    /// The entries of a tag.
    fn run(&self, tag: u32) -> impl Iterator<Item = u64> {
        let (wrapped, first) = self.entries.split_at(self.home(tag).min(self.entries.len()));
        first
            .iter()
            .chain(wrapped)
            .copied()
            .take_while(|entry| *entry != FREE)
            .filter(move |entry| (entry >> 32) as u32 == tag)
    }

    fn push(&mut self, entry: u64) {
        if (self.used + 1) * 20 > self.entries.len() * 17 {
            let room = (self.entries.len() + self.entries.len() / 4).max(4);
            let old = std::mem::replace(&mut self.entries, vec![FREE; room]);
            old.into_iter().filter(|entry| *entry != FREE).for_each(|entry| self.place(entry));
        }
        self.place(entry);
        self.used += 1;
    }

    /// Puts an entry into the first free place from its home on.
    fn place(&mut self, entry: u64) {
        let mut at = self.home((entry >> 32) as u32);
        while self.entries[at] != FREE {
            at = if at + 1 == self.entries.len() { 0 } else { at + 1 };
        }
        self.entries[at] = entry;
    }

    /// Takes an entry out and moves those up that had to stand behind it.
    fn remove(&mut self, entry: u64) -> bool {
        let count = self.entries.len();
        if count == 0 {
            return false;
        }
        let mut at = self.home((entry >> 32) as u32);
        while self.entries[at] != entry {
            if self.entries[at] == FREE {
                return false;
            }
            at = (at + 1) % count;
        }
        let mut next = (at + 1) % count;
        while self.entries[next] != FREE {
            let home = self.home((self.entries[next] >> 32) as u32);
            // It may move to `at` unless its home lies behind that.
            let from_home = (next + count - home) % count;
            let to_gap = (next + count - at) % count;
            if from_home >= to_gap {
                self.entries[at] = self.entries[next];
                at = next;
            }
            next = (next + 1) % count;
        }
        self.entries[at] = FREE;
        self.used -= 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn all(table: &SlotTable, hash: u64) -> BTreeSet<u32> {
        let mut few = Vec::new();
        match table.get(hash, &mut few) {
            Slots::Few(count) => {
                assert_eq!(count, few.len());
                few.into_iter().collect()
            }
            Slots::Crowd(crowd) => {
                assert!(crowd.is_sorted());
                crowd.iter().copied().collect()
            }
        }
    }

    #[test]
    fn agrees_with_a_plain_map_whatever_is_added_and_removed() {
        let (mut table, mut plain) = (SlotTable::default(), BTreeMap::<u64, BTreeSet<u32>>::new());
        let mut state = 1_u64;
        for step in 0..60_000 {
            state = spread(state.wrapping_add(0x9e37_79b9_7f4a_7c15));
            // Few shards and few hashes, so that runs are long and crowds come and go.
            let hash = state % 40;
            let slot = (state >> 32) as u32 % 220;
            if (state >> 20).is_multiple_of(4) {
                table.remove(hash, slot);
                plain.entry(hash).or_default().remove(&slot);
            } else {
                table.insert(hash, slot);
                plain.entry(hash).or_default().insert(slot);
            }
            if step % 5000 == 0 {
                let mut again = SlotTable::default();
                let mut piece = Vec::new();
                for at in 0..SlotTable::PIECES {
                    piece.clear();
                    table.piece(at, &mut piece);
                    again.put_piece(at, &piece[4..]).unwrap();
                }
                assert_eq!(again.len(), table.len());
                table = again;
            }
        }
        assert!(plain.iter().all(|(hash, slots)| all(&table, *hash) == *slots));
        assert_eq!(table.len(), plain.values().map(BTreeSet::len).sum::<usize>());
    }

    #[test]
    fn an_entry_takes_less_than_twelve_bytes() {
        let mut table = SlotTable::default();
        let count = 2_000_000;
        (0..count).for_each(|slot| table.insert(u64::from(slot) * 0x9e37_79b9, slot));
        assert!(table.bytes() < 12 * count as usize, "{} bytes each", table.bytes() / count as usize);
        assert!((0..count).all(|slot| all(&table, u64::from(slot) * 0x9e37_79b9).contains(&slot)));
    }
}
