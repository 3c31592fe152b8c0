//! Gradient-boosted trees in flat arrays.

/// Trees whose leaves are summed.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    /// Numbers in a row.
    features: usize,
    nodes: Vec<Node>,
    leaves: Vec<f32>,
    /// Where each tree begins: a node, or a leaf if it has its high bit set.
    roots: Vec<u16>,
}

/// A question: is `row[feature] <= threshold`? Children are nodes, or leaves if their high bit is set.
#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f32,
    feature: u16,
    /// Where to go if it is not, and if it is.
    children: [u16; 2],
}

const LEAF: u16 = 1 << 15;

/// Reads numbers, little-endian, from the front of bytes.
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl Bytes<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn f32(&mut self) -> Option<f32> {
        self.take().map(f32::from_le_bytes)
    }
}

impl Forest {
    /// From a table: numbers in a row, roots, nodes, leaves, each with its count. `None` for anything but a whole one.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut forest = Self { features: bytes.u32()? as usize, ..Self::default() };
        for _ in 0..bytes.u32()? {
            forest.roots.push(bytes.u16()?);
        }
        for _ in 0..bytes.u32()? {
            let (feature, threshold) = (bytes.u16()?, bytes.f32()?);
            forest.nodes.push(Node { threshold, feature, children: [bytes.u16()?, bytes.u16()?] });
        }
        for _ in 0..bytes.u32()? {
            forest.leaves.push(bytes.f32()?);
        }
        let is_there = |&at: &u16| {
            let count = if at & LEAF == 0 { forest.nodes.len() } else { forest.leaves.len() };
            usize::from(at & !LEAF) < count
        };
        let sound = forest.roots.iter().all(is_there)
            && forest.nodes.iter().enumerate().all(|(number, node)| {
                usize::from(node.feature) < forest.features
                    // Children stand behind their parent, so every walk ends.
                    && node.children.iter().all(|child| is_there(child) && (child & LEAF != 0 || usize::from(*child) > number))
            });
        sound.then_some(forest)
    }

    /// Numbers in a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The sum of the leaves that a row comes to.
    pub fn sum(&self, row: &[f32]) -> f32 {
        let mut sum = 0.0_f64;
        for &root in &self.roots {
            let mut at = root;
            while at & LEAF == 0 {
                let node = &self.nodes[usize::from(at)];
                let is_less = row[usize::from(node.feature)] <= node.threshold;
                at = node.children[usize::from(is_less)];
            }
            sum += f64::from(self.leaves[usize::from(at & !LEAF)]);
        }
        sum as f32
    }
}

/// From log-odds to a probability.
pub(super) fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}
