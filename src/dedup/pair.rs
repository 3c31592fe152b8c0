//! Two washed documents compared by themselves.

use super::prepared::Prepared;
use super::rank::{Keep, Standing, date_of};
use super::relation::{Named, Relation};
use super::verdict::compare;
use crate::document::{Cleaned, Flag};

/// A washed document ready to be compared.
#[derive(Debug, Clone)]
pub struct Comparable<'c> {
    id: &'c str,
    standing: Standing,
    prepared: Prepared,
}

impl<'c> Comparable<'c> {
    /// Prepares a document. `order` is its place in the input.
    #[must_use]
    pub fn new(cleaned: &'c Cleaned, date: Option<&str>, order: u64) -> Self {
        let prepared = Prepared::of(&cleaned.text);
        let standing = Standing {
            weight: prepared.weight,
            placeholders: per_mille(prepared.placeholders, prepared.count),
            noise: noise(&cleaned.flags),
            date: date.map_or(u64::MAX, date_of),
            order,
            ..Standing::default()
        };
        Self { id: &cleaned.id, standing, prepared }
    }

    fn named(&self) -> Named<'_> {
        Named { id: self.id, standing: &self.standing, part: None }
    }
}

/// Placeholders in a thousand units.
#[must_use]
pub fn per_mille(placeholders: u32, units: u32) -> u32 {
    if units == 0 { 0 } else { (u64::from(placeholders) * 1000 / u64::from(units)) as u32 }
}

/// How many flags speak of noise that is left in a text, or of text that is missing.
#[must_use]
pub fn noise(flags: &[Flag]) -> u32 {
    let noisy = |flag: &&Flag| {
        matches!(flag, Flag::Mojibake | Flag::BadBytes | Flag::CutRefused | Flag::MostlyRemoved | Flag::Truncated)
    };
    flags.iter().filter(noisy).count() as u32
}

/// The relation of two documents.
#[must_use]
pub fn relate(x: &Comparable<'_>, y: &Comparable<'_>, keep: Keep) -> Relation {
    let key = |it: &Comparable<'_>| (it.standing.weight, it.id.to_owned());
    let (a, b) = if key(x) <= key(y) { (x, y) } else { (y, x) };
    Relation::new(compare(&a.prepared, &b.prepared), a.named(), b.named(), keep)
}
