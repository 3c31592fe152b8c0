//! The HTTP service.
//!
//! [`run`] serves until it is told to stop. I/O workers read and write; all work on documents runs in `pool`, behind a short queue.
//!
//! | file | what it does |
//! |---|---|
//! | `settings`, `error` | what the service is started with, and why it could not be |
//! | `listen`, `signals`, `lifecycle` | the socket, SIGTERM and SIGHUP, the way from starting to stopped |
//! | `state`, `data` | what requests share; the data folder |
//! | `request` | what every request passes through: id, gate, headers, log, counts |
//! | `gate`, `cors`, `rate` | who may ask, from which pages, and how often |
//! | `pool`, `give_way`, `held` | threads with their queue, which go before I/O; bytes in memory |
//! | `content`, `documents`, `body`, `pace` | what a body is, the documents in it, reading it whole, and in time |
//! | `lines`, `incoming`, `split`, `turn` | streams answered line by line, and in turn where it matters |
//! | `receive`, `repeat` | archives that are sent; requests that may be repeated |
//! | `rules`, `watch` | the rule set in force, replaced when files change |
//! | `problem`, `openapi` | error answers; the description of the service |
//! | `metrics`, `logs` | what is counted and logged |
//! | `otlp`, `traces`, `collector` | spans of requests, with the feature `otlp` |
//! | `routes/` | the calls, one file for each group |

mod body;
#[cfg(feature = "otlp")]
mod collector;
mod content;
mod cors;
mod data;
mod documents;
mod error;
mod export;
mod gate;
mod give_way;
mod held;
mod incoming;
mod lifecycle;
pub mod lines;
mod listen;
mod logs;
mod metrics;
pub mod openapi;
mod otlp;
mod pace;
mod pool;
mod problem;
mod rate;
mod receive;
mod repeat;
mod request;
mod routes;
mod rules;
mod settings;
mod signals;
mod split;
mod state;
#[cfg(feature = "otlp")]
mod traces;
mod turn;
mod watch;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use prometheus_client::metrics::gauge::Gauge;

pub use error::ServeError;
pub use settings::Settings;

use lifecycle::Stage;
use state::State;

/// How long a connection that is being closed may still send what nobody reads.
const LINGER: Duration = Duration::from_secs(2);

/// Bytes of answers that a connection keeps because its client does not take them; when there are more, nothing is added.
const UNSENT: usize = 32 << 10;

/// How often the file of keys is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long work that is under way may take when everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(1);

/// How long the last spans may take to be sent.
#[cfg(feature = "otlp")]
const LAST_SPANS: Duration = Duration::from_secs(1);

/// Serves until SIGTERM or SIGINT. `ready` is told the address once requests are answered.
pub fn run(settings: Settings, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    logs::start(settings.log_level, settings.log_format);
    listen::raise_open_files();
    let state = Data::new(State::open(settings)?);
    let listener = listen::open(&state.settings)?;
    let ended = actix_web::rt::System::new().block_on(serve(state.clone(), listener, ready));
    state.jobs.close();
    state.pool.close(LAST_WORK);
    if let Err(error) = state.index.close() {
        tracing::error!(error = %error, "a collection was not closed well: its next start takes longer");
    }
    #[cfg(feature = "otlp")]
    state.traces.close(LAST_SPANS);
    tracing::info!("stopped");
    ended
}

async fn serve(state: Data<State>, listener: TcpListener, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let signals = signals::Signals::new()?;
    let _watch = watch::start(&state);
    let settings = &state.settings;
    let connections = settings.connections.div_ceil(settings.workers);
    let (shared, open) = (state.clone(), state.metrics.connections.clone());
    let server = HttpServer::new(move || {
        // Runs once in each I/O worker.
        give_way::this_thread();
        App::new()
            .app_data(shared.clone())
            .wrap(from_fn(request::around))
            .configure(routes::all)
            .default_service(web::to(routes::unknown_path))
    })
    .workers(settings.workers)
    .max_connections(connections)
    .h1_write_buffer_size(UNSENT)
    .keep_alive(settings.keep_alive)
    .client_request_timeout(settings.head_timeout)
    .client_disconnect_timeout(LINGER)
    .on_connect(move |_, extensions| count(&open, extensions))
    .tcp_nodelay(true)
    .disable_signals()
    .shutdown_timeout(settings.shutdown.as_secs())
    .listen(listener)?
    .run();
    actix_web::rt::spawn(signals.obey(state.clone(), server.handle()));
    actix_web::rt::spawn(look_at_keys(state.clone()));
    state.life.go(Stage::Ready);
    tracing::info!(address = %address, data = %state.data.folder().display(), threads = settings.threads, "ready");
    ready(address);
    Ok(server.await?)
}

/// Looks again and again whether keys were made or revoked.
async fn look_at_keys(state: Data<State>) {
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let state = state.clone();
        // The file may be held by another process for a moment. When the service ends there is nothing to look at.
        if web::block(move || state.refresh_keys()).await.is_err() {
            return;
        }
    }
}

/// Counts a connection as long as it is there.
fn count(open: &Gauge, extensions: &mut Extensions) {
    open.inc();
    extensions.insert(Connected(open.clone()));
}

struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}
