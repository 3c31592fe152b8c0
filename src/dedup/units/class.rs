//! Which characters are units by themselves, join words, or make up numbers.

/// Whether a character is a unit by itself: scripts that do not mark words by spaces, and hangul.
#[inline]
pub(super) fn is_single(c: char) -> bool {
    match c {
        '\u{4e00}'..='\u{9fff}' => true,
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{303b}'
        | '\u{3041}'..='\u{318f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{a960}'..='\u{a97c}'
        | '\u{ac00}'..='\u{d7fb}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => c.is_alphanumeric(),
        _ => false,
    }
}

/// Signs between two letters that do not end a word (UAX 29: `MidLetter`, `MidNumLet`, `Single_Quote`, `ExtendNumLet`).
pub(super) fn joins_letters(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '.' | ':' | '·' | '\u{2024}' | '\u{2027}' | '_')
}

/// Han numerals that make up larger numbers.
pub(in crate::dedup) fn is_numeral(c: char) -> bool {
    matches!(
        c,
        '〇' | '零'
            | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '亿'
            | '两'
    )
}
