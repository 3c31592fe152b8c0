//! Spans of time with units: `30s`, `15min`, `12h`, `90d`.

use std::time::Duration;

const UNITS: &[(&str, u64)] = &[("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];

/// The span of a text. A number alone says no unit and is refused.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*seconds).map(Duration::from_secs)
}

/// The span as it would be written: in the largest unit that divides it.
pub fn show(span: Duration) -> String {
    let seconds = span.as_secs();
    let unit = UNITS.iter().find(|(_, unit)| seconds > 0 && seconds.is_multiple_of(*unit));
    let (name, unit) = unit.copied().unwrap_or(("s", 1));
    format!("{}{name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_shown() {
        for (text, seconds) in
            [("30s", 30), ("15min", 900), ("12h", 43_200), ("90d", 7_776_000), ("90s", 90), ("0s", 0)]
        {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
            assert_eq!(show(Duration::from_secs(seconds)), text);
        }
        assert_eq!(parse(" 2 h "), Some(Duration::from_secs(7200)));
        for text in ["", "7", "d", "-1d", "1.5h", "1m", "1 year", "99999999999999999d", "１d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
