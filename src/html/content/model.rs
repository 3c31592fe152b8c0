//! What was learned: a table of words and two forests, read from bytes.

use super::features::{BASE, Features, ODDS};
use super::forest::{Bytes, Forest, sigmoid};
use super::second::{self, SECOND};
use super::tokens::Table;

/// A model.
#[derive(Debug, Clone, Default)]
pub struct Model {
    table: Table,
    first: Forest,
    second: Option<Forest>,
}

const MAGIC: [u8; 4] = *b"TXC1";

impl Model {
    /// From its bytes, as the trainer writes them. `None` if they are not whole or made for other features.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes(bytes);
        if bytes.take::<4>()? != MAGIC {
            return None;
        }
        let mut odds = Vec::new();
        for _ in 0..bytes.u32()? {
            odds.push((bytes.u32()?, bytes.f32()?));
        }
        let width = BASE.len() + ODDS.len();
        let first = Forest::read(&mut bytes).filter(|forest| forest.features() == width)?;
        let second = match bytes.is_empty() {
            true => None,
            false => Some(Forest::read(&mut bytes).filter(|forest| forest.features() == width + SECOND.len())?),
        };
        Some(Self { table: Table::new(odds), first, second })
    }

    /// How likely each block is content, in the order of the page.
    pub fn probabilities(&self, features: &Features<'_>) -> Vec<f32> {
        let base = features.base();
        let odds = features.odds(&self.table);
        let p = look(features, &self.first, &[(&base, BASE.len()), (&odds, ODDS.len())]);
        let Some(forest) = &self.second else { return p };
        let second = second::rows(features, &p);
        look(features, forest, &[(&base, BASE.len()), (&odds, ODDS.len()), (&second, SECOND.len())])
    }
}

/// The probability of each block by a forest; 0 for those outside, which have no rows.
fn look(features: &Features<'_>, forest: &Forest, parts: &[(&[f32], usize)]) -> Vec<f32> {
    let mut row = Vec::with_capacity(forest.features());
    let mut number = 0;
    let blocks = features.page().blocks.iter();
    blocks
        .map(|block| {
            if features.is_outside(block) {
                return 0.0;
            }
            row.clear();
            for (values, width) in parts {
                row.extend_from_slice(&values[number * width..(number + 1) * width]);
            }
            number += 1;
            sigmoid(forest.sum(&row))
        })
        .collect()
}
