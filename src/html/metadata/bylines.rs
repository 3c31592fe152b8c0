//! What the lines under a headline say: `发布时间：2024年3月5日 09:12　来源：某报　作者：某人　责任编辑：某人`.

use super::{date, names};

/// What was found, the first of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bylines {
    pub(super) date: Option<String>,
    pub(super) author: Option<String>,
    /// Whom the page has the text from.
    pub(super) source: Option<String>,
}

/// Lines looked at, and the longest of them in bytes.
const MAX_LINES: usize = 400;
const MAX_LINE: usize = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Date,
    Author,
    Source,
    /// What ends the value before it.
    Other,
}

/// Longer labels before those that are in them.
const LABELS: &[(&str, Label)] = &[
    ("发布时间", Label::Date),
    ("发布日期", Label::Date),
    ("发表时间", Label::Date),
    ("发表日期", Label::Date),
    ("成文日期", Label::Other),
    ("更新时间", Label::Other),
    ("更新日期", Label::Other),
    ("發布時間", Label::Date),
    ("發佈時間", Label::Date),
    ("發布日期", Label::Date),
    ("發表時間", Label::Date),
    ("发布于", Label::Date),
    ("发表于", Label::Date),
    ("日期", Label::Date),
    ("时间", Label::Date),
    ("時間", Label::Date),
    ("责任编辑", Label::Other),
    ("責任編輯", Label::Other),
    ("编辑", Label::Other),
    ("編輯", Label::Other),
    ("审核", Label::Other),
    ("浏览次数", Label::Other),
    ("浏览", Label::Other),
    ("阅读", Label::Other),
    ("点击", Label::Other),
    ("字号", Label::Other),
    ("字体", Label::Other),
    ("分享", Label::Other),
    ("作者", Label::Author),
    ("记者", Label::Author),
    ("記者", Label::Author),
    ("撰文", Label::Author),
    ("撰稿", Label::Author),
    ("文章来源", Label::Source),
    ("信息来源", Label::Source),
    ("来源", Label::Source),
    ("來源", Label::Source),
    ("稿源", Label::Source),
];

/// Reads the first lines of a page.
pub(super) fn read<'l>(lines: impl IntoIterator<Item = &'l str>) -> Bylines {
    let mut found = Bylines::default();
    for line in lines.into_iter().take(MAX_LINES).filter(|line| line.len() <= MAX_LINE) {
        for (label, value) in labelled(line) {
            match label {
                Label::Date if found.date.is_none() => found.date = date::parse(value),
                Label::Author if found.author.is_none() => found.author = author(value),
                Label::Source if found.source.is_none() => found.source = source(value),
                _ => {}
            }
        }
    }
    found
}

/// The labels of a line with the text behind each, up to the next label. A label stands before a colon, or ends in 于.
fn labelled(line: &str) -> Vec<(Label, &str)> {
    let bytes = line.as_bytes();
    let may_hold = |mark: &str| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
    if memchr::memchr(b':', bytes).is_none() && !may_hold("：") && !may_hold("于") {
        return Vec::new();
    }
    let mut places: Vec<(Label, usize, usize)> = Vec::new();
    for (at, mark) in line.match_indices(['：', ':', '于']) {
        let after = at + mark.len();
        let name =
            if mark == "于" { &line[..after] } else { line[..at].trim_end_matches([' ', '\u{a0}', '\u{3000}']) };
        if let Some((label, kind)) = LABELS.iter().find(|(label, _)| name.ends_with(label)) {
            places.push((*kind, name.len() - label.len(), after));
        }
    }
    let end = |i: usize| places.get(i + 1).map_or(line.len(), |&(_, start, _)| start);
    let value = |i: usize, from: usize| {
        line.get(from..end(i)).unwrap_or_default().trim_matches(['：', ':', ' ', '\u{a0}', '\u{3000}'])
    };
    places.iter().enumerate().map(|(i, &(label, _, from))| (label, value(i, from).trim())).collect()
}

/// A name up to a mark, a wide space, or a date.
fn author(value: &str) -> Option<String> {
    names::author(head(value)).filter(|name| name.chars().count() <= 40)
}

fn source(value: &str) -> Option<String> {
    names::name(head(value)).filter(|name| name.chars().count() <= 40 && !name.ends_with('。'))
}

fn head(value: &str) -> &str {
    let wide =
        |c: char| matches!(c, '\t' | '\u{3000}' | '|' | '｜' | '/' | '【' | '[' | '(' | '（' | '。' | '；' | ';');
    let end = value.find(wide).or_else(|| value.find("  ")).unwrap_or(value.len());
    let value = value[..end].trim();
    // A year, or a time of day, is no part of a name.
    let digits = value.char_indices().find(|&(at, c)| c.is_ascii_digit() && value[..at].ends_with([' ', '\u{a0}']));
    value[..digits.map_or(value.len(), |(at, _)| at)].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_under_a_headline_are_read() {
        let found = read([
            "清淤工程完工",
            "发布时间：2024年3月5日 09:12　来源：青石日报　作者：田小满　责任编辑：石大川",
            "发布时间：2020年1月1日",
        ]);
        let expected = Bylines {
            date: Some("2024-03-05".to_owned()),
            author: Some("田小满".to_owned()),
            source: Some("青石日报".to_owned()),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn each_form_of_line_is_read() {
        for (line, date, author, source) in [
            ("2024-03-05 来源: 青石网 浏览次数: 12", None, None, Some("青石网")),
            ("作者：田小满 2024-03-05 09:12", None, Some("田小满"), None),
            ("來源：青石晚報 | 記者：田小滿", None, Some("田小滿"), Some("青石晚報")),
            ("日期：2024-03-05【字号 大 中 小】", Some("2024-03-05"), None, None),
            ("发布于 2024-03-05", Some("2024-03-05"), None, None),
            ("时间就是生命，编辑部的来源很多", None, None, None),
            ("更新时间：2024-03-06", None, None, None),
            ("责任编辑：石大川", None, None, None),
        ] {
            let found = read([line]);
            assert_eq!(
                (found.date.as_deref(), found.author.as_deref(), found.source.as_deref()),
                (date, author, source),
                "{line}"
            );
        }
    }

    #[test]
    fn long_lines_are_prose() {
        let line = format!("作者：田小满{}", "很长".repeat(100));
        assert_eq!(read([line.as_str()]), Bylines::default());
    }
}
