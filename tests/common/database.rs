//! A PostgreSQL of a test's own: a cluster in a temporary folder that is reached through a socket in it, and gone with it.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::service::until;

/// A server; it is stopped when this is dropped.
pub struct Database {
    folder: TempDir,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    durable: bool,
    /// Where it listens for those who encrypt.
    port: Option<u16>,
    server: Option<Child>,
}

/// The folder of the newest PostgreSQL programs.
fn programs() -> Option<PathBuf> {
    let is_there = |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_there(folder))
        .collect();
    versions.sort();
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(is_there);
    versions.pop().map(|(_, folder)| folder).or_else(on_path)
}

/// PostgreSQL refuses to run as root: a user and a group that it can run as instead.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    if std::fs::metadata("/proc/self").map_or(1, |it| it.uid()) != 0 {
        return None;
    }
    let users = std::fs::read("/etc/passwd").expect("users");
    let users = String::from_utf8_lossy(&users);
    let of = |name: &str| {
        let fields: Vec<&str> =
            users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|it| it[0] == name)?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    Some(of("postgres").or_else(|| of("nobody")).expect("a user that is not root"))
}

impl Database {
    /// Starts a server; says visibly when PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        Self::with(false)
    }

    /// The same; what it has acknowledged outlives a power cut.
    pub fn durable() -> Option<Self> {
        Self::with(true)
    }

    /// The same; it also listens on `localhost`, to those alone who encrypt. Its certificate is signed by that in the file `authority.pem` of its folder. Says
    /// visibly when openssl is not installed.
    pub fn encrypted() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            println!("SKIPPED: openssl is not installed");
            return None;
        }
        let mut database = Self::with(true)?;
        database.stop();
        let folder = database.folder.path().to_owned();
        std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost").expect("written");
        for words in [
            "req -x509 -newkey rsa:2048 -nodes -keyout authority.key -out authority.pem -days 2 -subj /CN=authority",
            "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem",
        ] {
            let mut command = Command::new("openssl");
            let made = command.args(words.split(' ')).current_dir(&folder).output().expect("openssl runs");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        if let Some((user, group)) = database.user {
            std::os::unix::fs::chown(folder.join("server.key"), Some(user), Some(group)).expect("a key of that user");
        }
        let who = "local all all trust\nhostssl all all 127.0.0.1/32 trust\nhostssl all all ::1/128 trust\n";
        std::fs::write(folder.join("data/pg_hba.conf"), who).expect("written");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        database.port = Some(free.local_addr().expect("an address").port());
        drop(free);
        database.again();
        Some(database)
    }

    fn with(durable: bool) -> Option<Self> {
        let Some(programs) = programs() else {
            println!("SKIPPED: PostgreSQL is not installed (apt-get install postgresql)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let user = unprivileged();
        if let Some((user, group)) = user {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("a folder of that user");
        }
        let mut database = Self { folder, programs, user, durable, port: None, server: None };
        let made = database
            .program("initdb")
            .args(["--username=taoxi", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"])
            .arg(database.folder.path().join("data"))
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        database.again();
        Some(database)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.folder.path()).stdin(Stdio::null()).env("LC_ALL", "C");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts the server again, when it has been stopped.
    pub fn again(&mut self) {
        let socket = format!("unix_socket_directories={}", self.folder.path().display());
        let durable = if self.durable { "fsync=on" } else { "fsync=off" };
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.folder.path().join("data"));
        let mut settings = vec![socket, durable.to_owned(), "max_connections=60".to_owned()];
        settings.push("shared_buffers=64MB".to_owned());
        if let Some(port) = self.port {
            let file = |name: &str| self.folder.path().join(name).display().to_string();
            settings.extend(["ssl=on".to_owned(), "listen_addresses=127.0.0.1".to_owned(), format!("port={port}")]);
            settings.push(format!("ssl_cert_file={}", file("server.pem")));
            settings.push(format!("ssl_key_file={}", file("server.key")));
        } else {
            settings.push("listen_addresses=".to_owned());
        }
        for setting in settings {
            command.args(["-c", &setting]);
        }
        let log = std::fs::File::create(self.folder.path().join("log")).expect("a file");
        self.server = Some(command.stdout(Stdio::null()).stderr(log).spawn().expect("starts"));
        let folder = self.folder.path().display().to_string();
        until(Duration::from_secs(30), || {
            let port = self.port.unwrap_or(5432).to_string();
            let ready = self.program("pg_isready").args(["-q", "-h", &folder, "-p", &port]).status();
            ready.expect("pg_isready runs").success()
        });
    }

    /// Stops the server as a power cut would.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let mut command = self.program("pg_ctl");
            command.args(["stop", "--mode=immediate", "--wait", "-D"]).arg(self.folder.path().join("data"));
            let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("postgres://taoxi@/postgres?host={}", self.folder.path().display())
    }

    /// Where those who encrypt reach it.
    pub fn encrypted_url(&self) -> String {
        format!("postgres://taoxi@localhost:{}/postgres?sslmode=require", self.port.expect("a port"))
    }

    /// What it answers, a line a row, with `|` between columns.
    pub fn ask(&self, sql: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let port = self.port.unwrap_or(5432).to_string();
        let mut psql = self.program("psql");
        psql.args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", &folder, "-p", &port]);
        let answer = psql.args(["-U", "taoxi", "-d", "postgres", "-c", sql]).output().expect("psql runs");
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).trim_end().to_owned()
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Fails where the counts or the table of hot hashes are not what the other tables say.
    pub fn verify(&self) {
        let wrong = self.ask(
            "SELECT 'counts of ' || c.name, c.documents, c.waiting, c.postings, c.bytes FROM taoxi_collections c WHERE
                c.documents <> (SELECT count(*) FROM taoxi_documents d WHERE d.collection = c.id AND d.crawl = '')
                OR c.waiting <> (SELECT count(*) FROM taoxi_documents d WHERE d.collection = c.id AND d.crawl <> '')
                OR c.postings <> (SELECT count(*) FROM taoxi_fp f WHERE f.collection = c.id)
                    + (SELECT count(*) FROM taoxi_fp_waiting f WHERE f.collection = c.id)
                OR c.bytes <> (SELECT coalesce(sum(length(record)), 0) FROM taoxi_documents d WHERE d.collection = c.id)",
        );
        assert_eq!(wrong, "");
        let wrong = self.ask(
            "SELECT h.space, h.h, h.holders, k.n FROM taoxi_hot h LEFT JOIN (
                SELECT collection, 0 AS space, h_text AS h, count(*) AS n FROM taoxi_documents WHERE crawl = '' GROUP BY 1, 3
                UNION ALL SELECT collection, 1, h_units, count(*) FROM taoxi_documents WHERE crawl = '' GROUP BY 1, 3
                UNION ALL SELECT collection, 2, h, count(*) FROM taoxi_fp GROUP BY 1, 3
                UNION ALL SELECT collection, 3, simhash, count(*) FROM taoxi_documents WHERE crawl = '' GROUP BY 1, 3
            ) k ON k.collection = h.collection AND k.space = h.space AND k.h = h.h WHERE k.n IS DISTINCT FROM h.holders OR h.holders <= 100",
        );
        assert_eq!(wrong, "");
        let wrong = self.ask(
            "SELECT f.slot FROM taoxi_fp f LEFT JOIN taoxi_documents d ON d.collection = f.collection AND d.slot = f.slot
                WHERE d.crawl IS DISTINCT FROM ''
            UNION ALL SELECT f.slot FROM taoxi_fp_waiting f LEFT JOIN taoxi_documents d ON d.collection = f.collection AND d.slot = f.slot
                WHERE coalesce(d.crawl, '') = ''
            UNION ALL SELECT d.slot FROM taoxi_documents d LEFT JOIN taoxi_codes k ON k.simhash = d.simhash AND k.collection = d.collection
                WHERE d.simhash IS NOT NULL AND k.simhash IS NULL",
        );
        assert_eq!(wrong, "");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.stop();
    }
}
