//! Lines of text: white space collapsed as CSS does, one line per block, cells joined by tabs.
//!
//! Follows CSS Text Level 3, section 4.1: runs of white space become one space; a line end between two wide (Han, kana,
//! fullwidth) characters becomes nothing, so that Chinese wrapped in its source is not torn apart. White space at the
//! start and end of lines goes. Gaps are only written when text follows, so the text never ends in one.
//!
//! Where one inline element ends and another begins without white space between them, style sheets set them apart more often than not: links
//! in a row, a label and its value, a brand and a product. Of 1,400 such seams between words of two characters or more, whose pages come with a text
//! written down by people, 11 stood inside of a word.

/// How white space in a piece of text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// `white-space: normal`.
    Collapse,
    /// As `Collapse`, but a line end is a line end.
    Lines,
    /// `white-space: pre`.
    Keep,
}

/// What is owed before the next text; the strongest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// Two inline elements meet: a space between two words.
    Seam,
    /// A space.
    Space,
    /// A line end of the source: a space, or nothing between two wide characters.
    Wrap,
    /// A new line.
    Line,
    /// A tab before a table cell.
    Cell,
    /// A new line before a table row.
    Row,
}

/// A text being written, line by line.
#[derive(Debug)]
pub(super) struct Lines {
    out: Vec<u8>,
    gap: Gap,
    /// Where the tab before the current cell stands.
    tab: Option<usize>,
    /// The current cell has more than one line, so that it cannot share one with its neighbours.
    tall_cell: bool,
    max: usize,
    truncated: bool,
}

impl Lines {
    /// An empty text that keeps at most `max` bytes.
    pub(super) fn new(max: usize, capacity: usize) -> Self {
        let out = Vec::with_capacity(capacity);
        Self { out, gap: Gap::None, tab: None, tall_cell: false, max, truncated: false }
    }

    /// Forgets everything written.
    pub(super) fn clear(&mut self) {
        self.out.clear();
        self.gap = Gap::None;
        self.tab = None;
        self.truncated = false;
    }

    /// At least this gap stands before the next text.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// A table row begins.
    pub(super) fn row(&mut self) {
        self.gap = Gap::Row;
        self.tab = None;
        self.tall_cell = false;
    }

    /// A table cell begins: on the same line, unless the cell before took several.
    pub(super) fn cell(&mut self) {
        self.gap(if self.tall_cell { Gap::Row } else { Gap::Cell });
        self.tab = None;
        self.tall_cell = false;
    }

    /// Appends a piece of text. Pieces may end anywhere, even inside a character.
    pub(super) fn text(&mut self, piece: &[u8], space: Space) {
        if space == Space::Keep {
            return self.keep(piece);
        }
        let mut rest = piece;
        loop {
            let (blank, has_line_end) = leading_space(rest);
            if blank > 0 {
                self.gap(match (has_line_end, space) {
                    (false, _) => Gap::Space,
                    (true, Space::Lines) => Gap::Line,
                    (true, _) => Gap::Wrap,
                });
                rest = &rest[blank..];
            }
            if rest.is_empty() {
                return;
            }
            let (run, after) = rest.split_at(run_length(rest));
            self.write(run);
            rest = after;
        }
    }

    /// The text, without white space at its end, and whether it was cut.
    pub(super) fn finish(mut self) -> (String, bool) {
        self.out.truncate(self.out.trim_ascii_end().len());
        let text =
            String::from_utf8(self.out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        (text, self.truncated)
    }

    /// How much text there is, in bytes.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    fn keep(&mut self, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        if self.gap == Gap::Seam {
            self.gap = Gap::None;
        }
        if memchr::memchr(b'\n', piece).is_some() {
            self.close_gap(piece);
            self.break_cell();
            self.push(piece);
        } else {
            self.write(piece);
        }
    }

    fn write(&mut self, run: &[u8]) {
        self.close_gap(run);
        self.push(run);
    }

    fn push(&mut self, bytes: &[u8]) {
        let room = self.max.saturating_sub(self.out.len());
        if bytes.len() <= room {
            self.out.extend_from_slice(bytes);
            return;
        }
        self.truncated = true;
        // Cut before a character, not inside one.
        let end = (0..=room).rev().find(|&end| bytes[end] & 0xC0 != 0x80).unwrap_or(0);
        self.out.extend_from_slice(&bytes[..end]);
        self.max = self.out.len();
    }

    fn close_gap(&mut self, next: &[u8]) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if gap == Gap::None || self.out.is_empty() {
            return;
        }
        match gap {
            Gap::Wrap if ends_wide(&self.out) && starts_wide(next) => {}
            Gap::Seam if !parts_words(&self.out, next) => {}
            Gap::None | Gap::Seam | Gap::Space | Gap::Wrap => {
                if self.out.last() != Some(&b'\n') {
                    self.push(b" ");
                }
            }
            Gap::Cell => {
                self.tab = Some(self.out.len());
                self.push(b"\t");
            }
            Gap::Line | Gap::Row => {
                if gap == Gap::Line {
                    self.break_cell();
                } else {
                    // The row is over: what follows does not make its last cell tall.
                    self.tab = None;
                }
                if self.out.last() != Some(&b'\n') {
                    self.push(b"\n");
                }
            }
        }
    }

    /// The current cell turns out to have several lines: it gets lines of its own.
    fn break_cell(&mut self) {
        self.tall_cell = true;
        if let Some(tab) = self.tab.take().and_then(|at| self.out.get_mut(at)) {
            *tab = b'\n';
        }
    }
}

/// Where inline elements meet, as tags are read.
#[derive(Debug, Default)]
pub(super) struct Seams {
    /// An element ended, and no text came since.
    ended: bool,
}

impl Seams {
    /// An element ends.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether an element that begins meets one that ended.
    pub(super) fn begin(&self) -> bool {
        self.ended
    }

    /// Text comes.
    pub(super) fn text(&mut self) {
        self.ended = false;
    }
}

/// Whether a word of two characters or more stands on both sides. Single letters are set apart from the rest of their word for the eye.
pub(super) fn parts_words(before: &[u8], next: &[u8]) -> bool {
    let tail = &before[before.len().saturating_sub(4)..];
    let ends = tail.utf8_chunks().last().is_some_and(|chunk| {
        chunk.invalid().is_empty() && chunk.valid().chars().rev().take_while(|&c| is_alphabetic_letter(c)).count() > 1
    });
    let head = &next[..next.len().min(4)];
    ends && head
        .utf8_chunks()
        .next()
        .is_some_and(|chunk| chunk.valid().chars().take_while(|&c| is_alphabetic_letter(c)).count() > 1)
}

/// Digits, and letters of scripts that set spaces between words, as far as two bytes go.
fn is_alphabetic_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || ('\u{c0}'..'\u{800}').contains(&c) && c.is_alphabetic()
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0C')
}

/// How many bytes of white space `text` starts with, and whether a line end is among them.
pub(super) fn leading_space(text: &[u8]) -> (usize, bool) {
    let mut has_line_end = false;
    for (i, &byte) in text.iter().enumerate() {
        if !is_space(byte) {
            return (i, has_line_end);
        }
        has_line_end |= byte == b'\n';
    }
    (text.len(), has_line_end)
}

/// How many bytes from the start can be copied as they are: words with single spaces between them.
pub(super) fn run_length(text: &[u8]) -> usize {
    let mut i = 0;
    while i < text.len() {
        if text[i] <= b' ' && is_space(text[i]) {
            let single = text[i] == b' ' && text.get(i + 1).is_some_and(|&next| !is_space(next));
            if !single {
                return i;
            }
        }
        i += 1;
    }
    i
}

/// Whether the last character is wide.
pub(super) fn ends_wide(text: &[u8]) -> bool {
    let tail = &text[text.len().saturating_sub(4)..];
    tail.utf8_chunks()
        .last()
        .filter(|chunk| chunk.invalid().is_empty())
        .and_then(|chunk| chunk.valid().chars().last())
        .is_some_and(is_wide)
}

/// Whether the first character is wide.
pub(super) fn starts_wide(text: &[u8]) -> bool {
    let head = &text[..text.len().min(4)];
    head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).is_some_and(is_wide)
}

/// East Asian wide or fullwidth (UAX 11), hangul aside, as CSS Text 4.1.3 asks.
fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{2E80}'..='\u{312F}' | '\u{3190}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF01}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collapse(pieces: &[&str]) -> String {
        let mut lines = Lines::new(1000, 0);
        for piece in pieces {
            lines.text(piece.as_bytes(), Space::Collapse);
        }
        lines.finish().0
    }

    #[test]
    fn white_space_collapses_across_pieces() {
        assert_eq!(collapse(&["  a  b", " ", "\n c ", "d  "]), "a b c d");
        assert_eq!(collapse(&["a", "b"]), "ab");
    }

    #[test]
    fn a_line_end_between_wide_characters_goes() {
        assert_eq!(collapse(&["淘洗\n  干净"]), "淘洗干净");
        assert_eq!(collapse(&["淘洗 干净"]), "淘洗 干净");
        assert_eq!(collapse(&["淘洗\nclean"]), "淘洗 clean");
        assert_eq!(collapse(&["한국\n어"]), "한국 어");
    }

    #[test]
    fn words_of_elements_that_meet_are_parted() {
        let meet = |before: &str, next: &str| parts_words(before.as_bytes(), next.as_bytes());
        assert!(meet("Home", "Tides") && meet("19.95", "Was") && meet("déjà", "été") && meet("да", "нет"));
        // Letters in a frame of their own, signs, and scripts that set no spaces.
        for (before, next) in
            [("T", "he"), ("th", "e"), ("$5", "Was"), ("a)", "bc"), ("淘洗", "干净"), ("", "ab"), ("淘ab", "洗ab")]
        {
            assert!(!meet(before, next), "{before}|{next}");
        }
    }

    #[test]
    fn a_cell_with_several_lines_shares_none() {
        let mut lines = Lines::new(1000, 0);
        lines.row();
        for cell in [&["a"][..], &["b", "c"], &["d"]] {
            lines.cell();
            for line in cell {
                lines.text(line.as_bytes(), Space::Collapse);
                lines.gap(Gap::Line);
            }
        }
        assert_eq!(lines.finish().0, "a\nb\nc\nd");
    }

    #[test]
    fn the_limit_cuts_between_characters() {
        let mut lines = Lines::new(7, 0);
        lines.text("淘洗干净".as_bytes(), Space::Collapse);
        lines.text(b"x", Space::Collapse);
        assert_eq!(lines.finish(), ("淘洗".to_owned(), true));
    }
}
