//! `taoxi compare`: the verdict on two files as users and scripts see it.

#![allow(clippy::expect_used, clippy::panic, clippy::similar_names)] // a test fails by panicking

mod common;

use common::Random;
use common::made::{cut, file, mistyped, plain, prose, record, taoxi};
use serde_json::Value;

/// Compares two texts in files of these names; returns status, output and standard error.
fn compare(a: (&str, &str), b: (&str, &str), args: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (file(folder.path(), a.0, a.1), file(folder.path(), b.0, b.1));
    let output = taoxi(&["compare", plain(&first), plain(&second)]).args(args).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn relation(a: (&str, &str), b: (&str, &str)) -> Value {
    let (status, out, err) = compare(a, b, &["--format", "json", "--no-clean"]);
    assert_eq!(status, Some(0), "{err}");
    serde_json::from_str(&out).expect("JSON")
}

#[test]
fn json_has_the_fields_of_the_contract() {
    let whole = prose(&mut Random(1), 900);
    let relation = relation(("part.txt", &cut(&whole, 60)), ("whole.txt", &whole));
    let keys: Vec<&str> = relation.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "kind", "a", "b", "a_part", "b_part", "a_in_b", "b_in_a", "simhash_distance", "passages", "suspicion",
            "keep", "why"
        ]
    );
    assert_eq!(
        (&relation["kind"], &relation["a"], &relation["b"]),
        (&"truncated".into(), &"part.txt".into(), &"whole.txt".into())
    );
    assert!(relation["a_part"].is_null() && relation["b_part"].is_null() && relation["suspicion"].is_null());
    assert!(relation["a_in_b"].as_f64().is_some_and(|share| share > 0.98));
    assert!(relation["b_in_a"].as_f64().is_some_and(|share| (share - 0.6).abs() < 0.05), "{relation}");
    assert!(relation["simhash_distance"].as_u64().is_some_and(|bits| bits <= 64));
    assert_eq!((&relation["keep"], &relation["why"]["code"]), (&"b".into(), &"fuller".into()));
    assert!(relation["why"]["text"].is_string() && relation["why"]["params"].is_object());
    let passages = relation["passages"].as_array().expect("a list");
    assert_eq!(passages.len(), 1);
    let at = |side: &str, end: usize| passages[0][side][end].as_u64().expect("a place") as usize;
    assert_eq!(
        cut(&whole, 60).get(at("a", 0)..at("a", 1)).expect("characters"),
        whole.get(at("b", 0)..at("b", 1)).expect("characters")
    );
}

#[test]
fn the_smaller_is_a_whichever_comes_first() {
    let whole = prose(&mut Random(2), 900);
    let part = cut(&whole, 60);
    let one = relation(("part.txt", &part), ("whole.txt", &whole));
    let other = relation(("whole.txt", &whole), ("part.txt", &part));
    assert_eq!(one, other);
}

#[test]
fn each_kind_is_named() {
    let mut random = Random(3);
    let whole = prose(&mut random, 1000);
    let form = |day: u32| {
        format!(
            "{}{day}号{}{}元{}{}人{}",
            cut(&whole, 20),
            prose(&mut Random(31), 200),
            day * 7 + 3,
            prose(&mut Random(32), 200),
            day * 3 + 5,
            prose(&mut Random(33), 200)
        )
    };
    let overlap = format!("{}{}", cut(&whole, 35), prose(&mut random, 650));
    for (kind, a, b) in [
        ("exact", whole.replace('，', ","), whole.clone()),
        ("near", mistyped(&mut random, &whole, 20), whole.clone()),
        ("truncated", cut(&whole, 60), whole.clone()),
        ("part", cut(&whole, 20), whole.clone()),
        ("overlap", overlap, whole.clone()),
        ("template", form(11), form(17)),
        ("none", prose(&mut random, 1000), whole.clone()),
    ] {
        assert_eq!(relation(("x.txt", &a), ("y.txt", &b))["kind"], kind);
        let (status, out, err) = compare(("x.txt", &a), ("y.txt", &b), &["--no-clean"]);
        assert_eq!(status, Some(0), "{err}");
        assert!(out.starts_with(&format!("{kind}: ")), "{out}");
        assert!(out.contains("x.txt") && out.contains("y.txt"), "{out}");
    }
}

#[test]
fn unrelated_texts_are_both_kept() {
    let (a, b) = (prose(&mut Random(4), 500), prose(&mut Random(5), 600));
    let relation = relation(("x.txt", &a), ("y.txt", &b));
    assert_eq!((&relation["kind"], &relation["keep"]), (&"none".into(), &Value::Null));
    assert_eq!(relation["passages"].as_array().map(Vec::len), Some(0));
    let (status, out, _) = compare(("x.txt", &a), ("y.txt", &b), &["--no-clean"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("not related"), "{out}");
}

#[test]
fn the_text_output_shows_both_texts_side_by_side() {
    let whole = prose(&mut Random(6), 400);
    let (_, out, _) = compare(("x.txt", &cut(&whole, 60)), ("y.txt", &whole), &["--no-clean"]);
    let first: String = whole.chars().take(6).collect();
    assert!(out.lines().any(|line| line.matches(first.as_str()).count() == 2), "{out}");
    assert!(!out.contains('\u{1b}'), "no colours outside a terminal");
}

#[test]
fn files_of_one_name_are_called_a_and_b_in_the_order_given() {
    let whole = prose(&mut Random(7), 800);
    let relation = relation(("one/page.txt", &whole), ("two/page.txt", &cut(&whole, 60)));
    // The smaller is the second file, b; it stands in the larger, a.
    assert_eq!((&relation["a"], &relation["b"]), (&"b".into(), &"a".into()));
    assert_eq!((&relation["kind"], &relation["keep"]), (&"truncated".into(), &"b".into()));
    let (_, out, _) = compare(("one/page.txt", &whole), ("two/page.txt", &cut(&whole, 60)), &["--no-clean"]);
    assert!(out.contains("b is a truncated copy of a") && out.contains("keep a:"), "{out}");
}

#[test]
fn both_are_washed_first_unless_told_otherwise() {
    let text = prose(&mut Random(8), 300);
    let noisy = format!("{text}\n总投入13。7亿元。\n");
    let clean = format!("{text}\n总投入13.7亿元。\n");
    let kind = |args: &[&str]| {
        let (_, out, _) = compare(("x.txt", &noisy), ("y.txt", &clean), args);
        serde_json::from_str::<Value>(&out).expect("JSON")["kind"].clone()
    };
    assert_eq!(kind(&["--format", "json"]), "exact");
    assert_ne!(kind(&["--format", "json", "--no-clean"]), "none");
}

#[test]
fn a_file_of_several_documents_is_refused() {
    let text = prose(&mut Random(9), 300);
    let several = format!("{}{}", record("1", &text), record("2", &text));
    let (status, out, err) = compare(("x.txt", &text), ("several.jsonl", &several), &[]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
    assert!(err.contains("several.jsonl") && err.contains("more than one document"), "{err}");
    let (status, _, err) = compare(("x.txt", &text), ("none.jsonl", ""), &[]);
    assert_eq!(status, Some(2), "{err}");
    let single = record("only", &text);
    assert_eq!(relation(("x.txt", &text), ("one.jsonl", &single))["kind"], "exact");
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = file(folder.path(), "x.txt", prose(&mut Random(10), 300));
    let missing = folder.path().join("missing.txt");
    let output = taoxi(&["compare", plain(&text), plain(&missing)]).output().expect("runs");
    assert!(matches!(output.status.code(), Some(1 | 2)), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing.txt"));
    let picture = file(folder.path(), "b.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0");
    let output = taoxi(&["compare", plain(&text), plain(&picture)]).output().expect("runs");
    assert!(matches!(output.status.code(), Some(1 | 2)), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("b.png"));
}

#[test]
fn empty_texts_are_never_copies() {
    for (a, b) in [("", ""), ("", "今天开会。"), ("。。。", "。。。")] {
        assert_eq!(relation(("x.txt", a), ("y.txt", b))["kind"], "none");
    }
}
