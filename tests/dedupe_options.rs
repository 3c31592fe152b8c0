//! `taoxi dedupe`: its options, its inputs, and what it says of those that fail.

#![allow(clippy::expect_used, clippy::format_collect, clippy::panic, clippy::similar_names)] // a test fails by panicking

mod common;

use common::Random;
use common::made::{
    RESULTS, Results, corpus, cut, dedupe, dedupe_into, file, jsonl, mistyped, piped, plain, prose, record, taoxi,
};
use serde_json::{Value, json};

#[test]
fn members_of_a_set_are_compared_with_and_never_come_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(10);
    let (known, seen, fuller) = (prose(&mut random, 700), prose(&mut random, 600), prose(&mut random, 900));
    file(folder.path(), "set/known.txt", &known);
    file(folder.path(), "set/twin.txt", &known);
    file(folder.path(), "set/seen.txt", &seen);
    file(folder.path(), "set/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0");
    let set = file(folder.path(), "second.jsonl", record("preview", &cut(&fuller, 60)));
    let own = [
        record("equal", &known),
        record("typos", &mistyped(&mut random, &known, 20)),
        record("preview", &cut(&seen, 60)),
        record("fuller", &fuller),
        record("new", &prose(&mut random, 500)),
    ];
    let input = file(folder.path(), "in.jsonl", own.concat());
    let folder_set = folder.path().join("set");
    let sets = ["--no-clean", "--against", plain(&folder_set), "--against", plain(&set)];
    let args = [&[plain(&input)], &sets[..]].concat();
    let results = dedupe_into(&folder.path().join("out"), &args);
    let documents = results.documents();
    let ids: Vec<&str> = documents.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(ids, ["equal", "typos", "preview", "fuller", "new"]);
    assert_eq!(results.kept_ids(), ["fuller", "new"], "a set's preview does not hold the fuller text");
    for (id, kind, of) in [
        ("equal", "exact", "against:known.txt"),
        ("typos", "near", "against:known.txt"),
        ("preview", "truncated", "against:seen.txt"),
    ] {
        let line = results.document(id);
        assert_eq!((&line["kind"], &line["of"], &line["cluster"]), (&json!(kind), &json!(of), &json!(of)));
        assert_eq!(line["why"]["code"], "given");
    }
    let given = |side: &Value| side.as_str().is_some_and(|id| id.starts_with("against:"));
    assert!(results.relations().iter().all(|it| !(given(&it["a"]) && given(&it["b"]))));
    assert_eq!(results.summary()["documents"], 5);
    assert_eq!(results.summary()["kept"], 2);
}

/// Four copies of one text: which is kept depends on the policy.
fn four_copies() -> String {
    let mut random = Random(11);
    let text = prose(&mut random, 950);
    let masked = |text: &str, every: usize| -> String {
        text.chars().enumerate().map(|(at, c)| if at % every < 3 { '*' } else { c }).collect()
    };
    let longer = format!("{}{}", masked(&text, 100), prose(&mut random, 130));
    let line = |id: &str, date: &str, text: &str| format!("{}\n", json!({"id": id, "date": date, "text": text}));
    [
        line("came first", "2022-05-01", &masked(&text, 200)),
        line("early", "2019-12-31", &masked(&text, 300)),
        line("clean", "2021-01-01", &text),
        line("long", "2023-01-01", &longer),
    ]
    .concat()
}

#[test]
fn each_policy_keeps_another_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", four_copies());
    for (policy, id) in [("first", "came first"), ("earliest", "early"), ("cleanest", "clean"), ("longest", "long")] {
        let results = dedupe_into(&folder.path().join(policy), &[plain(&input), "--no-clean", "--keep", policy]);
        assert_eq!(results.kept_ids(), [id], "--keep {policy}");
        assert_eq!(results.summary()["keep"], policy);
        assert!(results.documents().iter().all(|line| line["cluster"] == id));
    }
    let results = dedupe_into(&folder.path().join("default"), &[plain(&input), "--no-clean"]);
    assert_eq!(results.kept_ids(), ["long"], "longest is the default");
}

#[test]
fn no_policy_keeps_a_preview_before_its_fuller_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = prose(&mut Random(12), 900);
    let line = |id: &str, date: &str, text: &str| format!("{}\n", json!({"id": id, "date": date, "text": text}));
    let lines = line("preview", "2001-01-01", &cut(&text, 60)) + &line("whole", "2020-01-01", &text);
    let input = file(folder.path(), "in.jsonl", lines);
    for policy in ["first", "earliest", "cleanest", "longest"] {
        let results = dedupe_into(&folder.path().join(policy), &[plain(&input), "--no-clean", "--keep", policy]);
        assert_eq!(results.kept_ids(), ["whole"], "--keep {policy}");
    }
}

#[test]
fn no_clean_takes_texts_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{}总投入13。7亿元,好。\n", prose(&mut Random(13), 200));
    let input = file(folder.path(), "in.jsonl", record("x", &text));
    let as_they_are = dedupe_into(&folder.path().join("a"), &[plain(&input), "--no-clean"]);
    assert_eq!(as_they_are.kept()[0]["text"], text);
    let washed = dedupe_into(&folder.path().join("b"), &[plain(&input)]);
    assert!(washed.kept()[0]["text"].as_str().is_some_and(|text| text.ends_with("总投入13.7亿元，好。\n")));
}

#[test]
fn compressed_result_files_hold_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", jsonl(&corpus(14, 120)));
    let plainly = dedupe_into(&folder.path().join("a"), &[plain(&input), "--no-clean"]);
    let out = folder.path().join("b");
    let run = taoxi(&["dedupe", plain(&input), "--no-clean", "--compress", "zst", "--out", plain(&out)]);
    assert_eq!({ run }.output().expect("runs").status.code(), Some(0));
    for name in RESULTS {
        let bytes = if name == "summary.json" {
            std::fs::read(out.join(name)).expect("reads")
        } else {
            assert!(!out.join(name).exists());
            let file = std::fs::File::open(out.join(format!("{name}.zst"))).expect("opens");
            zstd::stream::decode_all(file).expect("decodes")
        };
        assert!(bytes == plainly.bytes[name], "{name} differs");
    }
}

#[test]
fn unusable_arguments_end_with_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", record("x", "好的。"));
    let input = plain(&input);
    let out = folder.path().join("out");
    for args in [
        &["--radius", "7"][..],
        &["--radius", "-1"],
        &["--keep", "best"],
        &["--compress", "gz"],
        &["--profile", "no-such-profile"],
        &["--without", "no-such-rule"],
        &["--encoding", "no-such-encoding"],
        &["--fields", "idd=uri"],
        &["--memory", "much"],
        &["--threads", "some"],
    ] {
        let output = taoxi(&["dedupe", input, "--out", plain(&out)]).args(args).output().expect("runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
    }
    assert!(!out.join("documents.ndjson").exists());
    assert_eq!(taoxi(&["dedupe", input]).output().expect("runs").status.code(), Some(2), "no --out");
    assert_eq!(taoxi(&["dedupe", "--out", plain(&out)]).output().expect("runs").status.code(), Some(2), "no input");
    for radius in ["0", "6"] {
        let results = dedupe_into(&folder.path().join(radius), &[input, "--radius", radius]);
        assert_eq!((results.status, results.kept_ids().len()), (Some(0), 1));
    }
}

#[test]
fn a_failed_input_is_named_and_the_rest_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "in/a.txt", prose(&mut Random(15), 200));
    file(folder.path(), "in/b.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0");
    file(folder.path(), "in/c.txt", prose(&mut Random(16), 200));
    let (input, missing) = (folder.path().join("in"), folder.path().join("missing.txt"));
    let results = dedupe_into(&folder.path().join("out"), &[plain(&input), plain(&missing)]);
    assert_eq!(results.status, Some(1));
    let codes: Vec<Value> = results.documents().iter().map(|line| line["error"]["code"].clone()).collect();
    assert_eq!(codes, [Value::Null, json!("binary_input"), Value::Null, json!("unreadable_input")]);
    assert!(results.stderr.contains("b.png") && results.stderr.contains("missing.txt"), "{}", results.stderr);
    assert_eq!(results.kept_ids(), ["a.txt", "c.txt"]);
    assert_eq!(results.summary()["failed"], 2);
}

#[test]
fn standard_input_is_read_like_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = jsonl(&corpus(17, 60));
    let input = file(folder.path(), "in.jsonl", &lines);
    let from_file = dedupe_into(&folder.path().join("a"), &[plain(&input), "--no-clean"]);
    let out = folder.path().join("b");
    let output = piped(&["dedupe", "-", "--no-clean", "--out", plain(&out)], lines.as_bytes());
    let results = Results::read(&output, &out);
    assert_eq!(results.status, Some(0), "{}", results.stderr);
    assert!(results.bytes == from_file.bytes, "{} documents", results.documents().len());
    // A second run over the pipe starts anew, whatever is left there.
    let output = piped(&["dedupe", "-", "--no-clean", "--out", plain(&out)], record("x", "好的，开会。").as_bytes());
    assert_eq!(Results::read(&output, &out).kept_ids(), ["x"]);
}

#[test]
fn empty_texts_are_never_copies_and_tiny_ones_only_when_equal() {
    let documents = [
        ("empty", ""),
        ("empty too", ""),
        ("signs", "。。。"),
        ("signs too", "。。。"),
        ("meeting", "会议通知"),
        ("meeting, full stop", "会议通知。"),
        ("meetings", "会议通告"),
        ("work", "工作通知"),
        ("short", "关于做好秋季学期开学工作的通知已经印发各校"),
        ("short too", "关于做好秋季学期开学工作的通知已经印发各县"),
        ("short, other", "关于做好春季运动会筹备工作的意见即将发往全市"),
    ];
    let results = dedupe(&documents, &["--keep", "first"]);
    let gone: Vec<(Value, Value, Value)> = results
        .documents()
        .into_iter()
        .filter(|line| line["keep"] == false)
        .map(|line| (line["id"].clone(), line["kind"].clone(), line["of"].clone()))
        .collect();
    let line = |id: &str, kind: &str, of: &str| (json!(id), json!(kind), json!(of));
    assert_eq!(gone, [line("meeting, full stop", "exact", "meeting"), line("short too", "near", "short")]);
    assert!(results.kept()[0]["flags"].as_array().is_some_and(|flags| flags.contains(&json!("empty"))));
}
