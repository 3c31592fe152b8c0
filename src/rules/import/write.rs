//! A draft as TOML: what each entry was made of stands beside it.

use std::fmt::Write as _;

use super::{Draft, Entry, Kept, Place};

impl Draft {
    /// The rule file.
    #[must_use]
    pub fn toml(&self) -> String {
        let mut out = String::new();
        let whole = if self.subdomains { " and everything below it" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "# Made by `taoxi rules import` from {}.\n# Licence of the source: {}.\n",
            comment(&self.origin),
            comment(&self.licence)
        );
        let _ = writeln!(out, "id = {}", quoted(&self.id));
        let _ = writeln!(out, "title = {}", quoted(&self.host));
        let why = format!("Where things stand on {}{whole}, from {} ({}).", self.host, self.origin, self.licence);
        let _ = writeln!(out, "why = {}", quoted(&why));
        let _ = writeln!(out, "hosts = [{}]", quoted(&self.host));
        if !self.subdomains {
            out.push_str("subdomains = false\n");
        }
        self.places(&mut out);
        for Kept { name, html, expect, title, author, date } in &self.tests {
            let _ = write!(
                out,
                "\n[[test]]\nname = {}\nhtml = {}\nexpect = {}\n",
                quoted(name),
                quoted(html),
                quoted(expect)
            );
            for (key, value) in [("title", title), ("author", author), ("date", date)] {
                if let Some(value) = value {
                    let _ = writeln!(out, "{key} = {}", quoted(value));
                }
            }
        }
        self.comments(&mut out);
        out
    }

    fn places(&self, out: &mut String) {
        if self.is_empty() {
            return;
        }
        out.push_str("\n[html]\n");
        for (key, entries) in [
            ("content", &self.content),
            ("remove", &self.remove),
            ("title", &self.title),
            ("author", &self.author),
            ("date", &self.date),
        ] {
            if entries.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{key} = [");
            for Entry { place, from, line } in entries {
                let _ = writeln!(out, "    # line {line}: {}", comment(from));
                let _ = match place {
                    Place::Css(css) => writeln!(out, "    {},", quoted(css)),
                    Place::XPath(xpath) => writeln!(out, "    {{ xpath = {} }},", quoted(xpath)),
                    Place::Attribute(css, name) => {
                        writeln!(out, "    {{ css = {}, attr = {} }},", quoted(css), quoted(name))
                    }
                };
            }
            out.push_str("]\n");
        }
        for (replacement, from, line) in &self.replace {
            let _ = write!(
                out,
                "\n# line {line}: {}\n[[html.replace]]\nfind = {}\nwith = {}\n",
                comment(from),
                quoted(&replacement.find),
                quoted(&replacement.with)
            );
        }
    }

    fn comments(&self, out: &mut String) {
        if !self.kept.is_empty() {
            out.push_str("\n# About live pages, kept for whoever looks after this file:\n");
            for line in &self.kept {
                let _ = writeln!(out, "# {}", comment(line));
            }
        }
        if !self.notes.is_empty() {
            out.push_str("\n# Not brought over, or not quite:\n");
            for note in &self.notes {
                let _ = writeln!(out, "# line {}: {}", note.line, comment(&note.message));
            }
        }
    }
}

/// A text as a comment of one line.
fn comment(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A text as a string of TOML: without escapes where that is possible.
fn quoted(text: &str) -> String {
    if !text.contains('\'') && !text.contains(char::is_control) {
        let quote = if text.contains(['"', '\\']) { '\'' } else { '"' };
        return format!("{quote}{text}{quote}");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
