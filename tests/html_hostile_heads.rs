//! Pages made to break what reads their heads, their data and their shape.

#![allow(clippy::expect_used)] // a page that cannot be read fails the test

use std::sync::Arc;

use taoxi::document::Cleaned;
use taoxi::{Cleaner, Document, Options};

const TEXT: &str = "河道清淤工程昨天全部完工，沿岸的居民又能在堤上散步了。";

fn read(source: String) -> Cleaned {
    let cleaner = Cleaner::new(Arc::new(taoxi::rules::load(None).expect("the shipped rules")));
    let options = Options { markdown: true, ..Options::default() };
    cleaner.read(Document::from_text("page", source).with_url("https://a.example/"), &options).expect("a page")
}

fn page(head: &str) -> String {
    format!("<!doctype html><html><head>{head}</head><body><article><p>{TEXT}</p><p>{TEXT}</p></article></body></html>")
}

#[test]
fn huge_values_are_bounded() {
    let long = "x y".repeat(1 << 20);
    let read = read(page(&format!(
        "<title>{long}</title><meta name=author content='{long}'><meta property='og:title' content='{long}'>\
         <meta name=date content='{long}'><link rel=canonical href='/{long}'><script type='application/ld+json'>\
         {{\"@type\":\"Article\",\"headline\":\"{long}\",\"author\":\"{long}\",\"url\":\"https://a.example/{long}\"}}</script>"
    )));
    assert!(read.text.contains(TEXT));
    let page = read.page.expect("a page");
    assert!(read.title.is_some_and(|title| title.chars().count() <= 500));
    assert_eq!((page.author, page.date, page.canonical), (None, None, None));
}

#[test]
fn a_hundred_thousand_meta_elements_are_passed_over() {
    let many = "<meta name=author content='Ann Example'>".repeat(100_000);
    let read = read(page(&many));
    assert_eq!(read.page.and_then(|page| page.author).as_deref(), Some("Ann Example"));
}

#[test]
fn data_nested_a_hundred_thousand_deep_overflows_nothing() {
    let open = r#"{"@type":"Article","author":["#.repeat(100_000);
    let padding = r#"{"name":"x"},"#.repeat(150_000);
    let read = read(page(&format!("<script type='application/ld+json'>{open}{padding}</script>")));
    assert!(read.text.contains(TEXT));
}

#[test]
fn data_of_an_empty_page_nested_deep_overflows_nothing() {
    let open = "{\"a\":[".repeat(400_000);
    for kind in ["application/ld+json", "application/json", "text/javascript"] {
        let source =
            format!("<!doctype html><html><body><div id=app></div><script type='{kind}'>{open}</script></body></html>");
        assert_eq!(read(source).text.trim(), "");
    }
}

#[test]
fn what_looks_like_markup_stays_text() {
    const STRINGS: [&str; 10] = [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
        "[x](javascript:alert(1))", "![x](https://a.example/x.png)", "<a href='javascript:alert(1)'>x</a>", "`<b>`",
        "<!-- x -->", "&lt;script&gt;", "<https://a.example>",
    ];
    const FRAMES: [&str; 5] = ["# {}", "- {}", "1. {}", "> {}", "{}"];
    for string in STRINGS {
        for frame in FRAMES {
            let shown = frame.replace("{}", string);
            let escaped = shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let source = page("").replace(TEXT, &format!("{escaped}<br>{TEXT}"));
            let read = read(source);
            let markdown = read.markdown.expect("Markdown");
            assert!(!unescaped(&markdown, '<') && !unescaped(&markdown, '['), "{markdown}");
            assert!(read.text.contains(string), "{string}: {}", read.text);
        }
    }
}

/// Whether a mark stands somewhere without a backslash before it.
fn unescaped(text: &str, mark: char) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let slashes = text[..at].chars().rev().take_while(|&c| c == '\\').count();
        slashes % 2 == 0
    })
}
