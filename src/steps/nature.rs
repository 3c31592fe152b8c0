//! Which language a line is written in, as far as punctuation cares.

use std::cell::OnceCell;

use crate::text::class::{is_alphabetic_word, is_cjk, is_cjk_punct, is_han};

/// What a line is like, found out when first asked.
#[derive(Debug)]
pub struct Nature<'l> {
    line: &'l str,
    chinese: OnceCell<bool>,
    prose: OnceCell<bool>,
    han: OnceCell<bool>,
}

impl<'l> Nature<'l> {
    /// Of one line.
    #[must_use]
    pub fn of(line: &'l str) -> Self {
        Self { line, chinese: OnceCell::new(), prose: OnceCell::new(), han: OnceCell::new() }
    }

    /// Whether it is mostly Chinese.
    pub fn is_chinese(&self) -> bool {
        *self.chinese.get_or_init(|| {
            let (mut han, mut words) = (0_usize, 0_usize);
            for c in self.line.chars() {
                han += usize::from(is_han(c));
                words += usize::from(is_alphabetic_word(c));
            }
            // A Latin word is four to five letters, a Chinese one two characters.
            han * 2 >= words
        })
    }

    /// Whether it has the punctuation of Chinese sentences.
    pub fn is_prose(&self) -> bool {
        *self.prose.get_or_init(|| self.line.contains(['，', '。', '；', '：', '！', '？', '、']))
    }

    /// Whether it has a Han character.
    pub fn has_han(&self) -> bool {
        *self.han.get_or_init(|| self.line.chars().any(is_han))
    }

    /// Whether a character is punctuation that is Chinese where it stands. Curly quotes, dashes and dots are written in most languages:
    /// they are where the line is Chinese, or the character on the other side of what is in question.
    pub fn is_mark(&self, c: char, opposite: Option<char>) -> bool {
        is_cjk_punct(c) && (!is_shared(c) || opposite.is_some_and(is_cjk) || self.is_chinese())
    }
}

/// Punctuation of Chinese that other languages write as well.
fn is_shared(c: char) -> bool {
    matches!(c, '“' | '”' | '‘' | '’' | '…' | '—' | '·')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_marks_are_chinese_in_chinese_lines_and_beside_han() {
        let english = Nature::of("He said, “Yes, of course.”");
        assert!(!english.is_mark('“', Some(',')) && english.is_mark('“', Some('好')) && english.is_mark('，', None));
        assert!(!english.is_mark(',', None));
        assert!(Nature::of("他说“OK”,好").is_mark('”', None) && Nature::of("“12”;").is_mark('”', None));
        assert!(!Nature::of("«Да», “слово”;").is_mark('”', None));
    }
}
