//! Every limit that a verdict depends on, in one place; the sizes of grams stand beside the grams. `docs/copies.md` explains them; a change of one raises [`super::FINGERPRINT_VERSION`].

/// Containment of the smaller in the larger from which on they are copies (or one is part of the other).
pub const COPY: f64 = 0.5;
/// Containment from which on two texts overlap.
pub const OVERLAP: f64 = 0.2;
/// Containment from which on a smaller text is a truncated copy. What lacks a part of a text has little of its own; two texts of which one
/// is much smaller and holds more of its own share a passage, as statutes and reports of one office do.
pub const TRUNCATED_COPY: f64 = 0.6;
/// The changes of a copy are spread over it. A text of which one stretch this long, as a share of the whole, stands nowhere in the other is
/// no copy of it: two notices with one long tail.
pub const OWN_STRETCH: f64 = 0.2;
/// Ratio of weights from which on copies are `near`.
pub const NEAR_RATIO: f64 = 0.8;
/// Ratio of weights from which on the smaller is `truncated`; below it is a `part`.
pub const TRUNCATED_RATIO: f64 = 0.35;
/// Texts of less weight (characters, or two fifths of the letters) are compared by the Jaccard index of their 3-grams.
pub const SHORT_WEIGHT: u64 = 40;
/// The Jaccard index from which on short texts are copies.
pub const SHORT_JACCARD: f64 = 0.8;
/// Texts of less weight are copies only when they are equal.
pub const TINY_WEIGHT: u64 = 8;
/// Numbers that must differ before two texts are filled-in forms.
pub const TEMPLATE_SLOTS: usize = 3;
/// Share of the compared numbers that must differ, for texts that agree in at least [`TEMPLATE_CONTAINMENT`] of their words.
pub const TEMPLATE_SHARE: f64 = 0.3;
/// See [`TEMPLATE_SHARE`].
pub const TEMPLATE_CONTAINMENT: f64 = 0.9;
/// Below [`TEMPLATE_CONTAINMENT`] the edits that broke grams may as well have broken numbers. If a gram of four is whole with the probability
/// of the containment c, a number of three digits is broken with 1 - c^(3/4): this many times that share more must differ.
pub const TEMPLATE_BROKEN: f64 = 1.6;
/// Containment from which on an overlap may be spun text.
pub const SPUN: f64 = 0.25;
/// Spun text shares at most this share of its sentences.
pub const SPUN_SENTENCES: f64 = 0.1;
/// Sentences of fewer grams say nothing about spinning.
pub const SENTENCE_GRAMS: usize = 5;
/// A document inside a compilation is at least this much inside.
pub const INSIDE: f64 = 0.8;
/// The ranges of two documents inside a compilation overlap by less.
pub const INSIDE_OVERLAP: f64 = 0.1;
/// Most passages of a relation.
pub const PASSAGES: usize = 64;
/// Grams that a passage passes over on either side before it ends.
pub const BRIDGE: u32 = 16;
/// Grams of the shortest passage shown beside longer ones.
pub const PASSAGE_GRAMS: u32 = 5;
