//! What the process says with its exit status.

use std::process::ExitCode;

/// The exit status of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done,
    /// Done, but some inputs failed or a check found faults.
    SomeFailed,
    /// Unusable arguments or configuration.
    Unusable,
    /// Stopped by Ctrl-C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::SomeFailed => 1,
            Exit::Unusable => 2,
            Exit::Interrupted => 130,
        })
    }
}
