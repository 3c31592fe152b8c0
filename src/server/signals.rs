//! Signals: SIGTERM and SIGINT end the service, SIGHUP loads the rules anew.

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::lifecycle::Stage;
use super::pool;
use super::state::State;

/// What a shell says of a process that SIGINT ended.
const INTERRUPTED: i32 = 130;

/// The signals that are listened to.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Listens from now on.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Does what signals say.
    pub async fn obey(mut self, state: Data<State>, server: ServerHandle) {
        self.asked_to_stop(&state).await;
        tracing::info!("stopping: what runs may finish");
        state.life.go(Stage::Stopping);
        state.jobs.stop();
        actix_web::rt::spawn(cut_later(state.clone()));
        let stopping = server.stop(true);
        let again = self.asked_to_stop(&state);
        if let futures_util::future::Either::Right(_) =
            futures_util::future::select(std::pin::pin!(stopping), std::pin::pin!(again)).await
        {
            tracing::warn!("stopped at once");
            std::process::exit(INTERRUPTED);
        }
    }

    /// Comes with SIGTERM or SIGINT; loads the rules anew with each SIGHUP until then.
    async fn asked_to_stop(&mut self, state: &Data<State>) {
        enum Asked {
            Stop,
            Reload,
        }
        loop {
            let asked = std::future::poll_fn(|context| {
                if self.terminate.poll_recv(context).is_ready() || self.interrupt.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(Asked::Stop);
                }
                self.hang_up.poll_recv(context).map(|_| Asked::Reload)
            });
            match asked.await {
                Asked::Stop => return,
                Asked::Reload => reload(state).await,
            }
        }
    }
}

async fn reload(state: &Data<State>) {
    let shared = state.clone().into_inner();
    // The outcome is logged and counted where it is done; a pool that is closed needs no rules.
    if let Ok(ticket) = state.pool.stream(move || shared.reload("SIGHUP").is_ok()) {
        let _ = pool::outcome(ticket).await;
    }
}

/// Streams that have not ended by then are told, with time left to send it.
async fn cut_later(state: Data<State>) {
    tokio::time::sleep(state.settings.shutdown * 3 / 4).await;
    state.life.go(Stage::Cut);
}
