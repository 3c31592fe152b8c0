//! How a run tells where it stands.

/// Is told of each stage and what was done of it. Called from one thread at a time.
pub trait Progress: Sync {
    /// A stage begins: its name, and how much there is to do in its own unit (0 where unknown).
    fn stage(&self, name: &'static str, total: u64);
    /// So much was done.
    fn add(&self, done: u64);
    /// An input failed.
    fn failed(&self, _id: &str, _message: &str) {}
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &'static str, _: u64) {}
    fn add(&self, _: u64) {}
}
