//! What was learned: a table of words and trees, read from bytes.

use super::features::{BASE, Features, ODDS};
use super::forest::{Bytes, Forest, sigmoid};
use super::tokens::Table;

/// A model.
#[derive(Debug, Clone, Default)]
pub struct Model {
    table: Table,
    blocks: Forest,
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
        let blocks = Forest::read(&mut bytes)?;
        (blocks.features() == BASE.len() + ODDS.len()).then_some(Self { table: Table::new(odds), blocks })
    }

    /// How likely each block is content, in the order of the page.
    pub fn probabilities(&self, features: &Features<'_>) -> Vec<f32> {
        let base = features.base();
        let odds = features.odds(&self.table);
        let mut rows = base.chunks_exact(BASE.len()).zip(odds.chunks_exact(ODDS.len()));
        let mut row = vec![0.0; BASE.len() + ODDS.len()];
        let inside = features.page().blocks.iter().map(|block| !features.is_outside(block));
        inside
            .map(|is_inside| {
                let Some((base, odds)) = rows.next_if(is_inside) else { return 0.0 };
                row[..BASE.len()].copy_from_slice(base);
                row[BASE.len()..].copy_from_slice(odds);
                sigmoid(self.blocks.sum(&row))
            })
            .collect()
    }
}

trait NextIf: Iterator {
    fn next_if(&mut self, is: bool) -> Option<Self::Item> {
        if is { self.next() } else { None }
    }
}

impl<I: Iterator> NextIf for I {}
