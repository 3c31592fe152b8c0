//! A service as a second process on a core of its own, and what the system says of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The core of the service; the generator has the other one.
pub const SERVICE_CORE: &str = "0";
pub const GENERATOR_CORE: &str = "1";

pub struct Service {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process until it was ready.
    pub start: Duration,
}

impl Service {
    /// One I/O worker and one thread that washes, on one core.
    pub fn start(data: &Path, flags: &[&str]) -> Self {
        let begun = Instant::now();
        let mut child = pinned(SERVICE_CORE, env!("CARGO_BIN_EXE_taoxi"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(flags)
            .env("TAOXI_THREADS", "1")
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let (mut lines, mut seen) = (BufReader::new(child.stderr.take().expect("piped")), String::new());
        let address = loop {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).expect("reads"), 0, "the service ended:\n{seen}");
            if let Some(address) = line.strip_prefix("taoxi: listening on http://") {
                break address.trim().parse().expect("an address");
            }
            seen.push_str(&line);
        };
        let start = begun.elapsed();
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, address, start }
    }

    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Ends it as systems do; how long that took.
    pub fn stop(mut self) -> Duration {
        let begun = Instant::now();
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        assert!(self.child.wait().expect("ended").success());
        begun.elapsed()
    }

    /// Memory in RAM, in bytes.
    pub fn resident(&self) -> u64 {
        let status = read(&format!("/proc/{}/status", self.child.id()));
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
        line.split_ascii_whitespace().nth(1).expect("a number").parse::<u64>().expect("a number") * 1024
    }

    /// Seconds of processor time so far, of each kind of thread.
    pub fn cpu(&self) -> BTreeMap<String, f64> {
        let mut times = BTreeMap::new();
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("lists") {
            let task = task.expect("an entry").path();
            let name = read(&format!("{}/comm", task.display()));
            let spent = read(&format!("{}/schedstat", task.display()));
            let spent: f64 = spent.split(' ').next().expect("a number").parse().expect("a number");
            *times.entry(name.trim().trim_end_matches(char::is_numeric).to_owned()).or_default() += spent / 1e9;
        }
        times
    }

    pub fn cpu_total(&self) -> f64 {
        self.cpu().values().sum()
    }

    /// Asks once, on a connection of its own.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).expect("connects");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sends");
        stream.write_all(body.as_bytes()).expect("sends");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let at = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let status = std::str::from_utf8(&answer[9..12]).expect("a status").parse().expect("a status");
        (status, serde_json::from_slice(&answer[at + 4..]).unwrap_or_default())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command on one core, where the system can do that.
pub fn pinned(core: &str, program: &str) -> Command {
    let has_taskset = Command::new("taskset").arg("-V").stdout(Stdio::null()).status().is_ok_and(|it| it.success());
    if !has_taskset {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]);
    command
}

pub fn read(path: &str) -> String {
    let mut text = String::new();
    if let Ok(mut file) = fs::File::open(path) {
        // A thread may end while its files are read.
        let _ = file.read_to_string(&mut text);
    }
    if text.is_empty() { "0 0 0".to_owned() } else { text }
}
