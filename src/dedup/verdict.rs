//! The verdict on two texts, a function of the two texts alone.

use serde::{Serialize, Serializer};

use super::numbers::Agreement;
use super::passages::{self, Matches, Passage};
use super::prepared::Prepared;
use super::simhash;
use super::thresholds as at;

/// How two documents are related, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The same text, but for width, punctuation, spaces and case.
    Exact,
    /// A copy of about the same length.
    Near,
    /// A copy that lacks up to two thirds.
    Truncated,
    /// A small piece of the other.
    Part,
    /// A fifth or more of the smaller stands in the other, and yet it is no copy.
    Overlap,
    /// One form filled in twice: the words agree, the numbers do not.
    Template,
    /// Not related.
    None,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Exact, Self::Near, Self::Truncated, Self::Part, Self::Overlap, Self::Template, Self::None];

    /// The kind as records print it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Near => "near",
            Self::Truncated => "truncated",
            Self::Part => "part",
            Self::Overlap => "overlap",
            Self::Template => "template",
            Self::None => "none",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether documents so related are copies: the smaller may go.
    #[must_use]
    pub const fn is_copy(self) -> bool {
        matches!(self, Self::Exact | Self::Near | Self::Truncated)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What comparing two texts gives. `a` is the smaller by weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The relation.
    pub kind: Kind,
    /// Share of a's grams that stand in b, 0 to 1.
    pub a_in_b: f64,
    /// Share of b's grams that stand in a.
    pub b_in_a: f64,
    /// a's weight by b's.
    pub ratio: f64,
    /// Bits in which the simhashes differ.
    pub simhash_distance: u32,
    /// Where they agree, in order of `a`.
    pub passages: Vec<Passage>,
    /// The text looks rewritten word by word.
    pub spun: bool,
    /// Their numbers, where they were compared.
    pub numbers: Option<Agreement>,
}

impl Verdict {
    fn none(a: &Prepared, b: &Prepared) -> Self {
        Self {
            kind: Kind::None,
            a_in_b: 0.0,
            b_in_a: 0.0,
            ratio: if b.weight == 0 { 0.0 } else { a.weight as f64 / b.weight as f64 },
            simhash_distance: simhash::distance(a.simhash, b.simhash),
            passages: Vec::new(),
            spun: false,
            numbers: None,
        }
    }
}

/// Compares two texts of which `a` is not the heavier.
///
/// Containment is the share of grams (four characters or eight letters) that stand in the other; [`super::thresholds`] has the limits.
#[must_use]
pub fn compare(a: &Prepared, b: &Prepared) -> Verdict {
    let mut verdict = Verdict::none(a, b);
    if a.count == 0 || b.count == 0 {
        return verdict;
    }
    if a.text == b.text {
        (verdict.a_in_b, verdict.b_in_a) = (1.0, 1.0);
        verdict.kind = Kind::Exact;
        let bytes = |(start, end): (u32, u32)| (start as usize, end as usize);
        verdict.passages.push(Passage { a: bytes(a.extent), b: bytes(b.extent) });
        return verdict;
    }
    if a.weight < at::TINY_WEIGHT {
        return verdict;
    }
    let matches = Matches::of(a, b);
    verdict.a_in_b = share(matches.a, a.grams());
    verdict.b_in_a = share(matches.b, b.grams());
    verdict.kind = kind(a, b, verdict.a_in_b, verdict.ratio);
    if verdict.kind == Kind::None {
        return verdict;
    }
    if verdict.kind.is_copy()
        && a.weight >= at::SHORT_WEIGHT
        && f64::from(matches.own_stretch()) >= at::OWN_STRETCH * f64::from(a.grams())
    {
        verdict.kind = Kind::Overlap;
    }
    if verdict.kind.is_copy() {
        let numbers = Agreement::of(a, b);
        if numbers.is_template(verdict.a_in_b) {
            verdict.kind = Kind::Template;
        }
        verdict.numbers = Some(numbers);
    }
    let runs = passages::runs(&matches, a, b);
    verdict.passages = passages::passages(&runs, a, b);
    verdict.spun = verdict.kind == Kind::Overlap && verdict.a_in_b >= at::SPUN && is_spun(a, &matches);
    verdict
}

/// The kind that sizes and containment give, numbers aside.
fn kind(a: &Prepared, b: &Prepared, held: f64, ratio: f64) -> Kind {
    if a.weight < at::SHORT_WEIGHT {
        return if jaccard(&a.short, &b.short) >= at::SHORT_JACCARD { Kind::Near } else { Kind::None };
    }
    if held < at::OVERLAP {
        Kind::None
    } else if held < at::COPY {
        Kind::Overlap
    } else if ratio >= at::NEAR_RATIO {
        Kind::Near
    } else if ratio >= at::TRUNCATED_RATIO {
        if held >= at::TRUNCATED_COPY { Kind::Truncated } else { Kind::Overlap }
    } else {
        Kind::Part
    }
}

/// Rounded to four places, so that records read well and compare exactly.
fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { (f64::from(part) / f64::from(whole) * 10_000.0).round() / 10_000.0 }
}

/// The Jaccard index of two ascending lists. An empty one is a text too long to be short.
fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let both = a.iter().filter(|gram| b.binary_search(gram).is_ok()).count();
    let all = a.len() + b.len() - both;
    if all == 0 || b.is_empty() { 0.0 } else { both as f64 / all as f64 }
}

/// Hardly a whole sentence stands in the other text.
fn is_spun(a: &Prepared, matches: &Matches) -> bool {
    let (mut sentences, mut shared, mut gram) = (0_u32, 0_u32, 0);
    for &end in &a.sentences {
        let from = gram;
        while a.places.get(gram).is_some_and(|place| place.0 < end) {
            gram += 1;
        }
        let inside = a.places[from..gram].iter().take_while(|place| place.1 <= end).count();
        if inside >= at::SENTENCE_GRAMS {
            sentences += 1;
            shared += u32::from(matches.hold(from..from + inside));
        }
    }
    sentences > 0 && f64::from(shared) <= at::SPUN_SENTENCES * f64::from(sentences)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sentences of made-up words: `seed` chooses them, so two seeds share nothing.
    pub(crate) fn prose(seed: u32, sentences: u32) -> String {
        let mut state = u64::from(seed) * 7919 + 17;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        };
        let mut text = String::new();
        for _ in 0..sentences {
            for _ in 0..14 + next() % 12 {
                text.extend(char::from_u32(0x4e00 + next() % 5000).filter(|&c| c != '某'));
            }
            text.push('。');
        }
        text
    }

    fn verdict(a: &str, b: &str) -> Verdict {
        let (a, b) = (Prepared::of(a), Prepared::of(b));
        if a.weight() <= b.weight() { compare(&a, &b) } else { compare(&b, &a) }
    }

    fn cut(text: &str, percent: usize) -> String {
        let chars: Vec<char> = text.chars().collect();
        chars[..chars.len() * percent / 100].iter().collect()
    }

    #[test]
    fn sizes_decide_between_near_truncated_and_part() {
        let whole = prose(1, 40);
        assert_eq!(verdict(&whole, &whole.replace('。', ".")).kind, Kind::Exact);
        for (percent, share, kind) in [(90, 0.9, Kind::Near), (60, 0.6, Kind::Truncated), (20, 0.2, Kind::Part)] {
            let verdict = verdict(&cut(&whole, percent), &whole);
            assert_eq!(verdict.kind, kind);
            assert!(verdict.a_in_b > 0.98 && (verdict.b_in_a - share).abs() < 0.03, "{verdict:?}");
            assert_eq!(verdict.passages.len(), 1);
        }
        assert_eq!(verdict(&whole, &prose(2, 40)).kind, Kind::None);
    }

    #[test]
    fn a_third_in_common_is_an_overlap_and_the_passages_say_where() {
        let (shared, own, other) = (prose(3, 12), prose(4, 24), prose(5, 30));
        let (a, b) = (format!("{own}{shared}"), format!("{shared}{other}"));
        let verdict = verdict(&a, &b);
        assert_eq!((verdict.kind, verdict.spun), (Kind::Overlap, false));
        let [passage] = verdict.passages[..] else { panic!("{verdict:?}") };
        assert_eq!(&a[passage.a.0..passage.a.1], shared.trim_end_matches('。'));
        assert_eq!(&b[passage.b.0..passage.b.1], shared.trim_end_matches('。'));
    }

    #[test]
    fn rewritten_sentences_are_suspected() {
        let text = prose(6, 40);
        // Every third pair of characters is another one, as a spinner does it: no sentence stays whole.
        let spun: String = text
            .chars()
            .enumerate()
            .map(|(at, c)| if at % 9 == 4 && c != '。' { '𠀀' } else { c })
            .enumerate()
            .map(|(at, c)| if at % 11 == 7 && c != '。' { '𠀁' } else { c })
            .collect();
        let verdict = verdict(&text, &spun);
        assert_eq!((verdict.kind, verdict.spun), (Kind::Overlap, true), "{}", verdict.a_in_b);
    }

    #[test]
    fn short_texts_must_nearly_agree_and_tiny_ones_fully() {
        let text = "关于做好秋季学期开学工作的通知已经印发各校";
        assert_eq!(verdict(text, &format!("{text}请")).kind, Kind::Near);
        assert_eq!(verdict(text, &format!("{text}，请各单位认真贯彻执行到位")).kind, Kind::None);
        assert_eq!(verdict("会议通知", "会议通知。").kind, Kind::Exact);
        assert_eq!(verdict("会议通知", "会议通知书").kind, Kind::None);
        assert_eq!(verdict("", "").kind, Kind::None);
        assert_eq!(verdict("，。12", "，。12").kind, Kind::None);
    }

    #[test]
    fn a_form_filled_in_twice_is_no_copy_but_masks_and_typos_are() {
        let form = |n: u32| {
            format!(
                "今天白天多云，最高气温{}度，夜间晴，最低气温{}度，相对湿度百分之{}，降水概率百分之{}，明天气压{}百帕，请注意防暑降温。",
                20 + n,
                9 + n,
                40 + n,
                10 + n,
                990 + n
            )
        };
        assert_eq!(verdict(&form(1), &form(2)).kind, Kind::Template);
        assert_eq!(verdict(&form(1), &form(1).replace(|c: char| c.is_ascii_digit(), "*")).kind, Kind::Near);
        assert_eq!(verdict(&form(1), &form(1).replace("21", "27")).kind, Kind::Near);
    }
}
