//! Gradient-boosted trees in flat arrays, which give sums for many rows at once.

use fearless_simd::{Level, Simd, dispatch};

/// Trees whose leaves are summed.
///
/// A tree is not walked down. Each of its questions that a row answers with no strikes out the leaves below its yes; the first leaf that is left is the
/// one that a walk would come to (Lucchese and others, `QuickScorer`, 2015). That is the same work for all rows, so many are asked at once.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    /// Numbers in a row.
    features: usize,
    /// The questions of all trees.
    nodes: Vec<Node>,
    /// The values of the leaves of all trees, in each from yes to no.
    leaves: Vec<f32>,
    /// Where the questions and the leaves of each tree end.
    trees: Vec<(usize, usize)>,
}

/// A question: is `row[feature] <= threshold`?
#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f32,
    /// The leaves that are left after a no, as bits.
    left: u32,
    feature: u16,
}

/// Leaves of a tree at most: each has a bit.
const MAX_LEAVES: usize = 32;

/// Rows that are asked at once.
const LANES: usize = 32;

/// In the file, a child is a leaf if its high bit is set.
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

/// A forest as it stands in a file: roots, nodes and leaves of all trees.
struct Written {
    nodes: Vec<(u16, f32, [u16; 2])>,
    leaves: Vec<f32>,
}

impl Forest {
    /// From a table: numbers in a row, roots, nodes, leaves, each with its count. `None` for anything but a whole one.
    pub(super) fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut forest = Self { features: bytes.u32()? as usize, ..Self::default() };
        let mut roots = Vec::new();
        for _ in 0..bytes.u32()? {
            roots.push(bytes.u16()?);
        }
        let mut written = Written { nodes: Vec::new(), leaves: Vec::new() };
        for _ in 0..bytes.u32()? {
            let (feature, threshold) = (bytes.u16()?, bytes.f32()?);
            if usize::from(feature) >= forest.features {
                return None;
            }
            written.nodes.push((feature, threshold, [bytes.u16()?, bytes.u16()?]));
        }
        for _ in 0..bytes.u32()? {
            written.leaves.push(bytes.f32()?);
        }
        for root in roots {
            written.tree(root, &mut forest)?;
            forest.trees.push((forest.nodes.len(), forest.leaves.len()));
        }
        Some(forest)
    }

    /// Numbers in a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The sum of the leaves that each of the rows comes to, which stand one behind the other.
    pub fn sums(&self, rows: &[f32]) -> Vec<f32> {
        // The same for every machine, in steps as wide as this one can take.
        dispatch!(Level::new(), simd => self.sums_by(simd, rows))
    }

    #[inline(always)]
    #[allow(clippy::inline_always)] // what is called and not copied is compiled for the narrowest machine
    fn sums_by<S: Simd>(&self, simd: S, rows: &[f32]) -> Vec<f32> {
        let width = self.features.max(1);
        let mut columns = vec![[0.0; LANES]; width];
        let mut out = Vec::with_capacity(rows.len() / width);
        for rows in rows.chunks(width * LANES) {
            for (lane, row) in rows.chunks_exact(width).enumerate() {
                for (column, value) in columns.iter_mut().zip(row) {
                    column[lane] = *value;
                }
            }
            let sums = self.together(simd, &columns);
            out.extend(sums.iter().take(rows.len() / width).map(|sum| *sum as f32));
        }
        out
    }

    /// The sums of [`LANES`] rows, of which `columns` has each number.
    #[inline(always)]
    #[allow(clippy::inline_always, clippy::needless_range_loop)] // likewise; and an iterator is calls
    fn together<S: Simd>(&self, _: S, columns: &[[f32; LANES]]) -> [f64; LANES] {
        let mut sums = [0.0; LANES];
        let (mut node, mut leaf) = (0, 0);
        for &(last_node, last_leaf) in &self.trees {
            let mut left = [u32::MAX; LANES];
            for node in &self.nodes[node..last_node] {
                let values = &columns[usize::from(node.feature)];
                for lane in 0..LANES {
                    // Without a branch, for all lanes in step.
                    left[lane] &= u32::from(values[lane] <= node.threshold).wrapping_neg() | node.left;
                }
            }
            let leaves = &self.leaves[leaf..last_leaf];
            for lane in 0..LANES {
                sums[lane] += f64::from(leaves[left[lane].trailing_zeros() as usize]);
            }
            (node, leaf) = (last_node, last_leaf);
        }
        sums
    }
}

impl Written {
    /// Appends the questions and leaves of a tree. `None` if it has more leaves than a tree may have; a circle has, too.
    fn tree(&self, root: u16, forest: &mut Forest) -> Option<()> {
        let (first_node, first_leaf) = (forest.nodes.len(), forest.leaves.len());
        // What is below a question comes before the question is done: its number of leaves is known then.
        let mut waiting = vec![Step::Down(root)];
        while let Some(step) = waiting.pop() {
            match step {
                Step::Down(at) if at & LEAF != 0 => forest.leaves.push(*self.leaves.get(usize::from(at & !LEAF))?),
                Step::Down(at) => {
                    let &(feature, threshold, [more, less]) = self.nodes.get(usize::from(at))?;
                    let number = forest.nodes.len();
                    forest.nodes.push(Node { threshold, left: u32::MAX, feature });
                    let begins = forest.leaves.len() - first_leaf;
                    waiting.extend([Step::Down(more), Step::Close { number, begins }, Step::Down(less)]);
                }
                Step::Close { number, begins } => {
                    let ends = forest.leaves.len() - first_leaf;
                    forest.nodes.get_mut(number)?.left = !bits(begins, ends);
                }
            }
            if forest.leaves.len() - first_leaf > MAX_LEAVES || forest.nodes.len() - first_node >= MAX_LEAVES {
                return None;
            }
        }
        Some(())
    }
}

/// What is to do next with a tree.
enum Step {
    /// Append what is below a child.
    Down(u16),
    /// Everything below the yes of a question has been appended.
    Close { number: usize, begins: usize },
}

/// Bits from `begins` on, before `ends`, which is 32 at most.
fn bits(begins: usize, ends: usize) -> u32 {
    let below = |count: usize| u32::MAX.checked_shr(32 - count as u32).unwrap_or(0);
    below(ends) & !below(begins)
}

/// From log-odds to a probability.
pub(super) fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A forest of two trees over two numbers: a question with a question below it, and a leaf alone.
    fn written(child: u16) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |bytes: &[u8]| out.extend_from_slice(bytes);
        put(&2_u32.to_le_bytes());
        put(&2_u32.to_le_bytes());
        put(&0_u16.to_le_bytes());
        put(&(LEAF | 3).to_le_bytes());
        put(&2_u32.to_le_bytes());
        for (feature, threshold, children) in [(0_u16, 0.5_f32, [child, LEAF]), (1, -1.0, [LEAF | 1, LEAF | 2])] {
            put(&feature.to_le_bytes());
            put(&threshold.to_le_bytes());
            for child in children {
                put(&child.to_le_bytes());
            }
        }
        put(&4_u32.to_le_bytes());
        for leaf in [1.0_f32, 10.0, 100.0, 0.25] {
            put(&leaf.to_le_bytes());
        }
        out
    }

    #[test]
    fn every_row_comes_to_its_leaves() {
        let forest = Forest::read(&mut Bytes(&written(1))).unwrap();
        let rows: Vec<f32> = [[0.5, 0.0], [0.6, 0.0], [0.6, -1.0]].iter().cycle().take(40).flatten().copied().collect();
        let expected: Vec<f32> = [1.25, 10.25, 100.25].iter().cycle().take(40).copied().collect();
        assert_eq!(forest.sums(&rows), expected);
        assert_eq!(forest.sums(&[]), Vec::<f32>::new());
    }

    #[test]
    fn a_forest_that_is_not_whole_is_refused() {
        let whole = written(1);
        assert!((0..whole.len()).all(|length| Forest::read(&mut Bytes(&whole[..length])).is_none()));
        assert!(Forest::read(&mut Bytes(&written(0))).is_none(), "a tree that leads back to its root never ends");
        assert!(Forest::read(&mut Bytes(&written(7))).is_none(), "a child that is not there");
    }
}
