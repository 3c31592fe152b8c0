//! Which of several copies is kept: the keep rank, and why one stands above another.

use std::cmp::Ordering;

use super::relation::Why;

/// What makes a document worth keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// The longest; among those about as long the one with the fewest placeholders, the least noise, the earliest.
    #[default]
    Longest,
    /// The one with the fewest placeholders and the least noise, among those of about the same length.
    Cleanest,
    /// The one with the earliest date, among those of about the same length.
    Earliest,
    /// The one that came first, among those of about the same length.
    First,
}

/// What the rank of a document depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Sum of the units' weights.
    pub weight: u64,
    /// Placeholders in a thousand units.
    pub placeholders: u32,
    /// Flags that speak of noise left in the text.
    pub noise: u32,
    /// Date and time as digits `yyyymmddhhmmss`; `u64::MAX` where none is known.
    pub date: u64,
    /// Place in the input.
    pub order: u64,
    /// How much of it stands in the copy of about its length that holds most of it, in thousandths; 1000 where none is known. What no copy confirms is
    /// likely to be noise, so it counts a fifth less towards the length.
    pub confirmed: u32,
    /// How many copies of it are known, where that is known: of equals the most typical is kept, so that its copies gather around it.
    pub support: u32,
    /// Documents of a set that is compared with and never given out stand above all others.
    pub given: bool,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            weight: 0,
            placeholders: 0,
            noise: 0,
            date: u64::MAX,
            order: 0,
            confirmed: ALL,
            support: 0,
            given: false,
        }
    }
}

/// All of a text, in thousandths.
const ALL: u32 = 1000;

impl Standing {
    /// The weight that ranks are made of.
    fn length(&self) -> u64 {
        // A text that holds all of a shorter one, r of its length, is confirmed at least r: it stays ahead, since .8 + .2 r is never under r.
        self.weight.saturating_mul(u64::from(4 * ALL + self.confirmed)) / u64::from(5 * ALL)
    }
}

/// A step of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Length in classes of a quarter: a preview never stands above its fuller text.
    About,
    /// Length in classes of a tenth.
    Length,
    Placeholders,
    Noise,
    Date,
    Order,
    Support,
}

impl Keep {
    const fn steps(self) -> &'static [Step] {
        match self {
            Self::Longest => &[Step::Length, Step::Placeholders, Step::Noise, Step::Date, Step::Support],
            Self::Cleanest => &[Step::About, Step::Placeholders, Step::Noise, Step::Length, Step::Date, Step::Support],
            Self::Earliest => &[Step::About, Step::Date, Step::Length, Step::Placeholders, Step::Noise, Step::Support],
            Self::First => &[Step::About, Step::Order],
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Longest => "longest",
            Self::Cleanest => "cleanest",
            Self::Earliest => "earliest",
            Self::First => "first",
        }
    }

    /// What documents are ordered by before their ids: the one to keep is less.
    #[must_use]
    pub fn key(self, standing: &Standing) -> Key {
        let mut values = [0; STEPS];
        for (value, step) in values.iter_mut().zip(self.steps()) {
            *value = step.value(standing);
        }
        Key { own: !standing.given, values }
    }

    /// Compares two documents; the one to keep is less. Their ids decide what nothing else does.
    #[must_use]
    pub fn order(self, a: (&Standing, &str), b: (&Standing, &str)) -> Ordering {
        self.key(a.0).cmp(&self.key(b.0)).then_with(|| a.1.cmp(b.1))
    }

    /// The first step that tells two documents apart.
    fn decided(self, a: &Standing, b: &Standing) -> Option<Step> {
        self.steps().iter().copied().find(|step| step.value(a) != step.value(b))
    }

    /// Why one document is kept and not the other. `better` and `worse` name them, `held` is how much of the worse stands in the better,
    /// and `more` how much of the better does not stand in the worse.
    #[must_use]
    pub fn why(self, better: (&Standing, &str), worse: (&Standing, &str), held: f64, more: f64) -> Why {
        let ((b, b_name), (w, w_name)) = (better, worse);
        if b.given != w.given {
            return Why::new("given", format!("{b_name} belongs to the set compared with"), &[]);
        }
        let percent = |share: f64| (share * 100.0).round();
        let thousand = |n: u32| f64::from(n) / 1000.0;
        match self.decided(b, w) {
            Some(Step::Length | Step::About) => Why::new(
                "fuller",
                format!("{b_name} holds {} % of {w_name} and {} % more", percent(held), percent(more)),
                &[("held", held), ("more", more)],
            ),
            Some(Step::Placeholders) => Why::new(
                "fewer_placeholders",
                format!("as long, but {b_name} has fewer placeholders than {w_name}"),
                &[("kept", thousand(b.placeholders)), ("other", thousand(w.placeholders))],
            ),
            Some(Step::Noise) => Why::new(
                "less_noise",
                format!("as long, but {w_name} shows more noise than {b_name}"),
                &[("kept", f64::from(b.noise)), ("other", f64::from(w.noise))],
            ),
            Some(Step::Date) => Why::new("earlier", format!("as good, but {b_name} is dated earlier"), &[]),
            Some(Step::Support) => Why::new(
                "more_copies",
                format!("as good, but more copies agree with {b_name}"),
                &[("kept", f64::from(b.support)), ("other", f64::from(w.support))],
            ),
            Some(Step::Order) => Why::new("first", format!("{b_name} came first"), &[]),
            None => Why::new("id", format!("as good; {b_name} comes first by its id"), &[]),
        }
    }
}

/// Most steps of a policy.
const STEPS: usize = 6;

/// The rank of a document before its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    own: bool,
    values: [u64; STEPS],
}

/// Bytes of a [`Key`].
pub const KEY_BYTES: usize = 1 + 8 * STEPS;

impl Key {
    /// As bytes that stand in the same order.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; KEY_BYTES] {
        let mut out = [0; KEY_BYTES];
        out[0] = u8::from(self.own);
        for (place, value) in out[1..].chunks_exact_mut(8).zip(self.values) {
            place.copy_from_slice(&value.to_be_bytes());
        }
        out
    }
}

impl Step {
    /// A number that is smaller for the better document.
    fn value(self, standing: &Standing) -> u64 {
        match self {
            Self::About => u64::MAX - u64::from(class(standing.weight, 4)),
            Self::Length => u64::MAX - u64::from(class(standing.length(), 10)),
            Self::Placeholders => u64::from(standing.placeholders),
            Self::Noise => u64::from(standing.noise),
            Self::Date => standing.date,
            Self::Order => standing.order,
            Self::Support => u64::MAX - u64::from(standing.support),
        }
    }
}

/// The length class: how many steps of one `parts`th lead from 1 to the weight. In whole numbers, so that it is the same everywhere.
fn class(weight: u64, parts: u64) -> u32 {
    let (mut steps, mut limit) = (0, 1_u64);
    while limit <= weight {
        limit = limit.saturating_add((limit / parts).max(1));
        steps += 1;
    }
    steps
}

/// A date as `yyyymmddhhmmss`: the first four-digit number from 1000 on and the small numbers behind it. `u64::MAX` where there is none.
#[must_use]
pub fn date_of(text: &str) -> u64 {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let Some(year) = numbers.find(|part| part.len() == 4 && !part.starts_with('0')) else {
        return compact(text);
    };
    let mut date: u64 = year.parse().unwrap_or(0);
    for limit in [12, 31, 24, 60, 61] {
        let value: u64 = numbers.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        date = date * 100 + if value <= limit { value } else { 0 };
    }
    date
}

/// `20211231` or `20211231235959`.
fn compact(text: &str) -> u64 {
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|part| matches!(part.len(), 8 | 14));
    match digits.map(|digits| (digits.len(), digits.parse::<u64>())) {
        Some((8, Ok(day))) => day * 1_000_000,
        Some((_, Ok(moment))) => moment,
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(weight: u64) -> Standing {
        Standing { weight, ..Standing::default() }
    }

    #[test]
    fn length_classes_are_steps_of_a_tenth() {
        assert_eq!(class(0, 10), 0);
        assert_eq!(class(1000, 10), class(1001, 10));
        assert!(class(1200, 10) > class(1000, 10) && class(1200, 10) <= class(1000, 10) + 3);
        assert!((0..5000).all(|n| class(n, 4) <= class(n + 1, 4)));
        // A truncated copy has less than .8 of the weight, so it always stands in a lower class.
        assert!((40..20_000).all(|n| class(n * 8 / 10 - 1, 4) < class(n, 4)));
    }

    #[test]
    fn bytes_of_keys_stand_in_their_order() {
        let mut all: Vec<Key> = Vec::new();
        for keep in [Keep::Longest, Keep::First] {
            for n in [0, 1, 255, 256, 70_000] {
                all.push(keep.key(&Standing { date: n, order: n, given: n == 1, ..standing(n * 3) }));
            }
        }
        for (x, y) in all.iter().flat_map(|x| all.iter().map(move |y| (x, y))) {
            assert_eq!(x.cmp(y), x.to_bytes().cmp(&y.to_bytes()));
        }
    }

    #[test]
    fn each_policy_has_its_order() {
        let long = (standing(2000), "l");
        let mut clean = (standing(1900), "c");
        let mut masked = (standing(1999), "m");
        masked.0.placeholders = 20;
        (clean.0.date, clean.0.order) = (20_200_101_000_000, 9);
        let less =
            |keep: Keep, a: &(Standing, &str), b: &(Standing, &str)| keep.order((&a.0, a.1), (&b.0, b.1)).is_lt();
        assert!(less(Keep::Longest, &long, &masked));
        assert!(less(Keep::Cleanest, &clean, &masked));
        assert!(less(Keep::Earliest, &clean, &long));
        assert!(less(Keep::First, &long, &clean));
        assert!(less(Keep::First, &long, &(standing(1000), "p")));
        let mut given = (standing(10), "g");
        given.0.given = true;
        assert!(less(Keep::Longest, &given, &long));
    }

    #[test]
    fn dates_are_read_in_many_forms() {
        for text in ["2021-03-05", "2021年3月5日", "2021/3/5", "20210305", "发布：2021.03.05"] {
            assert_eq!(date_of(text), 20_210_305_000_000, "{text}");
        }
        assert_eq!(date_of("2021-03-05T10:20:30Z"), 20_210_305_102_030);
        assert_eq!(date_of("昨天"), u64::MAX);
    }
}
