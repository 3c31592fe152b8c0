//! Chooses content with trained models, and takes the time.

use crate::{labels, samples};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::Instant;
use taoxi::clean::{Cleaner, Edits, Options};
use taoxi::document::{Document, MediaType};
use taoxi::html::content::{Features, Model, taken};
use taoxi::html::{Limits, Page};

fn model(path: &str) -> Model {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Model::read(&bytes).unwrap_or_else(|| panic!("{path} is no model for this program"))
}

fn join(page: &Page, taken: &[bool]) -> String {
    let mut text = String::new();
    for (block, _) in page.blocks.iter().zip(taken).filter(|(_, taken)| **taken) {
        text.push_str(page.block_text(block));
        text.push('\n');
    }
    text
}

/// The content of each page and the probabilities of its blocks, by the model of its fold; `folds` has a number a line, `models` holds `0.bin`, `1.bin` and so on.
pub fn run(pages: &str, folds: &str, models: &str, out: &str) {
    let folds: Vec<usize> = crate::read_text(folds).lines().map(|line| line.parse().unwrap()).collect();
    let count = folds.iter().max().map_or(0, |last| last + 1);
    let models: Vec<Model> = (0..count).map(|fold| model(&format!("{models}/{fold}.bin"))).collect();
    let mut out = BufWriter::new(File::create(out).expect("an output"));
    for (sample, fold) in samples(pages).zip(folds) {
        let page = Page::read(&sample.html, &Limits::default());
        let features = Features::new(&page);
        let p = models[fold].probabilities(&features);
        let taken = taken(&features, &sample.html, &p);
        let mut text = taken.as_deref().map_or_else(String::new, |taken| join(&page, taken));
        if text.is_empty() && taken.is_some() {
            text = taoxi::html::render(&sample.html, taoxi::html::Site::default(), &Limits::default()).text;
        }
        if let Some(embedded) = taoxi::html::embedded(&sample.html, &text, &Limits::default()) {
            text = embedded.text;
        }
        let inside = page.blocks.iter().zip(&p).filter(|(block, _)| !features.is_outside(block));
        let p: Vec<f32> = inside.map(|(_, &p)| p).collect();
        let line = serde_json::json!({"id": sample.id, "text": text, "p": p});
        writeln!(out, "{line}").unwrap();
    }
}

/// What the best choice of blocks would give, with (`inside`) or without what is dropped outright.
pub fn oracle(pages: &str, which: &str, out: &str) {
    let mut out = BufWriter::new(File::create(out).expect("an output"));
    for sample in samples(pages) {
        let page = Page::read(&sample.html, &Limits::default());
        let features = Features::new(&page);
        let (labels, _) = labels::labels(&page, &sample.text);
        let taken: Vec<bool> = page
            .blocks
            .iter()
            .zip(labels)
            .map(|(block, (hits, words))| {
                hits * 2 >= words.max(1) && (which != "inside" || !features.is_outside(block))
            })
            .collect();
        writeln!(out, "{}", serde_json::json!({"id": sample.id, "text": join(&page, &taken)})).unwrap();
    }
}

/// Megabytes a second of each stage, on one thread, pages in memory. `clean` is the whole of it: the page read, its content chosen by the
/// model that is shipped, and washed.
pub fn speed(pages: &str, path: Option<&str>) {
    let pages: Vec<String> = samples(pages).map(|sample| sample.html).collect();
    let bytes: usize = pages.iter().map(String::len).sum();
    let limits = Limits::default();
    let model = path.map(model);
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules")));
    let options = Options { edits: Edits::None, ..Options::default() };
    for _ in 0..3 {
        let time = |name: &str, work: &dyn Fn(&str) -> usize| {
            let start = Instant::now();
            let sum: usize = pages.iter().map(|page| work(page)).sum();
            let seconds = start.elapsed().as_secs_f64();
            println!("{name:10} {:7.1} MB/s ({sum})", bytes as f64 / 1e6 / seconds);
        };
        time("tokens", &|page| html5gum::Tokenizer::new(page).flatten().count());
        time("render", &|page| taoxi::html::render(page, taoxi::html::Site::default(), &limits).text.len());
        time("read", &|page| Page::read(page, &limits).blocks.len());
        time("features", &|page| Features::new(&Page::read(page, &limits)).base().len());
        if let Some(model) = &model {
            time("choose", &|source| {
                let page = Page::read(source, &limits);
                let features = Features::new(&page);
                let p = model.probabilities(&features);
                taken(&features, source, &p).map_or(0, |taken| join(&page, &taken).len())
            });
        }
        time("clean", &|page| {
            let document = Document { media_type: MediaType::Html, ..Document::from_text("", page) };
            cleaner.clean(document, &options).map_or(0, |record| record.text.len())
        });
    }
}

/// Milliseconds for a megabyte of each of several pages made to be slow.
pub fn hostile() {
    let limits = Limits::default();
    let units = [
        "<div>",
        "<ul><li>",
        "<table>",
        "<table><tr><td>",
        "<b>",
        "<p>",
        "<div>x",
        "<ul><li>x ",
        "<table><tr><td>x ",
        "<b>x ",
        "<p>x ",
        "<a href=x>y ",
        "<div class=a>x</div>",
        "<br>x",
        "<i><div></i>",
        "<b hidden><div></b>",
        "<svg>",
        "<span class='a b c d'>",
        "<h1>a<h2>b",
        "<script type=application/ld+json>{\"@type\":\"A\"}</script>",
        "<meta name=a content=b>",
        "&amp;",
        "</b>",
    ];
    for unit in units {
        let source = format!("<!doctype html><body>{}", unit.repeat((1 << 20) / unit.len()));
        let time = |work: &dyn Fn() -> usize| {
            let start = Instant::now();
            let sum = work();
            (start.elapsed().as_secs_f64() * 1e3, sum)
        };
        let (read, _) = time(&|| Page::read(&source, &limits).blocks.len());
        let (all, sum) = time(&|| taoxi::html::content(&source, &limits).text.len());
        println!("{unit:50} read {read:7.1} ms, content {all:7.1} ms ({sum})");
    }
}
