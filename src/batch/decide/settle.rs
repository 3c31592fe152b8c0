//! From relations between pieces to relations between documents: one for each pair, compilations told from copies.

use super::found::{Found, NONE, share};
use crate::dedup::{Kind, Prepared, Standing, compare, compilation, thresholds};

/// Containment of a document inside a compilation, in ten thousandths.
const INSIDE: u16 = share(thresholds::INSIDE);

/// What is known of the pieces that relations name.
pub trait Pieces {
    /// The document of a piece: the lesser came first.
    fn doc(&self, piece: u32) -> u32;
    /// The number of a part, or [`NONE`] for a whole document.
    fn part(&self, piece: u32) -> u32;
}

/// Whether two pieces, by their weights and the ids of their documents, stand in the order in which they are compared: the smaller first, of equal ones the one
/// with the lesser id.
#[must_use]
pub fn order(x: (u64, &str), y: (u64, &str)) -> bool {
    x <= y
}

/// One relation for two documents of which pieces are related: that of the whole documents where it is a strong one, else the strongest of their parts.
pub fn of_pair(pair: &[Found], pieces: &impl Pieces) -> Option<Found> {
    let part = |piece: u32| pieces.part(piece);
    let is_strong = |found: &&Found| found.kind.is_copy() || found.kind == Kind::Part;
    let whole = pair.iter().find(|found| part(found.a) == NONE && part(found.b) == NONE);
    let best = pair
        .iter()
        .filter(|found| part(found.a) != NONE || part(found.b) != NONE)
        .filter(is_strong)
        .min_by_key(|found| (found.kind, u16::MAX - found.a_in_b, found.a, found.b));
    let mut chosen = match (whole, best) {
        (Some(whole), _) if is_strong(&whole) => *whole,
        (_, Some(best)) => Found { a_part: part(best.a), b_part: part(best.b), ..*best },
        (whole, None) => return whole.copied(),
    };
    if let (Some(whole), Some(best)) = (whole, best)
        && is_strong(&whole)
    {
        // Of two whole documents that are related, say which part of the larger holds the smaller.
        let (smaller, larger) = (pieces.doc(whole.a), pieces.doc(whole.b));
        let (a, b) = (pieces.doc(best.a), pieces.doc(best.b));
        let of_larger = if b == larger { part(best.b) } else { part(best.a) };
        let of_smaller = if a == smaller { part(best.a) } else { part(best.b) };
        if best.a_in_b >= INSIDE && of_smaller == NONE {
            chosen.b_part = of_larger;
            if chosen.kind == Kind::Truncated {
                chosen.kind = Kind::Part;
            }
        }
    }
    Some(chosen)
}

/// Those relations of a larger document, by their places, whose smaller document may be a part of it.
fn places(group: &[Found], pieces: &impl Pieces) -> Vec<usize> {
    let is_inside = |found: &Found| {
        let whole = pieces.part(found.a) == NONE && pieces.part(found.b) == NONE;
        let held = matches!(found.kind, Kind::Near | Kind::Truncated | Kind::Part) && found.a_in_b >= INSIDE;
        whole && held
    };
    (0..group.len()).filter(|&at| is_inside(&group[at])).collect()
}

fn ranges(group: &[Found], places: &[usize]) -> Vec<(u32, u32)> {
    places.iter().map(|&at| (group[at].b_from, group[at].b_to)).collect()
}

/// The relations, by their places, whose smaller documents must be at hand for [`mark`]; none where it compares nothing.
pub fn asks(group: &[Found], pieces: &impl Pieces) -> Vec<usize> {
    let places = places(group, pieces);
    let asked = places.len() > 1 && compilation::parts(&ranges(group, &places), |_, _| Err(())).is_err();
    if asked { places } else { Vec::new() }
}

/// Rewrites the relations of a larger document with those that are parts of it, in the order in which these came first; says whether it is a compilation.
/// `unrelated` compares two of the smaller documents, by their pieces.
pub fn mark<E>(
    group: &mut [Found],
    pieces: &impl Pieces,
    mut unrelated: impl FnMut(u32, u32) -> Result<bool, E>,
) -> Result<bool, E> {
    let places = places(group, pieces);
    if places.len() < 2 {
        return Ok(false);
    }
    let ranges = ranges(group, &places);
    let parts = compilation::parts(&ranges, |x, y| unrelated(group[places[x]].a, group[places[y]].a))?;
    let mut is_compilation = false;
    for (&at, is_part) in places.iter().zip(parts) {
        if is_part {
            group[at].kind = Kind::Part;
            is_compilation = true;
        }
    }
    Ok(is_compilation)
}

/// Whether two documents that stand in a third have nothing to do with each other.
#[must_use]
pub fn unrelated(x: &Prepared, y: &Prepared) -> bool {
    let (a, b) = if x.weight() <= y.weight() { (x, y) } else { (y, x) };
    compare(a, b).a_in_b < thresholds::OVERLAP
}

/// The final kind of a relation, of which both documents may be compilations: two that share a document are no copies of each other.
pub fn conclude(found: &mut Found, both_compilations: bool) {
    if both_compilations && found.kind.is_copy() && found.a_in_b < INSIDE {
        found.kind = Kind::Overlap;
    }
}

/// What a copy says for its two documents, a and b.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Votes {
    /// How many copies of each it is.
    pub support: [u32; 2],
    /// How much of each it confirms, in ten thousandths; 0 where it says nothing of it.
    pub confirmed: [u16; 2],
}

/// What a relation says for its two documents; none where it is no copy.
#[must_use]
pub fn votes(found: &Found) -> Option<Votes> {
    let alike = found.kind != Kind::Truncated;
    let confirmed = if alike { [found.a_in_b, found.b_in_a] } else { [0, 0] };
    found.is_copy().then_some(Votes { support: [u32::from(alike), 1], confirmed })
}

/// A standing with what copies said: how many there are, and how much they confirm at most.
pub fn settled(standing: &mut Standing, support: u32, confirmed: u16) {
    standing.support = support;
    if confirmed > 0 {
        standing.confirmed = u32::from(confirmed) / 10;
    }
}
