//! A relation between two named documents, as records print it.

use serde::{Serialize, Serializer};
use serde_json::Map;

use super::passages::Passage;
use super::rank::{Keep, Standing};
use super::verdict::{Kind, Verdict};

/// Why something was decided: a stable code, a sentence, and the figures in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Why {
    /// A stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub text: String,
    /// The figures of the sentence.
    #[cfg_attr(feature = "server", schema(value_type = Object, additional_properties))]
    pub params: Map<String, serde_json::Value>,
}

impl Why {
    pub(crate) fn new(code: &'static str, text: String, params: &[(&str, f64)]) -> Self {
        let params = params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), ((*value * 10_000.0).round() / 10_000.0).into()))
            .collect();
        Self { code, text, params }
    }
}

/// One side of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The smaller.
    A,
    /// The larger.
    B,
}

impl Serialize for Side {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::A => "a",
            Self::B => "b",
        })
    }
}

/// How two documents are related, with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Relation {
    /// The relation.
    pub kind: Kind,
    /// The smaller document: for `truncated` the truncated copy, for `part` the part.
    pub a: String,
    /// The larger one.
    pub b: String,
    /// If only one of the parts that `a` was split into is meant: its number from 0.
    pub a_part: Option<u32>,
    /// The same for `b`.
    pub b_part: Option<u32>,
    /// Share of a's grams that stand in b.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub a_in_b: f64,
    /// Share of b's grams that stand in a.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 1))]
    pub b_in_a: f64,
    /// Bits in which the simhashes differ.
    #[cfg_attr(feature = "server", schema(maximum = 64))]
    pub simhash_distance: u32,
    /// Where they agree.
    pub passages: Vec<Passage>,
    /// `spun` for text that looks rewritten word by word.
    pub suspicion: Option<&'static str>,
    /// Which is kept, when one can go.
    pub keep: Option<Side>,
    /// Why.
    pub why: Why,
}

/// What is known of one side of a relation.
#[derive(Debug, Clone, Copy)]
pub struct Named<'n> {
    /// Its id.
    pub id: &'n str,
    /// What its rank depends on.
    pub standing: &'n Standing,
    /// The part that is meant, from 0.
    pub part: Option<u32>,
}

impl Relation {
    /// The relation that a verdict states, with what is kept under a policy.
    #[must_use]
    pub fn new(verdict: Verdict, a: Named<'_>, b: Named<'_>, keep: Keep) -> Self {
        let (side, why) = decision(&verdict, a, b, keep);
        Self {
            kind: verdict.kind,
            a: a.id.to_owned(),
            b: b.id.to_owned(),
            a_part: a.part,
            b_part: b.part,
            a_in_b: verdict.a_in_b,
            b_in_a: verdict.b_in_a,
            simhash_distance: verdict.simhash_distance,
            passages: verdict.passages,
            suspicion: verdict.spun.then_some("spun"),
            keep: side,
            why,
        }
    }
}

fn decision(verdict: &Verdict, a: Named<'_>, b: Named<'_>, keep: Keep) -> (Option<Side>, Why) {
    let percent = |share: f64| (share * 100.0).round();
    let held = verdict.a_in_b;
    let both = |code, text: String, params: &[(&str, f64)]| (None, Why::new(code, text, params));
    match verdict.kind {
        Kind::Part => {
            both("part", format!("{} % of a stands in the larger b; both are kept", percent(held)), &[("held", held)])
        }
        Kind::Overlap => {
            both("overlap", format!("{} % of a stands in b; both are kept", percent(held)), &[("held", held)])
        }
        Kind::Template => {
            let numbers = verdict.numbers.unwrap_or_default();
            let (compared, differing) = (numbers.compared as f64, numbers.differing as f64);
            let text = format!("one form: {differing} of {compared} numbers differ; both are kept");
            both("numbers_differ", text, &[("held", held), ("compared", compared), ("differing", differing)])
        }
        Kind::None => {
            both("unrelated", format!("{} % of a stands in b; both are kept", percent(held)), &[("held", held)])
        }
        Kind::Exact | Kind::Near | Kind::Truncated if a.part.is_some() || b.part.is_some() => {
            both("piece", "only a part is a copy; both are kept".to_owned(), &[("held", held)])
        }
        Kind::Exact | Kind::Near | Kind::Truncated => copy(verdict, a, b, keep),
    }
}

/// One of two copies goes. A truncated copy never holds its fuller text: where the order puts it first, both are kept.
fn copy(verdict: &Verdict, a: Named<'_>, b: Named<'_>, keep: Keep) -> (Option<Side>, Why) {
    let first = keep.order((a.standing, a.id), (b.standing, b.id)).is_lt();
    let (in_b, in_a) = (verdict.a_in_b, verdict.b_in_a);
    if !first {
        return (Some(Side::B), keep.why((b.standing, "b"), (a.standing, "a"), in_b, 1.0 - in_a));
    }
    if verdict.kind == Kind::Truncated {
        return (None, Why::new("fuller_than_kept", "b is fuller than a, which is kept".to_owned(), &[("held", in_b)]));
    }
    (Some(Side::A), keep.why((a.standing, "a"), (b.standing, "b"), in_a, 1.0 - in_b))
}
