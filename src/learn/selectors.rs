//! Where on the pages of a site the content is, and what in it never belongs to it: selectors for `[html]`.
//!
//! The model of the main content judges every block of every page. What stands on most pages of a site counts for less than the model says
//! ([`doubt`](super::doubt)), and the less a text counts the more pages there are. A selector of what is left out is proposed when leaving
//! it out gives a better expected F1 on some pages, and on none a worse one. Pages of one site are built alike, so of many pages what the
//! model says about blocks at one place of the template is averaged, and a selector of the content is proposed when the words below it
//! give a better expected F1 than the model's own choice on each page.

use std::collections::{BTreeMap, HashMap};

use super::census::SMALL;
use super::doubt::{MOSTLY, weighed};
use super::learned::{HtmlEvidence, SelectorEvidence};
use super::sheet::hash;
use crate::html::content::judged;
use crate::html::page::{Element, ElementId, Page};
use crate::html::{Limits, Selector, Tag};
use crate::text::fold::fold;

/// Most pages that selectors are learned from.
pub(super) const MOST_PAGES: usize = 40;
/// Fewest.
const FEWEST: usize = 3;
/// How much the average of a place says beside a page's own judgement.
const PLACE_WEIGHT: f32 = 1.0;
/// Expected F1 that a selector of the content must gain over the model's own choice.
const GAIN: f64 = 0.01;
/// The most that it may lose on any one page.
const LOSS: f64 = 0.05;
/// What a selector of what is left out must gain.
const REMOVE_GAIN: f64 = 0.003;
/// Most of these.
const MOST_REMOVED: usize = 8;
/// Share of the pages on which a selector of the content must match.
const MATCHES: f64 = 0.9;

/// A page as selectors are judged on it.
struct Seen {
    words: Vec<u32>,
    /// How likely each block is content: the model's, then averaged.
    p: Vec<f32>,
    /// A hash of each block's place in the template.
    places: Vec<u64>,
    texts: Vec<u64>,
    taken: Vec<bool>,
    /// Ranges of blocks by selector.
    below: BTreeMap<String, Vec<(usize, usize)>>,
    /// Whole, for examples.
    page: Page,
}

/// Proposes selectors for the HTML pages of a site.
pub(super) fn learn(sources: &[String]) -> Option<HtmlEvidence> {
    let mut pages: Vec<Seen> = sources.iter().filter_map(|source| seen(source)).collect();
    if pages.len() < FEWEST {
        return None;
    }
    weigh(&mut pages);
    // On few pages what one of them says at a place outweighs the others.
    let content = if pages.len() < SMALL { Vec::new() } else { content(&mut pages) };
    let without = score(&pages, &[], &[]);
    let (remove, with) = left_out(&pages, &content);
    if content.is_empty() && remove.is_empty() {
        return None;
    }
    let evidence = |selectors: &[String]| selectors.iter().map(|selector| about(&pages, selector)).collect();
    Some(HtmlEvidence {
        content: evidence(&content),
        remove: evidence(&remove),
        with: rounded(mean(&with)),
        without: rounded(mean(&without)),
    })
}

/// The selector of the content, if one does better than the model. Then places are averaged.
fn content(pages: &mut [Seen]) -> Vec<String> {
    let own: Vec<Vec<f32>> = pages.iter().map(|page| page.p.clone()).collect();
    average(pages);
    let without = score(pages, &[], &[]);
    let best = best(candidates(pages), |selector| score(pages, std::slice::from_ref(selector), &[]));
    let good = best.filter(|selector| {
        let with = score(pages, std::slice::from_ref(selector), &[]);
        mean(&with) >= mean(&without) + GAIN && with.iter().zip(&without).all(|(with, without)| *with >= without - LOSS)
    });
    if good.is_none() {
        for (page, own) in pages.iter_mut().zip(own) {
            page.p = own;
        }
    }
    good.into_iter().collect()
}

/// Selectors of what is left out, each of which gains on the average and loses on no page, and the scores with all of them.
fn left_out(pages: &[Seen], content: &[String]) -> (Vec<String>, Vec<f64>) {
    let mut remove: Vec<String> = Vec::new();
    let mut with = score(pages, content, &remove);
    let inner = inside(pages, content);
    while remove.len() < MOST_REMOVED {
        let with_one = |selector: &String| {
            let tried: Vec<String> = remove.iter().chain([selector]).cloned().collect();
            score(pages, content, &tried)
        };
        let harmless = |selector: &String| {
            !remove.contains(selector) && with_one(selector).iter().zip(&with).all(|(new, old)| *new >= old - 1e-9)
        };
        let next = best(inner.iter().filter(|selector| harmless(selector)).cloned().collect(), with_one);
        let Some(next) = next else { break };
        let gained = with_one(&next);
        if mean(&gained) < mean(&with) + REMOVE_GAIN {
            break;
        }
        remove.push(next);
        with = gained;
    }
    (remove, with)
}

fn rounded(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len().max(1) as f64
}

fn seen(source: &str) -> Option<Seen> {
    let page = Page::read(source, &Limits::default());
    let (p, taken) = judged(&page, source)?;
    let mut below: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
    for element in page.elements.iter().skip(1).filter(|element| !element.blocks.is_empty()) {
        for selector in selectors(&page, element) {
            let range = (element.blocks.start as usize, element.blocks.end as usize);
            let ranges = below.entry(selector).or_default();
            // A match inside a match says nothing new.
            if ranges.last().is_none_or(|last| range.0 >= last.1) {
                ranges.push(range);
            }
        }
    }
    Some(Seen {
        words: page.blocks.iter().map(|block| block.words).collect(),
        p,
        places: page.blocks.iter().map(|block| place(&page, block.element)).collect(),
        texts: page.blocks.iter().map(|block| hash(&fold(page.block_text(block)))).collect(),
        taken,
        below,
        page,
    })
}

/// Selectors of an element: by its id, or by one of its classes.
fn selectors(page: &Page, element: &Element) -> Vec<String> {
    let name = element.tag.map_or("", Tag::name);
    let mut out = Vec::new();
    let id = page.attribute(&element.id);
    if is_name(id) {
        out.push(format!("{name}#{id}"));
    }
    out.extend(
        page.attribute(&element.class)
            .split_ascii_whitespace()
            .filter(|class| is_name(class))
            .map(|class| format!("{name}.{class}")),
    );
    if matches!(name, "article" | "main") {
        out.push(name.to_owned());
    }
    out
}

/// Whether an id or class names a part of the template: letters, and no number that may be the page's own.
fn is_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && digits <= 2
        && name.len() <= 60
}

/// A block's place: its element and three around it, by name and first class.
fn place(page: &Page, element: ElementId) -> u64 {
    let around: Vec<String> = page
        .ancestors(element)
        .take(4)
        .map(|(_, element)| {
            let class = page.attribute(&element.class).split_ascii_whitespace().next().unwrap_or_default();
            format!("{}.{class}", element.tag.map_or("", Tag::name))
        })
        .collect();
    hash(&around.join(" "))
}

/// Lowers the probability of texts that stand on most of the pages.
fn weigh(pages: &mut [Seen]) {
    let mut texts: HashMap<u64, (usize, usize)> = HashMap::new();
    for page in pages.iter() {
        let mut mine: BTreeMap<u64, usize> = BTreeMap::new();
        for text in &page.texts {
            *mine.entry(*text).or_default() += 1;
        }
        for (text, hits) in mine {
            let sum = texts.entry(text).or_default();
            *sum = (sum.0 + 1, sum.1 + hits);
        }
    }
    let most = pages.len() as f64 * MOSTLY;
    let many = |on: usize| on >= FEWEST && (on >= SMALL || on as f64 >= most);
    for page in pages {
        for (p, text) in page.p.iter_mut().zip(&page.texts) {
            if let Some((on, hits)) = texts.get(text).filter(|(on, _)| many(*on)) {
                *p = weighed(*p, *on, *hits);
            }
        }
    }
}

/// Averages what the model says over the blocks of one place, page by page.
fn average(pages: &mut [Seen]) {
    let mut places: HashMap<u64, (f32, f32)> = HashMap::new();
    for page in pages.iter() {
        let mut mine: BTreeMap<u64, (f32, f32)> = BTreeMap::new();
        for (block, place) in page.places.iter().enumerate() {
            let sum = mine.entry(*place).or_default();
            let words = page.words[block] as f32;
            *sum = (sum.0 + page.p[block] * words, sum.1 + words);
        }
        for (place, (p, words)) in mine {
            if words > 0.0 {
                let sum = places.entry(place).or_default();
                *sum = (sum.0 + p / words, sum.1 + 1.0);
            }
        }
    }
    for page in pages {
        for block in 0..page.p.len() {
            let (sum, count) = places.get(&page.places[block]).copied().unwrap_or_default();
            if count > 1.0 {
                page.p[block] = (page.p[block] + PLACE_WEIGHT * sum / count) / (1.0 + PLACE_WEIGHT);
            }
        }
    }
}

/// Expected F1 over words of taking some blocks.
fn expected(page: &Seen, taken: &[bool]) -> f64 {
    let (mut all, mut hits, mut size) = (0.0, 0.0, 0.0);
    for (block, taken) in taken.iter().enumerate() {
        let words = f64::from(page.words[block]);
        let content = words * f64::from(page.p[block]);
        all += content;
        if *taken {
            hits += content;
            size += words;
        }
    }
    if size + all > 0.0 { 2.0 * hits / (size + all) } else { 0.0 }
}

/// The blocks that selectors give on a page; without a match what the model takes.
fn given(page: &Seen, content: &[String], remove: &[String]) -> Vec<bool> {
    let mut taken = vec![false; page.words.len()];
    let mut matched = false;
    for (start, end) in content.iter().filter_map(|selector| page.below.get(selector)).flatten() {
        taken[*start..*end].fill(true);
        matched = true;
    }
    if !matched {
        taken.clone_from(&page.taken);
    }
    for (start, end) in remove.iter().filter_map(|selector| page.below.get(selector)).flatten() {
        taken[*start..*end].fill(false);
    }
    for (block, taken) in taken.iter_mut().enumerate() {
        *taken &= !(matched && page.page.blocks[block].hidden);
    }
    taken
}

fn score(pages: &[Seen], content: &[String], remove: &[String]) -> Vec<f64> {
    pages.iter().map(|page| expected(page, &given(page, content, remove))).collect()
}

/// Selectors that match on nearly all pages.
fn candidates(pages: &[Seen]) -> Vec<String> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for selector in pages.iter().flat_map(|page| page.below.keys()) {
        *counts.entry(selector).or_default() += 1;
    }
    let many = |count: usize| count as f64 >= pages.len() as f64 * MATCHES;
    counts.into_iter().filter(|(_, count)| many(*count)).map(|(selector, _)| selector.clone()).collect()
}

/// Selectors of which something is taken on enough pages and that do not hold all of the content.
fn inside(pages: &[Seen], content: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for page in pages {
        let taken = given(page, content, &[]);
        let all = taken.iter().filter(|taken| **taken).count();
        for (selector, ranges) in &page.below {
            let mine = ranges.iter().flat_map(|(start, end)| &taken[*start..*end]).filter(|taken| **taken).count();
            if mine > 0 && mine < all {
                *counts.entry(selector).or_default() += 1;
            }
        }
    }
    counts.into_iter().filter(|(_, count)| *count >= FEWEST).map(|(selector, _)| selector.clone()).collect()
}

/// The selector of the greatest mean score; of equal ones the first by name.
fn best(among: Vec<String>, score: impl Fn(&String) -> Vec<f64>) -> Option<String> {
    let mut best: Option<(f64, String)> = None;
    for selector in among {
        // Written out so that the parser of rule files will take it.
        if Selector::parse(&selector).is_err() {
            continue;
        }
        let mean = mean(&score(&selector));
        if best.as_ref().is_none_or(|(most, _)| mean > *most + 1e-9) {
            best = Some((mean, selector));
        }
    }
    best.map(|(_, selector)| selector)
}

fn about(pages: &[Seen], selector: &str) -> SelectorEvidence {
    let matching: Vec<&Seen> = pages.iter().filter(|page| page.below.contains_key(selector)).collect();
    let example = matching.first().and_then(|page| {
        let (start, _) = page.below.get(selector)?.first()?;
        page.page.blocks.get(*start).map(|block| page.page.block_text(block).chars().take(60).collect())
    });
    SelectorEvidence {
        selector: selector.to_owned(),
        pages: matching.len(),
        share: rounded(matching.len() as f64 / pages.len() as f64),
        example: example.unwrap_or_default(),
    }
}
