//! `taoxi dedupe --passages` and `--drop-passages`: passages planted in made-up archives are found, all of them and nothing else, and what is dropped can be
//! put back.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use common::Random;
use common::made::{Results, corpus, dedupe_into, file, jsonl, plain, prose, record, taoxi};
use serde_json::Value;

/// A run with what it says of passages.
struct Run {
    results: Results,
    passages: Vec<Value>,
}

fn run(out: &Path, args: &[&str]) -> Run {
    let results = dedupe_into(out, args);
    let bytes =
        std::fs::read(out.join("passages.ndjson")).unwrap_or_else(|error| panic!("{error}; {}", results.stderr));
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Run { passages: lines.map(|line| serde_json::from_slice(line).expect("a record a line")).collect(), results }
}

/// De-duplicates these documents as they are.
fn passages(documents: &[(String, String)], args: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", jsonl(documents));
    let args: Vec<&str> = [plain(&input), "--no-clean"].into_iter().chain(args.iter().copied()).collect();
    run(&folder.path().join("out"), &args)
}

/// The text of a record before its edits.
fn source(record: &Value) -> String {
    let text = record["text"].as_str().expect("a text");
    let (mut out, mut at, mut reached) = (String::new(), 0, 0);
    for edit in record["edits"].as_array().map_or(&[][..], Vec::as_slice) {
        let number = |name: &str| usize::try_from(edit[name].as_u64().expect("a number")).expect("fits");
        let kept = number("start") - reached;
        out.push_str(&text[at..at + kept]);
        out.push_str(edit["before"].as_str().expect("what stood there"));
        at += kept + edit["after"].as_str().expect("what stands there").len();
        reached = number("end");
    }
    out + &text[at..]
}

/// Documents with paragraphs of their own, and passages of one to four lines between them.
struct Planted {
    documents: Vec<(String, String)>,
    /// For each plant its text, and the documents that have it.
    plants: Vec<(String, BTreeSet<String>)>,
}

fn planted(seed: u64, documents: usize, plants: usize, share: usize) -> Planted {
    let mut random = Random(seed);
    let mut all: Vec<(String, BTreeSet<String>)> = (0..plants)
        .map(|n| {
            let lines = 1 + n % 4;
            let text: Vec<String> = (0..lines).map(|_| prose(&mut random, 50).replace(['\n', '。'], "，")).collect();
            (text.join("\n"), BTreeSet::new())
        })
        .collect();
    let mut out = Vec::new();
    for n in 0..documents {
        let id = format!("{n:05}");
        // A sentence each: a last one of one character may well be that of another document, and then it is shared as well.
        let mut blocks: Vec<String> = (0..3).map(|_| prose(&mut random, 120).replace(['\n', '。'], "，")).collect();
        for (plant, holders) in &mut all {
            if random.below(100) < share {
                // Between blocks of its own, so that two plants are never neighbours.
                blocks.push(plant.clone());
                blocks.push(prose(&mut random, 80).replace(['\n', '。'], "，"));
                holders.insert(id.clone());
            }
        }
        out.push((id, blocks.join("\n") + "\n"));
    }
    Planted { documents: out, plants: all }
}

#[test]
fn planted_passages_are_found_and_nothing_else() {
    for (seed, share, least) in [(1, 12, 10), (2, 4, 10), (3, 50, 2)] {
        let planted = planted(seed, 250, 24, share);
        let found = passages(&planted.documents, &["--passages", "--passage-min-documents", &least.to_string()]);
        let wanted: BTreeMap<String, usize> = planted
            .plants
            .iter()
            .filter(|(_, holders)| holders.len() >= least)
            .map(|(text, holders)| (text.chars().take(200).collect(), holders.len()))
            .collect();
        let got: BTreeMap<String, usize> = found
            .passages
            .iter()
            .map(|line| {
                let text = line["text"].as_str().expect("a text").trim_end_matches('…').to_owned();
                (text, usize::try_from(line["documents"].as_u64().expect("a number")).expect("fits"))
            })
            .collect();
        println!(
            "seed {seed}: {} passages of {} planted, {} in enough documents",
            got.len(),
            planted.plants.len(),
            wanted.len()
        );
        assert_eq!(got, wanted, "seed {seed}");
        assert_eq!(found.results.kept().len(), 250);
        let texts: BTreeMap<&str, &str> =
            planted.documents.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        for line in &found.passages {
            let first = line["first"].as_str().expect("an id");
            let text = line["text"].as_str().expect("a text").trim_end_matches('…');
            let (whole, holders) = planted.plants.iter().find(|(plant, _)| plant.starts_with(text)).expect("planted");
            assert_eq!(Some(first), holders.first().map(String::as_str));
            assert_eq!(line["bytes"], whole.len());
            for place in line["places"].as_array().expect("places") {
                let range = |name: &str| usize::try_from(place[name].as_u64().expect("a number")).expect("fits");
                let id = place["id"].as_str().expect("an id");
                assert_eq!(&texts[id][range("start")..range("end")], whole);
            }
        }
    }
}

#[test]
fn dropped_passages_stay_in_the_first_document_and_can_be_put_back() {
    let planted = planted(4, 200, 12, 20);
    let found = passages(&planted.documents, &["--drop-passages"]);
    let (mut lines, mut lost) = (0, 0);
    for ((id, text), record) in planted.documents.iter().zip(found.results.kept()) {
        assert_eq!(record["id"], id.as_str());
        assert_eq!(&source(&record), text, "{id}");
        let left = record["text"].as_str().expect("a text");
        let mut dropped = false;
        for (plant, holders) in &planted.plants {
            let keeps = holders.len() < 10 || holders.first() == Some(id);
            assert_eq!(left.contains(plant), holders.contains(id) && keeps, "{id}");
            dropped |= holders.contains(id) && !keeps;
        }
        for line in
            text.lines().filter(|line| !planted.plants.iter().any(|(plant, _)| plant.lines().any(|own| own == *line)))
        {
            lines += 1;
            lost += usize::from(!left.lines().any(|other| other == line));
        }
        let says = record["rules"].as_array().expect("rules").iter().any(|rule| rule == "passages");
        assert_eq!((says, record["edits"].is_array()), (dropped, dropped), "{id}");
        if dropped {
            let edits = record["edits"].as_array().expect("edits");
            assert!(edits.iter().all(|edit| edit["rule"] == "passages"));
            assert_eq!(record["stats"]["chars"], left.chars().count());
        }
    }
    assert_eq!(lost, 0, "of {lines} lines of the documents' own");
    let summary = found.results.summary();
    assert_eq!(summary["passages"]["count"], found.passages.len());
    let places: u64 = found.passages.iter().map(|line| line["dropped"].as_u64().expect("a number")).sum();
    assert!(places > 0 && summary["passages"]["dropped_bytes"].as_u64() > Some(places * 150), "{summary}");
}

#[test]
fn the_edits_of_the_washing_and_of_passages_stand_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(5);
    let note = "本馆所藏图书均可免费借阅，读者凭有效证件办理手续，逾期不还者按规定处理。";
    let text = |random: &mut Random| {
        format!("投入13。7亿元,增长4。6%。\n{}\n{note}\n{}\n", prose(random, 90).trim(), prose(random, 70).trim())
    };
    let documents: Vec<(String, String)> = (0..14).map(|n| (format!("d{n:02}"), text(&mut random))).collect();
    let input = file(folder.path(), "in.jsonl", jsonl(&documents));
    let found = run(&folder.path().join("out"), &[plain(&input), "--drop-passages"]);
    let kept = found.results.kept();
    assert_eq!(kept.len(), 14);
    for ((_, text), record) in documents.iter().zip(&kept).skip(1) {
        assert_eq!(&source(record), text);
        let washed = record["text"].as_str().expect("a text");
        assert!(!washed.contains(note) && !washed.contains("13。7"), "{washed}");
        let rules: BTreeSet<&str> =
            record["edits"].as_array().expect("edits").iter().filter_map(|edit| edit["rule"].as_str()).collect();
        assert!(rules.contains("passages") && rules.iter().any(|rule| rule.starts_with("zh/")), "{rules:?}");
    }
    assert!(kept[0]["text"].as_str().is_some_and(|text| text.contains(note)) && kept[0]["edits"].is_null());
}

#[test]
fn short_phrases_are_no_passages_and_long_ones_need_enough_documents() {
    let mut random = Random(6);
    let mut text =
        |extra: &str| format!("{}\n{extra}\n{}\n", prose(&mut random, 90).trim(), prose(&mut random, 90).trim());
    let documents: Vec<(String, String)> = (0..30)
        .map(|n| {
            let long = if n < 9 {
                "这是一句足够长的话，它一共只在九篇文档之中出现，所以还算不上是多篇共有的段落。"
            } else {
                "一、基本情况"
            };
            (format!("d{n:02}"), text(long))
        })
        .collect();
    assert_eq!(passages(&documents, &["--passages"]).passages, Vec::<Value>::new());
    assert_eq!(passages(&documents, &["--passages", "--passage-min-documents", "9"]).passages.len(), 1);
    assert_eq!(passages(&documents, &["--passages", "--passage-min-length", "5"]).passages.len(), 1);
}

#[test]
fn the_longest_run_is_one_passage_and_what_more_documents_share_of_it_another() {
    let mut random = Random(7);
    let lines: Vec<String> = (0..37).map(|_| prose(&mut random, 40).replace(['\n', '。'], "，")).collect();
    let (whole, part) = (lines.join("\n"), lines[9..17].join("\n"));
    // Much of their own, or they would be copies of each other.
    let mut own = || prose(&mut random, 2500).trim().to_owned();
    let documents: Vec<(String, String)> = (0..24)
        .map(|n| (format!("d{n:02}"), format!("{}\n{}\n{}\n", own(), if n % 2 == 0 { &whole } else { &part }, own())))
        .collect();
    let found = passages(&documents, &["--passages"]);
    let outline: Vec<(u64, u64, &str, usize)> = found
        .passages
        .iter()
        .map(|line| {
            let number = |name: &str| line[name].as_u64().expect("a number");
            let places = line["places"].as_array().expect("places").len();
            (number("documents"), number("bytes"), line["first"].as_str().expect("an id"), places)
        })
        .collect();
    // The part stands in all, twelve times inside the whole.
    assert_eq!(outline, [(24, part.len() as u64, "d00", 12), (12, whole.len() as u64, "d00", 12)]);
    let dropped = passages(&documents, &["--drop-passages"]);
    let kept = dropped.results.kept();
    for record in &kept[1..] {
        let text = record["text"].as_str().expect("a text");
        assert!(lines.iter().all(|line| !text.contains(line)), "{text}");
    }
    assert!(lines.iter().all(|line| kept[0]["text"].as_str().is_some_and(|text| text.contains(line))));
}

#[test]
fn no_line_is_lost_from_all_documents() {
    // Lines of a small stock in any order: runs overlap, repeat and branch in every way.
    let mut random = Random(8);
    let stock: Vec<String> = (0..30).map(|_| prose(&mut random, 34).replace(['\n', '。'], "，")).collect();
    let documents: Vec<(String, String)> = (0..120)
        .map(|n| {
            let lines: Vec<String> = (0..12)
                .map(|_| {
                    if random.below(3) == 0 {
                        prose(&mut random, 40).trim().replace('\n', "")
                    } else {
                        random.pick(&stock).clone()
                    }
                })
                .collect();
            (format!("d{n:03}"), lines.join("\n") + "\n")
        })
        .collect();
    let found = passages(&documents, &["--drop-passages", "--passage-min-documents", "3"]);
    let kept = found.results.kept();
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    for record in &kept {
        let source = source(record);
        let (_, text) = documents.iter().find(|(id, _)| record["id"] == id.as_str()).expect("given");
        assert_eq!(&source, text);
        before.extend(source.lines().map(str::to_owned));
        after.extend(record["text"].as_str().expect("a text").lines().map(str::to_owned));
    }
    assert!(found.passages.len() > 20, "{}", found.passages.len());
    assert_eq!(before, after);
}

#[test]
fn a_set_that_is_compared_with_has_its_passages_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = Random(9);
    let note = "这一段话在所有的文档里都出现，先有的那一套文档里也有它，所以新来的文档里一处也不留下。";
    let mut documents = |from: usize, to: usize| -> String {
        (from..to).map(|n| record(&format!("d{n}"), &format!("{}\n{note}\n", prose(&mut random, 100).trim()))).collect()
    };
    let input = file(folder.path(), "new.jsonl", documents(0, 12));
    let set = file(folder.path(), "old.jsonl", documents(20, 22));
    let args = [plain(&input), "--no-clean", "--against", plain(&set), "--drop-passages"];
    let found = run(&folder.path().join("out"), &args);
    assert_eq!((&found.passages[0]["first"], &found.passages[0]["documents"]), (&"against:d20".into(), &14.into()));
    assert_eq!(found.passages[0]["dropped"], 12);
    assert!(found.results.kept().iter().all(|record| !record["text"].as_str().is_some_and(|text| text.contains(note))));
}

#[test]
fn threads_and_memory_change_nothing_and_large_inputs_spill() {
    let folder = tempfile::tempdir().expect("a folder");
    let planted = planted(10, 3000, 40, 10);
    let input = file(folder.path(), "in.jsonl", jsonl(&planted.documents));
    let give = |name: &str, args: &[&str]| {
        let args = [&[plain(&input), "--no-clean", "--drop-passages"], args].concat();
        let out = folder.path().join(name);
        let found = run(&out, &args);
        assert_eq!(found.results.status, Some(0), "{}", found.results.stderr);
        (found.results.bytes, std::fs::read(out.join("passages.ndjson")).expect("reads"))
    };
    let one = give("one", &["--threads", "1"]);
    // Half of the memory holds the directory, and an eighth each list that is sorted: here far less than all.
    let little = give("little", &["--threads", "4", "--memory", "8MiB"]);
    assert!(one == little);
    assert_eq!(one.1.split(|byte| *byte == b'\n').count(), 41);
}

#[test]
fn a_run_that_was_killed_goes_on_and_other_passages_do_not_meet_old_stages() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut documents = corpus(11, 1500);
    let note = "以上内容由本站整理发布，转载时请注明出处，如有不妥之处请与本站联系，本站将及时处理。";
    for (_, text) in documents.iter_mut().step_by(3) {
        text.push_str(&["\n", note, "\n"].concat());
    }
    let input = file(folder.path(), "in.jsonl", jsonl(&documents));
    let args = |least: &'static str| ["--no-clean", "--drop-passages", "--passage-min-documents", least];
    let all = |least| [&[plain(&input)][..], &args(least)].concat();
    let (whole, other) = (run(&folder.path().join("whole"), &all("10")), run(&folder.path().join("other"), &all("2")));
    assert!(whole.passages.iter().any(|line| line["text"] == note), "{:?}", whole.passages);
    for (stage, least) in [("compare", "10"), ("passages", "10"), ("passages", "2"), ("wash", "10")] {
        let out = folder.path().join("out");
        let mark = out.join(".taoxi-dedupe").join(format!("{stage}.finished"));
        let mut killed = false;
        for _ in 0..20 {
            let mut command = taoxi(&["dedupe", plain(&input), "--out", plain(&out)]);
            let mut child =
                command.args(args("10")).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
            while !mark.exists() && child.try_wait().expect("runs").is_none() {
                std::thread::park_timeout(Duration::from_micros(200));
            }
            child.kill().expect("killed");
            child.wait().expect("ended");
            killed = mark.exists();
            if killed {
                break;
            }
            let _ = std::fs::remove_dir_all(&out);
        }
        assert!(killed, "killed behind {stage}");
        let again = run(&out, &all(least));
        let fresh = if least == "10" { &whole } else { &other };
        assert!(again.results.bytes == fresh.results.bytes && again.passages == fresh.passages, "{stage} {least}");
        std::fs::remove_dir_all(&out).expect("removed");
    }
}

#[test]
fn files_that_only_an_earlier_run_wrote_are_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", jsonl(&corpus(12, 60)));
    let out = folder.path().join("out");
    let names = ["passages.ndjson", "copies.ndjson.zst", "kept.parquet"];
    for name in names {
        std::fs::create_dir_all(&out)
            .and_then(|()| std::fs::write(out.join(name), "of an earlier run\n"))
            .expect("written");
    }
    std::fs::write(out.join("notes.txt"), "not ours").expect("written");
    dedupe_into(&out, &[plain(&input), "--no-clean", "--write", "jsonl"]);
    assert!(names.iter().all(|name| !out.join(name).exists()), "stale results stay");
    assert!(out.join("kept.jsonl").exists() && out.join("notes.txt").exists());
}

#[test]
fn without_the_options_nothing_of_passages_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = file(folder.path(), "in.jsonl", jsonl(&corpus(12, 60)));
    let out = folder.path().join("out");
    let results = dedupe_into(&out, &[plain(&input), "--no-clean"]);
    assert!(!out.join("passages.ndjson").exists() && results.summary()["passages"].is_null());
    let both = taoxi(&["dedupe", plain(&input), "--out", plain(&out), "--passages", "--drop-passages"])
        .output()
        .expect("runs");
    assert_eq!(both.status.code(), Some(2));
    let packed = dedupe_into(&folder.path().join("zst"), &[plain(&input), "--no-clean"]);
    assert_eq!(packed.status, Some(0));
}
