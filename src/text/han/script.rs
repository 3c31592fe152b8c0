//! Which script a text is written in, told by the characters that only one of the two has.

use super::table::{CHANGES, SIMPLIFIED, TRADITIONAL, tables};

/// The script of a text's Han characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Simplified: nearly all telling characters are.
    Hans,
    /// Traditional: nearly all telling characters are.
    Hant,
    /// Both in number, as in a page put together from two sources or half converted by a machine.
    Mixed,
    /// No telling character: no Han at all, or only what both scripts share.
    None,
}

impl Script {
    /// The name in reports: `hans`, `hant`, `mixed` or `none`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hans => "hans",
            Self::Hant => "hant",
            Self::Mixed => "mixed",
            Self::None => "none",
        }
    }
}

/// Whether only traditional text writes `c`: 國, but not 後 or 乾, which names and old words keep in simplified text.
#[inline]
#[must_use]
pub fn is_traditional(c: char) -> bool {
    tables().class(c) & TRADITIONAL != 0
}

/// Whether `c` has a simplified form of its own, other than itself: 計 and 國, but not 画.
#[inline]
#[must_use]
pub fn has_simplified_form(c: char) -> bool {
    tables().class(c) & CHANGES != 0
}

/// Whether only simplified text writes `c`: 国, but not 后 or 里, which traditional text has too.
#[inline]
#[must_use]
pub fn is_simplified_only(c: char) -> bool {
    tables().class(c) & SIMPLIFIED != 0
}

/// Whether only traditional text writes `c`, and whether only simplified text does: both at the cost of one.
#[inline]
#[must_use]
pub fn sides(c: char) -> (bool, bool) {
    let class = tables().class(c);
    (class & TRADITIONAL != 0, class & SIMPLIFIED != 0)
}

/// The script of a text, in one pass of about a nanosecond a character.
///
/// The rarer side is let pass as a name or a quotation when it is one character, or one telling character in twenty.
#[must_use]
pub fn script(text: &str) -> Script {
    let tables = tables();
    let (mut traditional, mut simplified) = (0_usize, 0_usize);
    for c in text.chars() {
        let class = tables.class(c);
        traditional += usize::from(class & TRADITIONAL != 0);
        simplified += usize::from(class & SIMPLIFIED != 0);
    }
    script_of(traditional, simplified)
}

/// The script of a text with so many characters of each side.
#[must_use]
pub fn script_of(traditional: usize, simplified: usize) -> Script {
    let stray = |few: usize, many: usize| few < many && (few <= 1 || few * 20 <= few + many);
    match (traditional, simplified) {
        (0, 0) => Script::None,
        _ if stray(traditional, simplified) => Script::Hans,
        _ if stray(simplified, traditional) => Script::Hant,
        _ => Script::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_told_by_characters_of_one_side_only() {
        for (text, want) in [
            ("這個學校的圖書館很大", Script::Hant),
            ("这个学校的图书馆很大", Script::Hans),
            ("這個学校的圖书館很大", Script::Mixed),
            ("我在山上看日出", Script::None),
            ("no Han here, かな only", Script::None),
            ("", Script::None),
            ("關(guān)于做好準(zhǔn)備的通知，请各单位认真阅读", Script::Mixed),
        ] {
            assert_eq!(script(text), want, "{text}");
        }
    }

    #[test]
    fn one_name_does_not_make_a_text_mixed() {
        assert_eq!(script("游览区里的题字写着「龍」，游客纷纷拍照"), Script::Hans);
    }

    #[test]
    fn shared_characters_belong_to_neither_side() {
        for c in ['后', '里', '台', '干', '乾', '徵', '著', '瞭', '山'] {
            assert!(!is_traditional(c), "{c}");
            assert!(!is_simplified_only(c), "{c}");
        }
    }

    #[test]
    fn no_character_is_on_both_sides() {
        assert!(('\u{3400}'..='\u{9FFF}').all(|c| !(is_traditional(c) && is_simplified_only(c))));
    }
}
