//! Dates as pages write them, brought into the form of RFC 3339.
//!
//! A moment needs an offset from UTC to be one. Where a page gives a time of day without one, its date is all that is
//! known for certain, and all that is kept.

use std::fmt::Write;

/// Years that a page may be from.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2100;

/// A date or a moment of RFC 3339, from the first date that `text` holds: `2024-03-05T09:12:00+08:00`, `2024/3/5`,
/// `20240305`, `2024年3月5日 09:12`, `5 March 2024`, `Mar 5, 2024`, `Tue, 05 Mar 2024 09:12:00 GMT`.
pub(super) fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    let head: String = text.chars().take(80).map(plain).collect();
    let tokens = tokens(&head);
    let (date, after) = numeric(&tokens).or_else(|| worded(&tokens)).or_else(|| compact(&tokens))?;
    let mut out = format!("{:04}-{:02}-{:02}", date.0, date.1, date.2);
    if let Some((hour, minute, second, offset)) = time(&tokens[after..], &head) {
        let _ = write!(out, "T{hour:02}:{minute:02}:{second:02}{offset}");
    }
    Some(out)
}

/// Fullwidth digits and marks as plain ones.
fn plain(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '〇' => '0',
        _ => c,
    }
}

/// A number, a word or a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    /// Its value, how many digits it has, and where it stands.
    Number {
        value: u32,
        digits: usize,
        at: usize,
    },
    Word(&'t str),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let same = |test: fn(&char) -> bool| text[at..].chars().take_while(test).map(char::len_utf8).sum::<usize>();
        let length = if c.is_ascii_digit() {
            let digits = same(char::is_ascii_digit);
            if let Ok(value) = text[at..at + digits].parse() {
                out.push(Token::Number { value, digits, at });
            } else {
                out.push(Token::Mark('0'));
            }
            digits
        } else if c.is_ascii_alphabetic() {
            let length = same(char::is_ascii_alphabetic);
            out.push(Token::Word(&text[at..at + length]));
            length
        } else {
            out.push(Token::Mark(c));
            c.len_utf8()
        };
        at += length;
    }
    out
}

type Date = (u32, u32, u32);

/// Year, month and day as numbers with one kind of mark between them, wherever they begin. Also the index behind them.
fn numeric(tokens: &[Token<'_>]) -> Option<(Date, usize)> {
    (0..tokens.len()).find_map(|start| {
        let Token::Number { value: year, digits: 4, .. } = tokens[start] else { return None };
        if start > 0 && matches!(tokens[start - 1], Token::Number { .. }) {
            return None;
        }
        let rest: Vec<(usize, &Token<'_>)> = tokens
            .iter()
            .enumerate()
            .skip(start + 1)
            .take(9)
            .filter(|(_, token)| !matches!(token, Token::Mark(' ')))
            .collect();
        let [(_, Token::Mark(first)), (_, month), (_, Token::Mark(second)), (last, day), ..] = rest.as_slice() else {
            return None;
        };
        let fits = match first {
            '年' => *second == '月',
            '-' | '/' | '.' => first == second,
            _ => false,
        };
        let (Token::Number { value: month, digits: 1..=2, .. }, Token::Number { value: day, digits: 1..=2, .. }) =
            (month, day)
        else {
            return None;
        };
        let date = fits.then(|| checked(year, *month, *day))??;
        Some((date, last + 1))
    })
}

/// `5 March 2024`, `March 5th, 2024`.
fn worded(tokens: &[Token<'_>]) -> Option<(Date, usize)> {
    let month_at = tokens.iter().position(|token| matches!(token, Token::Word(word) if month(word).is_some()))?;
    let Token::Word(word) = tokens[month_at] else { return None };
    let month = month(word)?;
    let number = |token: &Token<'_>| match *token {
        Token::Number { value, digits, .. } => Some((value, digits)),
        _ => None,
    };
    let mut after =
        tokens.iter().enumerate().skip(month_at + 1).take(6).filter_map(|(i, token)| Some((i, number(token)?)));
    let (first_at, (first, digits)) = after.next()?;
    if digits == 4 {
        let (day, _) = tokens[..month_at].iter().rev().take(4).find_map(number)?;
        return Some((checked(first, month, day)?, first_at + 1));
    }
    let (year_at, (year, _)) = after.next().filter(|(_, (_, digits))| *digits == 4)?;
    Some((checked(year, month, first)?, year_at + 1))
}

/// `20240305`, `20240305091200`.
fn compact(tokens: &[Token<'_>]) -> Option<(Date, usize)> {
    let Token::Number { value, digits: 8, .. } = *tokens.first()? else { return None };
    Some((checked(value / 10_000, value / 100 % 100, value % 100)?, 1))
}

fn month(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ];
    let word = word.to_ascii_lowercase();
    let is = |name: &&str| word == **name || (word.len() == 3 || word == "sept") && name.starts_with(&word);
    let found = NAMES.iter().position(is)?;
    u32::try_from(found + 1).ok()
}

fn checked(year: u32, month: u32, day: u32) -> Option<Date> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (YEARS.contains(&year) && (1..=days).contains(&day)).then_some((year, month, day))
}

/// The time of day with its offset, if both follow the date at once.
fn time(tokens: &[Token<'_>], text: &str) -> Option<(u32, u32, u32, String)> {
    let number = |i: usize| match tokens.get(i) {
        Some(Token::Number { value, digits: 1..=2, .. }) => Some(*value),
        _ => None,
    };
    // What may stand between date and time: T, a space, a comma, 日, a weekday.
    let start = tokens.iter().take(8).position(|token| matches!(token, Token::Number { .. }))?;
    let (hour, minute) = (number(start)?, number(start + 2)?);
    if tokens.get(start + 1) != Some(&Token::Mark(':')) || hour > 23 || minute > 59 {
        return None;
    }
    let mut next = start + 3;
    let mut second = 0;
    if tokens.get(next) == Some(&Token::Mark(':')) {
        second = number(next + 1).filter(|&second| second < 60)?;
        next += 2;
        if tokens.get(next) == Some(&Token::Mark('.')) {
            next += 2;
        }
    }
    while tokens.get(next) == Some(&Token::Mark(' ')) {
        next += 1;
    }
    let offset = match tokens.get(next)? {
        Token::Word("Z" | "z" | "GMT" | "UTC" | "UT") => "Z".to_owned(),
        Token::Mark(sign @ ('+' | '-')) => {
            let Some(Token::Number { value, digits, at }) = tokens.get(next + 1).copied() else { return None };
            let (hours, minutes) = match (digits, tokens.get(next + 2)) {
                (4, _) => (value / 100, value % 100),
                (2, Some(Token::Mark(':'))) => (value, text.get(at + 3..at + 5)?.parse().ok()?),
                (1 | 2, _) => (value, 0),
                _ => return None,
            };
            (hours < 24 && minutes < 60).then(|| format!("{sign}{hours:02}:{minutes:02}"))?
        }
        _ => return None,
    };
    Some((hour, minute, second, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_pages_write_them() {
        for (text, expected) in [
            ("2024-03-05", "2024-03-05"),
            ("2024-3-5 9:12", "2024-03-05"),
            ("2024-03-05T09:12:33+08:00", "2024-03-05T09:12:33+08:00"),
            ("2024-03-05T09:12:33.123Z", "2024-03-05T09:12:33Z"),
            ("2024-03-05T09:12:33+0800", "2024-03-05T09:12:33+08:00"),
            ("2024-03-05 09:12:33 -05:30", "2024-03-05T09:12:33-05:30"),
            ("2024-03-05T09:12Z", "2024-03-05T09:12:00Z"),
            ("2024/03/05 09:12", "2024-03-05"),
            ("2024.3.5", "2024-03-05"),
            ("20240305", "2024-03-05"),
            ("2024年3月5日 09:12", "2024-03-05"),
            ("２０２４年３月５日", "2024-03-05"),
            ("2024 年 3 月 5 日", "2024-03-05"),
            ("星期二 2024年03月05日", "2024-03-05"),
            ("Tue, 05 Mar 2024 09:12:00 GMT", "2024-03-05T09:12:00Z"),
            ("March 5, 2024", "2024-03-05"),
            ("Mar 5th, 2024 9:12 AM", "2024-03-05"),
            ("5 March 2024", "2024-03-05"),
            ("Sept. 5, 2024", "2024-09-05"),
            ("2000-02-29", "2000-02-29"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "", "2024", "12:30", "2024-13-05", "2023-02-29", "1900-02-29", "2024-00-10", "0001-01-01", "3024-01-01",
            "2024-3/5", "99999999", "12345678901234567890", "May I", "call 555-1234", "2024年", "1.2.3",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
