//! How well a decoded sample reads as text.
//!
//! Every candidate decodes the same bytes; each decoded character then costs roughly its negative natural log
//! probability in running text. Sums over the same bytes can be compared whatever the width of a character, which is
//! a coarse unigram language model with one class table in place of trained counts.

use super::super::han_frequency::{Commonness, commonness};

/// What the characters of a sample sum to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Score {
    /// Sum of the costs in nats; less is better.
    pub cost: f32,
    /// The part of it that characters outside ASCII cost.
    pub wide_cost: f32,
    /// Characters seen.
    pub chars: usize,
    /// Characters outside ASCII.
    pub wide: usize,
    /// Characters no text has: decoding errors, controls, private use, unassigned.
    pub odd: usize,
    /// NULs, which damaged texts do have.
    pub nuls: usize,
}

/// Which writing an encoding was made for; shifts the cost of kana and hangul.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// GB 18030, Big5.
    Chinese,
    /// `Shift_JIS`, EUC-JP.
    Japanese,
    /// EUC-KR.
    Korean,
    /// UTF-8, UTF-16: every script is at home.
    Any,
    /// A single-byte encoding.
    Single,
}

const ERROR: f32 = 25.0;
const CONTROL: f32 = 12.0;
const ASCII: f32 = 3.0;

impl Score {
    /// Whether a reading is so good that no other needs a look: long, whole, and of everyday characters.
    ///
    /// Random two-byte codes cost 11 and more per character, real Chinese about 7.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.wide >= 60 && self.odd == 0 && self.nuls == 0 && self.cost < 8.2 * self.wide_count()
    }

    /// [`Self::wide`] as a divisor.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a sample has fewer characters than f32 counts exactly")]
    pub fn wide_count(&self) -> f32 {
        self.wide as f32
    }
}

/// Adds up the costs of `text`, in which U+FFFD stands for a malformed sequence.
#[must_use]
pub fn score(text: &str, script: Script) -> Score {
    let mut sum = Score::default();
    let mut before = ' ';
    for c in text.chars() {
        let cost = cost(c, before, script) + seam(before, c);
        sum.chars += 1;
        sum.wide += usize::from(!c.is_ascii());
        sum.nuls += usize::from(c == '\0');
        sum.odd += usize::from(c != '\0' && cost >= CONTROL && is_odd(c));
        sum.cost += cost;
        if !c.is_ascii() {
            sum.wide_cost += cost;
        }
        before = c;
    }
    sum
}

/// A Latin letter right beside a Han character or a syllable: seldom in texts, always where `ü` swallowed the letter
/// after it.
fn seam(a: char, b: char) -> f32 {
    let east = |c: char| matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}');
    if (a.is_ascii_lowercase() && east(b)) || (east(a) && b.is_ascii_lowercase()) { 1.5 } else { 0.0 }
}

fn is_odd(c: char) -> bool {
    c == '\u{FFFD}' || c.is_control() || is_private(c)
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{F0000}'..)
}

fn cost(c: char, before: char, script: Script) -> f32 {
    match c {
        '\t' | '\n' | '\r' | '\x0C' | '\x1B' | '\x20'..='\x7E' => ASCII,
        '\0'..='\x7F' => CONTROL,
        '\u{80}'..='\u{9F}' => 16.0,
        '\u{FFFD}' => ERROR,
        '\u{4E00}'..='\u{9FFF}' => han(c) + foreign_han(script),
        '，' | '。' | '、' => 4.5,
        '：' | '；' | '！' | '？' | '（' | '）' | '《' | '》' | '「' | '」' => 5.8,
        '‘' | '’' | '“' | '”' if script == Script::Single => {
            if before.is_ascii() {
                5.0
            } else {
                9.0
            }
        }
        '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{303F}' => 7.0,
        '\u{FF01}'..='\u{FF5E}' => 8.0,
        '\u{3041}'..='\u{30FF}' => kana(c, script),
        '\u{FF61}'..='\u{FF9F}' => 8.5,
        '\u{AC00}'..='\u{D7A3}' => hangul(c, script),
        _ if is_private(c) => 18.0,
        '\u{A0}'..='\u{24F}' => latin(c, before),
        '\u{370}'..='\u{6FF}' => alphabet(c, before),
        '\u{E01}'..='\u{E5B}' => 5.0,
        '\u{1EA0}'..='\u{1EF9}' => 6.0,
        '\u{2028}'..='\u{2BFF}' => 9.5,
        '\u{1F300}'..='\u{1FAFF}' => 10.0,
        _ => 17.0,
    }
}

/// Japanese shares its text with kana; Korean hardly writes Han any more.
fn foreign_han(script: Script) -> f32 {
    match script {
        Script::Japanese => 0.7,
        Script::Korean => 3.0,
        _ => 0.0,
    }
}

fn han(c: char) -> f32 {
    match commonness(c) {
        Commonness::Top => 5.5,
        Commonness::Frequent => 6.7,
        Commonness::Common => 7.8,
        Commonness::Standard => 10.3,
        Commonness::Secondary => 12.5,
        Commonness::Rare | Commonness::NotHan => 15.0,
    }
}

fn kana(c: char, script: Script) -> f32 {
    let here = if c < '\u{30A0}' { 4.6 } else { 6.0 };
    match script {
        Script::Japanese | Script::Any => here,
        _ => here + 5.0,
    }
}

/// The syllables that make up most of Korean running text.
const COMMON_HANGUL: &str = "이다는을의에가고하지한은로사를기어리아도시스자인서나그일대들해있보과정라수만여전것부면제으게\
와안원주장세우구비생동조성공유오마장미신요러없말때무거니까했더주네서내소선용물";

fn hangul(c: char, script: Script) -> f32 {
    let here = if COMMON_HANGUL.contains(c) { 5.0 } else { 9.0 };
    match script {
        Script::Korean | Script::Any => here,
        _ => here + 5.0,
    }
}

/// Letters with accents stand alone between ASCII letters; two in a row are rare, and a capital after a small letter
/// is how a multi-byte text looks when read byte by byte.
fn latin(c: char, before: char) -> f32 {
    let alone = match c {
        'é' | 'è' | 'à' | 'ü' | 'ö' | 'ä' | 'ß' | 'ñ' | 'ç' | 'á' | 'í' | 'ó' | 'ú' | 'ê' => 4.5,
        '\u{A0}' | '©' | '®' | '°' | '«' | '»' | '£' | '§' | '·' => 7.0,
        _ if c.is_lowercase() => 6.0,
        _ if c.is_uppercase() && before.is_lowercase() => 11.0,
        _ if c.is_uppercase() => 7.5,
        _ => 10.0,
    };
    let crowded = if before.is_ascii() { 0.0 } else { 4.0 };
    alone + crowded
}

/// Greek, Cyrillic, Hebrew, Arabic: whole words of their letters.
fn alphabet(c: char, before: char) -> f32 {
    match c {
        _ if !c.is_alphabetic() => 9.0,
        _ if c.is_uppercase() && before.is_lowercase() => 11.0,
        _ if c.is_uppercase() => 7.0,
        _ => 4.2,
    }
}
