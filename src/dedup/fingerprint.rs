//! What is remembered of a text so that its copies can be found without it.

use super::grams::{self, Atom};
use super::simhash;
use super::units::Units;
use super::winnow;

/// The version of units, hashes and sketches. Fingerprints of different versions are never compared.
pub const FINGERPRINT_VERSION: u32 = 1;

/// The fingerprint of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// BLAKE3, first 128 bits, of the folded text with numbers and placeholders: equal for exact copies.
    pub text: u128,
    /// The same without numbers and placeholders: equal for masked copies, and for texts made from one form.
    pub units: u128,
    /// 64-bit simhash over 3-grams.
    pub simhash: u64,
    /// Winnowing fingerprints, ascending, each once.
    pub winnow: Vec<u64>,
    /// Units.
    pub count: u32,
    /// Its length: 1 for a character, two fifths for a letter.
    pub weight: u64,
    /// Placeholders.
    pub placeholders: u32,
}

impl Fingerprint {
    /// The fingerprint of a cleaned text. For many texts a [`Fingerprinter`] keeps its room.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Fingerprinter::default().read(text)
    }
}

/// Makes fingerprints, text after text, with the same buffers.
#[derive(Debug, Default)]
pub struct Fingerprinter {
    units: Units,
    atoms: Vec<Atom>,
}

impl Fingerprinter {
    /// The fingerprint of a cleaned text.
    pub fn read(&mut self, text: &str) -> Fingerprint {
        self.units.read(text);
        grams::atoms(&self.units, &mut self.atoms, |_| {});
        let mut winnowed = Vec::with_capacity(self.units.len() / 8 + 4);
        winnow::winnow(&self.atoms, &mut winnowed);
        Fingerprint {
            text: digest(&self.units.full),
            units: digest(&self.units.text),
            simhash: simhash::of(&self.units),
            winnow: winnowed,
            count: self.units.len() as u32,
            weight: self.units.weight(),
            placeholders: self.units.placeholders,
        }
    }
}

pub(super) fn digest(text: &str) -> u128 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes().iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_do_not_change_the_hashes() {
        let plain = Fingerprint::of("总投入13.7亿元，增长4.6%。学校");
        assert_eq!(plain, Fingerprint::of("  总 投入 13.7 亿元,增长４.６％.學校\n"));
        let masked = Fingerprint::of("总投入**亿元，增长x%。学校");
        assert!(masked.units == plain.units && masked.text != plain.text);
        assert_eq!((plain.count, plain.weight, masked.placeholders), (9, 9, 2));
    }

    /// Vectors that must never change while the version stays.
    #[test]
    fn golden_vectors() {
        let of = |text: &str| {
            let fingerprint = Fingerprint::of(text);
            format!(
                "{:032x} {:032x} {:016x} {:x?} {} {}",
                fingerprint.text,
                fingerprint.units,
                fingerprint.simhash,
                fingerprint.winnow,
                fingerprint.count,
                fingerprint.weight
            )
        };
        assert_eq!(of(""), "af1349b9f5f9a1a6a0404dea36dcc949 af1349b9f5f9a1a6a0404dea36dcc949 0000000000000000 [] 0 0");
        let han = "投入13.7亿元，建成新校舍20所，比上年增加××所。The report is by A. 某某.";
        assert_eq!(
            of(han),
            "751c13e2d7a9edc1b2190faee1cd10fa 08362c8e52aac507322ad0d4a5fbfe76 951db8b04d7d62c3 [32a40ffce2d9b8b] 21 22"
        );
        let long = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。白日依山尽，黄河入海流。欲穷千里目，更上一层楼。";
        assert_eq!(
            of(long),
            "4e08e567ee7977529bc46dbacbcb729f 4e08e567ee7977529bc46dbacbcb729f 0dca80b8625814ab [8bc989bfae2ee4b, f05217ef402220b, 1d51fd743fa12929] 40 40"
        );
        let words = "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness.";
        assert_eq!(
            of(words),
            "c79f57191b1adab629bb0b4b57599dcb c79f57191b1adab629bb0b4b57599dcb 14e2bec78d016080 [5e67c975f30a75f, 14416a4377738d40, 15525ef4b0c7d74f] 24 33"
        );
    }
}
