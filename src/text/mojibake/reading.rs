//! Whether a string reads as everyday Chinese.

use super::super::han_frequency::{Commonness, commonness};

/// Counts over one or more readings of the same kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// Han characters.
    pub han: usize,
    /// Of them, those among the common thousand.
    pub common: usize,
    /// Of them, those outside every level of daily use.
    pub rare: usize,
    /// Chinese punctuation and signs that stand in Chinese text.
    pub signs: usize,
    /// Characters that do not belong in Chinese text.
    pub foreign: usize,
}

impl Reading {
    /// Counts the characters of `text`; ASCII does not count.
    pub fn of(text: &str) -> Self {
        let mut sum = Self::default();
        for c in text.chars().filter(|c| !c.is_ascii()) {
            match commonness(c) {
                Commonness::NotHan if is_sign(c) => sum.signs += 1,
                Commonness::NotHan => sum.foreign += 1,
                class => {
                    sum.han += 1;
                    sum.common += usize::from(class <= Commonness::Common);
                    sum.rare += usize::from(class >= Commonness::Rare);
                }
            }
        }
        sum
    }

    /// Adds the counts of another reading.
    pub fn add(&mut self, other: Self) {
        self.han += other.han;
        self.common += other.common;
        self.rare += other.rare;
        self.signs += other.signs;
        self.foreign += other.foreign;
    }

    /// Everyday Chinese: nothing foreign, and the fewer characters the more common they must be.
    pub fn is_chinese(&self) -> bool {
        let percent = match self.han {
            0 | 1 => return false,
            2 => 100,
            3..=4 => 66,
            _ => 60,
        };
        self.is_at_least(percent)
    }

    /// Nothing foreign, hardly anything rare, and `percent` of the Han characters common.
    pub fn is_at_least(&self, percent: usize) -> bool {
        self.han > 0 && self.foreign == 0 && self.common * 100 >= self.han * percent && self.rare * 8 <= self.han
    }

    /// Could stand in Chinese text: nothing foreign and no rare character.
    pub fn is_possible(&self) -> bool {
        self.foreign == 0 && self.rare == 0 && self.han + self.signs > 0
    }
}

fn is_sign(c: char) -> bool {
    matches!(
        c,
        '\u{3000}'..='\u{3017}' | '\u{FF01}'..='\u{FF5E}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203B}'
            | '·' | '×' | '°' | '±' | '÷' | '¥' | '￥' | '℃' | '№' | 'Ⅰ'..='Ⅻ' | '①'..='⑳' | '⑴'..='⒛' | '㈠'..='㈩'
            | '■' | '□' | '▲' | '△' | '★' | '☆' | '●' | '○' | '◆' | '◇' | '→' | '←' | '↑' | '↓' | '√' | '≥' | '≤' | '≈' | '\u{FEFF}' | '\u{A0}'
    )
}
