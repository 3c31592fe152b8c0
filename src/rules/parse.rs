//! Reading a rule file.

use std::sync::Arc;

use super::file::{PageTest, RuleFile, RuleTest};
use super::locators;
use super::reader::{Reader, RuleError, Table};
use super::step;
use crate::document::Flag;
use crate::steps::doc::Place;
use crate::steps::words::Words;
use crate::text::fold::fold;

/// Reads and compiles a rule file. `origin` is the name to print, `group` the folder it stands in.
pub(super) fn parse(origin: &str, group: &str, source: &str) -> Result<RuleFile, Vec<RuleError>> {
    let reader = Reader::new(origin, source);
    let file = reader.document().map(|table| file(table, origin, group, source));
    let errors = reader.into_errors();
    match file {
        Some(file) if errors.is_empty() => Ok(file),
        _ => Err(errors),
    }
}

fn file(table: Table<'_, '_>, origin: &str, group: &str, source: &str) -> RuleFile {
    let id = table.required("id");
    if !step::is_kebab(&id) && !id.is_empty() {
        table.fault(format!("the id `{id}` is not kebab-case: lower-case letters, digits and single hyphens"));
    }
    let title = table.required("title");
    let why = table.required("why");
    let hosts = hosts(&table);
    let subdomains = table.bool("subdomains").unwrap_or(true);
    let signs = signs(&table);
    let enabled = table.bool("enabled").unwrap_or(true);
    let lists: step::WordLists = table
        .table("words", "[words]")
        .map(|lists| lists.named_lists())
        .unwrap_or_default()
        .into_iter()
        .map(|(name, words)| (name, Arc::new(Words::new(words.iter().map(String::as_str)))))
        .collect();
    let mut steps = Vec::new();
    for inner in table.tables("step", "a step") {
        let span = inner.span();
        if let Some(step) = step::read(inner, Place::Rules, &lists) {
            if steps.iter().any(|other: &super::StepDef| other.id == step.id) {
                table.fault_at(span.start..span.start + 1, format!("two steps are called `{}`", step.id), None);
            }
            steps.push(step);
        }
    }
    let html = table.table("html", "[html]").map(locators::html).unwrap_or_default();
    let tests = table.tables("test", "a test").into_iter().map(|inner| test(inner, source)).collect();
    table.finish();
    RuleFile {
        id,
        title,
        why,
        hosts,
        subdomains,
        signs,
        enabled,
        steps,
        html,
        tests,
        group: group.to_owned(),
        origin: origin.to_owned(),
        source: source.to_owned(),
    }
}

fn hosts(table: &Table<'_, '_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for (host, span) in table.texts("hosts") {
        let shape = host.contains('.')
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        if !shape {
            table.fault_at(
                span,
                format!("`{host}` is no domain such as example.com (lower case, no scheme, no path)"),
                None,
            );
        }
        hosts.push(host);
    }
    hosts
}

fn signs(table: &Table<'_, '_>) -> Vec<String> {
    let mut signs = Vec::new();
    for (sign, span) in table.texts("signs") {
        if fold(&sign).chars().count() < 3 {
            table.fault_at(
                span,
                format!("the sign `{sign}` is too short to mark a site; it needs three characters"),
                None,
            );
        }
        signs.push(sign);
    }
    signs
}

fn test(table: Table<'_, '_>, source: &str) -> RuleTest {
    let line = source[..table.span().start.min(source.len())].matches('\n').count() + 1;
    let name = table.required("name");
    let is_page = table.has("html");
    if is_page == table.has("input") {
        table.fault("a test has either `input` (a text) or `html` (a page)");
    }
    let html = table.text("html");
    let input = html.or_else(|| table.text("input")).unwrap_or_default();
    let unchanged = table.bool("unchanged").unwrap_or(false);
    let expect = table.text("expect");
    if unchanged == expect.is_some() {
        table.fault("a test has either `expect` or `unchanged = true`");
    }
    if unchanged && is_page {
        table.fault("a page is never its own text; say what to `expect`");
    }
    let page = is_page.then(|| PageTest {
        title: table.text("title"),
        author: table.text("author"),
        date: table.text("date"),
    });
    let flags = table
        .texts("flags")
        .into_iter()
        .filter_map(|(name, span)| {
            let flag = Flag::parse(&name);
            if flag.is_none() {
                table.fault_at(span, format!("unknown flag `{name}`"), None);
            }
            flag
        })
        .collect();
    let url = table.text("url");
    table.finish();
    let expect = expect.unwrap_or_else(|| input.clone());
    RuleTest { name, input, page, expect, flags, url, line }
}
