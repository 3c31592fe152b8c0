//! Moments as RFC 3339 writes them, and spans of time such as `90d`.

mod civil;
pub mod span;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(crate) use civil::date;

/// A moment in UTC, to the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date such as 2031-05-01 and no time such as 2031-05-01T12:00:00Z")]
pub struct NoMoment(String);

impl Moment {
    /// The present one.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    /// The moment so many milliseconds after 1970 began.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 began.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The moment so much later.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX)))
    }

    /// How long after an earlier moment this is; nothing when it is before it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339, section 5.6, in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        let (day, second) = (seconds / 86_400, seconds % 86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", date(i64::try_from(day).unwrap_or(i64::MAX)))
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    /// A date, meaning its first moment, or a time of RFC 3339.
    fn from_str(text: &str) -> Result<Self, NoMoment> {
        civil::parse(text.trim()).map(Self).ok_or_else(|| NoMoment(text.chars().take(60).collect()))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_back_as_they_were_written() {
        for millis in [0, 1, 951_782_400_000, 1_767_225_599_999, 4_102_444_800_000, 253_402_300_799_999] {
            let moment = Moment::from_millis(millis);
            assert_eq!(moment.to_string().parse(), Ok(moment), "{moment}");
        }
        assert_eq!(Moment::from_millis(951_782_400_000).to_string(), "2000-02-29T00:00:00.000Z");
    }

    #[test]
    fn dates_and_zones_are_read() {
        let noon = Moment::from_millis(1_927_713_600_000);
        for text in [
            "2031-02-01T12:00:00Z", "2031-02-01t12:00:00.000000z", "2031-02-01 20:00:00+08:00",
            "2031-02-01T09:30:00-02:30",
        ] {
            assert_eq!(text.parse(), Ok(noon), "{text}");
        }
        assert_eq!("2031-02-01".parse(), Ok(Moment::from_millis(noon.millis() - 43_200_000)));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "", "2031", "2031-13-01", "2031-02-30", "2031-00-01", "31-02-01", "2031-02-01T", "2031-02-01T12:00:00",
            "2031-02-01T24:00:00Z", "2031-02-01T12:60:00Z", "2031-02-01T12:00:00+8", "1969-12-31", "２031-02-01",
            "2031-02-01T12:00:00Zx", "2031-02-01T12:00:00.Z",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_present_lies_between_its_neighbours() {
        let (now, day) = (Moment::now(), Duration::from_secs(86_400));
        assert_eq!(now.after(day).since(now), day);
        assert_eq!(now.since(now.after(day)), Duration::ZERO);
    }
}
