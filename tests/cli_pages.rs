//! HTML on the command line: filter lists and Markdown.

#![allow(clippy::expect_used)] // a test fails by panicking

use std::path::Path;
use std::process::{Command, Output};

const PAGE: &str = "<!doctype html><html><head><title>清淤工程完工_青石网</title></head><body><article><h1>清淤工程完工</h1>\
    <p>河道清淤工程昨天全部完工，沿岸的居民又能在堤上散步了。施工队一共清出淤泥三万方，运到城外的砖厂制砖。</p>\
    <p class='x promo-box'>这一段说的是别的事情：青石商店的雨伞今天打折，欢迎大家前来选购，数量有限，售完为止。</p>\
    <h2>下一步</h2><ol><li>在两岸种上柳树，明年春天就能成荫。<li>再修一条步道，从老街一直通到城外的砖厂。</ol>\
    <table><tr><th>项目<th>数量<tr><td>淤泥<td>三万方</table>\
    <pre>水深 = 2.5\n    米</pre>\
    <p>工程师说，水深比去年增加了一米半，今年汛期不会再淹到老街。</p></article></body></html>";

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taoxi"));
    command.current_dir(folder).args(args).env_remove("TAOXI_FILTER_LISTS").env("XDG_CONFIG_HOME", "/nonexistent");
    command.output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn filter_lists_take_out_what_they_hide_and_name_what_they_cannot() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).expect("written");
    at("page.html", PAGE);
    at("a.txt", "! a list\n##.promo-box\n||ads.example^\n##.x:has(.y)\n");
    at("b.txt", "quiet.example#@#.promo-box\n");
    let lists = ["--filter-list", "a.txt", "--filter-list", "b.txt"];
    let with = |more: &[&str]| run(folder.path(), &[&["clean", "page.html"], more].concat());

    assert!(text(&with(&[]).stdout).contains("青石商店"));
    let hidden = with(&lists);
    assert!(
        !text(&hidden.stdout).contains("青石商店") && text(&hidden.stdout).contains("三万方"),
        "{}",
        text(&hidden.stdout)
    );
    let said = text(&hidden.stderr);
    assert!(
        said.contains("1 rules hide elements") && said.contains("1 with `:has` (such as `##.x:has(.y)`)"),
        "{said}"
    );
    let excepted = with(&[&lists[..], &["--url", "https://www.quiet.example/"]].concat());
    assert!(text(&excepted.stdout).contains("青石商店"));
    let missing = with(&["--filter-list", "none.txt"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("none.txt"));
    // The lists in force belong to the digest of the rules.
    let digest = |more: &[&str]| {
        let output = with(&[&["--format", "json"], more].concat());
        let record: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a record");
        record["versions"]["rules"].clone()
    };
    assert_ne!(digest(&[]), digest(&lists));
}

#[test]
fn markdown_keeps_headings_lists_tables_and_code() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("page.html"), PAGE).expect("written");
    let output = run(folder.path(), &["clean", "--format", "markdown", "page.html"]);
    let shown = text(&output.stdout);
    for part in [
        "# 清淤工程完工\n\n河道",
        "\n## 下一步\n\n1. 在两岸种上柳树，明年春天就能成荫。\n2. 再修一条步道",
        "\n| 项目 | 数量 |\n| --- | --- |\n| 淤泥 | 三万方 |\n",
        "\n```\n水深 = 2.5\n    米\n```\n",
    ] {
        assert!(shown.contains(part), "{part}\n\n{shown}");
    }
    let output = run(folder.path(), &["clean", "--format", "markdown", "--out", "out", "page.html"]);
    assert_eq!(output.status.code(), Some(0));
    let written = std::fs::read(folder.path().join("out/page.html.md")).expect("a file");
    assert_eq!(text(&written), shown);
}

#[test]
fn plain_text_is_markdown_of_paragraphs() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.txt"), "# 一\n- 二\n三\n").expect("written");
    let output = run(folder.path(), &["clean", "--format", "markdown", "a.txt"]);
    assert_eq!(text(&output.stdout), "\\# 一\n\n\\- 二\n\n三\n");
}
