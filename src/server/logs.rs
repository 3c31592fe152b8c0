//! Logs: a line on standard error for each request and event, as JSON or as text. Never anything of a document.

use std::io::{self, IsTerminal as _};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::error::ServeError;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// JSON.
    Json,
    /// Text for people.
    Text,
}

impl LogFormat {
    /// The format of a name.
    pub fn parse(name: &str) -> Result<Self, ServeError> {
        match name {
            "auto" => Ok(Self::Auto),
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            _ => {
                Err(ServeError::Setting { setting: "log.format", wanted: "auto, json or text", given: name.to_owned() })
            }
        }
    }
}

/// The level of a name.
pub fn level(name: &str) -> Result<LevelFilter, ServeError> {
    match name {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        _ => Err(ServeError::Setting {
            setting: "log.level",
            wanted: "error, warn, info, debug or off",
            given: name.to_owned(),
        }),
    }
}

/// Begins to log, once for the process. A panic says where it was and not what it was about: its message may quote a document.
pub fn start(level: LevelFilter, format: LogFormat) {
    let terminal = io::stderr().is_terminal();
    // What libraries find worth telling about their own work is nobody's business until it goes wrong.
    let ours = Targets::new().with_target("taoxi", level).with_default(level.min(LevelFilter::WARN));
    // What it calls errors are single connections that sent no HTTP: whoever likes could fill the log with them.
    let ours = ours.with_target("actix_http", LevelFilter::OFF);
    let lines = fmt::layer().with_writer(io::stderr).with_target(false);
    let lines = if format == LogFormat::Json || (format == LogFormat::Auto && !terminal) {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        lines.with_ansi(terminal).boxed()
    };
    // Whoever embeds the service may log in a way of their own: then that one stays.
    let _ = registry().with(lines).with(ours).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a fault in taoxi");
    }));
}
