//! Large inputs run in bounded memory. The limits are far above what is measured, and far below the input.

#![allow(
    clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods,
    clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Runs the program over generated standard input and gives its peak memory in MiB and how many bytes came out.
#[cfg(target_os = "linux")]
fn peak(args: &[&str], feed: impl FnOnce(&mut dyn std::io::Write) + Send + 'static) -> (u64, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_taoxi"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("starts");
    let mut stdin = std::io::BufWriter::with_capacity(1 << 20, child.stdin.take().expect("piped"));
    let feeder = std::thread::spawn(move || {
        feed(&mut stdin);
        stdin.flush().expect("flushed");
    });
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find(|line| line.starts_with("VmHWM")) else { break };
            peak = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(peak);
            std::thread::yield_now();
        }
        peak / 1024
    });
    let mut stdout = child.stdout.take().expect("piped");
    let written = std::io::copy(&mut stdout, &mut std::io::sink()).expect("read");
    feeder.join().expect("fed");
    assert!(child.wait().expect("ends").success());
    (watch.join().expect("watched"), written)
}

#[cfg(target_os = "linux")]
#[test]
fn a_line_of_100_mb_is_washed() {
    let sentence = "全县教育工作稳步推进，总投入13。7亿元。";
    let times = 100_000_000 / sentence.len();
    let (peak, written) = peak(&["clean", "--type", "text", "--format", "text", "-"], move |out| {
        for _ in 0..times {
            out.write_all(sentence.as_bytes()).expect("written");
        }
    });
    println!("a line of 100 MB: peak {peak} MiB, {written} bytes out");
    assert!(written > 95_000_000 && peak < 3000, "{written} bytes, {peak} MiB");
}

#[cfg(target_os = "linux")]
#[test]
fn a_gigabyte_of_records_takes_no_more_memory_than_a_few() {
    let text = "全县教育工作稳步推进，各项任务按计划完成。".repeat(60);
    let record = format!("\",\"text\":\"{text}\"}}\n");
    let times = 1_000_000_000 / (record.len() + 10);
    let (peak, written) =
        peak(&["clean", "--profile", "keep", "--type", "text", "--format", "ndjson", "-"], move |out| {
            for n in 0..times {
                write!(out, "{{\"id\":\"{n}{record}").expect("written");
            }
        });
    println!("1 GB of records: peak {peak} MiB, {written} bytes out");
    assert!(written > 1_000_000_000 && peak <= 300, "{written} bytes, {peak} MiB");
}
