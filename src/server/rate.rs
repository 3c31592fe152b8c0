//! How many requests a second one client may make.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::problem::Problem;
use crate::error::Code;

/// After so many requests, clients that have been quiet are forgotten.
const FORGET_EVERY: u32 = 4096;

/// Who is counted as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Client {
    /// Whoever has this key, by its id.
    Key(String),
    /// Whoever asks from this address.
    Address(IpAddr),
}

/// A limit for each client; a client may use a second's worth at once.
pub struct Rate {
    limiter: Option<DefaultKeyedRateLimiter<Client>>,
    clock: DefaultClock,
    asked: AtomicU32,
}

impl Rate {
    /// A limit of so many requests a second; 0 for none.
    pub fn new(per_second: u32) -> Self {
        let limiter = NonZeroU32::new(per_second).map(|quota| DefaultKeyedRateLimiter::keyed(Quota::per_second(quota)));
        Self { limiter, clock: DefaultClock::default(), asked: AtomicU32::new(0) }
    }

    /// Whether a client may ask now.
    pub fn admit(&self, client: Option<Client>) -> Result<(), Problem> {
        let (Some(limiter), Some(client)) = (&self.limiter, client) else { return Ok(()) };
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&client).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_secs() + 1;
            let mut problem = Problem::new(Code::RateLimited, "more requests a second than rate.per_second allows");
            problem.retry_after = u32::try_from(wait).ok();
            problem
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_limit_and_none_is_none() {
        let rate = Rate::new(3);
        let one = || Some(Client::Address(IpAddr::from([127, 0, 0, 1])));
        assert!((0..3).all(|_| rate.admit(one()).is_ok()));
        let problem = rate.admit(one()).unwrap_err();
        assert_eq!((problem.code, problem.retry_after), (Code::RateLimited, Some(1)));
        assert!(rate.admit(Some(Client::Address(IpAddr::from([127, 0, 0, 2])))).is_ok());
        assert!(rate.admit(Some(Client::Key("ab".to_owned()))).is_ok());
        let free = Rate::new(0);
        assert!((0..10_000).all(|_| free.admit(one()).is_ok()));
    }
}
