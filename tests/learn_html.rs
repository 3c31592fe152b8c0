//! HTML: what the selectors of a site's file do where they do not match, and selectors learned from pages.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::fmt::Write as _;
use std::sync::Arc;

use common::Random;
use common::made::prose;
use taoxi::learn::{Learner, Options, Page};
use taoxi::rules::load::load_with;
use taoxi::{Cleaner, Document, Options as Wash};

const URL: &str = "https://www.shanjian-wenzhai.com/a";

fn washed(file: &str, html: &str) -> String {
    let cleaner = Cleaner::new(Arc::new(load_with(None, "tried.toml", file).expect("loads")));
    let document = Document::from_bytes("a", html.as_bytes().to_vec()).with_url(URL);
    cleaner.clean(document, &Wash { profile: Some("keep".to_owned()), ..Wash::default() }).expect("washes").text
}

fn file(html: &str) -> String {
    format!("id = \"tried\"\ntitle = \"-\"\nwhy = \"-\"\nhosts = [\"shanjian-wenzhai.com\"]\n[html]\n{html}\n")
}

/// A page with a menu, a text, a note in the text, and links behind it.
fn page(random: &mut Random, text_class: &str) -> String {
    let mut body = String::new();
    for paragraph in prose(random, 600).lines() {
        write!(body, "<p>{paragraph}</p>").unwrap();
    }
    let links = |random: &mut Random, count: usize| {
        (0..count).fold(String::new(), |mut out, _| {
            let title = prose(random, 9).replace(['，', '。', '\n'], "");
            write!(out, "<li><a href=\"/x\">{title}</a></li>").unwrap();
            out
        })
    };
    let (menu, more) = (links(random, 8), links(random, 8));
    format!(
        "<!DOCTYPE html><html><body><div class=\"bar\"><ul>{menu}</ul></div><div class=\"wrap\"><div class=\"{text_class}\">{body}\
         <div class=\"note\"><p>山间文摘提醒您，看完以后请记得把这一页的地址告诉更多的朋友，谢谢您一直以来的支持。</p></div></div>\
         <div class=\"more\"><ul>{more}</ul></div></div></body></html>"
    )
}

#[test]
fn without_a_match_the_content_is_chosen_as_if_nothing_were_said() {
    let html = page(&mut Random(1), "text");
    let plain = washed(&file("content = [\".text\"]\nremove = [\".note\"]"), &html);
    assert!(!plain.contains("山间文摘提醒您"));
    let unmatched = washed(&file("content = [\".gone\"]"), &html);
    let none = washed("id = \"tried\"\ntitle = \"-\"\nwhy = \"-\"\nhosts = [\"other.example\"]\n", &html);
    assert_eq!(unmatched, none);
}

#[test]
fn what_is_left_out_does_not_take_part_in_the_choice() {
    let html = page(&mut Random(2), "text");
    let removed = washed(&file("remove = [\".note\"]"), &html);
    let menu = html.split("<a href=\"/x\">").nth(1).and_then(|rest| rest.split('<').next()).expect("a link");
    assert!(!removed.contains("山间文摘提醒您") && !removed.contains(menu), "{removed}");
    let first = html.split("<p>").nth(1).and_then(|rest| rest.split('<').next()).expect("a paragraph");
    assert!(removed.contains(first), "{removed}");
}

#[test]
fn learned_rules_keep_the_text_and_drop_what_repeats() {
    let mut random = Random(3);
    let pages: Vec<String> = (0..16).map(|_| page(&mut random, "text")).collect();
    let mut student = Learner::new(Options::default()).unwrap();
    for (n, html) in pages.iter().take(12).enumerate() {
        student.add(&Page::html(format!("{n}"), html.clone()).with_url(URL)).unwrap();
    }
    let learned = student.finish().unwrap();
    let file = &learned.files[0];
    for html in &pages[12..] {
        let text = washed(&file.toml, html);
        assert!(!text.contains("山间文摘提醒您"), "{}\n{text}", file.toml);
        for paragraph in html.split("<p>").skip(1).filter_map(|rest| rest.split('<').next()) {
            assert!(paragraph.contains("山间文摘") || text.contains(paragraph), "{}\nlost {paragraph}", file.toml);
        }
    }
}
