//! Dates and time stamps of tables as ISO 8601.

use crate::clock::date;

/// A time stamp of so many units in a second.
pub(super) fn stamp(value: i64, units: i64, utc: bool) -> String {
    let (seconds, part) = (value.div_euclid(units), value.rem_euclid(units));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    let digits = units.ilog10() as usize;
    let part = if part == 0 { String::new() } else { format!(".{part:0digits$}") };
    let zone = if utc { "Z" } else { "" };
    format!("{}T{hours:02}:{minutes:02}:{seconds:02}{part}{zone}", date(days))
}

/// A time stamp as old writers stored it: nanoseconds of the day, and the Julian day.
pub(super) fn of_int96(words: &[u32]) -> String {
    let [low, high, day] = words else { return String::new() };
    let nanos = u64::from(*high) << 32 | u64::from(*low);
    let days = i64::from(*day) - 2_440_588;
    let stamp = stamp(i64::try_from(nanos).unwrap_or(0), 1_000_000_000, false);
    format!("{}{}", date(days), stamp.trim_start_matches("1970-01-01"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_stamps_are_iso_8601() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (-719_528, "0000-01-01"),
            (2_932_896, "9999-12-31"),
        ] {
            assert_eq!(date(days), text);
        }
        assert_eq!(date(i64::MAX), "9223372036854775807 days");
        assert_eq!(stamp(1_714_521_600_123, 1000, true), "2024-05-01T00:00:00.123Z");
        assert_eq!(stamp(-1, 1_000_000, false), "1969-12-31T23:59:59.999999");
        assert_eq!(of_int96(&[1_000_000_000, 0, 2_460_432]), "2024-05-01T00:00:01");
    }
}
