//! Gradient-boosted trees in flat arrays, asked about many rows at a time.

/// Trees whose leaves are summed.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    /// Numbers in a row.
    features: usize,
    /// The nodes of all trees, the root of each first.
    nodes: Vec<Node>,
    /// Where each tree begins, and where the last one ends.
    trees: Vec<u32>,
}

/// A question: is `row[feature] <= threshold`? A leaf leads to itself, and its threshold is its value.
#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f32,
    feature: u16,
    /// Where to go in the tree if it is not, and if it is.
    children: [u8; 2],
}

/// Nodes of a tree, leaves among them, at most.
const MAX_NODES: usize = 1 << 8;

/// Rows that go down a tree together: while one waits for memory, others step.
const LANES: usize = 16;

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
            forest.trees.push(u32::try_from(forest.nodes.len()).ok()?);
            forest.nodes.extend(written.tree(root)?);
        }
        forest.trees.push(u32::try_from(forest.nodes.len()).ok()?);
        Some(forest)
    }

    /// Numbers in a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The sum of the leaves that each of the rows comes to, which stand one behind the other.
    pub fn sums(&self, rows: &[f32]) -> Vec<f32> {
        let width = self.features.max(1);
        rows.chunks(width * LANES).flat_map(|rows| self.together(rows, width)).collect()
    }

    /// The sums of at most [`LANES`] rows.
    fn together(&self, rows: &[f32], width: usize) -> Vec<f32> {
        let mut sums = [0.0_f64; LANES];
        for tree in self.trees.windows(2) {
            let tree = &self.nodes[tree[0] as usize..tree[1] as usize];
            let mut places = [0_u8; LANES];
            let mut is_going = true;
            while is_going {
                is_going = false;
                for (at, row) in places.iter_mut().zip(rows.chunks_exact(width)) {
                    let node = &tree[usize::from(*at)];
                    let next = node.children[usize::from(row[usize::from(node.feature)] <= node.threshold)];
                    is_going |= next != *at;
                    *at = next;
                }
            }
            for (sum, at) in sums.iter_mut().zip(places) {
                *sum += f64::from(tree[usize::from(at)].threshold);
            }
        }
        sums.iter().take(rows.len() / width).map(|sum| *sum as f32).collect()
    }
}

impl Written {
    /// The nodes of a tree, its root first. `None` if it is larger than a tree may be, which a circle is, too.
    fn tree(&self, root: u16) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        let mut waiting = vec![(root, None)];
        while let Some((written, parent)) = waiting.pop() {
            if nodes.len() == MAX_NODES {
                return None;
            }
            let at = u8::try_from(nodes.len()).ok()?;
            if let Some((parent, side)) = parent {
                let parent: &mut Node = nodes.get_mut(parent)?;
                parent.children[side] = at;
            }
            if written & LEAF == 0 {
                let &(feature, threshold, children) = self.nodes.get(usize::from(written))?;
                nodes.push(Node { threshold, feature, children: [at; 2] });
                waiting.extend([1, 0].map(|side| (children[side], Some((usize::from(at), side)))));
            } else {
                let &value = self.leaves.get(usize::from(written & !LEAF))?;
                nodes.push(Node { threshold: value, feature: 0, children: [at; 2] });
            }
        }
        Some(nodes)
    }
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
            children.map(|child| put(&child.to_le_bytes()));
        }
        put(&4_u32.to_le_bytes());
        [1.0_f32, 10.0, 100.0, 0.25].map(|leaf| put(&leaf.to_le_bytes()));
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
