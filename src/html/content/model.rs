//! What was learned: a table of words and two forests, read from bytes.

use super::features::{BASE, Features, ODDS, WHOLE};
use super::forest::{Bytes, Forest, sigmoid};
use super::second::{PAGE, SECOND, Second};
use super::tokens::{Table, Weights};

/// A model.
#[derive(Debug, Clone, Default)]
pub struct Model {
    table: Table,
    first: Forest,
    second: Option<Deep>,
}

/// What is learned for the second look.
#[derive(Debug, Clone, Default)]
struct Deep {
    /// A forest for each kind of page.
    kinds: Vec<Forest>,
    blocks: Forest,
}

/// Kinds of pages told apart: article, collection, documentation, forum, listing, product, service.
pub const KINDS: usize = 7;

/// First probabilities that are looked at again: half of all blocks. Another half would change no score by more than a thousandth.
const DOUBTED: std::ops::RangeInclusive<f32> = 0.05..=0.85;

const MAGIC: [u8; 4] = *b"TXC2";

impl Model {
    /// From its bytes, as the trainer writes them. `None` if they are not whole or made for other features.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        if bytes.take::<4>()? != MAGIC {
            return None;
        }
        let mut words = Vec::new();
        for _ in 0..bytes.u32()? {
            let word = bytes.u32()?;
            words.push((word, Weights { votes: bytes.f32()?, around: bytes.f32()?, inside: bytes.f32()? }));
        }
        let width = BASE.len() + ODDS.len();
        let first = Forest::read(&mut bytes).filter(|forest| forest.features() == width)?;
        let second = if bytes.is_empty() { None } else { Some(Deep::read(&mut bytes, width)?) };
        Some(Self { table: Table::new(words), first, second })
    }

    /// How likely each block is content, in the order of the page; 0 for those outside.
    ///
    /// A second look is had at blocks of which the first is not sure. What it says of the others changes next to no choice.
    pub fn probabilities(&self, features: &Features<'_>) -> Vec<f32> {
        let blocks = &features.page().blocks;
        let inside: Vec<usize> = (0..blocks.len()).filter(|&at| !features.is_outside(&blocks[at])).collect();
        let base = features.base();
        let odds = features.odds(&self.table);
        let known = [Part::Row(&base, BASE.len()), Part::Row(&odds, ODDS.len())];
        let all: Vec<usize> = (0..inside.len()).collect();
        let mut p = vec![0.0; blocks.len()];
        for (&at, sum) in inside.iter().zip(self.first.sums(&rows(&all, &known))) {
            p[at] = sigmoid(sum);
        }
        let Some(deep) = &self.second else { return p };
        let doubted: Vec<usize> = all.into_iter().filter(|&row| DOUBTED.contains(&p[inside[row]])).collect();
        if doubted.is_empty() {
            return p;
        }
        let places: Vec<usize> = doubted.iter().map(|&row| inside[row]).collect();
        let look_again = Second::new(features, &p);
        let kinds = deep.kinds(&look_again.page());
        let second = look_again.rows(&places);
        let parts = [known[0], known[1], Part::Asked(&second, SECOND.len()), Part::Page(&kinds)];
        let sums = deep.blocks.sums(&rows(&doubted, &parts));
        for (at, sum) in places.into_iter().zip(sums) {
            p[at] = sigmoid(sum);
        }
        p
    }
}

/// Numbers that are a part of rows.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    /// So many for each row.
    Row(&'a [f32], usize),
    /// So many for each row that is asked about.
    Asked(&'a [f32], usize),
    /// The same for all.
    Page(&'a [f32]),
}

impl Part<'_> {
    /// How many numbers it adds to a row.
    fn width(&self) -> usize {
        match *self {
            Part::Row(_, width) | Part::Asked(_, width) => width,
            Part::Page(values) => values.len(),
        }
    }
}

/// The rows of these numbers, one behind the other, each of all parts.
fn rows(numbers: &[usize], parts: &[Part<'_>]) -> Vec<f32> {
    let width: usize = parts.iter().map(Part::width).sum();
    let mut out = Vec::with_capacity(numbers.len() * width);
    for (asked, &number) in numbers.iter().enumerate() {
        for part in parts {
            out.extend_from_slice(match *part {
                Part::Row(values, width) => &values[number * width..][..width],
                Part::Asked(values, width) => &values[asked * width..][..width],
                Part::Page(values) => values,
            });
        }
    }
    out
}

impl Deep {
    fn read(bytes: &mut Bytes<'_>, width: usize) -> Option<Self> {
        let mut kinds = Vec::new();
        for _ in 0..KINDS {
            kinds.push(Forest::read(bytes).filter(|forest| forest.features() == WHOLE + PAGE.len())?);
        }
        let width = width + SECOND.len() + KINDS;
        let blocks = Forest::read(bytes).filter(|forest| forest.features() == width)?;
        Some(Self { kinds, blocks })
    }

    /// How likely the page is of each kind.
    fn kinds(&self, page: &[f32]) -> Vec<f32> {
        self.kinds.iter().flat_map(|forest| forest.sums(page)).map(sigmoid).collect()
    }
}
