//! What is costly to make, kept as long as memory allows.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Values by number, the oldest of which go first.
#[derive(Debug)]
pub(crate) struct Cache<V> {
    most: usize,
    held: Mutex<Held<V>>,
}

#[derive(Debug)]
struct Held<V> {
    values: HashMap<u32, (Arc<V>, usize)>,
    order: VecDeque<u32>,
    bytes: usize,
}

impl<V> Cache<V> {
    /// `most` in bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, held: Mutex::new(Held { values: HashMap::new(), order: VecDeque::new(), bytes: 0 }) }
    }

    fn held(&self) -> MutexGuard<'_, Held<V>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A value that is held.
    pub(crate) fn get(&self, key: u32) -> Option<Arc<V>> {
        self.held().values.get(&key).map(|(value, _)| value.clone())
    }

    /// Holds a value of so many bytes; the oldest go until there is room.
    pub(crate) fn put(&self, key: u32, value: Arc<V>, bytes: usize) {
        let mut held = self.held();
        held.bytes += bytes;
        if let Some((_, before)) = held.values.insert(key, (value, bytes)) {
            held.bytes -= before;
        } else {
            held.order.push_back(key);
        }
        while held.bytes > self.most
            && let Some(oldest) = held.order.pop_front()
        {
            if let Some((_, bytes)) = held.values.remove(&oldest) {
                held.bytes -= bytes;
            }
        }
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.held().bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_there_is_no_room() {
        let cache = Cache::new(10);
        (0..4).for_each(|key| cache.put(key, Arc::new(key), 4));
        assert_eq!((cache.get(1), cache.get(2).as_deref(), cache.get(3).as_deref()), (None, Some(&2), Some(&3)));
        cache.put(3, Arc::new(9), 1);
        assert_eq!((cache.get(3).as_deref(), cache.bytes()), (Some(&9), 5));
    }
}
