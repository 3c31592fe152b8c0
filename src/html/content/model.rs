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

    /// How likely each block is content, in the order of the page.
    pub fn probabilities(&self, features: &Features<'_>) -> Vec<f32> {
        let base = features.base();
        let odds = features.odds(&self.table);
        let p = look(features, &self.first, &[(&base, BASE.len()), (&odds, ODDS.len())]);
        let Some(deep) = &self.second else { return p };
        let look_again = Second::new(features, &p);
        let kinds = deep.kinds(&look_again.page());
        let second = look_again.rows();
        let parts: [(&[f32], usize); 4] =
            [(&base, BASE.len()), (&odds, ODDS.len()), (&second, SECOND.len()), (&kinds, 0)];
        look(features, &deep.blocks, &parts)
    }
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

/// The probability of each block by a forest; 0 for those outside, which have no rows.
fn look(features: &Features<'_>, forest: &Forest, parts: &[(&[f32], usize)]) -> Vec<f32> {
    let blocks = &features.page().blocks;
    let inside: Vec<usize> = (0..blocks.len()).filter(|&at| !features.is_outside(&blocks[at])).collect();
    let mut rows = Vec::with_capacity(inside.len() * forest.features());
    for number in 0..inside.len() {
        for (values, width) in parts {
            // A part without a width is the same for every block.
            let values = if *width == 0 { values } else { &values[number * width..(number + 1) * width] };
            rows.extend_from_slice(values);
        }
    }
    let mut out = vec![0.0; blocks.len()];
    for (at, sum) in inside.into_iter().zip(forest.sums(&rows)) {
        out[at] = sigmoid(sum);
    }
    out
}
