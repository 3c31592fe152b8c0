//! `taoxi rules try` and `taoxi rules stats`: what rule files would do is shown, counted, and compared with what is in force.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::path::Path;

use common::made::{file, piped, plain, record, taoxi};
use serde_json::{Value, json};

const RULES: &str = r#"id = "demo"
title = "A file for tests"
why = "A test needs it."
hosts = ["example.com"]
signs = ["示例文库出品"]

[[step]]
id = "ad"
kind = "drop-line"
line = { contains = "绿色行李箱登场" }

[[step]]
id = "never"
kind = "drop-line"
line = { equals = "从来没有的一行" }

[[step]]
id = "end"
kind = "cut-after"
line = { equals = "全文到此为止" }
"#;

fn out(args: &[&str]) -> (Option<i32>, String, String) {
    let output = taoxi(args).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn prose(lines: usize) -> String {
    format!("{}。\n", "这里写的是正文的内容".repeat(6)).repeat(lines)
}

fn corpus(folder: &Path) -> std::path::PathBuf {
    let page = |n: usize, extra: &str| json!({"id": format!("p{n}"), "url": format!("https://w{n}.example.com/{n}"), "text": format!("第{n}篇\n{}{extra}{}", prose(4), prose(4))});
    let mut lines: Vec<String> = (0..6).map(|n| page(n, "绿色行李箱登场\n").to_string()).collect();
    lines.push(page(6, "").to_string());
    lines.push(
        json!({"id": "other", "url": "https://www.example.org/", "text": "绿色行李箱登场\n正文。\n"}).to_string(),
    );
    lines.push("no record".to_owned());
    file(folder, "pages.jsonl", lines.join("\n") + "\n")
}

#[test]
fn a_tried_file_shows_diffs_hits_and_what_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = file(folder.path(), "demo.toml", RULES);
    let page = file(folder.path(), "page.txt", format!("标题\n{}绿色行李箱登场\n结尾。\n", prose(2)));
    let (status, text, stderr) =
        out(&["rules", "try", plain(&rules), plain(&page), "--url", "https://www.example.com/a"]);
    assert_eq!(status, Some(0), "{stderr}");
    let line = prose(1);
    let line = line.trim_end();
    let diff = format!(
        "--- page.txt\tsource\n+++ page.txt\twashed\n@@ -1,5 +1,4 @@\n 标题\n {line}\n {line}\n-绿色行李箱登场\n 结尾。\n"
    );
    assert!(text.starts_with(&diff), "{text}");
    for wanted in [
        "page.txt: demo/ad: 1 edits, 22 bytes\n",
        "page.txt: newly removed: 绿色行李箱登场\n",
        "such as: 绿色行李箱登场\n",
        "never fired: demo/never, demo/end\n",
        "1 documents washed, 0 failed\n",
        "against the rules in force: 1 documents differ, 1 lines newly removed, 0 newly kept\n",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    // In force already, nothing is new.
    let overlay = folder.path().join("overlay");
    file(&overlay, "demo.toml", RULES);
    let args =
        ["rules", "try", plain(&rules), plain(&page), "--url", "https://www.example.com/a", "--rules", plain(&overlay)];
    let (_, text, _) = out(&args);
    assert!(text.contains("against the rules in force: 0 documents differ, 0 lines newly removed"), "{text}");
    // And what a weaker file no longer takes stays.
    let weaker = file(folder.path(), "weaker.toml", RULES.replace("绿色行李箱登场", "绿色行李箱再次登场"));
    let (_, text, _) = out(&[&["rules", "try", plain(&weaker)], &args[3..]].concat());
    assert!(text.contains("page.txt: newly kept: 绿色行李箱登场\n"), "{text}");
}

#[test]
fn json_has_every_document_and_the_figures_of_each_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("rules");
    file(&rules, "sites/demo.toml", RULES);
    let pages = corpus(folder.path());
    let args = ["rules", "try", plain(&rules), plain(&pages), "--format", "json"];
    let (status, text, stderr) = out(&args);
    assert_eq!((status, stderr.contains("pages.jsonl:9: bad_record")), (Some(1), true), "{stderr}");
    let report: Value = serde_json::from_str(&text).expect("one object");
    let documents = report["documents"].as_array().expect("documents");
    assert_eq!(documents.len(), 9);
    assert_eq!(
        documents[0]["hits"][0],
        json!({"rule": "demo/ad", "edits": 1, "overlapped": 0, "removed_bytes": 22, "inserted_bytes": 0, "cut_refused": false})
    );
    assert_eq!(documents[0]["change"], json!({"removed": ["绿色行李箱登场"], "kept": []}));
    assert_eq!((&documents[6]["diff"], &documents[6]["change"]), (&json!(""), &Value::Null));
    assert_eq!((&documents[7]["hits"], &documents[8]["error"]["code"]), (&json!([]), &json!("bad_record")));
    assert_eq!(report["counts"], json!({"documents": 9, "failed": 1}));
    assert_eq!((&report["in_force"]["documents"], &report["in_force"]["removed_lines"]), (&json!(6), &json!(6)));
    assert_eq!(report["never_fired"], json!(["demo/never", "demo/end"]));
    let ad = &report["steps"][0];
    assert_eq!(
        (&ad["rule"], &ad["documents"], &ad["share"], &ad["hosts"]),
        (&json!("demo/ad"), &json!(6), &json!(0.75), &json!(6))
    );
    for threads in ["1", "3"] {
        assert_eq!(out(&[&args[..], &["--threads", threads]].concat()).1, text);
    }
    let summary: Value = serde_json::from_str(&out(&[&args[..], &["--summary"]].concat()).1).expect("one object");
    assert_eq!((&summary["documents"], &summary["steps"]), (&Value::Null, &report["steps"]));
}

#[test]
fn the_diff_is_what_patch_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = file(folder.path(), "demo.toml", RULES);
    let source = format!("绿色行李箱登场\n{}投入13。7亿元,增长4。6%\n{}绿色行李箱登场", prose(9), prose(9));
    let page = file(folder.path(), "page.txt", &source);
    let url = ["--url", "https://www.example.com/a"];
    let json = out(&[&["rules", "try", plain(&rules), plain(&page), "--format", "json"][..], &url].concat()).1;
    let report: Value = serde_json::from_str(&json).expect("one object");
    let diff = file(folder.path(), "page.diff", report["documents"][0]["diff"].as_str().expect("a diff"));
    let (_, washed, _) = out(&[&["clean", plain(&page), "--rules", plain(folder.path())][..], &url].concat());
    match std::process::Command::new("patch").args(["--silent", plain(&page), plain(&diff)]).status() {
        Ok(status) => {
            assert!(status.success());
            assert_eq!(std::fs::read_to_string(&page).expect("reads"), washed);
        }
        Err(error) => println!("SKIPPED: patch is not here: {error}"),
    }
}

#[test]
fn what_cannot_be_tried_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = file(folder.path(), "page.txt", "正文。\n");
    let broken = file(folder.path(), "broken.toml", "id = \"x\"\nnope = 1\n");
    let (status, _, stderr) = out(&["rules", "try", plain(&broken), plain(&page)]);
    assert!(status == Some(2) && stderr.contains("broken.toml:2:1"), "{stderr}");
    let missing = folder.path().join("none.toml");
    assert_eq!(out(&["rules", "try", plain(&missing), plain(&page)]).0, Some(2));
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("made");
    let (status, _, stderr) = out(&["rules", "try", plain(&empty), plain(&page)]);
    assert!(status == Some(2) && stderr.contains("there is no rule file"), "{stderr}");
    let rules = file(folder.path(), "demo.toml", RULES);
    assert_eq!(out(&["rules", "try", plain(&rules), plain(&page), "--profile", "nope"]).0, Some(2));
    let piped = piped(&["rules", "try", plain(&rules), "-"], "示例文库出品\n绿色行李箱登场\n".as_bytes());
    assert!(String::from_utf8_lossy(&piped.stdout).contains("-绿色行李箱登场"));
}

#[test]
fn statistics_tell_dead_and_greedy_steps() {
    let folder = tempfile::tempdir().expect("a folder");
    let overlay = folder.path().join("rules");
    file(&overlay, "demo.toml", RULES);
    file(
        &overlay,
        "pack.toml",
        "id = \"wide\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"all\"\nkind = \"drop-line\"\nline = { contains = \"每页都有的一行\" }\n\
         [[step]]\nid = \"most\"\nkind = \"drop-line\"\nline = { prefix = \"很长的附录\" }\n",
    );
    let mut lines = String::new();
    for n in 0..12 {
        let text = format!(
            "{}每页都有的一行\n{}全文到此为止\n{}",
            prose(3),
            if n == 0 { "绿色行李箱登场\n" } else { "" },
            prose(30)
        );
        lines += &format!(
            "{}\n",
            json!({"id": format!("p{n}"), "url": format!("https://www.s{n}.example.com/"), "text": text})
        );
    }
    lines += &record("long", &format!("正文。\n{}", "很长的附录，占了这一页的大半篇幅。\n".repeat(40)));
    let pages = file(folder.path(), "pages.jsonl", lines);
    let args = ["rules", "stats", plain(&pages), "--rules", plain(&overlay), "--format", "json"];
    let (status, text, stderr) = out(&args);
    assert_eq!(status, Some(0), "{stderr}");
    let all: Value = serde_json::from_str(&text).expect("one object");
    let row = |rule: &str| {
        all["steps"].as_array().expect("steps").iter().find(|row| row["rule"] == rule).expect("a row").clone()
    };
    let wide = row("wide/all");
    assert_eq!(
        (&wide["documents"], &wide["edits"], &wide["hosts"], &wide["greedy"]),
        (&json!(12), &json!(12), &json!(12), &json!(["many_hosts"]))
    );
    assert_eq!(row("wide/most")["greedy"], json!(["large_share", "mostly_removed"]));
    let end = row("demo/end");
    assert_eq!((&end["cut_refused"], &end["greedy"]), (&json!(12), &json!(["cut_refused"])), "{end}");
    let ad = row("demo/ad");
    assert_eq!(
        (&ad["documents"], &ad["share"], &ad["examples"]),
        (&json!(1), &json!(0.0769), &json!(["绿色行李箱登场"]))
    );
    assert_eq!(ad["head"].as_u64().zip(ad["middle"].as_u64()).zip(ad["tail"].as_u64()), Some(((1, 0), 0)));
    let dead: Vec<&str> = all["dead"].as_array().expect("dead").iter().filter_map(Value::as_str).collect();
    assert!(dead.contains(&"demo/never") && !dead.contains(&"demo/end") && !dead.contains(&"wide/all"));
    assert_eq!((&all["documents"], &all["hosts"]), (&json!(13), &json!(12)));
    for threads in ["1", "3"] {
        assert_eq!(out(&[&args[..], &["--threads", threads]].concat()).1, text);
    }
    let (_, table, _) = out(&args[..5]);
    for wanted in [
        "  wide/all\n",
        "  wide/most: large_share, mostly_removed; takes",
        "  demo: never\n",
        "dead files: ",
        "13 documents of 12 hosts, 13 changed",
    ] {
        assert!(table.contains(wanted), "{wanted}: {table}");
    }
}
