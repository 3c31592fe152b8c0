//! `taoxi serve` and `taoxi health`.

use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::args::HealthArgs;
use super::exit::Exit;
use super::{Failure, complain};
use crate::config::Config;
use crate::error::{Code, Fault};
use crate::server::{self, Settings};

/// How long health may take to be told.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves until it is stopped.
pub(super) fn serve(config: &Config) -> Result<Exit, Failure> {
    let settings = Settings::new(config, &|name| std::env::var(name).ok()).map_err(|error| Failure::of(&error))?;
    server::run(settings, |address| complain(&format!("listening on http://{address}")))
        .map_err(|error| Failure::of(&error))?;
    Ok(Exit::Done)
}

/// Asks a running service whether it is ready.
pub(super) fn health(args: &HealthArgs, config: &Config) -> Result<Exit, Failure> {
    let url = args.url.clone().unwrap_or_else(|| format!("http://{}", config.listen()));
    let host = url
        .strip_prefix("http://")
        .map(|rest| rest.split('/').next().unwrap_or_default())
        .filter(|host| !host.is_empty());
    let Some(host) = host else {
        let message = format!("--url {url}: give an address such as http://127.0.0.1:8077");
        return Err(Failure(Fault::new(Code::Usage, message)));
    };
    match ask(host) {
        Ok(status) if status == "200" => Ok(Exit::Done),
        Ok(status) => {
            complain(&format!("the service at {url} is not ready: it answered {status}"));
            Ok(Exit::SomeFailed)
        }
        Err(error) => {
            complain(&format!("the service at {url} does not answer: {error}"));
            Ok(Exit::SomeFailed)
        }
    }
}

/// The status that /readyz answers.
fn ask(host: &str) -> std::io::Result<String> {
    let with_port = if host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let address = with_port.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut head = Vec::new();
    stream.take(4096).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    head.split(' ').nth(1).map(str::to_owned).ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}
