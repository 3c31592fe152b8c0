//! Connected components of pieces, each named by its best rank.

/// Disjoint sets over ranks; the smallest rank of a set is its name.
pub(super) struct Union {
    above: Vec<u32>,
}

impl Union {
    pub(super) fn new(count: usize) -> Self {
        Self { above: (0..count as u32).collect() }
    }

    /// The name of a rank's set.
    pub(super) fn find(&mut self, mut at: u32) -> u32 {
        while self.above[at as usize] != at {
            let up = self.above[at as usize];
            self.above[at as usize] = self.above[up as usize];
            at = up;
        }
        at
    }

    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.above[a.max(b) as usize] = a.min(b);
    }
}
