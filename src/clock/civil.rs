//! The proleptic Gregorian calendar. After Howard Hinnant, `civil_from_days` and `days_from_civil`.

/// Days since 1970-01-01 as a date; a number that stands for no year of four digits as it is.
pub(crate) fn date(days: i64) -> String {
    if !(-719_528..=2_932_896).contains(&days) {
        return format!("{days} days");
    }
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The days from 1970-01-01 to a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// A date or a time of RFC 3339 in milliseconds since 1970 began.
pub(super) fn parse(text: &str) -> Option<u64> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let number = |at: std::ops::Range<usize>| digits(day.get(at)?);
    let days = days(number(0..4)?, number(5..7)?, number(8..10)?);
    // A 30 February becomes a March day; written again it is another text.
    if date(days) != day {
        return None;
    }
    let millis = if rest.is_empty() { 0 } else { time(rest)? };
    u64::try_from(days * 86_400_000 + millis).ok()
}

/// `T12:00:00.5+08:00` in milliseconds of the day in UTC, which may be the day before or after.
fn time(text: &str) -> Option<i64> {
    let text = text.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = (text.get(..8)?, text.get(8..)?);
    let seconds =
        minutes(clock.get(..5)?)? * 60 + digits(clock.get(5..)?.strip_prefix(':')?).filter(|second| *second < 60)?;
    let (millis, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
            (digits(&format!("{:0<3.3}", &rest[..end]))?, &rest[end..])
        }
    };
    let shift = match zone {
        "Z" | "z" => 0,
        _ => {
            let (east, zone) = zone.strip_prefix('+').map_or((-1, zone.strip_prefix('-')), |zone| (1, Some(zone)));
            east * minutes(zone?)?
        }
    };
    Some((seconds - shift * 60) * 1000 + millis)
}

/// `12:30` in minutes.
fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    Some(digits(hours).filter(|hours| *hours < 24)? * 60 + digits(minutes).filter(|minutes| *minutes < 60)?)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
