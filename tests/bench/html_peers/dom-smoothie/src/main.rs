//! Runs dom_smoothie over a file of pages, one thread: PAGES.jsonl (id, url, html) to OUT.jsonl (id, text); prints the
//! seconds of the extraction alone and how many pages failed. A page that fails comes out empty.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::time::{Duration, Instant};

use dom_smoothie::{Config, Readability, TextMode};
use serde_json::{json, Value};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [pages, out] = paths.as_slice() else { return Err("PAGES.jsonl OUT.jsonl".into()) };
    let mut output = BufWriter::new(File::create(out)?);
    let (mut spent, mut failed) = (Duration::ZERO, 0);
    for line in BufReader::new(File::open(pages)?).lines() {
        let page: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| page[name].as_str().unwrap_or_default();
        let start = Instant::now();
        let found = extract(text("html"), Some(text("url")).filter(|url| !url.is_empty()));
        spent += start.elapsed();
        failed += usize::from(found.is_err());
        writeln!(output, "{}", json!({ "id": text("id"), "text": found.unwrap_or_default() }))?;
    }
    output.flush()?;
    println!("{}", json!({ "seconds": spent.as_secs_f64(), "failed": failed }));
    Ok(())
}

fn extract(html: &str, url: Option<&str>) -> Result<String, Box<dyn Error>> {
    let config = Config { text_mode: TextMode::Formatted, ..Config::default() };
    let article = Readability::new(html, url, Some(config))?.parse()?;
    Ok(article.text_content.to_string())
}
