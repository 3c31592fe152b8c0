//! The rooms of the house and the arrows between them, as `docs/architecture.md` draws them; and a few habits of the house.

#![allow(clippy::expect_used, clippy::panic)] // a source file that cannot be read fails the test

use std::path::{Path, PathBuf};

/// Each room and the rooms it may enter. A room only enters rooms listed above it, so the arrows cannot form a circle.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("clock", &[]),
    ("document", &["error"]),
    ("text", &["error"]),
    ("html", &["text"]),
    ("steps", &["document", "text", "html"]),
    ("rules", &["error", "document", "text", "html", "steps"]),
    ("clean", &["error", "document", "text", "html", "steps", "rules"]),
    ("parallel", &[]),
    ("learn", &["error", "document", "text", "html", "steps", "rules", "clean", "parallel"]),
    ("trial", &["error", "document", "text", "steps", "rules", "clean"]),
    ("archive", &["error", "clock", "document", "text"]),
    ("dedup", &["document", "text"]),
    ("cache", &[]),
    ("batch", &["error", "document", "clean", "archive", "dedup", "parallel", "cache"]),
    ("index", &["error", "document", "archive", "dedup", "cache"]),
    ("records", &["error"]),
    ("keys", &["error", "clock", "records"]),
    ("jobs", &["error", "clock", "records", "document", "clean", "learn", "archive", "dedup", "batch"]),
    // Settings carry the limits of the rooms that know them.
    ("config", &["error", "clock", "html", "clean", "archive"]),
    (
        "server",
        &[
            "error", "clock", "document", "text", "html", "steps", "rules", "clean", "learn", "archive", "dedup",
            "parallel", "batch", "records", "index", "keys", "jobs", "config", "trial",
        ],
    ),
    (
        "cli",
        &[
            "error", "clock", "document", "text", "html", "steps", "rules", "clean", "learn", "archive", "dedup",
            "parallel", "batch", "records", "index", "keys", "jobs", "config", "trial", "server",
        ],
    ),
];

/// Where the file system may be touched: a room, or one file of it.
const TOUCH_FILES: &[&str] = &[
    "src/archive", "src/batch", "src/rules/load.rs", "src/learn/spool.rs", "src/index/storage", "src/records",
    "src/keys", "src/jobs", "src/server", "src/cli", "src/config",
];

/// Most lines of a file.
const MAX_LINES: usize = 500;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files under a folder (or the file itself) whose names end so, as paths relative to the root, with their text.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    let mut out: Vec<(String, String)> = paths
        .into_iter()
        .filter_map(|path| {
            let name = path.strip_prefix(root()).ok()?.to_string_lossy().replace('\\', "/");
            endings.iter().any(|ending| name.ends_with(ending)).then_some(())?;
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            Some((name, String::from_utf8(bytes).expect("sources are UTF-8")))
        })
        .collect();
    out.sort();
    out
}

fn walk(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_file() {
        out.push(path.to_owned());
    }
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for entry in entries {
        walk(&entry.expect("a folder entry").path(), out);
    }
}

/// The Rust files of the project.
fn rust_files() -> Vec<(String, String)> {
    ["src", "tests", "benches", "examples", "build.rs", "clients/python/src"]
        .iter()
        .flat_map(|folder| files(folder, &[".rs"]))
        .collect()
}

/// The words and marks of a Rust source, without comments, strings and character literals.
fn tokens(source: &str) -> Vec<&str> {
    let bytes = source.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if rest.starts_with('"') {
            quoted(rest, b'"')
        } else if let Some(literal) = rest.strip_prefix('\'') {
            let first = literal.chars().next().map_or(0, char::len_utf8);
            match (literal.as_bytes().first(), literal.as_bytes().get(first)) {
                (Some(b'\\'), _) => quoted(rest, b'\''),
                (_, Some(b'\'')) => first + 2,
                _ => 1, // a lifetime
            }
        } else if let Some(length) = raw_string(rest) {
            length
        } else {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let length = if length == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { length };
            if !rest.starts_with(char::is_whitespace) {
                out.push(&rest[..length]);
            }
            length
        };
    }
    out
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        let Some(next) = rest[at..].find(['/', '*']) else { return rest.len() };
        at += next;
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += 1;
        }
        if depth == 0 {
            return at;
        }
    }
}

fn quoted(rest: &str, mark: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != mark {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    // An escape is followed by one byte of ASCII, so this stands on a character boundary.
    (at + 1).min(bytes.len())
}

fn raw_string(rest: &str) -> Option<usize> {
    let after = ["r", "br", "cr"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix).filter(|after| after.starts_with(['"', '#'])))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |found| found + end.len());
    Some(rest.len() - body.len() + length)
}

/// The module that a file is: `src/text/patch/compose.rs` is `text`, `patch`, `compose`.
fn module(file: &str) -> Vec<String> {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    inner
        .trim_end_matches("/mod")
        .split('/')
        .filter(|part| !matches!(*part, "lib" | "main"))
        .map(str::to_owned)
        .collect()
}

/// What a source takes from the root of the crate: the first names after `crate::`, and after a `super::` that leads there.
fn entered(source: &str, module: &[String]) -> Vec<String> {
    let tokens = tokens(source);
    let token = |i: usize| tokens.get(i).copied().unwrap_or("");
    let is_path = |i: usize| token(i) == ":" && token(i + 1) == ":";
    let mut module = module.to_vec();
    let mut inline: Vec<usize> = Vec::new(); // brace depths at which inline modules began
    let (mut depth, mut at) = (0, 0);
    let mut out = Vec::new();
    while at < tokens.len() {
        match token(at) {
            "mod" if token(at + 2) == "{" => {
                module.push(token(at + 1).to_owned());
                inline.push(depth);
                at += 2;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inline.last() == Some(&depth) {
                    inline.pop();
                    module.pop();
                }
            }
            "crate" if is_path(at + 1) => heads(&tokens, at + 3, &mut out),
            "super" if is_path(at + 1) => {
                let mut up = 1;
                while token(at + 3) == "super" && is_path(at + 4) {
                    up += 1;
                    at += 3;
                }
                if up >= module.len() {
                    heads(&tokens, at + 3, &mut out);
                }
            }
            _ => {}
        }
        at += 1;
    }
    out
}

/// The first names of a path, or of each path in a group.
fn heads(tokens: &[&str], at: usize, out: &mut Vec<String>) {
    if tokens.get(at) != Some(&"{") {
        out.extend(tokens.get(at).map(|name| (*name).to_owned()));
        return;
    }
    let mut depth = 0;
    for (i, token) in tokens.iter().enumerate().skip(at) {
        match *token {
            "{" => depth += 1,
            "}" => depth -= 1,
            name if depth == 1 && matches!(tokens[i - 1], "{" | ",") => out.push(name.to_owned()),
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

#[test]
fn arrows_between_rooms_point_one_way() {
    let mut turned = Vec::new();
    for (file, source) in files("src", &[".rs"]) {
        let module = module(&file);
        let Some(room) = module.first() else { continue };
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| name == room) else { continue };
        for target in entered(&source, &module) {
            if target != *room && !allowed.contains(&target.as_str()) {
                turned.push(format!("{file} uses crate::{target}: `{room}` may enter {allowed:?}"));
            }
        }
    }
    assert!(turned.is_empty(), "arrows turned:\n{}", turned.join("\n"));
}

#[test]
fn every_file_stands_in_a_room_and_every_room_has_a_file() {
    let sources = files("src", &[".rs"]);
    for (file, _) in &sources {
        if let Some(room) = module(file).first() {
            assert!(
                ROOMS.iter().any(|(name, _)| name == room),
                "{file}: give the room `{room}` a place in ROOMS and in docs/architecture.md"
            );
        }
    }
    for (room, _) in ROOMS {
        assert!(
            sources.iter().any(|(file, _)| module(file).first().is_some_and(|name| name == room)),
            "`{room}` is an empty room"
        );
    }
}

#[test]
fn a_room_only_enters_rooms_listed_above_it() {
    for (index, (room, allowed)) in ROOMS.iter().enumerate() {
        for target in *allowed {
            assert!(
                ROOMS[..index].iter().any(|(name, _)| name == target),
                "`{room}` enters `{target}`, which is not above it"
            );
        }
    }
}

#[test]
fn the_program_only_knows_the_command_line() {
    let source = files("src/main.rs", &[".rs"]).remove(0).1;
    assert!(source.lines().count() <= 60, "src/main.rs parses, runs and exits; the rest belongs in `cli`");
    let tokens = tokens(&source);
    for (i, name) in tokens.iter().enumerate() {
        if *name == "taoxi" && tokens.get(i + 1) == Some(&":") {
            let mut targets = Vec::new();
            heads(&tokens, i + 3, &mut targets);
            assert_eq!(targets, ["cli"], "src/main.rs");
        }
    }
}

#[test]
fn only_the_outer_rooms_touch_files() {
    for (file, source) in files("src", &[".rs"]) {
        if TOUCH_FILES.iter().any(|place| file.starts_with(place)) {
            continue;
        }
        for word in tokens(&source) {
            let touches =
                matches!(word, "fs" | "File" | "OpenOptions" | "walkdir" | "TcpStream" | "TcpListener" | "UdpSocket");
            assert!(!touches, "{file} says `{word}`: files are read by `archive`, rule files by `rules::load`");
        }
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    let files = rust_files();
    for (file, source) in &files {
        let lines = source.lines().count();
        let longer = LONGER.iter().any(|(name, _)| name == file);
        assert!(lines <= MAX_LINES || longer, "{file} has {lines} lines: one idea a file, or a reason in LONGER");
        assert!(lines > MAX_LINES || !longer, "{file} is short again: take it out of LONGER");
    }
    for (name, reason) in LONGER {
        assert!(files.iter().any(|(file, _)| file == name) && reason.len() > 20, "LONGER: {name}: {reason}");
    }
}

#[test]
fn nothing_is_left_for_later() {
    // Written in halves, so that this file does not name itself.
    let words = "TO-DO FIX-ME unimple-mented! to-do!( db-g!(".split(' ').map(|word| word.replace('-', ""));
    let words: Vec<String> = words.collect();
    for (file, source) in rust_files() {
        for (number, line) in source.lines().enumerate() {
            for word in &words {
                assert!(!line.contains(word.as_str()), "{file}:{}: {word} was left behind", number + 1);
            }
        }
    }
}

#[test]
fn documents_and_comments_name_no_path_of_one_machine() {
    let mut all: Vec<(String, String)> = Vec::new();
    let names = "README.md README.zh.md CHANGELOG.md CONTRIBUTING.md NOTICE Dockerfile justfile Cargo.toml .ci/run";
    for file in names.split(' ') {
        all.extend(files(file, &[file]));
    }
    all.extend(files("docs", &[".md", ".json"]));
    all.extend(files("clients/python", &[".md", ".py", ".pyi", ".toml"]));
    for (file, source) in rust_files().into_iter().chain(files("rules", &[".toml"])) {
        let comments: Vec<&str> =
            source.lines().map(|line| if line.trim_start().starts_with(['/', '#']) { line } else { "" }).collect();
        all.push((file, comments.join("\n")));
    }
    let roots = ["work", "tmp", "home", "root", "Users"].map(|name| format!("/{name}/"));
    for (file, source) in all {
        for (number, line) in source.lines().enumerate() {
            for root in &roots {
                let stands = line.match_indices(root.as_str()).any(|(at, _)| {
                    // Inside a longer path or a URL it means something else.
                    !line[..at]
                        .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '}' | '-' | '_' | '~'))
                });
                assert!(!stands, "{file}:{}: a path of one machine: {line}", number + 1);
            }
        }
    }
}

#[test]
fn paths_are_found_whatever_form_they_are_written_in() {
    let module = ["text".to_owned(), "patch".to_owned()];
    for (source, expected) in [
        ("use crate::html::Page;", vec!["html"]),
        ("use crate::{html::{self, Page}, rules::RuleSet, Cleaner};", vec!["html", "rules", "Cleaner"]),
        ("fn f() -> crate::clean::Washed { $crate::steps::run() }", vec!["clean", "steps"]),
        ("use super::super::rules;", vec!["rules"]),
        ("use super::lines::Line; use self::inner::X;", vec![]),
        (
            "mod tests { use super::super::lines; use super::super::super::cli; } use super::super::clean;",
            vec!["cli", "clean"],
        ),
        ("pub(crate) fn f() {} pub(super) fn g() {}", vec![]),
        ("/// [`crate::html`]\n// crate::rules\n/* crate::a /* nested */ crate::b */ fn f<'a>(x: &'a str) {}", vec![]),
        (
            r##"const A: &str = "crate::html"; const B: &str = r#"" crate::rules"#; const C: char = '"'; use crate::cli;"##,
            vec!["cli"],
        ),
        (r"const A: char = '\''; const B: char = '、'; use crate::cli;", vec!["cli"]),
    ] {
        assert_eq!(entered(source, &module), expected, "{source}");
    }
}
