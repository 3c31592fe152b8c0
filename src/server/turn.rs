//! Turns: what must happen in order, among work that is done by many threads.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Gives out places one after the other.
#[derive(Default)]
pub struct Turns {
    next: u64,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    passed: Mutex<Passed>,
    moved: Condvar,
}

/// Places whose turn is over.
#[derive(Default)]
struct Passed {
    /// All before this.
    before: u64,
    /// And these.
    others: BTreeSet<u64>,
}

/// A place. When it is dropped, used or not, its turn is over: so work that is never begun stops nobody.
pub struct Place {
    number: u64,
    shared: Arc<Shared>,
}

impl Turns {
    /// The next place.
    pub fn next(&mut self) -> Place {
        let number = self.next;
        self.next += 1;
        Place { number, shared: self.shared.clone() }
    }
}

impl Place {
    /// Waits until the turns of all places before are over. Whoever has one of those must be at work already, or never will be.
    pub fn wait(&self) {
        let mut passed = self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner);
        while passed.before < self.number {
            passed = self.shared.moved.wait(passed).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut passed = self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.others.insert(self.number);
        while passed.others.first() == Some(&passed.before) {
            passed.others.pop_first();
            passed.before += 1;
        }
        drop(passed);
        self.shared.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_order_and_a_place_that_is_given_up_stops_nobody() {
        let mut turns = Turns::default();
        let places: Vec<Place> = (0..20).map(|_| turns.next()).collect();
        let seen = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for place in places.into_iter().rev() {
                if place.number % 3 == 0 {
                    continue;
                }
                scope.spawn(|| {
                    let place = place;
                    place.wait();
                    seen.lock().unwrap().push(place.number);
                });
            }
        });
        let want: Vec<u64> = (0..20).filter(|number| number % 3 != 0).collect();
        assert_eq!(seen.into_inner().unwrap(), want);
    }
}
