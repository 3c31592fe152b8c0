//! The `simhash` crate as an engine of the near-duplicate benchmark.
//!
//! Reads a JSONL corpus (`id`, `text`), takes the crate's 64-bit code of each text over the chosen grams, finds every
//! pair of codes within the radius and writes `DIR/documents.ndjson` (`id`, `cluster`). With `--codes FILE` it writes
//! `id code` lines instead and looks for no pairs.
//!
//! The pairs come from tables over `radius + 1` blocks of the code: two codes within the radius agree in one of the
//! blocks at least, so none is missed.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};

use serde_json::{json, Value};
use simhash::{hamming_distance, simhash, simhash_stream};

/// What the command line asks for.
struct Options {
    corpus: String,
    out: Option<String>,
    codes: Option<String>,
    grams: String,
    radius: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = options()?;
    let mut ids = Vec::new();
    let mut codes = Vec::new();
    for line in BufReader::new(File::open(&options.corpus)?).lines() {
        let record: Value = serde_json::from_str(&line?)?;
        let text = record["text"].as_str().ok_or("a record without text")?;
        ids.push(record["id"].as_str().ok_or("a record without id")?.to_owned());
        codes.push(code(text, &options.grams)?);
    }
    if let Some(path) = &options.codes {
        let mut file = BufWriter::new(File::create(path)?);
        for (id, code) in ids.iter().zip(&codes) {
            match code {
                Some(code) => writeln!(file, "{id} {code}")?,
                None => writeln!(file, "{id} -")?,
            }
        }
        return Ok(file.flush()?);
    }
    let clusters = clusters(&codes, options.radius);
    let folder = options.out.ok_or("--out DIR or --codes FILE is needed")?;
    std::fs::create_dir_all(&folder)?;
    let mut file = BufWriter::new(File::create(format!("{folder}/documents.ndjson"))?);
    for (position, id) in ids.iter().enumerate() {
        writeln!(file, "{}", json!({"id": id, "cluster": ids[clusters[position]]}))?;
    }
    Ok(file.flush()?)
}

/// Reads the command line: `--corpus FILE --grams NAME --radius N (--out DIR | --codes FILE)`.
fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options { corpus: String::new(), out: None, codes: None, grams: "words".to_owned(), radius: 3 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--corpus" => options.corpus = value,
            "--out" => options.out = Some(value),
            "--codes" => options.codes = Some(value),
            "--grams" => options.grams = value,
            "--radius" => options.radius = value.parse()?,
            _ => return Err(format!("unknown argument {name}").into()),
        }
    }
    Ok(options)
}

/// The crate's code of a text over words, character 3-grams or 3-grams of units; none for a text without any.
fn code(text: &str, grams: &str) -> Result<Option<u64>, Box<dyn Error>> {
    match grams {
        "words" => Ok((!text.trim().is_empty()).then(|| simhash(text))),
        "chars" => {
            let squeezed: String = text.to_lowercase().split_whitespace().collect();
            Ok(stream(&squeezed, &boundaries(&squeezed, |_, _| true)))
        }
        "units" => {
            let folded = fold(text);
            let split = |left: char, right: char| !(joins(left) && joins(right));
            Ok(stream(&folded, &boundaries(&folded, split)))
        }
        _ => Err(format!("no grams are called {grams}").into()),
    }
}

/// The crate's code over runs of three units, given where units begin (and the end of the text).
fn stream(text: &str, starts: &[usize]) -> Option<u64> {
    match starts.len() {
        0 | 1 => None,
        2 | 3 => Some(simhash_stream(std::iter::once(text))),
        _ => Some(simhash_stream(starts.windows(4).map(|w| text[w[0]..w[3]].trim_end()))),
    }
}

/// Where a unit begins, spaces never beginning one; the end of the text closes the list.
fn boundaries(text: &str, split: impl Fn(char, char) -> bool) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut before = ' ';
    for (at, sign) in text.char_indices() {
        if sign != ' ' && (before == ' ' || split(before, sign)) {
            starts.push(at);
        }
        before = sign;
    }
    if !starts.is_empty() {
        starts.push(text.len());
    }
    starts
}

/// Letters in lower case; every other run becomes a space between two alphabetic words and nothing elsewhere.
/// Half and full width are one, digits and placeholders (`某`, lone runs of `x`) are left out.
fn fold(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for sign in text.chars().map(half_width).chain(std::iter::once(' ')) {
        if sign.is_alphabetic() && sign != '某' {
            word.extend(sign.to_lowercase());
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    let mut folded = String::with_capacity(text.len());
    for word in words.iter().filter(|word| !word.chars().all(|sign| sign == 'x')) {
        if folded.chars().next_back().is_some_and(joins) && word.chars().next().is_some_and(joins) {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// Full-width Latin letters as their half-width ones.
fn half_width(sign: char) -> char {
    match sign {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(sign as u32 - 0xfee0).unwrap_or(sign),
        _ => sign,
    }
}

/// Letters that make up words together; a Han, kana, hangul or Thai letter is a unit by itself.
fn joins(sign: char) -> bool {
    !matches!(sign, ' ' | '\u{e00}'..='\u{e7f}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// For each code the position of its cluster's first member.
fn clusters(codes: &[Option<u64>], radius: u32) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..codes.len()).collect();
    let blocks = radius + 1;
    for block in 0..blocks {
        let (low, high) = (64 * block / blocks, 64 * (block + 1) / blocks);
        let mask = (u64::MAX >> (64 - (high - low))) << low;
        let mut table: HashMap<u64, Vec<usize>> = HashMap::new();
        for (position, code) in codes.iter().enumerate() {
            let Some(code) = *code else { continue };
            let bucket = table.entry(code & mask).or_default();
            for &other in bucket.iter() {
                if codes[other].is_some_and(|fellow| hamming_distance(code, fellow) <= radius) {
                    let (one, two) = (root(&mut parent, other), root(&mut parent, position));
                    parent[one.max(two)] = one.min(two);
                }
            }
            bucket.push(position);
        }
    }
    (0..codes.len()).map(|position| root(&mut parent, position)).collect()
}

/// The root of a set, halving the path to it.
fn root(parent: &mut [usize], mut item: usize) -> usize {
    while parent[item] != item {
        parent[item] = parent[parent[item]];
        item = parent[item];
    }
    item
}
