//! `taoxi dedupe`: which documents go and for what, and the shape of every result file.

#![allow(clippy::expect_used, clippy::format_collect, clippy::panic, clippy::similar_names)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;

use common::Random;
use common::made::{borrowed, corpus, cut, dedupe, dedupe_into, file, jsonl, mistyped, plain, prose, record, taoxi};
use serde_json::{Value, json};
use taoxi::dedup::Prepared;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// A text, and an exact, a near and a truncated copy of it beside a stranger.
fn family(seed: u64) -> Vec<(&'static str, String)> {
    let mut random = Random(seed);
    let whole = prose(&mut random, 900);
    vec![
        ("whole", whole.clone()),
        ("stranger", prose(&mut random, 700)),
        ("equal", whole.replace('，', ",")),
        ("typos", mistyped(&mut random, &whole, 20)),
        ("preview", cut(&whole, 60)),
    ]
}

#[test]
fn copies_go_with_their_kind_and_the_kept_id() {
    let family = family(1);
    let documents: Vec<_> = family.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let results = dedupe(&documents, &["--keep", "first"]);
    assert_eq!(results.status, Some(0), "{}", results.stderr);
    assert_eq!(results.kept_ids(), ["whole", "stranger"]);
    for (id, kind) in [("equal", "exact"), ("typos", "near"), ("preview", "truncated")] {
        let line = results.document(id);
        assert_eq!((&line["kind"], &line["of"], &line["cluster"]), (&json!(kind), &json!("whole"), &json!("whole")));
        assert_eq!(line["keep"], false);
        let relation = results.relation(id, "whole").unwrap_or_else(|| panic!("{id} has no relation"));
        assert_eq!(relation["kind"], kind);
    }
    let preview = results.relation("preview", "whole").expect("a relation");
    assert_eq!((&preview["a"], &preview["b"], &preview["keep"]), (&json!("preview"), &json!("whole"), &json!("b")));
    assert!(results.relation("stranger", "whole").is_none());
}

#[test]
fn documents_have_the_lines_of_the_contract_in_input_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = String::new();
    for (id, text) in &family(2) {
        lines.push_str(&record(id, text));
        if *id == "stranger" {
            lines.push_str("not json\n");
        }
    }
    lines.push_str("{\"id\":\"whole\",\"text\":\"again\"}\n");
    let input = file(folder.path(), "in.jsonl", lines);
    let results = dedupe_into(&folder.path().join("out"), &[plain(&input), "--no-clean"]);
    assert_eq!(results.status, Some(1), "{}", results.stderr);
    let documents = results.documents();
    let ids: Vec<&str> = documents.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(ids.len(), 7);
    assert_eq!([ids[0], ids[1], ids[3], ids[4], ids[5]], ["whole", "stranger", "equal", "typos", "preview"]);
    for (at, code) in [(2, "bad_record"), (6, "repeated_id")] {
        assert_eq!(keys(&documents[at]), ["id", "error"]);
        assert_eq!(keys(&documents[at]["error"])[..2], ["code", "message"]);
        assert_eq!(documents[at]["error"]["code"], code);
        assert!(results.stderr.contains(ids[at]), "{}", results.stderr);
    }
    for line in documents.iter().filter(|line| line.get("error").is_none()) {
        assert_eq!(keys(line), ["id", "cluster", "keep", "kind", "of", "why"]);
        if line["keep"] == true {
            assert_eq!(line["cluster"], line["id"]);
            assert!(line["kind"].is_null() && line["of"].is_null());
        } else {
            assert_eq!(line["cluster"], line["of"]);
            assert_eq!(keys(&line["why"]), ["code", "text", "params"]);
        }
    }
}

#[test]
fn relations_have_the_fields_of_the_contract() {
    let family = family(3);
    let documents: Vec<_> = family.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let weights: BTreeMap<&str, (u64, &str)> =
        documents.iter().map(|(id, text)| (*id, (Prepared::of(text).weight(), *id))).collect();
    let results = dedupe(&documents, &[]);
    let texts: BTreeMap<&str, &str> = documents.iter().copied().collect();
    assert!(results.relations().len() >= 3);
    for relation in results.relations() {
        assert_eq!(
            keys(&relation),
            [
                "kind", "a", "b", "a_part", "b_part", "a_in_b", "b_in_a", "simhash_distance", "passages", "suspicion",
                "keep", "why"
            ]
        );
        let (a, b) = (relation["a"].as_str().expect("an id"), relation["b"].as_str().expect("an id"));
        assert!(weights[a] < weights[b], "a is the smaller, ties by id: {relation}");
        for passage in relation["passages"].as_array().expect("a list") {
            let inside = |side: &str, text: &str| {
                let end = |at: usize| passage[side][at].as_u64().expect("a place") as usize;
                text.get(end(0)..end(1)).is_some_and(|passage| !passage.is_empty())
            };
            assert!(inside("a", texts[a]) && inside("b", texts[b]), "{relation}");
        }
    }
}

#[test]
fn kept_records_are_cleaned_records_without_edits() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = prose(&mut Random(4), 300);
    let line =
        json!({"id": "x", "text": format!("{text}总投入13。7亿元。\n"), "url": "https://www.example.com/1", "tag": 7});
    let input = file(folder.path(), "in.jsonl", format!("{line}\n{}", record("y", &prose(&mut Random(5), 200))));
    let results = dedupe_into(&folder.path().join("out"), &[plain(&input)]);
    let kept = results.kept();
    assert_eq!(results.kept_ids(), ["x", "y"]);
    assert_eq!(
        keys(&kept[0]),
        ["id", "title", "text", "flags", "rules", "parts", "stats", "source", "meta", "versions"]
    );
    assert!(kept[0]["text"].as_str().is_some_and(|text| text.contains("13.7亿元")), "{}", kept[0]);
    assert_eq!(kept[0]["meta"]["tag"], 7);
    let cleaned = taoxi(&["clean", plain(&input), "--edits", "none"]).output().expect("runs");
    let cleaned = String::from_utf8(cleaned.stdout).expect("UTF-8");
    assert_eq!(String::from_utf8_lossy(&results.bytes["kept.ndjson"]), cleaned, "the same records as clean gives");
}

#[test]
fn the_summary_counts_what_the_other_files_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = format!("{}broken\n", jsonl(&corpus(6, 150)));
    let input = file(folder.path(), "in.jsonl", lines);
    let out = folder.path().join("out");
    let results = dedupe_into(&out, &[plain(&input), "--no-clean"]);
    let (summary, documents) = (results.summary(), results.documents());
    let count = |name: &str, value: &Value| documents.iter().filter(|line| line.get(name) == Some(value)).count();
    assert_eq!((&summary["documents"], &summary["failed"]), (&json!(150), &json!(1)));
    assert_eq!(summary["kept"], results.kept().len());
    assert_eq!(summary["kept"], count("keep", &json!(true)));
    for kind in ["exact", "near", "truncated"] {
        let of_kind = count("kind", &json!(kind));
        assert!(of_kind > 0, "the corpus has {kind} copies");
        assert_eq!(summary["copies"][kind], of_kind);
    }
    let mut relations: BTreeMap<String, u64> = BTreeMap::new();
    for relation in results.relations() {
        *relations.entry(relation["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
    }
    assert_eq!(summary["relations"], json!(relations));
    let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
    for line in documents.iter().filter(|line| line.get("error").is_none()) {
        *sizes.entry(line["cluster"].as_str().expect("an id")).or_default() += 1;
    }
    let clusters: Vec<u64> = sizes.into_values().filter(|size| *size > 1).collect();
    assert_eq!(summary["clusters"], json!({"count": clusters.len(), "largest": clusters.iter().max()}));
    let kept_text: usize = results.kept().iter().filter_map(|record| record["text"].as_str()).map(str::len).sum();
    assert_eq!(summary["bytes"]["kept_text"], kept_text);
    assert!(summary["versions"]["rules"].as_str().is_some_and(|digest| digest.starts_with("sha256:")));
    let run: Value = serde_json::from_slice(&std::fs::read(out.join("run.json")).expect("run.json")).expect("JSON");
    assert!(run["seconds"].is_number() && run["machine"].is_string());
    let mut names: Vec<_> =
        std::fs::read_dir(&out).expect("lists").map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["documents.ndjson", "kept.ndjson", "relations.ndjson", "run.json", "summary.json"]);
}

/// A form filled in: the same words, other numbers.
fn form(frame: &[String], random: &mut Random) -> String {
    frame.iter().map(|clause| format!("{clause}{}", 1000 + random.below(9000))).collect()
}

/// The clauses of a form.
fn frame(random: &mut Random) -> Vec<String> {
    (0..12).map(|_| prose(random, 50)).map(|text| text.trim_end().to_owned()).collect()
}

#[test]
fn a_form_filled_in_ten_times_stays_apart() {
    let mut random = Random(7);
    let frame = frame(&mut random);
    let documents: Vec<(String, String)> = (0..10).map(|n| (format!("form-{n}"), form(&frame, &mut random))).collect();
    let results = dedupe(&borrowed(&documents), &[]);
    assert_eq!(results.kept_ids().len(), 10);
    let relations = results.relations();
    assert_eq!(relations.len(), 45);
    assert!(relations.iter().all(|relation| relation["kind"] == "template" && relation["keep"].is_null()));
}

#[test]
fn a_masked_copy_joins_its_text() {
    let mut random = Random(25);
    let frame = frame(&mut random);
    let numbers: Vec<usize> = (0..12).map(|_| 1000 + random.below(9000)).collect();
    let filled = |mask: usize| -> String {
        let number = |at: usize| if at % 3 < mask { "****".to_owned() } else { numbers[at].to_string() };
        frame.iter().enumerate().map(|(at, clause)| format!("{clause}{}", number(at))).collect()
    };
    let text = prose(&mut random, 500);
    let names: String = text.chars().enumerate().map(|(at, c)| if at % 60 < 2 { '某' } else { c }).collect();
    let documents = [
        ("masked form", filled(1)),
        ("form", filled(0)),
        ("other form", form(&frame, &mut random)),
        ("masked names", names),
        ("text", text),
    ];
    let documents = documents.map(|(id, text)| (id.to_owned(), text));
    let results = dedupe(&borrowed(&documents), &[]);
    assert_eq!(results.kept_ids(), ["form", "other form", "text"]);
    for (masked, of) in [("masked form", "form"), ("masked names", "text")] {
        let line = results.document(masked);
        assert_eq!((&line["kind"], &line["of"]), (&json!("near"), &json!(of)), "{line}");
    }
    assert_eq!(results.relation("masked form", "other form").expect("a relation")["kind"], "template");
}

#[test]
fn a_compilation_and_its_parts_are_all_kept() {
    let mut random = Random(8);
    let texts = [prose(&mut random, 900), prose(&mut random, 600), prose(&mut random, 500)];
    let all = texts.join("\n");
    let results = dedupe(&[("one", &texts[0]), ("all", &all), ("two", &texts[1]), ("three", &texts[2])], &[]);
    assert_eq!(results.kept_ids(), ["one", "all", "two", "three"]);
    for id in ["one", "two", "three"] {
        let relation = results.relation(id, "all").unwrap_or_else(|| panic!("{id} has no relation"));
        assert_eq!((&relation["kind"], &relation["a"], &relation["keep"]), (&json!("part"), &json!(id), &Value::Null));
    }
    let kept = results.kept();
    let flags = |at: usize| kept[at]["flags"].as_array().expect("a list").contains(&json!("compilation"));
    assert_eq!([0, 1, 2, 3].map(flags), [false, true, false, false]);
    assert_eq!(results.summary()["compilations"], 1);
}

#[test]
fn a_copy_of_a_compilation_still_goes() {
    let mut random = Random(9);
    let texts = [prose(&mut random, 900), prose(&mut random, 700)];
    let all = texts.join("\n");
    let copy = mistyped(&mut random, &all, 10);
    let results =
        dedupe(&[("all", &all), ("copy", &copy), ("one", &texts[0]), ("two", &texts[1])], &["--keep", "first"]);
    assert_eq!(results.kept_ids(), ["all", "one", "two"]);
    assert_eq!(results.document("copy")["of"], "all");
}
