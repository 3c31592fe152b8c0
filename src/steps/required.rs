//! The literal that every match of a regex must contain: what the automaton looks for before a regex is tried at all.

use regex_syntax::hir::{Hir, HirKind};

/// Literals of which every match of `hir` contains at least one, or `None` when there is no such set of useful size.
/// Prefers the set whose shortest literal is longest.
pub(super) fn required(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| vec![text.to_owned()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(required).max_by_key(|set| worth(set)),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(required(part)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Class(class) => {
            let literals: Vec<String> = class.literal().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).into_iter().collect();
            (!literals.is_empty()).then_some(literals)
        }
        _ => None,
    }
}

/// More alternatives than this are no anchor.
const MOST: usize = 256;

/// Longer shortest literals first, then fewer alternatives.
fn worth(set: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (set.iter().map(|literal| literal.chars().count()).min().unwrap_or(0), std::cmp::Reverse(set.len()))
}
