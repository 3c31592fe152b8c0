//! Rules of other programs brought in: site files of fivefilters/ftr-site-config and filter lists.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use taoxi::clean::{imported, selftest};
use taoxi::document::MediaType;
use taoxi::rules::import::{Draft, Tally, cosmetic, ftr};
use taoxi::{CleanError, Cleaned, Cleaner, Document, Options, rules};

fn imported(name: &str, source: &str) -> Draft {
    let mut draft = ftr::read(name, name, source.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    imported::prove(&mut draft);
    draft
}

fn with(toml: &str) -> Cleaner {
    Cleaner::new(Arc::new(rules::load::load_one("x.toml", toml).unwrap_or_else(|error| panic!("{error}\n{toml}"))))
}

fn page(html: &str, url: &str) -> Document {
    let mut document = Document::from_text("page", html);
    document.media_type = MediaType::Html;
    document.url = Some(url.to_owned());
    document
}

fn clean(cleaner: &Cleaner, html: &str, url: &str) -> Cleaned {
    let options = Options { profile: Some("keep".to_owned()), ..Options::default() };
    cleaner.clean(page(html, url), &options).unwrap_or_else(|error| panic!("{error}"))
}

const SITE: &str = "# A made-up site file
title: //h1[@class='headline']
author: //meta[@name='who']/@content
author: substring-before(substring-after(//p[@class='by'], 'By '), ' on')
date: substring-before(substring-after(//p[@class='by'], 'on '), ' at')
body: //div[@id='gone']
body: //article/div[2] | //p[@class='coda']
strip: //aside
strip: //p[starts-with(., 'Read also')]/following-sibling::*
strip: //div[@class='note']/text()
strip_id_or_class: share
strip_image_src: /pixel.gif
find_string: <x-lead>
replace_string: <p>
replace_string(</x-lead>): </p>
prune: no
tidy: no
test_url: https://slate.example/1
test_contains: Dredging
";

const HTML: &str = "<!DOCTYPE html><html><head><title>T</title></head><body><h1 class=headline>Dredging
  is done</h1><p class=by>By Bo Sample on 5 March 2024 at noon</p><article><div>Menu</div><div><x-lead>The lead.</x-lead>
  <p>One.</p><aside>Buy</aside><p class='x share-it'>Share</p><div class=note>loose<b>kept</b>loose</div><p>Read also this</p><p>Other
  page</p></div></article><p class=coda>The end.</p><footer>Legal</footer></body></html>";

#[test]
fn a_site_file_becomes_a_rule_file_that_acts() {
    let toml = imported("slate.example.txt", SITE).toml();
    let cleaned = clean(&with(&toml), HTML, "https://www.slate.example/1");
    assert_eq!(cleaned.text, "The lead.\nOne.\nkept\nRead also this\nThe end.");
    assert_eq!(cleaned.title.as_deref(), Some("Dredging is done"));
    let record = cleaned.page.expect("a page");
    assert_eq!((record.author.as_deref(), record.date.as_deref()), (Some("Bo Sample"), Some("2024-03-05")));
    assert_eq!(["title", "author", "date"].map(|name| record.from[name]), ["rule"; 3]);
}

#[test]
fn the_file_says_what_it_was_made_of() {
    let toml = imported("slate.example.txt", SITE).toml();
    for wanted in [
        "# Made by `taoxi rules import` from slate.example.txt of fivefilters/ftr-site-config.",
        "# Licence of the source: public domain.",
        "hosts = [\"slate.example\"]\nsubdomains = false",
        "    # line 8: strip: //aside\n    \"aside\",",
        "    # line 3: author: //meta[@name='who']/@content\n    { css = 'meta[name=\"who\"]', attr = \"content\" },",
        "    # line 11: strip_id_or_class: share\n    '[class*=\"share\"], [id*=\"share\"]',",
        "{ xpath = \"//article/div[2] | //p[@class='coda']\" },",
        "# test_contains: Dredging",
        "[[html.replace]]\nfind = \"<x-lead>\"\nwith = \"<p>\"",
        "[[test]]",
    ] {
        assert!(toml.contains(wanted), "{wanted}\nis not in\n{toml}");
    }
    let set = Arc::new(rules::load::load_one("x.toml", &toml).expect("loads"));
    let outcome = selftest::run(&set, &[]);
    assert!(outcome.faults.is_empty() && outcome.tests >= 2, "{outcome:?}");
}

#[test]
fn a_file_acts_on_its_host_and_a_dot_on_all_below() {
    for (name, acts) in [("a.example.txt", [true, true, false]), (".a.example.txt", [true, true, true])] {
        let cleaner = with(&imported(name, "strip: //p[@class='x']\n").toml());
        let hosts = ["a.example", "www.a.example", "b.a.example"];
        let seen = hosts.map(|host| {
            !clean(&cleaner, "<p class=x>gone</p><p>kept</p>", &format!("https://{host}/")).text.contains("gone")
        });
        assert_eq!(seen, acts, "{name}");
    }
}

#[test]
fn alternatives_of_content_are_tried_in_order() {
    let cleaner =
        with(&imported("a.example.txt", "body: //div[@id='a']\nbody: //div[@id='b']/p[1]\nbody: //main\n").toml());
    let on = |html: &str| clean(&cleaner, html, "https://a.example/").text;
    let (a, b, main) = ("<div id=a>A</div>", "<div id=b><p>B</p><p>C</p></div>", "<main>M</main>");
    assert_eq!(on(&format!("{main}{b}{a}")), "A");
    assert_eq!(on(&format!("{main}{b}<div id=a> <img> </div>")), "B");
    assert_eq!(on(&format!("{main}x")), "M");
    assert_eq!(on("<p>none of them</p>"), "none of them");
}

#[test]
fn what_cannot_be_brought_over_is_named_with_its_line() {
    let source: &[u8] = b"body: //div[@class='x'\nstrip: 'text'\nstrip: //a/@href\nnonsense: 1\nno colon\n\
        single_page_link: //a\nhttp_header(User-Agent): x: y\nfind_string: alone\nstrip: //p[\xFF]\nwrap_in(i): //b\nbody:\n\
        strip: id('x')\nautodetect_on_failure: no\nprune: yes\nstrip: //i\n";
    let draft = ftr::read("bad.example.txt", "bad.example.txt", source).expect("a draft");
    let lines: Vec<(usize, &str)> = draft.notes.iter().map(|note| (note.line, note.message.as_str())).collect();
    for (line, wanted) in [
        (1, "an XPath that cannot be evaluated: byte 16"),
        (2, "gives a string"),
        (3, "attributes where elements are wanted"),
        (4, "unknown directive"),
        (5, "no directive"),
        (6, "fetching"),
        (7, "fetching"),
        (8, "do not pair up"),
        (9, "no UTF-8"),
        (10, "changes markup only"),
        (11, "no value"),
        (12, "there is no function `id()`"),
        (13, "the learned choice"),
        (14, "whole"),
    ] {
        assert!(
            lines.iter().any(|(at, message)| *at == line && message.contains(wanted)),
            "{line}: {wanted}\n{lines:#?}"
        );
    }
    assert_eq!(lines.len(), 14);
    assert_eq!(draft.entries(), 1);
    rules::load::load_one("x.toml", &draft.toml()).expect("the rest loads");
}

#[test]
fn names_that_are_no_hosts_and_huge_files_are_refused() {
    for name in ["global.txt", "", ".txt", "..", "a b.example.txt", "-a.example.txt", "a..example.txt"] {
        assert!(matches!(ftr::read(name, name, b""), Err(ftr::FtrError::NoHost(_))), "{name}");
    }
    let huge = vec![b'x'; 2 << 20];
    assert!(matches!(ftr::read("a.example.txt", "a", &huge), Err(ftr::FtrError::TooLarge(_))));
    let places: Vec<String> = (0..5000).map(|number| format!("strip: //p{number}\n")).collect();
    let many = "strip_id_or_class: x\n".repeat(100) + &places.concat();
    let draft = ftr::read("a.example.txt", "a", many.as_bytes()).expect("a draft");
    rules::load::load_one("x.toml", &draft.toml()).expect("loads");
    assert!(draft.notes.iter().any(|note| note.message.contains("more entries")));
}

#[test]
fn odd_strings_come_through_toml() {
    let source = "body: //div[@id=\"it's\"]\nfind_string: '''\"\\\nreplace_string: \\u0041\"\"\"\nstrip_id_or_class: a\"b'c\\d\n";
    let draft = imported("a.example.txt", source);
    let cleaner = with(&draft.toml());
    let outcome =
        clean(&cleaner, "<div id=\"it's\">a '''\"\\ b<p class='ab abc\\d'>gone</p></div>", "https://a.example/");
    assert_eq!(outcome.text, "a \\u0041\"\"\" b");
}

#[test]
fn rules_and_pages_that_cost_too_much_end_in_a_named_error() {
    let cleaner = with(&imported("a.example.txt", "strip: //p[//p[//p]]\n").toml());
    let options = Options::default();
    let costly = cleaner.clean(page(&"<p>x</p>".repeat(20_000), "https://a.example/"), &options);
    assert!(matches!(costly, Err(CleanError::Work { .. })), "{costly:?}");
    assert!(cleaner.clean(page(&"<p>x</p>".repeat(20), "https://a.example/"), &options).is_ok());
    let grows: String = (0..60).map(|_| "find_string: x\nreplace_string: xxxxxxxx\n").collect();
    let cleaner = with(&imported("a.example.txt", &grows).toml());
    let costly = cleaner.clean(page("<p>x</p>", "https://a.example/"), &options);
    assert!(matches!(costly, Err(CleanError::Work { .. })), "{costly:?}");
}

#[test]
fn a_switched_off_file_does_not_act_on_pages_either() {
    let cleaner = with(&imported("a.example.txt", "strip: //p[@class='x']\n").toml());
    let options = Options { without: vec!["ftr-a-example".to_owned()], ..Options::default() };
    let outcome = cleaner.clean(page("<p class=x>here</p>", "https://a.example/"), &options).expect("cleans");
    assert_eq!(outcome.text, "here");
}

const LIST: &str = "! Title: A made-up list\n! Licence: https://lists.example/licence\n##.everywhere\na.example##.ad\n\
    a.example,~www.a.example##.b\na.example#?#p:has(> i)\na.example##div:has-text(Buy) + p\na.example#@#.taken-back\n\
    a.*##.taken-back\nb.example##.other\nx.a.example##.below\na.example##+js(noise)\na.example##p:matches-css(top: 0)\n";

#[test]
fn hiding_rules_of_a_host_become_what_goes() {
    let lists = [("list.txt".to_owned(), LIST.to_owned())];
    let mut draft = cosmetic::read(&lists, "a.example").expect("a draft");
    let exercised = imported::prove(&mut draft);
    let toml = draft.toml();
    assert!(
        toml.contains("from A made-up list (list.txt)") && toml.contains("https://lists.example/licence"),
        "{toml}"
    );
    let html = "<p class=ad>ad</p><p class=b>b</p><p><i>i</i></p><div>Buy</div><p>next</p><p class=taken-back>stays</p>\
        <p class=everywhere>generic</p><p class=other>other</p>";
    assert_eq!(clean(&with(&toml), html, "https://a.example/").text, "Buy\nstays\ngeneric\nother");
    let refused: Vec<&str> = draft.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(refused.len(), 4, "{refused:#?}");
    for wanted in ["now acts on the hosts that it leaves out", "hosts below only", "+js()", "`:matches-css`"] {
        assert!(refused.iter().any(|message| message.contains(wanted)), "{wanted}: {refused:#?}");
    }
    assert_eq!((exercised.entries, exercised.of), (4, 4));
    assert!(cosmetic::read(&lists, "no host").is_err());
}

/// Of the directives that concern extraction, at least so many percent are brought over.
const WANTED_PERCENT: usize = 95;

#[test]
fn real_site_files_are_brought_over() {
    let Some(folder) = common::beside("bench/ftr") else { return };
    let out = tempfile::tempdir().expect("a folder");
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    names.sort();
    let (mut tally, mut notes, mut files) = (Tally::default(), Vec::new(), 0);
    let (mut entries, mut shown, mut of, mut tests) = (0, 0, 0, 0);
    for path in &names {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let mut draft = ftr::read(&name, &name, &std::fs::read(path).expect("read")).unwrap_or_else(|e| panic!("{e}"));
        tally.merge(&draft.tally);
        notes.extend(draft.notes.clone());
        let exercised = imported::prove(&mut draft);
        (shown, of) = (shown + exercised.entries, of + exercised.of);
        (entries, tests, files) =
            (entries + draft.entries(), tests + draft.tests.len(), files + usize::from(!draft.is_empty()));
        let again = ftr::read(&name, &name, &std::fs::read(path).expect("read")).map(|mut draft| {
            imported::prove(&mut draft);
            draft.toml()
        });
        assert_eq!(again.as_deref(), Ok(draft.toml().as_str()), "{name}: not the same twice");
        if !draft.is_empty() {
            std::fs::write(out.path().join(format!("{}.toml", draft.id)), draft.toml()).expect("written");
        }
    }
    println!("{tally}");
    for note in notes.iter().filter(|note| !note.message.contains("fetching")) {
        println!("{note}");
    }
    println!(
        "{} site files, {files} rule files, {entries} entries, {tests} tests that show {shown} of {of} entries",
        names.len()
    );
    let set = Arc::new(rules::load(Some(out.path())).unwrap_or_else(|error| panic!("{error}")));
    let outcome = selftest::run(&set, &[]);
    let faults: Vec<String> = outcome.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let (all, good) = tally.share(&ftr::EXTRACTION);
    println!("{good} of {all} directives that concern extraction: {:.1} %", 100.0 * good as f64 / all as f64);
    assert!(good * 100 >= all * WANTED_PERCENT, "{good} of {all}");
    assert!(shown * 100 >= of * 70, "tests show {shown} of {of} entries");
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taoxi"));
    command.current_dir(folder).args(args).env("XDG_CONFIG_HOME", "/nonexistent").output().expect("runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_command_writes_files_that_check_and_test() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).expect("written");
    std::fs::create_dir(folder.path().join("in")).expect("made");
    at("in/slate.example.txt", SITE);
    at("in/.all.example.txt", "strip: //nav\nsingle_page_link: //a\n");
    at("in/global.txt", "strip: //nav\n");
    at("list.txt", LIST);

    let out = run(folder.path(), &["rules", "import", "in", "--out", "rules"]);
    let (said, complained) = (text(&out.stdout), text(&out.stderr));
    assert_eq!(out.status.code(), Some(1), "{said}{complained}");
    assert!(said.contains("strip_id_or_class") && said.contains("2 rule files written to rules, 1 failed"), "{said}");
    assert!(complained.contains(".all.example.txt:2: `single_page_link: //a` was not brought over"), "{complained}");
    assert!(complained.contains("global.txt: the name of a site file is its host"), "{complained}");

    let out = run(folder.path(), &["rules", "import", "list.txt", "--hosts", "a.example,b.example", "--out", "rules"]);
    assert!(text(&out.stdout).contains("2 rule files written"), "{}{}", text(&out.stdout), text(&out.stderr));
    for command in ["check", "test"] {
        let out = run(folder.path(), &["rules", command, "rules"]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
    }

    at("rules/ftr-slate-example.toml", "edited");
    let again = ["rules", "import", "in/slate.example.txt", "--out", "rules"];
    let out = run(folder.path(), &again);
    assert!(out.status.code() == Some(1) && text(&out.stderr).contains("is there already"), "{}", text(&out.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("rules/ftr-slate-example.toml")).expect("read"), "edited");
    assert_eq!(run(folder.path(), &[&again[..], &["--force"]].concat()).status.code(), Some(0));
}

#[test]
fn the_command_prints_one_file_and_asks_for_a_folder_for_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content).expect("written");
    at("a.example.txt", b"body: //main\n");
    at("b.example.txt", b"body: //main\n");
    at("c.example.txt", b"# nothing\n");
    let out = run(folder.path(), &["rules", "import", "a.example.txt"]);
    assert!(out.status.success() && text(&out.stdout).contains("id = \"ftr-a-example\""), "{}", text(&out.stdout));
    let out = run(folder.path(), &["rules", "import", "a.example.txt", "b.example.txt"]);
    assert!(out.status.code() == Some(2) && text(&out.stderr).contains("--out DIR"), "{}", text(&out.stderr));
    let out = run(folder.path(), &["rules", "import", "c.example.txt"]);
    assert!(out.status.code() == Some(2) && text(&out.stderr).contains("nothing in"), "{}", text(&out.stderr));
    let out = run(folder.path(), &["rules", "import", "missing.example.txt"]);
    assert!(out.status.code() == Some(1) && text(&out.stderr).contains("cannot read"), "{}", text(&out.stderr));
}
