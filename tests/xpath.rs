//! XPath over pages: what expressions give, against expectations and against another evaluator, and within which work.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::io::Write as _;
use std::process::{Command, Stdio};

use taoxi::html::xpath::{Budget, Exceeded, MAX_SOURCE, Sample, Under, XPathError};
use taoxi::html::{Limits, XPath};
use taoxi::rules::import::ftr;

fn page() -> &'static str {
    include_str!("fixtures/xpath/page.html").trim_end()
}

/// An expression, a tab, and the texts of what it gives on the page, as JSON.
const EXPECTED: &str = include_str!("fixtures/xpath/expected.tsv");

fn texts(source: &str, xpath: &str, looks: u64) -> Result<Vec<String>, Exceeded> {
    let parsed: XPath = xpath.parse().unwrap_or_else(|error| panic!("{xpath}: {error}"));
    parsed.texts_on(source, &Limits::default(), &mut Budget::new(looks))
}

#[test]
fn expressions_give_what_they_should() {
    let mut count = 0;
    for line in EXPECTED.lines() {
        let (xpath, expected) = line.split_once('\t').expect("two columns");
        let expected: Vec<String> = serde_json::from_str(expected).expect("a list");
        assert_eq!(texts(page(), xpath, 1 << 20), Ok(expected), "{xpath}");
        count += 1;
    }
    assert!(count >= 100, "{count} expressions");
}

#[test]
fn css_and_xpath_mean_the_same() {
    for line in EXPECTED.lines() {
        let (xpath, expected) = line.split_once('\t').expect("two columns");
        let parsed: XPath = xpath.parse().expect("parses");
        let Some((css, attribute)) = parsed.to_css_value() else { continue };
        let selector = taoxi::html::Selector::parse(&css).unwrap_or_else(|error| panic!("{css}: {error}"));
        let back = XPath::from_css(&selector, attribute.as_deref());
        let expected: Vec<String> = serde_json::from_str(expected).expect("a list");
        assert_eq!(
            back.texts_on(page(), &Limits::default(), &mut Budget::new(1 << 20)),
            Ok(expected),
            "{xpath}: {css}"
        );
    }
}

/// Asks lxml; `None`, with a line, when it is not installed. `TAOXI_TEST_PYTHON` names another Python.
fn asked(asks: &[(String, String)]) -> Option<Vec<serde_json::Value>> {
    const SCRIPT: &str = r#"
import sys, json
from lxml import html
def show(value):
    if isinstance(value, bool): return ["true" if value else "false"]
    if isinstance(value, float): return [str(int(value)) if value == int(value) else repr(value)]
    if isinstance(value, str): return [str(value)]
    return [str(v) if isinstance(v, str) else v.xpath("string(.)") for v in value]
for line in sys.stdin:
    page, xpath = json.loads(line)
    try:
        print(json.dumps(show(html.document_fromstring(page).getroottree().xpath(xpath))))
    except Exception as error:
        print(json.dumps({"error": str(error)}))
"#;
    let python = std::env::var("TAOXI_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_lxml = Command::new(&python).args(["-c", "import lxml"]).output().is_ok_and(|out| out.status.success());
    if !has_lxml {
        println!("SKIPPED: {python} with lxml is not here");
        return None;
    }
    let mut child = Command::new(&python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("a pipe");
    let lines: String = asks.iter().map(|ask| serde_json::to_string(ask).expect("a line") + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let out = child.wait_with_output().expect("answers");
    writer.join().expect("no panic").expect("written");
    let answers = String::from_utf8(out.stdout).expect("UTF-8");
    Some(answers.lines().map(|line| serde_json::from_str(line).expect("an answer")).collect())
}

#[test]
fn another_evaluator_agrees_on_the_expressions() {
    let lines: Vec<(&str, &str)> = EXPECTED.lines().filter_map(|line| line.split_once('\t')).collect();
    let asks: Vec<(String, String)> = lines.iter().map(|(xpath, _)| (page().to_owned(), (*xpath).to_owned())).collect();
    let Some(answers) = asked(&asks) else { return };
    for ((xpath, expected), answer) in lines.iter().zip(answers) {
        assert_eq!(serde_json::from_str::<serde_json::Value>(expected).expect("JSON"), answer, "{xpath}");
    }
}

/// The XPath of real site files, each with a page made up for it.
fn real() -> Option<Vec<(String, String)>> {
    let folder = common::beside("bench/ftr")?;
    let mut asks = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let source = String::from_utf8_lossy(&std::fs::read(entry.expect("a file").path()).expect("read")).into_owned();
        for line in source.lines() {
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            // The other evaluator tells capitals from small letters in names.
            let is_cased = value.contains("itemProp");
            if !ftr::EXTRACTION.contains(&name.trim()) || name.contains("id_or_class") || is_cased {
                continue;
            }
            let Ok(xpath) = value.parse::<XPath>() else { continue };
            let mut sample = Sample::new();
            sample.add_paragraph("Before it.");
            if matches!(name.trim(), "body" | "title" | "author" | "date" | "strip")
                && sample.add(&xpath, Under::Page, "Here it is")
            {
                asks.push((sample.html(true), value.to_owned()));
            }
        }
    }
    asks.sort();
    Some(asks)
}

#[test]
fn expressions_of_real_site_files_find_what_was_made_up_for_them() {
    let Some(asks) = real() else { return };
    let mut missed = Vec::new();
    for (page, xpath) in &asks {
        let found = texts(page, xpath, 1 << 20).expect("cheap");
        if !found.iter().any(|text| text.contains("Here it is") || !text.is_empty()) {
            missed.push(xpath.clone());
        }
    }
    println!("{} expressions with pages, {} of them find nothing there", asks.len(), missed.len());
    assert!(missed.len() * 50 < asks.len(), "{missed:#?}");
}

#[test]
fn another_evaluator_agrees_on_expressions_of_real_site_files() {
    let Some(asks) = real() else { return };
    let Some(answers) = asked(&asks) else { return };
    let mut differ = Vec::new();
    let mut same = 0;
    for ((page, xpath), answer) in asks.iter().zip(answers) {
        let Some(wanted) = answer.as_array() else { continue };
        let wanted: Vec<&str> = wanted.iter().filter_map(serde_json::Value::as_str).collect();
        // The other reader ends paragraphs where made-up pages nest them, so white space at ends is not compared.
        let found = texts(page, xpath, 1 << 20).expect("cheap");
        if found.iter().map(|text| text.trim()).eq(wanted.iter().map(|text| text.trim())) {
            same += 1;
        } else {
            differ.push(format!("{xpath}\n  here {found:?}\n  there {wanted:?}\n  on {page}"));
        }
    }
    println!("{same} expressions agree, {} differ\n{}", differ.len(), differ.join("\n"));
    assert!(differ.len() * 50 < same, "{} differ", differ.len());
}

#[test]
fn broken_expressions_are_refused_where_they_break() {
    for (xpath, expected) in [
        ("", "byte 0: the end cannot stand here in an XPath"),
        ("//", "byte 2: the end cannot stand here"),
        ("//div[", "byte 6: the end cannot stand here"),
        ("//div[@class='x'", "byte 16: the end cannot stand here in an XPath; expected `]`"),
        ("//div]", "byte 5: `]` cannot stand here"),
        ("//div[@class='x]", "byte 13: the string that begins here is never closed"),
        ("//a[matches(., 'x')]", "byte 4: there is no function `matches()` here"),
        ("//a[contains('x')]", "byte 4: `contains()` cannot take these arguments"),
        ("count('x')", "byte 0: `count()` cannot take these arguments"),
        ("//@*", "byte 2: an attribute without a name cannot be evaluated here"),
        ("$x", "byte 0: a variable cannot be evaluated here"),
        ("nowhere::a", "byte 0: `n` cannot stand here"),
        ("'a' | //b", "`|` beside a string or number cannot stand here"),
        ("//淘[", "byte 6: the end cannot stand here"),
    ] {
        let error = xpath.parse::<XPath>().expect_err(xpath).to_string();
        assert!(error.contains(expected), "{xpath}: {error}");
    }
}

#[test]
fn huge_and_deep_expressions_are_refused() {
    let long = format!("//a[. = '{}']", "x".repeat(MAX_SOURCE));
    assert!(matches!(long.parse::<XPath>(), Err(XPathError::TooLong(_))));
    for source in [
        format!("{}1{}", "(".repeat(1000), ")".repeat(1000)),
        format!("//a{}1{}", "[b".repeat(500), "]".repeat(500)),
        format!("{}true(){}", "not(".repeat(500), ")".repeat(500)),
        "1+".repeat(1000) + "1",
        "//a".repeat(600),
        "-".repeat(1000) + "1",
        "a|".repeat(1000) + "a",
    ] {
        assert_eq!(source.parse::<XPath>(), Err(XPathError::TooComplex), "{}", &source[..20]);
    }
}

#[test]
fn no_expression_costs_more_than_its_budget() {
    let nested = "<div>".repeat(400) + &"<p>words to be found</p>".repeat(2000);
    let flat = "<p>x</p>".repeat(20_000);
    let looks = 4 << 20;
    for (page, xpath) in [
        (&nested, "//div[.//p[.//text()]]/ancestor::div[.//p]"),
        (&flat, "//p[//p[//p]]"),
        (&flat, "//p[count(preceding-sibling::p) > count(following-sibling::p)]"),
        (&flat, "//p[. = //p[last()]/preceding::p]"),
        (&flat, "//p[concat(//body, ., //body) = 'x']"),
    ] {
        assert_eq!(texts(page, xpath, looks), Err(Exceeded), "{xpath}");
    }
    // What site files ask for stays about linear.
    for (page, xpath) in [
        (&nested, "//div[contains(., 'to be found')]//p[1]"),
        (
            &nested,
            "//p/ancestor::div | //p/following-sibling::p | //div/descendant::p | //p/following::p | //p/preceding::p",
        ),
        (&flat, "//p[starts-with(., 'x')]/following-sibling::p[1]"),
        (&flat, "(//p)[last()] | //p[20000] | //p/parent::*//p"),
    ] {
        assert!(texts(page, xpath, looks).is_ok(), "{xpath}");
    }
}
