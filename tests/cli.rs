//! The program as users run it: what comes out, exit status, bad input.

#![allow(
    clippy::format_collect, clippy::similar_names, clippy::expect_used, clippy::unwrap_used, clippy::panic,
    clippy::print_stdout, clippy::disallowed_methods, clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

mod common;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn taoxi(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taoxi"));
    command.args(args).env_remove("TAOXI_PROFILE").env_remove("TAOXI_RULES").env("XDG_CONFIG_HOME", "/nonexistent");
    command
}

fn run(args: &[&str]) -> Output {
    taoxi(args).output().expect("runs")
}

fn piped(args: &[&str], input: &[u8]) -> Output {
    let mut child =
        taoxi(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let feed = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("ends");
    feed.join().expect("fed");
    output
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn records(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).expect("a record a line")).collect()
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(&path, bytes).expect("written");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn one_document_prints_its_text() {
    let output = piped(&["clean"], "总投入13。7亿元。\n".as_bytes());
    assert_eq!((out(&output).as_str(), output.status.code()), ("总投入13.7亿元。\n", Some(0)));
    assert!(err(&output).is_empty());
}

#[test]
fn a_record_has_the_shape_of_the_contract() {
    let output = piped(&["clean", "--format", "json", "-"], "总投入13。7亿元,好。\n".as_bytes());
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let keys: Vec<&str> = record.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["id", "title", "text", "flags", "rules", "edits", "parts", "stats", "source", "meta", "versions"]
    );
    let first = &record["edits"][0];
    assert_eq!(
        (first["rule"].as_str(), first["before"].as_str(), first["after"].as_str()),
        (Some("zh/decimal-point"), Some("。"), Some("."))
    );
    assert_eq!(record["source"]["encoding"], "UTF-8");
    assert_eq!(record["stats"]["script"], "hans");
    assert!(record["versions"]["rules"].as_str().is_some_and(|digest| digest.starts_with("sha256:")));
    let ranges = piped(&["clean", "--format", "json", "--edits", "ranges"], "好,的。\n".as_bytes());
    let record: Value = serde_json::from_slice(&ranges.stdout).expect("JSON");
    assert!(record["edits"][0].get("before").is_none());
    let none = piped(&["clean", "--format", "json", "--edits", "none"], "好,的。\n".as_bytes());
    assert!(serde_json::from_slice::<Value>(&none.stdout).expect("JSON").get("edits").is_none());
}

#[test]
fn folders_and_records_come_out_in_order_whatever_the_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    for n in 0..40 {
        file(folder.path(), &format!("d{}/f{n:02}.txt", n % 3), format!("第{n}号文件,正文。").as_bytes());
    }
    let lines: String =
        (0..500).map(|n| format!("{{\"id\":\"r{n}\",\"text\":\"第{n}条,正文。\",\"tag\":{n}}}\n")).collect();
    let jsonl = file(folder.path(), "z.jsonl", lines.as_bytes());
    let one = run(&["clean", text(folder.path()), "--threads", "1"]);
    let four = run(&["clean", text(folder.path()), "--threads", "4"]);
    assert_eq!(one.stdout, four.stdout);
    let got = records(&one);
    assert_eq!(got.len(), 540);
    assert_eq!(got[0]["id"], "d0/f00.txt");
    assert_eq!(
        (got[45]["id"].as_str(), &got[45]["meta"]["tag"], got[45]["text"].as_str()),
        (Some("r5"), &Value::from(5), Some("第5条，正文。"))
    );
    assert!(jsonl.exists());
}

#[test]
fn fields_are_renamed_and_compressed_records_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all("{\"uri\":\"https://www.example.com/1\",\"body\":\"好,的。\"}\n".as_bytes()).expect("written");
    let path = file(folder.path(), "crawl.jsonl.gz", &gz.finish().expect("ends"));
    let output = run(&["clean", text(&path), "--fields", "id=uri,text=body"]);
    let got = records(&output);
    assert_eq!((got[0]["id"].as_str(), got[0]["text"].as_str()), (Some("https://www.example.com/1"), Some("好，的。")));
    let output = run(&["clean", text(&path), "--fields", "idd=uri"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn one_bad_input_never_stops_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "a.txt", "好,的。".as_bytes());
    file(folder.path(), "b.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0");
    file(folder.path(), "c.jsonl", b"{\"id\":\"1\",\"text\":\"ok\"}\nnot json\n{\"id\":\"1\",\"text\":\"again\"}\n");
    let output = run(&["clean", text(folder.path()), "no-such-file.txt"]);
    assert_eq!(output.status.code(), Some(1));
    let got = records(&output);
    let codes: Vec<&str> = got.iter().filter_map(|record| record["error"]["code"].as_str()).collect();
    assert_eq!(codes, ["binary_input", "bad_record", "repeated_id", "unreadable_input"], "{}", out(&output));
    assert_eq!(got.iter().filter(|record| record.get("text").is_some()).count(), 2);
    assert!(err(&output).contains("b.png") && err(&output).contains("no-such-file.txt"));
}

#[test]
fn out_writes_a_file_for_each_document() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "in/a/x.txt", "好,的。".as_bytes());
    file(folder.path(), "in/b.jsonl", "{\"id\":\"../../evil\",\"text\":\"好,的。\"}\n{\"id\":\"bad\"}\n".as_bytes());
    let target = folder.path().join("out");
    let output = run(&["clean", text(&folder.path().join("in")), "--out", text(&target)]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert_eq!(
        std::fs::read_to_string(target.join("a/x.txt.txt"))
            .or_else(|_| std::fs::read_to_string(target.join("a/x.txt")))
            .expect("written"),
        "好，的。"
    );
    assert!(std::fs::read_to_string(target.join("errors.ndjson")).expect("written").contains("bad_record"));
    assert!(!folder.path().join("evil.txt").exists() && !folder.path().join("evil").exists());
}

#[test]
fn unusable_arguments_are_refused_with_a_hint() {
    for (args, word) in [
        (&["clean", "--profile", "zhh", "x.txt"][..], "zhh"),
        (&["clean", "--without", "no-such-rule", "x.txt"], "no-such-rule"),
        (&["clean", "--rules", "no-such-folder", "x.txt"], "no-such-folder"),
        (&["clean", "--url", "https://a.example.com", "a.txt", "b.txt"], "--url"),
        (&["clean", "--bogus"], "--bogus"),
        (&["rules", "new", "Not Kebab"], "Not Kebab"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(word), "{args:?}: {}", err(&output));
    }
    let output = piped(&["clean", "--encoding", "utf-9"], b"abc");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("unknown_encoding") && err(&output).contains("UTF-8"), "{}", err(&output));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: String = (0..20_000).map(|n| format!("{{\"id\":\"r{n}\",\"text\":\"第{n}条,正文。\"}}\n")).collect();
    let path = file(folder.path(), "many.jsonl", lines.as_bytes());
    let mut child =
        taoxi(&["clean", text(&path)]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_130_and_whole_lines() {
    use std::io::{BufRead as _, BufReader};
    let mut child = taoxi(&["clean", "--format", "ndjson", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let mut stdin = child.stdin.take().expect("piped");
    let feed = std::thread::spawn(move || {
        let mut n = 0_u64;
        while writeln!(stdin, "{{\"id\":\"r{n}\",\"text\":\"第{n}条,正文。\"}}").is_ok() {
            n += 1;
        }
    });
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    for _ in 0..100 {
        lines.next().expect("a line").expect("text");
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("sent");
    assert!(killed.success());
    for line in lines {
        let line = line.expect("text");
        serde_json::from_str::<Value>(&line).unwrap_or_else(|error| panic!("a torn record: {error}: {line}"));
    }
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    feed.join().expect("fed");
}

#[test]
fn rules_are_listed_checked_tested_and_explained() {
    let list = run(&["rules", "list"]);
    assert!(out(&list).contains("rule files") && list.status.success());
    let schema: Value = serde_json::from_slice(&run(&["rules", "schema"]).stdout).expect("JSON");
    assert_eq!(schema["title"], "taoxi rule file");
    let folder = tempfile::tempdir().expect("a folder");
    let new = run(&["rules", "new", "my-site", "--dir", text(folder.path())]);
    assert!(new.status.success(), "{}", err(&new));
    assert_eq!(
        run(&["rules", "new", "my-site", "--dir", text(folder.path())]).status.code(),
        Some(2),
        "an existing file is not overwritten"
    );
    let test = run(&["rules", "test", text(folder.path()), "--only", "my-site"]);
    assert!(test.status.success(), "{}", out(&test));
    let page = file(folder.path(), "page.txt", "正文第一段。\n加客服微信：abc0000\n总投入13。7亿元。\n".as_bytes());
    let explain = run(&["rules", "explain", text(&page), "--rules", text(folder.path())]);
    assert!(
        out(&explain).contains("line 2:")
            && out(&explain).contains("why:")
            && out(&explain).contains("line 3: zh/decimal-point"),
        "{}",
        out(&explain)
    );
}

#[test]
fn a_broken_rule_file_is_named_with_line_column_and_caret() {
    let folder = tempfile::tempdir().expect("a folder");
    file(
        folder.path(),
        "broken.toml",
        b"id = \"broken\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"a\"\nkind = \"drop-lime\"\n[[step]]\nid = \"b\"\nkind = \"drop-line\"\nlin = { contains = \"abcd\" }\n[[step]]\nid = \"c\"\nkind = \"drop-line\"\nline = { regex = '(?:x{1,1000}){1,1000}abcd' }\n",
    );
    let output = run(&["rules", "check", text(folder.path())]);
    let shown = out(&output);
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "broken.toml:6:8: unknown kind", "did you mean `drop-line`?", "broken.toml:10:1: unknown key `lin`",
        "did you mean `line`?", "^^^",
    ] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    let output = run(&["clean", "--rules", text(folder.path()), "x.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("bad_rule"));
}

#[test]
fn a_regex_bomb_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "bomb.toml", "id = \"bomb\"\ntitle = \"t\"\nwhy = \"w\"\n[[step]]\nid = \"a\"\nkind = \"drop-line\"\nline = { regex = '加微信(?:\\w{1,200}){1,200}' }\n".as_bytes());
    let output = run(&["rules", "check", text(folder.path())]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("compiles to more than"), "{}", out(&output));
}

#[test]
fn an_overlay_replaces_and_switches_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = "全县的工作情况如下，各项任务稳步推进。\n责任编辑：某某\n";
    let packs: Vec<String> = serde_json::Deserializer::from_slice(&run(&["rules", "list", "--json"]).stdout)
        .into_iter::<Value>()
        .filter_map(Result::ok)
        .filter(|file| file["hosts"].as_array().is_some_and(Vec::is_empty))
        .filter_map(|file| file["id"].as_str().map(str::to_owned))
        .collect();
    assert!(!packs.is_empty());
    assert!(!out(&piped(&["clean"], page.as_bytes())).contains("责任编辑"));
    for id in packs {
        file(
            folder.path(),
            &format!("{id}.toml"),
            format!("id = \"{id}\"\ntitle = \"off\"\nwhy = \"off\"\nenabled = false\n").as_bytes(),
        );
    }
    assert!(out(&piped(&["clean", "--rules", text(folder.path())], page.as_bytes())).contains("责任编辑"));
}

#[test]
fn settings_show_their_origin_and_faults() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = file(folder.path(), "taoxi.toml", b"profile = \"keep\"\n");
    let show = run(&["config", "show", "--config", text(&config)]);
    assert!(
        out(&show)
            .lines()
            .any(|line| line.starts_with("profile") && line.contains("keep") && line.contains("taoxi.toml:1")),
        "{}",
        out(&show)
    );
    let output = taoxi(&["clean", "--config", text(&config)]).stdin(Stdio::null()).output().expect("runs");
    assert!(output.status.success());
    let bad = file(folder.path(), "bad.toml", b"profil = \"keep\"\n");
    let check = run(&["config", "check", "--config", text(&bad)]);
    assert_eq!(check.status.code(), Some(1));
    assert!(out(&check).contains("bad.toml:1:1") && out(&check).contains("profile"), "{}", out(&check));
}

#[test]
fn completions_and_the_manual_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert!(script.status.success() && out(&script).contains("taoxi"));
    }
    let manual = run(&["man"]);
    for command in ["clean", "rules", "config", "completions"] {
        assert!(out(&manual).contains(command));
    }
}

#[test]
fn encodings_are_found_declared_or_named() {
    let sentence = "全县教育工作会议在县城召开，总结上一年度的工作，部署下一阶段的任务。";
    for (label, encoding) in
        [("GBK", encoding_rs::GBK), ("Big5", encoding_rs::BIG5), ("Shift_JIS", encoding_rs::SHIFT_JIS)]
    {
        let source = if label == "GBK" {
            sentence
        } else if label == "Big5" {
            "全縣教育工作會議在縣城召開，總結上一年度的工作，部署下一階段的任務。"
        } else {
            "全県の教育会議が開かれ、昨年度の活動を振り返り、次の段階の課題を示した。"
        };
        let (bytes, _, _) = encoding.encode(source);
        let output = piped(&["clean", "--format", "json", "--profile", "keep"], &bytes);
        let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((record["source"]["encoding"].as_str(), record["text"].as_str()), (Some(label), Some(source)));
    }
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(sentence.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(out(&piped(&["clean"], &utf16)), sentence);
    let (gbk, _, _) = encoding_rs::GBK.encode(sentence);
    let page =
        [b"<html><head><meta charset=\"utf-8\"></head><body><p>".as_slice(), &gbk, b"</p></body></html>"].concat();
    assert_eq!(out(&piped(&["clean"], &page)), sentence, "a lying declaration");
    assert_eq!(out(&piped(&["clean", "--encoding", "gbk"], &gbk)), sentence);
}

#[test]
fn damaged_text_is_washed_and_flagged() {
    let mut bytes = "正文在此，没有结束的字：汉".as_bytes().to_vec();
    bytes.pop();
    let output = piped(&["clean", "--format", "json"], &bytes);
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(
        record["text"].as_str().is_some_and(|text| text.contains('\u{fffd}'))
            && record["flags"].to_string().contains("bad_bytes"),
        "{record}"
    );
    let output = piped(&["clean"], "正\0文\0在此。".as_bytes());
    assert_eq!(out(&output), "正文在此。");
    let output = piped(&["clean", "--format", "json"], b"");
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(record["flags"][0], "empty");
}

#[test]
fn html_is_rendered_and_washed() {
    let page = "<!doctype html><html><head><title>报告</title><style>p{}</style></head><body><nav>首页</nav><p>总投入13。7亿元。</p><p style=\"display:none\">隐藏</p><p>责任编辑：某某</p></body></html>";
    let output = piped(&["clean", "--format", "json"], page.as_bytes());
    let record: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((record["title"].as_str(), record["source"]["media_type"].as_str()), (Some("报告"), Some("text/html")));
    let text = record["text"].as_str().expect("text");
    assert!(text.contains("总投入13.7亿元。") && !text.contains("隐藏") && !text.contains("责任编辑"), "{text}");
    let plain = piped(&["clean", "--type", "text", "--profile", "keep"], page.as_bytes());
    assert!(out(&plain).contains("<nav>"));
}
