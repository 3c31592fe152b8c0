//! Steps written down: ids, comments with the evidence, tests.

use std::fmt::Write as _;

use toml_edit::Value;

use super::learned::{Evidence, Place};
use super::step::{Pattern, Step};

/// Names of steps by what their patterns say.
const NAMES: &[(&str, &str)] = &[
    ("当前位置", "breadcrumb"),
    ("您的位置", "breadcrumb"),
    ("所在位置", "breadcrumb"),
    ("首页", "menu"),
    ("上一篇", "previous"),
    ("下一篇", "next"),
    ("上一条", "previous"),
    ("下一条", "next"),
    ("相关", "related"),
    ("推荐", "recommended"),
    ("热门", "popular"),
    ("排行", "ranking"),
    ("猜你喜欢", "recommended"),
    ("预览", "preview-wall"),
    ("试读", "preview-wall"),
    ("未读", "preview-wall"),
    ("阅读全文", "preview-wall"),
    ("浏览", "views"),
    ("点击", "views"),
    ("人气", "views"),
    ("阅读", "reading"),
    ("备案", "licence-number"),
    ("icp", "licence-number"),
    ("版权", "copyright"),
    ("copyright", "copyright"),
    ("免责", "disclaimer"),
    ("声明", "disclaimer"),
    ("侵权", "disclaimer"),
    ("举报", "report"),
    ("来源", "source"),
    ("来自", "credit"),
    ("责任编辑", "editor"),
    ("编辑", "editor"),
    ("作者", "author"),
    ("上传", "upload"),
    ("发布", "published"),
    ("时间", "published"),
    ("分享", "share"),
    ("收藏", "favourites"),
    ("打印", "print"),
    ("返回", "back"),
    ("顶部", "back"),
    ("微信", "wechat"),
    ("公众号", "wechat"),
    ("qq", "qq"),
    ("客服", "contact"),
    ("联系", "contact"),
    ("扫", "scan-code"),
    ("二维码", "scan-code"),
    ("下载", "download"),
    ("登录", "sign-in"),
    ("注册", "sign-in"),
    ("会员", "members"),
    ("广告", "advertisement"),
    ("标签", "tags"),
    ("评论", "comments"),
    ("导航", "menu"),
    ("友情链接", "links"),
    ("地图", "site-map"),
    ("文档编号", "document-number"),
    ("第", "page-number"),
    ("related", "related"),
    ("recommended", "recommended"),
    ("previous", "previous"),
    ("next", "next"),
    ("share", "share"),
    ("subscribe", "subscribe"),
    ("newsletter", "subscribe"),
    ("rights reserved", "copyright"),
    ("privacy", "legal"),
    ("comment", "comments"),
    ("posted", "published"),
    ("updated", "published"),
    ("published", "published"),
    ("by ", "author"),
    ("tags", "tags"),
    ("filed under", "tags"),
    ("home", "menu"),
    ("menu", "menu"),
    ("read more", "read-more"),
    ("advertisement", "advertisement"),
    ("sponsored", "advertisement"),
    ("follow", "follow"),
    ("sign", "sign-in"),
    ("print", "print"),
    ("views", "views"),
    ("www.", "address"),
    (".com", "address"),
];

/// A step's id by what it says and where it stands; unique among `used`.
pub(super) fn name(step: &Step, used: &mut Vec<String>) -> String {
    let said = step.patterns.first().map_or("", |(_, pattern)| pattern.text.as_str()).to_lowercase();
    let word = NAMES.iter().find(|(part, _)| said.contains(part)).map(|(_, name)| *name);
    let noun = match step.kind {
        "cut-after" => "onward",
        "drop-between" => "block",
        "drop-span" => "inline",
        _ => "line",
    };
    let base = match (word, step.place) {
        (Some(name), _) if noun == "line" => name.to_owned(),
        (Some(name), _) => format!("{name}-{noun}"),
        (None, Place::Head) => format!("head-{noun}"),
        (None, Place::Tail) => format!("tail-{noun}"),
        (None, Place::Woven) => format!("woven-{noun}"),
        (None, Place::Inline) => noun.to_owned(),
    };
    let taken = |id: &String| used.iter().any(|other| other == id);
    let mut id = base.clone();
    let mut number = 2;
    while taken(&id) {
        id = format!("{base}-{number}");
        number += 1;
    }
    used.push(id.clone());
    id
}

/// A string of TOML, in the form that is read most easily.
pub(super) fn string(text: &str) -> String {
    Value::from(text).decorated("", "").to_string()
}

impl Pattern {
    /// The pattern as an inline table.
    pub(super) fn toml(&self) -> String {
        let mut out = format!("{{ {} = {}", self.how, string(&self.text));
        if let Some(place) = self.place {
            let _ = write!(out, ", where = \"{place}\"");
        }
        if let Some(most) = self.max_chars {
            let _ = write!(out, ", max-chars = {most}");
        }
        if self.always {
            out.push_str(", always = true");
        }
        out.push_str(" }");
        out
    }
}

/// The body of a `[[step]]`, without comment.
pub(super) fn step(id: &str, step: &Step) -> String {
    let mut out = format!("[[step]]\nid = \"{id}\"\nkind = \"{}\"\n", step.kind);
    for (name, pattern) in &step.patterns {
        let _ = writeln!(out, "{name} = {}", pattern.toml());
    }
    if let Some(lines) = step.max_lines {
        let _ = writeln!(out, "max-lines = {lines}");
    }
    if let Some(flag) = step.flag {
        let _ = writeln!(out, "flag = \"{flag}\"");
    }
    out
}

/// The comment over a step. It ends in a mark made of what the step says, by which a later run can tell whether a hand changed it.
pub(super) fn comment(evidence: &Evidence, learned_from: usize, body: &str) -> String {
    let place = match evidence.place {
        Place::Head => "head",
        Place::Tail => "tail",
        Place::Woven => "woven into the text",
        Place::Inline => "inside lines",
    };
    format!(
        "# learned: {} of {learned_from} pages ({:.0} %), {place} [{}]\n",
        evidence.pages,
        evidence.share * 100.0,
        mark(body)
    )
}

/// Six hexadecimal digits of what a step says.
pub(super) fn mark(body: &str) -> String {
    let packed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    blake3::hash(packed.as_bytes()).to_hex()[..6].to_owned()
}

/// A `[[test]]`; `expect` of `None` is one that stays as it is.
pub(super) fn test(name: &str, input: &str, expect: Option<&str>, flags: &[&str]) -> String {
    let mut out = format!("[[test]]\nname = {}\ninput = {}\n", string(name), block(input));
    match expect {
        None => out.push_str("unchanged = true\n"),
        Some(expect) => {
            let _ = writeln!(out, "expect = {}", block(expect));
        }
    }
    if !flags.is_empty() {
        let flags: Vec<String> = flags.iter().map(|flag| format!("\"{flag}\"")).collect();
        let _ = writeln!(out, "flags = [{}]", flags.join(", "));
    }
    out
}

/// Lines as a string over several lines; what such a string cannot show as it is, is escaped.
fn block(text: &str) -> String {
    let mut out = String::from("\"\"\"\n");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || crate::text::class::is_invisible(c) => {
                let _ = write!(out, "\\U{:08X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push_str("\"\"\"");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_as_they_were() {
        for text in ["甲\n", "a \"b\" \\ c\n\td\n", "零\u{200b}宽\u{7}\r\n", "'''\"\"\"\n"] {
            let source = format!("a = {}\nb = {}\n", block(text), string(text));
            let table: toml_edit::DocumentMut = source.parse().expect("TOML");
            assert_eq!(table["a"].as_str(), Some(text));
            assert_eq!(table["b"].as_str(), Some(text));
        }
    }

    #[test]
    fn marks_do_not_depend_on_spaces() {
        assert_eq!(mark("a = { b = 1 }\n"), mark("a={b=1}"));
        assert_ne!(mark("a = 1"), mark("a = 2"));
    }
}
