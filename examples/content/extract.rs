//! Writes features and labels as flat arrays that numpy reads.

use crate::{labels, samples};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use taoxi::html::content::features::{BASE, Features, ODDS};
use taoxi::html::content::second::{SECOND, Second};
use taoxi::html::content::tokens::{Table, Weights, of_element};
use taoxi::html::{Limits, Page};

fn create(path: &str) -> BufWriter<File> {
    BufWriter::with_capacity(1 << 20, File::create(path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

/// `base.f32` rows, `blocks.u32` (page, block, words, hits) for each row, `all.u32` (page, words, hits, is outside) for every
/// block, `pages.tsv`, `tokens.u32` (page, hash, words below, hits below), `weighed.u32` (row, hash, 1 for the innermost element alone,
/// the value as a float's bits).
pub fn extract(pages: &str, out: &str) {
    std::fs::create_dir_all(out).expect("a folder");
    let mut base = create(&format!("{out}/base.f32"));
    let mut blocks = create(&format!("{out}/blocks.u32"));
    let mut all = create(&format!("{out}/all.u32"));
    let mut tokens = create(&format!("{out}/tokens.u32"));
    let mut weighed = create(&format!("{out}/weighed.u32"));
    let mut row = 0;
    let mut list = create(&format!("{out}/pages.tsv"));
    std::fs::write(format!("{out}/names.txt"), [BASE, ODDS, SECOND].concat().join("\n")).expect("names");
    for (number, sample) in samples(pages).enumerate() {
        let page = Page::read(&sample.html, &Limits::default());
        let features = Features::new(&page);
        let (hits, truth) = labels::labels(&page, &sample.text);
        writeln!(list, "{}\t{}\t{}", sample.id, page.blocks.len(), truth).unwrap();
        for value in features.base() {
            base.write_all(&value.to_le_bytes()).unwrap();
        }
        let mut rows = vec![0; page.blocks.len()];
        let mut sums = vec![(0_u32, 0_u32)];
        for (at, (block, &(matched, words))) in page.blocks.iter().zip(&hits).enumerate() {
            let before = sums[at];
            sums.push((before.0 + words, before.1 + matched));
            let outside = features.is_outside(block);
            put(&mut all, &[number as u32, words, matched, u32::from(outside)]);
            if !outside {
                put(&mut blocks, &[number as u32, at as u32, words, matched]);
                rows[at] = row;
                row += 1;
            }
        }
        let mut found: HashMap<u32, (u32, u32)> = HashMap::new();
        for element in &page.elements {
            let (from, to) = (sums[element.blocks.start as usize], sums[element.blocks.end as usize]);
            if to.0 > from.0 {
                of_element(&page, element, |word| {
                    let sum = found.entry(word).or_default();
                    sum.0 += to.0 - from.0;
                    sum.1 += to.1 - from.1;
                });
            }
        }
        features.text_words(|at, word| {
            let sum = found.entry(word).or_default();
            sum.0 += hits[at].1;
            sum.1 += hits[at].0;
        });
        features.weighed_words(|at, word, inside, value| {
            put(&mut weighed, &[rows[at], word, u32::from(inside), value.to_bits()]);
        });
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_unstable();
        for (word, (words, hits)) in found {
            put(&mut tokens, &[number as u32, word, words, hits]);
        }
    }
}

fn put(out: &mut impl Write, values: &[u32]) {
    for value in values {
        out.write_all(&value.to_le_bytes()).unwrap();
    }
}

/// `odds.f32`: for each row the features of each table that `tables/pages.txt` names for its page, table behind table.
/// A line of it is the names of tables, separated by spaces; a table is hashes (u32) and their [`Weights`] (three f32).
pub fn odds(pages: &str, tables: &str, out: &str) {
    let list = crate::read_text(&format!("{tables}/pages.txt"));
    let mut loaded: HashMap<&str, Table> = HashMap::new();
    let mut out = create(out);
    for (sample, names) in samples(pages).zip(list.lines()) {
        let page = Page::read(&sample.html, &Limits::default());
        let features = Features::new(&page);
        let columns: Vec<Vec<f32>> = names
            .split(' ')
            .map(|name| features.odds(loaded.entry(name).or_insert_with(|| table(&format!("{tables}/{name}.bin")))))
            .collect();
        let rows = columns[0].len() / ODDS.len();
        for row in 0..rows {
            for column in &columns {
                for value in &column[row * ODDS.len()..(row + 1) * ODDS.len()] {
                    out.write_all(&value.to_le_bytes()).unwrap();
                }
            }
        }
    }
}

/// `out`: for each row the features of the second look, for each of the five probabilities (f32) that `p` has for it; and
/// `out.pages`: for each page what is known of it, for each of the five.
pub fn second(pages: &str, p: &str, out: &str) {
    const COLUMNS: usize = 5;
    let bytes = std::fs::read(p).unwrap_or_else(|error| panic!("{p}: {error}"));
    let mut rows = bytes.chunks_exact(4 * COLUMNS);
    let mut whole = create(&format!("{out}.pages"));
    let mut out = create(out);
    for sample in samples(pages) {
        let page = Page::read(&sample.html, &Limits::default());
        let features = Features::new(&page);
        let mut places = Vec::new();
        let mut columns = vec![vec![0.0_f32; page.blocks.len()]; COLUMNS];
        for (at, block) in page.blocks.iter().enumerate() {
            if features.is_outside(block) {
                continue;
            }
            places.push(at);
            for (column, value) in columns.iter_mut().zip(rows.next().expect("a row").chunks_exact(4)) {
                column[at] = f32::from_le_bytes(value.try_into().unwrap());
            }
        }
        let columns: Vec<Second<'_, '_>> = columns.iter().map(|p| Second::new(&features, p)).collect();
        for value in columns.iter().flat_map(Second::page) {
            whole.write_all(&value.to_le_bytes()).unwrap();
        }
        let columns: Vec<Vec<f32>> = columns.iter().map(|column| column.rows(&places)).collect();
        for row in 0..places.len() {
            for value in columns.iter().flat_map(|column| &column[row * SECOND.len()..(row + 1) * SECOND.len()]) {
                out.write_all(&value.to_le_bytes()).unwrap();
            }
        }
    }
}

fn table(path: &str) -> Table {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Table::new(bytes.chunks_exact(16).map(|entry| {
        let number = |at: usize| u32::from_le_bytes(entry[4 * at..4 * at + 4].try_into().unwrap());
        let weight = |at| f32::from_bits(number(at));
        (number(0), Weights { votes: weight(1), around: weight(2), inside: weight(3) })
    }))
}
