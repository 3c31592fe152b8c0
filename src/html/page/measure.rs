//! Words, characters and punctuation of a block, in one look at its bytes.

/// Counts over a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Words: runs of letters, digits and `_`; a Han, kana or hangul character is a word of its own.
    pub words: u32,
    /// Han, kana and hangul characters.
    pub cjk: u32,
    /// Letters and digits.
    pub letters: u32,
    /// Of those, digits.
    pub digits: u32,
    /// Of those, capitals of ASCII.
    pub capitals: u32,
    /// Words that begin with a capital of ASCII.
    pub capital_words: u32,
    /// `.` `!` `?` `。` `！` `？` `…` behind a letter, `;` and `；`.
    pub stops: u32,
    /// `,` `，` `、`.
    pub commas: u32,
    /// `:` and `：`.
    pub colons: u32,
    /// `|` `/` `>` `»` `·` `•` `›`: what stands between links.
    pub separators: u32,
    /// Signs of money.
    pub money: u32,
    /// How it ends.
    pub ending: Ending,
    /// Of its words in lower case (ASCII) and nothing else; equal texts have equal numbers.
    pub hash: u64,
}

/// How a text ends, white space, quotes and brackets aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// With a letter, or there is no text.
    #[default]
    Letter,
    /// With a digit.
    Digit,
    /// With `.`, `!`, `?`, `。` and their like.
    Stop,
    /// With a colon.
    Colon,
    /// With a comma or semicolon.
    Comma,
    /// With an ellipsis.
    Ellipsis,
    /// With something else.
    Other,
}

const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes a number into a hash.
pub(in crate::html) const fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(FACTOR)
}

/// Counts a text.
pub(in crate::html) fn measure(text: &str) -> Counts {
    let mut counts = Counts::default();
    let mut in_word = false;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x80 {
            ascii(&mut counts, byte, &mut in_word);
            at += 1;
        } else {
            let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            wide(&mut counts, character, &mut in_word);
            at += character.len_utf8();
        }
    }
    counts
}

fn ascii(counts: &mut Counts, byte: u8, in_word: &mut bool) {
    if byte.is_ascii_alphanumeric() || byte == b'_' {
        let begins = !*in_word;
        if begins {
            counts.words += 1;
            counts.hash = mix(counts.hash, 0x20);
        }
        *in_word = true;
        counts.letters += 1;
        counts.hash = mix(counts.hash, u64::from(byte.to_ascii_lowercase()));
        counts.ending = Ending::Letter;
        if byte.is_ascii_digit() {
            counts.digits += 1;
            counts.ending = Ending::Digit;
        } else if byte.is_ascii_uppercase() {
            counts.capitals += 1;
            counts.capital_words += u32::from(begins);
        }
        return;
    }
    let behind_word = std::mem::take(in_word);
    match byte {
        b' ' | b'\n' | b'\t' | b'"' | b'\'' | b')' | b']' => {}
        b'.' | b'!' | b'?' => {
            counts.stops += u32::from(behind_word);
            counts.ending = Ending::Stop;
        }
        b',' | b';' => {
            counts.commas += u32::from(byte == b',');
            counts.stops += u32::from(byte == b';');
            counts.ending = Ending::Comma;
        }
        b':' => {
            counts.colons += 1;
            counts.ending = Ending::Colon;
        }
        b'|' | b'/' | b'>' => {
            counts.separators += 1;
            counts.ending = Ending::Other;
        }
        b'$' => {
            counts.money += 1;
            counts.ending = Ending::Other;
        }
        _ => counts.ending = Ending::Other,
    }
}

fn wide(counts: &mut Counts, character: char, in_word: &mut bool) {
    if is_cjk(character) {
        *in_word = false;
        counts.words += 1;
        counts.cjk += 1;
        counts.letters += 1;
        counts.hash = mix(counts.hash, u64::from(u32::from(character)));
        counts.ending = Ending::Letter;
        return;
    }
    if character.is_alphanumeric() {
        if !*in_word {
            counts.words += 1;
            counts.hash = mix(counts.hash, 0x20);
        }
        *in_word = true;
        counts.letters += 1;
        counts.hash = mix(counts.hash, u64::from(u32::from(character)));
        counts.ending = Ending::Letter;
        return;
    }
    *in_word = false;
    match character {
        '。' | '！' | '？' | '．' => {
            counts.stops += 1;
            counts.ending = Ending::Stop;
        }
        '，' | '、' | '；' => {
            counts.commas += u32::from(character != '；');
            counts.stops += u32::from(character == '；');
            counts.ending = Ending::Comma;
        }
        '：' => {
            counts.colons += 1;
            counts.ending = Ending::Colon;
        }
        '€' | '£' | '¥' | '￥' | '₹' | '₽' | '₩' => {
            counts.money += 1;
            counts.ending = Ending::Other;
        }
        '…' => counts.ending = Ending::Ellipsis,
        '»' | '·' | '•' | '›' | '｜' | '→' => {
            counts.separators += 1;
            counts.ending = Ending::Other;
        }
        '”' | '’' | '」' | '』' | '）' | '》' | '\u{A0}' | '\u{3000}' | '\u{200B}' => {}
        _ => counts.ending = Ending::Other,
    }
}

/// Whether the character is a word of its own.
const fn is_cjk(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_single_han_characters() {
        let counts = measure("Washed text, 淘洗 3 times_over.");
        assert_eq!((counts.words, counts.cjk, counts.digits, counts.commas, counts.stops), (6, 2, 1, 1, 1));
        assert_eq!(counts.ending, Ending::Stop);
    }

    #[test]
    fn equal_words_have_equal_hashes_whatever_stands_between() {
        assert_eq!(measure("Washed  Text").hash, measure("washed, text!").hash);
        assert_ne!(measure("washed text").hash, measure("washedtext").hash);
    }

    #[test]
    fn quotes_and_brackets_do_not_hide_how_a_text_ends() {
        assert_eq!(measure("他说：“好。”").ending, Ending::Stop);
        assert_eq!(measure("read on…").ending, Ending::Ellipsis);
    }
}
