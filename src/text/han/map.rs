//! A map over the Han characters: a direct array over the common block, a sorted list for the rest.

/// First code point of the direct arrays: CJK Extension A and the Unified Ideographs, U+3400 to U+9FFF.
const FIRST: u32 = 0x3400;
/// Length of the direct arrays, in code points.
pub(super) const SPAN: usize = 0xA000 - 0x3400;
/// In a direct array: the answer lies beyond U+FFFF, look in the sorted list.
const ELSEWHERE: u16 = 0;

/// A map from characters to characters: most are their own answer.
#[derive(Clone)]
pub(super) struct Map {
    direct: Box<[u16]>,
    /// Pairs of which at least one side lies beyond U+FFFF, sorted.
    beyond: Vec<(char, char)>,
}

impl Map {
    /// Every character its own answer.
    pub(super) fn identity() -> Self {
        Self { direct: (0x3400..0xA000).collect(), beyond: Vec::new() }
    }

    /// Sets the answer for one character; [`sort`](Self::sort) once all are set.
    pub(super) fn set(&mut self, from: char, to: char) {
        let answer = u16::try_from(u32::from(to)).unwrap_or(ELSEWHERE);
        if let Some(cell) = self.direct.get_mut(slot(from)) {
            *cell = answer;
            if answer != ELSEWHERE {
                return;
            }
        }
        self.beyond.push((from, to));
    }

    /// Makes the list beyond the direct array searchable.
    pub(super) fn sort(&mut self) {
        self.beyond.sort_unstable();
    }

    /// The answer for one character.
    #[inline]
    pub(super) fn get(&self, c: char) -> char {
        match self.direct.get(slot(c)) {
            Some(&ELSEWHERE) => self.search(c),
            Some(&answer) => char::from_u32(u32::from(answer)).unwrap_or(c),
            None if c > '\u{FFFF}' => self.search(c),
            None => c,
        }
    }

    #[cold]
    fn search(&self, c: char) -> char {
        let found = self.beyond.binary_search_by_key(&c, |&(from, _)| from);
        found.ok().and_then(|at| self.beyond.get(at)).map_or(c, |&(_, to)| to)
    }
}

/// Where a character stands in the direct arrays; out of their range for every other one.
#[inline]
pub(super) fn slot(c: char) -> usize {
    u32::from(c).wrapping_sub(FIRST) as usize
}
