//! Which blocks belong to the truth: the longest common subsequence of words, in bit vectors (Hyyrö 2004).

use std::collections::HashMap;
use taoxi::html::Page;

/// Runs shorter than this count only if they are a whole block.
const MIN_RUN: usize = 3;

/// The words of a text, as the scorer counts them, numbered.
fn words(text: &str, numbers: &mut HashMap<String, u32>) -> Vec<u32> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut put = |word: &mut String| {
        if !word.is_empty() {
            let next = numbers.len() as u32;
            out.push(*numbers.entry(std::mem::take(word)).or_insert(next));
        }
    };
    for character in text.chars() {
        let is_cjk = matches!(character, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}');
        if is_cjk {
            put(&mut word);
            word.push(character);
            put(&mut word);
        } else if character.is_alphanumeric() || character == '_' {
            word.extend(character.to_lowercase());
        } else {
            put(&mut word);
        }
    }
    put(&mut word);
    out
}

/// Which words of `a` are matched in a longest common subsequence with `b`.
fn matched(a: &[u32], b: &[u32], kinds: usize) -> Vec<Option<usize>> {
    let width = a.len().div_ceil(64);
    let mut masks: Vec<Option<Vec<u64>>> = vec![None; kinds];
    let wanted: std::collections::HashSet<u32> = b.iter().copied().collect();
    for (at, &word) in a.iter().enumerate() {
        if wanted.contains(&word) {
            masks[word as usize].get_or_insert_with(|| vec![0; width])[at / 64] |= 1 << (at % 64);
        }
    }
    // A row per word of b: bit at is 0 where the length of the subsequence grows.
    let mut rows: Vec<Vec<u64>> = Vec::with_capacity(b.len() + 1);
    rows.push(vec![u64::MAX; width]);
    for word in b {
        let last = rows.last().unwrap();
        let Some(mask) = &masks[*word as usize] else {
            let same = last.clone();
            rows.push(same);
            continue;
        };
        let mut row = Vec::with_capacity(width);
        let mut carry = false;
        for (&v, &m) in last.iter().zip(mask) {
            let x = v & m;
            let (sum, first) = v.overflowing_add(x);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first || second;
            row.push(sum | (v & !m));
        }
        rows.push(row);
    }
    let zero = |row: usize, at: usize| rows[row][at / 64] >> (at % 64) & 1 == 0;
    let mut out = vec![None; a.len()];
    let (mut i, mut j) = (a.len(), b.len());
    while i > 0 && j > 0 {
        if !zero(j, i - 1) {
            i -= 1;
        } else if zero(j - 1, i - 1) {
            j -= 1;
        } else {
            out[i - 1] = Some(j - 1);
            i -= 1;
            j -= 1;
        }
    }
    out
}

/// Per block: the words matched and all words; and the words of the truth.
pub fn labels(page: &Page, truth: &str) -> (Vec<(u32, u32)>, u32) {
    let mut numbers = HashMap::new();
    let mut all = Vec::new();
    let mut bounds = vec![0];
    for block in &page.blocks {
        all.extend(words(page.block_text(block), &mut numbers));
        bounds.push(all.len());
    }
    let truth = words(truth, &mut numbers);
    let hits = matched(&all, &truth, numbers.len());
    let mut counted = vec![false; all.len()];
    let mut at = 0;
    while at < all.len() {
        let mut end = at;
        while end < all.len() && hits[end].is_some_and(|hit| end == at || hits[end - 1] == Some(hit.wrapping_sub(1))) {
            end += 1;
        }
        counted[at..end].fill(end - at >= MIN_RUN);
        at = end.max(at + 1);
    }
    let blocks = bounds.windows(2).map(|bound| {
        let (start, end) = (bound[0], bound[1]);
        let whole = hits[start..end].iter().all(Option::is_some);
        let count = if whole { end - start } else { counted[start..end].iter().filter(|hit| **hit).count() };
        (count as u32, (end - start) as u32)
    });
    (blocks.collect(), truth.len() as u32)
}
