//! `taoxi dedupe` killed at any moment and run again gives what an undisturbed run gives, and never trusts files that are not whole.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)] // a test fails by panicking

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant, SystemTime};

use common::Random;
use common::made::{corpus, dedupe_into, file, jsonl, plain, taoxi};
use tempfile::TempDir;

/// Documents: a whole run takes about a second.
const DOCUMENTS: usize = 3000;
/// Where a run keeps what it has finished.
const SCRATCH: &str = ".taoxi-dedupe";
const KILLS: usize = 50;

type Bytes = BTreeMap<&'static str, Vec<u8>>;

/// A corpus in a folder, and what an undisturbed run over it gives.
struct Room {
    folder: TempDir,
    input: PathBuf,
    whole: Bytes,
    takes: Duration,
}

impl Room {
    fn new(seed: u64, documents: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let input = file(folder.path(), "in.jsonl", jsonl(&corpus(seed, documents)));
        let run = |_| {
            let began = Instant::now();
            let whole = dedupe_into(&folder.path().join("whole"), &[plain(&input), "--no-clean"]).bytes;
            (began.elapsed(), whole)
        };
        // The first one reads the program and its input from the disk.
        let (takes, whole) = [0, 1].map(run).into_iter().min().expect("two runs");
        Self { folder, input, whole, takes }
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, out: &Path) -> Child {
        let mut command = taoxi(&["dedupe", plain(&self.input), "--no-clean", "--out", plain(out)]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts")
    }

    /// Runs to the end and compares with the undisturbed run.
    fn finish(&self, out: &Path, after: &str) {
        let results = dedupe_into(out, &[plain(&self.input), "--no-clean"]);
        assert_eq!(results.status, Some(0), "{after}: {}", results.stderr);
        for (name, bytes) in &self.whole {
            assert!(results.bytes[name] == *bytes, "{after}: {name} differs");
        }
        assert_only_results(out, after);
    }

    /// Starts a run and kills it as soon as a stage is finished; `None` when the run was faster.
    fn killed_after(&self, out: &Path, stage: &str) -> Option<()> {
        let mark = out.join(SCRATCH).join(format!("{stage}.finished"));
        for _ in 0..20 {
            let mut child = self.start(out);
            while !mark.exists() && child.try_wait().expect("runs").is_none() {
                std::thread::sleep(Duration::from_micros(200));
            }
            child.kill().expect("killed");
            child.wait().expect("ended");
            if mark.exists() {
                return Some(());
            }
            let _ = fs::remove_dir_all(out);
        }
        None
    }
}

/// Neither drafts nor temporary files are left.
fn assert_only_results(out: &Path, after: &str) {
    let mut names: Vec<String> = fs::read_dir(out)
        .expect("lists")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let results = ["documents.ndjson", "kept.ndjson", "relations.ndjson", "run.json", "summary.json"];
    assert_eq!(names, results, "{after}");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("lists") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Changes one bit in the middle.
fn damage(path: &Path) -> bool {
    let mut bytes = fs::read(path).expect("reads");
    let middle = bytes.len() / 2;
    let Some(byte) = bytes.get_mut(middle) else { return false };
    *byte ^= 1;
    fs::write(path, bytes).expect("written");
    true
}

fn changed(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).expect("a time")
}

#[test]
fn killed_at_any_moment_and_run_again_nothing_differs() {
    let room = Room::new(1, DOCUMENTS);
    let mut random = Random(2);
    let (mut unfinished, mut stages) = (0, BTreeMap::<String, usize>::new());
    for kill in 0..KILLS {
        let out = room.out("out");
        let wait = room.takes.mul_f64(random.below(10_000) as f64 / 10_000.0);
        let mut child = room.start(&out);
        std::thread::sleep(wait);
        child.kill().expect("killed");
        child.wait().expect("ended");
        unfinished += usize::from(!out.join("summary.json").exists());
        for stage in ["wash", "candidates", "compare"] {
            if out.join(SCRATCH).join(format!("{stage}.finished")).exists() {
                *stages.entry(stage.to_owned()).or_default() += 1;
            }
        }
        room.finish(&out, &format!("kill {kill} after {wait:?}"));
        fs::remove_dir_all(&out).expect("removed");
    }
    println!("a whole run takes {:?}; {unfinished} of {KILLS} were killed before the end, {stages:?}", room.takes);
    assert!(unfinished * 4 > KILLS, "{unfinished} of {KILLS} were killed before the end");
}

#[test]
fn killed_again_and_again_in_one_folder_it_still_ends_well() {
    let room = Room::new(3, 800);
    let (out, mut random) = (room.out("out"), Random(4));
    for _ in 0..8 {
        let mut child = room.start(&out);
        std::thread::sleep(room.takes.mul_f64(random.below(10_000) as f64 / 10_000.0));
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    room.finish(&out, "eight kills");
    room.finish(&out, "a finished run");
}

#[test]
fn finished_stages_are_not_done_again() {
    let room = Room::new(5, 800);
    let out = room.out("out");
    room.killed_after(&out, "wash").expect("killed in time");
    // A second name for the file outlives the run, and tells whether it was written again.
    let (texts, witness) = (out.join(SCRATCH).join("texts"), room.out("witness"));
    fs::hard_link(&texts, &witness).expect("linked");
    let before = changed(&witness);
    room.finish(&out, "killed behind the first stage");
    assert_eq!(changed(&witness), before, "the texts were washed again");
}

#[test]
fn damaged_files_of_finished_stages_are_noticed() {
    let room = Room::new(6, 400);
    let killed = room.out("killed");
    room.killed_after(&killed, "compare").expect("killed in time");
    let mut postings = 0;
    let mut names: Vec<_> =
        fs::read_dir(killed.join(SCRATCH)).expect("lists").map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    let mut damaged = Vec::new();
    for name in names {
        let text = name.to_string_lossy().into_owned();
        if text.starts_with("postings") {
            postings += 1;
            if postings % 100 != 1 {
                continue;
            }
        }
        let out = room.out("out");
        copy_folder(&killed, &out);
        if damage(&out.join(SCRATCH).join(&name)) {
            room.finish(&out, &format!("{text} is damaged"));
            damaged.push(text);
        }
        let _ = fs::remove_dir_all(&out);
    }
    println!("damaged: {damaged:?}");
    for name in ["texts", "heads", "digests", "directory", "candidates", "relations", "passages", "wash.finished"] {
        assert!(damaged.iter().any(|damaged| damaged == name), "{name} was not there: {damaged:?}");
    }
    assert!(damaged.iter().any(|name| name.starts_with("postings")));
}

#[test]
fn missing_and_shortened_files_of_finished_stages_are_noticed() {
    let room = Room::new(7, 400);
    let killed = room.out("killed");
    room.killed_after(&killed, "compare").expect("killed in time");
    for name in ["texts", "directory", "candidates", "passages"] {
        for shorten in [true, false] {
            let out = room.out("out");
            copy_folder(&killed, &out);
            let path = out.join(SCRATCH).join(name);
            if shorten {
                let bytes = fs::read(&path).expect("reads");
                fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
            } else {
                fs::remove_file(&path).expect("removed");
            }
            room.finish(&out, &format!("{name} is not whole"));
            fs::remove_dir_all(&out).expect("removed");
        }
    }
}

#[test]
fn a_changed_input_does_not_meet_old_stages() {
    let mut room = Room::new(8, 400);
    for (stage, seed, documents) in [("wash", 9, 400), ("candidates", 10, 390), ("compare", 11, 410)] {
        let out = room.out(stage);
        room.killed_after(&out, stage).expect("killed in time");
        let before = changed(&room.input);
        file(room.folder.path(), "in.jsonl", jsonl(&corpus(seed, documents)));
        assert_ne!(changed(&room.input), before);
        room.whole = dedupe_into(&room.out(&format!("whole-{stage}")), &[plain(&room.input), "--no-clean"]).bytes;
        room.finish(&out, &format!("the input changed behind {stage}"));
    }
    // The same size, another time: swapping two characters.
    let out = room.out("same size");
    room.killed_after(&out, "compare").expect("killed in time");
    let text = fs::read_to_string(&room.input).expect("reads");
    let swapped = text.replace('的', "\u{1}").replace('是', "的").replace('\u{1}', "是");
    assert_eq!(text.len(), swapped.len());
    fs::write(&room.input, swapped).expect("written");
    room.whole = dedupe_into(&room.out("whole again"), &[plain(&room.input), "--no-clean"]).bytes;
    room.finish(&out, "the input changed and not its size");
}

#[test]
fn other_options_do_not_meet_old_stages() {
    let room = Room::new(12, 400);
    for (at, args) in [&["--keep", "first"][..], &["--radius", "6"], &["--id-dup", "suffix"]].into_iter().enumerate() {
        let out = room.out(&format!("out-{at}"));
        room.killed_after(&out, "compare").expect("killed in time");
        let args = [&[plain(&room.input), "--no-clean"], args].concat();
        let fresh = dedupe_into(&room.out(&format!("fresh-{at}")), &args);
        let again = dedupe_into(&out, &args);
        assert!(fresh.bytes == again.bytes, "{args:?}");
    }
}

#[test]
fn another_set_does_not_meet_old_stages() {
    let room = Room::new(13, 400);
    let set = file(room.folder.path(), "set.jsonl", jsonl(&corpus(13, 100)));
    let out = room.out("out");
    room.killed_after(&out, "compare").expect("killed in time");
    let args = [plain(&room.input), "--no-clean", "--against", plain(&set)];
    let fresh = dedupe_into(&room.out("fresh"), &args);
    assert!(fresh.bytes != room.whole);
    assert!(fresh.bytes == dedupe_into(&out, &args).bytes);
}

#[test]
fn a_changed_limit_of_washing_does_not_meet_old_stages() {
    let folder = tempfile::tempdir().expect("a folder");
    // Nested deeper than the first run allows: it flags every page.
    let page = |(id, text): (String, String)| {
        let html = format!("<html><body>{}<ul><li>{text}</li></ul></body></html>", "<div>".repeat(30));
        format!("{}\n", serde_json::json!({"id": id, "html": html}))
    };
    let input = file(folder.path(), "in.jsonl", corpus(14, 400).into_iter().map(page).collect::<String>());
    let (out, fresh) = (folder.path().join("out"), folder.path().join("fresh"));
    let mark = out.join(SCRATCH).join("wash.finished");
    let mut command = taoxi(&["dedupe", plain(&input), "--out", plain(&out)]);
    command.env("TAOXI_LIMITS_HTML_DEPTH", "1").stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    while !mark.exists() && child.try_wait().expect("runs").is_none() {
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(mark.exists(), "killed in time");
    let fresh = dedupe_into(&fresh, &[plain(&input)]);
    let again = dedupe_into(&out, &[plain(&input)]);
    assert!(fresh.bytes == again.bytes, "pages are as the first run washed them");
}

#[test]
fn a_folder_for_temporary_files_serves_a_second_run_too() {
    let room = Room::new(15, 800);
    let (out, tmp) = (room.out("out"), room.out("tmp"));
    fs::create_dir(&tmp).expect("made");
    let args = ["dedupe", plain(&room.input), "--no-clean", "--out", plain(&out), "--tmp", plain(&tmp)];
    let mut child = taoxi(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    std::thread::sleep(room.takes.mul_f64(0.6));
    child.kill().expect("killed");
    child.wait().expect("ended");
    let results = dedupe_into(&out, &[plain(&room.input), "--no-clean", "--tmp", plain(&tmp)]);
    assert!(results.bytes == room.whole);
    assert_only_results(&out, "--tmp");
    assert_eq!(fs::read_dir(&tmp).expect("lists").count(), 0, "nothing is left in --tmp");
}

#[test]
fn an_interrupt_ends_with_130_and_the_next_run_goes_on() {
    let room = Room::new(16, DOCUMENTS);
    let out = room.out("out");
    let mut child = room.start(&out);
    while !out.join(SCRATCH).join("wash.finished").exists() && child.try_wait().expect("runs").is_none() {
        std::thread::sleep(Duration::from_micros(200));
    }
    let interrupted = interrupt(child.id());
    assert!(interrupted, "the run is there");
    let status = child.wait().expect("ended");
    assert_eq!(status.code(), Some(130));
    assert!(!out.join("summary.json").exists());
    room.finish(&out, "an interrupt");
}

/// What Ctrl-C does to one process.
fn interrupt(id: u32) -> bool {
    std::process::Command::new("kill").args(["-INT", &id.to_string()]).status().is_ok_and(|status| status.success())
}
