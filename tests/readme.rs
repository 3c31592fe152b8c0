//! What the READMEs show is what the program does: the demonstration, the rule file, the files that are linked.

#![allow(clippy::expect_used, clippy::panic)] // a README that cannot be read fails the test

use std::path::Path;
use std::sync::Arc;

use taoxi::clean::selftest;
use taoxi::document::Flag;
use taoxi::{Cleaned, Cleaner, Document, Options};

const READMES: [&str; 2] = ["README.md", "README.zh.md"];

fn read(name: &str) -> String {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8(bytes).expect("UTF-8")
}

fn pair(name: &str) -> String {
    read(&format!("tests/fixtures/pair/{name}"))
}

fn washed(name: &str) -> Cleaned {
    let rules = Arc::new(taoxi::rules::load(None).unwrap_or_else(|error| panic!("{error}")));
    Cleaner::new(rules).clean(Document::from_text(name, pair(name)), &Options::default()).expect("washes")
}

/// The first fenced block after a mark.
fn block<'r>(readme: &'r str, mark: &str) -> &'r str {
    let after = readme.split_once(mark).unwrap_or_else(|| panic!("no {mark}")).1;
    let body = after.split_once("```").and_then(|(_, fenced)| fenced.split_once('\n')).expect("a fenced block").1;
    body.split_once("```").expect("the end of the block").0
}

#[test]
fn the_demonstration_shows_what_the_program_does() {
    let (source, cleaned) = (pair("a.txt"), washed("a.txt"));
    for name in READMES {
        let readme = read(name);
        let before: Vec<&str> = block(&readme, "<!-- before: a.txt -->").lines().collect();
        let after: Vec<&str> = block(&readme, "<!-- after: a.txt -->").lines().collect();
        assert!(before.len() >= 5 && after.len() >= 3, "{name}");
        for line in &before {
            assert!(source.lines().any(|other| other == *line), "{name}: not a line of a.txt: {line}");
        }
        for line in &after {
            assert!(cleaned.text.lines().any(|other| other == *line), "{name}: not a line of the washed a.txt: {line}");
        }
    }
}

#[test]
fn the_full_copy_loses_its_furniture_and_keeps_its_content() {
    let cleaned = washed("a.txt");
    for gone in ["当前位置", "砚台文档网", "eXaMpLe", "责任编辑", "上一篇", "分享到", "返回顶部", "ICP备", "。。", "““"]
    {
        assert!(!cleaned.text.contains(gone), "{gone} is left:\n{}", cleaned.text);
    }
    for kept in ["12所。2023年计划", "扫码关注县图书馆微信公众号", "占比81.37%", "“砚湖读书月”", "请批评指正。"]
    {
        assert!(cleaned.text.contains(kept), "{kept} is gone:\n{}", cleaned.text);
    }
}

#[test]
fn the_preview_copy_ends_at_its_wall() {
    let cleaned = washed("b.txt");
    for gone in ["试读", "未读", "0000000", "相关推荐", "侵权"] {
        assert!(!cleaned.text.contains(gone), "{gone} is left:\n{}", cleaned.text);
    }
    for kept in ["阅读点x所。20__年", "《青砚县全民阅读三年行动计划》", "部分村级书屋图书更新较慢。"]
    {
        assert!(cleaned.text.contains(kept), "{kept} is gone:\n{}", cleaned.text);
    }
    assert!(cleaned.flags.contains(&Flag::Truncated) && cleaned.flags.contains(&Flag::Masked), "{:?}", cleaned.flags);
}

#[test]
fn the_rule_file_of_the_readme_passes_its_tests() {
    for name in READMES {
        let readme = read(name);
        let source =
            block(readme.split_once("```toml").map(|(head, _)| &readme[head.len()..]).expect("a rule file"), "");
        let rules = taoxi::rules::load::load_one(name, source).unwrap_or_else(|error| panic!("{name}: {error}"));
        let outcome = selftest::run(&Arc::new(rules), &[]);
        assert!(outcome.tests == 2 && outcome.faults.is_empty(), "{name}: {:?}", outcome.faults);
    }
}

#[test]
fn linked_files_are_here() {
    for name in READMES
        .into_iter()
        .chain(["CONTRIBUTING.md", "docs/architecture.md", "docs/clean.md", "docs/operations.md", "docs/tour.md"])
    {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).parent().expect("a folder").to_owned();
        for target in read(name).split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let outside = target.is_empty() || target.contains("://");
            assert!(outside || folder.join(target).exists(), "{name} links {target}, which is not here");
        }
    }
}

#[test]
fn the_two_commands_come_first() {
    for name in READMES {
        let readme = read(name);
        let first = block(&readme, "##");
        let commands: Vec<&str> = first.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).collect();
        assert_eq!(commands, ["cargo run --release -- serve", "cargo test"], "{name}");
    }
}
