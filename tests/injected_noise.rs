//! Furniture, bait and walls injected into honest texts go; honest lines that look like them stay.
//!
//! The two sets were written from the description of the noise alone and frozen before the packs were written.

#![allow(
    clippy::format_collect, clippy::similar_names, clippy::expect_used, clippy::unwrap_used, clippy::panic,
    clippy::print_stdout, clippy::disallowed_methods, clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

mod common;

use std::collections::BTreeMap;

use taoxi::Options;
use taoxi::text::class::is_letter;
use taoxi::text::fold::fold;

#[derive(serde::Deserialize)]
struct Noise {
    kind: String,
    r#where: String,
    text: String,
}

#[derive(serde::Deserialize)]
struct Content {
    kind: String,
    text: String,
}

fn read<T: for<'a> serde::Deserialize<'a>>(table: &str) -> Vec<T> {
    table.lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect()
}

/// One of the frozen sets, or its name in the folder that `TAOXI_TEST_SETS` names: a part to learn from, say.
fn set(name: &str) -> String {
    let folder = std::env::var_os("TAOXI_TEST_SETS")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sets"), Into::into);
    std::fs::read_to_string(folder.join(name)).expect("the set is there")
}

/// The letters and digits of a folded text: what is left of a line whatever the normalisers did to it.
fn letters(text: &str) -> String {
    fold(text).chars().filter(|&c| is_letter(c)).collect()
}

/// With `TAOXI_TEST_SHOW` set, prints what was judged wrong.
fn show(what: &str, kind: &str, text: &str) {
    if std::env::var_os("TAOXI_TEST_SHOW").is_some() {
        println!("{what}\t{kind}\t{text}");
    }
}

#[derive(Default)]
struct Score {
    lines: usize,
    wrong: usize,
    by_kind: BTreeMap<String, (usize, usize)>,
}

impl Score {
    fn count(&mut self, what: &str, kind: &str, text: &str, wrong: bool) {
        self.lines += 1;
        if wrong {
            show(what, kind, text);
        }
        self.wrong += usize::from(wrong);
        let entry = self.by_kind.entry(kind.to_owned()).or_default();
        entry.0 += 1;
        entry.1 += usize::from(wrong);
    }

    fn share(&self) -> f64 {
        self.wrong as f64 / self.lines.max(1) as f64
    }

    fn worst(&self) -> String {
        let mut kinds: Vec<_> = self.by_kind.iter().filter(|(_, (_, wrong))| *wrong > 0).collect();
        kinds.sort_by_key(|(_, (all, wrong))| std::cmp::Reverse(wrong * 1000 / all));
        kinds.iter().take(40).map(|(kind, (all, wrong))| format!("  {kind}: {wrong} of {all}\n")).collect()
    }
}

/// A text with noise and honest lines like it in it, and what was put in.
struct Page<'n> {
    text: String,
    noise: Vec<&'n Noise>,
    inline: Vec<&'n Noise>,
    content: Vec<&'n Content>,
}

fn page<'n>(base: &str, noise: &'n [Noise], content: &'n [Content], random: &mut common::Random) -> Page<'n> {
    let of = |place: &str| noise.iter().filter(|noise| noise.r#where == place).collect::<Vec<_>>();
    let (heads, tails, betweens, walls, inlines) = (of("head"), of("tail"), of("between"), of("wall"), of("inline"));
    let mut page = Page { text: String::new(), noise: Vec::new(), inline: Vec::new(), content: Vec::new() };
    let mut lines: Vec<String> = base.lines().map(str::to_owned).collect();
    for _ in 0..2 {
        let chosen = random.pick(content);
        page.content.push(chosen);
        let at = random.below(lines.len() + 1);
        lines.insert(at, chosen.text.clone());
    }
    let chosen = random.pick(&inlines);
    if let Some(line) = lines.iter_mut().rev().find(|line| line.ends_with('。')) {
        line.push_str(&chosen.text);
        page.inline.push(chosen);
    }
    for _ in 0..2 {
        let chosen = random.pick(&betweens);
        page.noise.push(chosen);
        let at = random.below(lines.len() + 1);
        lines.insert(at, chosen.text.clone());
    }
    for _ in 0..2 {
        let chosen = random.pick(&heads);
        page.noise.push(chosen);
        lines.insert(0, chosen.text.clone());
    }
    if random.below(3) == 0 {
        let chosen = random.pick(&walls);
        page.noise.push(chosen);
        lines.push(chosen.text.clone());
    }
    for _ in 0..3 {
        let chosen = random.pick(&tails);
        page.noise.push(chosen);
        lines.push(chosen.text.clone());
    }
    page.text = lines.join("\n");
    page
}

#[test]
fn noise_goes_and_what_looks_like_it_stays() {
    let Some(base) = common::base_texts() else { return };
    let noise: Vec<Noise> = read(&set("injected-noise.jsonl"));
    let content: Vec<Content> = read(&set("injected-content.jsonl"));
    let cleaner = common::cleaner();
    let mut random = common::Random(20_261_122);
    let (mut left, mut lost, mut statutes) = (Score::default(), Score::default(), Score::default());
    for text in base.iter().filter(|text| text.lines().count() >= 4).take(2500) {
        let page = page(text, &noise, &content, &mut random);
        let washed = cleaner.wash(&page.text, None, &Options::default()).expect("washes");
        let lines: Vec<String> = washed.text.lines().map(letters).collect();
        let all = letters(&washed.text);
        for noise in &page.noise {
            for line in noise.text.lines() {
                let bare = letters(line);
                left.count("left", &noise.kind, line, !bare.is_empty() && lines.contains(&bare));
            }
        }
        for noise in &page.inline {
            left.count("left", &noise.kind, &noise.text, all.contains(&letters(&noise.text)));
        }
        for content in &page.content {
            lost.count("lost", &content.kind, &content.text, !all.contains(&letters(&content.text)));
        }
        for line in text.lines() {
            statutes.count("lost", "statute", line, !all.contains(&letters(line)));
        }
    }
    let removed = 1.0 - left.share();
    println!(
        "injected noise: {:.4} of {} lines removed; content: {:.5} of {} look-alike lines lost, {:.5} of {} statute lines lost",
        removed,
        left.lines,
        lost.share(),
        lost.lines,
        statutes.share(),
        statutes.lines
    );
    let lines = lost.lines + statutes.lines;
    let share = (lost.wrong + statutes.wrong) as f64 / lines as f64;
    assert!(
        removed >= 0.97 && share <= 0.0005,
        "removed {removed:.4}, lost {share:.6}\nnoise left:\n{}content lost:\n{}{}",
        left.worst(),
        lost.worst(),
        statutes.worst()
    );
}
