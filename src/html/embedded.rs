//! The text of a page that carries it as data: JSON-LD, `__NEXT_DATA__`, `__NUXT__`, `window.… = {…}`.
//!
//! For pages that show next to nothing without their scripts. String literals of the page's scripts are judged one by
//! one; prose is what has words and full stops and hardly any marks of code. Markup inside of a string is rendered.
//! Everything is read once or twice, whatever it holds, and strings inside of strings two levels deep.

use std::collections::HashSet;

use crate::html::json::scan::decoded;
use crate::html::json::tree::Tree;
use crate::html::page::measure::measure;
use crate::html::{Limits, Site, render};

/// A text found in the data of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// The text, lines by `\n`.
    pub text: String,
    /// Its words; a Han, kana or hangul character is a word.
    pub words: u32,
}

/// A page that shows fewer words than this may have its text in its scripts.
const FEW_WORDS: u32 = 50;
/// So many words in sentences are a short text, and not a menu.
const SOME_WORDS: u32 = 20;
/// More than so few words take, in bytes.
const MAX_VISIBLE: usize = 4096;
/// A text has at least this many words.
const MIN_WORDS: u32 = 40;
/// Shorter strings are not looked at, in bytes as written.
const MIN_BYTES: usize = 24;
/// A part of a text has at least this many words.
const MIN_PART_WORDS: u32 = 6;
/// A text in which sentences are longer than this many words is a menu or a table.
const MAX_SENTENCE: u32 = 100;
/// Strings kept of one page.
const MAX_STRINGS: usize = 4096;
/// A longer string before a colon is no key, in bytes.
const MAX_KEY: usize = 64;
/// How deep strings are looked for in strings.
const MAX_LEVELS: usize = 2;

/// The longest text in the scripts of a page, for a page that shows only the text `visible`: at least three times as much.
#[must_use]
pub fn embedded(source: &str, visible: &str, limits: &Limits) -> Option<Embedded> {
    if visible.len() > MAX_VISIBLE {
        return None;
    }
    let shown = measure(visible);
    if shown.words >= SOME_WORDS && shown.stops >= 2 {
        return None;
    }
    let visible = shown.words;
    if visible >= FEW_WORDS {
        return None;
    }
    let mut found = Found { limits, best: None };
    for script in scripts(source) {
        if script.is_json_ld {
            found.json_ld(script.content);
        }
    }
    if found.best.is_none() {
        for script in scripts(source).filter(|script| !script.is_json_ld) {
            found.script(script.content);
        }
    }
    found.best.filter(|best| best.words >= MIN_WORDS.max(visible.saturating_mul(3)))
}

/// A script of the page.
struct Script<'s> {
    content: &'s str,
    is_json_ld: bool,
}

/// The contents of `<script>` elements. Where one is never closed, the rest is its content.
fn scripts(source: &str) -> impl Iterator<Item = Script<'_>> {
    let bytes = source.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + tag(&bytes[at..], b"<script")?;
            let start = open + memchr::memchr(b'>', &bytes[open..])? + 1;
            let end = tag(&bytes[start..], b"</script").map_or(bytes.len(), |end| start + end);
            at = end;
            let attributes = source[open..start].to_ascii_lowercase();
            if end - start >= MIN_BYTES {
                return Some(Script { content: &source[start..end], is_json_ld: attributes.contains("ld+json") });
            }
        }
    })
}

/// Where a tag stands, in any case.
fn tag(bytes: &[u8], name: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', bytes)
        .find(|&at| bytes.get(at..at + name.len()).is_some_and(|written| written.eq_ignore_ascii_case(name)))
}

/// The best text so far.
struct Found<'l> {
    limits: &'l Limits,
    best: Option<Embedded>,
}

impl Found<'_> {
    fn offer(&mut self, text: String) {
        let words = measure(&text).words;
        if words >= MIN_WORDS && self.best.as_ref().is_none_or(|best| best.words < words) {
            self.best = Some(Embedded { text, words });
        }
    }

    /// `articleBody` and its like.
    fn json_ld(&mut self, script: &str) {
        let tree = Tree::read(script);
        for node in tree.nodes() {
            if matches!(tree.key(node), "articleBody" | "reviewBody" | "text")
                && let Some(body) = tree.text(node)
            {
                let text = self.plain(&body);
                self.offer(text);
            }
        }
    }

    /// The longest string, or all strings under one key if they are far more together: paragraphs.
    fn script(&mut self, script: &str) {
        let mut strings = Vec::new();
        self.strings(script, 0, &mut strings);
        let Some(longest) = strings.iter().max_by_key(|part| part.words) else { return };
        let mut sums: Vec<(&str, u32, usize)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for part in &strings {
            let at = *places.entry(part.key.as_str()).or_insert_with(|| {
                sums.push((part.key.as_str(), 0, 0));
                sums.len() - 1
            });
            sums[at].1 += part.words;
            sums[at].2 += 1;
        }
        let most = sums.iter().max_by_key(|(_, words, _)| *words);
        let text = match most {
            Some((key, words, 3..)) if *words > longest.words.saturating_mul(2) => {
                let parts: Vec<&str> =
                    strings.iter().filter(|part| part.key == *key).map(|part| part.text.as_str()).collect();
                parts.join("\n")
            }
            _ => longest.text.clone(),
        };
        let counts = measure(&text);
        if counts.stops.saturating_mul(MAX_SENTENCE) >= counts.words {
            self.offer(text);
        }
    }

    /// The prose among the string literals of a script.
    fn strings(&self, script: &str, level: usize, out: &mut Vec<Part>) {
        let mut seen: HashSet<u64> = HashSet::new();
        for Literal { key, raw, is_argument } in literals(script) {
            if raw.len() < MIN_BYTES || out.len() >= MAX_STRINGS {
                continue;
            }
            let text = decoded(raw);
            if level < MAX_LEVELS && holds_data(&text) {
                self.strings(&text, level + 1, out);
                continue;
            }
            if is_argument {
                continue;
            }
            let text = self.plain(&text);
            let counts = measure(&text);
            if counts.words >= MIN_PART_WORDS && is_prose(&text) && seen.insert(counts.hash) {
                out.push(Part { key: key.to_owned(), text, words: counts.words });
            }
        }
    }

    /// A string as text: rendered if there is markup in it, and rendered again if the markup was escaped.
    fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..2 {
            if !has_markup(&text) {
                break;
            }
            text = render(&text, Site::default(), self.limits).text;
        }
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// A string that is prose.
struct Part {
    key: String,
    text: String,
    words: u32,
}

fn has_markup(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', bytes)
        .any(|at| bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphabetic() || *next == b'/'))
        || memchr::memchr(b'&', bytes).is_some_and(|at| bytes[at..].iter().take(12).any(|&byte| byte == b';'))
}

/// Data in a string: an object or a list with quoted keys or strings.
fn holds_data(text: &str) -> bool {
    let text = text.trim_start();
    let head = text.as_bytes();
    // What React streams begins with a number and a colon.
    let body = text.trim_start_matches(|c: char| c.is_ascii_hexdigit()).trim_start_matches(':');
    (text.starts_with(['{', '[']) || (body.len() < text.len() && body.starts_with(['{', '[', 'I'])))
        && memchr::memchr(b'"', &head[..head.len().min(256)]).is_some()
}

/// Whether a text reads as prose: full stops, words with spaces between them or Han, few marks of code.
fn is_prose(text: &str) -> bool {
    let counts = measure(text);
    let code =
        text.bytes().filter(|byte| matches!(byte, b'{' | b'}' | b'=' | b'<' | b'>' | b'\\' | b'_' | b'$')).count();
    let longest = text.split(char::is_whitespace).map(str::len).max().unwrap_or(0);
    let has_spaces = counts.cjk * 3 >= counts.words || longest <= 120;
    counts.stops + counts.commas > 0
        && code * 40 <= text.len()
        && (counts.letters as usize) * 2 >= text.chars().count()
        && has_spaces
}

/// A string literal of a script.
struct Literal<'s> {
    /// The key it stands behind; the last one before it where it has none of its own.
    key: &'s str,
    /// As written.
    raw: &'s str,
    /// The first argument of a call: a message for developers, unless there is data in it.
    is_argument: bool,
}

/// The string literals of a script.
fn literals(script: &str) -> impl Iterator<Item = Literal<'_>> {
    let bytes = script.as_bytes();
    let mut at = 0;
    let mut key = "";
    // Per quote, up to where none of its kind is closed: what was searched once is not searched again.
    let mut unclosed = [0_usize; 3];
    std::iter::from_fn(move || {
        while let Some(offset) = memchr::memchr3(b'"', b'\'', b'`', &bytes[at..]) {
            let quote = at + offset;
            let kind = match bytes[quote] {
                b'"' => 0,
                b'\'' => 1,
                _ => 2,
            };
            let before = &script[at..quote];
            at = quote + 1;
            if quote < unclosed[kind] {
                continue;
            }
            let start = at;
            let end = match literal_end(bytes, start, bytes[quote]) {
                Ok(end) => end,
                Err(searched) => {
                    unclosed[kind] = searched;
                    continue;
                }
            };
            at = end + 1;
            let text = &script[start..end];
            if bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':') && text.len() <= MAX_KEY {
                key = text;
                continue;
            }
            let bare = bare_key(before);
            if !bare.is_empty() {
                key = bare;
            }
            return Some(Literal { key, raw: text, is_argument: before.ends_with('(') });
        }
        None
    })
}

/// `name:` at the end of what stands before a quote.
fn bare_key(before: &str) -> &str {
    let before = before.trim_ascii_end();
    let Some(name) = before.strip_suffix(':') else { return "" };
    let name = name.trim_ascii_end();
    let start = name.bytes().rposition(|byte| !byte.is_ascii_alphanumeric() && byte != b'_').map_or(0, |at| at + 1);
    &name[start..]
}

/// Where a literal ends, or else how far it was searched for. JSON's strings may hold line ends where pages are careless,
/// those in apostrophes may not: an apostrophe in a comment would swallow what follows.
fn literal_end(bytes: &[u8], start: usize, quote: u8) -> Result<usize, usize> {
    let mut at = start;
    loop {
        let found = if quote == b'\'' {
            memchr::memchr3(quote, b'\\', b'\n', &bytes[at..])
        } else {
            memchr::memchr2(quote, b'\\', &bytes[at..])
        };
        let Some(next) = found.map(|offset| at + offset) else { return Err(bytes.len()) };
        match bytes[next] {
            b'\\' => at = (next + 2).min(bytes.len()),
            b'\n' => return Err(next),
            _ => return Ok(next),
        }
    }
}

#[cfg(test)]
mod tests;
