//! The literal that every match of a regex must contain: what the scan looks for before a regex is tried at all.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this are no anchor.
const MOST: usize = 512;

/// Literals of which every match of `hir` contains at least one, or `None` when there is no such set of useful size.
/// Prefers the set whose shortest literal is longest.
pub(super) fn required(hir: &Hir) -> Option<Vec<String>> {
    if let Some(all) = exact(hir) {
        return Some(all);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub),
        // `—{16}` needs at least `————…`: repeated literals make longer ones.
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            let times = repetition.min.min(8) as usize;
            required(&repetition.sub).map(|set| if set.len() == 1 { vec![set[0].repeat(times)] } else { set })
        }
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(required(part)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        _ => None,
    }
}

/// The best of what single parts need and of what runs of finite parts spell out: `(?:加|联系)[薇溦]` needs one of four words.
fn concat(parts: &[Hir]) -> Option<Vec<String>> {
    let mut best: Option<Vec<String>> = None;
    let mut offer = |set: Vec<String>| {
        if best.as_ref().is_none_or(|best| worth(&set) > worth(best)) {
            best = Some(set);
        }
    };
    let mut run: Option<Vec<String>> = None;
    for part in parts {
        run = match (run.take(), exact(part)) {
            (Some(heads), Some(tails)) if heads.len() * tails.len() <= MOST => Some(cross(&heads, &tails)),
            (done, next) => {
                done.map(&mut offer);
                next
            }
        };
        if run.is_none() {
            required(part).map(&mut offer);
        }
    }
    run.map(&mut offer);
    best
}

fn cross(heads: &[String], tails: &[String]) -> Vec<String> {
    heads.iter().flat_map(|head| tails.iter().map(move |tail| format!("{head}{tail}"))).collect()
}

/// Everything that `hir` matches, when that is a short list.
fn exact(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| vec![text.to_owned()]),
        HirKind::Class(Class::Unicode(class)) => {
            let size: u32 = class.ranges().iter().map(|range| range.end() as u32 - range.start() as u32 + 1).sum();
            (size <= 64).then(|| {
                class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(String::from).collect()
            })
        }
        HirKind::Capture(capture) => exact(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![String::new()], |heads, part| {
            let tails = exact(part)?;
            (heads.len() * tails.len() <= MOST).then(|| cross(&heads, &tails))
        }),
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(exact(part)?);
            }
            (all.len() <= MOST).then_some(all)
        }
        _ => None,
    }
}

/// Longer shortest literals first, then fewer alternatives.
fn worth(set: &[String]) -> (usize, std::cmp::Reverse<usize>) {
    (set.iter().map(|literal| literal.chars().count()).min().unwrap_or(0), std::cmp::Reverse(set.len()))
}
