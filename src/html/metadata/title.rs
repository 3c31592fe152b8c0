//! The title of a page without what its site adds to it.
//!
//! `标题_频道_某网`, `Title - Site` and `Site | Title` are parts with marks between them. A part goes when something
//! says that it is the site's: it is the site's name, it is in the host's name, or it looks like a name of sites; and
//! whatever the `<h1>` does not repeat goes when the `<h1>` is the rest. Without such evidence nothing goes.

/// What is known beside the title itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around<'a> {
    /// The site's name, if it gives one.
    pub(super) site: Option<&'a str>,
    /// The host of the page.
    pub(super) host: Option<&'a str>,
    /// The texts of `<h1>`.
    pub(super) headings: &'a [&'a str],
}

/// The title without its site's parts.
pub(super) fn without_site(title: &str, around: Around<'_>) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = parts(&title);
    if parts.len() < 2 {
        return title;
    }
    if let Some(found) = heading_part(&title, &parts, around.headings) {
        return found.to_owned();
    }
    let is_site = |part: &Part| belongs_to_site(part.of(&title), around);
    while parts.len() > 1 && parts.last().is_some_and(is_site) {
        parts.pop();
        // What a Chinese page puts between its title and its site are channels.
        while parts.len() > 1 && parts.last().is_some_and(|part| part.mark == Some('_') && part.is_short(&title, 8)) {
            parts.pop();
        }
    }
    while parts.len() > 1 && parts.first().is_some_and(|part| is_site(part) && part.is_short(&title, 20)) {
        parts.remove(0);
    }
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return title };
    title[first.start..last.end].to_owned()
}

/// A piece of the title between marks.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    /// The mark before it.
    mark: Option<char>,
}

impl Part {
    fn of<'t>(&self, title: &'t str) -> &'t str {
        &title[self.start..self.end]
    }

    fn is_short(&self, title: &str, max: usize) -> bool {
        self.of(title).chars().count() <= max
    }
}

/// The pieces between marks. Hyphens count with spaces around them, or behind a Han character.
fn parts(title: &str) -> Vec<Part> {
    let mut out = Vec::new();
    let (mut start, mut mark) = (0, None);
    let mut push = |start: usize, end: usize, mark| {
        let part = &title[start..end];
        let left = part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            out.push(Part { start: start + left, end: start + left + part.trim().len(), mark });
        }
    };
    let mut before = ' ';
    for (at, c) in title.char_indices() {
        let after = title[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let separates = match c {
            '|' | '｜' | '_' | '»' | '«' | '丨' => {
                before != c && (c != '_' || !(is_word(before) && is_word(after)))
            }
            '-' | '–' | '—' | '－' | '·' | ':' => {
                (before == ' ' && after == ' ') || (c != ':' && c != '·' && c != '—' && is_han(before) && is_han(after))
            }
            _ => false,
        };
        if separates {
            push(start, at, mark);
            start = at + c.len_utf8();
            mark = Some(c);
        }
        before = c;
    }
    push(start, title.len(), mark);
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '》' | '）' | '”' | '《' | '（' | '“' | '！' | '？' | '。')
}

/// The stretch of parts that a heading repeats, if it is not all of them.
fn heading_part<'t>(title: &'t str, parts: &[Part], headings: &[&str]) -> Option<&'t str> {
    for heading in headings.iter().take(4) {
        let heading = letters(heading);
        if heading.chars().count() < 4 {
            continue;
        }
        for first in 0..parts.len().min(6) {
            for last in (first..parts.len()).take(8) {
                let stretch = &title[parts[first].start..parts[last].end];
                if (first, last + 1) != (0, parts.len()) && letters(stretch) == heading {
                    return Some(stretch);
                }
            }
        }
    }
    None
}

fn letters(text: &str) -> String {
    text.chars().take(512).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn belongs_to_site(part: &str, around: Around<'_>) -> bool {
    let name = letters(part);
    if name.is_empty() {
        return true;
    }
    let site = around.site.map(letters).unwrap_or_default();
    if !site.is_empty()
        && (name == site || (name.chars().count() >= 3 && site.contains(&name)) || name.ends_with(&site))
    {
        return part.chars().count() <= 60;
    }
    is_of_host(&name, around.host) || looks_like_site(part)
}

/// Whether the name is the host's, such as `The Example` for `www.example.com`.
fn is_of_host(name: &str, host: Option<&str>) -> bool {
    let Some(host) = host else { return false };
    let host = host.strip_prefix("www.").unwrap_or(host);
    let joined: String = host.chars().filter(char::is_ascii_alphanumeric).collect();
    let labels = host.split('.').map(letters).filter(|label| label.len() >= 3);
    let short = name.strip_prefix("the").unwrap_or(name);
    name == joined
        || (short.len() >= 3 && labels.clone().any(|label| label == name || label == short || label.starts_with(short)))
        || (short.len() >= 5 && joined.starts_with(short))
}

/// Names that only sites and their channels have.
fn looks_like_site(part: &str) -> bool {
    const ENDS: [&str; 34] = [
        "网", "網", "网站", "網站", "门户", "频道", "頻道", "论坛", "論壇", "日报", "日報", "晚报", "晚報", "早报",
        "时报", "在线", "官网", "博客", "資訊網", "资讯", "新闻中心", "百科", "贴吧", "社区", "首页", "主页", "客户端",
        "通讯社", "出版社", "图书馆", "文库", "人民政府", "委员会", "研究所",
    ];
    const DOMAINS: [&str; 8] = [".com", ".net", ".org", ".cn", ".info", ".io", ".tw", ".hk"];
    let lower = part.to_ascii_lowercase();
    let chars = part.chars().count();
    (chars <= 16 && ENDS.iter().any(|end| part.ends_with(end)))
        || (!lower.contains(' ') && DOMAINS.iter().any(|end| lower.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(site: &'a str, host: &'a str, headings: &'a [&'a str]) -> Around<'a> {
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        Around { site: some(site), host: some(host), headings }
    }

    #[test]
    fn the_site_goes_where_something_says_that_it_is_the_site() {
        for (title, site, host, heading, expected) in [
            ("河道清淤工程完工_要闻_青石网", "", "", "", "河道清淤工程完工"),
            ("河道清淤工程完工-青石网", "", "", "", "河道清淤工程完工"),
            ("河道清淤工程完工 - 青石", "青石", "", "", "河道清淤工程完工"),
            ("河道清淤工程完工 | 本地要闻", "", "", "河道清淤工程完工", "河道清淤工程完工"),
            ("How canals are dredged - The Quarry", "The Quarry", "", "", "How canals are dredged"),
            ("How canals are dredged | Quarry", "", "www.quarry.example", "", "How canals are dredged"),
            ("Quarry Daily: How canals are dredged", "", "", "", "Quarry Daily: How canals are dredged"),
            ("Quarry | How canals are dredged", "Quarry", "", "", "How canals are dredged"),
            ("How canals are dredged » Blog » Quarry", "", "", "How canals are dredged", "How canals are dredged"),
            ("How  canals\nare dredged — quarry.com", "", "", "", "How canals are dredged"),
        ] {
            assert_eq!(without_site(title, with(site, host, &[heading])), expected, "{title}");
        }
    }

    #[test]
    fn without_evidence_nothing_goes() {
        for title in [
            "Canals - a history", "红与黑 - 第二章", "COVID-19 | what we know", "e-mail", "snake_case_names", "A | B",
            "青石网", "甲-乙双方的约定", "", "-", "___",
        ] {
            assert_eq!(without_site(title, with("Quarry", "quarry.example", &[])), title, "{title}");
        }
    }

    #[test]
    fn a_title_of_marks_alone_is_read_in_time() {
        let title = "a|".repeat(2000);
        assert!(!without_site(&title, with("Quarry", "", &["aaaaaaa"])).is_empty());
    }
}
