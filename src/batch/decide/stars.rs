//! Who is kept: a document goes if a better one that is kept holds it.

use super::found::Found;
use crate::dedup::Kind;

/// A document that may hold another, by their ranks.
#[derive(Debug, Clone, Copy)]
pub struct Edge<R> {
    /// The worse one.
    pub worse: R,
    /// The better one.
    pub better: R,
    /// What copy the worse is.
    pub kind: Kind,
    /// The share of the worse in the better, in ten thousandths.
    pub held: u16,
    /// The share of the better in the worse, in ten thousandths.
    pub holds: u16,
}

impl<R: Ord> Edge<R> {
    /// The edge of a relation between whole documents that are copies, by the ranks of both. A truncated copy holds nothing.
    pub fn of(found: &Found, a: R, b: R) -> Option<Self> {
        if !found.is_copy() {
            return None;
        }
        let a_goes = b < a;
        if found.kind == Kind::Truncated && !a_goes {
            return None;
        }
        let (held, holds) = if a_goes { (found.a_in_b, found.b_in_a) } else { (found.b_in_a, found.a_in_b) };
        let (worse, better) = if a_goes { (a, b) } else { (b, a) };
        Some(Self { worse, better, kind: found.kind, held, holds })
    }
}

/// Why a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held<B> {
    /// The document that is kept for it.
    pub by: B,
    /// What copy it is.
    pub kind: Kind,
    /// How much of it stands in the kept one, in ten thousandths.
    pub own: u16,
    /// How much of the kept one stands in it, in ten thousandths.
    pub others: u16,
}

/// What is known of the better document of an edge.
#[derive(Debug, Clone, Copy)]
pub enum State<B> {
    /// It is kept, and has this name.
    Kept(B),
    /// It goes.
    Goes(Held<B>),
    /// It is not decided yet.
    Open,
}

/// The choice for one document, made from its edges in order of the better one's rank.
#[derive(Debug, Clone, Copy)]
pub struct Choice<B> {
    held: Option<Held<B>>,
    exact: Option<Held<B>>,
    open: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen<B> {
    /// It is kept.
    Kept,
    /// It goes.
    Goes(Held<B>),
    /// It is an exact copy of a document that goes, and belongs to whoever holds that one: it is yet to be compared with it.
    Adopted(Held<B>),
    /// That depends on a document that is not decided yet.
    Open,
}

impl<B> Default for Choice<B> {
    fn default() -> Self {
        Self { held: None, exact: None, open: false }
    }
}

impl<B: Copy> Choice<B> {
    /// Looks at the next edge.
    pub fn look(&mut self, kind: Kind, (held, holds): (u16, u16), better: State<B>) {
        if self.held.is_some() || self.open {
            return;
        }
        match better {
            State::Kept(by) => self.held = Some(Held { by, kind, own: held, others: holds }),
            State::Goes(held) if kind == Kind::Exact => self.exact = Some(held),
            State::Goes(_) => {}
            State::Open => self.open = true,
        }
    }

    /// All edges were looked at.
    pub fn end(self) -> Chosen<B> {
        match (self.held, self.exact) {
            _ if self.open => Chosen::Open,
            (Some(held), _) => Chosen::Goes(held),
            (None, Some(held)) => Chosen::Adopted(held),
            (None, None) => Chosen::Kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(by: u32) -> Held<u32> {
        Held { by, kind: Kind::Near, own: 9000, others: 8000 }
    }

    #[test]
    fn the_best_that_is_kept_holds() {
        let mut choice = Choice::default();
        choice.look(Kind::Near, (7000, 6000), State::Goes(held(1)));
        choice.look(Kind::Near, (9000, 8000), State::Kept(2));
        choice.look(Kind::Exact, (10_000, 10_000), State::Kept(3));
        assert_eq!(choice.end(), Chosen::Goes(held(2)));
    }

    #[test]
    fn what_is_not_decided_holds_a_choice_up_unless_a_better_one_is_kept() {
        let mut choice = Choice::default();
        choice.look(Kind::Near, (9000, 8000), State::Kept(2));
        choice.look(Kind::Near, (1, 1), State::Open);
        assert_eq!(choice.end(), Chosen::Goes(held(2)));
        let mut choice = Choice::default();
        choice.look(Kind::Near, (1, 1), State::Open);
        choice.look(Kind::Near, (9000, 8000), State::Kept(2));
        assert_eq!(choice.end(), Chosen::Open);
    }

    #[test]
    fn an_exact_copy_of_what_goes_is_adopted() {
        let mut choice = Choice::default();
        choice.look(Kind::Near, (1, 1), State::Goes(held(1)));
        assert_eq!(choice.end(), Chosen::Kept);
        choice.look(Kind::Exact, (10_000, 10_000), State::Goes(held(2)));
        assert_eq!(choice.end(), Chosen::Adopted(held(2)));
    }
}
