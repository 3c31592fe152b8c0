//! Text as Markdown (`CommonMark`, with the tables of GitHub's dialect): headings, lists, tables, code and quotes.
//!
//! Whatever a text holds, it is shown as it stands: marks that Markdown would read are escaped, and a fence is longer than any
//! run of backticks inside of it. Emphasis and the targets of links are not kept.

use std::fmt::Write as _;

use crate::html::page::Kind;

/// A block of text with what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'t> {
    /// Lines by `\n`, cells of a row by tabs.
    pub text: &'t str,
    /// What it is.
    pub kind: Kind,
    /// In a quotation.
    pub quoted: bool,
    /// Which list item it stands in, so that its second paragraph is told from a second item; 0 for none.
    pub item: u32,
}

/// Writes blocks as Markdown, with a line end at the end of the last one. Text without any letters stays, blank blocks go.
#[must_use]
pub fn markdown<'t>(pieces: impl IntoIterator<Item = Piece<'t>>) -> String {
    let pieces: Vec<Piece<'t>> = pieces.into_iter().filter(|piece| !piece.text.trim().is_empty()).collect();
    let mut out = Writer::default();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let rows = table_rows(&pieces[at..]);
        if rows > 1 {
            out.table(&pieces[at..at + rows]);
            at += rows;
        } else {
            out.piece(piece);
            at += 1;
        }
    }
    out.text
}

/// How many pieces from here are rows of one table.
fn table_rows(pieces: &[Piece<'_>]) -> usize {
    let quoted = pieces.first().is_some_and(|piece| piece.quoted);
    let is_row = |piece: &&Piece<'_>| piece.kind == Kind::Row && piece.quoted == quoted && piece.text.contains('\t');
    pieces.iter().take_while(is_row).count()
}

#[derive(Default)]
struct Writer {
    text: String,
    /// The list item before, and the numbers reached at each level.
    item: u32,
    numbers: Vec<u32>,
    after_item: bool,
}

impl Writer {
    fn piece(&mut self, piece: &Piece<'_>) {
        let Kind::Item { level, numbered } = piece.kind else {
            self.numbers.clear();
            self.item = 0;
            self.after_item = false;
            let text = match piece.kind {
                Kind::Heading(level) => {
                    let line = escaped(piece.text).replace("\\\n", " ");
                    format!("{} {line}", "#".repeat(usize::from(level.clamp(1, 6))))
                }
                Kind::Pre => fenced(piece.text),
                Kind::Row => escaped(&piece.text.replace('\t', " ")),
                _ => escaped(piece.text),
            };
            return self.block(&text, piece.quoted, "", "");
        };
        let level = usize::from(level.clamp(1, MAX_LEVEL));
        let goes_on = piece.item != 0 && piece.item == self.item;
        // A list that begins at a deeper level has no items above to be indented under.
        self.numbers.truncate(level);
        if !goes_on {
            if self.numbers.len() < level {
                self.numbers.push(0);
            }
            if let Some(number) = self.numbers.last_mut() {
                *number += 1;
            }
        }
        self.item = piece.item;
        let depth = self.numbers.len().saturating_sub(1);
        let number = self.numbers.last().copied().unwrap_or(1);
        let marker = if numbered { format!("{number}. ") } else { "- ".to_owned() };
        let indent = INDENT.repeat(depth);
        let inner = format!("{indent}{}", " ".repeat(marker.len()));
        let first = if goes_on { inner.clone() } else { format!("{indent}{marker}") };
        if self.after_item && !goes_on {
            // Items of one list stand on lines of their own, without blank lines between.
            self.text.truncate(self.text.trim_end().len());
            self.text.push('\n');
            self.lines(&escaped(piece.text), piece.quoted, &first, &inner);
        } else {
            self.block(&escaped(piece.text), piece.quoted, &first, &inner);
        }
        self.after_item = true;
    }

    /// A block with a blank line before it.
    fn block(&mut self, text: &str, quoted: bool, first: &str, rest: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.lines(text, quoted, first, rest);
    }

    fn lines(&mut self, text: &str, quoted: bool, first: &str, rest: &str) {
        for (i, line) in text.split('\n').enumerate() {
            let lead = if i == 0 { first } else { rest };
            let quote = if quoted { "> " } else { "" };
            let written = format!("{quote}{lead}{line}");
            self.text.push_str(written.trim_end_matches([' ', '\t']));
            self.text.push('\n');
        }
    }

    fn table(&mut self, rows: &[Piece<'_>]) {
        self.numbers.clear();
        self.item = 0;
        self.after_item = false;
        let width = rows.iter().map(|row| row.text.split('\t').count()).max().unwrap_or(1);
        let mut lines = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            let mut line = String::from("|");
            let cells = row.text.split('\t').map(cell).chain(std::iter::repeat(String::new()));
            for cell in cells.take(width) {
                let _ = write!(line, " {cell} |");
            }
            lines.push(line);
            if i == 0 {
                lines.push(format!("|{}", " --- |".repeat(width)));
            }
        }
        self.block(&lines.join("\n"), rows.first().is_some_and(|row| row.quoted), "", "");
    }
}

/// Lists nested deeper are written at this level.
const MAX_LEVEL: u8 = 8;
/// Enough to stand under `1. ` and `- ` alike.
const INDENT: &str = "    ";

fn cell(text: &str) -> String {
    escaped(text).replace("\\\n", " ")
}

/// A code block: a fence longer than any run of backticks in it.
fn fenced(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}\n{}\n{fence}", text.trim_matches('\n'))
}

/// Text that Markdown shows as it stands; a line end becomes a hard one.
fn escaped(text: &str) -> String {
    let lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty()).map(escaped_line);
    lines.collect::<Vec<_>>().join("\\\n")
}

fn escaped_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        let after = line[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        let marks = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '$' | '|' => true,
            // Between letters it marks nothing.
            '_' => !(before.is_alphanumeric() && after.is_alphanumeric()),
            '&' => after == '#' || after.is_ascii_alphabetic(),
            '!' => after == '[',
            '#' => at == 0 || (before == ' ' && line[at..].trim_matches('#').is_empty()),
            '+' | '-' | '=' => at == 0,
            ':' => at == 0 || after == '-',
            '.' | ')' => digits > 0 && digits <= 9 && at == digits && after == ' ',
            _ => false,
        };
        if marks {
            out.push('\\');
        }
        out.push(if c == '\t' { ' ' } else { c });
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, kind: Kind) -> Piece<'_> {
        Piece { text, kind, quoted: false, item: 0 }
    }

    fn item(text: &str, level: u8, numbered: bool, item: u32) -> Piece<'_> {
        Piece { item, ..piece(text, Kind::Item { level, numbered }) }
    }

    #[test]
    fn every_kind_of_block_has_its_form() {
        let pieces = [
            piece("Title", Kind::Heading(1)),
            piece("One line\nand another", Kind::Text),
            piece("Part", Kind::Heading(3)),
            Piece { quoted: true, ..piece("said\nso", Kind::Text) },
            piece("a\tb", Kind::Row),
            piece("c|d\t", Kind::Row),
            piece("let x = ```;\n  y\n", Kind::Pre),
            piece("alone", Kind::Row),
            piece(" ", Kind::Text),
        ];
        let expected = "# Title\n\nOne line\\\nand another\n\n### Part\n\n> said\\\n> so\n\n| a | b |\n| --- | --- |\n\
            | c\\|d |  |\n\n````\nlet x = ```;\n  y\n````\n\nalone\n";
        assert_eq!(markdown(pieces), expected);
    }

    #[test]
    fn lists_nest_and_count() {
        let pieces = [
            item("one", 1, true, 1),
            item("more of one", 1, true, 1),
            item("inner", 2, false, 2),
            item("two", 1, true, 3),
            piece("between", Kind::Text),
            item("again", 1, true, 4),
            item("deep", 3, false, 5),
        ];
        let expected = "1. one\n\n   more of one\n    - inner\n2. two\n\nbetween\n\n1. again\n    - deep\n";
        assert_eq!(markdown(pieces), expected);
    }

    #[test]
    fn marks_are_escaped_where_they_would_be_read() {
        for (text, expected) in [
            ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
            ("[a](javascript:b) ![c](d)", "\\[a\\](javascript:b) \\!\\[c\\](d)"),
            ("# no heading #", "\\# no heading \\#"),
            ("C# and snake_case", "C# and snake_case"),
            ("- no item", "\\- no item"),
            ("1. no item", "1\\. no item"),
            ("1.5 metres, 2) x", "1.5 metres, 2) x"),
            ("*a* _b_ `c` ~~d~~", "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~"),
            ("AT&T &amp; &#60;", "AT\\&T \\&amp; \\&#60;"),
            ("===", "\\==="),
            ("> no quote", "\\> no quote"),
            ("淘洗：干净。", "淘洗：干净。"),
        ] {
            assert_eq!(markdown([piece(text, Kind::Text)]), format!("{expected}\n"), "{text}");
        }
    }
}
