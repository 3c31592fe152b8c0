//! The tables in memory: the character maps, the class of each character, and the phrases.

use std::sync::LazyLock;

use super::map::{Map, SPAN, slot};

/// Class bit: written in traditional text only.
pub(super) const TRADITIONAL: u8 = 1;
/// Class bit: written in simplified text only.
pub(super) const SIMPLIFIED: u8 = 2;
/// Class bit: a phrase begins with it.
pub(super) const PHRASE_HEAD: u8 = 4;
/// Class bit: it has a simplified form of its own.
pub(super) const CHANGES: u8 = 8;
/// Class bit: it is the second character of a phrase. Few are, and so most heads need no search.
const PHRASE_SECOND: u8 = 16;
/// Class bit: a phrase of one character.
const PHRASE_ALONE: u8 = 32;

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    Tables::read(include_str!("data/chars.tsv"), include_str!("data/phrases.tsv"), include_str!("data/fold.tsv"))
});

/// The one set of tables; read at the first call.
#[inline]
pub(super) fn tables() -> &'static Tables {
    &TABLES
}

/// The character that stands for `c` and all its variants when texts are compared, in about a nanosecond.
///
/// Traditional, Taiwan, Hong Kong and unambiguous Japanese forms become the simplified one. A few simplified
/// characters are merged as well, because converters mix them up (著 and 着, 覆 and 复, 画 and 划): so the answer is for
/// folding both sides of a comparison, never for showing; for that there is [`simplify_edits`](super::simplify_edits).
/// Folding a folded character changes nothing. Any other character is its own answer.
#[inline]
#[must_use]
pub fn simplify_char(c: char) -> char {
    tables().fold.get(c)
}

/// A word whose characters change otherwise than alone, or do not change at all.
pub(super) struct Phrase {
    /// As it stands in the text.
    pub(super) from: &'static str,
    /// As simplified text writes it, with as many characters.
    pub(super) to: &'static str,
    /// Applied only in a line of traditional script, since simplified text writes `from` with another meaning.
    pub(super) in_hant_only: bool,
}

/// Everything the module reads from `data/`.
pub(super) struct Tables {
    /// For showing: `OpenCC`'s character table.
    pub(super) shown: Map,
    fold: Map,
    class: Box<[u8]>,
    phrases: Vec<Phrase>,
}

impl Tables {
    fn read(chars: &'static str, phrases: &'static str, fold: &'static str) -> Self {
        let mut shown = Map::identity();
        let mut class = vec![0; SPAN].into_boxed_slice();
        for (from, to, flags) in rows(chars) {
            if let (Some(from), Some(to)) = (from.chars().next(), to.chars().next()) {
                shown.set(from, to);
                mark(&mut class, from, CHANGES | if flags.contains('t') { TRADITIONAL } else { 0 });
                mark(&mut class, to, if flags.contains('s') { SIMPLIFIED } else { 0 });
            }
        }
        let mut merged = shown.clone();
        for (from, to, _) in rows(fold) {
            if let (Some(from), Some(to)) = (from.chars().next(), to.chars().next()) {
                merged.set(from, to);
            }
        }
        shown.sort();
        merged.sort();
        let mut words = Vec::new();
        for (from, to, flags) in rows(phrases) {
            let mut chars = from.chars();
            if let Some(head) = chars.next() {
                mark(&mut class, head, PHRASE_HEAD);
                match chars.next() {
                    Some(second) => mark(&mut class, second, PHRASE_SECOND),
                    None => mark(&mut class, head, PHRASE_ALONE),
                }
                words.push(Phrase { from, to, in_hant_only: flags.contains('h') });
            }
        }
        words.sort_unstable_by_key(|phrase| phrase.from);
        Self { shown, fold: merged, class, phrases: words }
    }

    /// The class bits of a character; 0 outside the direct arrays, except that beyond U+FFFF a change is possible.
    #[inline]
    pub(super) fn class(&self, c: char) -> u8 {
        match self.class.get(slot(c)) {
            Some(&bits) => bits,
            None if c > '\u{FFFF}' => CHANGES,
            None => 0,
        }
    }

    /// The longest phrase that `text` begins with. `hant`, whether the line is of traditional script, is asked only
    /// when the answer depends on it.
    pub(super) fn phrase_at(&self, text: &str, mut hant: impl FnMut() -> bool) -> Option<&Phrase> {
        let mut chars = text.char_indices();
        let (_, head) = chars.next()?;
        let mut applies = |phrase: &&Phrase| text.starts_with(phrase.from) && (!phrase.in_hant_only || hant());
        if let Some((at, second)) = chars.next()
            && self.class(second) & PHRASE_SECOND != 0
        {
            // Two characters leave few candidates; some heads (於, 乾, 覆) begin dozens of phrases.
            let two = text.get(..at + second.len_utf8())?;
            let near = self.from(two).iter().take_while(|phrase| phrase.from.starts_with(two));
            let longest = near.filter(&mut applies).max_by_key(|phrase| phrase.from.len());
            if longest.is_some() {
                return longest;
            }
        }
        if self.class(head) & PHRASE_ALONE == 0 {
            return None;
        }
        let one = text.get(..head.len_utf8())?;
        self.from(one).first().filter(|phrase| phrase.from == one).filter(applies)
    }

    /// The phrases not before `start` in order.
    fn from(&self, start: &str) -> &[Phrase] {
        let at = self.phrases.partition_point(|phrase| phrase.from < start);
        self.phrases.get(at..).unwrap_or_default()
    }

    /// All phrases, for the tests.
    #[cfg(test)]
    pub(super) fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }
}

fn mark(class: &mut [u8], c: char, bits: u8) {
    if let Some(cell) = class.get_mut(slot(c)) {
        *cell |= bits;
    }
}

/// The rows of a table: from, to, flags. Comment lines and anything that is not a row are passed over.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (from, rest) = line.split_once('\t')?;
        let (to, flags) = rest.split_once('\t').unwrap_or((rest, ""));
        Some((from, to, flags))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_char() -> impl Iterator<Item = char> {
        ('\u{0}'..='\u{32000}').chain(['\u{10FFFF}'])
    }

    #[test]
    fn folding_a_folded_character_changes_nothing() {
        for c in every_char() {
            assert_eq!(simplify_char(simplify_char(c)), simplify_char(c), "{c}");
        }
    }

    #[test]
    fn a_shown_character_is_stable_and_folds_like_its_source() {
        for c in every_char() {
            let shown = tables().shown.get(c);
            assert_eq!(tables().shown.get(shown), shown, "{c} {shown}");
            assert_eq!(simplify_char(shown), simplify_char(c), "{c} {shown}");
        }
    }

    #[test]
    fn a_phrase_folds_like_its_conversion_unless_listed() {
        // 鍊 is 炼 alone and 链 in words; both are common words of their own.
        let apart = ['炼', '链'];
        for phrase in tables().phrases() {
            let fold = |text: &str| text.chars().map(simplify_char).filter(|c| !apart.contains(c)).collect::<String>();
            assert_eq!(fold(phrase.from), fold(phrase.to), "{}", phrase.from);
            assert_eq!(phrase.from.chars().count(), phrase.to.chars().count(), "{}", phrase.from);
        }
    }

    #[test]
    fn the_forms_of_a_character_meet() {
        for (forms, to) in [
            ("國国", '国'),
            ("裏裡里", '里'),
            ("衆眾众", '众'),
            ("為爲为", '为'),
            ("説說说", '说'),
            ("気氣气", '气'),
            ("著着", '着'),
        ] {
            for c in forms.chars() {
                assert_eq!(simplify_char(c), to, "{c}");
            }
        }
        assert_eq!(simplify_char('㗲'), '𠵾');
        assert_eq!(simplify_char('𡃕'), '𠴛');
        for c in ['a', '。', '芸', '弁', 'か', '한', '𠮷'] {
            assert_eq!(simplify_char(c), c);
        }
    }
}
