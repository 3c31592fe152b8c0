//! Speed of washing on one thread, beside a bare NFKC pass over the same bytes, and with 2,000 more rule files; and start-up.
//!
//! `cargo bench --bench wash`. Text: the bench corpus when it stands beside the project, else text made up here (seed 1).

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use taoxi::clean::Edits;
use taoxi::{Cleaner, Document, Options, rules};
use unicode_normalization::UnicodeNormalization as _;

const ROUNDS: usize = 5;
const RULE_FILES: usize = 2000;

fn main() {
    let texts = texts();
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{} texts, {:.1} MB, one thread, best and median of {ROUNDS} rounds", texts.len(), bytes as f64 / 1e6);
    let nfkc = rate("bare NFKC pass (unicode-normalization)", bytes, || {
        for text in &texts {
            black_box(text.nfkc().collect::<String>());
        }
    });
    let shipped = Cleaner::new(Arc::new(rules::load(None).expect("loads")));
    let plain = wash("zh, shipped rules, --edits none", &shipped, &texts, bytes);
    if std::env::args().any(|arg| arg == "plain") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    synthetic(folder.path());
    let many = Cleaner::new(Arc::new(rules::load(Some(folder.path())).expect("loads")));
    let loaded = wash("zh, 2,000 more rule files", &many, &texts, bytes);
    println!("zh / NFKC: {:.2}", plain / nfkc);
    println!("with 2,000 rule files / without: {:.2}", loaded / plain);
    let one_line: String = texts.concat().replace('\n', "");
    rate("zh, everything on one line", one_line.len(), || {
        black_box(shipped.wash(&one_line, None, &Options::default()).expect("washes"));
    });
    start_up();
}

fn wash(name: &str, cleaner: &Cleaner, texts: &[String], bytes: usize) -> f64 {
    let options = Options { edits: Edits::None, ..Options::default() };
    rate(name, bytes, || {
        for text in texts {
            black_box(cleaner.clean(Document::from_text("a", text.clone()), &options).expect("washes"));
        }
    })
}

/// Runs some work and prints its speed; gives the median in MB/s.
fn rate(name: &str, bytes: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!("{name:<44} best {:>7.1} MB/s, median {:>7.1} MB/s", speed(times[0]), speed(times[ROUNDS / 2]));
    speed(times[ROUNDS / 2])
}

fn texts() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/dedup/base-zh.jsonl.gz");
    let Ok(file) = std::fs::File::open(&path) else {
        println!("the bench corpus is not here: text made up, seed 1");
        return made_up();
    };
    let mut lines = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut lines).expect("reads");
    let text =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?.get("text")?.as_str().map(str::to_owned);
    lines.lines().filter_map(text).collect()
}

/// Sentences of common words, as many as the corpus has.
fn made_up() -> Vec<String> {
    const WORDS: &[&str] = &[
        "学校", "教育", "管理", "工作", "各县", "人民政府", "应当", "按照", "规定", "加强", "建设", "的", "和", "并",
        "有关部门", "负责", "监督", "检查",
    ];
    let mut state = 1_u64;
    let mut next = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    (0..6000)
        .map(|_| {
            let mut text = String::new();
            for _ in 0..20 {
                for i in 0..30 {
                    text.push_str(WORDS[next(WORDS.len())]);
                    if i % 7 == 6 {
                        text.push('，');
                    }
                }
                text.push_str("。\n");
            }
            text
        })
        .collect()
}

/// Rule files with five steps each, their literals invented from syllables of site names.
fn synthetic(folder: &Path) {
    const FIRST: &[&str] =
        &["云", "海", "知", "书", "文", "学", "百", "千", "天", "星", "青", "长", "新", "华", "中", "南"];
    const LAST: &[&str] = &["文库", "资料网", "作文网", "范文站", "下载吧", "论坛", "在线", "公文网"];
    for n in 0..RULE_FILES {
        let name = format!("{}{}{}{}", FIRST[n % 16], FIRST[n / 16 % 16], FIRST[n / 256 % 16], LAST[n % 8]);
        let mut file = format!(
            "id = \"site-{n}\"\ntitle = \"{name}\"\nwhy = \"made up\"\nhosts = [\"site{n}.example.com\"]\nsigns = [\"{name}版权所有\"]\n"
        );
        for (step, literal) in ["客服微信", "版权所有", "最新上传", "会员登录", "扫码下载"].iter().enumerate()
        {
            let _ = write!(
                file,
                "[[step]]\nid = \"step-{step}\"\nkind = \"drop-line\"\nline = {{ regex = '^{name}{literal}:?\\w*$' }}\n"
            );
        }
        std::fs::write(folder.join(format!("site-{n}.toml")), file).expect("written");
    }
}

/// From nothing to the first washed document, in this process and as a process of its own.
fn start_up() {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let cleaner = Cleaner::new(Arc::new(rules::load(None).expect("loads")));
            black_box(cleaner.wash("你好，世界。", None, &Options::default()).expect("washes"));
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("loading the shipped rules and washing a line   median {:.1} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let done = std::process::Command::new(env!("CARGO_BIN_EXE_taoxi"))
                .args(["clean", "tests/fixtures/pair/b.txt"])
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .output();
            assert!(done.is_ok_and(|done| done.status.success()));
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("taoxi clean tests/fixtures/pair/b.txt          median {:.1} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
}
