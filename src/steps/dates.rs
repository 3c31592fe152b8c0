//! Dates with a stray space inside a number: `2019 年1 0月1 日`.

use std::ops::Range;

use super::numbers::digit;

/// The date around a space, written without spaces, if a number in it is split and the whole is a date for certain.
pub(super) fn joined(line: &str, space: usize) -> Option<(Range<usize>, String)> {
    let inside = |c: char| digit(c).is_some() || matches!(c, ' ' | '年' | '月' | '日' | '号');
    let start = line[..space].char_indices().rev().take(24).take_while(|&(_, c)| inside(c)).last().map(|(at, _)| at)?;
    let length: usize = line[start..].chars().take(32).take_while(|&c| inside(c)).map(char::len_utf8).sum();
    let run = line[start..start + length].trim();
    let start = start + line[start..start + length].find(run)?;
    // The run may hold more than one date: take the piece of it that the space is in.
    let (from, to) = piece(run, space - start)?;
    let text = &run[from..to];
    if !is_split(text) {
        return None;
    }
    let close: String = text.chars().filter(|&c| c != ' ').collect();
    is_date(&close).then(|| (start + from..start + to, close))
}

/// The stretch around `at` that ends at a day, or at a month or year with no digit after it.
fn piece(run: &str, at: usize) -> Option<(usize, usize)> {
    let mut from = 0;
    for (index, c) in run.char_indices() {
        if !matches!(c, '年' | '月' | '日' | '号') {
            continue;
        }
        let end = index + c.len_utf8();
        let more = run[end..].trim_start().starts_with(|c| digit(c).is_some()) && !matches!(c, '日' | '号');
        if !more {
            if at < end {
                return Some((from, end));
            }
            from = end + run[end..].len() - run[end..].trim_start().len();
        }
    }
    None
}

/// Whether a space stands between two digits.
fn is_split(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b' ' && w[2].is_ascii_digit())
}

/// A year of our times, with a month and a day or without; or a month with a day.
fn is_date(text: &str) -> bool {
    let (year, rest) = match text.split_once('年') {
        Some((year, rest)) => (Some(year), rest),
        None => (None, text),
    };
    let (month, rest) = match rest.split_once('月') {
        Some((month, rest)) => (Some(month), rest),
        None => (None, rest),
    };
    let day = rest.strip_suffix(['日', '号']);
    let number = |text: &str, least: u32, most: u32| {
        text.len() <= 4 && text.parse::<u32>().is_ok_and(|n| (least..=most).contains(&n))
    };
    let year_fits = year.is_none_or(|year| year.len() == 4 && number(year, 1900, 2099));
    let month_fits = month.is_none_or(|month| month.len() <= 2 && number(month, 1, 12));
    let day_fits = day.map_or(rest.is_empty(), |day| day.len() <= 2 && number(day, 1, 31));
    let enough = year.is_some() || (month.is_some() && day.is_some());
    enough && year_fits && month_fits && day_fits && (day.is_none() || month.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(line: &str) -> Option<String> {
        let (range, text) = line.find(' ').and_then(|at| joined(line, at))?;
        Some(format!("{}{}{}", &line[..range.start], text, &line[range.end..]))
    }

    #[test]
    fn dates_close_up_only_when_certain() {
        assert_eq!(first("于2019 年1 0月1 日施行").as_deref(), Some("于2019年10月1日施行"));
        assert_eq!(first("创建于20 08年9月。").as_deref(), Some("创建于2008年9月。"));
        assert_eq!(first("截至12 5月份"), None);
        assert_eq!(first("2019 年 10 月"), None);
        assert_eq!(first("有1 2月"), None);
    }
}
