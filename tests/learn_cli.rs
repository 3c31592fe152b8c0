//! `taoxi rules learn` from the outside: files written, brought up to date, refused.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use common::Random;
use common::made::prose;
use serde_json::{Value, json};

fn taoxi(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taoxi")).args(args).current_dir(folder).output().expect("runs")
}

/// Pages of a made-up site as JSONL, the last so many with a counter.
fn pages(count: usize, counters: usize, url: bool) -> String {
    let mut random = Random(count as u64);
    let mut out = String::new();
    for n in 0..count {
        let counter =
            if n + counters >= count { format!("本页浏览次数：{}\n", 17 * n + 5) } else { String::new() };
        let text = format!("山间文摘 > 栏目\n{}\n{counter}山间文摘网版权所有\n", prose(&mut random, 240).trim_end());
        let mut record = json!({"id": format!("p{n}"), "text": text});
        if url {
            record["url"] = json!(format!("https://www.shanjian-wenzhai.com/{n}.html"));
        }
        writeln!(out, "{record}").unwrap();
    }
    out
}

#[test]
fn a_file_is_written_tested_and_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pages.jsonl"), pages(12, 12, true)).unwrap();
    let run = taoxi(&["rules", "learn", "pages.jsonl", "--out", "learned"], folder.path());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let file = std::fs::read_to_string(folder.path().join("learned/shanjian-wenzhai-com.toml")).unwrap();
    assert!(file.contains("hosts = [\"shanjian-wenzhai.com\"]") && file.contains(r"浏览次数:\d+$"), "{file}");
    let tested = taoxi(&["rules", "test", "learned", "--only", "shanjian-wenzhai-com"], folder.path());
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
    let page = "山间文摘 > 别的栏目\n这一页没有人学过，它说的是另外一件完完全全不同的事情，从头到尾都同那些网页没有关系，只是站在同一个网站上。\n山间文摘网版权所有\n";
    std::fs::write(folder.path().join("new.txt"), page).unwrap();
    let washed =
        taoxi(&["clean", "new.txt", "--url", "https://m.shanjian-wenzhai.com/x", "--rules", "learned"], folder.path());
    let washed = String::from_utf8(washed.stdout).unwrap();
    assert!(!washed.contains("版权所有") && washed.contains("另外一件"), "{washed}");
}

#[test]
fn pages_of_one_piece_over_and_over_are_learned_from() {
    let folder = tempfile::tempdir().unwrap();
    // A line of 40,000 words, aligned with itself, would want 12 GB; so many short rows, each looked at from each, minutes.
    for (name, piece, times) in [("line", "a ", 40_000), ("rows", "某\n", 20_000)] {
        let mut out = String::new();
        for n in 0..8 {
            let text = format!("山间文摘网\n{}第{n}页说的话\n", piece.repeat(times));
            let url = format!("https://www.shanjian-wenzhai.com/{n}.html");
            writeln!(out, "{}", json!({"id": format!("p{n}"), "url": url, "text": text})).unwrap();
        }
        std::fs::write(folder.path().join("pages.jsonl"), out).unwrap();
        let run = taoxi(&["rules", "learn", "pages.jsonl", "--out", name], folder.path());
        assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn learning_again_keeps_what_a_hand_wrote() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("few.jsonl"), pages(12, 0, true)).unwrap();
    std::fs::write(folder.path().join("many.jsonl"), pages(30, 20, true)).unwrap();
    assert!(taoxi(&["rules", "learn", "few.jsonl", "--out", "learned"], folder.path()).status.success());
    let path = folder.path().join("learned/shanjian-wenzhai-com.toml");
    let written = std::fs::read_to_string(&path).unwrap();
    let edited =
        written.replacen("[[step]]", "# Looked at by hand.\n[[step]]", 1).replacen("title = ", "title  =  ", 1);
    std::fs::write(&path, &edited).unwrap();
    let run = taoxi(&["rules", "learn", "many.jsonl", "--out", "learned"], folder.path());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let now = std::fs::read_to_string(&path).unwrap();
    assert!(now.contains("# Looked at by hand.\n[[step]]") && now.contains("title  =  "), "{now}");
    assert!(!edited.contains("浏览次数") && now.contains("浏览次数"), "{now}");
    let again = taoxi(&["rules", "learn", "many.jsonl", "--out", "learned"], folder.path());
    assert!(again.status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), now);
}

#[test]
fn pages_without_urls_make_a_file_with_signs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pages.jsonl"), pages(12, 6, false)).unwrap();
    let run = taoxi(&["rules", "learn", "pages.jsonl", "--json"], folder.path());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let learned: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(learned["files"].as_array().map(Vec::len), Some(1), "{learned:#}");
    assert_eq!(learned["files"][0]["host"], Value::Null);
    assert!(learned["files"][0]["signs"][0].as_str().is_some_and(|sign| sign.contains("山间文摘")), "{learned:#}");
}

#[test]
fn options_out_of_range_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "甲\n").unwrap();
    for (args, message) in [
        (["--min-support", "1"], "min_support is 1"),
        (["--max-share", "0"], "max_share is 0"),
        (["--host", "https://example.com/a"], "is no host"),
    ] {
        let run = taoxi(&[&["rules", "learn", "a.txt"], &args[..]].concat(), folder.path());
        assert_eq!(run.status.code(), Some(2));
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(said.contains(message), "{said}");
    }
    let one = taoxi(&["rules", "learn", "a.txt", "--host", "example.com"], folder.path());
    assert_eq!(one.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&one.stderr).contains("too few"), "{}", String::from_utf8_lossy(&one.stderr));
}
