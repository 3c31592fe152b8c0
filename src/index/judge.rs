//! What becomes of a document that arrives: a function of its text and of the stored texts it was compared with.

use std::sync::Arc;

use super::known::Known;
use super::{Answer, Status};
use crate::dedup::thresholds::{INSIDE, OVERLAP};
use crate::dedup::{Keep, Kind, Named, Relation, Side, Verdict, Why, compare, compilation};

/// A stored document and what comparing it with the arriving one gave.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub slot: u32,
    pub known: Arc<Known>,
    /// Whether the arriving document is the smaller of the two.
    pub arriving_is_a: bool,
    pub verdict: Verdict,
}

impl Compared {
    /// Compares.
    pub(super) fn new(slot: u32, arriving: &Known, known: Arc<Known>) -> Self {
        let key = |it: &Known| (it.standing.weight, it.id.clone());
        let arriving_is_a = key(arriving) <= key(&known);
        let (a, b) = if arriving_is_a { (arriving, &*known) } else { (&*known, arriving) };
        let verdict = compare(&a.prepared, &b.prepared);
        Self { slot, known, arriving_is_a, verdict }
    }
}

/// A decision, before it is known whether it may be carried out.
#[derive(Debug)]
pub(super) struct Decision {
    pub answer: Answer,
    /// Slots of the related documents.
    pub related: Vec<u32>,
    /// The arriving document holds several stored ones.
    pub compilation: bool,
}

/// The same id as it is stored already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SameId {
    /// It is not.
    New,
    /// With the same text.
    SameText,
    /// With another text.
    OtherText,
}

/// Decides. `compared` are all the documents that the arriving one was compared with, none of them under its own id.
pub(super) fn decide(arriving: &Known, mut compared: Vec<Compared>, same: SameId, skipped: u64) -> Decision {
    if same == SameId::SameText {
        return Decision {
            answer: Answer::new(&arriving.id, Status::Unchanged),
            related: Vec::new(),
            compilation: false,
        };
    }
    let compilation = mark_parts(&mut compared);
    compared.retain(|it| it.verdict.kind != Kind::None);
    // A stored compilation holds parts, whatever their size.
    for it in compared.iter_mut().filter(|it| it.known.compilation && it.arriving_is_a) {
        if it.verdict.kind == Kind::Truncated {
            it.verdict.kind = Kind::Part;
        }
    }
    compared.sort_by(|x, y| {
        order(x).cmp(&order(y)).then_with(|| y.verdict.a_in_b.total_cmp(&x.verdict.a_in_b)).then(x.slot.cmp(&y.slot))
    });
    let is_copy = compared.iter().any(makes_copy);
    let superseded = |it: &&Compared| it.verdict.kind == Kind::Truncated && !it.arriving_is_a;
    let status = match same {
        SameId::OtherText => Status::Updated,
        _ if is_copy => Status::Copy,
        _ => Status::New,
    };
    let mut answer = Answer::new(&arriving.id, status);
    answer.candidates_skipped = skipped;
    if !is_copy {
        answer.supersedes = compared.iter().filter(superseded).map(|it| it.known.id.clone()).collect();
    }
    let related = compared.iter().map(|it| it.slot).collect();
    answer.relations = compared.into_iter().map(|it| relation(arriving, it)).collect();
    Decision { answer, related, compilation }
}

/// Whether the arriving document is a copy of this one.
pub(super) fn makes_copy(it: &Compared) -> bool {
    match it.verdict.kind {
        Kind::Exact | Kind::Near => true,
        Kind::Truncated => it.arriving_is_a,
        _ => false,
    }
}

/// The strongest first; of truncated ones those that hold the arriving document.
fn order(it: &Compared) -> (Kind, bool) {
    (it.verdict.kind, !it.arriving_is_a)
}

/// Finds out whether the arriving document holds several of the others side by side, which are parts of it then.
fn mark_parts(compared: &mut [Compared]) -> bool {
    let held = |it: &Compared| {
        !it.arriving_is_a
            && matches!(it.verdict.kind, Kind::Near | Kind::Truncated | Kind::Part)
            && it.verdict.a_in_b >= INSIDE
    };
    let places: Vec<usize> = (0..compared.len()).filter(|&at| held(&compared[at])).collect();
    if places.len() < 2 {
        return false;
    }
    let range = |at: &usize| {
        let passages = &compared[*at].verdict.passages;
        let from = passages.iter().map(|passage| passage.b.0).min().unwrap_or(0);
        (from as u32, passages.iter().map(|passage| passage.b.1).max().unwrap_or(0) as u32)
    };
    let ranges: Vec<(u32, u32)> = places.iter().map(range).collect();
    let unrelated = |x: usize, y: usize| -> Result<bool, std::convert::Infallible> {
        let (x, y) = (&compared[places[x]].known.prepared, &compared[places[y]].known.prepared);
        let (a, b) = if x.weight() <= y.weight() { (x, y) } else { (y, x) };
        Ok(compare(a, b).a_in_b < OVERLAP)
    };
    let Ok(parts) = compilation::parts(&ranges, unrelated);
    let mut any = false;
    for (&at, _) in places.iter().zip(parts).filter(|(_, is_part)| *is_part) {
        compared[at].verdict.kind = Kind::Part;
        any = true;
    }
    any
}

/// The relation as records print it. What is stored stays, unless the arriving document is its fuller version.
fn relation(arriving: &Known, it: Compared) -> Relation {
    let (a, b) = if it.arriving_is_a { (arriving, &*it.known) } else { (&*it.known, arriving) };
    let (kind, arriving_is_a) = (it.verdict.kind, it.arriving_is_a);
    let mut relation = Relation::new(it.verdict, named(a), named(b), Keep::Longest);
    if matches!(kind, Kind::Exact | Kind::Near) {
        let (side, name, held) =
            if arriving_is_a { (Side::B, "b", relation.a_in_b) } else { (Side::A, "a", relation.b_in_a) };
        relation.keep = Some(side);
        let text = format!("{name} was stored first and holds {} % of the other", (held * 100.0).round());
        relation.why = Why::new("stored", text, &[("held", held)]);
    }
    relation
}

fn named(known: &Known) -> Named<'_> {
    Named { id: &known.id, standing: &known.standing, part: None }
}
