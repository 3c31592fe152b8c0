//! How fast a body must come.

use std::time::{Duration, Instant};

use super::problem::Problem;
use crate::error::Code;

/// A body that comes slower than so many bytes a second, after the first pause it may make, is given up.
const LEAST_RATE: u64 = 128;

/// How long was waited for a body, and how much of it came. Time in which nobody asked for more does not count.
#[derive(Debug)]
pub struct Pace {
    idle: Duration,
    waited: Duration,
    received: u64,
    since: Option<Instant>,
}

impl Pace {
    /// A body that may pause for `idle`.
    pub fn new(idle: Duration) -> Self {
        Self { idle, waited: Duration::ZERO, received: 0, since: None }
    }

    /// Waiting begins, or goes on: until when there must be more.
    pub fn wait(&mut self) -> Instant {
        let since = *self.since.get_or_insert_with(Instant::now);
        let earned = Duration::from_millis(self.received.saturating_mul(1000) / LEAST_RATE);
        since + self.idle.min((self.idle + earned).saturating_sub(self.waited))
    }

    /// More came.
    pub fn got(&mut self, bytes: usize) {
        self.received += bytes as u64;
        self.pause();
    }

    /// Nobody asks for more for a while.
    pub fn pause(&mut self) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
    }

    /// What is said when it did not come.
    pub fn late(&self) -> Problem {
        let detail = format!("the body came too slowly: {} bytes in {} s", self.received, self.total().as_secs());
        Problem::new(Code::Timeout, detail)
    }

    fn total(&self) -> Duration {
        self.waited + self.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drip_earns_no_time_and_a_stream_does() {
        let idle = Duration::from_secs(10);
        let mut drip = Pace::new(idle);
        drip.waited = Duration::from_secs(9);
        drip.received = 9;
        let now = Instant::now();
        assert!(drip.wait() < now + Duration::from_secs(2));
        let mut stream = Pace::new(idle);
        stream.waited = Duration::from_secs(90);
        stream.received = 1 << 20;
        assert!(stream.wait() > now + Duration::from_secs(9));
        assert!(stream.wait() <= Instant::now() + idle);
    }
}
