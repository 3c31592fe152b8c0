//! A progress line on standard error, on a terminal only.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Counts documents; silent unless standard error is a terminal.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(wanted: bool) -> Self {
        let bar =
            if wanted && std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} documents, {per_sec}, {elapsed}") {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar }
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    /// Lets something else write to the terminal.
    pub(super) fn hide(&self, then: impl FnOnce()) {
        self.bar.suspend(then);
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
