//! Made-up Chinese prose and its copies, and runs of `taoxi dedupe` over them. No page was read for it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::Random;

/// Common characters without numerals, units of measure and placeholders.
const CHARACTERS: &str = "的是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经\
    进着等部度家电力里如水化高自理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反\
    你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展果料象员革位入常文总次品式活设及管特件长求老头基资边流路级\
    少图山统接知较将组见计别她手角期根论运农指区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领海口东导器压志世金增争济阶油思术极交受联认权收";

/// Prose of exactly so many Han characters, in sentences and paragraphs, with no numbers.
pub fn prose(random: &mut Random, characters: usize) -> String {
    let pool: Vec<char> = CHARACTERS.chars().filter(|c| !c.is_whitespace() && !"四百两第".contains(*c)).collect();
    let mut text = String::new();
    let mut left = characters;
    while left > 0 {
        let clause = (6 + random.below(12)).min(left);
        text.extend((0..clause).map(|_| *random.pick(&pool)));
        left -= clause;
        text.push_str(match random.below(8) {
            0 => "。\n",
            1..4 => "。",
            _ => "，",
        });
    }
    text
}

/// A copy with so many characters of a thousand replaced, here and there.
pub fn mistyped(random: &mut Random, text: &str, thousandth: usize) -> String {
    let pool: Vec<char> = "鹤鸥鲸骆驼蝉蜻蜓蝴蝶".chars().collect();
    let is_han = |c: char| !"，。\n".contains(c);
    text.chars().map(|c| if is_han(c) && random.below(1000) < thousandth { *random.pick(&pool) } else { c }).collect()
}

/// The beginning of a text: so many characters of a hundred.
pub fn cut(text: &str, percent: usize) -> String {
    let count = text.chars().count() * percent / 100;
    text.chars().take(count).collect()
}

/// A record of a JSONL file.
pub fn record(id: &str, text: &str) -> String {
    format!("{}\n", json!({"id": id, "text": text}))
}

/// Records of a JSONL file.
pub fn jsonl<'t>(records: impl IntoIterator<Item = &'t (String, String)>) -> String {
    records.into_iter().fold(String::new(), |mut out, (id, text)| {
        let _ = out.write_str(&record(id, text));
        out
    })
}

/// A corpus of clusters: each base text with mistyped, cut and exact copies, shuffled. Ids are `base-copy`.
pub fn corpus(seed: u64, documents: usize) -> Vec<(String, String)> {
    let mut random = Random(seed);
    let mut out = Vec::new();
    let mut base = 0;
    while out.len() < documents {
        let size = 60 + random.below(700);
        let text = prose(&mut random, size);
        let copies = random.below(10);
        out.push((format!("{base:05}-00"), text.clone()));
        for copy in 1..=copies {
            let share = 45 + random.below(50);
            let text = match random.below(5) {
                0 => text.replace("，", ", "),
                1 | 2 => mistyped(&mut random, &text, 20),
                3 => cut(&text, share),
                _ => cut(&mistyped(&mut random, &text, 10), share),
            };
            out.push((format!("{base:05}-{copy:02}"), text));
        }
        base += 1;
    }
    out.truncate(documents);
    for at in (1..out.len()).rev() {
        out.swap(at, random.below(at + 1));
    }
    out
}

/// The program with no settings of its own around it.
pub fn taoxi(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taoxi"));
    let ours = std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("TAOXI_"));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    command.args(args).env("XDG_CONFIG_HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// Runs the program with something on standard input.
pub fn piped(args: &[&str], input: &[u8]) -> Output {
    let mut child =
        taoxi(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let feed = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("ends");
    feed.join().expect("fed");
    output
}

/// Writes a file, with its folder.
pub fn file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    std::fs::write(&path, bytes).expect("written");
    path
}

pub fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// The files that are the same from run to run.
pub const RESULTS: [&str; 4] = ["documents.ndjson", "relations.ndjson", "kept.ndjson", "summary.json"];

/// What a run left behind.
pub struct Results {
    pub status: Option<i32>,
    pub stderr: String,
    pub bytes: BTreeMap<&'static str, Vec<u8>>,
}

impl Results {
    /// Reads the result files of a folder.
    pub fn read(output: &Output, out: &Path) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let read =
            |name| (name, std::fs::read(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}; {stderr}")));
        Self { status: output.status.code(), bytes: RESULTS.into_iter().map(read).collect(), stderr }
    }

    pub fn lines(&self, name: &str) -> Vec<Value> {
        let lines = self.bytes[name].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).expect("a record a line")).collect()
    }

    pub fn documents(&self) -> Vec<Value> {
        self.lines("documents.ndjson")
    }

    pub fn relations(&self) -> Vec<Value> {
        self.lines("relations.ndjson")
    }

    pub fn kept(&self) -> Vec<Value> {
        self.lines("kept.ndjson")
    }

    pub fn summary(&self) -> Value {
        serde_json::from_slice(&self.bytes["summary.json"]).expect("JSON")
    }

    /// The line of a document.
    pub fn document(&self, id: &str) -> Value {
        self.documents().into_iter().find(|line| line["id"] == id).unwrap_or_else(|| panic!("{id} is missing"))
    }

    /// The ids of the documents that are kept, in order.
    pub fn kept_ids(&self) -> Vec<String> {
        let ids = self.kept().into_iter().map(|record| record["id"].as_str().expect("an id").to_owned());
        ids.collect()
    }

    /// The kind of the relation between two documents, whichever of them is a.
    pub fn relation(&self, x: &str, y: &str) -> Option<Value> {
        let is = |it: &Value| (it["a"] == x && it["b"] == y) || (it["a"] == y && it["b"] == x);
        self.relations().into_iter().find(is)
    }
}

/// Runs `taoxi dedupe` with these arguments into a folder.
pub fn dedupe_into(out: &Path, args: &[&str]) -> Results {
    let output = taoxi(&["dedupe"]).args(args).args(["--out", plain(out)]).output().expect("runs");
    Results::read(&output, out)
}

/// De-duplicates these documents, as they are.
pub fn dedupe(documents: &[(&str, &str)], args: &[&str]) -> Results {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: String = documents.iter().map(|(id, text)| record(id, text)).collect();
    let input = file(folder.path(), "in.jsonl", lines);
    let args: Vec<&str> = [plain(&input), "--no-clean"].into_iter().chain(args.iter().copied()).collect();
    dedupe_into(&folder.path().join("out"), &args)
}

/// Borrowed, as [`dedupe`] takes them.
pub fn borrowed(documents: &[(String, String)]) -> Vec<(&str, &str)> {
    documents.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect()
}
