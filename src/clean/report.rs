//! From the outcome of washing to the record that users see.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::input::Input;
use super::markdown;
use super::pipeline::Washed;
use super::{Edits, NORMALISER_VERSION, Options};
use crate::document::{Cleaned, Content, Document, EditRecord, Flag, RemovedRecord, Source, Stats, Versions};
use crate::html;
use crate::rules::RuleSet;
use crate::rules::set::hex;
use crate::steps::placeholder;
use crate::text::class::Mask;

/// A document with at least this many placeholders is flagged `masked`.
const MASKED: usize = 3;

pub(super) fn record(document: Document, input: Input, washed: Washed, options: &Options, rules: &RuleSet) -> Cleaned {
    let (stats, placeholders) = stats(&washed);
    let mut flags = input.flags;
    flags.extend(washed.flags.iter().copied());
    if placeholders >= MASKED {
        flags.push(Flag::Masked);
    }
    flags.sort_unstable();
    flags.dedup();
    let files = washed.files.iter().filter_map(|&file| rules.files().get(file)).map(|file| file.id.clone()).collect();
    Cleaned {
        id: document.id,
        title: input.title,
        flags,
        rules: files,
        edits: edits(&input.text, &washed, options.edits, rules),
        removed: removed(input.removed, options.edits),
        page: input.page,
        markdown: options.markdown.then(|| markdown::of(&input.shapes, &washed)),
        text: washed.text,
        parts: washed.parts,
        stats,
        source: source(&document.content, input.encoding, input.media_type),
        meta: meta(document.meta, document.url, document.date),
        versions: Versions {
            taoxi: env!("CARGO_PKG_VERSION"),
            rules: rules.digest().to_owned(),
            normaliser: NORMALISER_VERSION,
        },
    }
}

/// The URL and date of a record pass through with its other fields.
fn meta(
    mut meta: serde_json::Map<String, Value>,
    url: Option<String>,
    date: Option<String>,
) -> serde_json::Map<String, Value> {
    if let Some(url) = url {
        meta.insert("url".to_owned(), Value::String(url));
    }
    if let Some(date) = date {
        meta.insert("date".to_owned(), Value::String(date));
    }
    meta
}

fn source(content: &Content, encoding: String, media_type: &'static str) -> Source {
    let bytes: &[u8] = match content {
        Content::Bytes(bytes) => bytes,
        Content::Text(text) => text.as_bytes(),
    };
    Source { encoding, media_type, bytes: bytes.len(), sha256: hex(&Sha256::digest(bytes)) }
}

fn edits(source: &str, washed: &Washed, how: Edits, rules: &RuleSet) -> Option<Vec<EditRecord>> {
    if how == Edits::None {
        return None;
    }
    let name = |tag| rules.name(tag).map_or_else(String::new, |name| name.name.clone());
    let full = how == Edits::Full;
    let record = |edit: crate::text::Edit<'_>| EditRecord {
        rule: name(edit.tag),
        start: edit.start,
        end: edit.end,
        before: full.then(|| source[edit.start..edit.end].to_owned()),
        after: full.then(|| edit.after.to_owned()),
        also: edit.also.iter().map(|&tag| name(tag)).collect(),
    };
    Some(washed.patch.edits().map(record).collect())
}

fn removed(places: Vec<html::Removed>, how: Edits) -> Vec<RemovedRecord> {
    if how == Edits::None {
        return Vec::new();
    }
    let record = |place: html::Removed| {
        let html::Removed { path, text, words, reason, probability } = place;
        RemovedRecord { path, text, words, reason, probability }
    };
    places.into_iter().map(record).collect()
}

/// Counts over the cleaned text, and how many placeholders it has.
pub(super) fn stats(washed: &Washed) -> (Stats, usize) {
    let text = washed.text.as_str();
    let counts = &washed.counts;
    let (mut masked, mut placeholders) = (0, 0);
    for line in washed.lines.iter().filter(|line| line.mask.meets(Mask::PLACEHOLDER)) {
        let line = line.of(text);
        for span in placeholder::spans(line) {
            masked += line[span].chars().count();
            placeholders += 1;
        }
    }
    let lost = washed.letters_before.saturating_sub(counts.letters);
    let stats = Stats {
        chars: counts.chars,
        han: counts.han,
        removed_share: share(lost, washed.letters_before),
        placeholder_share: share(masked, counts.chars),
        script: counts.script().as_str(),
    };
    (stats, placeholders)
}

/// A share rounded to four places, so that records read well and compare exactly.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}
