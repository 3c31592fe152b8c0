//! Features that need the table of words.

use super::features::{Features, ODDS};
use super::tokens::{DECAY, SHORT, Sums, Table, of_element, of_tag, of_text};
use crate::html::page::Kind;

/// Words are told apart by what they are taken for: what a short block says, and what the heading above says.
const SAYS: u8 = 1;
const UNDER: u8 = 2;

impl Features<'_> {
    /// Calls `take` with the number of a block and the hash of each word that is counted for it, beside those of the
    /// elements around it: what it says, if it is short, and what the heading above it says.
    pub fn text_words(&self, mut take: impl FnMut(usize, u32)) {
        let mut under = Vec::new();
        for (at, block) in self.page.blocks.iter().enumerate() {
            if self.is_outside(block) {
                continue;
            }
            let short = block.words <= SHORT;
            let text = self.page.block_text(block);
            if short {
                of_text(text, SAYS, |word| take(at, word));
            }
            if matches!(block.kind, Kind::Heading(_)) {
                under.clear();
                if short {
                    of_text(text, UNDER, |word| under.push(word));
                }
            }
            for &word in &under {
                take(at, word);
            }
        }
    }

    /// Calls `take` with the number of a block, the hash of a word, whether it stands only for the innermost element, and its value, for
    /// each word that the logistic regression weighs.
    pub fn weighed_words(&self, mut take: impl FnMut(usize, u32, bool, f32)) {
        self.text_words(|at, word| take(at, word, false, 1.0));
        let page = self.page;
        for (at, block) in page.blocks.iter().enumerate() {
            if self.is_outside(block) {
                continue;
            }
            let mut value = 1.0;
            for (id, element) in page.ancestors(block.inner) {
                let mut put = |word| {
                    take(at, word, false, value);
                    if id == block.inner {
                        take(at, word, true, 1.0);
                    }
                };
                put(of_tag(element));
                of_element(page, element, put);
                value *= DECAY;
            }
        }
    }

    /// A row of [`ODDS`] for every block that is not outside, one behind the other.
    pub fn odds(&self, table: &Table) -> Vec<f32> {
        let page = self.page;
        let count = page.elements.len();
        // own, decaying sum, least, greatest, negative and positive decaying sums
        let mut chain = vec![[0.0_f32; 6]; count];
        // what the regression says of the elements around, and of the element alone
        let mut weighed = vec![[0.0_f32; 2]; count];
        for (at, element) in page.elements.iter().enumerate().skip(1) {
            if element.blocks.is_empty() {
                continue;
            }
            let Sums { votes: own, around, inside } = table.element(page, element);
            weighed[at] = [around + DECAY * weighed[element.parent as usize][0], inside];
            let around = chain[element.parent as usize];
            chain[at] = [
                own,
                own + 0.7 * around[1],
                own.min(around[2]),
                own.max(around[3]),
                own.min(0.0) + 0.85 * around[4],
                own.max(0.0) + 0.85 * around[5],
            ];
        }
        let mut ranked: Vec<(f32, u32)> =
            page.blocks.iter().map(|block| (chain[block.element as usize][1], block.words)).collect();
        ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let best = ranked.iter().find(|(_, words)| *words >= 5).map_or(0.0, |(sum, _)| *sum);
        let total = self.outline.whole.words.max(1.0);
        let mut above = Vec::with_capacity(ranked.len());
        let mut words = 0.0;
        for (sum, count) in ranked {
            above.push((sum, words / total));
            words += count as f32;
        }
        let mut out = Vec::with_capacity(page.blocks.len() * ODDS.len());
        let mut under = Sums::default();
        for block in &page.blocks {
            let short = block.words <= SHORT;
            let is_heading = matches!(block.kind, Kind::Heading(_));
            if self.is_outside(block) {
                continue;
            }
            let text = page.block_text(block);
            let says = if short { table.text(text, SAYS) } else { Sums::default() };
            if is_heading {
                under = if short { table.text(text, UNDER) } else { Sums::default() };
            }
            let [own, sum, least, greatest, negative, positive] = chain[block.element as usize];
            let parent = chain[page.elements[block.element as usize].parent as usize][0];
            let rank = above.partition_point(|(other, _)| *other > sum);
            let rank = above.get(rank).map_or(1.0, |(_, share)| *share);
            let inner = chain[block.inner as usize][0];
            let own = if block.inner == block.element { own } else { own + inner };
            out.extend([own, sum, least, greatest, sum - best, parent, negative, positive, rank, best]);
            out.extend([says.votes, under.votes]);
            let [around, inside] = weighed[block.inner as usize];
            let texts = says.around + under.around;
            out.extend([around + inside + texts, around, inside, texts]);
        }
        out
    }
}
