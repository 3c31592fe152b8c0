//! What docs/tour.md and the READMEs do with curl is done here, against a service that listens, and is answered as they say.

#![cfg(feature = "server")]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // a page that cannot be read fails the test

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::service::Service;

/// Where the pages say that the service is, and the program.
const ADDRESS: &str = "127.0.0.1:8077";
const PROGRAM: &str = "target/release/taoxi";

/// Nothing that a page shows takes long.
const SHELL: &str = "set -eu; curl() { command curl --max-time 60 \"$@\"; }\n";

/// A script of a page and what it prints.
struct Script {
    line: usize,
    commands: String,
    prints: String,
}

/// The blocks of `sh` with curl in them, each with the block that follows at once, if one does.
fn scripts(page: &str) -> Vec<Script> {
    let mut out: Vec<Script> = Vec::new();
    let (mut fence, mut ended) = (None::<(&str, usize, Vec<&str>)>, None::<usize>);
    for (number, line) in page.lines().enumerate() {
        match (&mut fence, line.strip_prefix("```")) {
            (None, Some(kind)) => fence = Some((kind, number, Vec::new())),
            (Some((_, _, lines)), None) => lines.push(line),
            (None, None) => {}
            (Some((kind, begun, lines)), Some(_)) => {
                let text = lines.join("\n");
                if *kind == "sh" && text.contains("curl ") {
                    out.push(Script { line: *begun + 1, commands: text, prints: String::new() });
                    ended = Some(number);
                } else if let Some(script) = out.last_mut().filter(|_| ended == Some(*begun - 1)) {
                    script.prints = text;
                }
                fence = None;
            }
        }
    }
    out
}

/// Whether a text is as a pattern says, with `…` for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    let mut pieces = pattern.split('…').map(|piece| piece.trim_matches('\n'));
    let first = pieces.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    pattern.ends_with('…') || rest.trim().is_empty()
}

/// Runs every script of a page with one service, and tells what was not as the page says.
fn run(name: &str) -> usize {
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("SKIPPED: {name}: curl is not installed");
        return usize::MAX;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = String::from_utf8(std::fs::read(root.join(name)).expect("a page")).expect("UTF-8");
    let service = Service::start();
    let scripts = scripts(&page);
    for Script { line, commands, prints } in &scripts {
        let commands = commands.replace(ADDRESS, &service.address.to_string());
        let commands = commands.replace(PROGRAM, env!("CARGO_BIN_EXE_taoxi"));
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{SHELL}{commands}")).current_dir(root).env("TAOXI_DATA", service.data.path());
        let output = shell.stdin(Stdio::null()).output().expect("a shell");
        let (out, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}:{line}: {}\n{out}\n{errors}", output.status);
        assert!(prints.is_empty() || is_like(&out, prints), "{name}:{line} prints\n{out}\nand not\n{prints}");
    }
    scripts.len()
}

#[test]
fn the_tour_goes_as_it_says() {
    assert!(run("docs/tour.md") >= 9);
}

#[test]
fn the_readme_goes_as_it_says() {
    assert!(run("README.md") >= 1);
}

#[test]
fn the_chinese_readme_goes_as_it_says() {
    assert!(run("README.zh.md") >= 1);
}

#[test]
fn patterns_are_what_the_output_must_be_like() {
    for (text, pattern, want) in [
        ("{\"a\":1,\"b\":2}\n", "{\"a\":1,…", true),
        ("{\"a\":1,\"b\":2}\n", "…\"b\":2}", true),
        ("{\"a\":1,\"b\":2}\n", "…\"b\":3}", false),
        ("{\"a\":1}\n{\"a\":2}\n", "…\"a\":1…\n…\"a\":2…", true),
        ("{\"a\":1}\n{\"a\":2}\n", "…\"a\":2…\n…\"a\":1…", false),
        ("one\ntwo\n", "one", false),
        ("one\n", "one", true),
    ] {
        assert_eq!(is_like(text, pattern), want, "{text} {pattern}");
    }
}
