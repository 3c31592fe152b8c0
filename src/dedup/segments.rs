//! A text in whole lines and sentences, each known by its words: what passages that many documents share are made of.

use super::units::Units;
use crate::text::class::is_sentence_end;

/// A line, or a sentence of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// First byte, no space.
    pub start: usize,
    /// One past the last byte, spaces left out.
    pub end: usize,
    /// Its weight: a Han character counts 1, a letter two fifths.
    pub weight: u64,
    /// The digest of its full text: units, numbers, placeholders. Segments with one key are equal, but for punctuation, spaces, width, case and
    /// script.
    pub key: [u8; 16],
}

/// The segments of a text in order. What has neither letters nor digits is none.
#[must_use]
pub fn segments(text: &str) -> Vec<Segment> {
    let mut units = Units::default();
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut from = 0;
        while from < line.len() {
            let to = from + sentence(&line[from..]);
            let piece = &line[from..to];
            let inner = piece.trim();
            units.read(inner);
            if !units.full.is_empty() {
                let begin = start + from + (piece.len() - piece.trim_start().len());
                let mut key = [0; 16];
                key.copy_from_slice(&blake3::hash(units.full.as_bytes()).as_bytes()[..16]);
                out.push(Segment { start: begin, end: begin + inner.len(), weight: units.weight(), key });
            }
            from = to;
        }
        start += line.len();
    }
    out
}

/// Bytes of the first sentence, with the marks that close it.
fn sentence(line: &str) -> usize {
    let mut chars = line.char_indices().peekable();
    let mut before = [' '; 2];
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        if is_sentence_end(c) || (c == '.' && before.iter().all(|c| c.is_lowercase()) && begins_anew(&line[end..])) {
            let closes = |c: char| is_sentence_end(c) || matches!(c, '”' | '’' | '」' | '』' | '）' | ')' | '》' | '"');
            return line[end..].find(|c| !closes(c)).map_or(line.len(), |behind| end + behind);
        }
        before = [before[1], c];
    }
    line.len()
}

/// Whether a sentence may begin behind a full stop: `Dr. Li` and `3.5` have none.
fn begins_anew(rest: &str) -> bool {
    let next = rest.trim_start_matches(' ');
    next.len() < rest.len() && next.chars().next().is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<&str> {
        segments(text).iter().map(|segment| &text[segment.start..segment.end]).collect()
    }

    #[test]
    fn lines_are_cut_into_sentences() {
        let text = "标题\n\n 他说：“好！”然后走了。\n----\nIt ends. Dr. Li pays 3.5 yuan. So\n";
        assert_eq!(pieces(text), ["标题", "他说：“好！”", "然后走了。", "It ends.", "Dr. Li pays 3.5 yuan.", "So"]);
        assert!(pieces("").is_empty() && pieces("。。\n").is_empty());
    }

    #[test]
    fn what_reads_alike_has_one_key() {
        let keys: Vec<_> =
            segments("第１章，開始\n第1章 开始。\n第2章 开始。\n").iter().map(|segment| segment.key).collect();
        assert!(keys[0] == keys[1] && keys[1] != keys[2]);
        assert_eq!(segments("四个汉字 word").first().map(|segment| segment.weight), Some(4 + 2));
    }
}
