//! What may be linked: every dependency's licence is one that `deny.toml` allows, none is banned, all come from crates.io.
//!
//! `cargo deny` checks the same and more; this needs nothing installed and no network.

#![allow(clippy::expect_used, clippy::panic)] // a manifest that cannot be read fails the test

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{Metadata, MetadataCommand};
use toml::de::{DeTable, DeValue};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8(bytes).expect("UTF-8")
}

/// A value of a table by its path of keys.
fn value<'t>(table: &'t DeTable<'t>, path: &[&str]) -> &'t DeValue<'t> {
    let (first, rest) = path.split_first().expect("a key");
    let found = table.get(*first).unwrap_or_else(|| panic!("no key {first}")).get_ref();
    match (rest.is_empty(), found) {
        (true, found) => found,
        (false, DeValue::Table(inner)) => value(inner, rest),
        (false, _) => panic!("{first} is no table"),
    }
}

fn items<'t>(value: &'t DeValue<'t>) -> impl Iterator<Item = &'t DeValue<'t>> {
    let DeValue::Array(array) = value else { panic!("not an array") };
    array.iter().map(toml::Spanned::get_ref)
}

fn text(table: &DeValue<'_>, key: &str) -> Option<String> {
    let DeValue::Table(table) = table else { panic!("not a table") };
    table.get(key).and_then(|value| value.get_ref().as_str()).map(str::to_owned)
}

/// `licenses.allow` of `deny.toml`.
fn allowed() -> BTreeSet<String> {
    let source = read("deny.toml");
    let deny = DeTable::parse(&source).expect("deny.toml is TOML");
    items(value(deny.get_ref(), &["licenses", "allow"])).filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// The packages of this workspace.
const OWN: [&str; 2] = [env!("CARGO_PKG_NAME"), "taoxi-python"];

/// A package of `Cargo.lock`: every platform's, whatever is installed here.
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
}

fn locked() -> Vec<Locked> {
    let source = read("Cargo.lock");
    let lock = DeTable::parse(&source).expect("Cargo.lock is TOML");
    let packages = items(value(lock.get_ref(), &["package"]));
    packages
        .map(|package| Locked {
            name: text(package, "name").expect("a name"),
            version: text(package, "version").expect("a version"),
            source: text(package, "source"),
        })
        .collect()
}

/// The packages with their licences: of every platform, or, where those were never fetched, of this one.
fn metadata() -> Metadata {
    let offline = ["--locked", "--offline"].map(str::to_owned);
    let mut command = MetadataCommand::new();
    command.manifest_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    if let Ok(metadata) = command.clone().other_options(offline.to_vec()).exec() {
        return metadata;
    }
    let mut options = offline.to_vec();
    options.extend(["--filter-platform".to_owned(), host()]);
    command.other_options(options).exec().expect("cargo metadata")
}

/// This machine's platform as `rustc` names it.
fn host() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().expect("rustc -vV");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// Whether an SPDX expression can be met with allowed licences. The old `A/B` means `A OR B`.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Expression { words: &words, at: 0, allowed };
    let met = reader.either();
    assert_eq!(reader.at, words.len(), "`{expression}` is no SPDX expression");
    met
}

struct Expression<'e> {
    words: &'e [&'e str],
    at: usize,
    allowed: &'e BTreeSet<String>,
}

impl Expression<'_> {
    fn takes(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|next| *next == word);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> bool {
        let mut met = self.both();
        while self.takes("OR") {
            met |= self.both();
        }
        met
    }

    fn both(&mut self) -> bool {
        let mut met = self.one();
        while self.takes("AND") {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let met = self.either();
            assert!(self.takes(")"), "an open bracket in {:?}", self.words);
            return met;
        }
        let mut name = self.next();
        if self.takes("WITH") {
            name = format!("{name} WITH {}", self.next());
        }
        self.allowed.contains(&name)
    }

    fn next(&mut self) -> String {
        let word = self.words.get(self.at).unwrap_or_else(|| panic!("a licence is missing in {:?}", self.words));
        self.at += 1;
        (*word).to_owned()
    }
}

/// A version as numbers; what follows a hyphen or plus does not count.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    plain.split('.').map(|number| number.parse().expect("a version number")).collect()
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let allowed = allowed();
    let metadata = metadata();
    assert!(metadata.packages.len() > 10, "cargo metadata names hardly any packages");
    let mut refused = Vec::new();
    for package in &metadata.packages {
        let licence = package.license.as_deref().unwrap_or("no licence");
        if package.license.is_none() || !is_met(licence, &allowed) {
            refused.push(format!("{} {}: {licence}", package.name, package.version));
        }
    }
    assert!(refused.is_empty(), "deny.toml does not allow:\n{}", refused.join("\n"));
}

#[test]
fn every_allowed_licence_is_permissive() {
    for licence in allowed() {
        let copyleft = ["GPL", "MPL", "EUPL", "SSPL", "CDDL", "EPL", "BUSL", "CC-BY-NC", "CC-BY-SA"];
        assert!(copyleft.iter().all(|part| !licence.contains(part)), "deny.toml allows {licence}");
    }
}

#[test]
fn no_dependency_is_banned() {
    let source = read("deny.toml");
    let deny = DeTable::parse(&source).expect("deny.toml is TOML");
    let banned: Vec<&DeValue<'_>> = items(value(deny.get_ref(), &["bans", "deny"])).collect();
    let names: Vec<String> = banned.iter().filter_map(|ban| text(ban, "name")).collect();
    for known in ["zhconv", "actix-governor", "serde_yaml", "serde_yml"] {
        assert!(names.iter().any(|name| name == known), "deny.toml no longer bans {known}");
    }
    for ban in banned {
        let (name, reason) = (text(ban, "name").expect("a name"), text(ban, "reason").expect("a reason"));
        let below =
            text(ban, "version").map(|range| numbers(range.strip_prefix('<').expect("a range below a version")));
        for package in locked().iter().filter(|package| package.name == name) {
            let fine = below.as_ref().is_some_and(|below| numbers(&package.version) >= *below);
            assert!(fine, "{name} {} is banned: {reason}", package.version);
        }
    }
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    for package in locked() {
        match package.source.as_deref() {
            None => assert!(OWN.contains(&package.name.as_str()), "a path dependency: {}", package.name),
            Some(source) => {
                assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{}", package.name);
            }
        }
    }
}

#[test]
fn licence_expressions_are_read_as_spdx_defines_them() {
    let allowed: BTreeSet<String> = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR GPL-3.0-only", true),
        ("MIT AND GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT AND Zlib", true),
        ("(GPL-3.0-only OR MIT) AND Zlib", true),
        ("GPL-3.0-only AND (MIT OR Zlib)", false),
        ("Unlicense/MIT", true),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("MIT WITH LLVM-exception", false),
        ("Apache-2.0", false),
    ] {
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}
