//! Where the service is in its life.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

/// A stage of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What is on disk is being read.
    Starting,
    /// Requests are answered.
    Ready,
    /// What runs may finish; nothing new is begun.
    Stopping,
    /// What still runs is cut.
    Cut,
}

impl Stage {
    /// The stage as `/readyz` names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping | Self::Cut => "stopping",
        }
    }
}

/// The stage that the service is in.
#[derive(Debug)]
pub struct Lifecycle {
    stage: AtomicU8,
    changes: watch::Sender<Stage>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self { stage: AtomicU8::new(Stage::Starting as u8), changes: watch::Sender::new(Stage::Starting) }
    }
}

impl Lifecycle {
    /// The stage now.
    pub fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Acquire) {
            0 => Stage::Starting,
            1 => Stage::Ready,
            2 => Stage::Stopping,
            _ => Stage::Cut,
        }
    }

    /// Goes on to a stage; there is no way back.
    pub fn go(&self, stage: Stage) {
        self.stage.fetch_max(stage as u8, Ordering::AcqRel);
        self.changes.send_replace(self.stage());
    }

    /// Comes when what runs is to be cut.
    pub async fn cut(&self) {
        self.reached(Stage::Cut).await;
    }

    /// Comes when the service is in this stage, or behind it.
    pub async fn reached(&self, stage: Stage) {
        let mut changes = self.changes.subscribe();
        // The sender lives as long as this.
        let _ = changes.wait_for(|now| *now as u8 >= stage as u8).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_only_goes_forward() {
        let life = Lifecycle::default();
        assert_eq!(life.stage(), Stage::Starting);
        life.go(Stage::Stopping);
        life.go(Stage::Ready);
        assert_eq!((life.stage(), life.stage().as_str()), (Stage::Stopping, "stopping"));
    }
}
