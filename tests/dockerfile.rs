//! The image can be built from the files that are here: every path the Dockerfile copies exists and reaches the builder. And what can be read
//! from the file of how it runs: without a shell, not as root, with one place to write to.

#![allow(clippy::expect_used, clippy::panic)] // a Dockerfile that cannot be read fails the test

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    let bytes = std::fs::read(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8(bytes).expect("UTF-8")
}

/// An instruction with its words; continued lines are one.
struct Instruction {
    name: String,
    words: Vec<String>,
}

impl Instruction {
    /// The sources of a `COPY` from the build context; empty for other instructions and for copies between stages.
    fn sources(&self) -> &[String] {
        let between_stages = self.words.iter().any(|word| word.starts_with("--from="));
        if self.name != "COPY" || between_stages {
            return &[];
        }
        let first = self.words.iter().position(|word| !word.starts_with("--")).unwrap_or(self.words.len());
        self.words[first..].split_last().map_or(&[], |(_, sources)| sources)
    }
}

fn instructions() -> Vec<Instruction> {
    let lines: Vec<String> =
        read("Dockerfile").lines().filter(|line| !line.trim_start().starts_with('#')).map(str::to_owned).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let mut out = Vec::new();
    for line in joined.lines() {
        let mut words = line.split_whitespace().map(str::to_owned);
        if let Some(name) = words.next() {
            out.push(Instruction { name: name.to_uppercase(), words: words.collect() });
        }
    }
    out
}

/// The instructions of each stage, `FROM` first.
fn stages() -> Vec<Vec<Instruction>> {
    let mut stages: Vec<Vec<Instruction>> = Vec::new();
    for instruction in instructions() {
        if instruction.name == "FROM" {
            stages.push(Vec::new());
        }
        stages.last_mut().expect("FROM comes first").push(instruction);
    }
    stages
}

/// Whether `.dockerignore` keeps a path out of the build: the last pattern that matches it, or a folder above it, decides.
fn is_ignored(path: &str, patterns: &str) -> bool {
    let mut ignored = false;
    for line in patterns.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (pattern, keeps) = line.strip_prefix('!').map_or((line, false), |rest| (rest, true));
        let pattern: Vec<&str> = pattern.trim_matches('/').split('/').collect();
        let names: Vec<&str> = path.split('/').collect();
        if (1..=names.len()).any(|end| matches_path(&pattern, &names[..end])) {
            ignored = !keeps;
        }
    }
    ignored
}

fn matches_path(pattern: &[&str], names: &[&str]) -> bool {
    match (pattern.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => (0..=names.len()).any(|skip| matches_path(rest, &names[skip..])),
        (Some((first, rest)), Some((name, others))) => {
            matches_name(first.as_bytes(), name.as_bytes()) && matches_path(rest, others)
        }
        _ => false,
    }
}

fn matches_name(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=name.len()).any(|skip| matches_name(rest, &name[skip..])),
        (Some((b'?', rest)), Some((_, others))) => matches_name(rest, others),
        (Some((first, rest)), Some((letter, others))) => first == letter && matches_name(rest, others),
        _ => false,
    }
}

/// The files under a path, relative to the root, with `/` between names.
fn files(path: &str) -> Vec<String> {
    let whole = root().join(path);
    if !whole.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(&whole).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut out = Vec::new();
    for entry in entries {
        let name = entry.expect("a folder entry").file_name();
        out.extend(files(&format!("{path}/{}", name.to_string_lossy())));
    }
    out
}

fn copied_sources() -> Vec<String> {
    instructions().iter().flat_map(|instruction| instruction.sources().to_vec()).collect()
}

/// Whether the first stage copies a path, or a folder above it.
fn builder_has(path: &str) -> bool {
    let stages = stages();
    let sources = stages[0].iter().flat_map(Instruction::sources);
    sources.map(PathBuf::from).any(|source| Path::new(path).starts_with(source))
}

#[test]
fn every_copied_path_exists() {
    let sources = copied_sources();
    assert!(sources.len() >= 5, "the Dockerfile copies {sources:?}");
    for source in sources {
        assert!(!source.contains(['*', '?', '$']), "{source}: name the path, so that it can be checked");
        assert!(root().join(&source).exists(), "the Dockerfile copies {source}, which is not here");
    }
}

#[test]
fn nothing_that_is_copied_is_ignored() {
    let patterns = read(".dockerignore");
    for source in copied_sources() {
        assert!(!is_ignored(&source, &patterns), ".dockerignore keeps {source} out");
    }
    for file in ["Cargo.toml", "Cargo.lock", "build.rs", "LICENSE"]
        .map(str::to_owned)
        .into_iter()
        .chain(files("src"))
        .chain(files("rules"))
    {
        assert!(!is_ignored(&file, &patterns), ".dockerignore keeps {file} out");
    }
}

#[test]
fn the_context_leaves_out_what_the_image_does_not_need() {
    let patterns = read(".dockerignore");
    for path in ["target/release/taoxi", ".git/config", "tests/fixtures/pair/a.txt", "docs/clean.md"] {
        assert!(is_ignored(path, &patterns), "{path} would be sent to the builder");
    }
}

#[test]
fn the_builder_has_every_target_that_the_manifest_names() {
    // A workspace is read whole, whatever of it is built.
    for path in [
        "Cargo.toml", "Cargo.lock", "build.rs", "src/main.rs", "rules/sites", "clients/python/Cargo.toml",
        "clients/python/src/lib.rs",
    ] {
        assert!(builder_has(path), "the first stage does not copy {path}");
    }
    let source = read("Cargo.toml");
    let manifest = DeTable::parse(&source).expect("Cargo.toml is TOML");
    for (table, folder) in [("bench", "benches"), ("test", "tests"), ("example", "examples")] {
        let Some(DeValue::Array(targets)) = manifest.get_ref().get(table).map(toml::Spanned::get_ref) else { continue };
        for target in targets {
            let DeValue::Table(target) = target.get_ref() else { continue };
            let text = |key: &str| target.get(key).and_then(|value| value.get_ref().as_str());
            let name = text("name").expect("a target has a name");
            let path = text("path").map_or_else(|| format!("{folder}/{name}.rs"), str::to_owned);
            assert!(
                builder_has(&path),
                "Cargo.toml names {path}, which the first stage does not copy: cargo would refuse to build"
            );
        }
    }
}

#[test]
fn the_image_holds_the_program_the_rules_and_the_licence() {
    let stages = stages();
    assert!(stages.len() >= 2, "the image would hold the toolchain");
    let last = stages.last().expect("a stage");
    let copies = |source: &str, target: &str| {
        last.iter().any(|instruction| {
            instruction.name == "COPY"
                && instruction.words.iter().any(|word| word.ends_with(source))
                && instruction.words.last().is_some_and(|word| word.starts_with(target))
        })
    };
    assert!(copies("/taoxi", "/usr/local/bin"));
    assert!(copies("rules", "/usr/share/taoxi/rules"));
    assert!(copies("LICENSE", "/usr/share/doc/taoxi"));
    let entry = last.iter().find(|instruction| instruction.name == "ENTRYPOINT").expect("an ENTRYPOINT");
    assert_eq!(entry.words, [r#"["/usr/local/bin/taoxi"]"#]);
    let command = last.iter().find(|instruction| instruction.name == "CMD").expect("a CMD");
    assert_eq!(command.words, [r#"["serve"]"#]);
}

#[test]
fn what_is_copied_between_stages_was_made_there() {
    let stages = stages();
    let made: Vec<&str> =
        stages[0].iter().filter(|it| it.name == "RUN").flat_map(|it| it.words.iter().map(String::as_str)).collect();
    let between = |it: &&Instruction| it.name == "COPY" && it.words.iter().any(|word| word == "--from=builder");
    let copies: Vec<_> = stages.last().expect("a stage").iter().filter(between).collect();
    assert!(copies.len() >= 2);
    for copy in copies {
        let source = &copy.words[copy.words.len() - 2];
        assert!(made.contains(&source.as_str()), "no RUN of the builder makes {source}");
    }
}

#[test]
fn the_image_has_no_shell_and_asks_for_its_health_without_one() {
    let stages = stages();
    let last = stages.last().expect("a stage");
    assert_eq!(last[0].words, ["gcr.io/distroless/cc-debian12:nonroot"]);
    // The program is linked with the C library of the builder: the same Debian must be beneath both.
    assert!(stages[0][0].words[0].ends_with("-bookworm"), "{:?}", stages[0][0].words);
    assert!(last.iter().all(|instruction| instruction.name != "RUN"), "there is nothing to run a RUN with");
    let health =
        last.iter().find(|instruction| instruction.name == "HEALTHCHECK").expect("a HEALTHCHECK").words.join(" ");
    assert!(health.ends_with(r#"CMD ["/usr/local/bin/taoxi", "health"]"#), "{health}");
}

#[test]
fn the_image_writes_to_its_volume_alone_and_listens_where_it_says() {
    let stages = stages();
    let last = stages.last().expect("a stage");
    let words =
        |name: &str| last.iter().filter(|it| it.name == name).flat_map(|it| it.words.clone()).collect::<Vec<_>>();
    let environment = words("ENV");
    let value = |name: &str| {
        environment.iter().filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).map(|pair| pair.1)
    };
    for (name, _) in environment.iter().filter_map(|pair| pair.split_once('=')) {
        assert!(taoxi::config::SETTINGS.iter().any(|setting| setting.env == name), "{name} is no setting");
    }
    assert_eq!(words("VOLUME"), ["/data"]);
    assert_eq!(value("TAOXI_DATA"), Some("/data"));
    let made = last.iter().any(|it| it.name == "COPY" && it.words.last().is_some_and(|target| target == "/data"));
    let user = words("USER").pop().expect("a USER");
    let owned = last.iter().any(|it| it.words.contains(&format!("--chown={user}")));
    assert!(made && owned, "a new volume would belong to root");
    let (_, port) = value("TAOXI_LISTEN").and_then(|address| address.rsplit_once(':')).expect("an address");
    assert_eq!(words("EXPOSE"), [port]);
}

#[test]
fn the_image_does_not_run_as_root() {
    let stages = stages();
    let last = stages.last().expect("a stage");
    let user = last.iter().rev().find(|instruction| instruction.name == "USER").expect("the last stage names a USER");
    let id = user.words[0].split(':').next().unwrap_or_default();
    let number: u32 = id.parse().unwrap_or_else(|_| panic!("USER {id}: a number, so that it can be told from root"));
    assert!(number >= 1000, "USER {number} is a system account");
    let after = last.iter().skip_while(|instruction| instruction.name != "USER").skip(1);
    assert!(after.into_iter().all(|instruction| instruction.name != "RUN" && instruction.name != "COPY"));
}

#[test]
fn ignore_patterns_follow_the_rules_of_dockerignore() {
    let patterns = "*\n!src\n**/*.snap\nsrc/a?.rs\n";
    for (path, ignored) in [
        ("Cargo.toml", true),
        ("src", false),
        ("src/deep/main.rs", false),
        ("src/deep/x.snap", true),
        ("src/ab.rs", true),
        ("src/abc.rs", false),
        ("srcs/main.rs", true),
    ] {
        assert_eq!(is_ignored(path, patterns), ignored, "{path}");
    }
}
