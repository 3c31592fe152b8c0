//! The socket that is listened on.

use std::net::TcpListener;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Protocol, Socket, Type};

use super::error::ServeError;
use super::settings::Settings;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;

/// Bytes that the system keeps for a client that does not take them.
const SEND_BUFFER: usize = 256 << 10;

/// Listens on the address of the settings.
pub fn open(settings: &Settings) -> Result<TcpListener, ServeError> {
    let address = settings.listen;
    let listen = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        // Connections inherit it: one whose other end takes nothing for so long is closed by the system, and what waited for it is freed.
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(settings.body.idle))?;
        // Connections inherit this too: what a client does not take waits in the memory of the system, as much as that allows by itself or this.
        socket.set_send_buffer_size(SEND_BUFFER)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    listen().map_err(|reason| ServeError::Listen { address, reason })
}

/// Lets the process have as many open files as the system allows it: each connection is one.
pub fn raise_open_files() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(error = %error, "the limit of open files stays as it is");
    }
}
