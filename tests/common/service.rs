//! A running `taoxi serve` on a free port, and a client that sends whatever bytes a test wants.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A service with a data folder of its own; it is killed when this is dropped.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    pub data: TempDir,
}

impl Service {
    pub fn start() -> Self {
        Self::with(&[], &[])
    }

    /// A service with flags and variables besides.
    pub fn with(flags: &[&str], env: &[(&str, &str)]) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        Self::on(data, flags, env)
    }

    pub fn on(data: TempDir, flags: &[&str], env: &[(&str, &str)]) -> Self {
        let (child, address) = started(&mut command(data.path(), flags, env));
        Self { child, address, data }
    }

    /// Ends it in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Starts it again on the same data, when it has ended.
    pub fn again(&mut self, flags: &[&str], env: &[(&str, &str)]) {
        (self.child, self.address) = started(&mut command(self.data.path(), flags, env));
    }

    pub fn connect(&self) -> Client {
        Client::to(self.address)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.connect().ask(&request("GET", path, &[], b""))
    }

    pub fn post(&self, path: &str, media_type: &str, body: &[u8]) -> Answer {
        self.connect().ask(&request("POST", path, &[("content-type", media_type)], body))
    }

    pub fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post(path, "application/json", body.to_string().as_bytes())
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill runs").success());
    }

    /// The exit code, once it has ended.
    pub fn ended(&mut self, within: Duration) -> Option<i32> {
        let mut code = None;
        until(within, || {
            code = self.child.try_wait().expect("waits");
            code.is_some()
        });
        code.expect("ended").code()
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("waits").is_some()
    }

    /// Kills it as a crash does, and gives its data folder.
    pub fn killed(&mut self) -> TempDir {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        std::mem::replace(&mut self.data, tempfile::tempdir().expect("a folder"))
    }

    /// Memory in RAM, in bytes.
    pub fn resident(&self) -> u64 {
        let mut status = String::new();
        let path = format!("/proc/{}/status", self.child.id());
        std::fs::File::open(path).expect("opens").read_to_string(&mut status).expect("reads");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
        line.split_ascii_whitespace().nth(1).expect("a number").parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a service and waits until it listens.
pub fn started(command: &mut Command) -> (Child, SocketAddr) {
    let mut child = command.stderr(Stdio::piped()).spawn().expect("starts");
    let (mut lines, mut seen) = (BufReader::new(child.stderr.take().expect("piped")), String::new());
    let address = loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).expect("reads"), 0, "the service ended:\n{seen}");
        if let Some(address) = line.strip_prefix("taoxi: listening on http://") {
            break address.trim().parse().expect("an address");
        }
        seen.push_str(&line);
    };
    // Whoever logs must not be held up.
    std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
    (child, address)
}

/// The command that serves on a free port.
pub fn command(data: &Path, flags: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taoxi"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TAOXI_")) {
        command.env_remove(name);
    }
    command.args(["serve", "--data"]).arg(data);
    if !flags.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(flags).envs(env.iter().copied()).env("XDG_CONFIG_HOME", "/nonexistent");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// Asks again and again until it is so, or fails.
pub fn until(within: Duration, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + within;
    while !is_so() {
        assert!(Instant::now() < end, "not within {within:?}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A request as bytes.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        bytes.extend(b"host: 127.0.0.1\r\n");
    }
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    let sized = headers.iter().any(|(name, _)| matches!(*name, "transfer-encoding" | "content-length"));
    if !sized && (!body.is_empty() || method == "POST") {
        bytes.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

/// Bytes as Base64 (RFC 4648, 4).
pub fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number =
            three.iter().enumerate().fold(0_usize, |sum, (at, byte)| sum | usize::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            text.push(if at <= three.len() { char::from(letters[number >> (18 - 6 * at) & 63]) } else { '=' });
        }
    }
    text
}

/// A body in chunks.
pub fn chunked(pieces: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in pieces {
        bytes.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        bytes.extend(*piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The code of a problem, after looking at its form.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        for field in ["title", "detail", "hint"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {problem}");
        }
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        let code = problem["code"].as_str().expect("a code").to_owned();
        assert_eq!(problem["type"], format!("urn:taoxi:error:{code}"));
        code
    }
}

/// A connection.
pub struct Client {
    pub stream: BufReader<TcpStream>,
}

impl Client {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        stream.set_nodelay(true).expect("no delay");
        Self { stream: BufReader::new(stream) }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("sends");
    }

    pub fn ask(&mut self, request: &[u8]) -> Answer {
        self.send(request);
        self.answer(request.starts_with(b"HEAD"))
    }

    /// Reads an answer whole.
    pub fn answer(&mut self, head_only: bool) -> Answer {
        let mut answer = self.head();
        if head_only {
            return answer;
        }
        if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(piece) = self.chunk() {
                answer.body.extend(piece);
            }
        } else {
            let length = answer.header("content-length").map_or(0, |length| length.parse().expect("a number"));
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body).expect("a body");
        }
        answer
    }

    pub fn head(&mut self) -> Answer {
        let status = self.line();
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Answer { status: status.expect("a status"), headers, body: Vec::new() }
    }

    /// A chunk of a body; `None` for the last one.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = self.line();
        let mut piece = vec![0; usize::from_str_radix(&size, 16).unwrap_or_else(|_| panic!("no size: {size:?}"))];
        self.stream.read_exact(&mut piece).expect("a chunk");
        self.line();
        (!piece.is_empty()).then_some(piece)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// Whether the other end has closed, within the timeout of reading.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}
