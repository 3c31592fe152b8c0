//! `taoxi dedupe` over many documents: nothing but the documents decides, and crowds are one cluster.

#![allow(clippy::expect_used, clippy::format_collect, clippy::panic, clippy::similar_names)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::Random;
use common::made::{RESULTS, borrowed, corpus, cut, dedupe, dedupe_into, file, jsonl, mistyped, plain, prose, record};
use serde_json::{Value, json};
use taoxi::dedup::{Kind, Prepared, compare};

#[test]
fn nothing_but_the_documents_decides_the_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = corpus(18, 400);
    let input = file(folder.path(), "in.jsonl", jsonl(&documents));
    let run = |name: &str, args: &[&str]| dedupe_into(&folder.path().join(name), args).bytes;
    let one = run("one", &[plain(&input), "--threads", "1"]);
    let chunks: Vec<_> = documents
        .chunks(130)
        .enumerate()
        .map(|(at, chunk)| file(folder.path(), &format!("split/{at}.jsonl"), jsonl(chunk)))
        .collect();
    let mut split: Vec<&str> = chunks.iter().map(|path| plain(path)).collect();
    split.extend(["--threads", "2"]);
    let tmp = folder.path().join("tmp");
    for (name, args) in [
        ("two", &[plain(&input), "--threads", "2"][..]),
        ("five", &[plain(&input), "--threads", "5"]),
        ("little memory", &[plain(&input), "--memory", "64MiB"]),
        ("much memory, other folder", &[plain(&input), "--memory", "4GiB", "--tmp", plain(&tmp)]),
        ("split", &split),
    ] {
        std::fs::create_dir_all(&tmp).expect("made");
        let other = run(name, args);
        for file in RESULTS {
            assert!(one[file] == other[file], "{name}: {file} differs");
        }
    }
    assert_eq!(std::fs::read_dir(&tmp).expect("lists").count(), 0, "nothing is left in --tmp");
}

/// What the texts alone say: every pair that holds a copy, with the index of both.
fn model(texts: &[Prepared]) -> Vec<(usize, usize, Kind)> {
    let mut found = Vec::new();
    for x in 0..texts.len() {
        for y in x + 1..texts.len() {
            let (a, b) = (&texts[x], &texts[y]);
            let verdict = if a.weight() <= b.weight() { compare(a, b) } else { compare(b, a) };
            if verdict.kind.is_copy() {
                found.push((x, y, verdict.kind));
            }
        }
    }
    found
}

#[test]
fn every_copy_that_comparing_all_pairs_finds_is_related() {
    let documents = corpus(19, 200);
    let prepared: Vec<Prepared> = documents.iter().map(|(_, text)| Prepared::of(text)).collect();
    let copies = model(&prepared);
    assert!(copies.len() > 200, "{}", copies.len());
    let results = dedupe(&borrowed(&documents), &[]);
    let related: BTreeMap<(String, String), String> = results
        .relations()
        .iter()
        .map(|it| {
            let field = |name: &str| it[name].as_str().expect("a string").to_owned();
            ((field("a").min(field("b")), field("a").max(field("b"))), field("kind"))
        })
        .collect();
    // An exact duplicate is looked up by the best of its kind only.
    let mut doubled = vec![false; documents.len()];
    for (x, y, _) in copies.iter().filter(|(_, _, kind)| *kind == Kind::Exact) {
        (doubled[*x], doubled[*y]) = (true, true);
    }
    let id = |at: usize| documents[at].0.clone();
    let mut wrong = Vec::new();
    for &(x, y, kind) in &copies {
        let key = (id(x).min(id(y)), id(x).max(id(y)));
        let got = related.get(&key).map(String::as_str);
        let excused = got.is_none() && (doubled[x] || doubled[y]);
        if !excused && got != Some(kind.as_str()) {
            wrong.push((key, kind, got, documents[x].1.chars().count(), documents[y].1.chars().count()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), copies.len());
    // And nothing is called a copy that the texts do not confirm.
    let known: BTreeMap<(String, String), Kind> =
        copies.iter().map(|&(x, y, kind)| ((id(x).min(id(y)), id(x).max(id(y))), kind)).collect();
    for (pair, kind) in related.iter().filter(|(_, kind)| Kind::parse(kind).is_some_and(Kind::is_copy)) {
        assert_eq!(known.get(pair).map(|kind| kind.as_str()), Some(kind.as_str()), "{pair:?}");
    }
}

#[test]
fn two_thousand_documents_gather_around_their_texts() {
    let documents = corpus(20, 2000);
    let texts: BTreeMap<&str, &str> = borrowed(&documents).into_iter().collect();
    let results = dedupe(&borrowed(&documents), &[]);
    let base = |id: &str| id.split('-').next().unwrap_or_default().to_owned();
    let lines = results.documents();
    assert_eq!(lines.len(), documents.len());
    let kept: Vec<String> = results.kept_ids();
    for (line, (id, _)) in lines.iter().zip(&documents) {
        assert_eq!(line["id"], *id, "in input order");
        let cluster = line["cluster"].as_str().expect("an id");
        assert_eq!(base(cluster), base(id), "{line}");
        assert!(kept.iter().any(|kept| kept == cluster), "{cluster} is kept");
    }
    // Of two kept documents of one text neither holds the other, and each that goes is held by what it goes for.
    let prepared = |id: &str| Prepared::of(texts[id]);
    let verdict = |x: &str, y: &str| {
        let (a, b) = (prepared(x), prepared(y));
        if a.weight() <= b.weight() { compare(&a, &b) } else { compare(&b, &a) }
    };
    for line in lines.iter().filter(|line| line["keep"] == false) {
        let (id, of) = (line["id"].as_str().expect("an id"), line["of"].as_str().expect("an id"));
        assert_eq!(verdict(id, of).kind.as_str(), line["kind"], "{line}");
    }
    let mut by_base: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for id in &kept {
        by_base.entry(base(id)).or_default().push(id);
    }
    for group in by_base.values() {
        for (at, x) in group.iter().enumerate() {
            for y in &group[at + 1..] {
                assert!(!verdict(x, y).kind.is_copy(), "{x} and {y} are both kept");
            }
        }
    }
}

#[test]
fn four_hundred_previews_of_one_text_are_one_cluster() {
    let mut random = Random(21);
    let text = prose(&mut random, 1000);
    let mut documents: Vec<(String, String)> =
        (0..400).map(|n| (format!("preview-{n:03}"), cut(&text, 40 + n % 59 + random.below(2)))).collect();
    documents.insert(137, ("whole".to_owned(), text));
    let results = dedupe(&borrowed(&documents), &[]);
    assert_eq!(results.kept_ids().len(), 1, "{:?}", results.kept_ids());
    assert_eq!(results.summary()["clusters"], json!({"count": 1, "largest": 401}));
}

#[test]
fn four_hundred_texts_with_one_tail_stay_apart() {
    let mut random = Random(22);
    let tail = prose(&mut random, 300);
    let documents: Vec<(String, String)> = (0..400)
        .map(|n| {
            let size = 400 + random.below(300);
            (format!("text-{n:03}"), prose(&mut random, size) + &tail)
        })
        .collect();
    let results = dedupe(&borrowed(&documents), &[]);
    assert_eq!(results.kept_ids().len(), 400);
    let kinds: Vec<Value> = results.relations().iter().map(|it| it["kind"].clone()).collect();
    assert!(kinds.iter().all(|kind| kind == "overlap"), "{kinds:?}");
}

#[test]
fn a_folder_that_holds_its_own_result_folder_is_read_without_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let root: &Path = folder.path();
    file(root, "a.txt", prose(&mut Random(23), 300));
    file(root, "b.txt", prose(&mut Random(24), 300));
    let first = dedupe_into(&root.join("out"), &[plain(root)]);
    let again = dedupe_into(&root.join("out"), &[plain(root)]);
    assert_eq!(first.kept_ids(), ["a.txt", "b.txt"]);
    assert!(first.bytes == again.bytes);
}

#[test]
fn parts_of_a_page_are_related_by_number_and_everything_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(26);
    let texts: Vec<String> = (0..5).map(|_| prose(&mut random, 500)).collect();
    let page = |parts: &[usize]| -> String {
        let part = |(at, text): (usize, &usize)| format!("年度总结 篇{}\n{}\n", at + 1, texts[*text].trim_end());
        parts.iter().enumerate().map(part).collect()
    };
    let own = [
        record("page", &page(&[0, 1, 2])),
        record("other page", &page(&[3, 1, 4])),
        record("single", &texts[2]),
        record("single, again", &texts[2]),
    ];
    let input = file(folder.path(), "in.jsonl", own.concat());
    let results = dedupe_into(&folder.path().join("out"), &[plain(&input)]);
    assert_eq!(results.kept_ids(), ["page", "other page", "single"]);
    assert_eq!(results.document("single, again")["of"], "single");
    let kept = results.kept();
    assert_eq!(kept[0]["parts"].as_array().map(Vec::len), Some(3), "{}", kept[0]);
    let text = |at: usize| kept[at]["text"].as_str().expect("a text");
    let passage = |relation: &Value, side: &str, of: usize| -> String {
        let end = |at: usize| relation["passages"][0][side][at].as_u64().expect("a place") as usize;
        text(of).get(end(0)..end(1)).expect("characters").to_owned()
    };
    // One part of each page is the same; neither page goes for it.
    let pages = results.relation("page", "other page").expect("a relation");
    assert_eq!((&pages["a_part"], &pages["b_part"], &pages["keep"]), (&json!(1), &json!(1), &Value::Null), "{pages}");
    let (a, b) = if pages["a"] == "page" { (0, 1) } else { (1, 0) };
    assert_eq!(passage(&pages, "a", a), passage(&pages, "b", b));
    assert!(passage(&pages, "a", a).chars().count() > 480);
    // A document of its own is the third part of the page.
    let single = results.relation("single", "page").expect("a relation");
    assert_eq!(
        (&single["a"], &single["a_part"], &single["b_part"]),
        (&json!("single"), &Value::Null, &json!(2)),
        "{single}"
    );
    assert_eq!((&single["kind"], &single["keep"]), (&json!("part"), &Value::Null), "{single}");
    assert_eq!(passage(&single, "a", 2), passage(&single, "b", 0));
    assert!(results.relations().iter().all(|relation| relation["a"] != relation["b"]), "none with its own parts");
}

#[test]
fn a_crowd_of_mistyped_and_cut_copies_is_one_cluster() {
    let mut random = Random(27);
    let text = prose(&mut random, 800);
    let copy = |random: &mut Random| {
        let text = mistyped(random, &text, 20);
        let share = if random.below(2) == 0 { 100 } else { 55 + random.below(45) };
        cut(&text, share)
    };
    let documents: Vec<(String, String)> = (0..600).map(|n| (format!("copy-{n:03}"), copy(&mut random))).collect();
    let prepared: BTreeMap<&str, Prepared> =
        documents.iter().map(|(id, text)| (id.as_str(), Prepared::of(text))).collect();
    let results = dedupe(&borrowed(&documents), &[]);
    let kept = results.kept_ids();
    for (at, x) in kept.iter().enumerate() {
        for y in &kept[at + 1..] {
            let (a, b) = (&prepared[x.as_str()], &prepared[y.as_str()]);
            let verdict = if a.weight() <= b.weight() { compare(a, b) } else { compare(b, a) };
            assert!(!verdict.kind.is_copy(), "of {} kept documents {x} and {y} are {:?}", kept.len(), verdict.kind);
        }
    }
}

/// Copies of one text, each behind sixty characters of its own.
fn led(random: &mut Random, text: &str, count: usize) -> Vec<(String, String)> {
    (0..count).map(|n| (format!("copy-{n:03}"), prose(random, 60) + text)).collect()
}

#[test]
fn ninety_copies_with_leads_of_their_own_are_one_cluster() {
    let mut random = Random(33);
    let text = prose(&mut random, 800);
    let documents = led(&mut random, &text, 90);
    assert_eq!(dedupe(&borrowed(&documents), &[]).kept_ids().len(), 1);
}

#[test]
fn a_crowd_with_leads_of_their_own_is_one_cluster() {
    let mut random = Random(34);
    let text = prose(&mut random, 800);
    let documents = led(&mut random, &text, 300);
    assert_eq!(dedupe(&borrowed(&documents), &[]).kept_ids().len(), 1);
}

#[test]
fn a_crowd_does_not_hide_from_a_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(35);
    let text = prose(&mut random, 800);
    let set = file(folder.path(), "set.jsonl", record("known", &text));
    let input = file(folder.path(), "in.jsonl", jsonl(&led(&mut random, &text, 300)));
    let args = [plain(&input), "--no-clean", "--against", plain(&set)];
    let results = dedupe_into(&folder.path().join("out"), &args);
    assert_eq!(results.kept_ids().len(), 0);
}

#[test]
fn a_set_that_is_the_input_takes_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = corpus(28, 100);
    let input = file(folder.path(), "in.jsonl", jsonl(&documents));
    let input = plain(&input);
    let results = dedupe_into(&folder.path().join("out"), &[input, "--no-clean", "--against", input]);
    assert!(results.kept().is_empty() && results.bytes["kept.ndjson"].is_empty());
    assert_eq!(results.summary()["kept"], 0);
    assert!(results.documents().iter().all(|line| line["of"].as_str().is_some_and(|of| of.starts_with("against:"))));
}

#[test]
fn a_document_may_be_called_like_a_member_of_a_set() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, other) = (prose(&mut Random(29), 400), prose(&mut Random(30), 400));
    let set = file(folder.path(), "set.jsonl", record("x", &text));
    let own = [record("against:x", &other), record("x", &text), record("第一 \"x\"\n", &other.replace('，', ","))];
    let input = file(folder.path(), "in.jsonl", own.concat());
    let args = [plain(&input), "--no-clean", "--keep", "first", "--against", plain(&set)];
    let results = dedupe_into(&folder.path().join("out"), &args);
    assert_eq!(results.kept_ids(), ["against:x"]);
    assert_eq!(results.document("x")["why"]["code"], "given");
    assert_eq!(results.document("第一 \"x\"\n")["of"], "against:x");
}

#[test]
fn a_repeated_id_may_be_renamed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (text, other) = (prose(&mut Random(31), 400), prose(&mut Random(32), 400));
    let lines = [record("x", &text), record("x", &other), record("x", &text)].concat();
    let input = file(folder.path(), "in.jsonl", lines);
    let results = dedupe_into(
        &folder.path().join("out"),
        &[plain(&input), "--no-clean", "--id-dup", "suffix", "--keep", "first"],
    );
    assert_eq!((results.status, results.kept_ids()), (Some(0), vec!["x".to_owned(), "x-2".to_owned()]));
    assert_eq!(results.document("x-3")["of"], "x");
}

#[test]
fn no_documents_give_empty_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", "");
    let results = dedupe_into(&folder.path().join("out"), &[plain(&input)]);
    assert_eq!((results.status, &results.summary()["documents"]), (Some(0), &json!(0)));
    assert!(RESULTS[..3].iter().all(|name| results.bytes[name].is_empty()));
}
