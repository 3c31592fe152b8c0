//! Names of authors and sites: what is around them taken off, and what is no name refused.

/// Longest name kept, in characters.
const MAX_CHARS: usize = 100;
/// Most authors of one page.
const MAX_NAMES: usize = 20;

/// One name, or several with commas between them, of an author. `None` for addresses, handles and sentences.
pub(super) fn author(text: &str) -> Option<String> {
    const LEADS: [&str; 12] = [
        "written by", "posted by", "by:", "by ", "author:", "作者：", "作者:", "记者：", "记者:", "文/", "文／",
        "撰文：",
    ];
    let mut name = name(text)?;
    for lead in LEADS {
        let starts = name.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead));
        if starts {
            name.replace_range(..name.len() - name[lead.len()..].trim_start().len(), "");
        }
    }
    let is_sentence = name.ends_with(['。', '！', '？', '!', '?']) || name.split(' ').count() > 12;
    let is_handle = name.starts_with('@') || (name.contains('@') && !name.contains(' '));
    let has_letter = name.chars().any(char::is_alphabetic);
    (has_letter && !is_sentence && !is_handle).then_some(name)
}

/// Several names as one text, none twice.
pub(super) fn joined(names: impl IntoIterator<Item = String>) -> Option<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if kept.len() < MAX_NAMES && !kept.contains(&name) {
            kept.push(name);
        }
    }
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// A name of anything: white space collapsed, addresses refused, bounded.
pub(super) fn name(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let mut name = words.next()?.to_owned();
    for word in words.take(MAX_CHARS) {
        name.push(' ');
        name.push_str(word);
    }
    let name = name.trim_matches([',', ';', '|', '，', '；', ' ']);
    let is_address = name.contains("://") || name.starts_with("www.") || name.contains('<');
    (!name.is_empty() && !is_address && name.chars().count() <= MAX_CHARS).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_a_name_goes() {
        for (text, expected) in [
            ("By  Ann Example", Some("Ann Example")),
            ("作者：田小满", Some("田小满")),
            ("Ann Example, ", Some("Ann Example")),
            ("https://a.example/ann", None),
            ("@ann", None),
            ("ann@a.example", None),
            ("", None),
            ("---", None),
            ("今天我们来说一说。", None),
        ] {
            assert_eq!(author(text).as_deref(), expected, "{text}");
        }
        assert_eq!(author(&"x".repeat(1 << 20)), None);
    }

    #[test]
    fn names_are_joined_once_each() {
        let names = ["a", "b", "a"].map(str::to_owned);
        assert_eq!(joined(names).as_deref(), Some("a, b"));
        assert_eq!(joined([]), None);
    }
}
