//! I/O gives way to work.
//!
//! Threads that only move bytes are woken by every piece that comes. With the same priority as the threads that wash, each piece would interrupt a
//! document, and under overload refusing would take half of a core from serving. A little later they find many pieces at once, and lose little: when
//! there is nothing to wash they run at once.

/// How much nicer than the other threads (nice(2)): at 5 a thread gets about a quarter of a core that another one wants wholly.
#[cfg(target_os = "linux")]
const NICER: i32 = 5;

/// Lets this thread give way, where the system knows priorities of threads.
pub fn this_thread() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICER) {
        tracing::debug!(error = %error, "the priority of an I/O thread stays as it is");
    }
}
