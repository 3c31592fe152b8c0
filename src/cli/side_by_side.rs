//! Two texts in two columns, with what they share side by side: `=` between the columns, and colour on a terminal.

use std::io::{self, Write};

use crate::dedup::Passage;
use crate::text::class::{is_cjk, is_cjk_punct};

/// Rows of a block shown at its beginning and end; what is between is counted.
const SHOWN: usize = 4;

/// How columns are drawn.
pub(super) struct Columns {
    /// Cells of a line.
    pub width: usize,
    /// Whether what is shared is coloured.
    pub colour: bool,
}

impl Columns {
    fn column(&self) -> usize {
        (self.width - 5) / 2
    }
}

/// Writes both texts, in order of the first.
pub(super) fn write(
    out: &mut impl Write,
    columns: &Columns,
    (a_name, a): (&str, &str),
    (b_name, b): (&str, &str),
    passages: &[Passage],
) -> io::Result<()> {
    block(out, columns, a_name, b_name, false)?;
    writeln!(out, "{}", "-".repeat(columns.column() * 2 + 5))?;
    let (mut a_at, mut b_at) = (0, 0);
    for passage in passages {
        let follows = passage.b.0 >= b_at;
        let b_gap = if follows { &b[b_at..passage.b.0] } else { "" };
        block(out, columns, &a[a_at.min(passage.a.0)..passage.a.0], b_gap, false)?;
        block(out, columns, &a[passage.a.0..passage.a.1], &b[passage.b.0..passage.b.1], true)?;
        a_at = passage.a.1;
        b_at = b_at.max(passage.b.1);
    }
    block(out, columns, &a[a_at..], &b[b_at..], false)
}

/// A piece of each text, side by side.
fn block(out: &mut impl Write, columns: &Columns, a: &str, b: &str, shared: bool) -> io::Result<()> {
    let (left, right) = (rows(a, columns.column()), rows(b, columns.column()));
    let (on, off) = if shared && columns.colour { ("\x1b[32m", "\x1b[0m") } else { ("", "") };
    let mark = if shared { '=' } else { '|' };
    for at in 0..left.len().max(right.len()) {
        let cell = |rows: &[String]| rows.get(at).cloned().unwrap_or_default();
        let (left, right) = (cell(&left), cell(&right));
        let pad = " ".repeat(columns.column().saturating_sub(cells(&left)));
        writeln!(out, "{on}{left}{off}{pad}  {mark}  {on}{right}{off}")?;
    }
    Ok(())
}

/// A text in rows of so many cells; of a long one the beginning and the end.
fn rows(text: &str, width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (mut row, mut filled) = (String::new(), 0);
        for c in line.chars().filter(|c| !c.is_control()) {
            let cells = cells_of(c);
            if filled + cells > width {
                rows.push(std::mem::take(&mut row));
                filled = 0;
            }
            row.push(c);
            filled += cells;
        }
        rows.push(row);
    }
    if rows.len() > 2 * SHOWN + 1 {
        let hidden: usize = rows[SHOWN..rows.len() - SHOWN].iter().map(|row| row.chars().count()).sum();
        let end = rows.split_off(rows.len() - SHOWN);
        rows.truncate(SHOWN);
        rows.push(format!("... {hidden} characters ..."));
        rows.extend(end);
    }
    rows
}

fn cells(row: &str) -> usize {
    row.chars().map(cells_of).sum()
}

/// Cells of a terminal that a character takes.
fn cells_of(c: char) -> usize {
    let wide = is_cjk(c) || matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff60}');
    // Quotes, dots and dashes of Chinese punctuation are one cell wide in most terminals.
    if wide || (is_cjk_punct(c) && c > '\u{2fff}') { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_passages_stand_side_by_side() {
        let (a, b) = ("共享的段落。自己的", "别的开头。共享的段落。");
        let passage = Passage { a: (0, 15), b: (15, 30) };
        let mut out = Vec::new();
        write(&mut out, &Columns { width: 45, colour: false }, ("a", a), ("b", b), &[passage]).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
        assert_eq!(lines[2], format!("{}  |  别的开头。", " ".repeat(20)));
        assert_eq!(lines[3], format!("共享的段落{}  =  共享的段落", " ".repeat(10)));
        assert_eq!(lines[4], format!("。自己的{}  |  。", " ".repeat(12)));
    }

    #[test]
    fn long_pieces_show_their_ends() {
        let rows = rows(&"字".repeat(400), 20);
        assert_eq!(rows.len(), 2 * SHOWN + 1);
        assert_eq!(rows[SHOWN], "... 320 characters ...");
    }
}
